"""What was spent on models that were not pushed, on what, and why they were not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lineage.analyses.rows import Filters, Row, Rows, fetch

if TYPE_CHECKING:
    from lineage.graph import Graph


class Wasted(Row):
    """A pipeline, class of operator, family or month; `analyses/waste` says what fields mean."""

    by: str
    name: str | None
    source: str | None
    graphlets: int | None
    pushed: int | None
    cost: float
    wasted: float
    share: float
    of_all: float
    cost_unit: str | None


class Undecided(Row):
    """Graphlets not known to be waste; `analyses/waste_undecided` says what fields mean."""

    what: str
    graphlets: int
    cost: float
    cost_unit: str | None
    counted: bool
    hours: float | None
    example: str


class WastePipeline(Row):
    """A pipeline and what to do; `analyses/waste_pipelines` says what fields mean."""

    pipeline: str
    source: str
    models: int
    pushed: int
    failed: int
    unchecked: int
    rejected: int
    abandoned: int
    throttled: int
    unexplained: int
    wasted: float
    cost_unit: str | None
    reason: str
    advice: str


QUERIES: dict[str, type[Row]] = {
    "analyses/waste": Wasted,
    "analyses/waste_undecided": Undecided,
    "analyses/waste_pipelines": WastePipeline,
}


def wasted(graph: Graph, filters: Filters | None = None) -> Rows[Wasted]:
    """All breakdowns of wasted cost; the rows of each add up to all that was wasted."""
    return Rows(rows=tuple(fetch(graph, "analyses/waste", Wasted, filters)))


def undecided(
    graph: Graph, filters: Filters | None = None, push_hours: float | None = None
) -> Rows[Undecided]:
    """What is left out, or may still change.

    Args:
        graph: the graph.
        filters: what to look at.
        push_hours: after so many hours a model counts as not pushed; None estimates it.
    """
    found = fetch(graph, "analyses/waste_undecided", Undecided, filters, push_hours=push_hours)
    return Rows(rows=tuple(found))


def pipelines(
    graph: Graph, filters: Filters | None = None, limit: int | None = 20
) -> Rows[WastePipeline]:
    """What to do, the most wasteful pipelines first."""
    found = fetch(graph, "analyses/waste_pipelines", WastePipeline, filters, limit=limit)
    return Rows(rows=tuple(found))
