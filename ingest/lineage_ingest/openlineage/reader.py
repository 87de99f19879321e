"""Reads OpenLineage events from files: single ones, arrays, lines, compressed or in folders."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, ClassVar

import orjson

from lineage.errors import ReadError
from lineage.naming import Naming
from lineage.records import SetAside
from lineage_ingest.compressed import (
    MAX_LINE,
    beginning,
    numbered_lines,
    open_bytes,
    open_path,
    spool_standard_input,
)
from lineage_ingest.openlineage.fold import fold
from lineage_ingest.openlineage.parse import InvalidEvent, event_of, parse_event

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lineage.records import Record
    from lineage_ingest.openlineage.parse import RawEvent

SUFFIXES = (".json", ".jsonl", ".ndjson")
_COMPRESSED = (".gz", ".zst")
_LOOK = 64 * 1024  # bytes looked at to recognise an event
_TELLING = (
    b'"eventTime"', b'"schemaURL"', b'"producer"', b'"eventType"', b'"run"', b'"job"', b'"dataset"',
)  # fmt: skip
_WHOLE = 512 * 1024 * 1024  # bytes of a file that is one JSON value


class OpenLineageReader:
    """Reads events; see the protocol in `lineage.readers`.

    The events of a run may come in any order, in several files and loads, so a load keeps them in
    the graph and folds what a run's events add up to (`events`). `records` folds those of these
    files alone.
    """

    name: ClassVar[str] = "openlineage"

    def __init__(self, location: str) -> None:
        """Open a file or a folder.

        Args:
            location: a path or `file:` address, or `-` for standard input.

        Raises:
            ReadError: there is no such file, or a folder without any event files.
        """
        self._location = location
        self._spool: IO[bytes] | None = spool_standard_input() if location == "-" else None
        self._path = Path(location.removeprefix("file://")).expanduser()
        if self._spool is None:
            self._files = _files(self._path)
            if not self._files:
                raise ReadError(f"{location} holds no files of events ({', '.join(SUFFIXES)})")

    @classmethod
    def recognises(cls, location: str) -> bool:
        """Whether the first bytes of it, or of the first file in a folder, are of an event."""
        if location == "-" or ("://" in location and not location.startswith("file://")):
            return False
        path = Path(location.removeprefix("file://")).expanduser()
        files = _files(path) if path.is_dir() else [path]
        return any(_is_event_file(file) for file in files[:3])

    @classmethod
    def resembles(cls, location: str) -> bool:  # noqa: ARG003
        """False: JSON alone may be anything."""
        return False

    @property
    def source(self) -> str:
        """The path."""
        return "stdin" if self._spool is not None else self._path.resolve().as_uri()

    @property
    def version(self) -> str:
        """The format."""
        return "OpenLineage 2"

    @property
    def simulated(self) -> bool:
        """False."""
        return False

    @property
    def cursor(self) -> str | None:
        """None: files are always read whole; events that are known cost little."""
        return None

    def identity(self) -> dict[str, int]:
        """Nothing: an event is the same wherever it stands."""
        return {}

    def total(self) -> int | None:
        """None: events are not counted beforehand."""
        return None

    def events(self) -> Iterator[RawEvent | SetAside]:
        """Every event, in the order of files and lines.

        A file of a folder that is damaged is set aside from there on, and the others are read.

        Raises:
            ReadError: the one file is damaged further on; the events before that come first.
        """
        if self._spool is not None:
            self._spool.seek(0)
            yield from _events_in(self._spool, "standard input")
            return
        for file in self._files:
            place = str(file.relative_to(self._path)) if file != self._path else file.name
            try:
                with open_path(file) as raw:
                    yield from _events_in(raw, place)
            except ReadError as error:
                if file == self._path:
                    raise
                yield _refused(place, str(error))

    def records(self, since: str | None = None) -> Iterator[Record]:  # noqa: ARG002
        """What the events of these files add up to."""
        events: dict[str, list[RawEvent]] = {}
        for event in self.events():
            if isinstance(event, SetAside):
                yield event
            else:
                events.setdefault(event.subject, []).append(event)
        naming = Naming.of()
        for subject in sorted(events):
            yield from fold(subject, events[subject], naming)

    def close(self) -> None:
        """Let go of the copy of standard input."""
        if self._spool is not None:
            self._spool.close()


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    found = (file for file in path.rglob("*") if file.is_file() and _suffix(file) in SUFFIXES)
    return sorted(found)


def _suffix(file: Path) -> str:
    suffixes = [one.lower() for one in file.suffixes]
    if suffixes and suffixes[-1] in _COMPRESSED:
        suffixes.pop()
    return suffixes[-1] if suffixes else ""


def _is_event_file(file: Path) -> bool:
    try:
        with file.open("rb") as raw:
            head = beginning(raw, _LOOK)
    except Exception:  # noqa: BLE001  (whatever is wrong with it, it is not recognised)
        return False
    begins = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in {b"{", b"["}
    return begins and _TELLING[0] in head and sum(one in head for one in _TELLING) >= 3


def _events_in(raw: IO[bytes], place: str) -> Iterator[RawEvent | SetAside]:
    """The events of one file: lines, or one value that is an event or an array of them."""
    if _is_lines(raw):
        yield from _events_in_lines(raw, place)
        return
    try:
        value = _value_in(raw, place)
    except (ReadError, orjson.JSONDecodeError) as error:
        # What broke may be one line of many.
        if _has_line(raw, place):
            yield from _events_in_lines(raw, place)
            return
        if isinstance(error, ReadError):
            raise
        yield _refused(place, f"no JSON: {error}")
        return
    for number, content in enumerate(value if isinstance(value, list) else [value], 1):
        position = f"{place} event {number}" if isinstance(value, list) else place
        try:
            yield event_of(content)
        except InvalidEvent as error:
            yield _refused(position, str(error))


def _value_in(raw: IO[bytes], place: str) -> Any:
    """The one JSON value that a file is.

    Raises:
        ReadError: it is too large, or damaged.
        JSONDecodeError: it is no JSON.
    """
    try:
        whole = open_bytes(raw).read(_WHOLE + 1)
    except Exception as error:
        raise ReadError(f"{place} cannot be read: {error}") from error
    if len(whole) > _WHOLE:
        raise ReadError(f"{place} is one JSON value of more than {_WHOLE} bytes; use lines")
    return orjson.loads(whole.removeprefix(b"\xef\xbb\xbf"))


def _has_line(raw: IO[bytes], place: str) -> bool:
    """Whether one of a file's lines is an event; the file stands at its start again then."""
    raw.seek(0)
    try:
        return any(not isinstance(one, SetAside) for one in _events_in_lines(raw, place))
    except ReadError:
        return False
    finally:
        raw.seek(0)


def _events_in_lines(raw: IO[bytes], place: str) -> Iterator[RawEvent | SetAside]:
    for number, line in numbered_lines(raw, place):
        position = f"{place} line {number}"
        if len(line) >= MAX_LINE:
            yield _refused(position, f"longer than {MAX_LINE} bytes")
            continue
        found = _event(line, position)
        # Lines of an array: brackets and commas are around the events.
        bare = line.strip().removeprefix(b"[").removesuffix(b"]").rstrip(b", \t")
        if isinstance(found, SetAside) and len(bare) < len(line.strip()):
            if not bare:
                continue
            found = _event(bare, position)
        yield found


def _is_lines(raw: IO[bytes]) -> bool:
    """Whether the first line is a JSON value of its own, and another begins after it.

    A single event on one line may as well be read as a value.
    """
    stream = open_bytes(raw)
    try:
        first = stream.readline(MAX_LINE)
        more = stream.read(1)
    except Exception:  # noqa: BLE001  (reading it again says what is wrong)
        return True
    finally:
        raw.seek(0)
    if not first.strip():
        return True
    if not more:
        return not first.lstrip(b"\xef\xbb\xbf \t").startswith(b"[")
    return first.rstrip().endswith(b"}") and not first.lstrip().startswith(b"[")


def _event(line: bytes, position: str) -> RawEvent | SetAside:
    try:
        return parse_event(line)
    except InvalidEvent as error:
        return _refused(position, str(error))


def _refused(position: str, reason: str) -> SetAside:
    return SetAside(kind="openlineage event", position=sys.intern(position), reason=reason)
