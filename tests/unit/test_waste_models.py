"""Predictors and their figures: on classes that are uneven, words that are new, and by hand."""

import numpy as np
import pytest
from support.waste import FEATURES, HOUR, START, corpus, objects, table

from lineage.errors import WasteError
from lineage.waste import models
from lineage.waste.encode import WORDS, Encoder, learn
from lineage.waste.evaluate import (
    Trial,
    auc,
    balanced,
    best_threshold,
    calibration,
    estimate,
    figures,
)
from lineage.waste.importance import importances
from lineage.waste.labels import label
from lineage.waste.models import MODELS, Family
from lineage.waste.resample import resample
from lineage.waste.stages import Feature, Kind, Stage
from lineage.waste.table import FeatureTable

pytestmark = pytest.mark.filterwarnings("ignore")  # as in all training: see `models.quiet`


@pytest.fixture(autouse=True)
def _few_trees(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models, "TREES", 20)


def everything(given: FeatureTable) -> Encoder:
    return learn(given, np.ones(len(given), bool), given.pushed)


class TestEncoder:
    def test_one_row_is_encoded_as_all_are(self) -> None:
        given = corpus(60).table
        given.columns["drift"][:3] = [np.nan, np.inf, -np.inf]
        encoder = everything(given)
        matrix = encoder.matrix(given)
        assert np.isfinite(matrix[1:3]).all()
        for stage in Stage:
            for row in range(10):
                values = {name: column[row] for name, column in given.columns.items()}
                np.testing.assert_array_equal(
                    encoder.row(stage, values), matrix[row, : encoder.width(stage)]
                )

    def test_unknown_and_rare_words_are_unknown(self) -> None:
        feature = Feature("word", Stage.BEFORE, Kind.CATEGORY, "")
        words = [f"w{row % 50:02}" for row in range(500)] + ["w00"] * 9 + [None, ""]
        given = table(
            START + np.arange(511), np.arange(511) % 2 == 0,
            features=(feature,), columns={"word": objects(words)},
        )  # fmt: skip
        column = everything(given).columns[0]
        assert len(column.words) == WORDS
        assert column.usual == "w00"
        assert np.isnan(column.code("never seen"))
        assert np.isnan(column.codes(objects(["never seen", None, ""]))).all()

    def test_words_are_ordered_by_pushes(self) -> None:
        feature = Feature("word", Stage.BEFORE, Kind.CATEGORY, "")
        words = objects(["b", "a", "c"] * 100)
        given = table(START + np.arange(300), words == "a", features=(feature,),
                      columns={"word": words})  # fmt: skip
        assert everything(given).columns[0].words[-1] == "a"

    def test_values_of_another_kind_are_refused(self) -> None:
        encoder = everything(corpus(50).table)
        with pytest.raises(WasteError, match="drift is a number"):
            encoder.row(Stage.DATA, {"drift": "much"})
        with pytest.raises(WasteError, match="family is a category"):
            encoder.row(Stage.DATA, {"family": 3.0})

    def test_a_missing_column_is_an_error(self) -> None:
        encoder = everything(corpus(50).table)
        with pytest.raises(WasteError, match="no feature family"):
            encoder.matrix(table([START], [True]))


@pytest.mark.parametrize("family", MODELS)
class TestModels:
    def test_finds_what_matters(self, family: Family) -> None:
        given, _, best = corpus(3_000)
        encoder = everything(given)
        matrix, width = encoder.matrix(given), encoder.width(Stage.SHAPE)
        half = 1_500
        fitted = models.fit(
            family, encoder.until(Stage.SHAPE), matrix[:half, :width], given.pushed[:half]
        )
        scores = fitted.probabilities(matrix[half:, :width])
        mine, ideal = (auc(one, given.pushed[half:]) for one in (scores, best[half:, 2]))
        assert mine is not None
        assert ideal is not None
        assert mine > ideal - 0.04
        assert abs(scores.mean() - best[half:, 2].mean()) < 0.03

    def test_one_in_a_thousand(self, family: Family) -> None:
        rng = np.random.default_rng(1)
        count = 60_000
        signal = rng.random(count)
        pushed = rng.random(count) >= np.where(signal > 0.98, 0.05, 0.00002)
        assert 0.998 < pushed.mean() < 0.9995
        given = table(START + np.arange(count), pushed, features=(FEATURES[2],),
                      columns={"drift": signal})  # fmt: skip
        encoder = everything(given)
        matrix, half, rest = encoder.matrix(given), count // 2, 3 * count // 4
        fitted = models.fit(family, encoder.columns, matrix[:half], pushed[:half])
        scores = fitted.probabilities(matrix)
        threshold = best_threshold(scores[half:rest], pushed[half:rest])
        assert balanced(scores[rest:], pushed[rest:], threshold) > 0.9
        assert balanced(scores[rest:], pushed[rest:], 0.5) < 0.55

    def test_features_that_are_unknown(self, family: Family) -> None:
        given = corpus(600).table
        given.columns["history"][:] = np.nan
        given.columns["drift"][:300] = np.nan
        given.columns["family"][:] = ""
        encoder = everything(given)
        matrix = encoder.matrix(given)
        fitted = models.fit(family, encoder.columns, matrix, given.pushed)
        nothing = np.full((2, matrix.shape[1]), np.nan, np.float32)
        for scores in (fitted.probabilities(matrix), fitted.probabilities(nothing)):
            assert ((scores >= 0) & (scores <= 1)).all()
        assert len(fitted.probabilities(matrix[:0])) == 0

    @pytest.mark.parametrize("what", ["one class", "no feature", "constant", "unknown"])
    def test_nothing_to_learn_gives_the_rate(self, family: Family, what: str) -> None:
        pushed = np.arange(100) % 4 == 0
        matrix = np.arange(100, dtype=np.float32)[:, None]
        if what == "one class":
            pushed = np.ones(100, bool)
        elif what == "no feature":
            matrix = matrix[:, :0]
        else:
            matrix = np.full_like(matrix, 1 if what == "constant" else np.nan)
        fitted = models.fit(family, (), matrix, pushed)
        assert fitted.estimator is None
        assert fitted.probabilities(matrix).tolist() == [pushed.mean()] * 100

    def test_importance(self, family: Family) -> None:
        given = corpus(1_500).table
        encoder = everything(given)
        matrix = encoder.matrix(given)[:, : encoder.width(Stage.TRAINING)]
        columns = encoder.until(Stage.TRAINING)
        fitted = models.fit(family, columns, matrix, given.pushed)
        found = importances(Stage.TRAINING, fitted, columns, matrix,
                            pushed=given.pushed, threshold=0.5)  # fmt: skip
        assert [one.feature for one in found[:2]] == ["drift", "new_code"]
        assert found[0].auc > 0.1
        assert len(found) == len(columns)


def test_the_sample_keeps_the_rare_class() -> None:
    pushed = np.arange(100_000) % 1000 == 0
    rows = models._sample(pushed, 5_000, 0)
    assert 4_900 < len(rows) < 5_200
    assert pushed[rows].sum() == 100


@pytest.mark.parametrize("seed", range(8))
def test_the_rule_of_the_last_equals_brute_force(seed: int) -> None:
    rng = np.random.default_rng(seed)
    count = 120
    started = START + np.sort(rng.integers(0, 200, count)) * HOUR // 4
    given = table(
        started, rng.random(count) < 0.5, pipeline=rng.choice(["a", "b"], count),
        node=objects(rng.choice(["x", "y"], count)), open=rng.random(count) < 0.1,
        delay=rng.integers(-1, 30, count) * HOUR / 4,
    )  # fmt: skip
    labels = label(given, 5.0 * HOUR)
    for stage in (0, 4):
        found = models.last(given, labels, stage, 0.3)
        for row in range(count):
            known = [
                other
                for other in range(count)
                if other != row
                and given.lines[other] == given.lines[row]
                and labels.seen_at[other] <= given.reached[row, stage]
                and labels.seen_at[other] < labels.seen_at[row]
            ]
            assert found[row] == (given.pushed[max(known)] if known else 0.3)


class TestFigures:
    def test_the_best_threshold_equals_brute_force(self) -> None:
        rng = np.random.default_rng(0)
        for _ in range(200):
            count = int(rng.integers(1, 12))
            scores = rng.integers(0, 5, count) / 4
            pushed = rng.random(count) < 0.5
            found = balanced(scores, pushed, best_threshold(scores, pushed))
            tried = [balanced(scores, pushed, one) for one in (-1, 0.1, 0.3, 0.6, 0.9, 2)]
            assert found == pytest.approx(max(tried))

    def test_auc_by_pairs(self) -> None:
        rng = np.random.default_rng(0)
        scores, pushed = rng.integers(0, 9, 60) / 8, rng.random(60) < 0.4
        good, bad = scores[pushed][:, None], scores[~pushed][None]
        assert auc(scores, pushed) == pytest.approx(((good > bad) + (good == bad) / 2).mean())
        assert auc(scores, np.ones(60, bool)) is None

    def test_figures_by_hand(self) -> None:
        scores = np.array([0.1, 0.2, 0.6, 0.7, 0.8, np.nan])
        pushed = np.array([False, True, False, True, True, True])
        rows = np.ones(6, bool)
        tested = Trial(np.arange(6), pushed, resample(np.arange(6) % 6, rows))
        found = figures(Stage.DATA, "x", scores, 0.5, tested)
        assert (found.graphlets, found.pushed) == (5, 3)
        assert found.balanced_accuracy.value == pytest.approx((1 / 2 + 2 / 3) / 2)
        assert found.precision.value == pytest.approx(1 / 2)
        assert found.recall.value == pytest.approx(1 / 2)
        assert found.brier.value == pytest.approx((0.01 + 0.64 + 0.36 + 0.09 + 0.04) / 5)
        assert found.auc.value == pytest.approx(5 / 6)
        assert found.chance

    def test_one_class_has_no_auc(self) -> None:
        rows = np.ones(6, bool)
        tested = Trial(np.arange(6), rows, resample(np.arange(6), rows))
        found = figures(Stage.DATA, "x", np.linspace(0, 1, 6), 0.5, tested)
        assert found.auc.value is None
        assert found.balanced_accuracy.value is None
        assert found.chance

    def test_calibration(self) -> None:
        rng = np.random.default_rng(0)
        scores = rng.random(20_000)
        bins = calibration(scores, rng.random(20_000) < scores)
        assert [one.graphlets for one in bins] == [2_000] * 10
        assert all(abs(one.predicted - one.pushed) < 0.05 for one in bins)
        assert len(calibration(np.full(9, 0.5), np.ones(9, bool))) == 1
        assert calibration(np.empty(0), np.empty(0, bool)) == ()


class TestIntervals:
    def test_they_hold_the_truth_as_often_as_they_say(self) -> None:
        # Shares of pipelines vary, so that intervals which took graphlets to be independent
        # would hold the truth in about half of the cases.
        rng = np.random.default_rng(0)
        held = naive = 0
        trials = 200
        for trial in range(trials):
            pipelines = np.repeat(np.arange(40), 25)
            share = np.clip(rng.normal(0.5, 0.2, 40), 0, 1)
            hits = (rng.random(1_000) < share[pipelines]).astype(float)
            drawn = resample(pipelines, np.ones(1_000, bool), trial, 300)
            found = estimate(
                drawn.sums(np.arange(1_000), hits, np.ones(1_000)),
                lambda sums: sums[:, 0] / sums[:, 1], drawn,
            )  # fmt: skip
            assert found.low is not None
            assert found.high is not None
            held += found.low <= 0.5 <= found.high
            naive += abs(hits.mean() - 0.5) < 1.96 * 0.5 / 1_000**0.5
        assert 0.89 <= held / trials <= 0.985
        assert naive / trials < 0.75

    def test_few_pipelines_are_cut_into_blocks(self) -> None:
        drawn = resample(np.arange(400) % 2, np.arange(400) < 300)
        assert (drawn.of, drawn.count) == ("blocks", 20)
        assert (drawn.cluster[300:] == -1).all()
        assert len(np.unique(drawn.cluster[:300])) == 20
        assert (drawn.weights.sum(axis=1) == 20).all()
        assert resample(np.arange(400) % 5, np.ones(400, bool)).of == "pipelines"
