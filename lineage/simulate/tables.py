"""Rows of the trace's tables, kept until there are enough for a row group."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from lineage_ingest.trace_tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from lineage_ingest.trace_parquet_writer import ParquetTraceWriter

ROWS = 150_000  # of events, the longest table, in memory
UNIT = "machine seconds"

PIPELINE = ("id", "name", "type", "created", "properties")
RUN = ("id", "name", "state", "started", "ended")
EXECUTION = (
    "id", "type", "name", "node", "state", "started", "ended", "cost", "code_version", "properties",
)  # fmt: skip
ARTIFACT = (
    "id", "type", "name", "uri", "digest", "size", "pushed", "created", "properties", "features",
)  # fmt: skip
EVENT = ("execution", "artifact", "event", "role", "index")
MEMBERSHIP = ("member_kind", "member", "container_kind", "container")
_COLUMNS = {
    "pipelines": PIPELINE,
    "runs": RUN,
    "executions": EXECUTION,
    "artifacts": ARTIFACT,
    "events": EVENT,
    "memberships": MEMBERSHIP,
}


class Tables:
    """Rows as tuples, in the order of the columns above.

    Attributes:
        rows: by table.
        features: weights of each artifact that has them: (names, kinds, weights (n, 16)).
        counts: rows written, by table.
    """

    def __init__(self, writer: ParquetTraceWriter) -> None:
        self.rows: dict[str, list[tuple[Any, ...]]] = {table: [] for table in _COLUMNS}
        self.features: list[tuple[list[str], list[str], NDArray[np.int16]]] = []
        self.counts = dict.fromkeys(_COLUMNS, 0)
        self._writer = writer

    def flush(self, least: int = 0) -> None:
        """Write the rows, if there are enough."""
        if len(self.rows["events"]) < least:
            return
        for table, rows in self.rows.items():
            if not rows:
                continue
            values = zip(*rows, strict=True)
            named: dict[str, Sequence[Any]] = dict(zip(_COLUMNS[table], values, strict=True))
            if table == "executions":
                named |= {"created": named["started"], "updated": named["ended"]}
                named["cost_unit"] = [UNIT] * len(rows)
            elif table in {"artifacts", "pipelines"}:
                named["updated"] = named["created"]
            columns = {
                name: self._features(column)
                if name == "features"
                else pa.array(column, TABLES[table].field(name).type)
                for name, column in named.items()
            }
            self._writer.write_table(table, pa.table(columns))
            self.counts[table] += len(rows)
            rows.clear()
        self.features.clear()

    def _features(self, places: Sequence[int | None]) -> pa.Array:
        """Lists of features, each artifact naming its place in `features`, or None."""
        kept = [None if place is None else self.features[place] for place in places]
        sizes = np.fromiter((0 if one is None else len(one[0]) for one in kept), np.int32)
        there = [one for one in kept if one is not None]
        names = pa.array([name for one in there for name in one[0]], pa.string())
        kinds = pa.array([kind for one in there for kind in one[1]], pa.string())
        flat = np.concatenate([one[2].ravel() for one in there]) if there else np.empty(0, np.int16)
        starts = pa.array(np.arange(0, len(flat) + 1, 16, dtype=np.int32))
        weights = pa.ListArray.from_arrays(starts, pa.array(flat.astype(np.int16)))
        struct = pa.StructArray.from_arrays([names, kinds, weights], ["name", "kind", "weights"])
        mask = np.fromiter((one is None for one in kept), bool)
        offsets = pa.array(
            np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32), mask=np.append(mask, False)
        )
        return pa.ListArray.from_arrays(offsets, struct).cast(
            TABLES["artifacts"].field("features").type
        )
