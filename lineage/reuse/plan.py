"""What to load, what to compute and what to skip, so that targets are at hand at least cost.

Two rules:

- `exact`: a minimum cut (Helix, D. Xin et al., VLDB 2018); see `lineage.reuse.cut`.
- `linear`: the rule of Collaborative Optimizer (B. Derakhshan et al., SIGMOD 2020), in linear time.
  Forward, T(v) = min(load, compute + sum of T over the parents); backward from the targets, what is
  cheaper to load is loaded, and what only that needed is skipped. It counts what several parents
  share several times, and so loads where it should compute; where nothing is shared it is exact.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict

from lineage.reuse.cut import cut

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lineage.reuse.dag import Dag

Rule: TypeAlias = Literal["exact", "linear"]
Decision: TypeAlias = Literal["load", "compute", "skip"]


class Plan(BaseModel):
    """How to have the targets at hand; every node that is not named is skipped.

    Attributes:
        rule: that made it.
        loaded: nodes to load, ascending.
        computed: nodes to compute, parents first.
        cost: of all these, each counted once.
    """

    model_config = ConfigDict(frozen=True)

    rule: Rule
    loaded: tuple[int, ...]
    computed: tuple[int, ...]
    cost: float

    def decision(self, node: int) -> Decision:
        """What is done with a node."""
        if node in self.loaded:
            return "load"
        return "compute" if node in self.computed else "skip"


def plan(
    dag: Dag, targets: Iterable[int], materialized: Iterable[int] = (), rule: Rule = "exact"
) -> Plan:
    """Plan the cheapest way to targets.

    Args:
        dag: the workload; its requests play no part.
        targets: nodes that have to be at hand.
        materialized: nodes that are kept; those that cannot be loaded are computed as ever.
        rule: `exact` or `linear`.

    Raises:
        ReuseError: a node does not exist.
    """
    wanted = dag.check(targets)
    kept = dag.check(materialized)
    load = [math.inf] * len(dag)
    for node, cost in zip(kept, dag.load[kept].tolist(), strict=True):
        load[node] = cost
    compute = dag.compute.tolist()
    if rule == "exact":
        loaded, computed = cut(dag.parents, compute, load, wanted)
    else:
        loaded, computed = linear(dag.parents, compute, load, dag.ancestors(wanted), wanted)
    return Plan(
        rule=rule,
        loaded=tuple(sorted(loaded)),
        computed=tuple(sorted(computed, key=dag.ranks.__getitem__)),
        cost=math.fsum([*(load[v] for v in loaded), *(compute[v] for v in computed)]),
    )


def linear(
    parents: Sequence[Sequence[int]],
    compute: Sequence[float],
    load: Sequence[float],
    order: Iterable[int],
    targets: Iterable[int],
) -> tuple[list[int], list[int]]:
    """The linear-time rule.

    Args:
        parents: of each node.
        compute: cost of each node.
        load: cost of each node; infinite where it is not kept.
        order: the targets and all above them, parents first.
        targets: nodes that have to be at hand.

    Returns:
        What is loaded and what is computed; each node once.
    """
    total: dict[int, float] = {}
    by_load = set[int]()
    for node in order:
        cost = compute[node]
        for parent in parents[node]:
            cost += total[parent]
        if load[node] <= cost and load[node] < math.inf:
            cost = load[node]
            by_load.add(node)
        total[node] = cost
    loaded, computed = list[int](), list[int]()
    stack = list(targets)
    seen = set(stack)
    while stack:
        node = stack.pop()
        if node in by_load:
            loaded.append(node)
            continue
        computed.append(node)
        for parent in parents[node]:
            if parent not in seen:
                seen.add(parent)
                stack.append(parent)
    return loaded, computed
