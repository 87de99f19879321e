"""What goes with pushes: against statsmodels' own figures, and on data that says nothing."""

import numpy as np
import pytest

from lineage.errors import WasteError
from lineage.waste.factors import Factor, factors
from lineage.waste.stages import Kind

RNG = np.random.default_rng(0)
COUNT = 2_000
CLUSTERS = np.repeat(np.arange(40), 50)


def factor(name: str, kind: Kind = Kind.NUMBER, direction: int = 0) -> Factor:
    return Factor(name, kind, direction, f"what {name} is")


def test_a_flag_by_hand() -> None:
    flag = RNG.random(COUNT) < 0.3
    pushed = RNG.random(COUNT) < np.where(flag, 0.2, 0.6)
    columns = {"flag": flag.astype(float)}
    columns["flag"][::10] = np.nan
    found = factors([factor("flag", Kind.FLAG, -1)], columns, pushed, CLUSTERS).effects[0]
    known = ~np.isnan(columns["flag"])
    high, low = pushed[flag & known].mean(), pushed[~flag & known].mean()
    assert (found.graphlets, found.clusters, found.median) == (1_800, 40, None)
    assert (found.pushed_high, found.pushed_low) == (pytest.approx(high), pytest.approx(low))
    assert found.difference == pytest.approx(100 * (high - low))
    assert found.interval[0] < found.difference < found.interval[1] < 0
    assert found.p_value < 1e-6
    assert found.as_expected is True
    assert found.delta < -0.2
    assert found.low + found.high == 1_800


def test_delta_by_pairs() -> None:
    values, pushed = RNG.integers(0, 9, 200).astype(float), RNG.random(200) < 0.5
    found = factors([factor("x")], {"x": values}, pushed, np.arange(200) % 20).effects[0]
    good, bad = values[pushed][:, None], values[~pushed][None]
    assert found.delta == pytest.approx((good > bad).mean() - (good < bad).mean())
    assert found.median == np.median(values)
    assert found.as_expected is None


def test_clusters_make_intervals_honest() -> None:
    # The factor and the push rate are the pipeline's: there are 40 observations, not 2,000.
    held = wide = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        rate = rng.uniform(0.1, 0.9, 40)[CLUSTERS]
        flag = (rng.permutation(40) < 20)[CLUSTERS]
        pushed = rng.random(COUNT) < rate
        found = factors([factor("x", Kind.FLAG)], {"x": flag.astype(float)}, pushed, CLUSTERS)
        low, high = found.effects[0].interval
        held += low <= 0 <= high
        wide += high - low > 20
    assert held >= 52
    assert wide == 60


def test_many_factors_are_corrected() -> None:
    pushed = RNG.random(COUNT) < 0.5
    columns = {f"x{number}": RNG.random(COUNT) for number in range(12)}
    found = factors([factor(name) for name in columns], columns, pushed, CLUSTERS).effects
    values = [one.p_value for one in found]
    assert values == sorted(values)
    holm = np.maximum.accumulate([min(1, p * (12 - place)) for place, p in enumerate(values)])
    assert [one.p_corrected for one in found] == pytest.approx(holm.tolist())
    assert min(one.p_corrected for one in found) > 0.01


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        (np.full(COUNT, 3.0), "always 3"),
        (np.full(COUNT, np.nan), "no graphlet"),
        (np.where(CLUSTERS == 4, np.arange(COUNT), np.nan), "one pipeline"),
        (np.where(np.arange(COUNT) % 2 == 0, np.arange(COUNT), np.nan), "all were pushed"),
        (np.where(np.arange(COUNT) % 2 == 1, np.arange(COUNT), np.nan), "none was pushed"),
    ],
)
def test_of_some_nothing_can_be_said(values: np.ndarray, reason: str) -> None:
    pushed = np.arange(COUNT) % 2 == 0
    found = factors([factor("x")], {"x": values}, pushed, CLUSTERS)
    assert found.effects == ()
    assert reason in found.left_out[0].reason


def test_categories_are_left_out_and_unknown_names_are_errors() -> None:
    pushed = np.arange(COUNT) % 2 == 0
    found = factors([factor("x", Kind.CATEGORY)], {}, pushed, CLUSTERS)
    assert "categories" in found.left_out[0].reason
    with pytest.raises(WasteError, match="factor x"):
        factors([factor("x")], {}, pushed, CLUSTERS)
    assert factors([], {}, pushed, CLUSTERS).effects == ()


def test_most_have_the_largest_value() -> None:
    values = np.where(np.arange(COUNT) % 3 == 0, 1.0, 5.0)
    pushed = RNG.random(COUNT) < np.where(values == 5, 0.7, 0.3)
    found = factors([factor("x")], {"x": values}, pushed, CLUSTERS).effects[0]
    assert found.high > found.low > 0
    assert found.difference > 20


def test_a_factor_that_decides_alone() -> None:
    pushed = np.arange(COUNT) % 2 == 0
    found = factors([factor("x", Kind.FLAG, 1)], {"x": pushed.astype(float)}, pushed, CLUSTERS)
    assert found.effects[0].difference == pytest.approx(100)
    assert found.effects[0].p_value < 1e-6
    assert found.effects[0].delta == 1
