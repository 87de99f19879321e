"""Random workloads by shape, version graphs, and what brute force says of small ones."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lineage.reuse import Dag, VersionGraph

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterable, Sequence

Edges = list[tuple[int, int]]


def layered(rng: random.Random, count: int) -> Edges:
    """Layers of about the root of the count, one to three parents in the layer before."""
    depth = max(2, math.isqrt(count))
    layer = [node * depth // count for node in range(count)]
    edges: Edges = []
    for node in range(count):
        before = [other for other in range(node) if layer[other] == layer[node] - 1]
        chosen = rng.sample(before, min(len(before), rng.choice([1, 2, 2, 3])))
        edges += [(parent, node) for parent in chosen]
    return edges


def near(rng: random.Random, count: int) -> Edges:
    """One or two parents among the eight nodes before."""
    return [
        (rng.randrange(max(0, node - 8), node), node)
        for node in range(1, count)
        for _ in range(rng.choice([1, 1, 2]))
    ]


def diamonds(rng: random.Random, count: int) -> Edges:
    """A chain of diamonds, two to four wide."""
    edges: Edges = []
    top = 0
    while top + 3 < count:
        middle = range(top + 1, min(count - 1, top + 1 + rng.randint(2, 4)))
        bottom = middle[-1] + 1
        edges += [edge for node in middle for edge in ((top, node), (node, bottom))]
        top = bottom
    return edges


def tree(rng: random.Random, count: int) -> Edges:
    """One parent each: nothing is needed twice."""
    return [(rng.randrange(node), node) for node in range(1, count)]


SHAPES: dict[str, Callable[[random.Random, int], Edges]] = {
    "tree": tree,
    "near": near,
    "diamonds": diamonds,
    "layered": layered,
}


def workload(rng: random.Random, shape: str, count: int) -> tuple[Dag, float]:
    """A workload and a budget; in half of them what is costly cannot be kept."""
    compute = [rng.lognormvariate(1, 1.5) for _ in range(count)]
    load = [None if rng.random() < 0.3 else cost * rng.uniform(0.01, 1.5) for cost in compute]
    if rng.random() < 0.5:
        for node in range(count // 3):
            load[node] = None
            compute[node] *= 5
    spread = rng.choice([0.5, 1.5])
    size = [math.ceil(rng.lognormvariate(3, spread)) for _ in range(count)]
    late = range(count // 4 + 1, count)
    asked = [(node, rng.choice([1, 2, 5])) for node in late if rng.random() < 0.4]
    edges = SHAPES[shape](rng, count)
    dag = Dag.build(compute, load, size, edges, asked or [(count - 1, 1)])
    return dag, sum(size) * rng.choice([0.03, 0.1, 0.2, 0.4])


def tiny(rng: random.Random, most: int) -> Dag:
    """Few nodes with every oddity: zero costs, what cannot be loaded, unknown and zero sizes."""
    count = rng.randint(1, most)
    density = rng.choice([0.2, 0.4, 0.6])
    edges = [edge for edge in itertools.combinations(range(count), 2) if rng.random() < density]
    names = list(range(count))
    rng.shuffle(names)  # so that numbers are no topological order
    return Dag.build(
        [rng.choice([0, rng.randint(0, 10), rng.random() * 100]) for _ in range(count)],
        [rng.choice([0, rng.randint(0, 20), rng.random() * 10, None]) for _ in range(count)],
        [rng.choice([0, rng.randint(1, 30), rng.randint(1, 30), None]) for _ in range(count)],
        [(names[a], names[b]) for a, b in edges],
        [(rng.randrange(count), rng.choice([0, 0.5, 1, 5])) for _ in range(rng.randint(1, count))],
    )


class Incoming(NamedTuple):
    """A workload as it comes in: what it asks for, and what of it is kept."""

    dag: Dag
    targets: list[int]
    kept: list[int]


def incoming(rng: np.random.Generator, low: int = 500, high: int = 2_000) -> Incoming:
    """Shaped as scripts are: long chains with joins and concatenations, several results.

    Collaborative Optimizer's overhead is measured on 10,000 synthetic workloads of some hundred to
    two thousand artifacts, drawn after real notebooks; they are not published. Ours: 500 to 2,000
    nodes; one parent mostly, two for one in ten (a join), three or four for one in twenty; a parent
    is mostly one of the last 50 nodes; costs of computing log-normal (sigma 1.5), of loading the
    same at half the median; three of ten are kept; all that nothing is made from is asked for.
    """
    count = int(rng.integers(low, high + 1))
    degree = rng.choice([1, 2, 3, 4], size=count, p=[0.85, 0.1, 0.03, 0.02])
    child = np.repeat(np.arange(count), degree)[degree[0] :]
    first = np.where(rng.random(len(child)) < 0.8, np.maximum(0, child - 50), 0)
    parent = first + (rng.random(len(child)) * (child - first)).astype(np.int64)
    dag = Dag.build(
        rng.lognormal(0, 1.5, count),
        rng.lognormal(0, 1.5, count) / 2,
        np.ones(count),
        np.stack((parent, child), axis=1),
    )
    last = np.setdiff1d(np.arange(count), parent)
    return Incoming(dag, last.tolist(), np.flatnonzero(rng.random(count) < 0.3).tolist())


def pipelines(rng: random.Random, count: int) -> tuple[Dag, float]:
    """Rolling windows over spans: statistics, transform, one to three models each, evaluations."""
    compute, load, size = list[float](), list[float | None](), list[float]()
    edges, asked = list[tuple[int, int]](), list[tuple[int, float]]()

    def add(cost: float, read: float | None, weight: float, parents: Iterable[int]) -> int:
        node = len(compute)
        compute.append(cost)
        load.append(read)
        size.append(weight)
        edges.extend((parent, node) for parent in parents)
        return node

    def step(cost: float, read: float, weight: float, parents: Iterable[int]) -> int:
        """An execution, and what it writes."""
        return add(0, read, weight, [add(rng.lognormvariate(cost, 1), None, 0, parents)])

    def heavy(log: float) -> int:
        return math.ceil(rng.lognormvariate(log, 1))

    while len(compute) < count:
        spans = [add(rng.lognormvariate(2, 1), rng.random() / 10, heavy(20), ()) for _ in range(30)]
        for first in range(25):
            window = spans[first : first + 5]
            statistics = step(2, rng.random() / 10, 10_000, window)
            examples = step(3, rng.random() / 2, heavy(19), [*window, statistics])
            for _ in range(rng.choice([1, 1, 2, 3])):
                model = step(4, rng.random() / 2, heavy(17), [examples, statistics])
                evaluation = step(1, 0.01, 1_000, [model, window[-1]])
                asked += [(model, 1), (evaluation, 1)]
    return Dag.build(compute, load, size, edges, asked), sum(size) / 200


def least_cost(dag: Dag, targets: Iterable[int], kept: Iterable[int]) -> float:
    """The cheapest plan of all there are, over every set of computed nodes."""
    wanted, at_hand = set(targets), set(kept)
    best = math.inf
    for made in itertools.product((False, True), repeat=len(dag)):
        computed = {node for node, one in enumerate(made) if one}
        needed = wanted.union(*(dag.parents[node] for node in computed))
        cost = sum(dag.compute[node] for node in computed)
        for node in needed - computed:
            cost += dag.load[node] if node in at_hand else math.inf
        best = min(best, cost)
    return best


def most_saved(dag: Dag, budget: float, cost: Callable[[int, Sequence[int]], float]) -> float:
    """The highest saving over every set that fits; `cost` of a target with a set kept."""
    asked = list(zip(dag.targets.tolist(), dag.uses.tolist(), strict=True))
    nothing = {target: cost(target, ()) for target, _ in asked}
    candidates = np.flatnonzero(dag.candidates).tolist()
    best = 0.0
    for length in range(len(candidates) + 1):
        for kept in itertools.combinations(candidates, length):
            if sum(dag.size[list(kept)]) <= budget:
                saved = sum(uses * (nothing[t] - cost(t, kept)) for t, uses in asked)
                best = max(best, saved)
    return best


def versions(rng: random.Random, count: int) -> VersionGraph:
    """A history with branches and merges: whole versions, and differences both ways.

    As in the published graphs of source repositories: a whole version costs nothing to retrieve,
    and a difference as much as it stores.
    """
    whole = rng.lognormvariate(7, 1)
    rows = list[tuple[int, int, float, float]]()
    for version in range(1, count):
        whole = max(1, whole + rng.uniform(-0.05, 0.2) * whole)
        rows.append((0, version, round(whole), 0))
        links = {rng.randrange(max(1, version - 4), version)} if version > 1 else set()
        if version > 2 and rng.random() < 0.2:
            links.add(rng.randrange(1, version))
        for other in links:
            for pair in ((other, version), (version, other)):
                delta = round(min(rng.lognormvariate(4, 1.5), whole))
                rows.append((*pair, delta, delta))
    return VersionGraph.build(rows)
