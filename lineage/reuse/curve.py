"""The cost of a trace over budgets, by policy."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from lineage.reuse.hindsight import hindsight
from lineage.reuse.replay import Saving, greedy_dual, lru, time_to_live

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lineage.reuse.replay import Trace

SHARES = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
"""Budgets that are looked at by default, as shares of the size of all items."""

_HOUR, _DAY = 3_600.0, 86_400.0
TIMES = (_HOUR, 6 * _HOUR, *(days * _DAY for days in (1, 2, 4, 7, 14, 30, 60, 90, 180, 365)))
"""Times to live that are tried, seconds."""


class Policy(StrEnum):
    """How to decide what is kept."""

    NONE = "none"
    TTL = "ttl"
    LRU = "lru"
    COST = "cost"
    OFFLINE = "offline"
    OPTIMUM = "optimum"
    BOUND = "bound"


_HINDSIGHT = {Policy.OFFLINE, Policy.OPTIMUM, Policy.BOUND}


@dataclass(frozen=True, slots=True)
class Point:
    """What one policy does with one budget.

    Attributes:
        budget: bytes.
        policy: which.
        saving: what it saves; of a bound the hits mean nothing.
        seconds: the time to live, where the policy is one.
    """

    budget: int
    policy: Policy
    saving: Saving
    seconds: float | None = None


def curve(trace: Trace, budgets: Sequence[int], policies: Sequence[Policy]) -> Iterator[Point]:
    """Each policy with each budget, as they are done.

    Of times to live the longest in `TIMES` is taken whose peak stays within the budget. The optimum
    is left out where the trace is too large for it.

    Args:
        trace: the accesses.
        budgets: bytes.
        policies: which.
    """
    if Policy.NONE in policies:
        yield Point(0, Policy.NONE, Saving(0.0, 0, 0.0))
    lives = [(time, time_to_live(trace, time)) for time in TIMES] if Policy.TTL in policies else []
    for budget in budgets:
        if Policy.TTL in policies:
            yield _longest(lives, budget)
        if Policy.LRU in policies:
            yield Point(budget, Policy.LRU, lru(trace, budget))
        if Policy.COST in policies:
            yield Point(budget, Policy.COST, greedy_dual(trace, budget))
        if _HINDSIGHT.intersection(policies):
            found = hindsight(trace, budget)
            known = {
                Policy.OFFLINE: found.offline,
                Policy.OPTIMUM: found.exact,
                Policy.BOUND: Saving(found.bound, 0),
            }
            for policy, saving in known.items():
                if policy in policies and saving is not None:
                    yield Point(budget, policy, saving)


def _longest(lives: Sequence[tuple[float, Saving]], budget: int) -> Point:
    """The longest time to live that fits; nothing is kept where none does."""
    fitting = [(time, kept) for time, kept in lives if kept.peak is None or kept.peak <= budget]
    time, kept = fitting[-1] if fitting else (0.0, Saving(0.0, 0, 0.0))
    return Point(budget, Policy.TTL, kept, time)
