"""Rows that are left to the loader, as records."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from lineage.load.bulk.batches import KINDS
from lineage.load.bulk.tables import ABSENT, NODES, ROWS
from lineage.load.loader import convert, kind_of, refusal
from lineage.load.rows import Rows
from lineage.records import Event, Membership, NodeKind, SetAside
from lineage_ingest.trace_batches import TableReader

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from lineage.load.bulk.tables import Ids
    from lineage.records import Record
    from lineage_ingest.trace_parquet import ParquetTrace

POSITIONS = "{}-positions.parquet"


class Rest:
    """What the importer does not get.

    Attributes:
        events: numbers of rows, counted from 0.
        memberships: likewise.
    """

    def __init__(
        self,
        rows: Rows,
        trace: ParquetTrace,
        ids: dict[NodeKind, Ids],
        positions: Path | None = None,
    ) -> None:
        """Prepare.

        Args:
            rows: the source's conversion.
            trace: the tables.
            ids: of all nodes; told which ones the loader will refuse.
            positions: a folder with the positions of events and memberships, where they stood
                somewhere else than in the tables.
        """
        nothing = np.zeros(0, np.int64)
        self.events: NDArray[np.int64] = nothing
        self.memberships: NDArray[np.int64] = nothing
        self._odd: dict[str, list[NDArray[np.int64]]] = {table: [nothing] for table in NODES}
        self._trace = trace
        self._ids = ids
        self._positions = positions
        # Of its own, for it counts what it converts.
        self._rows = Rows(rows.source, rows.naming, rows.settings, rows.statistics)

    def nodes(self, table: str, first: int, odd: NDArray[np.bool_]) -> None:
        """Take rows of a batch that begins at row `first`."""
        self._odd[table].append(first + np.flatnonzero(odd))

    def settle(self, table: str) -> None:
        """Find out which rows of a table the loader will refuse."""
        odd = np.concatenate(self._odd[table])
        self._odd[table] = [odd]
        ids = self._ids[KINDS[table]]
        ids.alive[odd] = False
        good = [
            record.id
            for record in self._records(table, odd)
            if not isinstance(record, SetAside | Event | Membership)
            and not isinstance(convert(self._rows, record), SetAside)
        ]
        if good:
            places = ids.places(pa.array(good, ids.texts.type))
            ids.alive[places] = True

    def stubs(self, table: str) -> NDArray[np.int64]:
        """Rows of a table for which a node has to be there beforehand."""
        odd = self._odd[table][0]
        return odd[self._ids[KINDS[table]].alive[odd]]

    def refuse(self) -> None:
        """Raise the error of a strict load, if there is anything that cannot be used.

        Raises:
            RecordError: it says what and where.
        """
        for record in self.records():
            made = record if isinstance(record, SetAside) else convert(self._rows, record)
            if isinstance(made, SetAside):
                raise refusal(made)
            missing = self._missing(record)
            if missing:
                reason = f"{' and '.join(missing)} does not exist"
                raise refusal(SetAside(kind=kind_of(record), position=made.position, reason=reason))

    def _missing(self, record: Record) -> list[str]:
        """The ends of an event or a membership that are not there."""
        if isinstance(record, Event):
            ends = [
                (NodeKind.EXECUTION, record.execution),
                (NodeKind.ARTIFACT, record.artifact),
            ]
        elif isinstance(record, Membership):
            ends = [
                (record.member_kind, record.member),
                (record.container_kind, record.container),
            ]
        else:
            return []
        return [f"{kind} {native_id}" for kind, native_id in ends if not self._has(kind, native_id)]

    def _has(self, kind: NodeKind, native_id: str) -> bool:
        ids = self._ids[kind]
        (place,) = ids.places(pa.array([native_id], ids.texts.type)).tolist()
        return place != ABSENT and bool(ids.alive[place])

    def __len__(self) -> int:
        nodes = sum(len(one) for parts in self._odd.values() for one in parts)
        return nodes + len(self.events) + len(self.memberships)

    def records(self) -> Iterator[Record]:
        """All of them, nodes first."""
        for table in NODES:
            yield from self._records(table, np.concatenate(self._odd[table]))
        yield from self._placed("events", self.events)
        yield from self._placed("memberships", self.memberships)

    def _placed(self, table: str, numbers: NDArray[np.int64]) -> Iterator[Record]:
        """Records with the positions that they had at first."""
        records = self._records(table, numbers)
        if self._positions is None or not len(numbers):
            yield from records
            return
        file = pq.read_table(self._positions / POSITIONS.format(table)).column(0)
        places = file.take(pa.array(numbers)).to_pylist()
        known = {
            f"{table}.parquet row {number + 1}": place
            for number, place in zip(numbers.tolist(), places, strict=True)
        }
        for record in records:
            if isinstance(record, Event | Membership | SetAside):
                record.position = known[record.position or ""]
            yield record

    def _records(self, table: str, numbers: NDArray[np.int64]) -> Iterator[Record]:
        if not len(numbers):
            return
        reader = TableReader(table, f"{table}.parquet")
        first = 0
        for raw in self._trace.batches(table, ROWS):
            low, high = np.searchsorted(numbers, [first, first + raw.num_rows])
            here = numbers[low:high]
            if len(here):
                yield from reader.records(_taken(raw, here - first), (here + 1).tolist())
            first += raw.num_rows


def _taken(raw: pa.RecordBatch, rows: NDArray[np.int64]) -> pa.RecordBatch:
    taken = pa.Table.from_batches([raw]).take(pa.array(rows)).combine_chunks().to_batches()
    found: pa.RecordBatch = taken[0]
    return found
