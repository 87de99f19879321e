"""From a report, or straight from the graph, to text, JSON, CSV or HTML."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, TextIO

from lineage.analyses.rows import Filters
from lineage.analyses.simulated import simulated
from lineage.report import machine
from lineage.report.model import build
from lineage.report.tables import Asked
from lineage.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lineage.graph import Graph
    from lineage.report.model import Format, Report

ROWS_FOR_PEOPLE = 20
ROWS_OF_A_PAGE = 100
"""In HTML, where tables can be searched."""


def render(report: Report, format: Format, *, width: int = 80, color: bool = False) -> str:  # noqa: A002
    """A report in memory as text, JSON, CSV or HTML."""
    if format == "text":
        from lineage.report.text import text

        return text(report, width, color=color)
    if format == "html":
        from lineage.report.html import page

        return page(report)
    out = io.StringIO(newline="")
    _machine(out, format, report.filters, machine.of_report(report), report.simulated)
    return out.getvalue()


def write(
    graph: Graph,
    out: TextIO,
    format: Format = "text",  # noqa: A002
    *,
    sections: Iterable[str] | None = None,
    filters: Filters | None = None,
    limit: int | None = None,
    width: int = 80,
    color: bool = False,
    settings: Settings | None = None,
    budget: float | None = None,
) -> None:
    """Ask the graph for a report and write it; JSON and CSV row by row, in bounded memory.

    Args:
        graph: the graph.
        out: where to.
        format: which form.
        sections: names of sections; none means all.
        filters: what to look at.
        limit: rows of each table at most; by default 20 in text, 100 in HTML, all for programs.
        width: columns of the terminal, for text.
        color: for text on a terminal.
        settings: for what is computed from rows.
        budget: bytes that may be kept, for the section `materialization`.

    Raises:
        NotFoundError: there is no such section.
    """
    filters = filters or Filters()
    if format in ("text", "html"):
        usual = ROWS_OF_A_PAGE if format == "html" else ROWS_FOR_PEOPLE
        kept = usual if limit is None else limit
        made = build(graph, sections, filters, kept, settings=settings, budget=budget)
        if format == "html":
            out.write(_page(graph, made))
        else:
            out.write(render(made, format, width=width, color=color))
    else:
        asked = Asked(graph, filters, limit, settings or Settings(), budget)
        tables = machine.of_graph(sections, asked)
        _machine(out, format, filters, tables, simulated(graph, filters))


def _page(graph: Graph, made: Report) -> str:
    """A page with the pictures of what its rows name."""
    from lineage.report.html import page
    from lineage.report.pictures import embedded

    return page(made, embedded(graph, made))


def _machine(
    out: TextIO,
    format: Format,  # noqa: A002
    filters: Filters,
    tables: machine.Tables,
    made_up: tuple[str, ...],
) -> None:
    if format == "json":
        machine.write_json(out, filters, tables, made_up)
    else:
        machine.write_csv(out, tables, made_up)
