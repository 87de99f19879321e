"""The cheapest way to reach every node of a directed graph from a root.

Edmonds' algorithm with mergeable heaps (R. Tarjan, *Finding optimum branchings*, 1977): grow a path
backward along cheapest entering edges, contract it where it closes, and undo that at the end.
"""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

from lineage.errors import ReuseError

if TYPE_CHECKING:
    from collections.abc import Sequence


class _Groups:
    """Nodes that were contracted into one, to be undone in reverse."""

    def __init__(self, count: int) -> None:
        self._up = [-1] * count  # the group above; negative sizes at the top
        self.joined = list[tuple[int, int]]()

    def find(self, node: int) -> int:
        while self._up[node] >= 0:
            node = self._up[node]
        return node

    def join(self, first: int, second: int) -> bool:
        """Whether they were two."""
        first, second = self.find(first), self.find(second)
        if first == second:
            return False
        if self._up[first] > self._up[second]:
            first, second = second, first
        self.joined.append((second, self._up[second]))
        self._up[first] += self._up[second]
        self._up[second] = first
        return True

    def undo(self, length: int) -> None:
        """Back to when so many had been joined."""
        while len(self.joined) > length:
            node, size = self.joined.pop()
            self._up[self._up[node]] -= size
            self._up[node] = size


class _Entering:
    """Edges that enter a group, the cheapest first; all can be made cheaper at once."""

    def __init__(self, edges: list[tuple[float, int]]) -> None:
        self._edges = edges
        self._less = 0.0
        heapq.heapify(edges)

    def pop(self) -> tuple[float, int]:
        cost, edge = heapq.heappop(self._edges)
        return cost - self._less, edge

    def cheapen(self, by: float) -> None:
        self._less += by

    def merged(self, other: _Entering) -> _Entering:
        """Both; the smaller goes into the larger."""
        if len(self._edges) < len(other._edges):
            self, other = other, self  # noqa: PLW0642 (which one goes does not matter)
        for cost, edge in other._edges:
            heapq.heappush(self._edges, (cost - other._less + self._less, edge))
        return self

    def __bool__(self) -> bool:
        return bool(self._edges)


def arborescence(
    count: int, edges: Sequence[tuple[int, int]], costs: Sequence[float], root: int = 0
) -> list[int]:
    """The cheapest arborescence.

    Args:
        count: of the nodes.
        edges: pairs of where they begin and end.
        costs: of each edge.
        root: that everything is reached from.

    Returns:
        For each node the edge by which it is reached; -1 for the root.

    Raises:
        ReuseError: a node cannot be reached.
    """
    by_end: list[list[tuple[float, int]]] = [[] for _ in range(count)]
    for index, ((_, end), cost) in enumerate(zip(edges, costs, strict=True)):
        if end != root:
            by_end[end].append((cost, index))
    entering = [_Entering(found) for found in by_end]
    groups = _Groups(count)
    taken = [-1] * count
    seen = [-1] * count
    seen[root] = root
    cycles = list[tuple[int, int, list[int]]]()
    for start in range(count):
        node, path, chosen = start, list[int](), list[int]()
        while seen[node] < 0:
            if not entering[node]:
                raise ReuseError(f"node {start} cannot be reached from {root}: give it an edge")
            cost, edge = entering[node].pop()
            entering[node].cheapen(cost)
            chosen.append(edge)
            path.append(node)
            seen[node] = start
            node = groups.find(edges[edge][0])
            if seen[node] == start and node in path:
                length, first = len(groups.joined), path.index(node)
                node = _contract(groups, entering, path[first:])
                cycles.append((node, length, chosen[first:]))
                del path[first:], chosen[first:]
                seen[node] = -1
        for edge in chosen:
            taken[groups.find(edges[edge][1])] = edge
    for group, length, inside in reversed(cycles):
        groups.undo(length)
        into = taken[group]
        for edge in inside:
            taken[groups.find(edges[edge][1])] = edge
        taken[groups.find(edges[into][1])] = into
    return taken


def _contract(groups: _Groups, entering: list[_Entering], nodes: list[int]) -> int:
    """Make one of these nodes; the group that they are now."""
    merged = entering[nodes[0]]
    for other in nodes[1:]:
        merged = merged.merged(entering[other])
        groups.join(nodes[0], other)
    group = groups.find(nodes[0])
    entering[group] = merged
    return group
