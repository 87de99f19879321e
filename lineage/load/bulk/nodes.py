"""Batches of a trace's tables of nodes as columns for Neo4j's importer.

Says of whole columns what `Rows.node` says of one record.
"""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import types

from lineage.load.bulk.artifacts import artifact_columns
from lineage.load.bulk.batches import LINE_BYTES, Batch, coalesce, join
from lineage.load.bulk.executions import execution_columns
from lineage.load.bulk.native import Native
from lineage.load.rows import HASHED, KEY_BYTES, NAME_CHARACTERS, digest_of
from lineage.recipes import ABSENT, SEPARATOR
from lineage_ingest.trace_batches import RECORDS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lineage.load.bulk.batches import Derived
    from lineage.load.rows import Rows

TIMES = ("created", "updated", "started", "ended")
FIRST = (
    "cost:double",
    "started:datetime",
    "ended:datetime",
    "state:string",
    "cost_unit:string",
    "source:string",
    "pipeline:string",
)
"""What is asked for most: Neo4j finds a property by reading those that stand before it."""

LABELS = {
    "pipelines": "Pipeline",
    "runs": "Run",
    "contexts": "Context",
    "executions": "Execution",
    "artifacts": "Artifact",
}


class Converted(NamedTuple):
    """What became of a batch.

    Attributes:
        tables: columns of the plain rows under the importer's headers, one table for each file.
        rows: of each table, the numbers of its rows within the batch.
        odd: of shape (rows,), rows that are left to the loader.
        newest: the newest time of the plain rows, ms since 1970.
    """

    tables: list[pa.Table]
    rows: list[NDArray[np.int64]]
    odd: NDArray[np.bool_]
    newest: int


def convert(
    rows: Rows, table: str, raw: pa.RecordBatch, ids: NDArray[np.int64], derived: Derived
) -> Converted:
    """Convert a batch of a table.

    Args:
        rows: the source's conversion.
        table: its name.
        raw: the batch as it was read.
        ids: of shape (rows,), what the importer knows each row by.
        derived: what other tables say of the rows.
    """
    try:
        raw.validate(full=True)
    except pa.ArrowInvalid:  # text that is not UTF-8: the rules of lines say where
        return Converted([], [], np.ones(raw.num_rows, np.bool_), 0)
    batch = Batch(table, raw)
    native = Native(batch["properties"])
    batch.odd |= native.odd | derived.odd
    columns: dict[str, Any] = {":ID": pa.array(ids)}
    columns |= _common(rows, batch)
    if table == "executions":
        columns |= execution_columns(rows, batch, native, derived)
    elif table == "artifacts":
        columns |= artifact_columns(rows, batch, derived)
    else:
        columns |= _group_columns(batch)
    columns["revision:string"] = _revision(batch, native)
    names = columns["name:string"]
    batch.mark(pc.greater(pc.utf8_length(names), NAME_CHARACTERS))
    newest = _newest(batch, rows.now)
    times = {f"{name}:datetime": batch.iso(name) for name in TIMES if name in batch.times}
    columns |= times
    first = {name: columns[name] for name in FIRST if name in columns}
    return _split(first | columns, native, batch.odd, newest)


def _split(
    columns: dict[str, Any], native: Native, odd: NDArray[np.bool_], newest: int
) -> Converted:
    tables, places = [], []
    for number, group in enumerate(native.groups()):
        there = np.flatnonzero(~odd & (native.group == number))
        if not len(there):
            continue
        made = pa.table(columns | group)
        if len(there) < len(odd):
            made = made.take(pa.array(there))
        long = _text_bytes(made) > LINE_BYTES
        if long.any():
            odd[there[long]] = True
            made, there = made.filter(pa.array(~long)), there[~long]
            if not len(there):
                continue
        kept = [name for name in made.column_names if made.column(name).null_count < len(there)]
        tables.append(made.select(kept))
        places.append(there)
    return Converted(tables, places, odd, newest)


def _text_bytes(table: pa.Table) -> NDArray[np.int64]:
    """The length of the text in each row."""
    texts = [column for column in table.columns if types.is_string(column.type)]
    lengths = [pc.binary_length(column).fill_null(0).to_numpy() for column in texts]
    return reduce(np.add, lengths, np.zeros(table.num_rows, np.int64))


def _common(rows: Rows, batch: Batch) -> dict[str, Any]:
    keys = join(pa.scalar(rows.key(batch.kind, "")), batch["id"])
    batch.mark(pc.greater(pc.binary_length(keys), KEY_BYTES // 4))
    return {
        ":LABEL": pa.array([LABELS[batch.table]] * batch.size, pa.string()),
        "key:string": keys,
        "source:string": pa.array([rows.source] * batch.size, pa.string()),
        "source_id:string": batch["id"],
    }


def _group_columns(batch: Batch) -> dict[str, Any]:
    """What pipelines, runs and contexts have beside times and properties."""
    held = ("type", "native_id", "state")
    return {"name:string": batch["name"]} | {
        f"{name}:string": batch[name] for name in held if batch.has(name)
    }


def _revision(batch: Batch, native: Native) -> pa.Array:
    """Update time and content hash, as `Rows.node` has them."""
    parts = [batch.hashed(name) for name in HASHED[RECORDS[batch.table]]]
    parts.append(native.contents())
    if batch.table == "artifacts":
        parts.append(batch.features.content())
    content = pc.binary_join_element_wise(
        *parts, SEPARATOR, null_handling="replace", null_replacement=ABSENT
    )
    digests = pa.array([digest_of(one) for one in content.to_pylist()], pa.string())
    times = pa.array(batch.times["updated"]).cast(pa.string())
    return join(pc.utf8_lpad(times, 20, "0"), ":", digests)


def _newest(batch: Batch, now: int) -> int:
    """The newest time of a row that is not odd; one that lies in the future says nothing."""
    latest = reduce(np.maximum, batch.times.values())
    latest = latest[~batch.odd & (latest <= now)]
    return int(latest.max(initial=0))


__all__ = ["LABELS", "Converted", "coalesce", "convert"]
