"""Training as a whole: what is found, what is promised, and what is not."""

import numpy as np
import pytest
from support.waste import FEATURES, HOUR, START, Corpus, corpus, objects, own_work, table, work

from lineage.errors import WasteError
from lineage.waste import models
from lineage.waste.results import Headline, InsufficientData
from lineage.waste.stages import STAGES, Feature, Kind, Stage
from lineage.waste.train import Training, fingerprint, train


@pytest.fixture(autouse=True)
def _few_trees(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models, "TREES", 10)
    monkeypatch.setattr(models, "ROUNDS", 40)


def trained(given: Corpus, **more: object) -> Training:
    return train(given.table, given.work, oracle=given.best, **more)  # type: ignore[arg-type]


def kept(training: Training) -> dict[Stage, float | None]:
    return {
        one.stage: one.saving.value if one.threshold is not None else None
        for one in training.time.policies
        if one.predictor == training.families[one.stage]
    }


@pytest.mark.parametrize("seed", range(3))
def test_of_pure_chance_nothing_can_be_saved(seed: int) -> None:
    found = trained(corpus(1_000, effect=0.0, seed=seed))
    assert isinstance(found.headline, Headline)
    assert found.headline.stage is None
    assert found.headline.verdict == "nothing can be saved"
    assert set(kept(found).values()) == {None}
    assert found.model is not None
    assert all(one.threshold is None for one in found.model.stages.values())


def test_what_is_certain_saves_nearly_all() -> None:
    found = trained(corpus(1_500, certain=True))
    assert isinstance(found.headline, Headline)
    assert found.headline.stage is Stage.DATA
    saved = kept(found)
    assert saved[Stage.BEFORE] is None
    # Each rank costs 1, 2, 5, 1, 1; what comes after the stage can be saved.
    for stage, most in zip(STAGES[1:], (0.9, 0.7, 0.2, 0.1), strict=True):
        saving = saved[stage]
        assert saving is not None
        assert saving > 0.93 * most


def test_all_is_reported() -> None:
    steps: list[tuple[str, int, int]] = []
    found = trained(corpus(2_000), progress=lambda *one: steps.append(one))
    names = ["forest", "boosting", "linear", "always", "last", "oracle"]
    for outcome in (found.time, found.pipeline):
        assert outcome.insufficient is None
        assert [one.predictor for one in outcome.figures] == names * 5
        assert [one.predictor for one in outcome.curves] == [*names, "perfect"] * 5
        assert [one.predictor for one in outcome.policies] == [*names, "perfect"] * 5
        assert outcome.clusters_are == "pipelines"
    assert {one.feature for one in found.importances} == {one.name for one in FEATURES}
    assert [done for _, done, _ in steps] == list(range(35))
    assert {whole for *_, whole in steps} == {35}
    again = Training.model_validate_json(found.model_dump_json())
    assert again.time == found.time
    assert again.model is None
    figures = {(one.stage, one.predictor): one for one in found.time.figures}
    for family in ("forest", "boosting", "linear"):
        before, shape = (figures[stage, family].auc for stage in (Stage.BEFORE, Stage.SHAPE))
        assert (before.value or 0) < 0.6 < 0.75 < (shape.value or 0)
    always = figures[Stage.DATA, "always"]
    assert (always.auc.value, always.chance) == (0.5, True)
    perfect = {one.stage: one for one in found.time.policies if one.predictor == "perfect"}
    assert perfect[Stage.BEFORE].saving.value == 1
    for one in found.time.policies:
        assert (one.saving.value or 0) <= (perfect[one.stage].saving.value or 0) + 1e-9
        assert one.over_limit == (
            one.threshold is not None and (one.freshness_loss.value or 0) > 0.02
        )


def test_whoever_interrupts_does_not_wait_for_the_rest() -> None:
    told: list[str] = []

    def impatient(what: str, *_: int) -> None:
        told.append(what)
        if len(told) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        trained(corpus(2_000), progress=impatient)
    assert len(told) <= 5  # of 35: the other split ends its step


def test_the_same_seed_gives_the_same() -> None:
    first, second = (trained(corpus(300), seed=3).model_dump_json() for _ in range(2))
    assert first == second


def test_a_smaller_limit_saves_less() -> None:
    given = corpus(900)
    strict, loose = (trained(given, max_freshness_loss=limit) for limit in (0.005, 0.2))
    for low, high in zip(strict.time.policies, loose.time.policies, strict=True):
        assert low.saved <= high.saved + 1e-9


class TestTooLittle:
    def reason(self, training: Training) -> str:
        assert isinstance(training.headline, InsufficientData)
        assert training.model is None
        assert training.time.insufficient == training.headline
        assert training.pipeline.insufficient is not None
        return training.headline.reason

    @pytest.mark.parametrize("count", [0, 1, 10, 199])
    def test_few_graphlets(self, count: int) -> None:
        given = table(START + np.arange(count) * HOUR, np.arange(count) % 2 == 0)
        assert "200 are needed" in self.reason(train(given, own_work(count)))

    @pytest.mark.parametrize(("every", "what"), [(0, "0 pushed"), (1, "0 unpushed")])
    def test_one_class(self, every: int, what: str) -> None:
        given = table(START + np.arange(300) * HOUR, np.full(300, bool(every)))
        assert what in self.reason(train(given, own_work(300)))

    def test_a_class_that_comes_late(self) -> None:
        given = table(START + np.arange(800) * HOUR, np.arange(800) > 500)
        assert "split by time to train has 0 pushed" in self.reason(train(given, own_work(800)))


def test_one_pipeline_has_a_headline_by_blocks_of_time() -> None:
    given = corpus(1_200, pipelines=1, certain=True)
    found = trained(given)
    assert isinstance(found.headline, Headline)
    assert found.headline.stage is Stage.DATA
    assert found.time.clusters_are == "blocks"
    assert found.pipeline.insufficient is not None
    assert "1 pipelines" in found.pipeline.insufficient.reason


def test_one_unpushed_in_a_thousand() -> None:
    rng = np.random.default_rng(0)
    count = 40_000
    bad = rng.random(count) < 0.001
    drift = np.where(bad, 3.0, 0.0) + rng.normal(size=count) * 0.3
    given = table(START + np.arange(count) * HOUR // 10, ~bad, features=(FEATURES[2],),
                  pipeline=rng.integers(0, 60, count).astype(str),
                  columns={"drift": drift})  # fmt: skip
    found = train(given, own_work(count, (0.0, 0.0, 1.0)))
    assert found.counts.unpushed >= 30
    figure = {(one.stage, one.predictor): one for one in found.time.figures}
    for family in models.MODELS:
        assert (figure[Stage.DATA, family].balanced_accuracy.value or 0) > 0.9


def test_no_features_at_all() -> None:
    given = table(START + np.arange(400) * HOUR, np.arange(400) % 3 == 0)
    found = train(given, own_work(400))
    assert isinstance(found.headline, Headline)
    assert found.headline.stage is None


def test_features_that_one_source_does_not_have() -> None:
    given = corpus(1_200, certain=True)
    other = np.arange(1_200) % 2 == 0
    given.table.source[other] = "other"
    given.table.columns["drift"][other] = np.nan
    given.table.columns["cost"][:] = np.nan
    found = trained(given)
    assert isinstance(found.headline, Headline)
    assert found.headline.stage is not None


def test_words_that_are_new_in_the_test() -> None:
    given = corpus(800)
    given.table.columns["family"][500:] = "brand new"
    assert trained(given).model is not None


def test_costs_that_are_unknown_or_in_other_units() -> None:
    given = corpus(800, certain=True)
    given.table.cost_unit[::10] = "USD"
    cost = given.work.cost.copy()
    cost[::7] = np.nan
    executions = work([[row] for row in range(800) for _ in range(5)], cost, given.work.rank)
    found = train(given.table, executions)
    assert found.costs.unit == "machine seconds"
    assert found.costs.left_out["USD"] > 0
    assert found.costs.unknown > 500
    assert isinstance(found.headline, Headline)
    assert found.headline.stage is Stage.DATA


def test_without_costs_nothing_can_be_saved() -> None:
    given = corpus(400, certain=True)
    found = train(given.table, work([], [], []))
    assert isinstance(found.headline, Headline)
    assert found.headline.stage is None


def test_what_is_wrong_is_said() -> None:
    given = corpus(50)
    with pytest.raises(WasteError, match="freshness"):
        train(given.table, given.work, max_freshness_loss=2)
    with pytest.raises(WasteError, match="oracle"):
        train(given.table, given.work, oracle=np.zeros((3, 5)))
    with pytest.raises(WasteError, match="holders"):
        train(given.table, own_work(51))


def test_fingerprints_tell_data_apart() -> None:
    from lineage.waste.labels import label

    first, second = corpus(50).table, corpus(50, seed=1).table
    prints = {fingerprint(one, label(one)) for one in (first, second, corpus(50).table)}
    assert len(prints) == 2


def test_an_oracle_may_be_unknown_for_some() -> None:
    given = corpus(600)
    best = given.best.copy()
    best[::3] = np.nan
    found = train(given.table, given.work, oracle=best)
    oracle = [one for one in found.time.figures if one.predictor == "oracle"]
    assert oracle[0].graphlets < found.time.test
    assert Feature("x", Stage.DATA, Kind.FLAG, "").kind is Kind.FLAG
    assert objects(["a"]).dtype == object
