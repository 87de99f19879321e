"""Batches of a trace's Parquet tables as records."""

from __future__ import annotations

import dataclasses
from enum import StrEnum
from itertools import chain
from typing import TYPE_CHECKING, Any, get_args, get_type_hints

import numpy as np
import pyarrow as pa

from lineage.records import (
    Artifact,
    Context,
    Event,
    Execution,
    Membership,
    Pipeline,
    Run,
    SetAside,
)
from lineage_ingest.trace_columns import Columns, document
from lineage_ingest.trace_parse import parse
from lineage_ingest.trace_records import records_of
from lineage_ingest.trace_tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from lineage.records import Record

RECORDS: dict[str, type[Any]] = {
    "pipelines": Pipeline,
    "runs": Run,
    "contexts": Context,
    "executions": Execution,
    "artifacts": Artifact,
    "events": Event,
    "memberships": Membership,
}
_IDS = frozenset({"id", "parent", "execution", "member", "container"})
# Text that is neither a name nor a choice is JSON; the only lists are of features.
_READ: dict[int, Callable[[Columns, str], list[Any]]] = {
    pa.string().id: Columns.properties,
    pa.list_(pa.null()).id: Columns.features,
    pa.timestamp("ms").id: Columns.time,
    pa.int64().id: Columns.integer,
    pa.float64().id: Columns.amount,
    pa.bool_().id: Columns.flag,
}


class TableReader:
    """Turns the batches of one table into records.

    Args:
        table: its name in `TABLES`.
        place: the name of its file, for positions.
    """

    def __init__(self, table: str, place: str) -> None:
        self._schema = TABLES[table]
        self._record = RECORDS[table]
        self._kind = self._record.__name__.lower()
        self._place = place
        self._choices = choices_of(self._record)
        self._defaults = {
            field.name: field.default
            for field in dataclasses.fields(self._record)
            if field.default not in (None, dataclasses.MISSING)
        }
        self._done = 0

    def records(
        self, batch: pa.RecordBatch, numbers: Sequence[int] | None = None
    ) -> Iterator[Record]:
        """The records of a batch, and those that were set aside, in the order of rows.

        Args:
            batch: rows of the table.
            numbers: which ones they are, counted from 1; by default the next ones.
        """
        if numbers is None:
            numbers = range(self._done + 1, self._done + batch.num_rows + 1)
            self._done += batch.num_rows
        columns = Columns(batch)
        values = {
            self._field(field.name): self._values(columns, field)
            for field in self._schema
            if columns.holds(field.name) or not field.nullable
        }
        columns.ordered("started", "ended")
        self._complete(columns, values, numbers)
        names = tuple(values)
        rows = zip(*values.values(), strict=True)
        made = [self._record(**dict(zip(names, row, strict=True))) for row in rows]
        if not columns.marked.any():
            return iter(made)
        return self._looked_at(columns, made, numbers)

    def _field(self, column: str) -> str:
        return "kind" if (self._record, column) == (Event, "event") else column

    def _values(self, columns: Columns, field: pa.Field) -> list[Any]:
        name, required = field.name, not field.nullable
        if (choices := self._choices.get(self._field(name))) is not None:
            return columns.choice(name, choices, required=required)
        if pa.types.is_string(field.type) and name != "properties":
            filled = name in _IDS or (self._record, name) == (Event, "artifact")
            return columns.text(name, required=required, filled=filled)
        return _READ[field.type.id](columns, name)

    def _complete(
        self, columns: Columns, values: dict[str, list[Any]], numbers: Sequence[int]
    ) -> None:
        """Put in what a null stands for, and positions."""
        for name, default in self._defaults.items():
            if name in values:
                values[name] = [default if one is None else one for one in values[name]]
        if self._record in (Pipeline, Run, Context):
            ids = values["id"]
            given = values.get("name", [None] * columns.size)
            values["name"] = [
                other if one is None else one for one, other in zip(given, ids, strict=True)
            ]
        if self._record in (Event, Membership):
            values["position"] = [f"{self._place} row {number}" for number in numbers]

    def _looked_at(
        self, columns: Columns, made: list[Record], numbers: Sequence[int]
    ) -> Iterator[Record]:
        """The records, with those of marked rows made by the rules of lines."""
        start = 0
        for row in np.flatnonzero(columns.marked).tolist():
            again = self._by_line(columns, row, f"{self._place} row {numbers[row]}")
            yield from chain(made[start:row], again)
            start = row + 1
        yield from made[start:]

    def _by_line(self, columns: Columns, row: int, position: str) -> Iterable[Record]:
        if (reason := columns.refused.get(row)) is not None:
            return [SetAside(kind=self._kind, position=position, reason=reason)]
        properties = columns.raw["properties"][row] if "properties" in columns.raw else None
        try:
            line = document(self._kind, columns.row(row), properties)
        except ValueError as error:
            return [SetAside(kind=self._kind, position=position, reason=str(error))]
        return records_of(parse(line, position, self._kind), position)


def choices_of(record: type[Any]) -> dict[str, type[StrEnum]]:
    """The fields of a record that hold a member of an enumeration, and which."""
    found = {}
    for name, hint in get_type_hints(record).items():
        for arm in (hint, *get_args(hint)):
            if isinstance(arm, type) and issubclass(arm, StrEnum):
                found[name] = arm
    return found
