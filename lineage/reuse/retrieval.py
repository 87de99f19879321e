"""Ways to store versions as a tree that is changed edge by edge; see `lineage.reuse.versions`.

Changing any edge, and not only storing whole, is *LMG-All* (A. Guo et al., *To Store or Not to
Store*, 2024). What is ours: beginnings by a price per byte, and swaps within the budget.
"""

from __future__ import annotations

import math
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
from ortools.math_opt.python import mathopt

from lineage.errors import ReuseError
from lineage.reuse.twoway import MOST_VERSIONS, TwoWay

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from lineage.reuse.versions import VersionGraph

_PRICES = 24
_STEPS = 4  # changes for each version, at most
_LEAST = 1e-9
_WORK = 50_000  # versions that are looked at in swaps


class Tree:
    """One way to store all versions.

    Attributes:
        graph: the ways there are.
        edges: index of the edge that makes each version; -1 for nothing.
        cost: (n,) of retrieving each.
        below: (n,) how many versions are retrieved through each, with itself.
        storage: bytes of all.
    """

    def __init__(self, graph: VersionGraph, edges: Sequence[int]) -> None:
        """Begin with these edges, which must be a tree."""
        self.graph = graph
        self.edges = list(edges)
        self.cost = np.zeros(graph.count)
        self.below = np.ones(graph.count)
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

    @property
    def retrieval(self) -> float:
        """Of every version once."""
        return math.fsum(self.cost.tolist())

    def _from(self, version: int) -> int:
        return self.graph.edges[self.edges[version]][0]

    def subtree(self, version: int) -> list[int]:
        """A version and all that are retrieved through it, it first."""
        found = [version]
        for one in found:  # it grows while it is walked
            found.extend(self.children[one])
        return found

    def moves(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """What each edge saves of retrieval, made the one of its version, and adds to storage."""
        u, v, storage, retrieval = self.graph.columns
        now = storage[np.array(self.edges[1:])]
        saved = (self.cost[v] - self.cost[u] - retrieval) * self.below[v]
        return saved, storage - now[v - 1]

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
        graph = self.graph
        u, v = graph.edges[edge]
        above = self._from(v)
        self.children[above].remove(v)
        self.storage += graph.storage[edge] - graph.storage[self.edges[v]]
        self.edges[v] = edge
        self.children[u].add(v)
        self.cost[self.subtree(v)] -= self.cost[v] - self.cost[u] - graph.retrieval[edge]
        self._count(above, -self.below[v])
        self._count(u, self.below[v])

    def _count(self, version: int, more: float) -> None:
        while version:
            self.below[version] += more
            version = self._from(version)

    def fill(self, budget: float, *, whole: bool = False) -> None:
        """Change what saves most per byte while it fits; only to what is stored whole, if so."""
        while True:
            saved, more = self.moves()
            useful = (saved > _LEAST) & (self.storage + more <= budget)
            if whole:
                useful &= self.graph.columns[0] == 0
            with np.errstate(divide="ignore", invalid="ignore"):
                rate = np.where(more > 0, saved / more, np.inf)
            if not self._change_best(np.where(useful, rate, -np.inf)):
                return

    def shrink(self, budget: float) -> None:
        """Change what costs least per byte of storage that it gives back, until the rest fits."""
        for _ in range(_STEPS * self.graph.count):
            if self.storage <= budget:
                return
            saved, more = self.moves()
            with np.errstate(divide="ignore", invalid="ignore"):
                rate = np.where(more < 0, saved / -more, -np.inf)
            if not self._change_best(rate):
                return

    def settle(self, price: float) -> None:
        """Change edges while retrieval and the price of storage fall together."""
        for _ in range(_STEPS * self.graph.count):
            saved, more = self.moves()
            better = saved - price * more
            useful = better > _LEAST + 1e-9 * np.abs(saved)
            if not self._change_best(np.where(useful, better, -np.inf)):
                return

    def _change_best(self, value: NDArray[np.float64]) -> bool:
        """Change to the edge of the highest value that is possible; whether there was one."""
        while value[edge := int(value.argmax())] > -np.inf:
            if self.possible(edge):
                self.change(edge)
                return True
            value[edge] = -np.inf
        return False


def lmg(graph: VersionGraph, budget: float) -> list[int]:
    """The paper's local move greedy: store whole what saves most retrieval per byte."""
    tree = Tree(graph, graph.smallest)
    tree.fill(budget, whole=True)
    return tree.edges


def lazy(graph: VersionGraph, budget: float) -> list[int]:
    """Change any edges: from the least storage, and from the best trees at prices per byte."""
    best = Tree(graph, graph.smallest)
    best.fill(budget)
    both_ways = TwoWay(graph) if graph.count <= MOST_VERSIONS else None
    low, high = 0.0, max(best.retrieval, 1.0)
    beginning: Sequence[int] = graph.smallest
    for _ in range(_PRICES):
        price = math.sqrt(low * high) if low else high / 1024
        tree = Tree(graph, both_ways.at(price) if both_ways else beginning)
        tree.settle(price)
        beginning = tree.edges
        if tree.storage > budget:
            low = price
        else:
            high = price
        best = _better(best, tree, budget)
    return _improved(best, budget).edges


def _better(best: Tree, tree: Tree, budget: float) -> Tree:
    """Of two, the second first brought within the budget; the second is changed."""
    tree.shrink(budget)
    if tree.storage > budget:
        return best
    tree.fill(budget)
    return tree if tree.retrieval < best.retrieval else best


def _improved(best: Tree, budget: float) -> Tree:
    """Change an edge that saves but does not fit, and make room; while that is better."""
    work = _WORK
    while True:
        saved, _ = best.moves()
        before = best
        for edge in np.flatnonzero(saved > _LEAST).tolist():
            work -= best.graph.count
            if work < 0:
                return best
            if not best.possible(edge):
                continue
            tree = Tree(best.graph, best.edges)
            tree.change(edge)
            best = _better(best, tree, budget)
        if best is before:
            return best


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
    best = Tree(graph, known).retrieval
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
        if tree.storage <= budget and tree.retrieval < best:
            edges = found
    return edges, max(result.dual_bound(), 0.0) * unit
