"""What requests cost with a set of artifacts kept, request by request.

The history of a request is the graph above its target. What cannot be kept and serves one node of
it alone is made part of that node, so that executions between artifacts take no place of their own.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lineage.errors import ReuseError
from lineage.reuse.cut import cut

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lineage.reuse.dag import Dag

MOST_PLACES = 20_000_000
"""Nodes of all histories together: about 5 GB."""

_CACHED = 512
_TIE = 1e-12  # by which loading must be cheaper than computing, to be of use


@dataclass(eq=False)
class History:
    """The graph above one target, in its own numbers, parents first; the target is the last.

    Attributes:
        uses: expected of the target.
        nodes: the number of each in the workload.
        parents: of each, in own numbers.
        compute: cost of each, with what was made part of it.
        load: cost of each; infinite for what cannot be kept.
        local: own number of each candidate, by its number in the workload.
        total: cost with nothing kept.
    """

    uses: float
    nodes: list[int]
    parents: list[list[int]]
    compute: list[float]
    load: list[float]
    local: dict[int, int]
    total: float = 0.0
    _costs: dict[frozenset[int], float] = field(default_factory=dict)

    def plan(self, load: Sequence[float]) -> tuple[list[int], list[int]]:
        """What is loaded and what is computed with these costs of loading, in own numbers."""
        return cut(self.parents, self.compute, load, (len(self.nodes) - 1,))

    def kept(self, kept: frozenset[int]) -> list[float]:
        """Costs of loading when of the candidates here only these are kept (own numbers)."""
        load = [math.inf] * len(self.nodes)
        for node in kept:
            load[node] = self.load[node]
        return load

    def cost(self, kept: frozenset[int]) -> float:
        """The least cost of the target, once, with these kept (own numbers)."""
        if not kept:
            return self.total
        found = self._costs.get(kept)
        if found is None:
            loaded, computed = self.plan(self.kept(kept))
            found = sum(self.load[v] for v in loaded) + sum(self.compute[v] for v in computed)
            if len(self._costs) >= _CACHED:
                self._costs.clear()
            self._costs[kept] = found
        return found


class Demand:
    """All requests of a workload, and what can be kept for them.

    Attributes:
        size: bytes of each candidate that is above a target and fits the budget.
        histories: one for each target.
        above: for each candidate the histories that it is in, ascending.
        total: cost of all requests with nothing kept.
    """

    def __init__(self, dag: Dag, budget: float) -> None:
        """Gather the histories.

        Raises:
            ReuseError: they are too large together.
        """
        fits = dag.candidates & (dag.size <= budget)
        self._candidate: list[bool] = fits.tolist()
        self._load: list[float] = dag.load.tolist()
        self._compute: list[float] = dag.compute.tolist()
        self.histories = list[History]()
        self.above: dict[int, list[int]] = {}
        self.size: dict[int, float] = {}
        places = 0
        for target, uses in zip(dag.targets.tolist(), dag.uses.tolist(), strict=True):
            history = self._history(dag, target, uses)
            places += len(history.nodes)
            if places > MOST_PLACES:
                raise ReuseError(
                    f"what {len(dag.targets):,} requested nodes are made from is more than "
                    f"{MOST_PLACES:,} nodes, counted for each: select from fewer requests"
                )
            for node in history.local:
                self.above.setdefault(node, []).append(len(self.histories))
                self.size[node] = float(dag.size[node])
            self.histories.append(history)
        self.total = math.fsum(one.uses * one.total for one in self.histories)

    def _history(self, dag: Dag, target: int, uses: float) -> History:
        order = dag.ancestors((target,))
        into = self._merged(dag, order)
        nodes = [node for node in order if into[node] == node]
        local = {node: index for index, node in enumerate(nodes)}
        compute = [0.0] * len(nodes)
        parents: list[set[int]] = [set() for _ in nodes]
        for node in order:
            here = local[into[node]]
            compute[here] += self._compute[node]
            parents[here].update(local[into[parent]] for parent in dag.parents[node])
        kept = {node: index for node, index in local.items() if self._candidate[node]}
        load = [self._load[node] if node in kept else math.inf for node in nodes]
        above = [sorted(group - {index}) for index, group in enumerate(parents)]
        return History(uses, nodes, above, compute, load, kept, math.fsum(compute))

    def _merged(self, dag: Dag, order: list[int]) -> dict[int, int]:
        """The node that each is made part of: mostly itself."""
        only: dict[int, int | None] = {}  # the one node that needs it; None when several do
        into: dict[int, int] = {}
        for node in reversed(order):
            child = only.get(node)
            into[node] = node if child is None or self._candidate[node] else child
            for parent in dag.parents[node]:
                same = only.setdefault(parent, into[node])
                if same != into[node]:
                    only[parent] = None
        return into

    def kept_in(self, history: int, kept: Iterable[int]) -> frozenset[int]:
        """Which of these are in a history, in its own numbers."""
        local = self.histories[history].local
        return frozenset(local[node] for node in kept if node in local)

    def saving(self, kept: Iterable[int]) -> float:
        """What all requests cost less when these are kept."""
        by_history: dict[int, set[int]] = {}
        for node in kept:
            for index in self.above.get(node, ()):
                by_history.setdefault(index, set()).add(self.histories[index].local[node])
        histories = ((self.histories[index], local) for index, local in by_history.items())
        return math.fsum(h.uses * (h.total - h.cost(frozenset(local))) for h, local in histories)

    def weight(self, kept: Iterable[int]) -> float:
        """Bytes of these."""
        return math.fsum(self.size[node] for node in kept)

    def used(self, kept: Iterable[int]) -> list[int]:
        """Those that some plan loads, ascending, where computing would cost more."""
        chosen = set(kept)
        found = set[int]()
        for history in self.histories:
            nodes = chosen & history.local.keys()
            if nodes:
                load = history.kept(frozenset(history.local[node] for node in nodes))
                dearer = [cost * (1 + _TIE) + _TIE * history.total for cost in load]
                found.update(history.nodes[node] for node in history.plan(dearer)[0])
        return sorted(found)
