"""The ids of a trace's nodes, and the places that they are known by to the importer."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from lineage.load.bulk.batches import KINDS
from lineage_ingest.trace_columns import cast

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lineage.records import NodeKind
    from lineage_ingest.trace_parquet import ParquetTrace

ROWS = 131_072
THREADS = 2
NODES = tuple(KINDS)
ABSENT = -1
TEXT = pa.large_string()  # more than 2 GiB of ids in one column


class Ids:
    """The nodes of one table.

    Attributes:
        first: the importer's number of the first row; the others follow.
        size: how many rows.
        repeated: of shape (rows,), rows whose id comes more than once.
        alive: of shape (rows,), rows that the importer makes a node of.
    """

    def __init__(self, first: int, texts: pa.Array, repeated: NDArray[np.bool_]) -> None:
        self.first = first
        self.size = len(texts)
        self.texts = texts
        self.repeated = repeated
        self.alive: NDArray[np.bool_] = np.ones(self.size, np.bool_)

    def places(self, texts: Any) -> NDArray[np.int64]:
        """The row of each id, the first of several; `ABSENT` where there is none."""
        found = pc.index_in(texts, value_set=self.texts, skip_nulls=True)
        if isinstance(found, pa.ChunkedArray):
            found = found.combine_chunks()
        places: NDArray[np.int64] = found.fill_null(ABSENT).to_numpy().astype(np.int64)
        return places


def read_ids(trace: ParquetTrace) -> dict[NodeKind, Ids]:
    """The ids of all nodes; the importer's numbers start at 0."""
    with ThreadPoolExecutor(THREADS, thread_name_prefix="lineage-bulk-ids") as pool:
        columns = pool.map(lambda table: column_of(trace, table, "id"), KINDS)
        texts = list(columns)
        repeated = list(pool.map(_repeated, texts))
    found: dict[NodeKind, Ids] = {}
    first = 0
    for kind, text, again in zip(KINDS.values(), texts, repeated, strict=True):
        found[kind] = Ids(first, text, again)
        first += len(text)
    return found


def column_of(trace: ParquetTrace, table: str, name: str) -> pa.Array:
    """A whole column of text."""
    columns = [
        cast(batch.column(name), TEXT)
        if name in batch.schema.names
        else pa.nulls(batch.num_rows, TEXT)
        for batch in trace.batches(table, ROWS, [name])
    ]
    return pa.chunked_array(columns, TEXT).combine_chunks()


def _repeated(texts: pa.Array) -> NDArray[np.bool_]:
    encoded = texts.dictionary_encode()
    if len(encoded.dictionary) == len(texts):
        return np.zeros(len(texts), np.bool_)
    codes = encoded.indices.fill_null(len(encoded.dictionary)).to_numpy()
    repeated: NDArray[np.bool_] = (np.bincount(codes) > 1)[codes]
    return repeated
