"""What models are like, all together: the figures of Xin et al. (SIGMOD 2021), on any graph."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from lineage.analyses.rows import Distribution, Filters, Row, fetch

if TYPE_CHECKING:
    from lineage.graph import Graph


class Rate(Row):
    """How many graphlets something happened to."""

    what: str
    graphlets: int
    of: int
    share: float


class Family(Row):
    """A family of models, in one unit of cost; `analyses/models_families` says what fields mean."""

    family: str | None
    pipelines: int
    pipelines_share: float
    models: int
    models_share: float
    failed: int
    failed_share: float
    pushed: int
    pushed_share: float
    cost: float
    cost_unit: str | None
    cost_share: float


QUERIES: dict[str, type[Row]] = {
    "analyses/models_distributions": Distribution,
    "analyses/models_rates": Rate,
    "analyses/models_families": Family,
}


class Models(BaseModel):
    """The models of a corpus.

    Attributes:
        rates: how many were pushed, failed, or are open.
        families: most models first.
        distributions: over graphlets, one for each measure that is known of any.
    """

    model_config = ConfigDict(frozen=True)

    rates: tuple[Rate, ...]
    families: tuple[Family, ...]
    distributions: tuple[Distribution, ...]


def models(graph: Graph, filters: Filters | None = None) -> Models:
    """Push and failure rates, families, and how large, long and dear graphlets are."""
    return Models(
        rates=tuple(fetch(graph, "analyses/models_rates", Rate, filters)),
        families=tuple(fetch(graph, "analyses/models_families", Family, filters)),
        distributions=tuple(fetch(graph, "analyses/models_distributions", Distribution, filters)),
    )
