"""Events that are kept in the graph, and folded into what they add up to.

A load keeps each event once, told apart by the hash of its content, and folds anew every run, job
and data set that an event which was not folded yet tells of, from all its events, those of earlier
loads included. What a fold says replaces what an earlier fold of fewer events said: so neither the
order nor the number of times in which events arrive matters, and a load that was cut short is
completed by the next one.
"""

from __future__ import annotations

import logging
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import zstandard

from lineage.load.aliases import merge, say
from lineage.load.chunks import Kept, batches_of, chunks_of
from lineage.load.pace import ahead, few_collections
from lineage.load.rows import about_of, clean, key_of, prefix_of, short
from lineage.readers import RecordSource
from lineage.records import Context, Event, Execution, Membership, NodeKind, SetAside
from lineage_ingest.openlineage.fold import fold
from lineage_ingest.openlineage.parse import InvalidEvent, parse_event
from lineage_ingest.openlineage.records import PART, ROOT, STUB, symlinks_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from lineage.graph import Graph
    from lineage.load.chunks import Chunk
    from lineage.load.loader import Loader
    from lineage.load.rows import Row, Rows
    from lineage.records import Record
    from lineage_ingest.openlineage.parse import RawEvent

TOLD = 100_000
REFOLD = 500  # subjects whose events are fetched at once
SUBJECT = "openlineage subject"
"""Kind of a run, job or data set that is set aside because its events cannot be folded."""

_log = logging.getLogger("lineage.load")


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
        refolded: which of the subjects that an earlier load had set aside were folded anew.
    """

    def __init__(self, graph: Graph, rows: Rows, loader: Loader) -> None:
        """Write to a graph, records through the loader."""
        self.events = 0
        self.kept = 0
        self.refolded: list[str] = []
        self._graph = graph
        self._rows = rows
        self._loader = loader
        self._names = rows.names
        found = graph.run("load/unfit", source=rows.source, kind=SUBJECT)
        self._unfit = {row["position"] for row in found}
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
            for kept in ahead(self._keep(chunk) for chunk in ahead(chunks_of(found))):
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

    def _keep(self, chunk: Chunk) -> Kept:
        """Write a chunk of events; what they tell of is found, and folded later."""
        subjects: dict[str, dict[str, RawEvent]] = defaultdict(dict)
        pairs: set[tuple[str, str]] = set()
        for event in chunk.events:
            subjects[about_of(self._rows.source, event.subject)][event.id] = event
            pairs.update(symlinks_of(event.content))
        new = 0
        partial = set()
        rows = map(self._row, (one for some in subjects.values() for one in some.values()))
        for batch in batches_of(rows):
            sent = Counter(row["about"] for row in batch)
            new += len(batch)
            for row in self._graph.run("load/events", source=self._rows.source, rows=batch):
                subjects.pop(row["about"], None)
                new += row["kept"] - sent[row["about"]]
                if not row["folded"]:
                    partial.add(row["about"])
        newest = max((event.time for event in chunk.events), default=-1)
        return Kept(
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
            "key": f"{prefix_of(self._rows.source)}event/{event.id}",
            "about": about_of(self._rows.source, event.subject),
            "time": event.time,
            "body": self._packer.compress(event.body),
            "name": short(f"{event.content.get('eventType') or 'event'} of {event.subject}"),
        }

    def _fold_all(self, partial: list[str], whole: dict[str, list[RawEvent]]) -> None:
        """Fold subjects: those of which all events came just now, and others with those kept."""
        if whole:
            self._fold(whole, again=False)
        for start in range(0, len(partial), REFOLD):
            some = partial[start : start + REFOLD]
            events: dict[str, list[RawEvent]] = {about: [] for about in some}
            for row in self._graph.run("load/events_about", about=some):
                try:
                    event = parse_event(self._unpacker.decompress(row["body"]))
                except InvalidEvent as error:  # an earlier version of this package took it
                    self._refuse(row["about"], error)
                else:
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
        """What subjects add up to; one that fails is set aside, and holds up no other.

        Its events stay, and its next event has it folded again.
        """
        for events in filter(None, subjects.values()):
            subject = events[0].subject
            if self._unfit and short(subject) in self._unfit:
                self.refolded.append(short(subject))
            try:
                records = list(fold(subject, events, self._rows.naming))
            except Exception as error:  # noqa: BLE001  (whatever one producer sent)
                _log.debug("folding %s failed", subject, exc_info=error)
                self._refuse(subject, error)
            else:
                yield from records

    def _refuse(self, subject: str, error: Exception) -> None:
        reason = f"its events cannot be folded ({type(error).__name__}: {str(error)[:200]}); they "
        self._loader.refuse(SetAside(
            kind=SUBJECT, position=short(subject),
            reason=reason + "are kept, and folded again when another of them comes",
        ))  # fmt: skip

    def _once(self, records: Iterable[Record]) -> Iterator[Record]:
        """Leave out what many runs say alike: data sets as such, their common pipeline and run."""
        for record in records:
            alike: object = None
            if isinstance(record, Membership):
                if record.member_kind is NodeKind.RUN:
                    alike = (record.member, record.container)
            elif not isinstance(record, Event | SetAside | Context) and record.revision == STUB:
                alike = (type(record), record.id, record.name)
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
            replaced.setdefault(key, {"execution": key, "run": "", "parts": [], "edges": []})
            parent = None if record.parent is None else self._key(record.parent)
            replaced[key] |= self._root(record) | {"parent": parent}
            if PART in record.properties and record.parent is not None:
                replaced[self._key(record.parent)]["parts"].append(key)
        elif isinstance(record, Membership) and record.member_kind is NodeKind.EXECUTION:
            run = key_of(self._rows.source, NodeKind.RUN, record.container)
            replaced[self._key(record.member)]["run"] = run
        elif isinstance(record, Event):
            replaced[self._key(record.execution)]["edges"].append(self._rows.said(record))

    def _root(self, record: Execution) -> Row:
        """The pipeline that an execution says its run is of; parts leave that to their whole."""
        job = record.properties.get(ROOT)
        if not isinstance(job, str):
            return {"job": None, "pipeline": ""}
        pipeline = key_of(self._rows.source, NodeKind.PIPELINE, job)
        return {"job": clean(job), "pipeline": pipeline}

    def _key(self, execution: str) -> str:
        return self._rows.key(NodeKind.EXECUTION, execution)
