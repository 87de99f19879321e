"""A batch of a table with all its columns, and which of its rows are not plain."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import types

from lineage.load.bulk.features import Features
from lineage.records import NodeKind
from lineage_ingest.trace_batches import RECORDS, choices_of
from lineage_ingest.trace_columns import cast, milliseconds
from lineage_ingest.trace_tables import TABLES

if TYPE_CHECKING:
    from numpy.typing import NDArray

LINE_BYTES = 1_000_000  # the importer takes lines of up to 4 MiB, in which quotes are doubled
IDS = frozenset({"id", "parent", "execution", "artifact", "member", "container"})
KINDS = {
    "pipelines": NodeKind.PIPELINE,
    "runs": NodeKind.RUN,
    "contexts": NodeKind.CONTEXT,
    "executions": NodeKind.EXECUTION,
    "artifacts": NodeKind.ARTIFACT,
}


@dataclass(frozen=True)
class Derived:
    """What other tables say of the rows of a batch; each array is of shape (rows,).

    Attributes:
        odd: rows to be left to the loader whatever they say: their id comes twice.
        pipelines: for executions, the pipeline's place in `names`.
        names: of pipelines, the last one None.
        parents: for executions, which have children.
        made: for artifacts, which a transformation made.
    """

    odd: NDArray[np.bool_]
    pipelines: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    names: pa.StringArray = field(default_factory=lambda: pa.array([None], pa.string()))
    parents: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, np.bool_))
    made: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, np.bool_))


class Batch:
    """The columns of a batch in the types of the table, null where it says nothing.

    Attributes:
        table: its name.
        kind: of its nodes; None for events and memberships.
        size: how many rows.
        odd: of shape (rows,), rows that the reader's own rules have to look at. A row that is not
            odd becomes a record with just these values.
        times: columns of times, ms since 1970, 0 where there is none.
        valid: for each of them, which rows have one.
        features: of artifacts.
    """

    def __init__(self, table: str, raw: pa.RecordBatch) -> None:
        self.table = table
        self.kind: Any = KINDS.get(table)
        self.size: int = raw.num_rows
        self.odd: NDArray[np.bool_] = np.zeros(self.size, np.bool_)
        self.times: dict[str, NDArray[np.int64]] = {}
        self.valid: dict[str, NDArray[np.bool_]] = {}
        self.features = Features.none(self.size)
        self._columns: dict[str, Any] = {}
        self._choices = choices_of(RECORDS[table])
        for one in TABLES[table]:
            self._take(one, raw)
        self._defaults()

    def __getitem__(self, name: str) -> Any:
        """A column; not one of times."""
        return self._columns[name]

    def has(self, name: str) -> bool:
        """Whether a column is one of the table."""
        return name in self._columns

    def hashed(self, name: str) -> Any:
        """A column as text for revisions, null where it says nothing."""
        if name in self.times:
            times = self.times[name]
            return pa.array(times, mask=~self.valid[name]).cast(pa.string())
        column = self._columns[name]
        if types.is_floating(column.type):
            bits = column.fill_null(0.0).to_numpy().view(np.int64)
            return pa.array(bits, mask=np.asarray(column.is_null())).cast(pa.string())
        if types.is_boolean(column.type):
            column = column.cast(pa.int8())
        return column.cast(pa.string())

    def iso(self, name: str) -> Any:
        """A column of times as ISO 8601 text without a zone, which the importer takes for UTC."""
        times = pa.array(self.times[name], mask=~self.valid[name]).cast(pa.timestamp("ms"))
        return pc.binary_replace_slice(times.cast(pa.string()), 10, 11, "T")

    def mark(self, rows: pa.BooleanArray) -> None:
        """Call rows odd; nulls are not."""
        self.odd |= np.asarray(rows.fill_null(fill_value=False))

    def _take(self, one: pa.Field, raw: pa.RecordBatch) -> None:
        name = one.name
        there = name in raw.schema.names
        if types.is_timestamp(one.type):
            self._take_time(name, raw.column(name) if there else pa.nulls(self.size))
            return
        if types.is_list(one.type):
            if there and not types.is_null(raw.schema.field(name).type):
                self.features = Features.of(raw.column(name))
                self.odd |= self.features.odd
            return
        column = cast(raw.column(name), one.type) if there else pa.nulls(self.size, one.type)
        self._columns[name] = column
        if not one.nullable:
            self.mark(column.is_null())
        if name in IDS and (self.table, name) != ("artifacts", "artifact"):
            self.mark(pc.equal(column, ""))
        if types.is_floating(one.type):
            sound = pc.and_(pc.is_finite(column), pc.greater_equal(column, 0.0))
            self.mark(pc.invert(sound))
        key = "kind" if (self.table, name) == ("events", "event") else name
        if (choices := self._choices.get(key)) is not None:
            known = pa.array([member.value for member in choices], pa.string())
            self.mark(pc.and_(column.is_valid(), pc.invert(pc.is_in(column, value_set=known))))

    def _take_time(self, name: str, column: Any) -> None:
        self.times[name], self.valid[name], odd = milliseconds(column)
        self.odd |= odd

    def _defaults(self) -> None:
        """What a null stands for."""
        if self.table in ("pipelines", "runs", "contexts"):
            self._columns["name"] = pc.coalesce(self["name"], self["id"])
        elif self.table == "executions":
            self._columns["state"] = self["state"].fill_null("UNKNOWN")
        elif self.table == "events":
            self._columns["role"] = self["role"].fill_null("")
        if {"started", "ended"} <= self.times.keys():
            both = self.valid["started"] & self.valid["ended"]
            self.odd |= both & (self.times["ended"] < self.times["started"])


def join(*parts: Any) -> Any:
    """Text of several columns or scalars, one behind the other."""
    return pc.binary_join_element_wise(*parts, "")


def coalesce(*columns: Any) -> Any:
    """The first text that is there and not empty."""
    filled = [pc.if_else(pc.equal(one, ""), pa.scalar(None, pa.string()), one) for one in columns]
    return pc.coalesce(*filled)


def distinct(*columns: Any) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows whose values together are all that there are.

    Returns:
        Such rows (k,), and for each row which of them is like it (rows,).
    """
    inverse = np.zeros(len(columns[0]), np.int64)
    for column in columns:
        encoded = column.dictionary_encode(null_encoding="encode")
        codes = encoded.indices.to_numpy() + inverse * max(len(encoded.dictionary), 1)
        _, first, inverse = np.unique(codes, return_index=True, return_inverse=True)
    return first, inverse


def text_of(values: list[str | None], inverse: NDArray[np.int64]) -> Any:
    """A column from its distinct values."""
    return pa.array(values, pa.string()).take(pa.array(inverse))
