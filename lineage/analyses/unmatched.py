"""Native types that no rule or name matched, so that nobody's trainer is silently missed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lineage.analyses.rows import Filters, Row, Rows, fetch

if TYPE_CHECKING:
    from lineage.graph import Graph


class UnmatchedRow(Row):
    """A native type, and for executions a node, whose class is only a guess."""

    kind: str
    type: str
    node: str | None
    count: int
    sources: tuple[str, ...]


QUERIES: dict[str, type[Row]] = {"analyses/unmatched": UnmatchedRow}


def unmatched(graph: Graph, source: str | None = None) -> Rows[UnmatchedRow]:
    """Every unmatched type with its count, executions first, most frequent first."""
    found = fetch(graph, "analyses/unmatched", UnmatchedRow, Filters(source=source))
    return Rows(rows=tuple(found))
