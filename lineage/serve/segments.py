"""The files of a journal: numbered segments, and the place up to which the graph has them."""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING, NamedTuple

from lineage.serve.frames import frames_in
from lineage.server.home import read_json, write_json

if TYPE_CHECKING:
    from pathlib import Path

# The version of the format is in the name: another one is left alone rather than misread.
SUFFIX = ".events1"
_DIGITS = 12
_log = logging.getLogger("lineage.serve")


class Position(NamedTuple):
    """A place in a journal: the number of a segment, and bytes from its start."""

    segment: int
    offset: int


def segment_file(folder: Path, number: int) -> Path:
    """The file of a segment."""
    return folder / f"{number:0{_DIGITS}d}{SUFFIX}"


def segment_numbers(folder: Path) -> list[int]:
    """The segments that there are, in order."""
    names = (file.name.removesuffix(SUFFIX) for file in folder.glob(f"*{SUFFIX}"))
    return sorted(int(name) for name in names if name.isdigit())


def make_segment(folder: Path, number: int) -> int:
    """Make an empty segment that a loss of power leaves there; returns its descriptor."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND
    handle = os.open(segment_file(folder, number), flags, 0o600)
    try:
        sync_folder(folder)
    except OSError:
        os.close(handle)
        raise
    return handle


def open_segment(folder: Path, number: int) -> int:
    """Open a segment to add to it; returns its descriptor."""
    return os.open(segment_file(folder, number), os.O_WRONLY | os.O_APPEND)


def sync_folder(folder: Path) -> None:
    """Make names in a folder durable."""
    if os.name == "nt":  # folders cannot be opened there
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync(handle: int) -> None:
    """Make what was written durable, sizes included."""
    getattr(os, "fdatasync", os.fsync)(handle)


def cut_torn_tail(folder: Path, number: int) -> int:
    """Cut off what a crash left of frames at the end of a segment; returns its size then.

    Nothing of that was acknowledged, unless the disk is damaged: so it is kept beside.
    """
    file = segment_file(folder, number)
    data = file.read_bytes()
    end = frames_in(data).end
    if end < len(data):
        torn = file.with_name(f"{file.name}.{end}.torn")
        torn.write_bytes(data[end:])
        os.truncate(file, end)
        _log.warning("%s: cut off %d bytes of a torn write; kept in %s", file, len(data) - end,
                     torn.name)  # fmt: skip
    # What the last process wrote and did not sync may be whole; from here on it counts.
    handle = open_segment(folder, number)
    try:
        sync(handle)
    finally:
        os.close(handle)
    return end


def read_piece(folder: Path, at: Position, size: int) -> bytes:
    """Bytes of a segment from a place on."""
    with segment_file(folder, at.segment).open("rb") as file:
        file.seek(at.offset)
        return file.read(size)


def saved_position(folder: Path) -> Position | None:
    """Up to where the graph has the journal; None where that is not known."""
    known = read_json(folder / "position.json") or {}
    segment, offset = known.get("segment"), known.get("offset")
    if not isinstance(segment, int) or not isinstance(offset, int) or offset < 0:
        return None
    return Position(segment, offset)


def save_position(folder: Path, position: Position) -> None:
    """Save up to where the graph has the journal.

    It need not be durable: an old one has events loaded again, which changes nothing.
    """
    write_json(folder / "position.json", position._asdict())
