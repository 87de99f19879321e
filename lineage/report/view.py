"""A report as templates take it: cells with what they say, sort by and lead to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from shlex import quote
from typing import TYPE_CHECKING, Any, TypeAlias

from markupsafe import Markup

from lineage.report.actions import place
from lineage.report.model import declared, told
from lineage.report.statement import statement
from lineage.report.tables import shown, written
from lineage.safe import shortened, visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from lineage.analyses.rows import Filters, Row
    from lineage.report.model import Report, TableData
    from lineage.report.tables import Column, Table

    Links: TypeAlias = Callable[[str, str], str | None]

LONGEST = 100
"""Characters of a name in a cell."""

_ONE_LINE = 32
_WHOLE = 20_000


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell.

    Attributes:
        text: visible, shortened where it is long.
        whole: all of it, where it is shortened.
        shape: `num` of a number, which stands to the right; `fit` of what stays on one line.
        sort: what it is sorted by, where that is not its text.
        to: address of what it names.
        command: what draws what it names, where there is no address.
    """

    text: str
    whole: str | None
    shape: str
    sort: str | None
    to: str | None
    command: str | None


@dataclass(frozen=True, slots=True)
class TableView:
    """A table.

    Attributes:
        id: on the page.
        title: above it.
        head: titles of columns, and whether they hold numbers.
        rows: cells.
        plots: figures, as HTML.
        said: sentences below it.
        left_out: how many more rows there are.
        empty: what stands instead, where it has no rows.
        likewise: titles of the tables that have none for the same reason, and are left out.
        cypher: the query behind it.
    """

    id: str
    title: str
    head: tuple[tuple[str, bool], ...]
    rows: tuple[tuple[Cell, ...], ...]
    plots: Markup
    said: tuple[str, ...]
    left_out: int
    empty: str
    likewise: tuple[str, ...]
    cypher: str


@dataclass(frozen=True, slots=True)
class SectionView:
    """A section."""

    id: str
    title: str
    tables: tuple[TableView, ...]


def sections(report: Report, links: Links) -> Iterator[SectionView]:
    """The sections of a report.

    Args:
        report: with its rows.
        links: the address of a kind and key; None where it has none.
    """
    for section in report.sections:
        made = (
            _table(section.name, data, others, report.filters, links)
            for data, others in told(section, report.filters)
        )
        yield SectionView(section.name, section.title, tuple(made))


def nowhere(_kind: str, _key: str) -> None:
    """Links of a page that leads nowhere."""


def _table(
    section: str, data: TableData, others: Sequence[str], filters: Filters, links: Links
) -> TableView:
    table = declared(section, data.name)
    columns = shown(table.columns, data.rows) if data.rows else []
    return TableView(
        id=place(section, data.name),
        title=data.title,
        head=tuple((column.title, column.kind.right) for column in columns),
        rows=tuple(tuple(_cell(row, column, links) for column in columns) for row in data.rows),
        plots=_plots(data, table),
        said=tuple(table.says(row) for row in data.rows) if table.says else (),
        left_out=data.left_out,
        empty=table.nothing(filters),
        likewise=tuple(others),
        cypher=statement(table, filters, len(data.rows)),
    )


def _cell(row: Row, column: Column, links: Links) -> Cell:
    value, whole = getattr(row, column.field), visible(written(row, column)[:_WHOLE])
    text = shortened(whole, LONGEST)
    to = command = None
    key = getattr(row, column.key) if column.key else None
    if key is not None:
        to = links(column.of, key)
        if to is None and column.of == "graphlet":
            command = f"lineage show {quote(visible(key))} --format html --output graphlet.html"
    return Cell(
        text=text,
        whole=None if text == whole else whole,
        shape="num" if column.kind.right else "fit" if len(text) <= _ONE_LINE else "",
        sort=text if command else _sort(value),
        to=to,
        command=command,
    )


def _sort(value: Any) -> str | None:
    """Numbers and times sort as they are, what is not known last."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return None
    if isinstance(value, datetime):
        return value.isoformat()
    return f"{value:.12g}" if isinstance(value, int | float) else None


def _plots(data: TableData, table: Table) -> Markup:
    if not table.plots or not data.rows:
        return Markup("")
    from lineage.report.plots import figures  # Altair, only where something is drawn

    drawn = "".join(figure for plot in table.plots for figure in figures(plot, data.rows))
    return Markup(drawn)  # noqa: S704  (made safe where it is drawn)
