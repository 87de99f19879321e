"""Storing versions along a tree whose edges can be taken either way, at a price per byte: exactly.

The differences between versions mostly exist both ways and nearly form a tree (A. Guo et al., *To
Store or Not to Store: a graph theoretical approach for dataset versioning*, 2024, who solve such
problems by dynamic programming). With a price per byte instead of a budget it is as placing
facilities on a tree (A. Tamir, 1996): every version is served by one stored whole, and those
served by the same are connected. For each version and each that may serve it, the least of what
lies below:

    f(v, m) = retrieval from m + price * storage of the edge towards m
              + sum over children c of min(f(c, m), best of f(c, m') over m' below c)

where m below c must serve c as well. Versions are numbered depth first, so that what lies below one
is a slice.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from lineage.reuse.versions import VersionGraph

MOST_VERSIONS = 5_000
"""Its two matrices take 16 bytes for each pair of versions: 400 MB."""

Matrix: TypeAlias = NDArray[np.float64]


class TwoWay:
    """A spanning forest of the differences, with all that does not depend on the price."""

    def __init__(self, graph: VersionGraph) -> None:
        """Span the versions by the pairs of differences that take least storage."""
        self._graph = graph
        self._best = _cheapest(graph)
        near = _forest(graph, self._best)
        self._versions = list[int]()
        self._parent = list[int]()  # by depth-first number, as all below; -1 for a tree's first
        self._end = list[int]()
        self._children: list[list[int]] = []
        seen = set[int]()
        for version in range(1, graph.count):
            if version not in seen:
                self._number(version, near, seen)
        self._retrieval, self._storage = self._matrices()

    def _number(self, first: int, near: list[list[int]], seen: set[int]) -> None:
        """Depth first, without recursion: trees may be chains."""
        stack = [(first, -1)]
        while stack:
            version, parent = stack.pop()
            if version < 0:
                self._end[parent] = len(self._versions)
                continue
            here = len(self._versions)
            seen.add(version)
            self._versions.append(version)
            self._parent.append(parent)
            self._end.append(0)
            self._children.append([])
            if parent >= 0:
                self._children[parent].append(here)
            stack.append((-1, here))
            stack.extend((other, here) for other in near[version] if other not in seen)

    def _edge(self, u: int, v: int) -> tuple[float, float]:
        """Retrieval and storage of v from u, by depth-first number; u is -1 for nothing."""
        start = self._versions[u] if u >= 0 else 0
        edge = self._best.get((start, self._versions[v]))
        if edge is None:
            return math.inf, math.inf
        return self._graph.retrieval[edge], self._graph.storage[edge]

    def _matrices(self) -> tuple[Matrix, Matrix]:
        """For each version v (row) and what serves it (column): retrieval, and storage of v."""
        count = len(self._versions)
        cost = np.full((count, count), np.inf)
        size = np.full((count, count), np.inf)
        for v in reversed(range(count)):
            cost[v, v], size[v, v] = self._edge(-1, v)
            for c in self._children[v]:
                below = slice(c, self._end[c])
                far, more = self._edge(c, v)
                cost[v, below] = cost[c, below] + far
                size[v, below] = more
        for v in range(count):
            p = self._parent[v]
            if p >= 0:
                far, more = self._edge(p, v)
                for beside in (slice(0, v), slice(self._end[v], count)):
                    cost[v, beside] = cost[p, beside] + far
                    size[v, beside] = more
        return cost, size

    def at(self, price: float) -> list[int]:
        """The edge that makes each version, at a price per byte; -1 for nothing."""
        count = len(self._versions)
        least = self._retrieval + price * self._storage if price else self._retrieval.copy()
        best = np.zeros(count, dtype=np.int64)
        for v in reversed(range(count)):
            below = slice(v, self._end[v])
            best[v] = v + int(np.argmin(least[v, below]))
            if (p := self._parent[v]) >= 0:
                share = np.minimum(least[v], least[v, best[v]])
                share[below] = least[v, below]
                least[p] += share
        return self._read(least, best)

    def _read(self, least: Matrix, best: NDArray[np.int64]) -> list[int]:
        edges = [-1] * self._graph.count
        serves = [0] * len(self._versions)
        for v, p in enumerate(self._parent):
            by = int(best[v])
            if p >= 0:
                above = serves[p]
                inside = v <= above < self._end[v]
                if inside or least[v, above] <= least[v, by]:
                    by = above
            serves[v] = by
            edges[self._versions[v]] = self._best[self._towards(v, by)]
        return edges

    def _towards(self, v: int, by: int) -> tuple[int, int]:
        """Where a version comes from when another serves it, and the version."""
        version = self._versions[v]
        if v == by:
            return 0, version
        if not v < by < self._end[v]:
            return self._versions[self._parent[v]], version
        child = next(c for c in self._children[v] if c <= by < self._end[c])
        return self._versions[child], version


def _cheapest(graph: VersionGraph) -> dict[tuple[int, int], int]:
    """Of several edges between the same two, the one of least storage."""
    found: dict[tuple[int, int], int] = {}
    for edge, pair in enumerate(graph.edges):
        if pair not in found or graph.storage[edge] < graph.storage[found[pair]]:
            found[pair] = edge
    return found


def _forest(graph: VersionGraph, best: dict[tuple[int, int], int]) -> list[list[int]]:
    """Neighbours in a spanning forest: of the way of least storage, then of least both ways."""
    whole = sum(graph.storage) + 1

    smallest = {graph.edges[edge] for edge in graph.smallest[1:]}

    def both(pair: tuple[int, int]) -> tuple[bool, float]:
        back = best.get((pair[1], pair[0]))
        size = graph.storage[best[pair]] + (whole if back is None else graph.storage[back])
        return pair not in smallest, size

    near: list[list[int]] = [[] for _ in range(graph.count)]
    group = list(range(graph.count))

    def find(version: int) -> int:
        while group[version] != version:
            group[version] = group[group[version]]
            version = group[version]
        return version

    for u, v in sorted((pair for pair in best if pair[0]), key=lambda pair: (both(pair), pair)):
        if (first := find(u)) != (second := find(v)):
            group[first] = second
            near[u].append(v)
            near[v].append(u)
    return near
