"""What a trace says of itself, and where it is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast
from urllib.parse import unquote, urlsplit

from lineage.errors import ReadError, UnsupportedVersionError
from lineage.records import SetAside
from lineage.safe import without_login
from lineage_ingest.trace_lines import VERSION, TraceLine
from lineage_ingest.trace_parse import parse

HEADER = "trace.json"
"""The file that makes a folder of tables a trace."""


def path_of(location: str) -> Path:
    """The path that a location names.

    Raises:
        ReadError: it is an address of something else than a file.
    """
    if location.startswith("file:"):
        return Path(unquote(urlsplit(location).path))
    if "://" in location:
        raise ReadError(f"{without_login(location)} is no file; a trace is a file or `-`")
    return Path(location).expanduser()


def json_object(line: bytes) -> dict[str, Any]:
    """The JSON object that a text is; empty where it is none."""
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def checked_header(raw: bytes, position: str, location: str) -> TraceLine:
    """What a trace says of itself.

    Args:
        raw: its first line, or its file `trace.json`.
        position: which of them, for the message.
        location: of the trace.

    Raises:
        ReadError: it is no trace.
        UnsupportedVersionError: a newer version of the format.
    """
    value = json_object(raw)
    if value.get("kind") != "trace":
        raise ReadError(
            f'{location} is no trace: {position} is not {{"kind": "trace", "version": {VERSION}}}'
        )
    version = value.get("version")
    if isinstance(version, int) and version > VERSION:
        # Before anything else is checked: a newer version may well have fields of its own.
        raise UnsupportedVersionError(
            f"{location} is a trace of version {version}; this release reads up to {VERSION}"
        )
    header = parse(raw, position, "trace")
    if isinstance(header, SetAside):
        raise ReadError(f"{location} is no trace: {position}: {header.reason}")
    return cast("TraceLine", header)


def header(source: str | None, *, simulated: bool) -> dict[str, Any]:
    """What a trace starts with, as a line or as a file of its own."""
    said: dict[str, Any] = {"kind": "trace", "version": VERSION}
    if source is not None:
        said["source"] = source
    if simulated:
        said["simulated"] = True
    return said
