"""Shares, distances and hashes of distributions, against values worked out by hand."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineage.distributions import (
    BINS,
    HASHES,
    UNKNOWN_HASH,
    WHOLE,
    categorical,
    hashes,
    jensen_shannon,
    numeric,
    s2jsd,
    shares,
)

ONE_BIN = [WHOLE] + [0] * (BINS - 1)
amounts = st.floats(0, 1e12)
bounds = st.floats(allow_nan=False)


def random_weights(count: int, seed: int = 7) -> tuple[np.ndarray, np.ndarray]:
    """Pairs from the same to unlike, from concentrated to even, as thousandths: (count, BINS)."""
    random = np.random.RandomState(seed)
    concentration = 10 ** random.uniform(-1.2, 1.2, count)
    first, other = (
        np.array([random.dirichlet(np.full(BINS, c)) for c in concentration]) for _ in range(2)
    )
    way = random.uniform(0, 1, (count, 1)) ** 2
    return shares(first), shares((1 - way) * first + way * other)


def ranks(values: np.ndarray) -> np.ndarray:
    """Ranks, the mean one for equal values."""
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(count)
    return (last - (count - 1) / 2)[place]


def spearman(first: np.ndarray, second: np.ndarray) -> float:
    return float(np.corrcoef(ranks(first), ranks(second))[0, 1])


class TestShares:
    def test_largest_remainder_gives_the_first_of_equals_the_rest(self) -> None:
        assert shares(np.array([[1.0, 1.0, 1.0]])).tolist() == [[334, 333, 333]]
        assert shares(np.array([[1.0, 2.0, 4.0]])).tolist() == [[143, 286, 571]]

    def test_no_mass_is_all_zero(self) -> None:
        assert shares(np.zeros((2, 4))).tolist() == [[0] * 4] * 2

    @given(st.lists(amounts, min_size=BINS, max_size=BINS))
    def test_sum_is_whole(self, masses: list[float]) -> None:
        total = shares(np.array([masses])).sum()
        assert total == (WHOLE if any(masses) else 0)

    def test_masses_may_be_as_large_as_numbers_are(self) -> None:
        assert shares(np.array([[1e308, 1e308]])).tolist() == [[500, 500]]


class TestNumeric:
    def test_zero_is_in_the_first_bin(self) -> None:
        assert numeric([0], [0], [5]) == ONE_BIN

    def test_a_step_ends_at_one_and_a_half_times_its_beginning(self) -> None:
        places = [numeric([x], [x], [1]).index(WHOLE) for x in (2.0, 3.0, 4.5, 6.75, 10.125)]
        assert [(b - a) % BINS for a, b in itertools.pairwise(places)] == [1] * 4

    def test_sign_tells_apart(self) -> None:
        assert numeric([1], [1], [1]) != numeric([-1], [-1], [1])

    def test_values_are_spread_evenly_within_a_bucket(self) -> None:
        # The step of 1 ends at 2s sinh(11 ln 1.5), between 1 and 4.
        edge = (1.5**11 - 1.5**-11) / 64
        weights = numeric([1], [4], [30])
        first = numeric([1], [1], [1]).index(WHOLE)
        assert weights[first] == pytest.approx(WHOLE * (edge - 1) / 3, abs=1)
        assert sum(weights) == WHOLE

    def test_buckets_of_a_histogram_can_be_cut_finer(self) -> None:
        whole = numeric([0, 10], [10, 40], [10, 30])
        cut = numeric([0, 5, 10, 20], [5, 10, 20, 40], [5, 5, 10, 20])
        assert np.abs(np.subtract(whole, cut)).max() <= 1

    def test_same_bins_in_data_sets_of_other_ranges(self) -> None:
        narrow = numeric([3], [5], [100])
        wide = numeric([3, 5], [5, 900], [100, 1])
        assert jensen_shannon(np.array(narrow), np.array(wide)) < 0.01

    def test_open_buckets(self) -> None:
        assert numeric([-math.inf], [3], [2]) == numeric([3], [3], [1])
        assert numeric([3], [math.inf], [2]) == numeric([3], [3], [1])
        assert numeric([-math.inf, 0], [math.inf, 0], [9, 1]) == ONE_BIN
        assert numeric([-math.inf], [math.inf], [9]) == []

    def test_nothing_is_unknown(self) -> None:
        assert numeric([], [], []) == []
        assert numeric([0, 1], [1, 2], [0, 0]) == []

    @pytest.mark.parametrize(
        ("low", "high", "count"),
        [
            (math.nan, 1, 1),
            (0, math.nan, 1),
            (2, 1, 1),
            (0, 1, -1),
            (0, 1, math.nan),
            (0, 1, math.inf),
        ],
    )
    def test_nonsense_is_refused(self, low: float, high: float, count: float) -> None:
        with pytest.raises(ValueError, match=r"bucket|count"):
            numeric([low, 0], [high, 1], [count, 1])

    @given(st.lists(st.tuples(bounds, bounds, amounts), max_size=20))
    def test_whole_or_unknown_for_any_bounds(self, given: list[tuple[float, ...]]) -> None:
        low = [min(a, b) for a, b, _ in given]
        high = [max(a, b) for a, b, _ in given]
        weights = numeric(low, high, [count for *_, count in given])
        assert weights == [] or (sum(weights) == WHOLE and min(weights) >= 0)
        # The order of buckets says nothing, but for the last bits of sums.
        turned = numeric(low[::-1], high[::-1], [count for *_, count in given][::-1])
        assert np.abs(np.subtract(weights or [0], turned or [0])).max() <= 1


class TestCategorical:
    def test_known_shares(self) -> None:
        weights = categorical([("a", 1), ("b", 3), ("a", 1)])
        assert sorted(weights)[-2:] == [400, 600]

    def test_what_is_not_listed_is_spread_evenly(self) -> None:
        assert categorical([], rest=8) == shares(np.ones((1, BINS)))[0].tolist()

    def test_bins_are_those_of_every_version(self) -> None:
        places = [categorical([(word, 1)]).index(WHOLE) for word in ("", "Cash", "Ω", "\ud800")]
        assert places == [14, 5, 0, 9]

    def test_nothing_is_unknown(self) -> None:
        assert categorical([]) == []
        assert categorical([("a", 0)]) == []

    @pytest.mark.parametrize("count", [-1, math.nan, math.inf])
    def test_nonsense_is_refused(self, count: float) -> None:
        with pytest.raises(ValueError, match="count"):
            categorical([("a", count), ("b", 5)])
        with pytest.raises(ValueError, match="count"):
            categorical([("b", 5)], rest=count)

    @given(st.dictionaries(st.text(), amounts, max_size=30))
    def test_order_says_nothing(self, counts: dict[str, float]) -> None:
        weights = categorical(counts.items())
        turned = categorical(reversed(counts.items()))
        assert np.abs(np.subtract(weights or [0], turned or [0])).max() <= 1


class TestDistance:
    def test_by_hand(self) -> None:
        assert jensen_shannon(np.array([1, 0]), np.array([0, 1])) == 1
        assert jensen_shannon(np.array([1, 3]), np.array([2, 6])) == 0
        # p = (1, 0), q = (1/2, 1/2), m = (3/4, 1/4): (log2 4/3 + log2(2/3) / 2 + 1/2) / 2
        expected = (math.log2(4 / 3) + math.log2(2 / 3) / 2 + 0.5) / 2
        assert jensen_shannon(np.array([1, 0]), np.array([1, 1])) == pytest.approx(expected)
        assert s2jsd(np.array([1, 0]), np.array([0, 1])) == pytest.approx(math.sqrt(2))

    def test_unknown_has_no_distance(self) -> None:
        assert np.isnan(jensen_shannon(np.zeros(4), np.ones(4)))

    def test_many_at_once_and_symmetric(self) -> None:
        p, q = random_weights(50)
        found = jensen_shannon(p, q)
        assert found.shape == (50,)
        assert found == pytest.approx(jensen_shannon(q, p))
        assert found[3] == pytest.approx(jensen_shannon(p[3], q[3]))
        assert ((found >= 0) & (found <= 1)).all()

    def test_s2jsd_is_a_metric(self) -> None:
        p, q = random_weights(500)
        r = np.roll(q, 1, axis=0)
        assert (s2jsd(p, r) <= s2jsd(p, q) + s2jsd(q, r) + 1e-9).all()


class TestHashes:
    def test_unknown_is_told_apart(self) -> None:
        found = hashes(np.array([[0] * BINS, ONE_BIN]))
        assert found.shape == (2, HASHES)
        assert found.dtype == np.int64
        assert (found[0] == UNKNOWN_HASH).all()
        assert (found[1] > UNKNOWN_HASH).all()

    def test_the_same_alone_and_among_others(self) -> None:
        p, _ = random_weights(300)
        together = hashes(p)
        alone = np.concatenate([hashes(row[None]) for row in p])
        assert (together == alone).all()
        order = np.random.RandomState(1).permutation(len(p))
        assert (hashes(p[order]) == together[order]).all()

    def test_the_same_in_every_version(self) -> None:
        assert hashes(np.array([ONE_BIN])).tolist() == [
            [27, 22, 4, 14, 17, 6, 10, 12, 6, 12, 21, 10, 12, 19, 17, 3]
        ]

    def test_none(self) -> None:
        assert hashes(np.zeros((0, BINS), dtype=np.int64)).shape == (0, HASHES)

    def test_collisions_fall_as_the_divergence_grows(self) -> None:
        p, q = random_weights(4_000)
        exact, equal = jensen_shannon(p, q), (hashes(p) == hashes(q)).mean(axis=1)
        limits = [0, 0.002, 0.01, 0.05, 0.1, 0.2, 0.4, 1]
        rates = [
            equal[(exact >= low) & (exact < high)].mean()
            for low, high in itertools.pairwise(limits)
        ]
        assert rates == sorted(rates, reverse=True)
        assert rates[0] > 0.8
        assert rates[-1] < 0.15

    def test_ranks_pairs_as_the_divergence_does(self) -> None:
        p, q = random_weights(4_000)
        equal = (hashes(p) == hashes(q)).mean(axis=1)
        assert spearman(equal, -jensen_shannon(p, q)) > 0.92

    def test_equal_for_equal(self) -> None:
        p, _ = random_weights(100)
        assert (hashes(p) == hashes(p.copy())).all()
