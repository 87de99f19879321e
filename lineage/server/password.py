"""The password of the local server: generated, in a file that only its owner can read."""

from __future__ import annotations

import os
import secrets
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

USER = "neo4j"


def ensure(file: Path) -> str:
    """The password in a file; a new one if there is no file."""
    try:
        # Private from its first moment: a mode set later leaves a moment to read it.
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        known = read(file)
        if known:
            return known
        # A command was killed between making and filling it.
        file.unlink()
        return ensure(file)
    # Digits and letters: the admin tool would take a dash in front for an option.
    password = secrets.token_hex(20)
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        out.write(password + "\n")
        out.flush()
        os.fsync(out.fileno())
    return password


def read(file: Path) -> str:
    """The password in a file; empty if there is none."""
    try:
        return file.read_text(encoding="utf-8").strip()
    except OSError:
        return ""
