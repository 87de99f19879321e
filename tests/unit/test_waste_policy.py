"""What a policy saves and loses: against brute force, and by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.waste import DAY, HOUR, START, objects, table, work

from lineage.waste.chosen import Record, chosen
from lineage.waste.freshness import freshness
from lineage.waste.labels import Labels, label
from lineage.waste.policy import Replay, choose_threshold, costs, curve, replay
from lineage.waste.resample import resample
from lineage.waste.splits import Part
from lineage.waste.stages import STAGES, Stage
from lineage.waste.table import FeatureTable, Work


def prepared(
    given: FeatureTable, executions: Work, rows: list[bool] | None = None
) -> tuple[Replay, Labels]:
    labels = label(given, 1.0 * HOUR)
    part = Part(labels.usable if rows is None else labels.usable & np.array(rows))
    return replay(given, executions, costs(given, executions), labels, part), labels


@st.composite
def records(draw: st.DrawFn) -> tuple[FeatureTable, Work, list[bool], list[float]]:
    count = draw(st.integers(1, 8))
    gaps = draw(st.lists(st.integers(1, 30), min_size=count, max_size=count))
    flags = st.lists(st.booleans(), min_size=count, max_size=count)
    table_ = table(
        START + np.cumsum(gaps) * HOUR, draw(flags),
        pipeline=draw(st.lists(st.sampled_from("ab"), min_size=count, max_size=count)),
        open=np.array(draw(flags)) & np.array(draw(flags)),
        delay=np.array(draw(st.lists(st.integers(0, 40), min_size=count, max_size=count))) * HOUR
        / 2,
    )  # fmt: skip
    sets = st.sets(st.integers(0, count - 1), max_size=count)
    holders = [sorted(one) for one in draw(st.lists(sets, max_size=12))]
    cost = [draw(st.sampled_from([0.0, 1.0, 2.5, float("nan")])) for _ in holders]
    ranks = [draw(st.integers(1, 5)) for _ in holders]
    scores = draw(st.lists(st.sampled_from([0.1, 0.4, 0.5, 0.9]), min_size=count, max_size=count))
    return table_, work(holders, cost, ranks), draw(flags), scores


class TestReplay:
    @settings(max_examples=150, deadline=None)
    @given(records(), st.sampled_from(STAGES), st.sampled_from([0.05, 0.3, 0.4, 0.45, 0.7, 1.1]))
    def test_equals_brute_force(
        self,
        record: tuple[FeatureTable, Work, list[bool], list[float]],
        stage: Stage,
        threshold: float,
    ) -> None:
        given_, executions, rows, scores = record
        found, labels = prepared(given_, executions, rows)
        part = set(np.flatnonzero(labels.usable & np.array(rows)).tolist())
        stopped = {row for row in part if scores[row] < threshold}
        saved = wasted = 0.0
        for number in range(len(executions)):
            begin, end = executions.indptr[number : number + 2]
            holders = set(executions.indices[begin:end].tolist())
            cost = float(np.nan_to_num(executions.cost[number]))
            if holders and holders <= part and not any(given_.pushed[list(holders)]):
                wasted += cost
                if holders <= stopped and stage.rank < executions.rank[number]:
                    saved += cost
        assert found.wasted == pytest.approx(wasted)
        scored = np.array(scores)
        got = found.saved(stage, scored, np.array([threshold]))
        assert got.tolist() == pytest.approx([saved])
        assert found.falls(stage, scored)[...].shape == found.cost.shape
        lost = set(np.flatnonzero(found.lost(scored, threshold)).tolist())
        assert lost == {row for row in stopped if given_.pushed[row]}

    @settings(max_examples=150, deadline=None)
    @given(records(), st.sampled_from([0.3, 0.45, 0.7, 1.1]))
    def test_freshness_equals_brute_force(
        self, record: tuple[FeatureTable, Work, list[bool], list[float]], threshold: float
    ) -> None:
        given_, executions, rows, scores = record
        found, labels = prepared(given_, executions, rows)
        lost = found.lost(np.array(scores), threshold)
        fresh = found.freshness
        assert (fresh.ages(np.zeros(len(given_), bool)) == fresh.age).all()
        for place, pipeline in enumerate(fresh.pipeline.tolist()):
            here = given_.pipelines == pipeline
            for nothing, age in ((True, fresh.age), (False, fresh.ages(lost))):
                gone = np.zeros_like(lost) if nothing else lost
                assert age[place] == pytest.approx(mean_age(given_, labels, here, gone))
        assert (fresh.losses(lost) >= -1e-12).all()

    def test_open_and_young_graphlets_survive(self) -> None:
        hours = np.array([0, 100, 200])
        given_ = table(START + hours * HOUR, [False] * 3, open=np.array([True, False, False]),
                       ended=START + hours * float(HOUR),
                       decided=np.tile(START + hours[:, None] * float(HOUR), (1, 5)))  # fmt: skip
        found, _ = prepared(given_, work([[0], [1], [2], [0, 1]], [1, 1, 1, 1], [3, 3, 3, 3]))
        assert found.wasted == 1
        assert found.saved(Stage.DATA, np.zeros(3), np.array([0.5])).tolist() == [1]

    def test_a_graphlet_without_a_score_is_not_stopped(self) -> None:
        given_ = table(START + np.arange(3) * DAY, [False] * 3)
        found, _ = prepared(given_, work([[0], [1]], [1, 1], [3, 3]))
        scores = np.array([np.nan, 0.1, 0.1])
        assert found.saved(Stage.BEFORE, scores, np.array([0.0, 0.5])).tolist() == [0, 1]
        assert len(curve(Stage.BEFORE, "x", np.full(3, np.nan), found).points) == 0


def mean_age(given_: FeatureTable, labels: Labels, here: object, lost: object) -> float:
    """The mean age of the deployed model in days, minute by minute: all times are half hours."""
    rows = np.flatnonzero(np.asarray(here))
    gone = np.asarray(lost)
    starts = given_.started[rows]
    pushes = [(labels.seen_at[row], given_.started[row]) for row in rows if given_.pushed[row]]
    begin = starts.min()
    last = max(*given_.ended[rows], *(at for at, _ in pushes), -1.0)
    trained = sorted(start for _, start in pushes)
    between = (trained[-1] - trained[0]) / (len(trained) - 1) if len(trained) > 1 else 0
    first = begin - (between or last - begin)
    early = [
        given_.started[row]
        for row in rows
        if given_.pushed[row] and labels.seen_at[row] <= begin and not labels.usable[row]
    ]
    first = max(early, default=first)
    kept = [
        (labels.seen_at[row], given_.started[row])
        for row in rows
        if given_.pushed[row] and not gone[row]
    ]
    step = HOUR / 4
    times = np.arange(begin + step / 2, last, step)
    ages = [time - max([first, *(start for at, start in kept if at <= time)]) for time in times]
    return float(np.mean(ages)) / DAY


class TestFreshness:
    def test_by_hand(self) -> None:
        # Trained on days 0, 2 and 4 and pushed a day later; the record ends on day 6.
        days = np.array([0, 2, 4, 6])
        given_ = table(
            START + days * DAY, [True, True, True, False], delay=1.0 * DAY,
            ended=START + days * float(DAY), decided=np.tile(START + days[:, None] * float(DAY),
                                                           (1, 5)),
        )  # fmt: skip
        labels = label(given_, 1.0 * HOUR)
        found = freshness(given_, labels, Part(labels.usable))
        # Before the first push: one as old as the interval, 2 days, growing to 3 by day 1; then
        # 1 to 3 over two days, twice, and 1 to 2 over the last day.
        assert found.age.tolist() == pytest.approx([(2.5 + 4 + 4 + 1.5) / 6])
        # Without the second push, the first model gets 3 to 5 days old from day 3 to day 5.
        lost = np.array([False, True, False, False])
        assert found.ages(lost).tolist() == pytest.approx([(2.5 + 4 + 8 + 1.5) / 6])
        assert found.loss(lost) == pytest.approx(1 - 12 / 16)

    def test_the_model_before_the_part_is_deployed(self) -> None:
        days = np.array([0, 2, 4])
        given_ = table(START + days * DAY, [True, False, True], delay=1.0 * DAY,
                       ended=START + 5 * float(DAY) + 0 * days)  # fmt: skip
        labels = label(given_, 1.0 * HOUR)
        part = Part(labels.usable & (days >= 2), float(START + 2 * DAY))
        found = freshness(given_, labels, part)
        # From day 2 to day 5 with the model of day 0, as the push of day 4 comes at the end.
        assert found.age.tolist() == pytest.approx([3.5])

    def test_pipelines_count_by_their_time(self) -> None:
        days = np.array([0, 0, 1, 1, 2, 9])
        given_ = table(START + days * DAY, [True] * 6, pipeline=list("ababab"), delay=0.0,
                       key=objects([f"g{one}" for one in range(6)]),
                       ended=START + days * float(DAY),
                       decided=np.tile(START + days[:, None] * float(DAY), (1, 5)))  # fmt: skip
        labels = label(given_, 1.0 * HOUR)
        found = freshness(given_, labels, Part(labels.usable))
        lost = np.array([False, False, True, False, False, False])
        assert found.length.tolist() == [2, 9]
        assert found.losses(lost).tolist() == pytest.approx([0.5, 0])
        assert found.loss(lost) == pytest.approx(0.5 * 2 / 11)

    def test_an_older_model_that_is_pushed_later_makes_nothing_older(self) -> None:
        given_ = table(START + np.array([0, 1]) * DAY, [True, True],
                       delay=np.array([2.0, 0.5]) * DAY, ended=START + np.array([3.0, 3.0]) * DAY,
                       )  # fmt: skip
        labels = label(given_, 1.0 * HOUR)
        found = freshness(given_, labels, Part(labels.usable))
        assert found.loss(np.array([True, False])) == 0

    def test_a_pipeline_without_pushes_has_no_deployed_model(self) -> None:
        given_ = table(START + np.arange(5) * DAY, [False] * 5)
        labels = label(given_)
        found = freshness(given_, labels, Part(labels.usable))
        assert len(found.pipeline) == 0
        assert found.loss(np.zeros(5, bool)) == 0


class TestThreshold:
    @settings(max_examples=100, deadline=None)
    @given(records(), st.sampled_from([0.0, 0.1, 0.3, 1.0]))
    def test_none_saves_more_within_the_limit(
        self, record: tuple[FeatureTable, Work, list[bool], list[float]], limit: float
    ) -> None:
        given_, executions, rows, scores = record
        found, _ = prepared(given_, executions, rows)
        scored = np.array(scores)
        threshold = choose_threshold(Stage.BEFORE, scored, found, limit)
        best = 0.0
        for tried in (0.3, 0.45, 0.7, 1.1):
            if found.freshness.loss(found.lost(scored, tried)) <= limit:
                best = max(best, float(found.saved(Stage.BEFORE, scored, np.array([tried]))[0]))
        if threshold is None:
            assert best == 0
            return
        assert found.freshness.loss(found.lost(scored, threshold)) <= limit + 1e-12
        got = found.saved(Stage.BEFORE, scored, np.array([threshold]))
        assert got.tolist() == pytest.approx([best])

    def test_curves_rise(self) -> None:
        rng = np.random.default_rng(0)
        given_ = table(START + np.arange(300) * HOUR, rng.random(300) < 0.4)
        found, _ = prepared(given_, work([[row] for row in range(300)], [1.0] * 300, [3] * 300))
        points = curve(Stage.SHAPE, "x", rng.random(300), found).points
        assert 90 < len(points) <= 102
        for name in ("threshold", "saving", "freshness_loss", "pushes_lost"):
            values = [getattr(point, name) for point in points]
            assert values == sorted(values)
        assert (points[0].saving, points[0].pushes_lost) == (0, 0)
        assert (points[-1].saving, points[-1].pushes_lost) == (1, 1)

    def test_a_perfect_predictor_saves_all_that_comes_later(self) -> None:
        rng = np.random.default_rng(0)
        pushed = rng.random(400) < 0.4
        given_ = table(START + np.arange(400) * HOUR, pushed,
                       pipeline=[f"p{row % 8}" for row in range(400)])  # fmt: skip
        holders = [[row] for row in range(400)]
        found, labels = prepared(given_, work(holders * 2, [1.0] * 400 + [3.0] * 400,
                                              [2] * 400 + [3] * 400))  # fmt: skip
        record = Record(found, found, resample(given_.pipelines, labels.usable))
        for stage, saving in ((Stage.DATA, 1.0), (Stage.SHAPE, 0.75), (Stage.TRAINING, 0.0)):
            policy = chosen(stage, "perfect", pushed.astype(float), record, max_freshness_loss=0.0)
            assert policy.saving.value == saving
            assert (policy.threshold is None) == (saving == 0)
            assert policy.pushes_lost.value == 0
        noisy = chosen(
            Stage.DATA, "x", pushed.astype(float), record, max_freshness_loss=0.0, chance=True
        )
        assert noisy.threshold is None
        assert "chance" in noisy.verdict


class TestCosts:
    def test_the_unit_with_the_most_cost_counts(self) -> None:
        given_ = table(START + np.arange(3) * DAY, [False] * 3,
                       cost_unit=objects(["s", "USD", "s"]))  # fmt: skip
        executions = work([[0], [1], [0, 2], [0, 1], []], [5, 7, 4, 2, 99], [1] * 5)
        found = costs(given_, executions)
        assert found.cost.tolist() == [5, 0, 4, 0, 0]
        assert found.used.unit == "s"
        assert found.used.left_out == {"USD": 7, "several": 2}

    def test_unknown_costs_are_none_and_counted(self) -> None:
        given_ = table([START], [False])
        found = costs(given_, work([[0]] * 3, [np.nan, -1.0, 2.0], [1] * 3))
        assert found.cost.tolist() == [0, 0, 2]
        assert (found.used.executions, found.used.unknown) == (1, 2)

    def test_no_work(self) -> None:
        given_ = table(START + np.arange(3) * DAY, [False] * 3)
        found, _ = prepared(given_, work([], [], []))
        assert found.wasted == 0
        assert choose_threshold(Stage.BEFORE, np.zeros(3), found, 1.0) is None
