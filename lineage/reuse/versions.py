"""Versions of a data set: which to store whole, which as a difference from another.

The problem is *MinSum Retrieval* (S. Bhattacherjee et al., VLDB 2015): store all versions in no
more than a budget, so that retrieving each of them once costs least. A version is retrieved
along its chain of differences from one that is stored whole. Graphs are lists of edges, one a line:

    u v storage retrieval

From 0, which is nothing, to v: v whole. From u to v: the difference that makes v of u.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

import numpy as np
from pydantic import BaseModel, ConfigDict

from lineage.errors import ReuseError
from lineage.reuse import retrieval
from lineage.reuse.arborescence import arborescence

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lineage.reuse.dag import Amounts, Nodes

Rule: TypeAlias = Literal["smallest", "lmg", "lazy", "exact"]

EXACT_SECONDS = 60.0


@dataclass(frozen=True, eq=False)
class VersionGraph:
    """Ways to store versions 1 to n - 1.

    Attributes:
        count: n, with 0 for nothing.
        edges: pairs of what a version is made from, and the version.
        storage: bytes of each edge.
        retrieval: cost of each edge.
    """

    count: int
    edges: tuple[tuple[int, int], ...]
    storage: tuple[float, ...]
    retrieval: tuple[float, ...]

    @classmethod
    def build(cls, rows: Iterable[tuple[int, int, float, float]]) -> VersionGraph:
        """Check rows `u v storage retrieval`.

        Raises:
            ReuseError: a number is negative or none, a version is made from itself or makes
                nothing, or some version cannot be retrieved.
        """
        listed = list(rows)
        for u, v, storage, cost in listed:
            if u < 0 or v < 1 or u == v:
                raise ReuseError(f"an edge {u} -> {v}: versions count from 1, and 0 is nothing")
            if not (0 <= storage < math.inf and 0 <= cost < math.inf):
                raise ReuseError(f"edge {u} -> {v} has storage {storage:g}, retrieval {cost:g}")
        count = 1 + max((max(u, v) for u, v, _, _ in listed), default=0)
        graph = cls(
            count,
            tuple((u, v) for u, v, _, _ in listed),
            tuple(storage for _, _, storage, _ in listed),
            tuple(cost for _, _, _, cost in listed),
        )
        _ = graph.smallest
        return graph

    @classmethod
    def read(cls, lines: Iterable[str]) -> VersionGraph:
        """Read an edge list; empty lines and what follows `#` are passed over.

        Raises:
            ReuseError: a line is none, or as in `build`.
        """
        rows = list[tuple[int, int, float, float]]()
        for number, line in enumerate(lines, 1):
            words = line.partition("#")[0].split()
            if not words:
                continue
            try:
                u, v, storage, cost = words
                rows.append((int(u), int(v), float(storage), float(cost)))
            except ValueError as error:
                raise ReuseError(
                    f"line {number} is no edge, which is 'u v storage retrieval': {line.strip()!r}"
                ) from error
        return cls.build(rows)

    @cached_property
    def columns(self) -> tuple[Nodes, Nodes, Amounts, Amounts]:
        """Where each edge begins and ends, its storage and its retrieval: four of (m,)."""
        pairs = np.array(self.edges, dtype=np.int64).reshape(-1, 2)
        return pairs[:, 0], pairs[:, 1], np.array(self.storage), np.array(self.retrieval)

    @cached_property
    def smallest(self) -> tuple[int, ...]:
        """The edge that makes each version, -1 for nothing, so that storage is least."""
        return tuple(arborescence(self.count, self.edges, self.storage))


class Stored(BaseModel):
    """How each version is stored.

    Attributes:
        rule: that decided.
        edges: index of the edge that makes each version; -1 for nothing.
        whole: versions that are stored whole.
        storage: bytes of all.
        retrieval: cost of retrieving each version once.
        bound: no way within the budget costs less; None for rules that prove nothing.
    """

    model_config = ConfigDict(frozen=True)

    rule: Rule
    edges: tuple[int, ...]
    whole: tuple[int, ...]
    storage: float
    retrieval: float
    bound: float | None = None


def store(
    graph: VersionGraph, budget: float, rule: Rule = "lazy", *, seconds: float = EXACT_SECONDS
) -> Stored:
    """Decide how to store each version.

    Args:
        graph: the ways there are.
        budget: bytes, for all versions together.
        rule: `smallest` is the least storage there is; `lmg` the paper's local move greedy, which
            begins with that and stores whole what saves most retrieval per byte; `lazy` changes
            any edges, from several beginnings; `exact` an integer programme.
        seconds: of the exact solver; when they are over, the better of what it has found and of
            what `lazy` finds is returned, with the bound that it has proven.

    Raises:
        ReuseError: the budget is less than the least storage there is, or there is no such rule.
    """
    if rule not in get_args(Rule):
        raise ReuseError(f"there is no rule {rule!r}; there are {', '.join(get_args(Rule))}")
    least = math.fsum(graph.storage[edge] for edge in graph.smallest[1:])
    if not budget >= least:
        raise ReuseError(
            f"{budget:,.0f} bytes do not hold all versions: that takes {least:,.0f} at least"
        )
    bound = None
    if rule == "smallest":
        edges = list(graph.smallest)
    elif rule == "lmg":
        edges = retrieval.lmg(graph, budget)
    else:
        edges = retrieval.lazy(graph, budget)
    if rule == "exact":
        edges, bound = retrieval.exact(graph, budget, edges, seconds)
    return _stored(graph, rule, edges, bound)


def _stored(graph: VersionGraph, rule: Rule, edges: list[int], bound: float | None) -> Stored:
    tree = retrieval.Tree(graph, edges)
    total = tree.retrieval
    return Stored(
        rule=rule,
        edges=tuple(edges),
        whole=tuple(v for v in range(1, graph.count) if graph.edges[edges[v]][0] == 0),
        storage=tree.storage,
        retrieval=total,
        bound=None if bound is None else min(bound, total),
    )
