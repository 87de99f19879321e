"""Intervals by resampling whole pipelines, as graphlets of one pipeline are much alike.

A. C. Cameron, J. B. Gelbach, D. L. Miller, *Bootstrap-Based Improvements for Inference with
Clustered Errors*, Review of Economics and Statistics 90(3), 2008. Every figure here is a function
of sums by pipeline, so that a resample costs a product with its weights.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

RESAMPLES = 500
FEW = 5
"""With fewer pipelines than these, resampling them says nothing: blocks of time are, instead."""
BLOCKS = 20
"""Blocks of time that few pipelines are cut into, in all."""
LEVEL = 0.95


@dataclass(frozen=True, eq=False)
class Resamples:
    """Resamples of the clusters of one part.

    Attributes:
        cluster: (n,) number of each graphlet's cluster, -1 outside of the part.
        weights: (resamples, clusters) how often each cluster was drawn.
        of: what the clusters are: "pipelines", or "blocks" of time.
        pipelines: numbers of the part's pipelines, rising; their places are the clusters', unless
            those are blocks.
    """

    cluster: NDArray[np.int64]
    weights: NDArray[np.float64]
    of: str
    pipelines: NDArray[np.int64]

    @property
    def count(self) -> int:
        """How many clusters."""
        return len(self.weights[0])

    def sums(self, rows: NDArray[np.int64], *values: NDArray[np.float64]) -> NDArray[np.float64]:
        """(clusters, values) sums by cluster.

        Args:
            rows: (k,) graphlets of the part.
            values: each (k,).
        """
        cluster = self.cluster[rows]
        parts = [np.bincount(cluster, weights=one, minlength=self.count) for one in values]
        return np.stack(parts, axis=1)

    def interval(
        self,
        sums: NDArray[np.float64],
        figure: Callable[[NDArray[np.float64]], NDArray[np.float64]],
        level: float = LEVEL,
    ) -> tuple[float, float] | None:
        """Percentile interval of a figure of sums; None where it is defined in no resample.

        Args:
            sums: (clusters, k).
            figure: of (resamples, k) sums, (resamples,) with NaN where it is not defined.
            level: share of resamples within.
        """
        with np.errstate(divide="ignore", invalid="ignore"):
            drawn = figure(self.weights @ sums)
        drawn = drawn[np.isfinite(drawn)]
        if not len(drawn):
            return None
        low, high = np.quantile(drawn, ((1 - level) / 2, (1 + level) / 2))
        return float(low), float(high)


def resample(
    pipelines: NDArray[np.int64], rows: NDArray[np.bool_], seed: int = 0, count: int = RESAMPLES
) -> Resamples:
    """Draw pipelines with replacement, or blocks of time where there are few pipelines.

    Args:
        pipelines: (n,) number of each graphlet's pipeline; graphlets are ordered by start.
        rows: (n,) bool, the part.
        seed: of random choices.
        count: how many resamples.
    """
    found, cluster = np.unique(pipelines[rows], return_inverse=True)
    of = "pipelines"
    if len(found) < FEW:
        of = "blocks"
        cluster = _blocks(cluster)
    clusters = int(cluster.max(initial=-1)) + 1
    rng = np.random.default_rng(seed)
    weights = np.empty((count, clusters))
    for draw in range(count):
        weights[draw] = np.bincount(rng.integers(0, max(clusters, 1), clusters), minlength=clusters)
    whole = np.full(len(pipelines), -1, np.int64)
    whole[rows] = cluster
    return Resamples(whole, weights, of, found)


def _blocks(pipeline: NDArray[np.int64]) -> NDArray[np.int64]:
    """Cut each pipeline's graphlets, in their order, into as many blocks as its share is."""
    result = np.zeros_like(pipeline)
    used = 0
    for number in np.unique(pipeline):
        rows = np.flatnonzero(pipeline == number)
        blocks = min(len(rows), max(2, round(BLOCKS * len(rows) / len(pipeline))))
        result[rows] = used + np.arange(len(rows)) * blocks // len(rows)
        used += blocks
    return result
