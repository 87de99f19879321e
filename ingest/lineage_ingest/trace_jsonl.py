"""Reads the native trace format as JSON Lines.

The first line is `{"kind": "trace", "version": 1}`. Nodes, events and memberships may then come
in any order: the reader goes over the file twice, for the nodes and for what joins them, so that
it never holds more than the ids of runs and pipelines.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

from lineage.errors import ReadError
from lineage.records import Event, EventKind, Membership, NodeKind, Pipeline, Run, SetAside
from lineage_ingest.compressed import (
    GZIP,
    ZSTD,
    head_of_standard_input,
    numbered_lines,
    open_path,
    spool_standard_input,
)
from lineage_ingest.trace_header import checked_header, json_object, path_of
from lineage_ingest.trace_lines import (
    VERSION,
    EventLine,
    ExecutionLine,
    MembershipLine,
    RunLine,
    TraceLine,
)
from lineage_ingest.trace_parse import parse
from lineage_ingest.trace_records import SHORT, records_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lineage.records import Record
    from lineage_ingest.trace_lines import AnyLine

_KIND = re.compile(rb'\s*\{\s*"kind"\s*:\s*"([a-z]+)"')
_EDGES = frozenset({"event", "membership"})
_STANDARD_INPUT = "-"


class JsonLinesTrace:
    """Reads one trace in JSON Lines; see `TraceReader`."""

    def __init__(self, location: str) -> None:
        """Open a trace and check its first line.

        Args:
            location: a path or `file:` address, or `-` for standard input.

        Raises:
            ReadError: it cannot be opened, or is no trace.
            UnsupportedVersionError: a newer version of the format.
        """
        self._location = "standard input" if location == _STANDARD_INPUT else location
        self._path = None if location == _STANDARD_INPUT else path_of(location)
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
                return _says_trace(head_of_standard_input())
            with open_path(path_of(location)) as raw:
                return any(_says_trace(line) for _, line in _first(raw, location))
        except (ReadError, OSError, AttributeError):
            return False

    @classmethod
    def resembles(cls, location: str) -> bool:
        """Whether it is compressed text that is damaged from the start."""
        try:
            raw = open_path(path_of(location))
        except ReadError:
            return False
        with raw:
            if not raw.read(4).startswith((GZIP, ZSTD)):
                return False
            raw.seek(0)
            try:
                next(_first(raw, location), None)
            except ReadError:
                return True
        return False

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

    def total(self) -> int | None:
        """None: the lines are not counted beforehand."""
        return None

    def records(self) -> Iterator[Record]:
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
                yield from records_of(line, position)
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

    def _joined(self, line: AnyLine, position: str) -> Iterator[Record]:
        if isinstance(line, EventLine | MembershipLine):
            yield from records_of(line, position)
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
                return checked_header(line, f"line {number}", self._location)
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
        if isinstance(line, ExecutionLine | RunLine) and line.model_fields_set & SHORT:
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


def _first(raw: IO[bytes], name: str) -> Iterator[tuple[int, bytes]]:
    for numbered in numbered_lines(raw, name):
        yield numbered
        return


def _says_trace(line: bytes) -> bool:
    found = _KIND.match(line.removeprefix(b"\xef\xbb\xbf"))
    if found:
        return found[1] == b"trace"
    value = json_object(line.splitlines()[0] if line else line)
    return value.get("kind") == "trace"
