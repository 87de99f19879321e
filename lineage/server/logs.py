"""What the server's logs say of a failure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lineage.errors import ServerError

if TYPE_CHECKING:
    from pathlib import Path

    from lineage.server.home import ServerHome

LINES = 6
TAIL = 64 << 10
TELLING = ("ERROR", "Caused by", "Exception", "No space left", "Error:", "Unrecognized", "Failed")
FULL = "No space left on device"


def failure(home: ServerHome, what: str) -> ServerError:
    """An error with the last useful lines of a home's logs, and where the rest is."""
    for file in (home.console, home.logs / "neo4j.log", home.logs / "debug.log"):
        said = tail(file)
        if FULL in said:
            what = f"{what}: the disk of {home.root} is full; free some and try again"
        if lines := useful(said):
            return ServerError(f"{what}. {' | '.join(lines)} (log: {file})")
    return ServerError(f"{what}, and its logs say nothing of why (logs: {home.logs})")


def tail(file: Path) -> str:
    """The end of a log; empty if there is none."""
    try:
        with file.open("rb") as log:
            log.seek(0, 2)
            log.seek(max(0, log.tell() - TAIL))
            return log.read().decode("utf-8", "replace")
    except OSError:
        return ""


def useful(text: str) -> list[str]:
    """The last lines that tell of an error, without stack frames, each once."""
    rows = [row.strip() for row in text.splitlines()]
    rows = [row for row in rows if row and not row.startswith(("at ", "...", "WARNING"))]
    telling = [row for row in rows if any(mark in row for mark in TELLING)]
    return list(dict.fromkeys(row[:300] for row in telling))[-LINES:]


def last(text: str) -> str:
    """The useful lines of what a program printed, else simply its last ones."""
    rows = [row.strip() for row in text.splitlines() if row.strip()]
    return " | ".join(useful(text) or rows[-LINES:])
