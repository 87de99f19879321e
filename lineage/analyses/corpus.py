"""What pipelines are like, all together: the figures of Xin et al. (SIGMOD 2021), on any graph."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from lineage.analyses.rows import Distribution, Filters, Row, fetch

if TYPE_CHECKING:
    from lineage.graph import Graph


class OperatorPresence(Row):
    """How common one class of operator is, and how often it fails."""

    operator: str
    pipelines: int
    pipelines_share: float
    executions: int
    cached: int
    ended: int
    failed: int
    failed_share: float


QUERIES: dict[str, type[Row]] = {
    "analyses/corpus_distributions": Distribution,
    "analyses/corpus_operators": OperatorPresence,
}


class Corpus(BaseModel):
    """The pipelines of a corpus.

    Attributes:
        distributions: over pipelines, one for each measure that is known of any.
        operators: each class, most common first.
    """

    model_config = ConfigDict(frozen=True)

    distributions: tuple[Distribution, ...]
    operators: tuple[OperatorPresence, ...]


def corpus(graph: Graph, filters: Filters | None = None) -> Corpus:
    """Lifespans, rates, sizes and data of pipelines, and the operators that they have."""
    return Corpus(
        distributions=tuple(fetch(graph, "analyses/corpus_distributions", Distribution, filters)),
        operators=tuple(fetch(graph, "analyses/corpus_operators", OperatorPresence, filters)),
    )
