"""Policies replayed: against naive ones, and against the optimum of every set of intervals."""

from __future__ import annotations

import math
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lineage.errors import SettingsError
from lineage.reuse.hindsight import Hindsight, hindsight
from lineage.reuse.replay import Trace, greedy_dual, lru, time_to_live

if TYPE_CHECKING:
    from collections.abc import Callable

BUDGETS = st.sampled_from([0.0, 1.0, 3.0, 5.0, 8.0, 100.0])


@st.composite
def traces(draw: st.DrawFn, most: int = 40, items: int = 6) -> Trace:
    """Whole numbers, so that sums are exact; sizes and costs may be 0, times the same."""
    count = draw(st.integers(0, most))
    several = st.lists(st.integers(0, 6), min_size=count, max_size=count)
    each = st.lists(st.integers(0, 4), min_size=items, max_size=items)
    return Trace.of(
        draw(st.lists(st.integers(0, items - 1), min_size=count, max_size=count)),
        sorted(draw(several)),
        draw(several),
        draw(each),
        draw(each),
    )


def accesses(trace: Trace) -> list[tuple[int, float, float, float]]:
    """Item, time, what a hit saves, and size."""
    return [
        (int(i), float(t), max(0.0, float(c - trace.load[i])), float(trace.size[i]))
        for i, t, c in zip(trace.item, trace.time, trace.cost, strict=True)
    ]


def naive(
    trace: Trace, budget: float, rank: Callable[[int, float, float, float], object]
) -> tuple[float, int]:
    """Keep everything that fits; what has the least rank goes. `rank(place, age, gain, size)`."""
    kept: dict[int, tuple[object, float]] = {}
    saved, hits, age = 0.0, 0, 0.0
    for place, (item, _, gain, size) in enumerate(accesses(trace)):
        if item in kept:
            saved += gain
            hits += gain > 0
        elif size > budget:
            continue
        else:
            while sum(s for _, s in kept.values()) + size > budget:
                taking = {one: value for one, value in kept.items() if value[1]}
                gone = min(taking, key=lambda one: (taking[one][0], one))
                value = kept.pop(gone)[0]
                age = value[0] if isinstance(value, tuple) else age
        kept[item] = (rank(place, age, gain, size), size)
    return saved, hits


@given(traces(), BUDGETS)
def test_lru_is_the_naive_one(trace: Trace, budget: float) -> None:
    found = lru(trace, budget)
    assert (found.saved, found.hits) == naive(trace, budget, lambda place, *_: place)
    assert found.peak is not None
    assert found.peak <= budget


@given(traces(), BUDGETS)
def test_greedy_dual_is_the_naive_one(trace: Trace, budget: float) -> None:
    found = greedy_dual(trace, budget)
    expected = naive(
        trace,
        budget,
        lambda _, age, gain, size: (age + gain / size if size else math.inf,),
    )
    assert (found.saved, found.hits) == expected
    assert found.peak is not None
    assert found.peak <= budget


@given(traces(), st.sampled_from([0.0, 0.5, 1.0, 2.0, 10.0]))
def test_time_to_live_is_the_naive_one(trace: Trace, seconds: float) -> None:
    last: dict[int, float] = {}
    saved, hits, peak = 0.0, 0, 0.0
    for item, time, gain, _ in accesses(trace):
        if item in last and time - last[item] <= seconds:
            saved += gain
            hits += gain > 0
        last[item] = time
        there = [one for one, at in last.items() if time - at <= seconds]
        peak = max(peak, sum(float(trace.size[one]) for one in there))
    found = time_to_live(trace, seconds)
    assert (found.saved, found.hits) == (saved, hits)
    assert found.peak == peak


def optimum(trace: Trace, budget: float) -> float:
    """The best of every set of intervals, room looked at after each access."""
    count = len(trace)
    told = accesses(trace)
    spans = []
    for place, (item, *_, size) in enumerate(told):
        later = [p for p in range(place + 1, count) if told[p][0] == item]
        if later and told[later[0]][2] > 0 and size <= budget:
            spans.append((place, later[0], size, told[later[0]][2]))
    best = 0.0
    for chosen in product((False, True), repeat=len(spans)):
        kept = [span for span, keep in zip(spans, chosen, strict=True) if keep]
        fits = all(
            sum(size for begin, end, size, _ in kept if begin <= gap < end) <= budget
            for gap in range(count)
        )
        if fits:
            best = max(best, sum(worth for *_, worth in kept))
    return best


@settings(deadline=None, max_examples=60)
@given(traces(most=12, items=4), BUDGETS)
def test_the_optimum_is_that_of_every_set(trace: Trace, budget: float) -> None:
    found = hindsight(trace, budget)
    best = optimum(trace, budget)
    assert found.exact is not None
    assert found.exact.saved == best
    assert found.offline.saved <= best <= found.bound + 1e-9
    assert found.offline.peak is not None
    assert found.offline.peak <= budget


@settings(deadline=None, max_examples=60)
@given(traces(), BUDGETS)
def test_no_policy_beats_the_optimum(trace: Trace, budget: float) -> None:
    found = hindsight(trace, budget)
    assert found.exact is not None
    for policy in (lru, greedy_dual):
        assert policy(trace, budget).saved <= found.exact.saved
    for seconds in (0.5, 2.0, 5.0):
        kept = time_to_live(trace, seconds)
        if kept.peak is not None and kept.peak <= budget:
            assert kept.saved <= found.exact.saved
    assert found.offline.saved <= found.exact.saved <= found.bound + 1e-9
    assert found.bound <= trace.worth.sum() + 1e-9


def large(seed: int, count: int = 3_000, items: int = 600) -> Trace:
    """Items of very different popularity, size and cost."""
    random = np.random.default_rng(seed)
    item = (random.pareto(1.0, count) * items / 20).astype(int) % items
    size, cost = np.exp(random.normal(18, 2, items)), np.exp(random.normal(5, 1.5, items))
    noise = random.uniform(0.8, 1.2, count)
    return Trace.of(item, random.uniform(0, 1e7, count), cost[item] * noise, size, size / 1e8)


def relaxed(trace: Trace, budget: float) -> float:
    """The linear relaxation, by a solver."""
    from ortools.math_opt.python import mathopt

    model = mathopt.Model()
    count = len(trace)
    size = trace.size[trace.item] / budget
    chosen = np.flatnonzero((trace.worth > 0) & (size <= 1)).tolist()
    kept = {at: model.add_variable(lb=0, ub=1) for at in chosen}
    for gap in chosen:
        under = [at for at in chosen if at <= gap < trace.following[at]]
        model.add_linear_constraint(mathopt.fast_sum(size[at] * kept[at] for at in under) <= 1)
    model.maximize(mathopt.fast_sum(float(trace.worth[at]) * kept[at] for at in chosen))
    assert count
    return mathopt.solve(model, mathopt.SolverType.GLOP).objective_value()


@pytest.mark.parametrize("share", [0.02, 0.1, 0.3])
@pytest.mark.parametrize("seed", [1, 2])
def test_the_bound_is_near_the_relaxation_and_the_plan_near_the_bound(
    seed: int, share: float
) -> None:
    trace = large(seed, 800, 200)
    budget = trace.footprint * share
    found, best = hindsight(trace, budget), relaxed(trace, budget)
    assert best <= found.bound * (1 + 1e-9)
    assert found.bound <= 1.02 * best
    assert found.offline.saved >= 0.9 * best


def test_more_room_saves_no_less_in_hindsight() -> None:
    trace = large(3)
    found: list[Hindsight] = [
        hindsight(trace, trace.footprint * share) for share in (0, 0.01, 0.1, 0.5, 1)
    ]
    bounds = [one.bound for one in found]
    assert bounds == sorted(bounds)
    assert found[0].bound == 0
    everything = pytest.approx(float(trace.worth.sum()))
    assert found[-1].offline.saved == found[-1].bound == everything
    assert lru(trace, trace.footprint).saved == everything
    assert greedy_dual(trace, trace.footprint).saved == everything
    assert time_to_live(trace, math.inf).saved == everything


def test_the_order_of_what_is_given_does_not_matter() -> None:
    one = Trace.of([0, 1, 0], [3, 1, 2], [5, 6, 7], [1, 1])
    assert one.item.tolist() == [1, 0, 0]
    assert one.cost.tolist() == [6, 7, 5]
    assert one.total == 18
    assert one.footprint == 2


def test_nothing_to_replay() -> None:
    trace = Trace.of([], [], [], [])
    assert lru(trace, 1).saved == greedy_dual(trace, 1).saved == time_to_live(trace, 1).saved == 0
    assert hindsight(trace, 1).bound == 0


@pytest.mark.parametrize(
    "given_",
    [
        ([0], [0], [-1], [1]),
        ([0], [0], [math.nan], [1]),
        ([0], [math.nan], [1], [1]),
        ([0], [0], [1], [math.inf]),
        ([1], [0], [1], [1]),
        ([-1], [0], [1], [1]),
        ([0], [0, 1], [1], [1]),
        ([0], [0], [1], [1], [1, 2]),
    ],
)
def test_what_is_no_trace_is_refused(given_: tuple[list[float], ...]) -> None:
    with pytest.raises(SettingsError, match="trace: "):
        Trace.of(*given_)  # type: ignore[arg-type]
