"""What stopping would have saved: the record, replayed with a threshold.

An execution is saved when all graphlets that hold it are stopped before it is spent. So it is
saved from the threshold on at which the last of them stops, which is the highest of their scores:
one sort gives what every threshold saves.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from lineage.waste.freshness import Freshness, freshness
from lineage.waste.results import CostsUsed, Curve, Point
from lineage.waste.table import factorize

if TYPE_CHECKING:
    from lineage.waste.labels import Labels
    from lineage.waste.splits import Part
    from lineage.waste.stages import Stage
    from lineage.waste.table import FeatureTable, Work

Scores: TypeAlias = NDArray[np.float64]

POINTS = 100
"""Thresholds of a curve: quantiles of the scores."""


@dataclass(frozen=True, eq=False)
class Costs:
    """Executions whose cost counts: those of the unit that has the most.

    Attributes:
        cost: (m,) float64; 0 where unknown or in another unit.
        used: what that is.
    """

    cost: NDArray[np.float64]
    used: CostsUsed


def costs(table: FeatureTable, work: Work) -> Costs:
    """Choose the unit of cost; costs of different units have no sum.

    An execution is in the unit of the graphlets that hold it, and in none when they differ.
    """
    units, names = factorize(table.cost_unit)
    held = np.diff(work.indptr) > 0
    first = np.zeros(len(work), np.int64)
    top = np.full(len(work), -1, np.int64)
    if len(work.indices):
        of = units[work.indices]
        begins = work.indptr[:-1][held]
        first[held] = np.minimum.reduceat(of, begins)
        top[held] = np.maximum.reduceat(of, begins)
    unknown = ~np.isfinite(work.cost) | (work.cost < 0)
    cost = np.where(unknown | ~held, 0.0, work.cost)
    unit = np.where(first == top, first, len(names))
    totals = np.bincount(unit[held], cost[held], minlength=len(names) + 1)
    chosen = int(np.argmax(totals[:-1])) if names else -1
    counts = held & (unit == chosen)
    others = {
        name or "unknown": float(totals[number])
        for number, name in enumerate([*names, "several"])
        if number != chosen and totals[number] > 0
    }
    used = CostsUsed(
        unit=names[chosen] if names else "",
        executions=int((counts & ~unknown).sum()),
        unknown=int((counts & unknown).sum()),
        left_out=others,
    )
    return Costs(np.where(counts, cost, 0.0), used)


@dataclass(frozen=True, eq=False)
class Replay:
    """One part of the record, ready to be replayed.

    Attributes:
        part: whose graphlets may be stopped.
        pushed: (n,) labels.
        cost: (w,) of the executions that only unpushed graphlets of the part hold.
        rank: (w,) of theirs.
        indptr: (w + 1,) where the holders of each begin.
        indices: their holders.
        freshness: of deployed models.
    """

    part: Part
    pushed: NDArray[np.bool_]
    cost: NDArray[np.float64]
    rank: NDArray[np.int8]
    indptr: NDArray[np.int64]
    indices: NDArray[np.int32]
    freshness: Freshness

    @property
    def wasted(self) -> float:
        """Wasted cost of the part."""
        return float(self.cost.sum())

    def falls(self, stage: Stage, scores: Scores) -> Scores:
        """(w,) the highest score of each execution's holders; it is saved above it.

        Infinite where no threshold saves it, because it is spent by the stage.
        """
        if not len(self.cost):
            return np.empty(0)
        known = np.where(np.isnan(scores), np.inf, scores)
        last = np.maximum.reduceat(known[self.indices], self.indptr[:-1])
        return np.where(self.rank > stage.rank, last, np.inf)

    def stopped(self, scores: Scores, threshold: float) -> NDArray[np.bool_]:
        """(n,) the graphlets that a threshold stops."""
        return self.part.rows & (scores < threshold)

    def saved(self, stage: Stage, scores: Scores, thresholds: Scores) -> Scores:
        """(t,) cost of the executions that each threshold saves."""
        falls = self.falls(stage, scores)
        order = np.argsort(falls)
        total = np.concatenate(([0.0], np.cumsum(self.cost[order])))
        saved: Scores = total[np.searchsorted(falls[order], thresholds, side="left")]
        return saved

    def lost(self, scores: Scores, threshold: float) -> NDArray[np.bool_]:
        """(n,) graphlets whose push a threshold loses."""
        return self.stopped(scores, threshold) & self.pushed


def replay(table: FeatureTable, work: Work, cost: Costs, labels: Labels, part: Part) -> Replay:
    """Prepare a part of the record.

    Args:
        table: all graphlets.
        work: all executions.
        cost: theirs, in one unit.
        labels: of the graphlets.
        part: the graphlets that may be stopped; all others survive, and what they hold.
    """
    bad = labels.unpushed & part.rows
    counts = np.diff(work.indptr)
    wasted = (counts > 0) & (cost.cost > 0)
    if len(work.indices):
        all_bad = np.logical_and.reduceat(bad[work.indices], work.indptr[:-1][counts > 0])
        wasted[counts > 0] &= all_bad
    within = np.repeat(wasted, counts)
    indptr = np.concatenate(([0], np.cumsum(counts[wasted])))
    return Replay(
        part=part,
        pushed=labels.pushed & part.rows,
        cost=cost.cost[wasted],
        rank=work.rank[wasted],
        indptr=indptr,
        indices=work.indices[within],
        freshness=freshness(table, labels, part),
    )


def curve(stage: Stage, predictor: str, scores: Scores, record: Replay) -> Curve:
    """What about a hundred thresholds save and lose, from none to all stopped."""
    part = scores[record.part.rows]
    part = part[np.isfinite(part)]
    if not len(part):
        return Curve(stage=stage, predictor=predictor, points=())
    steps = np.unique(np.quantile(part, np.linspace(0, 1, POINTS + 1), method="lower"))
    thresholds = np.append(steps, np.nextafter(steps[-1], np.inf))
    saved = record.saved(stage, scores, thresholds) / (record.wasted or 1.0)
    pushes = max(int(record.pushed.sum()), 1)
    points = []
    for threshold, saving in zip(thresholds.tolist(), saved.tolist(), strict=True):
        lost = record.lost(scores, threshold)
        points.append(
            Point(
                threshold=threshold,
                saving=saving,
                freshness_loss=record.freshness.loss(lost),
                pushes_lost=int(lost.sum()) / pushes,
            )
        )
    return Curve(stage=stage, predictor=predictor, points=tuple(points))


def choose_threshold(
    stage: Stage, scores: Scores, record: Replay, max_freshness_loss: float
) -> float | None:
    """The threshold that saves the most without losing more freshness than allowed.

    Both rise with the threshold, and freshness is lost only where a pushed graphlet is stopped, so
    that the last bearable one is found by halving.

    Returns:
        The middle between two scores; None when nothing can be saved.
    """
    hits = np.unique(scores[record.pushed & np.isfinite(scores)])
    low, high = 0, len(hits) + 1  # pushed scores that are lost: `low` are bearable, `high` not
    while high - low > 1:
        middle = (low + high) // 2
        limit = np.nextafter(hits[middle - 1], np.inf)
        if record.freshness.loss(record.lost(scores, limit)) <= max_freshness_loss:
            low = middle
        else:
            high = middle
    ceiling = float(hits[low]) if low < len(hits) else np.inf
    falls = record.falls(stage, scores)
    bearable = falls[falls < ceiling]
    if not len(bearable):
        return None
    last = float(bearable.max())
    part = scores[record.part.rows]
    above = part[part > last]
    following = float(above.min()) if len(above) else np.nextafter(last, np.inf)
    middle_score = (last + following) / 2
    return middle_score if middle_score > last else following
