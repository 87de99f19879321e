"""What was computed again, at what cost, and by whom: what `lineage.redundancy` linked, told."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003  pydantic reads it
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from lineage.analyses.rows import Filters, Row, fetch
from lineage.tables import Drawn

if TYPE_CHECKING:
    from lineage.graph import Graph

DECOMPOSABLE = ("analysis", "transformation")
"""Classes whose work on several spans can be made of work on each, unless a caller says else."""


class Repeated(Row):
    """All of one unit and certainty; `analyses/redundancy_totals` says what the fields mean."""

    cost_unit: str | None
    certainty: str
    repeats: int
    saved: float
    share: float
    concurrent: int
    concurrent_cost: float


class RepeatedType(Row):
    """One native type; `analyses/redundancy_operators` says what the fields mean."""

    operator: str
    type: str
    executions: int
    repeats: int
    assumed: int
    within: int
    saved: float
    cost_unit: str | None
    share: float


class RepeatedBetween(Row):
    """Two pipelines; `analyses/redundancy_pipelines` says what the fields mean."""

    pipeline: str | None
    source: str
    original_pipeline: str | None
    original_source: str
    repeats: int
    assumed: int
    types: tuple[str, ...]
    saved: float
    cost_unit: str | None


class RepeatedComputation(Row):
    """One computation; `analyses/redundancy_worst` says what the fields mean."""

    original: str
    name: str
    type: str
    pipeline: str | None
    source: str
    repeats: int
    concurrent: int
    assumed: bool
    pipelines: int
    saved: float
    cost_unit: str | None
    first: datetime | None
    last: datetime | None
    output: str
    witness: str


class UnstableType(Row):
    """A type that is not deterministic; see `analyses/redundancy_unstable`."""

    operator: str
    type: str
    executions: int
    computations: int
    cost: float
    cost_unit: str | None
    example: str


class Windows(Row):
    """Sliding windows of one type; `analyses/redundancy_windows` says what the fields mean."""

    operator: str
    type: str
    executions: int
    overlapping: int
    spans: float
    overlap: float
    saved: float
    cost_unit: str | None


class Clash(Row):
    """A digest that stands for two sizes; see `analyses/redundancy_clashes`."""

    digest: str
    kind: str
    sizes: tuple[int, ...]
    artifacts: int
    repeats: int
    example: str


QUERIES: dict[str, type[Row]] = {
    "analyses/redundancy_totals": Repeated,
    "analyses/redundancy_operators": RepeatedType,
    "analyses/redundancy_pipelines": RepeatedBetween,
    "analyses/redundancy_worst": RepeatedComputation,
    "analyses/redundancy_unstable": UnstableType,
    "analyses/redundancy_windows": Windows,
    "analyses/redundancy_clashes": Clash,
}


class Redundancy(Drawn, BaseModel):
    """What was computed again.

    Attributes:
        totals: by unit of cost, proven and assumed apart.
        operators: by native type, most costly first.
        pipelines: by pair of pipelines, most costly first.
        worst: single computations, most costly first.
        unstable: types that wrote different content from the same inputs.
        windows: work on spans that a sliding window did again.
        clashes: digests that stand for artifacts of different sizes.
    """

    model_config = ConfigDict(frozen=True)

    totals: tuple[Repeated, ...]
    operators: tuple[RepeatedType, ...]
    pipelines: tuple[RepeatedBetween, ...]
    worst: tuple[RepeatedComputation, ...]
    unstable: tuple[UnstableType, ...]
    windows: tuple[Windows, ...]
    clashes: tuple[Clash, ...]


def redundancy(
    graph: Graph, filters: Filters | None = None, *, limit: int | None = 20
) -> Redundancy:
    """What was computed again, at what cost, and by whom.

    Args:
        graph: the graph, in which executions were compared (`Lineage.segment`).
        filters: choose the executions that repeat.
        limit: pairs of pipelines, and computations, at most; None means all.
    """
    name = "analyses/redundancy_"
    return Redundancy(
        totals=tuple(fetch(graph, f"{name}totals", Repeated, filters)),
        operators=tuple(fetch(graph, f"{name}operators", RepeatedType, filters)),
        pipelines=tuple(fetch(graph, f"{name}pipelines", RepeatedBetween, filters, limit=limit)),
        worst=tuple(fetch(graph, f"{name}worst", RepeatedComputation, filters, limit=limit)),
        unstable=tuple(fetch(graph, f"{name}unstable", UnstableType, filters)),
        windows=tuple(
            fetch(graph, f"{name}windows", Windows, filters, decomposable=list(DECOMPOSABLE))
        ),
        clashes=tuple(fetch(graph, f"{name}clashes", Clash, filters, limit=limit)),
    )
