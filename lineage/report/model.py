"""A report in memory."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, SerializeAsAny

from lineage.analyses.rows import Filters, Row, frame
from lineage.analyses.simulated import simulated
from lineage.errors import NotFoundError
from lineage.report.sections import SECTIONS, chosen
from lineage.report.tables import Asked
from lineage.settings import Settings
from lineage.tables import html_rows

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from lineage.graph import Graph
    from lineage.report.tables import Table

# Tables asked for at once: the server answers each with one core.
AT_ONCE = 2

MOST_SOURCES = 1_000
"""Sources that a report names."""

Format: TypeAlias = Literal["text", "json", "csv", "html"]


class TableData(BaseModel):
    """A table's rows; `left_out` more were there."""

    model_config = ConfigDict(frozen=True)

    name: str
    title: str
    rows: tuple[SerializeAsAny[Row], ...]
    left_out: int = 0

    def to_pandas(self) -> pd.DataFrame:
        """A data frame with a row for each.

        Raises:
            MissingExtraError: pandas is not installed.
        """
        return frame(self.rows)

    def _repr_html_(self) -> str:
        return html_rows(self.rows)


class SectionData(BaseModel):
    """A section's tables."""

    model_config = ConfigDict(frozen=True)

    name: str
    title: str
    tables: tuple[TableData, ...]


class Report(BaseModel):
    """What was asked for, in the order of the report.

    Attributes:
        made: when it was begun, UTC; None of one that was put together by hand.
        sources: names of the sources that it looked at, `MOST_SOURCES` at most.
        simulated: the sources in it that a simulation made up.
    """

    model_config = ConfigDict(frozen=True)

    filters: Filters
    made: datetime | None = None
    sources: tuple[str, ...] = ()
    simulated: tuple[str, ...] = ()
    sections: tuple[SectionData, ...]

    def table(self, section: str, table: str = "rows") -> TableData:
        """One table.

        Raises:
            NotFoundError: it is not in this report.
        """
        found = self.find(section, table)
        if found is None:
            raise NotFoundError(f"this report has no table {section}.{table}")
        return found

    def find(self, section: str, table: str = "rows") -> TableData | None:
        """One table; None where it is not in this report."""
        for data in self.sections:
            for one in data.tables:
                if (data.name, one.name) == (section, table):
                    return one
        return None

    def to_pandas(self, section: str, table: str = "rows") -> pd.DataFrame:
        """One table as a data frame.

        Raises:
            NotFoundError: it is not in this report.
            MissingExtraError: pandas is not installed.
        """
        return self.table(section, table).to_pandas()

    def render(self, format: Format = "text", *, width: int = 80, color: bool = False) -> str:  # noqa: A002
        """The report as text, JSON, CSV or one HTML page.

        Args:
            format: which of them.
            width: columns of the terminal, for text.
            color: for text on a terminal.
        """
        from lineage.report.render import render

        return render(self, format, width=width, color=color)

    def _repr_html_(self) -> str:
        from lineage.report.html import body

        return body(self)


def build(
    graph: Graph,
    sections: Iterable[str] | None = None,
    filters: Filters | None = None,
    limit: int | None = None,
    *,
    settings: Settings | None = None,
    budget: float | None = None,
) -> Report:
    """Ask the graph for a report.

    Args:
        graph: the graph.
        sections: names of sections; none means all.
        filters: what to look at.
        limit: rows of each table at most; None means all.
        settings: for what is computed from rows.
        budget: bytes that may be kept, for the section `materialization`.

    Raises:
        NotFoundError: there is no such section.
    """
    filters = filters or Filters()
    asked_for = Asked(graph, filters, limit, settings or Settings(), budget)
    wanted = chosen(sections)
    begun = datetime.now(UTC)
    pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="lineage-report")
    try:
        asked = [
            [pool.submit(_table, table, asked_for) for table in section.tables]
            for section in wanted
        ]
        made = tuple(
            SectionData(
                name=section.name,
                title=section.title,
                tables=tuple(table.result() for table in tables),
            )
            for section, tables in zip(wanted, asked, strict=True)
        )
    finally:
        # Whoever interrupts does not wait: what still runs ends with the connection.
        pool.shutdown(wait=False, cancel_futures=True)
    return Report(
        filters=filters,
        made=begun,
        sources=_sources(graph, filters),
        simulated=simulated(graph, filters),
        sections=made,
    )


def _sources(graph: Graph, filters: Filters) -> tuple[str, ...]:
    """The names of the sources that the filters let through."""
    if filters.source is not None:
        return (filters.source,)
    return tuple(row["name"] for row in graph.run("pages/loads", limit=MOST_SOURCES))


def _table(table: Table, asked: Asked) -> TableData:
    limit = None if table.whole else asked.limit
    found = table.rows(asked)
    rows = tuple(islice(found, limit))
    left_out = 0
    if limit is not None and table.total is not None:
        left_out = table.total(asked.graph, asked.filters) - len(rows) if len(rows) == limit else 0
    elif limit is not None:
        left_out = sum(1 for _ in found)
    return TableData(name=table.name, title=table.title, rows=rows, left_out=left_out)


def declared(section: str, table: str) -> Table:
    """The declaration of a table in a report."""
    return next(one for one in SECTIONS[section].tables if one.name == table)


def told(section: SectionData, filters: Filters) -> list[tuple[TableData, list[str]]]:
    """Tables as people see them, each with titles of those that lack rows for the same reason.

    A reason is a sentence that says what to do; a mere `none` each table says for itself.
    """
    by_reason: dict[str, list[str]] = {}
    found: list[tuple[TableData, list[str]]] = []
    for data in section.tables:
        reason = declared(section.name, data.name).nothing(filters)
        if data.rows or "`" not in reason:
            found.append((data, []))
        elif reason in by_reason:
            by_reason[reason].append(data.title)
        else:
            found.append((data, by_reason.setdefault(reason, [])))
    return found
