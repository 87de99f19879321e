"""Plans against brute force, and workloads that are refused."""

import math
import random

import numpy as np
import pytest
from support.workloads import SHAPES, incoming, least_cost, tiny, workload

from lineage.errors import ReuseError
from lineage.reuse import Dag, plan
from lineage.reuse.plan import Plan

DIAMOND = Dag.build([10, 1, 1, 1], [None, 7, 7, None], [1] * 4, [(0, 1), (0, 2), (1, 3), (2, 3)])


def check(dag: Dag, targets: list[int], kept: list[int], found: Plan) -> None:
    """A plan can be carried out, does nothing in vain, and costs what it says."""
    loaded, computed = set(found.loaded), set(found.computed)
    assert loaded <= set(kept)
    assert not loaded & computed
    needed = set(targets).union(*(dag.parents[node] for node in computed))
    assert needed == loaded | computed
    done = set(loaded)
    for node in found.computed:
        assert set(dag.parents[node]) <= done
        done.add(node)
    cost = sum(dag.load[list(loaded)]) + sum(dag.compute[list(computed)])
    assert found.cost == pytest.approx(cost)


class TestExact:
    def test_two_thousand_small_graphs_equal_brute_force(self) -> None:
        rng = random.Random(20_180_814)
        cheaper = 0
        for _ in range(2_000):
            dag = tiny(rng, 8)
            targets = rng.sample(range(len(dag)), rng.randint(1, min(3, len(dag))))
            kept = [v for v in range(len(dag)) if rng.random() < 0.7 and dag.load[v] < math.inf]
            found = plan(dag, targets, kept)
            check(dag, targets, kept, found)
            assert found.cost == pytest.approx(least_cost(dag, targets, kept), abs=1e-9)
            fast = plan(dag, targets, kept, "linear")
            check(dag, targets, kept, fast)
            assert fast.cost >= found.cost - 1e-9
            cheaper += fast.cost > found.cost + 1e-9
        assert cheaper > 20  # the graphs are such that rules differ

    def test_the_diamond_of_which_the_linear_rule_counts_the_top_twice(self) -> None:
        assert plan(DIAMOND, [3], [1, 2]).cost == 13
        assert plan(DIAMOND, [3], [1, 2], "linear").cost == 15

    def test_decisions(self) -> None:
        dag = Dag.build([5, 5, 5], [None, 1, None], [1] * 3, [(0, 1), (1, 2)])
        found = plan(dag, [2], [1])
        assert [found.decision(node) for node in range(3)] == ["skip", "load", "compute"]

    def test_equal_costs_load(self) -> None:
        dag = Dag.build([2, 3], [None, 5], [1] * 2, [(0, 1)])
        assert plan(dag, [1], [1]).loaded == (1,)

    @pytest.mark.parametrize("unit", [1e-12, 1.0, 1e12])
    def test_any_unit_will_do(self, unit: float) -> None:
        # Costs are scaled to whole numbers by what is at stake, not by a fixed step.
        costs = [cost * unit for cost in (10, 1, 1, 1)]
        loads = [None, 7 * unit, 7 * unit, None]
        dag = Dag.build(costs, loads, [1] * 4, DIAMOND.edges)
        assert plan(dag, [3], [1, 2]).computed == (0, 1, 2, 3)

    def test_what_cannot_be_loaded_is_computed_though_kept(self) -> None:
        dag = Dag.build([4], [None], [1], [])
        assert plan(dag, [0], [0]).computed == (0,)

    def test_nothing_is_asked_for(self) -> None:
        assert plan(DIAMOND, [], [1]).cost == 0

    def test_a_chain_of_a_hundred_thousand(self) -> None:
        count = 100_000
        edges = np.stack((np.arange(count - 1), np.arange(1, count)), axis=1)
        dag = Dag.build(np.ones(count), np.full(count, 50.0), np.ones(count), edges)
        kept = range(0, count, 100)
        assert plan(dag, [count - 1], kept).cost == 50 + 99
        assert plan(dag, [count - 1], kept, "linear").cost == 50 + 99

    def test_a_tree_is_planned_exactly_by_the_linear_rule(self) -> None:
        rng = random.Random(7)
        for _ in range(100):
            dag, _ = workload(rng, "tree", 40)
            kept = np.flatnonzero(dag.load < math.inf).tolist()
            target = rng.randrange(40)
            exact, fast = plan(dag, [target], kept), plan(dag, [target], kept, "linear")
            assert exact.cost == pytest.approx(fast.cost)

    def test_large_workloads_are_carried_out(self) -> None:
        one = incoming(np.random.default_rng(3))
        for rule in ("exact", "linear"):
            check(one.dag, one.targets, one.kept, plan(one.dag, one.targets, one.kept, rule))

    @pytest.mark.parametrize("shape", SHAPES)
    def test_shapes_can_be_carried_out(self, shape: str) -> None:
        dag, _ = workload(random.Random(1), shape, 60)
        kept = np.flatnonzero(dag.load < math.inf).tolist()
        targets = dag.targets.tolist()
        exact, fast = plan(dag, targets, kept), plan(dag, targets, kept, "linear")
        check(dag, targets, kept, exact)
        assert exact.cost <= fast.cost + 1e-9

    def test_unknown_node(self) -> None:
        with pytest.raises(ReuseError, match="no node 4"):
            plan(DIAMOND, [4])


class TestDag:
    @pytest.mark.parametrize("cost", [None, -1, math.nan, math.inf])
    def test_costs_of_computing_are_needed(self, cost: float | None) -> None:
        with pytest.raises(ReuseError, match="cost of computing of b is"):
            Dag.build([1, cost], [1, 1], [1, 1], [], names=["a", "b"])

    @pytest.mark.parametrize("cost", [-1, math.nan])
    def test_costs_of_loading(self, cost: float) -> None:
        with pytest.raises(ReuseError, match="cost of loading of node 0"):
            Dag.build([1], [cost], [1], [])

    @pytest.mark.parametrize("size", [-1, math.inf])
    def test_sizes(self, size: float) -> None:
        with pytest.raises(ReuseError, match="size of node 0"):
            Dag.build([1], [1], [size], [])

    def test_what_is_missing_is_no_candidate(self) -> None:
        dag = Dag.build([1] * 3, [1, None, 1], [None, 1, 1], [])
        assert dag.candidates.tolist() == [False, False, True]

    def test_text_is_no_cost(self) -> None:
        with pytest.raises(ReuseError, match="no number"):
            Dag.build(["x"], [1], [1], [])  # type: ignore[list-item]

    def test_cycles_are_refused_by_name(self) -> None:
        edges = [(0, 1), (1, 2), (2, 3), (3, 1), (3, 4)]
        with pytest.raises(ReuseError, match=r"\bb -> c -> d -> b\b|c -> d -> b -> c|d -> b -> c"):
            Dag.build([1] * 5, [1] * 5, [1] * 5, edges, names="abcde")

    def test_self_loops_are_cycles(self) -> None:
        with pytest.raises(ReuseError, match="node 0 -> node 0"):
            Dag.build([1], [1], [1], [(0, 0)])

    @pytest.mark.parametrize("edge", [(0, 2), (-1, 0)])
    def test_edges_name_nodes(self, edge: tuple[int, int]) -> None:
        with pytest.raises(ReuseError, match="an edge names node"):
            Dag.build([1, 1], [1, 1], [1, 1], [edge])

    @pytest.mark.parametrize("request_", [(2, 1), (0, -1), (0, math.nan), (0, math.inf)])
    def test_requests(self, request_: tuple[int, float]) -> None:
        with pytest.raises(ReuseError, match="request"):
            Dag.build([1, 1], [1, 1], [1, 1], [], [request_])

    def test_lengths(self) -> None:
        with pytest.raises(ReuseError, match="one of each"):
            Dag.build([1, 1], [1], [1], [])

    def test_requests_of_one_node_are_added(self) -> None:
        dag = Dag.build([1, 1], [1, 1], [1, 1], [], [(1, 2), (0, 0), (1, 0.5)])
        assert (dag.targets.tolist(), dag.uses.tolist()) == ([1], [2.5])

    def test_order_and_repeated_edges(self) -> None:
        dag = Dag.build([1] * 3, [1] * 3, [1] * 3, [(2, 1), (1, 0), (2, 1)])
        assert dag.order.tolist() == [2, 1, 0]
        assert dag.parents == [[1], [2], []]
        assert dag.ancestors([0]) == [2, 1, 0]
