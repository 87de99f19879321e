"""The optimum in hindsight of a cache: what no policy can exceed, and what can be reached.

Between two accesses to one item lies an interval in which the item is kept or not: keeping it takes
its size in all of the interval and saves one computation. The optimum is the most valuable set of
intervals that never takes more than the budget. With sizes that differ it is NP-hard (M. Chrobak,
G. Woeginger, K. Makino, H. Xu, *Caching is hard - even in the fault model*, Algorithmica 2012).

- exact: that set by integer programming, for small traces, proven to a millionth.
- bound: no less than the optimum. Intervals may be kept in part, which makes a minimum cost flow
  of it (FOO: D. S. Berger, N. Beckmann, M. Harchol-Balter, *Practical Bounds on Optimal Caching
  with Variable Object Sizes*, SIGMETRICS 2018). Here its dual is approached: a price of a byte at
  each moment. Whatever the prices are, the budget at those prices plus what intervals are worth
  more than they pay is no less than the optimum (weak duality), so the best prices found are a
  bound even where they are not the best there are.
- offline: a set of intervals that does fit, by the prices: when room is short, what has the least
  worth per byte left after the price of the rest of its interval goes first.
"""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from lineage.reuse.replay import Floats, Saving, Trace

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lineage.reuse.replay import Places

MOST_EXACT = 300
"""Intervals up to which the exact set is asked for."""

MOST_FILLED = 20_000
"""Intervals up to which room that a plan leaves is looked for."""

_WINDOWS, _ROUNDS = 1_024, 30
_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Hindsight:
    """What could have been saved by one who knows the future.

    Attributes:
        bound: no policy saves more.
        offline: what a plan saves that fits.
        exact: the optimum; None where there are more than `MOST_EXACT` intervals, or none was
            proven in time.
    """

    bound: float
    offline: Saving
    exact: Saving | None


class Intervals:
    """The intervals of a trace that are worth keeping, and that fit.

    Attributes:
        begin: (k,) place of the access at which each begins.
        end: (k,) place of the next access to the item.
        size: (k,) bytes.
        worth: (k,) what keeping it saves.
        free: what intervals save that take no room.
        free_hits: how many those are.
        count: accesses in the trace.
    """

    def __init__(self, trace: Trace, budget: float) -> None:
        self.count = len(trace)
        size = trace.size[trace.item]
        fits = (trace.worth > 0) & (size <= budget)

        free = fits & (size == 0)
        self.free = float(trace.worth[free].sum())
        self.free_hits = int(free.sum())
        chosen = np.flatnonzero(fits & ~free)
        self.begin: Places = chosen
        self.end: Places = trace.following[chosen]
        self.size: Floats = size[chosen]
        self.worth: Floats = trace.worth[chosen]

    def __len__(self) -> int:
        return len(self.begin)

    def saving(self, kept: NDArray[np.bool_], peak: float | None) -> Saving:
        """What keeping these saves, with those that take no room."""
        saved = float(self.worth[kept].sum()) + self.free
        return Saving(saved, int(kept.sum()) + self.free_hits, peak)

    def use(self, kept: NDArray[np.bool_]) -> Floats:
        """(n,) Bytes that the intervals that are kept take after each access."""
        taken = kept * self.size
        steps = np.zeros(self.count + 1)
        steps += np.bincount(self.begin, weights=taken, minlength=self.count + 1)
        steps -= np.bincount(self.end, weights=taken, minlength=self.count + 1)
        use: Floats = np.cumsum(steps)[: self.count]
        return use


def hindsight(trace: Trace, budget: float) -> Hindsight:
    """The bound, a plan near it, and the optimum where the trace is small.

    Args:
        trace: the accesses.
        budget: bytes.
    """
    intervals = Intervals(trace, budget)
    if not len(intervals):
        nothing = Saving(intervals.free, intervals.free_hits, 0.0)
        return Hindsight(intervals.free, nothing, nothing)
    value, prices = _priced(intervals, budget)
    kept = _swept(intervals, budget, prices)
    if len(intervals) <= MOST_FILLED:
        kept = _filled(intervals, budget, kept)
    offline = intervals.saving(kept, float(intervals.use(kept).max()))
    exact = _solved(intervals, budget) if len(intervals) <= MOST_EXACT else None
    optimum = None if exact is None else intervals.saving(exact, None)
    # Rounding must not put the bound below what was reached.
    return Hindsight(max(value + intervals.free, offline.saved), offline, optimum)


def _priced(intervals: Intervals, budget: float) -> tuple[float, Floats]:
    """The least bound found, and the prices of a byte up to each access that give it.

    Prices rise where intervals that are worth theirs take more than the budget, and fall where
    they take less. Moments are grouped in windows of one price: fewer prices are still a bound.

    Returns:
        The bound, and (n + 1,) the sum of the prices of all moments before each access.
    """
    edges = np.linspace(0, intervals.count, min(_WINDOWS, intervals.count) + 1).astype(np.int64)
    widths = np.diff(edges)
    prices = np.full(len(widths), _even_price(intervals, budget))
    # Without any price everything is worth its room.
    best, best_sums = float(intervals.worth.sum()), np.zeros(intervals.count + 1)
    for step in range(_ROUNDS):
        sums = np.concatenate(([0.0], np.cumsum(np.repeat(prices, widths))))
        left = intervals.worth - intervals.size * (sums[intervals.end] - sums[intervals.begin])
        value = float(budget * sums[-1] + np.maximum(left, 0.0).sum())
        if value < best:
            best, best_sums = value, sums
        use = np.add.reduceat(intervals.use(left > 0), edges[:-1]) / widths
        over = np.clip(use / budget - 1.0, -1.0, 1.0)
        prices *= np.exp(over / math.sqrt(1 + step))
    return best, best_sums


def _even_price(intervals: Intervals, budget: float) -> float:
    """The price of a byte at any moment at which all that is worth it just fits on average."""
    room = (intervals.end - intervals.begin) * intervals.size
    worth = intervals.worth / room
    order = np.argsort(-worth)
    within = int(np.searchsorted(np.cumsum(room[order]), budget * intervals.count))
    return float(worth[order[min(within, len(order) - 1)]])


def _swept(intervals: Intervals, budget: float, prices: Floats) -> NDArray[np.bool_]:
    """Which intervals are kept to their end.

    What an interval is worth per byte after the price of the rest of its time is `rank` plus the
    same for all at any one moment, so the queue never has to be put right.
    """
    rank = (intervals.worth / intervals.size - prices[intervals.end]).tolist()
    size, begin, end = intervals.size.tolist(), intervals.begin.tolist(), intervals.end.tolist()
    ending = np.argsort(intervals.end, kind="stable").tolist()
    kept = bytearray(len(rank))
    queue: list[tuple[float, int]] = []
    use, done = 0.0, 0
    for at, start in enumerate(begin):
        while end[ending[done]] <= start:
            use -= size[ending[done]] * kept[ending[done]]
            done += 1
        heapq.heappush(queue, (rank[at], at))
        kept[at] = 1
        use += size[at]
        while use > budget:
            gone = heapq.heappop(queue)[1]
            if kept[gone] and end[gone] > start:
                kept[gone] = 0
                use -= size[gone]
    return np.frombuffer(kept, dtype=np.bool_)


def _filled(intervals: Intervals, budget: float, kept: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """With those added that still fit, the most worth for their room first.

    What went to make room leaves the room that it had taken until then.
    """
    use, kept = intervals.use(kept), kept.copy()
    density = intervals.worth / (intervals.size * (intervals.end - intervals.begin))
    for at in np.argsort(-density, kind="stable").tolist():
        under = slice(intervals.begin[at], intervals.end[at])
        if not kept[at] and use[under].max() + intervals.size[at] <= budget:
            kept[at] = True
            use[under] += intervals.size[at]
    return kept


def _solved(intervals: Intervals, budget: float) -> NDArray[np.bool_] | None:
    """The most valuable set that fits; None where none was proven in time."""
    from ortools.math_opt.python import mathopt  # only small traces need it

    model = mathopt.Model(name="hindsight")
    kept = [model.add_binary_variable() for _ in range(len(intervals))]
    total = float(intervals.worth.sum())  # the solver's tolerances are for numbers of size 1
    room = (intervals.size / budget).tolist()
    # Room can run short only where an interval begins.
    for start in np.unique(intervals.begin):
        under = np.flatnonzero((intervals.begin <= start) & (start < intervals.end)).tolist()
        if intervals.size[under].sum() > budget:
            terms = mathopt.fast_sum(room[at] * kept[at] for at in under)
            model.add_linear_constraint(terms <= 1)
    worth = (intervals.worth / total).tolist()
    model.maximize(mathopt.fast_sum(each * one for each, one in zip(worth, kept, strict=True)))
    limits = mathopt.SolveParameters(
        time_limit=timedelta(seconds=_SECONDS), relative_gap_tolerance=1e-6, threads=1
    )
    result = mathopt.solve(model, mathopt.SolverType.GSCIP, params=limits)
    if result.termination.reason is not mathopt.TerminationReason.OPTIMAL:
        return None
    found = result.variable_values()
    return np.array([found[one] > 0.5 for one in kept])
