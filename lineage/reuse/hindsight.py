"""The optimum in hindsight of a cache: what no policy can exceed, and what can be reached.

Between two accesses to one item lies an interval in which the item is kept or not: keeping it takes
its size in all of the interval and saves one computation. The optimum is the most valuable set of
intervals that never takes more than the budget. With sizes that differ it is NP-hard (M. Chrobak,
G. Woeginger, K. Makino, H. Xu, *Caching is hard - even in the fault model*, Algorithmica 2012).

- `exact`: that set by integer programming, for small traces.
- `bound`: no less than the optimum. Intervals may be kept in part, which makes a minimum cost flow
  of it (FOO: D. S. Berger, N. Beckmann, M. Harchol-Balter, *Practical Bounds on Optimal Caching
  with Variable Object Sizes*, SIGMETRICS 2018). Here its dual is approached: a price of a byte at
  each moment. Whatever the prices are, the budget at those prices plus what intervals are worth
  more than they pay is no less than the optimum (weak duality), so the best prices found are a
  bound even where they are not the best there are.
- `offline`: a set of intervals that does fit, by the prices: when room is short, what has the least
  worth per byte left after the price of the rest of its interval goes first.
"""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

import numpy as np

from lineage.reuse.replay import Floats, Saving, Trace

if TYPE_CHECKING:
    from lineage.reuse.replay import Places

MOST_EXACT = 1_000
"""Intervals up to which `exact` is asked."""

_WINDOWS, _ROUNDS = 1_024, 60
_SECONDS = 20.0


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

    def use(self, kept: Floats) -> Floats:
        """(n,) Bytes that intervals take after each access; `kept` is the share of each."""
        taken = kept * self.size
        steps = np.bincount(self.begin, taken, self.count + 1)
        steps -= np.bincount(self.end, taken, self.count + 1)
        use: Floats = np.cumsum(steps)[: self.count]
        return use


def bound(trace: Trace, budget: float) -> Saving:
    """No policy saves more; hits are not bounded, and given as 0.

    Args:
        trace: the accesses.
        budget: bytes.
    """
    intervals = Intervals(trace, budget)
    return Saving(_priced(intervals, budget)[0] + intervals.free, 0)


def _priced(
    intervals: Intervals, budget: float, rounds: int = _ROUNDS, windows: int = _WINDOWS
) -> tuple[float, Floats]:
    """The least bound found, and the prices of a byte up to each access that give it.

    Prices rise where intervals that are worth theirs take more than the budget, and fall where
    they take less. Moments are grouped in windows of one price: fewer prices are still a bound.

    Returns:
        The bound, and (n + 1,) the sum of the prices of all moments before each access.
    """
    edges = np.linspace(0, intervals.count, min(windows, intervals.count) + 1).astype(np.int64)
    widths = np.diff(edges)
    prices = np.full(len(widths), _even_price(intervals, budget))
    best, best_sums = np.inf, np.zeros(intervals.count + 1)
    for step in range(rounds):
        sums = np.concatenate(([0.0], np.cumsum(np.repeat(prices, widths))))
        left = intervals.worth - intervals.size * (sums[intervals.end] - sums[intervals.begin])
        value = float(budget * sums[-1] + np.maximum(left, 0.0).sum())
        if value < best:
            best, best_sums = value, sums
        use = np.add.reduceat(intervals.use((left > 0).astype(np.float64)), edges[:-1]) / widths
        over = np.clip(use / budget - 1.0, -1.0, 1.0) if budget else np.ones(len(widths))
        prices = prices * np.exp(over * 1.0 / (1 + step) ** 0.5)
    return best, best_sums
