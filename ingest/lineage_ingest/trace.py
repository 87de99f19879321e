"""The native trace format: JSON Lines, one record a line, read and written.

The first line is `{"kind": "trace", "version": 1}`. Nodes, events and memberships may then come
in any order: the reader goes over the file twice, for the nodes and for what joins them, so that
it never holds more than the ids of runs and pipelines. `python -m lineage_ingest.trace` prints
the JSON Schema.
"""

from __future__ import annotations

import dataclasses
import json
import re
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, ClassVar, cast
from urllib.parse import unquote, urlsplit

import orjson

from lineage.errors import ReadError, UnsupportedVersionError
from lineage.records import (
    Artifact,
    Context,
    Event,
    EventKind,
    Execution,
    Feature,
    Membership,
    NodeKind,
    Pipeline,
    Run,
    SetAside,
)
from lineage.safe import without_login
from lineage_ingest.compressed import GZIP, ZSTD, numbered_lines, open_path, spool_standard_input
from lineage_ingest.times import drop_impossible, why_not
from lineage_ingest.trace_lines import (
    VERSION,
    ArtifactLine,
    EventLine,
    ExecutionLine,
    MembershipLine,
    RunLine,
    TraceLine,
    dumps,
    header,
    json_schema,
    parse,
    plain,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from lineage.records import Node, Record
    from lineage_ingest.trace_lines import AnyLine

__all__ = ["TraceReader", "TraceWriter", "dump", "json_schema"]

_EXTENSION = re.compile(r"\.(jsonl|ndjson)(\.(gz|zst))?$", re.IGNORECASE)
_KIND = re.compile(rb'\s*\{\s*"kind"\s*:\s*"([a-z]+)"')
_EDGES = frozenset({"event", "membership"})
_SHORT = frozenset({"inputs", "outputs", "run", "pipeline"})
_STANDARD_INPUT = "-"


class TraceReader:
    """Reads one trace; see the protocol in `lineage.readers`."""

    name: ClassVar[str] = "trace"

    def __init__(self, location: str) -> None:
        """Open a trace and check its first line.

        Args:
            location: a path or `file:` address, or `-` for standard input.

        Raises:
            ReadError: it cannot be opened, or is no trace.
            UnsupportedVersionError: a newer version of the format.
        """
        self._location = "standard input" if location == _STANDARD_INPUT else location
        self._path = None if location == _STANDARD_INPUT else _path(location)
        self._spool = spool_standard_input() if location == _STANDARD_INPUT else None
        self._implied = _Implied()
        try:
            self._header = self._read_header()
        except ReadError:
            self.close()
            raise

    @classmethod
    def recognises(cls, location: str) -> bool:
        """Whether its first line says that it is a trace, once decompressed."""
        try:
            if location == _STANDARD_INPUT:
                return _says_trace(_peek_standard_input())
            with open_path(_path(location)) as raw:
                return any(_says_trace(line) for _, line in _first(raw, location))
        except (ReadError, OSError, AttributeError):
            return False

    @classmethod
    def resembles(cls, location: str) -> bool:
        """Whether it may have been meant as a trace: JSON or compressed text, or named so."""
        if location == _STANDARD_INPUT or _EXTENSION.search(location):
            return True
        try:
            with open_path(_path(location)) as raw:
                start = raw.read(64)
        except ReadError:
            return False
        return start.startswith((GZIP, ZSTD)) or start.lstrip()[:1] == b"{"

    @property
    def source(self) -> str:
        """The source that the trace names, else its own address."""
        if self._header.source is not None:
            return self._header.source
        return self._path.resolve().as_uri() if self._path else "stdin:"

    @property
    def simulated(self) -> bool:
        """Whether the trace says that it was made up by a simulation."""
        return self._header.simulated

    @property
    def version(self) -> str:
        """The format and its version."""
        return f"lineage trace {self._header.version}"

    def identity(self) -> dict[str, int]:
        """Nothing: a trace is a copy, and creation times are checked node by node."""
        return {}

    @property
    def cursor(self) -> str | None:
        """None: a trace is always read whole."""
        return None

    def total(self) -> int | None:
        """None: the lines are not counted beforehand."""
        return None

    def records(self, since: str | None = None) -> Iterator[Record]:  # noqa: ARG002
        """Every record, all nodes first.

        Raises:
            ReadError: the file is damaged further on.
        """
        self._implied = _Implied()
        yield from self._nodes()
        yield from self._edges()

    def close(self) -> None:
        """Let go of the copy of standard input."""
        if self._spool is not None:
            self._spool.close()

    def _nodes(self) -> Iterator[Record]:
        for position, kind, raw in self._lines():
            if kind in _EDGES:
                continue
            line = parse(raw, position, kind)
            if line.kind in _EDGES:
                continue
            if isinstance(line, SetAside):
                yield line
            elif isinstance(line, TraceLine):
                yield from self._second_header(line, position)
            else:
                self._implied.note(line)
                node = _node(line)
                yield from drop_impossible(node, position)
                yield node
        yield from self._implied.nodes()

    def _edges(self) -> Iterator[Record]:
        short = self._implied.short
        for position, kind, raw in self._lines():
            if kind in _EDGES or kind is None or (short and kind in {"execution", "run"}):
                line = parse(raw, position, kind)
                if not isinstance(line, SetAside):
                    yield from self._joined(line, position)
                elif line.kind in _EDGES:
                    yield line

    def _joined(self, line: AnyLine, position: str) -> Iterator[Event | Membership | SetAside]:
        if isinstance(line, EventLine):
            values = _values(line)
            event = Event(kind=values.pop("event"), position=position, **values)
            if event.time is not None and (reason := why_not(event.time)):
                event.time = None
                yield SetAside(kind="time", position=position, reason=reason)
            yield event
        elif isinstance(line, MembershipLine):
            yield Membership(position=position, **_values(line))
        elif isinstance(line, ExecutionLine):
            yield from _inline_events(line, position)
            yield from self._implied.memberships_of_execution(line, position)
        elif isinstance(line, RunLine) and line.pipeline is not None:
            yield from self._implied.run_in_pipeline(line.id, line.pipeline, position)

    def _lines(self) -> Iterator[tuple[str, str | None, bytes]]:
        """Position, kind where it comes first, and bytes of every line after the first."""
        with self._open() as raw:
            lines = numbered_lines(raw, self._location)
            next(lines)
            for number, line in lines:
                found = _KIND.match(line)
                yield f"line {number}", found[1].decode() if found else None, line

    @contextmanager
    def _open(self) -> Iterator[IO[bytes]]:
        if self._spool is not None:
            self._spool.seek(0)
            yield self._spool
            return
        assert self._path is not None  # noqa: S101
        with open_path(self._path) as raw:
            yield raw

    def _read_header(self) -> TraceLine:
        with self._open() as raw:
            for number, line in _first(raw, self._location):
                return _checked_header(line, f"line {number}", self._location)
        raise ReadError(f"{self._location} is empty: a trace starts with a line of kind trace")

    def _second_header(self, line: TraceLine, position: str) -> Iterator[SetAside]:
        # Traces that were put one behind the other are one trace, unless they disagree.
        if line.version > VERSION or line.source not in {None, self._header.source}:
            yield SetAside(
                kind="trace",
                position=position,
                reason="another trace starts here, of another source or a newer version",
            )


class _Implied:
    """What short forms imply: runs and pipelines that are only ever named, and who is in them."""

    def __init__(self) -> None:
        self.short = False
        self._declared: set[tuple[str, str]] = set()
        self._named: dict[tuple[str, str], None] = {}
        self._joined: set[tuple[str, str]] = set()

    def note(self, line: AnyLine) -> None:
        """Take note of a node's line."""
        kind = line.kind
        if kind in {"run", "pipeline"}:
            self._declared.add((kind, line.id))  # type: ignore[union-attr]
        if isinstance(line, ExecutionLine | RunLine) and line.model_fields_set & _SHORT:
            self.short = True
            if isinstance(line, ExecutionLine) and line.run is not None:
                self._named["run", line.run] = None
            if line.pipeline is not None:
                self._named["pipeline", line.pipeline] = None

    def nodes(self) -> Iterator[Pipeline | Run]:
        """The runs and pipelines that no line declares."""
        for kind, identity in self._named:
            if (kind, identity) not in self._declared:
                yield (Run if kind == "run" else Pipeline)(id=identity, name=identity)

    def memberships_of_execution(self, line: ExecutionLine, position: str) -> Iterator[Membership]:
        """An execution is in its run and the run in the pipeline, or it is in the pipeline."""
        container, kind = line.run, NodeKind.RUN
        if container is None:
            container, kind = line.pipeline, NodeKind.PIPELINE
        if container is not None:
            yield Membership(
                member_kind=NodeKind.EXECUTION,
                member=line.id,
                container_kind=kind,
                container=container,
                position=position,
            )
        if line.run is not None and line.pipeline is not None:
            yield from self.run_in_pipeline(line.run, line.pipeline, position)

    def run_in_pipeline(self, run: str, pipeline: str, position: str) -> Iterator[Membership]:
        """The membership, once."""
        if (run, pipeline) not in self._joined:
            self._joined.add((run, pipeline))
            yield Membership(
                member_kind=NodeKind.RUN,
                member=run,
                container_kind=NodeKind.PIPELINE,
                container=pipeline,
                position=position,
            )


def _values(line: AnyLine) -> dict[str, Any]:
    values = line.__dict__.copy()
    del values["kind"]
    return values


def _node(line: AnyLine) -> Node:
    values = _values(line)
    if isinstance(line, ExecutionLine):
        for name in _SHORT:
            del values[name]
        return Execution(**values)
    if isinstance(line, ArtifactLine):
        values["features"] = _features(line)
        return Artifact(**values)
    if values["name"] is None:
        values["name"] = values["id"]
    if isinstance(line, RunLine):
        del values["pipeline"]
        return Run(**values)
    return Pipeline(**values) if line.kind == "pipeline" else Context(**values)


def _features(line: ArtifactLine) -> list[Feature] | None:
    """The features of a data set; one that has none is one of which none is known."""
    return [Feature(**one.__dict__) for one in line.features or ()] or None


def _inline_events(line: ExecutionLine, position: str) -> Iterator[Event]:
    ends = [(end, "INPUT") for end in line.inputs] + [(end, "OUTPUT") for end in line.outputs]
    for end, way in ends:
        yield Event(
            execution=line.id,
            artifact=end.artifact,
            kind=EventKind(f"{end.event}_{way}" if end.event else way),
            role=end.role,
            index=end.index,
            position=position,
        )


def _path(location: str) -> Path:
    if location.startswith("file:"):
        return Path(unquote(urlsplit(location).path))
    if "://" in location:
        raise ReadError(f"{without_login(location)} is no file; a trace is a file or `-`")
    return Path(location).expanduser()


def _peek_standard_input() -> bytes:
    peek = getattr(sys.stdin.buffer, "peek", None)
    return peek(4096) if peek else b""


def _first(raw: IO[bytes], name: str) -> Iterator[tuple[int, bytes]]:
    for numbered in numbered_lines(raw, name):
        yield numbered
        return


def _says_trace(line: bytes) -> bool:
    found = _KIND.match(line.removeprefix(b"\xef\xbb\xbf"))
    if found:
        return found[1] == b"trace"
    value = _object(line.splitlines()[0] if line else line)
    return value.get("kind") == "trace"


def _object(line: bytes) -> dict[str, Any]:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _checked_header(raw: bytes, position: str, location: str) -> TraceLine:
    value = _object(raw)
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


class TraceWriter:
    """Writes a trace to a binary file.

    Args:
        file: open for writing bytes.
        source: the name of the store that the records came from.
        simulated: whether they were made up by a simulation.
    """

    def __init__(
        self, file: IO[bytes], source: str | None = None, *, simulated: bool = False
    ) -> None:
        self._write = file.write
        self._line(header(source, simulated=simulated))

    def write(self, record: Record) -> bool:
        """Write a record; False for one that was set aside, of which there is nothing to write."""
        form = _FORMS.get(type(record))
        if form is None:
            return False
        self._line(form(record))
        return True

    def _line(self, values: dict[str, Any]) -> None:
        try:
            text = orjson.dumps(values)
        except TypeError:
            text = dumps(values)
        self._write(text + b"\n")


def _form(kind: str, record: type[Any]) -> Callable[[Any], dict[str, Any]]:
    """How to turn records of a type into lines: every field that is not at its default."""
    fields = [
        ("event" if kind == "event" and field.name == "kind" else field.name, field.name, default)
        for field in dataclasses.fields(record)
        if field.name not in {"position", "properties"}
        for default in [None if field.default is dataclasses.MISSING else field.default]
    ]

    def form(one: Any) -> dict[str, Any]:
        values: dict[str, Any] = {"kind": kind}
        for name, attribute, default in fields:
            value = getattr(one, attribute)
            if value is not None and value != default:
                values[name] = value
        if properties := getattr(one, "properties", None):
            values["properties"] = plain(properties)
        return values

    return form


_FORMS: dict[type[Any], Callable[[Any], dict[str, Any]]] = {
    record: _form(record.__name__.lower(), record)
    for record in (Pipeline, Run, Context, Execution, Artifact, Event, Membership)
}


def dump(
    records: Iterable[Record],
    file: IO[bytes],
    source: str | None = None,
    *,
    simulated: bool = False,
) -> int:
    """Write records as a trace.

    Returns:
        How many were written; those that were set aside are not.
    """
    writer = TraceWriter(file, source, simulated=simulated)
    return sum(writer.write(record) for record in records)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(json_schema(), indent=2) + "\n")
