"""The lazy greedy selection: by benefit per byte, from several beginnings, then improved.

1. Prices (`lineage.reuse.prices`) tell which artifacts belong together, and bound the saving.
2. From nothing, from those sets and from the best single artifacts: let go of what is worth least
   per byte until the rest fits, then keep what saves most per byte while there is room. Only what
   a choice touches is looked at again.
3. The best of them is improved by swaps: one artifact in, the least needed ones out.

Work is counted in plans of single requests and not in seconds, so that the same input gives the
same selection on any machine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from lineage.reuse.kept import Kept
from lineage.reuse.prices import Prices

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lineage.reuse.demand import Demand

WORK = 200_000
"""Nodes of histories that are planned over again, beyond the greedy pass itself, at least: small
workloads are searched thoroughly, large ones once."""

_BALANCE, _SHARE = 12, 24
_SINGLES = 12


class Chosen(NamedTuple):
    """A selection.

    Attributes:
        nodes: what is kept.
        bound: no selection saves more.
    """

    nodes: frozenset[int]
    bound: float


def lazy(demand: Demand, budget: float) -> Chosen:
    """Select by benefit per byte.

    Args:
        demand: the requests and what can be kept for them.
        budget: bytes, finite.
    """
    prices = _priced(demand, budget)
    if (everything := prices.found[0.0]) and demand.weight(everything) <= budget:
        return Chosen(everything, prices.bound)
    best, saving = frozenset[int](), 0.0
    for beginning in _beginnings(demand, budget, prices):
        kept = Kept(demand, beginning)
        kept.shrink(budget)
        kept.fill(budget)
        if kept.saving > saving:
            best, saving = frozenset(kept.nodes), kept.saving
    kept = Kept(demand, best)
    _swap(kept, budget)
    return Chosen(frozenset(kept.nodes), prices.bound)


def _places(demand: Demand) -> int:
    return sum(len(history.nodes) for history in demand.histories)


def _rounds(demand: Demand, most: int) -> int:
    return max(1, min(most, WORK // max(1, _places(demand))))


def _priced(demand: Demand, budget: float) -> Prices:
    prices = Prices(demand, budget)
    price = prices.balance(max(6, _rounds(demand, _BALANCE)))
    if price:
        for turn in range(_rounds(demand, _SHARE)):
            prices.share(1 / (2 + turn))
            price *= 1.1 if prices.ask(price) > budget else 0.9
    return prices


def _beginnings(demand: Demand, budget: float, prices: Prices) -> Iterable[frozenset[int]]:
    """Sets to begin with; those of the prices from the dearest."""
    yield frozenset()
    sets = dict.fromkeys(prices.found[price] for price in sorted(prices.found, reverse=True))
    yield from [one for one in sets if one][: _rounds(demand, len(sets) or 1)]
    gains = Kept(demand).gains
    singles = sorted(gains, key=lambda node: (-gains[node], node))
    yield from ({node} for node in singles[: _rounds(demand, _SINGLES)])  # type: ignore[misc]


def _swap(kept: Kept, budget: float) -> None:
    """One in, the least needed out, while that saves more."""
    left = WORK
    better = True
    while better and left > 0:
        better = False
        for node in sorted(kept.demand.above.keys() - kept.nodes):
            left -= sum(len(kept.demand.histories[i].nodes) for i in kept.demand.above[node])
            if left < 0:
                break
            if kept.gain(node) > 0 and _swapped(kept, node, budget):
                better = True


def _swapped(kept: Kept, node: int, budget: float) -> bool:
    """Whether taking a node in for others saved more; else all is as before."""
    before, nodes = kept.saving, set(kept.nodes)
    kept.add(node)
    kept.shrink(budget)
    kept.fill(budget)
    if kept.saving > before * (1 + 1e-12):
        return True
    for other in kept.nodes - nodes:
        kept.remove(other)
    for other in nodes - kept.nodes:
        kept.add(other)
    return False
