"""Events that are kept in the graph, and folded into what they add up to.

A load keeps each event once, told apart by the hash of its content, and folds anew every run, job
and data set that an event which was not folded yet tells of, from all its events, those of earlier
loads included. What a fold says replaces what an earlier fold of fewer events said: so neither the
order nor the number of times in which events arrive matters, and a load that was cut short is
completed by the next one.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, NamedTuple, Protocol, runtime_checkable

import zstandard

from lineage.load.aliases import merge, say
from lineage.load.pace import ahead, few_collections
from lineage.load.rows import key_of, prefix_of, short
from lineage.readers import RecordSource
from lineage.records import Context, Event, Execution, Membership, NodeKind, SetAside
from lineage_ingest.openlineage.fold import fold
from lineage_ingest.openlineage.parse import parse_event
from lineage_ingest.openlineage.records import STUB, symlinks_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from lineage.graph import Graph
    from lineage.load.loader import Loader
    from lineage.load.rows import Row, Rows
    from lineage.records import Record
    from lineage_ingest.openlineage.parse import RawEvent

CHUNK_EVENTS = 2_500
CHUNK_BYTES = 64_000_000
STORE_BYTES = 4_000_000
STORE_EVENTS = 2_500
TOLD = 100_000
REFOLD = 500  # subjects whose events are fetched at once


@runtime_checkable
class EventSource(RecordSource, Protocol):
    """A source of events that are to be kept and folded."""

    def events(self) -> Iterator[RawEvent | SetAside]:
        """Every event, in any order and number, and what is none."""


class Folding:
    """Keeps and folds the events of one load.

    Attributes:
        events: how many were read.
        kept: how many of them were new.
    """

    def __init__(self, graph: Graph, rows: Rows, loader: Loader) -> None:
        """Write to a graph, records through the loader."""
        self.events = 0
        self.kept = 0
        self._graph = graph
        self._rows = rows
        self._loader = loader
        self._names = rows.names
        self._prefix = prefix_of(rows.source)
        self._told: set[object] = set()
        self._packer = zstandard.ZstdCompressor(level=1)
        self._unpacker = zstandard.ZstdDecompressor()

    def load(
        self,
        found: Iterable[RawEvent | SetAside],
        progress: Callable[[int], None],
        *,
        rules_changed: bool = False,
    ) -> None:
        """Keep and fold events, and before them what an earlier load left unfolded.

        Args:
            found: events, and what is none.
            progress: told how many events were read.
            rules_changed: fold everything anew.

        Raises:
            RecordError: something is no event, and the load is strict.
        """
        if rules_changed:
            merge(self._graph, self._names, every=True)
        self._fold_rest(everything=rules_changed)
        with few_collections():
            for kept in ahead(self._keep(chunk) for chunk in ahead(_chunks(found))):
                for one in kept.refused:
                    self._loader.refuse(one)
                self.events += kept.read
                self.kept += kept.new
                # Before anything is folded, so that what is folded has its final names.
                say(self._graph, self._names, self._rows.source, kept.pairs, "symlinks facet")
                self._rows.note_time(kept.newest)
                self._fold_all(kept.partial, kept.whole)
                progress(self.events)
        self._fold_rest()
        merge(self._graph, self._names)
        if self._loader.horizon is not None:
            self.kept -= self._graph.run(
                "load/drop_old_events", source=self._rows.source, horizon=self._loader.horizon
            )[0]["dropped"]

    def _keep(self, chunk: _Chunk) -> _Kept:
        """Write a chunk of events; what they tell of is found, and folded later."""
        subjects: dict[str, dict[str, RawEvent]] = defaultdict(dict)
        pairs: set[tuple[str, str]] = set()
        for event in chunk.events:
            subjects[f"{self._prefix}{event.subject}"][event.id] = event
            pairs.update(symlinks_of(event.content))
        new = 0
        partial = set()
        rows = map(self._row, (one for some in subjects.values() for one in some.values()))
        for batch in _batches(rows):
            sent = Counter(row["about"] for row in batch)
            new += len(batch)
            for row in self._graph.run("load/events", source=self._rows.source, rows=batch):
                subjects.pop(row["about"], None)
                new += row["kept"] - sent[row["about"]]
                if not row["folded"]:
                    partial.add(row["about"])
        newest = max((event.time for event in chunk.events), default=-1)
        return _Kept(
            read=len(chunk.events),
            new=new,
            newest=newest // 1_000,
            pairs=sorted(pairs),
            partial=sorted(partial),
            whole={about: list(events.values()) for about, events in subjects.items()},
            refused=chunk.refused,
        )

    def _row(self, event: RawEvent) -> Row:
        return {
            "key": f"{self._prefix}event/{event.id}",
            "about": f"{self._prefix}{event.subject}",
            "time": event.time,
            "body": self._packer.compress(event.body),
            "name": short(f"{event.content.get('eventType') or 'event'} of {event.subject}"),
        }

    def _fold_all(self, partial: list[str], whole: dict[str, list[RawEvent]]) -> None:
        """Fold subjects: those of which all events came just now, and others with those kept."""
        if whole:
            self._fold(whole, again=False)
        for start in range(0, len(partial), REFOLD):
            events: dict[str, list[RawEvent]] = defaultdict(list)
            some = partial[start : start + REFOLD]
            for row in self._graph.run("load/events_about", about=some):
                event = parse_event(self._unpacker.decompress(row["body"]))
                events[row["about"]].append(event)
            self._fold(events, again=True)

    def _fold_rest(self, *, everything: bool = False) -> None:
        """Fold what an earlier load left, and what folding others called for."""
        source = self._rows.source
        while left := self._graph.run("load/events_unfolded", source=source, all=everything):
            self._fold_all([row["about"] for row in left], {})
            everything = False

    def _fold(self, subjects: dict[str, list[RawEvent]], *, again: bool) -> None:
        """Write what subjects add up to; first, where they were folded before, take back the rest.

        In this order, what a run takes back of a version that another tells of is told anew.
        """
        records = self._records(subjects)
        if again:
            told = list(records)
            replaced: dict[str, Row] = {}
            for record in told:
                self._note(replaced, record)
            rows = list(replaced.values())
            for start in range(0, len(rows), REFOLD):
                self._graph.run("load/replace", rows=rows[start : start + REFOLD])
            self._told.clear()  # what was taken away may be told again
            records = iter(told)
        self._loader.load(self._once(records), lambda _: None)
        self._graph.run("load/events_folded", about=list(subjects))

    def _records(self, subjects: dict[str, list[RawEvent]]) -> Iterator[Record]:
        for about, events in subjects.items():
            yield from fold(about.removeprefix(self._prefix), events, self._rows.naming)

    def _once(self, records: Iterable[Record]) -> Iterator[Record]:
        """Leave out what many runs say alike: data sets as such, their common pipeline and run."""
        for record in records:
            alike: object = None
            if isinstance(record, Membership):
                if record.member_kind is NodeKind.RUN:
                    alike = (record.member, record.container)
            elif not isinstance(record, Event | SetAside | Context) and record.revision == STUB:
                alike = (type(record), record.id)
            if alike is not None:
                if alike in self._told:
                    continue
                if len(self._told) >= TOLD:
                    self._told.clear()
                self._told.add(alike)
            yield record

    def _note(self, replaced: dict[str, Row], record: Record) -> None:
        """Remember what is said of a run that was folded before; what is not said goes."""
        if isinstance(record, Execution):
            key = self._key(record.id)
            row = replaced.setdefault(key, {"execution": key, "run": "", "parts": [], "edges": []})
            if record.parent is not None and record.id.startswith(f"{record.parent}/part "):
                replaced[self._key(record.parent)]["parts"].append(row["execution"])
        elif isinstance(record, Membership) and record.member_kind is NodeKind.EXECUTION:
            run = key_of(self._rows.source, NodeKind.RUN, record.container)
            replaced[self._key(record.member)]["run"] = run
        elif isinstance(record, Event):
            replaced[self._key(record.execution)]["edges"].append(self._rows.said(record))

    def _key(self, execution: str) -> str:
        return self._rows.key(NodeKind.EXECUTION, execution)


class _Chunk(NamedTuple):
    events: list[RawEvent]
    refused: list[SetAside]


class _Kept(NamedTuple):
    """A chunk that is in the graph.

    Attributes:
        read: events in it.
        new: how many of them the graph did not have.
        newest: their latest time, ms since 1970.
        pairs: names that are said to be equal.
        partial: subjects that other events tell of, too.
        whole: the other subjects, with all their events.
        refused: what was no event.
    """

    read: int
    new: int
    newest: int
    pairs: list[tuple[str, str]]
    partial: list[str]
    whole: dict[str, list[RawEvent]]
    refused: list[SetAside]


def _chunks(found: Iterable[RawEvent | SetAside]) -> Iterator[_Chunk]:
    chunk, size = _Chunk([], []), 0
    for one in found:
        if isinstance(one, SetAside):
            chunk.refused.append(one)
        else:
            chunk.events.append(one)
            size += len(one.body)
        if len(chunk.events) >= CHUNK_EVENTS or size >= CHUNK_BYTES:
            yield chunk
            chunk, size = _Chunk([], []), 0
    yield chunk


def _batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    batch: list[Row] = []
    size = 0
    for row in rows:
        batch.append(row)
        size += len(row["body"])
        if len(batch) >= STORE_EVENTS or size >= STORE_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
