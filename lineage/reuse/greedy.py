"""The lazy greedy selection: by benefit per byte, from several beginnings, then improved.

1. Prices (`lineage.reuse.prices`) tell which artifacts belong together, and bound the saving.
2. From nothing, from those sets and from the best single artifacts: let go of what is worth least
   per byte until the rest fits, then keep what saves most per byte while there is room. Only what
   a choice touches is looked at again.
3. The best of them are improved by swaps: one artifact in and those out that are worth least, per
   byte or together, or one out and the best in.

Work is counted in plans of single requests and not in seconds, so that the same input gives the
same selection on any machine.
"""

from __future__ import annotations

from functools import partial
from itertools import chain, combinations
from typing import TYPE_CHECKING, NamedTuple

from lineage.reuse.kept import Kept
from lineage.reuse.prices import Prices

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from lineage.reuse.demand import Demand

WORK = 200_000
"""Nodes of histories that are planned over again, beyond the greedy pass itself, at least: small
workloads are searched thoroughly, large ones once."""

_BALANCE, _SHARE = 12, 24
_SINGLES, _SETS, _NEARLY = 12, 8, 1.5
_IMPROVED, _FEW = 6, 24


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
    found: dict[frozenset[int], float] = {}
    for beginning in _beginnings(demand, budget, prices):
        kept = Kept(demand, beginning)
        kept.shrink(budget)
        kept.fill(budget)
        found[frozenset(kept.nodes)] = kept.saving
    ranked = sorted(found, key=lambda nodes: (-found[nodes], sorted(nodes)))
    starts = min(len(ranked), _rounds(demand, _IMPROVED))
    improved = [_improved(demand, nodes, budget, WORK // starts) for nodes in ranked[:starts]]
    return Chosen(max(improved, key=demand.saving), prices.bound)


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
    """Nothing, sets that were loaded together and nearly fit, the best single artifacts."""
    yield frozenset()
    size = {nodes: demand.weight(nodes) for nodes in prices.found.values()}
    nearly = [nodes for nodes in size if nodes and size[nodes] <= _NEARLY * budget]
    nearest = sorted(nearly, key=lambda nodes: (abs(size[nodes] - budget), sorted(nodes)))
    yield from nearest[: _rounds(demand, _SETS)]
    gains = Kept(demand).gains
    singles = sorted(gains, key=lambda node: (-gains[node], node))
    yield from (frozenset({node}) for node in singles[: _rounds(demand, _SINGLES)])


def _improved(demand: Demand, nodes: frozenset[int], budget: float, work: int) -> frozenset[int]:
    """Swap while that saves more, and while there is work left to spend."""
    kept = Kept(demand, nodes)
    left = work
    better = True
    while better and left > 0:
        better = False
        for node in sorted(demand.above):
            places = sum(len(demand.histories[index].nodes) for index in demand.above[node])
            moves = _OUT if node in kept.nodes else _IN
            left -= places * (len(demand.above) if node in kept.nodes else 1 + len(kept.nodes))
            if left < 0:
                break
            better |= any(_tried(kept, move, node, budget) for move in moves)
    return frozenset(kept.nodes)


def _in(kept: Kept, node: int, budget: float) -> None:
    """Keep it, and let go of what is worth least per byte for it."""
    if kept.gain(node) > 0:
        kept.add(node)
        kept.shrink(budget)
        kept.fill(budget)


def _in_for_few(kept: Kept, node: int, budget: float) -> None:
    """Keep it, and let go of the one, two or three that cost least and make room enough."""
    gain = kept.gain(node) if node not in kept.nodes else 0.0
    if gain <= 0:
        return
    kept.add(node)
    loss = {other: kept.loss(other) for other in kept.nodes if other != node}
    least = sorted(loss, key=lambda other: (loss[other], other))[:_FEW]
    size, room = kept.demand.size, kept.size - budget
    groups = chain.from_iterable(combinations(least, length) for length in (1, 2, 3))
    enough = (group for group in groups if sum(size[other] for other in group) >= room)
    for other in min(enough, key=lambda group: sum(loss[v] for v in group), default=()):
        kept.remove(other)
    kept.shrink(budget)
    kept.fill(budget)


def _out_for(kept: Kept, node: int, budget: float, place: int) -> None:
    """Let go of it for one that then saves much, the one of this place."""
    kept.remove(node)
    room = budget - kept.size
    size = kept.demand.size
    others = [v for v in kept.demand.above if v not in kept.nodes and v != node and size[v] <= room]
    ranked = sorted(others, key=lambda v: (-kept.gain(v), v))[place : place + 1]
    for best in ranked:
        if kept.gain(best) > 0:
            kept.add(best)
    kept.fill(budget)


def _tried(kept: Kept, move: Callable[[Kept, int, float], None], node: int, budget: float) -> bool:
    """Whether a move saved more; else all is as before."""
    before, nodes = kept.saving, set(kept.nodes)
    move(kept, node, budget)
    if kept.saving > before * (1 + 1e-12):
        return True
    for other in kept.nodes - nodes:
        kept.remove(other)
    for other in nodes - kept.nodes:
        kept.add(other)
    return False


_IN = (_in, _in_for_few)
_OUT = tuple(partial(_out_for, place=place) for place in range(3))
