"""How well pushes are predicted, on graphlets that no choice was made on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from lineage.waste.resample import LEVEL, Resamples
from lineage.waste.results import Bin, Estimate, Figures

if TYPE_CHECKING:
    from collections.abc import Callable

    from lineage.waste.stages import Stage

Scores: TypeAlias = NDArray[np.float64]
Pushed: TypeAlias = NDArray[np.bool_]

BINS = 10
AUC_BINS = 256
"""Bins of scores that the interval of an AUC is computed with; the AUC itself is exact."""
CHANCE = 0.99
"""Level of the interval that an AUC must clear 0.5 with: one in five stages would otherwise seem to
beat chance too often."""


@dataclass(frozen=True, eq=False)
class Trial:
    """Graphlets to evaluate on.

    Attributes:
        rows: (k,) their rows in the table.
        pushed: (k,) their labels.
        resamples: of their clusters.
    """

    rows: NDArray[np.int64]
    pushed: Pushed
    resamples: Resamples


def best_threshold(scores: Scores, pushed: Pushed) -> float:
    """The threshold with the best balanced accuracy; those under it are told unpushed.

    Args:
        scores: (n,) probabilities.
        pushed: (n,) labels.

    Returns:
        The middle between two scores; 0 when nothing is known.
    """
    known = np.isfinite(scores)
    scores, pushed = scores[known], pushed[known]
    if not len(scores):
        return 0.0
    order = np.argsort(scores, kind="stable")
    ranked, hits = scores[order], pushed[order]
    below = np.concatenate(([0], np.cumsum(~hits)))  # unpushed among the first k
    lost = np.concatenate(([0], np.cumsum(hits)))
    gain = below / max(int(below[-1]), 1) - lost / max(int(lost[-1]), 1)
    # A threshold can only lie where the score changes.
    cuts = np.flatnonzero(np.concatenate(([True], ranked[1:] > ranked[:-1], [True])))
    cut = int(cuts[np.argmax(gain[cuts])])
    if cut == 0:
        return float(min(ranked[0], 0.0))
    if cut == len(ranked):
        return float(np.nextafter(ranked[-1], np.inf))
    return float((ranked[cut - 1] + ranked[cut]) / 2)


def auc(scores: Scores, pushed: Pushed) -> float | None:
    """Area under the receiver's curve, ties counting half; None with one class only."""
    positives = int(pushed.sum())
    negatives = len(pushed) - positives
    if not positives or not negatives:
        return None
    values, place = np.unique(scores, return_inverse=True)
    good = np.bincount(place, weights=pushed, minlength=len(values))
    bad = np.bincount(place, weights=~pushed, minlength=len(values))
    won = float((good * (np.cumsum(bad) - bad / 2)).sum())
    return won / positives / negatives


def balanced(scores: Scores, pushed: Pushed, threshold: float) -> float:
    """Balanced accuracy; a class that is missing counts as told right by half."""
    told = scores < threshold
    parts = [float(right.mean()) if len(right) else 0.5 for right in (told[~pushed], ~told[pushed])]
    return sum(parts) / 2


def figures(stage: Stage, predictor: str, scores: Scores, threshold: float, test: Trial) -> Figures:
    """All figures of one predictor.

    Args:
        stage: when it is asked.
        predictor: its name.
        scores: (n,) probabilities of all graphlets of the table; NaN where unknown.
        threshold: chosen elsewhere.
        test: what to test on.
    """
    known = np.isfinite(scores[test.rows])
    rows, pushed = test.rows[known], test.pushed[known]
    part = scores[rows]
    told = part < threshold
    counts = test.resamples.sums(
        rows,
        *(one.astype(np.float64) for one in (told & ~pushed, told & pushed, ~told & ~pushed)),
        (~told & pushed).astype(np.float64),
        (part - pushed) ** 2,
    )
    bins = calibration(part, pushed)
    area, sure = _auc_estimate(part, pushed, rows, test.resamples)
    return Figures(
        stage=stage,
        predictor=predictor,
        threshold=threshold,
        balanced_accuracy=estimate(counts, _balanced, test.resamples),
        precision=estimate(counts, lambda one: one[:, 0] / (one[:, 0] + one[:, 1]), test.resamples),
        recall=estimate(counts, lambda one: one[:, 0] / (one[:, 0] + one[:, 2]), test.resamples),
        brier=estimate(counts, lambda one: one[:, 4] / one[:, :4].sum(axis=1), test.resamples),
        auc=area,
        chance=not sure,
        expected_error=_expected_error(bins),
        calibration=bins,
        graphlets=len(rows),
        pushed=int(pushed.sum()),
    )


def _balanced(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    right, lost, missed, kept = counts[:, :4].T
    both: NDArray[np.float64] = (right / (right + missed) + kept / (kept + lost)) / 2
    return both


def estimate(
    sums: NDArray[np.float64],
    figure: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    resamples: Resamples,
) -> Estimate:
    """A figure of sums by cluster, with its interval.

    Args:
        sums: (clusters, k).
        figure: of (r, k) sums, (r,).
        resamples: of the clusters.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        value = float(figure(sums.sum(axis=0, keepdims=True))[0])
    if not np.isfinite(value):
        return Estimate(value=None)
    low, high = resamples.interval(sums, figure) or (None, None)
    return Estimate(value=value, low=low, high=high)


def _auc_estimate(
    scores: Scores, pushed: Pushed, rows: NDArray[np.int64], resamples: Resamples
) -> tuple[Estimate, bool]:
    """The AUC, and whether it is better than chance."""
    value = auc(scores, pushed)
    if value is None:
        return Estimate(value=None), False
    edges = np.unique(np.quantile(scores, np.linspace(0, 1, AUC_BINS + 1)[1:-1]))
    place = np.searchsorted(edges, scores, side="right")
    bins = len(edges) + 1
    cell = (resamples.cluster[rows] * 2 + pushed) * bins + place
    sums = np.bincount(cell, minlength=resamples.count * 2 * bins).astype(np.float64)
    sums = sums.reshape(resamples.count, 2 * bins)
    shift = value - float(_binned(sums.sum(axis=0, keepdims=True))[0])
    ends = [resamples.interval(sums, _binned, level) for level in (LEVEL, CHANCE)]
    if ends[0] is None or ends[1] is None:
        return Estimate(value=value), False
    low, high = (min(max(end + shift, 0.0), 1.0) for end in ends[0])
    return Estimate(value=value, low=low, high=high), ends[1][0] + shift > 0.5


def _binned(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """AUC from counts of unpushed, then of pushed, by bin."""
    bad, good = np.split(counts, 2, axis=1)
    won = (good * (np.cumsum(bad, axis=1) - bad / 2)).sum(axis=1)
    area: NDArray[np.float64] = won / good.sum(axis=1) / bad.sum(axis=1)
    return area


def calibration(scores: Scores, pushed: Pushed, bins: int = BINS) -> tuple[Bin, ...]:
    """Bins of about as many graphlets each; the same prediction is never in two of them."""
    if not len(scores):
        return ()
    edges = np.unique(np.quantile(scores, np.linspace(0, 1, bins + 1)[1:-1]))
    place = np.searchsorted(edges, scores, side="right")
    counts = np.bincount(place, minlength=len(edges) + 1)
    means = np.bincount(place, weights=scores, minlength=len(counts))
    hits = np.bincount(place, weights=pushed, minlength=len(counts))
    return tuple(
        Bin(predicted=float(mean / count), pushed=float(hit / count), graphlets=int(count))
        for mean, hit, count in zip(means, hits, counts, strict=True)
        if count
    )


def _expected_error(bins: tuple[Bin, ...]) -> float | None:
    total = sum(one.graphlets for one in bins)
    if not total:
        return None
    return sum(abs(one.predicted - one.pushed) * one.graphlets for one in bins) / total
