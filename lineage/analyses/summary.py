"""The whole graph at a glance: how much, what it cost, what was wasted, what is not known."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003  pydantic reads it
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from lineage.analyses.rows import Filters, Row, fetch

if TYPE_CHECKING:
    from lineage.graph import Graph


class Count(Row):
    """How many of one thing, and over which time."""

    what: str
    count: int
    first: datetime | None
    last: datetime | None


class OperatorCost(Row):
    """What one class of operator cost, in one unit."""

    operator: str
    executions: int
    in_graphlets: int
    cost: float
    cost_unit: str | None
    share: float
    cost_in_graphlets: float
    cost_outside: float


class Reconciliation(Row):
    """Attributed and outside costs against the total, in one unit, and what was wasted of it."""

    cost_unit: str
    attributed: float
    outside: float
    total: float
    difference: float
    wasted: float
    wasted_share: float
    wasted_executions: int
    undecided: float


class Gap(Row):
    """Something that the graph does not know."""

    gap: str
    what: str | None
    count: int


QUERIES: dict[str, type[Row]] = {
    "analyses/summary_counts": Count,
    "analyses/summary_costs": Reconciliation,
    "analyses/summary_operators": OperatorCost,
    "analyses/summary_gaps": Gap,
}


class Summary(BaseModel):
    """The whole graph at a glance.

    Attributes:
        counts: of everything, in the order of the schema.
        costs: one reconciliation for each unit of cost.
        operators: what each class of operator cost.
        gaps: how complete all of it is.
    """

    model_config = ConfigDict(frozen=True)

    counts: tuple[Count, ...]
    costs: tuple[Reconciliation, ...]
    operators: tuple[OperatorCost, ...]
    gaps: tuple[Gap, ...]

    def count(self, what: str) -> int:
        """How many there are of one thing, such as `graphlets pushed`."""
        return next((row.count for row in self.counts if row.what == what), 0)


def summary(graph: Graph, filters: Filters | None = None) -> Summary:
    """Counts, costs, waste and completeness."""
    return Summary(
        counts=tuple(fetch(graph, "analyses/summary_counts", Count, filters)),
        costs=tuple(fetch(graph, "analyses/summary_costs", Reconciliation, filters)),
        operators=tuple(fetch(graph, "analyses/summary_operators", OperatorCost, filters)),
        gaps=tuple(fetch(graph, "analyses/summary_gaps", Gap, filters)),
    )
