"""Each model's graphlet: its size, what it cost, and how like the one before it is."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003  pydantic reads it
from typing import TYPE_CHECKING, Literal, TypeAlias

from lineage.analyses.rows import Filters, Row, Rows, fetch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lineage.graph import Graph

Sort: TypeAlias = Literal["cost", "started", "executions", "key"]


class GraphletRow(Row):
    """One graphlet; `analyses/graphlets` says what the fields mean."""

    key: str
    source: str
    pipeline: str | None
    node: str | None
    trainer: str
    started: datetime | None
    state: str
    pushed: bool
    executions: int
    artifacts: int
    spans: int
    duration: float | None
    cost: float
    attributed_cost: float
    wasted: float
    wasted_share: float
    cost_unit: str | None
    jaccard: float | None


class GraphletTotal(Row):
    """How many graphlets there are."""

    graphlets: int


QUERIES: dict[str, type[Row]] = {
    "analyses/graphlets": GraphletRow,
    "analyses/graphlets_total": GraphletTotal,
}


def graphlets(
    graph: Graph,
    filters: Filters | None = None,
    sort: Sort = "cost",
    limit: int | None = None,
) -> Rows[GraphletRow]:
    """Graphlets in memory; `stream` for very many."""
    return Rows(rows=tuple(stream(graph, filters, sort, limit)))


def stream(
    graph: Graph,
    filters: Filters | None = None,
    sort: Sort = "cost",
    limit: int | None = None,
) -> Iterator[GraphletRow]:
    """Graphlets one at a time, in bounded memory."""
    return fetch(graph, "analyses/graphlets", GraphletRow, filters, sort=sort, limit=limit)


def total(graph: Graph, filters: Filters | None = None) -> int:
    """How many graphlets the filters choose."""
    return next(fetch(graph, "analyses/graphlets_total", GraphletTotal, filters)).graphlets
