"""Ways to store versions as a tree that is changed edge by edge; see `lineage.reuse.versions`.

Changing any edge, and not only storing whole, is *LMG-All* (A. Guo et al., *To Store or Not to
Store*, 2024). What is ours: beginnings by a price per byte, and swaps within the budget.
"""

from __future__ import annotations

import math
from datetime import timedelta
from typing import TYPE_CHECKING

from ortools.math_opt.python import mathopt

from lineage.errors import ReuseError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lineage.reuse.versions import VersionGraph

_PRICES = 24
_SWEEPS = 20


class Tree:
    """One way to store all versions.

    Attributes:
        graph: the ways there are.
        edges: index of the edge that makes each version; -1 for nothing.
        cost: of retrieving each.
        below: how many versions are retrieved through each, with itself.
        storage: bytes of all.
    """

    def __init__(self, graph: VersionGraph, edges: Sequence[int]) -> None:
        """Begin with these edges, which must be a tree."""
        self.graph = graph
        self.edges = list(edges)
        self.cost = [0.0] * graph.count
        self.below = [1] * graph.count
        self.children: list[set[int]] = [set() for _ in range(graph.count)]
        for version in range(1, graph.count):
            self.children[self._from(version)].add(version)
        order = self.subtree(0)
        for version in order[1:]:
            edge = self.edges[version]
            self.cost[version] = self.cost[self._from(version)] + graph.retrieval[edge]
        for version in reversed(order[1:]):
            self.below[self._from(version)] += self.below[version]
        self.storage = math.fsum(graph.storage[edge] for edge in self.edges[1:])

    def _from(self, version: int) -> int:
        return self.graph.edges[self.edges[version]][0]

    def subtree(self, version: int) -> list[int]:
        """A version and all that are retrieved through it, it first."""
        found = [version]
        for one in found:  # it grows while it is walked
            found.extend(self.children[one])
        return found

    def move(self, edge: int) -> tuple[float, float]:
        """What making its version by this edge saves of retrieval, and adds to storage."""
        graph = self.graph
        u, v = graph.edges[edge]
        saved = (self.cost[v] - self.cost[u] - graph.retrieval[edge]) * self.below[v]
        return saved, graph.storage[edge] - graph.storage[self.edges[v]]

    def possible(self, edge: int) -> bool:
        """Whether what it begins with is not itself made from its end."""
        u, v = self.graph.edges[edge]
        if self.edges[v] == edge:
            return False
        while u:
            if u == v:
                return False
            u = self._from(u)
        return True

    def change(self, edge: int) -> None:
        """Make its version by this edge."""
        u, v = self.graph.edges[edge]
        saved = self.cost[v] - self.cost[u] - self.graph.retrieval[edge]
        above = self._from(v)
        self.children[above].remove(v)
        self.storage += self.move(edge)[1]
        self.edges[v] = edge
        self.children[u].add(v)
        for version in self.subtree(v):
            self.cost[version] -= saved
        for start, sign in ((above, -1), (u, 1)):
            while start:
                self.below[start] += sign * self.below[v]
                start = self._from(start)

    def fill(self, budget: float, edges: Iterable[int]) -> None:
        """Change what saves most per byte while it fits."""
        listed = list(edges)
        while True:
            best, found = 0.0, -1
            for edge in listed:
                saved, more = self.move(edge)
                if saved > 1e-12 * (1 + self.cost[0]) and self.storage + more <= budget:
                    rate = saved / more if more > 0 else math.inf
                    if rate > best and self.possible(edge):
                        best, found = rate, edge
            if found < 0:
                return
            self.change(found)

    def settle(self, price: float) -> None:
        """Change edges while retrieval and the price of storage fall together."""
        for _ in range(_SWEEPS):
            changed = False
            for edge in range(len(self.graph.edges)):
                saved, more = self.move(edge)
                if saved - price * more > 1e-9 * (saved + 1) and self.possible(edge):
                    self.change(edge)
                    changed = True
            if not changed:
                return


def lmg(graph: VersionGraph, budget: float) -> list[int]:
    """The paper's local move greedy: store whole what saves most retrieval per byte."""
    tree = Tree(graph, graph.smallest)
    tree.fill(budget, (edge for edge, (u, _) in enumerate(graph.edges) if u == 0))
    return tree.edges


def lazy(graph: VersionGraph, budget: float) -> list[int]:
    """Change any edges: from the least storage, and from the best trees at prices per byte."""
    everything = range(len(graph.edges))
    best = Tree(graph, graph.smallest)
    best.fill(budget, everything)
    low, high = 0.0, max(sum(best.cost), 1.0)
    tree = Tree(graph, graph.smallest)
    for _ in range(_PRICES):
        price = math.sqrt(low * high) if low else high / 1024
        tree = Tree(graph, tree.edges)
        tree.settle(price)
        if tree.storage > budget:
            low = price
            continue
        high = price
        filled = Tree(graph, tree.edges)
        filled.fill(budget, everything)
        if sum(filled.cost) < sum(best.cost):
            best = filled
    return best.edges


def exact(
    graph: VersionGraph, budget: float, known: Sequence[int], seconds: float
) -> tuple[list[int], float]:
    """An integer programme: which edge makes each version, and how many versions pass through it.

    Args:
        graph: the ways there are.
        budget: bytes.
        known: a way within the budget, which is returned if time does not suffice for a better one.
        seconds: when to end.

    Returns:
        The edges of the versions, and the least retrieval that is possible by what is proven.
    """
    best = math.fsum(Tree(graph, known).cost)
    unit, room = best or 1.0, budget or 1.0
    model = mathopt.Model(name="versions")
    made = [model.add_binary_variable() for _ in graph.edges]
    passing = [model.add_variable(lb=0, ub=graph.count - 1) for _ in graph.edges]
    entering: list[list[int]] = [[] for _ in range(graph.count)]
    leaving: list[list[int]] = [[] for _ in range(graph.count)]
    for index, (u, v) in enumerate(graph.edges):
        entering[v].append(index)
        leaving[u].append(index)
        most = graph.count - 1 if u == 0 else graph.count - 2
        model.add_linear_constraint(passing[index] <= most * made[index])
        model.add_linear_constraint(passing[index] >= made[index])
    for version in range(1, graph.count):
        model.add_linear_constraint(mathopt.fast_sum([made[e] for e in entering[version]]) == 1)
        into = mathopt.fast_sum([passing[e] for e in entering[version]])
        out = mathopt.fast_sum([passing[e] for e in leaving[version]])
        model.add_linear_constraint(into - out == 1)
    bytes_ = [size / room * one for size, one in zip(graph.storage, made, strict=True)]
    model.add_linear_constraint(mathopt.fast_sum(bytes_) <= budget / room)
    cost = [value / unit * one for value, one in zip(graph.retrieval, passing, strict=True)]
    model.minimize(mathopt.fast_sum(cost))
    limits = mathopt.SolveParameters(
        time_limit=timedelta(seconds=seconds), relative_gap_tolerance=1e-9
    )
    hint = mathopt.SolutionHint(
        variable_values={one: float(known[graph.edges[e][1]] == e) for e, one in enumerate(made)}
    )
    result = mathopt.solve(
        model,
        mathopt.SolverType.GSCIP,
        params=limits,
        model_params=mathopt.ModelSolveParameters(solution_hints=[hint]),
    )
    ended = mathopt.TerminationReason
    reason = result.termination.reason
    if reason not in {ended.OPTIMAL, ended.FEASIBLE, ended.NO_SOLUTION_FOUND}:
        raise ReuseError(f"the exact way to store versions was not found: {reason}")
    edges = list(known)
    if result.has_primal_feasible_solution():
        values = result.variable_values()
        found = [-1] * graph.count
        for index, (_, v) in enumerate(graph.edges):
            if values[made[index]] > 0.5:
                found[v] = index
        tree = Tree(graph, found)
        if tree.storage <= budget and math.fsum(tree.cost) < best:
            edges = found
    return edges, max(result.dual_bound(), 0.0) * unit
