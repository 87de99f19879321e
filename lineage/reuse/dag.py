"""A workload: what each artifact costs to compute, to load and to keep, and who asks for it.

A node is whatever can be loaded or computed as one. An execution that writes several artifacts is
a node of its own that cannot be loaded, and its artifacts are children of it that cost nothing to
compute: so that it is paid once, whichever of them are needed.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from lineage.errors import ReuseError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Amounts: TypeAlias = NDArray[np.float64]
Nodes: TypeAlias = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Dag:
    """Nodes 0 to n - 1 with their costs; made by `Dag.build`, which checks them.

    Attributes:
        compute: (n,) cost of computing a node once its parents are at hand; in any one unit.
        load: (n,) cost of loading it from where it is kept, in the same unit; infinite where it
            cannot be loaded.
        size: (n,) bytes to keep it; NaN where that is unknown.
        edges: (m, 2) pairs of parent and child, each once, by child and then parent.
        order: (n,) the nodes, parents first.
        targets: (r,) the nodes that are asked for, each once, ascending.
        uses: (r,) how many times each is expected to be asked for; more than 0.
        names: (n,) for messages; empty when nodes go by number.
    """

    compute: Amounts
    load: Amounts
    size: Amounts
    edges: Nodes
    order: Nodes
    targets: Nodes
    uses: Amounts
    names: tuple[str, ...] = ()

    @classmethod
    def build(
        cls,
        compute: Sequence[float | None] | Amounts,
        load: Sequence[float | None] | Amounts,
        size: Sequence[float | None] | Amounts,
        edges: Iterable[tuple[int, int]] | Nodes,
        requests: Iterable[tuple[int, float]] = (),
        *,
        names: Sequence[str] = (),
    ) -> Dag:
        """Check a workload and bring it into order.

        Args:
            compute: (n,) costs, finite and not negative.
            load: (n,) costs, not negative; None or infinite where a node cannot be loaded.
            size: (n,) bytes, not negative; None or NaN where unknown.
            edges: (m, 2) pairs of parent and child; a pair may come several times.
            requests: pairs of a node and its expected uses; those of one node are added up, and
                what is expected no times is left out.
            names: (n,) of the nodes, for messages.

        Raises:
            ReuseError: a cost, size or number of uses is missing, negative or no number, a node
                does not exist, or nodes need each other in a cycle. Cycles are refused and not
                condensed, because nothing in one could be computed before the rest of it.
        """
        count = len(compute)
        label = tuple(names)
        if len(load) != count or len(size) != count or (label and len(label) != count):
            raise ReuseError(
                f"a workload has {count} costs of computing, {len(load)} of loading and "
                f"{len(size)} sizes: give one of each for every node"
            )
        costs = _amounts(compute, "cost of computing", label, missing=None)
        loads = _amounts(load, "cost of loading", label, missing=np.inf)
        sizes = _amounts(size, "size", label, missing=np.nan)
        pairs = _pairs(edges, count)
        targets, uses = _requests(requests, count)
        order = _order(pairs, count, label)
        return cls(costs, loads, sizes, pairs, order, targets, uses, label)

    def __len__(self) -> int:
        """How many nodes there are."""
        return len(self.compute)

    def name(self, node: int) -> str:
        """What a message calls it."""
        return self.names[node] if self.names else f"node {node}"

    @cached_property
    def parents(self) -> list[list[int]]:
        """The parents of each node, ascending."""
        return _grouped(self.edges[:, 1], self.edges[:, 0], len(self))

    @cached_property
    def candidates(self) -> NDArray[np.bool_]:
        """(n,) what can be kept: it can be loaded, and its size is known."""
        known: NDArray[np.bool_] = np.isfinite(self.load) & np.isfinite(self.size)
        return known

    @cached_property
    def ranks(self) -> list[int]:
        """The place of each node in `order`."""
        ranks = np.empty(len(self), dtype=np.int64)
        ranks[self.order] = np.arange(len(self))
        found: list[int] = ranks.tolist()
        return found

    def check(self, nodes: Iterable[int]) -> list[int]:
        """The nodes, each once and ascending.

        Raises:
            ReuseError: one of them does not exist.
        """
        found = sorted(set(nodes))
        if found and not 0 <= found[0] <= found[-1] < len(self):
            wrong = found[0] if found[0] < 0 else found[-1]
            raise ReuseError(f"there is no node {wrong}: a workload of {len(self)} ends before")
        return found

    def ancestors(self, targets: Iterable[int]) -> list[int]:
        """The nodes and all that they are made from, parents first."""
        seen = set(targets)
        stack = list(seen)
        while stack:
            for parent in self.parents[stack.pop()]:
                if parent not in seen:
                    seen.add(parent)
                    stack.append(parent)
        return sorted(seen, key=self.ranks.__getitem__)


def without_cycles(
    pairs: Iterable[tuple[int, int]], order: Sequence[tuple[float, str]]
) -> list[tuple[int, int]]:
    """Pairs of parent and child without the links back that close cycles.

    Args:
        pairs: of nodes.
        order: of each node; within cycles only links along it stay, elsewhere all do.
    """
    kept = sorted(set(pairs))
    looped = _looped(kept, len(order))
    return [
        (parent, child)
        for parent, child in kept
        if not (parent in looped and child in looped) or order[parent] < order[child]
    ]


def _looped(pairs: Sequence[tuple[int, int]], count: int) -> set[int]:
    """The nodes in cycles, and those between two: what is left when ends are taken off."""
    left = set(range(count))
    for ends in (0, 1):
        near: list[list[int]] = [[] for _ in range(count)]
        waiting = [0] * count
        for pair in pairs:
            near[pair[ends]].append(pair[1 - ends])
            waiting[pair[1 - ends]] += 1
        free = [node for node in range(count) if not waiting[node]]
        while free:
            node = free.pop()
            left.discard(node)
            for other in near[node]:
                waiting[other] -= 1
                if not waiting[other]:
                    free.append(other)
    return left


def _amounts(
    given: Sequence[float | None] | Amounts, what: str, names: tuple[str, ...], *,
    missing: float | None,
) -> Amounts:  # fmt: skip
    """Amounts as numbers, `missing` where there is none (and where it is None, one is needed)."""
    absent = np.array([value is None for value in given], dtype=bool)
    try:
        found = np.asarray(given, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ReuseError(f"a {what} is no number: {error}") from error
    if missing is not None:
        found = np.where(absent, missing, found)
    wrong = found < 0
    if missing is None:
        wrong |= ~np.isfinite(found)
    elif missing == np.inf:
        wrong |= np.isnan(found)
    else:
        wrong |= np.isinf(found)
    if wrong.any():
        node = int(np.flatnonzero(wrong)[0])
        value = "missing" if absent[node] else f"{found[node]:g}"
        raise ReuseError(
            f"the {what} of {names[node] if names else f'node {node}'} is {value} "
            f"({int(wrong.sum())} like it): give a number that is not negative"
        )
    return found


def _pairs(edges: Iterable[tuple[int, int]] | Nodes, count: int) -> Nodes:
    listed = edges if isinstance(edges, np.ndarray) else list(edges)
    if len(listed) == 0:
        return np.empty((0, 2), dtype=np.int64)
    pairs = np.asarray(listed, dtype=np.int64)
    if pairs.min() < 0 or pairs.max() >= count:
        wrong = int(pairs.min()) if pairs.min() < 0 else int(pairs.max())
        raise ReuseError(f"an edge names node {wrong}, and there are {count} nodes from 0")
    keys = np.unique(pairs[:, 1] * count + pairs[:, 0])
    found: Nodes = np.stack((keys % count, keys // count), axis=1)
    return found


def _requests(requests: Iterable[tuple[int, float]], count: int) -> tuple[Nodes, Amounts]:
    listed = list(requests)
    for node, uses in listed:
        if not 0 <= node < count:
            raise ReuseError(f"a request names node {node}, and there are {count} nodes from 0")
        if not 0 <= uses < np.inf:
            raise ReuseError(f"node {node} is requested {uses} times: give a finite number from 0")
    total = np.zeros(count)
    nodes = np.array([node for node, _ in listed], dtype=np.int64)
    np.add.at(total, nodes, np.array([uses for _, uses in listed], dtype=np.float64))
    targets = np.flatnonzero(total)
    return targets, total[targets]


def _grouped(keys: Nodes, values: Nodes, count: int) -> list[list[int]]:
    """Values by key; keys ascending."""
    ends = np.searchsorted(keys, np.arange(count + 1)).tolist()
    flat = values.tolist()
    return [flat[ends[key] : ends[key + 1]] for key in range(count)]


def _order(pairs: Nodes, count: int, names: tuple[str, ...]) -> Nodes:
    """Parents first."""
    if (pairs[:, 0] < pairs[:, 1]).all():
        return np.arange(count)
    by_parent = pairs[np.argsort(pairs[:, 0], kind="stable")]
    children = _grouped(by_parent[:, 0], by_parent[:, 1], count)
    waiting = np.bincount(pairs[:, 1], minlength=count).tolist()
    order = [node for node in range(count) if not waiting[node]]
    for node in order:  # it grows while it is walked
        for child in children[node]:
            waiting[child] -= 1
            if not waiting[child]:
                order.append(child)
    if len(order) < count:
        cycle = _cycle(pairs, waiting)
        shown = " -> ".join(names[node] if names else f"node {node}" for node in cycle[:10])
        raise ReuseError(
            f"nodes need each other, so none of them can be computed first: {shown}"
            f"{' ...' if len(cycle) > 10 else ''}; take the edge out that closes the cycle"
        )
    return np.array(order, dtype=np.int64)


def _cycle(pairs: Nodes, waiting: list[int]) -> list[int]:
    """One cycle, its first node again at its end; every node that waits has a parent that does."""
    parent = {int(b): int(a) for a, b in pairs if waiting[a] and waiting[b]}
    node, path = next(iter(parent)), list[int]()
    while node not in path:
        path.append(node)
        node = parent[node]
    found = [*path[path.index(node) :], node]
    return found[::-1]
