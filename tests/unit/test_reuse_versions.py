"""Ways to store versions, against every way there is, and published graphs if at hand."""

import itertools
import math
import os
import random
from pathlib import Path

import networkx as nx
import pytest
from support.workloads import versions

from lineage.errors import ReuseError
from lineage.reuse import Stored, VersionGraph, store
from lineage.reuse.arborescence import arborescence
from lineage.reuse.retrieval import Tree
from lineage.reuse.twoway import TwoWay

PUBLISHED = os.environ.get("LINEAGE_VERSION_GRAPHS")
"""A folder of edge lists `u v storage retrieval`, `*.txt`."""


def ways(graph: VersionGraph) -> list[tuple[float, float]]:
    """Storage and retrieval of every way to store all versions."""
    into = [[e for e, (_, v) in enumerate(graph.edges) if v == n] for n in range(1, graph.count)]
    found = []
    for edges in itertools.product(*into):
        costs = retrieved(graph, (-1, *edges))
        if costs is not None:
            found.append((sum(graph.storage[edge] for edge in edges), sum(costs)))
    return found


def retrieved(graph: VersionGraph, edges: tuple[int, ...]) -> list[float] | None:
    """The cost of each version; None when they are made from each other."""
    costs = []
    for version in range(1, graph.count):
        cost, at = 0.0, version
        for _ in range(graph.count):
            if at:
                cost += graph.retrieval[edges[at]]
                at = graph.edges[edges[at]][0]
        if at:
            return None
        costs.append(cost)
    return costs


def check(graph: VersionGraph, budget: float, found: Stored) -> None:
    assert all(graph.edges[edge][1] == v for v, edge in enumerate(found.edges) if v)
    costs = retrieved(graph, found.edges)
    assert costs is not None
    assert found.retrieval == pytest.approx(sum(costs))
    assert found.storage == pytest.approx(sum(graph.storage[edge] for edge in found.edges[1:]))
    assert found.storage <= budget


def test_small_graphs_against_every_way() -> None:
    rng = random.Random(21)
    for _ in range(40):
        graph = versions(rng, rng.randint(2, 6))
        found = ways(graph)
        least = min(size for size, _ in found)
        budget = least * rng.choice([1, 1.1, 1.5, 3])
        best = min(cost for size, cost in found if size <= budget)
        assert store(graph, budget, "smallest").storage == pytest.approx(least)
        for rule in ("lmg", "lazy", "exact"):
            stored = store(graph, budget, rule)
            check(graph, budget, stored)
            assert stored.retrieval >= best - 1e-6
            if rule == "exact":
                assert stored.retrieval == pytest.approx(best)
                assert stored.bound == pytest.approx(best, rel=1e-5, abs=1e-3)


def test_lazy_is_near_the_best_and_never_behind_lmg() -> None:
    rng = random.Random(22)
    for _ in range(15):
        graph = versions(rng, 12)
        smallest = store(graph, math.inf, "smallest")
        budget = smallest.storage * rng.choice([1.05, 1.3, 2])
        lmg, lazy, exact = (store(graph, budget, rule) for rule in ("lmg", "lazy", "exact"))
        assert exact.retrieval <= lazy.retrieval <= lmg.retrieval + 1e-6
        most = smallest.retrieval - exact.retrieval
        assert smallest.retrieval - lazy.retrieval >= 0.95 * most


def test_large_graph() -> None:
    graph = versions(random.Random(23), 300)
    budget = store(graph, math.inf, "smallest").storage * 1.5
    for rule in ("lmg", "lazy"):
        check(graph, budget, store(graph, budget, rule))


@pytest.mark.skipif(PUBLISHED is None, reason="LINEAGE_VERSION_GRAPHS names no folder")
def test_published_graphs() -> None:
    paths = sorted(Path(PUBLISHED or ".").glob("*.txt"))
    assert paths
    for path in paths:
        graph = VersionGraph.read(path.read_text(encoding="utf-8").splitlines())
        budget = store(graph, math.inf, "smallest").storage * 1.5
        lmg, lazy = store(graph, budget, "lmg"), store(graph, budget, "lazy")
        check(graph, budget, lazy)
        assert lazy.retrieval <= lmg.retrieval


def test_along_a_tree_the_price_is_exact() -> None:
    """Where differences form a tree, no way has less of retrieval and price * storage."""
    rng = random.Random(24)
    for _ in range(60):
        count = rng.randint(2, 6)
        rows = [(0, v, rng.randint(50, 90), rng.randint(0, 9)) for v in range(1, count)]
        for v in range(2, count):
            u = rng.randrange(1, v)
            rows += [(*pair, rng.randint(1, 30), rng.randint(0, 30)) for pair in ((u, v), (v, u))]
        graph = VersionGraph.build(rows)
        for price in (0, 0.1, 1, 10):
            tree = Tree(graph, TwoWay(graph).at(price))
            best = min(cost + price * size for size, cost in ways(graph))
            assert tree.retrieval + price * tree.storage == pytest.approx(best)


def test_moves_keep_what_is_known_of_the_tree() -> None:
    rng = random.Random(25)
    graph = versions(rng, 30)
    tree = Tree(graph, graph.smallest)
    for _ in range(200):
        edge = rng.randrange(len(graph.edges))
        if not tree.possible(edge):
            continue
        saved, more = (values[edge] for values in tree.moves())
        before, storage = tree.retrieval, tree.storage
        tree.change(edge)
        assert before - tree.retrieval == pytest.approx(saved, abs=1e-6)
        assert tree.storage - storage == pytest.approx(more, abs=1e-6)
        fresh = Tree(graph, tree.edges)
        assert tree.cost == pytest.approx(fresh.cost)
        assert tree.below[1:] == pytest.approx(fresh.below[1:])


def test_arborescence_equals_networkx() -> None:
    rng = random.Random(26)
    for _ in range(300):
        count = rng.randint(2, 10)
        costs = {(0, v): rng.randint(5, 20) for v in range(1, count)}
        for _ in range(rng.randint(0, 30)):
            u, v = rng.randrange(count), rng.randrange(1, count)
            if u != v:
                costs[u, v] = rng.randint(0, 15)
        edges = list(costs)
        found = arborescence(count, edges, list(costs.values()))
        graph = nx.DiGraph()
        graph.add_weighted_edges_from((*edge, cost) for edge, cost in costs.items())
        best = nx.minimum_spanning_arborescence(graph).size("weight")
        assert sum(costs[edges[edge]] for edge in found[1:]) == best
        assert nx.is_arborescence(nx.DiGraph([edges[edge] for edge in found[1:]]))


class TestRead:
    def test_lines(self) -> None:
        graph = VersionGraph.read(["0 1 10 0\r\n", "", "# whole", "1 2 3 4.5  # difference"])
        assert graph.edges == ((0, 1), (1, 2))
        assert graph.retrieval == (0, 4.5)
        assert store(graph, 13, "lmg").whole == (1,)

    @pytest.mark.parametrize(
        ("line", "message"),
        [
            ("0 1 2", "line 1 is no edge"),
            ("0 x 2 3", "line 1 is no edge"),
            ("0 0 2 3", "0 -> 0"),
            ("1 0 2 3", "1 -> 0"),
            ("0 1 -2 3", "storage -2"),
            ("0 1 2 nan", "retrieval nan"),
            ("0 2 2 3", "cannot be reached"),
        ],
    )
    def test_what_is_no_graph(self, line: str, message: str) -> None:
        with pytest.raises(ReuseError, match=message):
            VersionGraph.read([line])

    def test_a_budget_that_holds_not_all(self) -> None:
        graph = VersionGraph.read(["0 1 10 0"])
        with pytest.raises(ReuseError, match="takes 10 at least"):
            store(graph, 9)

    def test_no_such_rule(self) -> None:
        with pytest.raises(ReuseError, match="no rule 'best'"):
            store(VersionGraph.read(["0 1 10 0"]), 10, "best")  # type: ignore[arg-type]
