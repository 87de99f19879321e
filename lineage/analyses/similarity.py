"""How like consecutive models of one trainer node are, by the spans that they were trained on."""

from __future__ import annotations

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


QUERIES: dict[str, type[Row]] = {"analyses/similarity": SimilarityRow}


def similarity(
    graph: Graph, filters: Filters | None = None, *, together: bool = False
) -> Rows[SimilarityRow]:
    """The distribution by pipeline, or over all pairs together."""
    found = fetch(graph, "analyses/similarity", SimilarityRow, filters, together=together)
    return Rows(rows=tuple(found))
