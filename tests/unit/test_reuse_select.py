"""Selections against every set that fits, bounds that hold, and budgets at their ends."""

import math
import random
from functools import partial

import numpy as np
import pytest
from support.workloads import SHAPES, least_cost, most_saved, pipelines, tiny, workload

from lineage.errors import ReuseError
from lineage.reuse import Dag, plan, select
from lineage.reuse.demand import Demand
from lineage.reuse.kept import Kept
from lineage.reuse.select import EXACT_PLACES, Rule

RULES: tuple[Rule, ...] = ("exact", "lazy", "collaborative", "helix", "lmg")
CHAIN = Dag.build([8, 4, 2], [1, 1, 1], [10, 10, 10], [(0, 1), (1, 2)], [(2, 1), (1, 3)])


def planned(dag: Dag, target: int, kept: tuple[int, ...]) -> float:
    return plan(dag, [target], kept).cost


def saved(dag: Dag, kept: tuple[int, ...]) -> float:
    """By the planner, request by request."""
    asked = zip(dag.targets.tolist(), dag.uses.tolist(), strict=True)
    return sum(uses * (planned(dag, t, ()) - planned(dag, t, kept)) for t, uses in asked)


class TestAgainstEverySet:
    def test_exact_is_the_best_and_bounds_hold(self) -> None:
        rng = random.Random(11)
        for _ in range(250):
            dag = tiny(rng, 8)
            budget = rng.choice([0, rng.randint(0, 40), rng.randint(0, 100)])
            best = most_saved(dag, budget, partial(planned, dag))
            for rule in RULES:
                found = select(dag, budget, rule)
                assert found.size <= budget
                assert found.saving == pytest.approx(saved(dag, found.kept), abs=1e-9)
                assert found.saving <= best + 1e-9 * (1 + best)
                if found.bound is not None:
                    assert found.bound >= best - 1e-6 * (1 + best)
                if rule == "exact":
                    assert found.saving == pytest.approx(best, rel=1e-6, abs=1e-6)
                    assert found.optimal
                if rule == "lazy":
                    assert found.saving >= 0.95 * best - 1e-9

    def test_the_best_is_that_of_brute_force_plans_too(self) -> None:
        rng = random.Random(12)
        for _ in range(15):
            dag = tiny(rng, 6)
            cost = partial(least_cost, dag)
            best = most_saved(dag, 30, lambda t, kept, cost=cost: cost((t,), kept))
            assert select(dag, 30, "exact").saving == pytest.approx(best, rel=1e-6, abs=1e-6)

    @pytest.mark.parametrize("shape", SHAPES)
    def test_lazy_is_near_the_best(self, shape: str) -> None:
        rng = random.Random(13)
        for _ in range(20):
            dag, budget = workload(rng, shape, rng.randint(10, 50))
            best, found = select(dag, budget, "exact"), select(dag, budget, "lazy")
            assert best.optimal
            assert 0.95 * best.saving <= found.saving <= best.saving * (1 + 1e-6)
            assert found.bound is not None
            assert found.bound >= best.saving * (1 - 1e-6)


class TestGains:
    def test_with_nothing_kept_the_gain_is_exact(self) -> None:
        rng = random.Random(14)
        for _ in range(200):
            dag = tiny(rng, 9)
            kept = Kept(Demand(dag, math.inf))
            for node in kept.demand.above:
                assert max(kept.gains.get(node, 0.0), 0.0) == pytest.approx(saved(dag, (node,)))

    def test_it_is_never_promised_too_high(self) -> None:
        rng = random.Random(15)
        for _ in range(200):
            dag = tiny(rng, 9)
            demand = Demand(dag, math.inf)
            nodes = [node for node in demand.above if rng.random() < 0.3]
            kept = Kept(demand, nodes)
            assert kept.saving == pytest.approx(saved(dag, tuple(nodes)))
            for node in demand.above.keys() - kept.nodes:
                gain = saved(dag, (*nodes, node)) - kept.saving
                assert kept.gain(node) == pytest.approx(gain, abs=1e-9)
                assert kept.gains.get(node, 0.0) <= gain + 1e-9

    def test_growing_and_shrinking_ends_where_it_would_begin(self) -> None:
        rng = random.Random(16)
        for _ in range(100):
            demand = Demand(tiny(rng, 9), math.inf)
            kept = Kept(demand)
            for _ in range(12):
                if nodes := sorted(demand.above):
                    node = rng.choice(nodes)
                    (kept.remove if node in kept.nodes else kept.add)(node)
            fresh = Kept(demand, kept.nodes)
            assert kept.saving == pytest.approx(fresh.saving)
            assert kept.size == fresh.size
            for node in demand.above:
                expected = pytest.approx(fresh.gains.get(node, 0.0), abs=1e-9)
                assert kept.gains.get(node, 0.0) == expected


class TestOverlap:
    def test_what_is_above_a_kept_one_is_worth_less(self) -> None:
        # Together these two would promise 13 + 11 for node 2; it can only be saved once.
        found = select(CHAIN, 20, "exact")
        assert found.kept == (1, 2)
        assert found.saving == (14 - 1) + 3 * (12 - 1)

    def test_two_that_save_only_together_are_found(self) -> None:
        # What is costly cannot be kept and both branches need it.
        dag = Dag.build(
            [100, 1, 1, 1], [None, 1, 1, None], [0, 5, 5, 0],
            [(0, 1), (0, 2), (1, 3), (2, 3)], [(3, 1)],
        )  # fmt: skip
        for rule in ("exact", "lazy"):
            assert select(dag, 10, rule).kept == (1, 2)
            assert select(dag, 9, rule).kept == ()

    def test_what_saves_nothing_is_not_kept(self) -> None:
        for rule in RULES:
            assert select(CHAIN, 30, rule).kept in ((1, 2), (0, 1, 2))
        assert select(CHAIN, 30, "exact").kept == (1, 2)

    def test_executions_are_paid_once(self) -> None:
        # One execution writes two artifacts: keeping one of them does not spare it.
        dag = Dag.build(
            [10, 0, 0, 1], [None, 1, 1, None], [0, 5, 5, 0],
            [(0, 1), (0, 2), (1, 3), (2, 3)], [(3, 1)],
        )  # fmt: skip
        assert select(dag, 5, "lazy").saving == 0
        assert select(dag, 10, "lazy").saving == 8


class TestEnds:
    @pytest.mark.parametrize("rule", RULES)
    def test_budget_of_nothing(self, rule: Rule) -> None:
        found = select(CHAIN, 0, rule)
        assert (found.kept, found.saving, found.size) == ((), 0, 0)

    @pytest.mark.parametrize("rule", ["exact", "lazy", "auto"])
    @pytest.mark.parametrize("budget", [30, math.inf])
    def test_budget_of_everything(self, rule: Rule, budget: float) -> None:
        found = select(CHAIN, budget, rule)
        assert found.saving == 46
        assert found.optimal
        assert found.ratio == 1

    @pytest.mark.parametrize("budget", [-1, math.nan])
    def test_no_budget(self, budget: float) -> None:
        with pytest.raises(ReuseError, match="budget"):
            select(CHAIN, budget)

    def test_no_such_rule(self) -> None:
        with pytest.raises(ReuseError, match="no rule 'best'"):
            select(CHAIN, 1, "best")  # type: ignore[arg-type]

    @pytest.mark.parametrize("rule", RULES)
    def test_unknown_sizes_are_counted_and_not_kept(self, rule: Rule) -> None:
        dag = Dag.build([8, 4], [1, 1], [None, 10], [(0, 1)], [(1, 1)])
        found = select(dag, 100, rule)
        assert (found.kept, found.unknown) == ((1,), 1)

    @pytest.mark.parametrize("rule", RULES)
    def test_no_costs_at_all(self, rule: Rule) -> None:
        dag = Dag.build([0, 0], [0, 0], [1, 1], [(0, 1)], [(1, 1)])
        found = select(dag, 10, rule)
        assert (found.total, found.saving) == (0, 0)

    @pytest.mark.parametrize("rule", RULES)
    def test_no_size_and_no_loading(self, rule: Rule) -> None:
        dag = Dag.build([3, 2], [0, 0], [0, 0], [(0, 1)], [(1, 2)])
        assert select(dag, 0, rule).saving == 10

    @pytest.mark.parametrize("rule", RULES)
    def test_one_node_and_none(self, rule: Rule) -> None:
        dag = Dag.build([5], [1], [2], [], [(0, 2)])
        assert select(dag, 2, rule).saving == 8
        assert select(Dag.build([], [], [], []), 2, rule).kept == ()

    @pytest.mark.parametrize("rule", RULES)
    def test_nothing_is_printed(self, rule: Rule, capfd: pytest.CaptureFixture[str]) -> None:
        dag, budget = workload(random.Random(4), "layered", 60)
        select(dag, budget, rule)
        assert capfd.readouterr() == ("", "")

    def test_time_that_is_over_leaves_a_selection_and_a_bound(self) -> None:
        dag, budget = workload(random.Random(5), "layered", 150)
        found = select(dag, budget, "exact", seconds=0.01)
        assert found.size <= budget
        assert found.bound is not None
        assert select(dag, budget, "lazy").saving <= found.saving * (1 + 1e-9) <= found.bound * 1.01

    def test_the_same_again(self) -> None:
        dag, budget = workload(random.Random(6), "near", 60)
        assert select(dag, budget, "lazy") == select(dag, budget, "lazy")


class TestRules:
    def test_auto_is_exact_while_small(self) -> None:
        assert select(CHAIN, 10).rule == "exact"
        dag, budget = pipelines(random.Random(1), 1_500)
        assert sum(len(h.nodes) for h in Demand(dag, budget).histories) > EXACT_PLACES
        found = select(dag, budget)
        assert found.rule == "lazy"
        assert found.ratio is not None
        assert found.ratio > 0.9

    def test_helix_goes_in_topological_order(self) -> None:
        # All three are worth more than twice their loading; the first takes the room.
        assert select(CHAIN, 10, "helix").kept == (0,)

    def test_collaborative_takes_the_highest_rate(self) -> None:
        # Uses * recreation / size: node 0 is in 4 requests (8), node 1 too (12), node 2 in 1 (14).
        assert select(CHAIN, 10, "collaborative").kept == (1,)

    def test_collaborative_sees_quality(self) -> None:
        dag = Dag.build([10, 10], [1, 1], [10, 10], [], [(0, 1), (1, 1.5)])
        assert select(dag, 10, "collaborative").kept == (1,)
        assert select(dag, 10, "collaborative", quality=[0.9, 0.1]).kept == (0,)
        with pytest.raises(ReuseError, match="1 qualities for 2 nodes"):
            select(dag, 10, "collaborative", quality=[0.9])

    def test_lmg_counts_who_depends_on_it_now(self) -> None:
        # After node 1, of which both requests are made, node 0 has nobody left.
        assert select(CHAIN, 20, "lmg").kept == (1, 2)


def test_a_hundred_thousand_nodes() -> None:
    count = 100_000
    parent = np.arange(count) // 10 * 10
    child = np.arange(count)
    edges = np.stack((parent, child), axis=1)[parent < child]
    rng = np.random.default_rng(1)
    leaves = np.setdiff1d(child, parent)[::10]
    dag = Dag.build(
        rng.lognormal(2, 1, count), np.full(count, 0.1), rng.integers(1, 1_000, count), edges,
        [(int(leaf), 1.0) for leaf in leaves],
    )  # fmt: skip
    budget = float(dag.size.sum()) / 200
    found = select(dag, budget)
    assert found.rule == "lazy"
    assert found.size <= budget
    assert found.ratio is not None
    assert found.ratio > 0.95
