"""Any reader's records as a trace in tables, which is then converted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from lineage.load.bulk.rest import POSITIONS
from lineage.load.loader import counted, refusal
from lineage.records import Event, Membership, SetAside
from lineage_ingest.trace_parquet import ParquetTrace
from lineage_ingest.trace_parquet_writer import ParquetTraceWriter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from lineage.records import Record

_KEPT = 100_000
_SCHEMA = pa.schema([("position", pa.string())])
_TABLE_OF = {Event: "events", Membership: "memberships"}


def spool(
    records: Iterable[Record], folder: Path, *, strict: bool, progress: Callable[[int], None]
) -> tuple[ParquetTrace, list[SetAside]]:
    """Write records as tables, and beside them where events and memberships stood.

    Args:
        records: of a reader.
        folder: to write to, not there yet.
        strict: stop at the first record that was set aside.
        progress: told how many were written.

    Returns:
        The trace, and what the reader set aside.

    Raises:
        RecordError: a record cannot be used and `strict` is set, or does not fit a table.
    """
    aside: list[SetAside] = []
    with ParquetTraceWriter(folder) as writer:
        positions = {name: _Positions(writer.part, name) for name in _TABLE_OF.values()}
        for record in counted(records, progress):
            if isinstance(record, SetAside):
                if strict:
                    raise refusal(record)
                aside.append(record)
                continue
            writer.write(record)
            if isinstance(record, Event | Membership):
                positions[_TABLE_OF[type(record)]].add(record.position)
        for one in positions.values():
            one.close()
    return ParquetTrace(folder), aside


class _Positions:
    def __init__(self, folder: Path, table: str) -> None:
        self._file = pq.ParquetWriter(folder / POSITIONS.format(table), _SCHEMA)
        self._kept: list[str | None] = []

    def add(self, position: str | None) -> None:
        self._kept.append(position)
        if len(self._kept) >= _KEPT:
            self._flush()

    def close(self) -> None:
        self._flush()
        self._file.close()

    def _flush(self) -> None:
        self._file.write_table(pa.table([pa.array(self._kept, pa.string())], schema=_SCHEMA))
        self._kept = []
