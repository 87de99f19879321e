"""A trace in tables as files for Neo4j's importer, and what is left for the loader."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from lineage.load.bulk import edges
from lineage.load.bulk.batches import KINDS, Derived
from lineage.load.bulk.derive import NO_PARENT, is_in, links_of, pipelines_of
from lineage.load.bulk.executions import LABEL_SEPARATOR
from lineage.load.bulk.nodes import LABELS, Converted, convert
from lineage.load.bulk.rest import Rest
from lineage.load.bulk.tables import ABSENT, NODES, ROWS, THREADS, column_of, read_ids
from lineage.records import NodeKind, OperatorClass
from lineage.schema import ORPHAN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from lineage.load.bulk.files import Files
    from lineage.load.rows import Rows
    from lineage_ingest.trace_parquet import ParquetTrace

AHEAD = 2


class Corpus:
    """Converts one trace.

    Pipelines, runs and contexts come first, for the memberships tell the pipeline of each
    execution; then executions, events, and last artifacts, whose class may follow their producer.
    Events are read and written beside the nodes.

    Attributes:
        files: what was written.
        rest: rows that are left to the loader.
        read: plain rows, by kind of record.
        written: nodes and relationships that the loader would have counted.
    """

    def __init__(
        self,
        rows: Rows,
        trace: ParquetTrace,
        files: Files,
        progress: Callable[[int], None],
        positions: Path | None = None,
    ) -> None:
        self.read: Counter[str] = Counter()
        self.written = 0
        self._rows = rows
        self._trace = trace
        self.files = files
        self._progress = progress
        self._done = 0
        self._ids = read_ids(trace)
        self.rest = Rest(rows, trace, self._ids, positions)
        self._names: dict[int, str] = {}

    def convert(self) -> None:
        """Write all files."""
        for groups in NODES[:3]:
            self._groups(groups)
        with ThreadPoolExecutor(1, thread_name_prefix="lineage-bulk-events") as beside:
            reading = beside.submit(edges.EventTable, self._trace, self._ids)
            members = edges.memberships(self._trace, self._ids)
            parents = self._parents()
            pairs = members.pairs | {"PART_OF": links_of(members.pairs, self._ids, parents).pairs}
            operators = self._executions(parents, pairs)
            table = reading.result()
            events = edges.events(self._rows, table, self._ids, operators)
            writing = beside.submit(self._write_events, events)
            self._artifacts(events.made)
            writing.result()
        if not all(self._ids[kind].alive.all() for kind in (NodeKind.EXECUTION, NodeKind.ARTIFACT)):
            # Refused, now that they were looked at: what names them is left to the loader.
            members = edges.memberships(self._trace, self._ids)
            events = edges.events(self._rows, table, self._ids, operators)
            self._write_events(events)
        self._write_edges(events, members, parents)
        self._add_stubs()
        self._add_source()

    def _write_events(self, events: edges.Edges) -> None:
        self.files.set_relationships("events", pa.table(events.columns))

    def _write_edges(
        self, events: edges.Edges, members: edges.Members, parents: NDArray[np.int64]
    ) -> None:
        self._rows.note_time(events.newest)
        self.rest.events, self.rest.memberships = events.odd, members.odd
        self._tell("event", events.read)
        self._tell("membership", members.read)
        self.written += len(events.columns[":TYPE"])
        alive = self._ids[NodeKind.EXECUTION].alive
        there = (parents >= 0) & alive
        there[there] = alive[parents[there]]
        parents = np.where(there | (parents == NO_PARENT), parents, ABSENT)
        links = links_of(members.pairs, self._ids, parents)
        pairs = {kind: pair for kind, pair in members.pairs.items() if kind != "PART_OF"}
        self.written += sum(len(starts) for starts, _ in pairs.values()) + links.stated
        pairs["PART_OF"] = links.pairs
        for kind, (starts, ends) in pairs.items():
            made = edges.relationships(kind, starts, ends)
            self.files.set_relationships(kind, pa.table(made))

    def _parents(self) -> NDArray[np.int64]:
        """The row of each execution's parent; the loader links those whose id comes twice."""
        texts = column_of(self._trace, "executions", "parent")
        if texts.null_count == len(texts):
            return np.full(len(texts), NO_PARENT)
        ids = self._ids[NodeKind.EXECUTION]
        return np.where(np.asarray(texts.is_null()) | ids.repeated, NO_PARENT, ids.places(texts))

    def _groups(self, table: str) -> None:
        for first, converted in self._converted(table, lambda _first, _size: {}):
            self._take(table, first, converted)
            if table == "pipelines":
                for made in converted.tables:
                    numbers = made.column(":ID").to_pylist()
                    names = made.column("name:string").to_pylist()
                    self._names |= dict(zip(numbers, names, strict=True))
        ids = self._ids[KINDS[table]]
        self.rest.settle(table)
        if table == "pipelines":  # those that the loader will name
            numbers = (np.flatnonzero(ids.alive) + ids.first).tolist()
            self._names = dict.fromkeys(numbers, "") | self._names

    def _executions(self, parents: NDArray[np.int64], pairs: Any) -> edges.Operators:
        ids = self._ids[NodeKind.EXECUTION]
        places, names = pipelines_of(self._ids, pairs, self._names)
        has_children = np.zeros(ids.size, np.bool_)
        outer = pairs["PART_OF"][1]
        has_children[outer[is_in(outer, ids)] - ids.first] = True
        operators = edges.Operators(np.zeros(ids.size, np.bool_), np.zeros(ids.size, np.bool_))
        children: list[pa.Table] = []

        def derived(first: int, size: int) -> dict[str, Any]:
            here = slice(first, first + size)
            return {"pipelines": places[here], "names": names, "parents": has_children[here]}

        for first, converted in self._converted("executions", derived):
            for made, rows in zip(converted.tables, converted.rows, strict=True):
                nothing = np.asarray(pc.equal(made.column("cost_from:string"), "nothing ran"))
                kind = OperatorClass.TRANSFORMATION.value
                operators.hands_on[first + rows] = nothing
                operators.transforms[first + rows] = np.asarray(
                    pc.equal(made.column("operator:string"), kind)
                )
            children += self._take("executions", first, converted, parents)
        self.rest.settle("executions")
        for made in children:
            self.files.add_nodes(self._with_orphans(made, parents))
        return operators

    def _with_orphans(self, made: pa.Table, parents: NDArray[np.int64]) -> pa.Table:
        """Executions with a parent, labelled where it is not there."""
        ids = self._ids[NodeKind.EXECUTION]
        parent = parents[made.column(":ID").to_numpy() - ids.first]
        there = parent >= 0
        there[there] = ids.alive[parent[there]]
        labels = made.column(":LABEL")
        marked = pc.binary_join_element_wise(labels, ORPHAN, LABEL_SEPARATOR)
        place = made.schema.get_field_index(":LABEL")
        return made.set_column(place, ":LABEL", pc.if_else(pa.array(there), labels, marked))

    def _artifacts(self, made: NDArray[np.bool_]) -> None:
        def derived(first: int, size: int) -> dict[str, Any]:
            return {"made": made[first : first + size]}

        for first, converted in self._converted("artifacts", derived):
            self._take("artifacts", first, converted)
        self.rest.settle("artifacts")

    def _take(
        self,
        table: str,
        first: int,
        converted: Converted,
        parents: NDArray[np.int64] | None = None,
    ) -> list[pa.Table]:
        """Count and keep what a batch became; returns executions that have a parent."""
        self.rest.nodes(table, first, converted.odd)
        self._rows.note_time(converted.newest)
        count = sum(map(len, converted.rows))
        self._tell(KINDS[table].value, count)
        self.written += count
        if parents is None:
            return []
        held = []
        for made, rows in zip(converted.tables, converted.rows, strict=True):
            named = parents[first + rows] != NO_PARENT
            if named.any():
                held.append(made.filter(pa.array(named)))
        return held

    def _converted(
        self, table: str, derived: Callable[[int, int], dict[str, Any]]
    ) -> Iterator[tuple[int, Converted]]:
        """Batches of a table, converted by some threads and written, in the order of rows."""
        ids = self._ids[KINDS[table]]

        def work(first: int, raw: pa.RecordBatch) -> tuple[int, Converted]:
            here = slice(first, first + raw.num_rows)
            numbers = np.arange(here.start, here.stop) + ids.first
            given = Derived(ids.repeated[here], **derived(first, raw.num_rows))
            converted = convert(self._rows, table, raw, numbers, given)
            for made in converted.tables:
                self._write(made)
            return first, converted

        with ThreadPoolExecutor(THREADS, thread_name_prefix="lineage-bulk") as pool:
            ahead = []
            first = 0
            for raw in self._trace.batches(table, ROWS):
                ahead.append(pool.submit(work, first, raw))
                first += raw.num_rows
                if len(ahead) > AHEAD:
                    yield ahead.pop(0).result()
            for one in ahead:
                yield one.result()

    def _write(self, made: pa.Table) -> None:
        """Write nodes but for executions that name a parent: those wait until all are known."""
        name = "parent:string"
        if name in made.column_names:
            made = made.filter(made.column(name).is_null())
        if made.num_rows:
            self.files.add_nodes(made)

    def _tell(self, kind: str, count: int) -> None:
        if count:
            self.read[kind] += count
        self._done += count
        self._progress(self._done)

    def _add_stubs(self) -> None:
        """Write nodes for the rows that are left to the loader, for relationships to end at."""
        for table in NODES:
            ids = self._ids[KINDS[table]]
            places = self.rest.stubs(table)
            if not len(places):
                continue
            keys = [
                self._rows.key(KINDS[table], native_id)
                for native_id in ids.texts.take(pa.array(places)).to_pylist()
            ]
            columns = {
                ":ID": pa.array(places + ids.first),
                ":LABEL": pa.array([LABELS[table]] * len(places)),
                "key:string": pa.array(keys),
                "revision:string": pa.array([""] * len(places)),
                "name:string": pa.array([""] * len(places)),
            }
            self.files.add_nodes(pa.table(columns))

    def _add_source(self) -> None:
        """Write the source itself: whatever happens afterwards, a later load knows of this one."""
        last = max(one.first + one.size for one in self._ids.values())
        source = self._rows.source
        columns = {
            ":ID": [last],
            ":LABEL": ["Source"],
            "key:string": [source],
            "name:string": [source],
            "newest:long": [0],
            "derivation:string": [self._rows.settings.derivation()],
        }
        self.files.add_nodes(pa.table(columns))
