"""How sections and tables are declared, and how a cell is written for people."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from lineage.analyses.rows import Row, fetch
from lineage.report import units

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from lineage.analyses.rows import Filters
    from lineage.graph import Graph
    from lineage.settings import Settings

T = TypeVar("T")


class Kind(Enum):
    """What a column holds, which says how it is written and aligned."""

    TEXT = "text"
    COUNT = "count"
    COST = "cost"
    SIZE = "size"  # in bytes, with a tilde where the row is `estimated`
    SECONDS = "seconds"
    DAYS = "days"
    SHARE = "share"
    RATIO = "ratio"
    TIME = "time"
    FLAG = "flag"
    AMOUNT = "amount"  # in the row's `unit`
    TYPE = "type"  # a native type, by its last part
    MEASURE = "measure"  # what is measured, with that unit where the amounts do not tell it

    @property
    def right(self) -> bool:
        """Whether it is a number."""
        return self not in (Kind.TEXT, Kind.TYPE, Kind.TIME, Kind.FLAG, Kind.MEASURE)


@dataclass(frozen=True, slots=True)
class Column:
    """A column as people see it.

    Attributes:
        field: of the row.
        title: above the column.
        kind: what it holds.
        rank: 0 is always shown; of the others the highest goes first when the page is narrow.
        key: field that holds the key of what the cell names, to lead there.
        of: what that is: graphlet, execution, artifact; pipeline, by its name.
    """

    field: str
    title: str
    kind: Kind = Kind.TEXT
    rank: int = 0
    key: str | None = None
    of: str = "graphlet"


@dataclass(frozen=True, slots=True)
class Histograms:
    """Plots of a table of distributions: a histogram for each row.

    Attributes:
        title: field that names what is measured; its unit is in the field `unit`, the histogram in
            `edges` and `counts`, or fixed by the arguments.
        of: what is counted, the title of the other axis.
        name: what is measured, where no field says so.
        unit: its unit, where no field says so.
    """

    of: str
    title: str | None = "measure"
    name: str = ""
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Bars:
    """A plot of a table: a bar for each row.

    Attributes:
        label: field that names the row.
        value: field that says how long the bar is.
        title: above the plot.
        kind: of the value: a share, a count, or a cost in the unit that `by` names.
        label_kind: of the label: a text or a native type.
        by: field whose every value has a plot of its own, such as the unit of cost.
    """

    label: str
    value: str
    title: str
    kind: Kind = Kind.SHARE
    by: str | None = None
    label_kind: Kind = Kind.TEXT


@dataclass(frozen=True, slots=True)
class Lines:
    """A plot of a table: a line for each of several fields, all shares.

    Attributes:
        x: field along the axis, a share.
        ys: fields of the lines, named so.
        title: above the plot.
        x_title: of the axis.
        y_title: of the other axis.
        diagonal: draw where both are equal, too.
    """

    x: str
    ys: tuple[str, ...]
    title: str
    x_title: str
    y_title: str
    diagonal: bool = False


Plot: TypeAlias = Histograms | Bars | Lines


@dataclass(frozen=True)
class Asked:
    """What a report is asked for.

    Attributes:
        graph: the graph.
        filters: what to look at.
        limit: rows of each table at most; None means all.
        settings: for what is computed from rows.
        budget: bytes that may be kept; None where none is given.
    """

    graph: Graph
    filters: Filters
    limit: int | None
    settings: Settings
    budget: float | None = None
    _made: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)
    _lock: Lock = field(default_factory=Lock, repr=False, compare=False)

    def once(self, name: str, work: Callable[[], T]) -> T:
        """What several tables are made of, worked out for the first of them."""
        with self._lock:
            if name not in self._made:
                self._made[name] = work()
            found: T = self._made[name]
            return found


@dataclass(frozen=True, slots=True)
class Table:
    """One table of a section: a query, its rows, and the columns that people see.

    JSON and CSV hold every field of the row; text and HTML the columns.

    Attributes:
        name: within the section; `rows` for the main one.
        title: above the table.
        query: its name in `cypher/`.
        row: the model of its rows.
        columns: for people.
        given: parameters of the query besides the filters.
        limited: the query takes `$limit`, and `total` counts what there is.
        total: how many rows there are in all.
        says: a sentence for each row, below the table.
        empty: instead of a table without rows.
        empty_of_one: likewise, where one pipeline was named.
        plots: drawn above the table in HTML.
        made: makes the rows, where they are not just those of the query.
        whole: never cut, as the top of the page rests on it; it has few rows.
    """

    name: str
    title: str
    query: str
    row: type[Row]
    columns: tuple[Column, ...]
    given: dict[str, Any] = field(default_factory=dict)
    limited: bool = False
    total: Callable[[Graph, Filters], int] | None = None
    says: Callable[[Any], str] | None = None
    empty: str = "none"
    empty_of_one: str | None = None
    plots: tuple[Plot, ...] = ()
    made: Callable[[Asked], Iterable[Row]] | None = None
    whole: bool = False

    def nothing(self, filters: Filters) -> str:
        """What stands instead of a table without rows."""
        return self.empty if filters.pipeline is None else self.empty_of_one or self.empty

    def rows(self, asked: Asked) -> Iterator[Row]:
        """The rows, one at a time; the limit holds where the query takes one."""
        if self.made is not None:
            return iter(self.made(asked))
        given = self.given | ({"limit": asked.limit} if self.limited else {})
        return fetch(asked.graph, self.query, self.row, asked.filters, **given)


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the report that can be asked for by name."""

    name: str
    title: str
    tables: tuple[Table, ...]


def written(row: Row, column: Column) -> str:
    """A cell for people, not yet made safe to show."""
    value = getattr(row, column.field)
    if value is None:
        return units.NOTHING
    if column.kind is Kind.COST:
        unit = getattr(row, "cost_unit", None)
        return units.NOTHING if unit is None else units.amount(value, unit)
    if column.kind is Kind.SIZE:
        return ("~" if getattr(row, "estimated", False) else "") + units.size(value)
    if column.kind is Kind.AMOUNT:
        return units.amount(value, getattr(row, "unit", None))
    if column.kind is Kind.MEASURE:
        unit = getattr(row, "unit", None)
        return str(value) if units.is_told(unit) or unit == "/d" else f"{value} ({unit})"
    return _WRITERS[column.kind](value)


def shown(columns: Sequence[Column], rows: Sequence[Row]) -> list[Column]:
    """The columns worth showing.

    A source that is the same in all rows says nothing. A unit of cost that the amounts do not tell
    has a column of its own, or long ones would leave no room for numbers.
    """
    kept = [
        column
        for column in columns
        if column.field != "source"
        or len({getattr(row, "source", None) for row in rows} - {None}) > 1
    ]
    costs = [place for place, column in enumerate(kept) if column.kind is Kind.COST]
    told = all(units.is_told(getattr(row, "cost_unit", None)) for row in rows)
    if costs and not told and all(column.field != "cost_unit" for column in kept):
        kept.insert(costs[0], Column("cost_unit", "unit"))
    return kept


_WRITERS: dict[Kind, Callable[[Any], str]] = {
    Kind.TEXT: str,
    Kind.TYPE: units.last_part,
    Kind.COUNT: units.count,
    Kind.SECONDS: units.duration,
    Kind.DAYS: lambda value: f"{value:,.1f} d",
    Kind.SHARE: units.share,
    Kind.RATIO: lambda value: f"{value:.2f}",
    Kind.TIME: units.moment,
    Kind.FLAG: lambda value: "yes" if value else "no",
}
