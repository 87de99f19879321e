"""How like consecutive models of one trainer node are: by their spans, their data, their code.

The study compares consecutive graphlets so (D. Xin et al., SIGMOD 2021). Decisions of ours: of
two models' data the newest spans are compared, and a feature that only one of them has counts 0.
"""

from __future__ import annotations

from datetime import datetime  # noqa: TC003  pydantic reads it
from typing import TYPE_CHECKING

from lineage.analyses.rows import Filters, Row, Rows, fetch

if TYPE_CHECKING:
    from lineage.graph import Graph


class SimilarityRow(Row):
    """The pairs of one pipeline, or of all; `analyses/similarity` says what the fields mean."""

    source: str | None
    pipeline: str | None
    pairs: int
    sharing: int
    sharing_share: float
    mean: float
    least: float
    lower: float
    median: float
    upper: float
    most: float
    edges: tuple[float, ...]
    counts: tuple[int, ...]


class LikenessRow(Row):
    """Pairs by data or code, as `SimilarityRow`; the queries say what the fields mean."""

    source: str | None
    pipeline: str | None
    pairs: int
    known: int
    same: int
    mean: float
    least: float
    lower: float
    median: float
    upper: float
    most: float


class FeatureRow(Row):
    """One feature; `analyses/similarity_features` says what the fields mean."""

    source: str
    feature: str
    kind: str
    pairs: int
    in_one: int
    mean: float | None
    most: float | None
    at: datetime | None
    agreeing: float | None


QUERIES: dict[str, type[Row]] = {
    "analyses/similarity": SimilarityRow,
    "analyses/similarity_data": LikenessRow,
    "analyses/similarity_code": LikenessRow,
    "analyses/similarity_features": FeatureRow,
}


def similarity(
    graph: Graph, filters: Filters | None = None, *, together: bool = False
) -> Rows[SimilarityRow]:
    """The distribution by pipeline, or over all pairs together."""
    found = fetch(graph, "analyses/similarity", SimilarityRow, filters, together=together)
    return Rows(rows=tuple(found))


def by_data(graph: Graph, filters: Filters | None = None) -> Rows[LikenessRow]:
    """By the distributions of features: over all pairs, then by pipeline."""
    return Rows(rows=tuple(fetch(graph, "analyses/similarity_data", LikenessRow, filters)))


def by_code(graph: Graph, filters: Filters | None = None) -> Rows[LikenessRow]:
    """By the code of trainers and transformations: over all pairs, then by pipeline."""
    return Rows(rows=tuple(fetch(graph, "analyses/similarity_code", LikenessRow, filters)))


def features(graph: Graph, pipeline: str, filters: Filters | None = None) -> Rows[FeatureRow]:
    """What changes in a pipeline's data, feature by feature, by Jensen-Shannon divergence."""
    chosen = (filters or Filters()).model_copy(update={"pipeline": pipeline})
    return Rows(rows=tuple(fetch(graph, "analyses/similarity_features", FeatureRow, chosen)))
