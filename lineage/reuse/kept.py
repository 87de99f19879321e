"""A set of kept artifacts that grows and shrinks, with what each further one would save.

A further artifact's gain is read off the plan as it is: what only it needs (what it dominates, on
the way to the target) less its loading. That is a way to carry out the request, so the gain is
never promised too high; and with nothing kept it is exact. It can be too low: two artifacts may
each save nothing alone, because both need what is costly, and save it together.
"""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lineage.reuse.demand import Demand, History


class Kept:
    """What is kept.

    Attributes:
        nodes: that are kept.
        size: bytes of all of them.
        saving: what the requests cost less.
        gains: what each candidate that is not kept would save at least; without those of none.
    """

    def __init__(self, demand: Demand, nodes: Iterable[int] = ()) -> None:
        """Keep these to begin with."""
        self.demand = demand
        self.nodes = set(nodes)
        self.size = demand.weight(self.nodes)
        self.gains: dict[int, float] = {}
        self._local = [frozenset[int]()] * len(demand.histories)
        self._costs = [history.total for history in demand.histories]
        self._gains: list[dict[int, float]] = [{} for _ in demand.histories]
        self._changed = set[int]()
        for node in self.nodes:
            for index in demand.above[node]:
                local = demand.histories[index].local[node]
                self._local[index] |= {local}
        for index in range(len(demand.histories)):
            self._settle(index)

    @property
    def saving(self) -> float:
        """What the requests cost less than with nothing kept."""
        pairs = zip(self.demand.histories, self._costs, strict=True)
        return sum(history.uses * (history.total - cost) for history, cost in pairs)

    def add(self, node: int) -> None:
        """Keep one more."""
        self.nodes.add(node)
        self.size += self.demand.size[node]
        self._change(node)

    def remove(self, node: int) -> None:
        """Keep one less."""
        self.nodes.remove(node)
        self.size -= self.demand.size[node]
        self._change(node)

    def _change(self, node: int) -> None:
        for index in self.demand.above[node]:
            self._local[index] ^= {self.demand.histories[index].local[node]}
            self._settle(index)

    def gain(self, node: int) -> float:
        """What one more would save, exactly."""
        return sum(self._difference(index, node) for index in self.demand.above[node])

    def loss(self, node: int) -> float:
        """What one less would cost, exactly."""
        return -sum(self._difference(index, node) for index in self.demand.above[node])

    def _difference(self, index: int, node: int) -> float:
        history = self.demand.histories[index]
        other = history.cost(self._local[index] ^ {history.local[node]})
        return history.uses * (self._costs[index] - other)

    def _settle(self, index: int) -> None:
        """Plan a history anew."""
        history = self.demand.histories[index]
        loaded, computed = history.plan(history.kept(self._local[index]))
        costs = [history.load[v] for v in loaded] + [history.compute[v] for v in computed]
        self._costs[index] = sum(costs)
        before, after = self._gains[index], gains(history, loaded, computed)
        for node in before.keys() | after.keys():
            self.gains[node] = self.gains.get(node, 0.0) - before.get(node, 0.0)
            self.gains[node] += after.get(node, 0.0)
        self._changed |= before.keys() | after.keys()
        self._gains[index] = after

    def fill(self, budget: float) -> None:
        """Keep what saves most per byte while it fits, anew after each."""
        heap = [(-self._density(node), node) for node in self.gains]
        heapq.heapify(heap)
        self._changed.clear()
        while heap:
            density, node = heapq.heappop(heap)
            if node in self.nodes or -density != self._density(node) or density >= 0:
                continue  # a newer entry tells its gain
            if self.size + self.demand.size[node] > budget:
                continue
            self.add(node)
            for other in self._changed:
                heapq.heappush(heap, (-self._density(other), other))
            self._changed.clear()

    def shrink(self, budget: float) -> None:
        """Let go of what costs least per byte until the rest fits."""
        heap = [(self._worth(node), node) for node in self.nodes]
        heapq.heapify(heap)
        while heap and self.size > budget:
            _, node = heapq.heappop(heap)
            worth = self._worth(node)
            if heap and worth > heap[0][0]:  # it is needed more since others went
                heapq.heappush(heap, (worth, node))
            else:
                self.remove(node)

    def _density(self, node: int) -> float:
        gain = self.gains.get(node, 0.0)
        if node in self.nodes or gain <= 1e-12 * self.demand.total:
            return 0.0
        return gain / self.demand.size[node] if self.demand.size[node] else float("inf")

    def _worth(self, node: int) -> float:
        size = self.demand.size[node]
        return self.loss(node) / size if size else float("inf")


def gains(history: History, loaded: list[int], computed: list[int]) -> dict[int, float]:
    """What keeping each computed candidate would save of a plan, times its uses.

    Dominators of an acyclic graph in one pass from the target (K. Cooper, T. Harvey, K. Kennedy,
    *A Simple, Fast Dominance Algorithm*, 2001): a node's dominator is where the ways to those that
    need it meet.
    """
    nodes = sorted((*loaded, *computed), reverse=True)  # the target first
    if not computed:
        return {}
    makes = set(computed)
    above: dict[int, int] = {nodes[0]: nodes[0]}  # the dominator of each
    for node in nodes:
        if node in makes:
            for parent in history.parents[node]:
                above[parent] = node if parent not in above else _meet(above, above[parent], node)
    alone = {v: history.compute[v] if v in makes else history.load[v] for v in nodes}
    for node in reversed(nodes[1:]):
        alone[above[node]] += alone[node]
    return {
        history.nodes[v]: history.uses * (alone[v] - history.load[v])
        for v in computed
        if alone[v] > history.load[v]
    }


def _meet(above: dict[int, int], first: int, second: int) -> int:
    """Where the ways of two to the target meet; dominators have greater numbers."""
    while first != second:
        if first < second:
            first = above[first]
        else:
            second = above[second]
    return first
