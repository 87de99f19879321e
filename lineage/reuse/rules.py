"""Rules of the literature for what to keep; each takes what fits, in its own order.

- `collaborative`: Collaborative Optimizer (B. Derakhshan et al., SIGMOD 2020). By utility, 0 where
  loading costs no less than recreating, else a * p' + (1 - a) * r' with r = frequency * recreation
  cost / size, p the best quality of any model made from it, both divided by their total; a = 0.5.
- `helix`: Helix (D. Xin et al., VLDB 2018). In topological order, what costs more than twice its
  loading to recreate.
- `lmg`: local move greedy (S. Bhattacherjee et al., VLDB 2015). Again and again what saves most
  retrieval per byte: how many depend on it, times what it costs to have it now, by its size.

None of them looks at what a kept artifact makes of the worth of others, save the last, in part.
"""

from __future__ import annotations

import heapq
import math
from typing import TYPE_CHECKING

from lineage.errors import ReuseError
from lineage.reuse.cut import cut

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lineage.reuse.dag import Dag
    from lineage.reuse.demand import Demand

QUALITY_SHARE = 0.5
"""The paper's a."""


def collaborative(
    dag: Dag, demand: Demand, budget: float, quality: Sequence[float] | None = None
) -> list[int]:
    """By utility.

    Args:
        dag: the workload.
        demand: its requests.
        budget: bytes.
        quality: (n,) of the model that a node is, from 0 to 1; 0 for what is no model. Without it
            utility is the second part alone.

    Raises:
        ReuseError: not one quality for each node.
    """
    recreation = _recreation(dag, demand)
    useful = {node for node, cost in recreation.items() if dag.load[node] < cost}
    rate = {
        node: _per_byte(_uses(demand, node) * recreation[node], demand.size[node])
        for node in useful
    }
    best = _best_quality(dag, quality) if quality is not None else [0.0] * len(dag)
    whole = math.fsum(value for value in rate.values() if value < math.inf) or 1.0
    models = math.fsum(best[node] for node in useful) or 1.0
    utility = {
        node: QUALITY_SHARE * best[node] / models + (1 - QUALITY_SHARE) * rate[node] / whole
        for node in useful
    }
    return _taken(demand, sorted(utility, key=lambda node: (-utility[node], node)), budget)


def helix(dag: Dag, demand: Demand, budget: float) -> list[int]:
    """In topological order, what is worth more than twice its loading."""
    recreation = _recreation(dag, demand)
    worth = [node for node, cost in recreation.items() if cost > 2 * dag.load[node]]
    return _taken(demand, sorted(worth, key=dag.ranks.__getitem__), budget)


def lmg(dag: Dag, demand: Demand, budget: float) -> list[int]:
    """Again and again by dependents, cost to have it now, and size."""
    above = {node: dag.ancestors((node,)) for node in demand.above}
    parents, compute = dag.parents, dag.compute.tolist()
    load = [math.inf] * len(dag)
    makers = [set(history.plan(history.kept(frozenset()))[1]) for history in demand.histories]
    kept, size = set[int](), 0.0

    def now(node: int) -> float:
        if all(load[v] == math.inf for v in above[node]):
            return math.fsum(compute[v] for v in above[node])
        loaded, made = cut(parents, compute, load, (node,))
        return math.fsum([*(load[v] for v in loaded), *(compute[v] for v in made)])

    def score(node: int) -> float:
        histories = demand.histories
        uses = math.fsum(
            histories[i].uses for i in demand.above[node] if histories[i].local[node] in makers[i]
        )
        saved = max(now(node) - float(dag.load[node]), 0.0)
        return _per_byte(uses * saved, demand.size[node])

    heap = [(-score(node), node) for node in demand.above]
    heapq.heapify(heap)
    while heap:
        _, node = heapq.heappop(heap)
        if size + demand.size[node] > budget:
            continue
        value = score(node)  # it only falls as more is kept
        if heap and -value > heap[0][0]:
            heapq.heappush(heap, (-value, node))
            continue
        if value <= 0:
            break
        kept.add(node)
        size += demand.size[node]
        load[node] = float(dag.load[node])
        for index in demand.above[node]:
            history = demand.histories[index]
            chosen = demand.kept_in(index, kept)
            makers[index] = set(history.plan(history.kept(chosen))[1])
    return sorted(kept)


def _recreation(dag: Dag, demand: Demand) -> dict[int, float]:
    """What each candidate costs to compute with nothing kept."""
    compute = dag.compute.tolist()
    return {
        node: math.fsum(compute[above] for above in dag.ancestors((node,))) for node in demand.above
    }


def _uses(demand: Demand, node: int) -> float:
    return math.fsum(demand.histories[index].uses for index in demand.above[node])


def _per_byte(value: float, size: float) -> float:
    if size:
        return value / size
    return math.inf if value > 0 else 0.0


def _best_quality(dag: Dag, quality: Sequence[float]) -> list[float]:
    """Of any model that is made from each node."""
    if len(quality) != len(dag):
        raise ReuseError(f"{len(quality)} qualities for {len(dag)} nodes: give one for each")
    best = [float(value) for value in quality]
    for node in reversed(dag.order.tolist()):
        for parent in dag.parents[node]:
            best[parent] = max(best[parent], best[node])
    return best


def _taken(demand: Demand, ranked: Iterable[int], budget: float) -> list[int]:
    """What fits, in this order."""
    taken, size = list[int](), 0.0
    for node in ranked:
        if size + demand.size[node] <= budget:
            taken.append(node)
            size += demand.size[node]
    return sorted(taken)
