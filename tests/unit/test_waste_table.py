"""Feature tables in files, labels and their maturity, and splits that leak nothing."""

from pathlib import Path

import numpy as np
import pytest
from support.waste import DAY, FEATURES, HOUR, START, corpus, objects, own_work, table, work

from lineage.errors import WasteError
from lineage.waste.labels import label
from lineage.waste.splits import by_pipeline, by_time
from lineage.waste.stages import Feature, Kind, Stage
from lineage.waste.table import FeatureTable


class TestTable:
    def test_a_file_gives_back_the_same(self, tmp_path: Path) -> None:
        given = corpus(50).table
        given.columns["drift"][3] = np.nan
        given.decided[5, 4] = np.nan
        given.to_parquet(tmp_path / "t.parquet")
        found = FeatureTable.from_parquet(tmp_path / "t.parquet")
        assert found.features == given.features
        for name in FeatureTable.__dataclass_fields__:
            if name not in {"columns", "features"}:
                np.testing.assert_array_equal(getattr(found, name), getattr(given, name))
                assert getattr(found, name).dtype == getattr(given, name).dtype
        for name, column in given.columns.items():
            np.testing.assert_array_equal(found.columns[name], column)

    def test_an_empty_one_does_too(self, tmp_path: Path) -> None:
        table([], []).to_parquet(tmp_path / "t.parquet")
        assert len(FeatureTable.from_parquet(tmp_path / "t.parquet")) == 0

    @pytest.mark.parametrize("content", [b"", b"PAR1 no", b"x" * 100])
    def test_another_file_is_refused(self, tmp_path: Path, content: bytes) -> None:
        (tmp_path / "t.parquet").write_bytes(content)
        with pytest.raises(WasteError, match="no feature table"):
            FeatureTable.from_parquet(tmp_path / "t.parquet")

    def test_another_parquet_file_is_refused(self, tmp_path: Path) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        pq.write_table(pa.table({"key": ["a"]}), tmp_path / "t.parquet")
        with pytest.raises(WasteError, match="no feature table"):
            FeatureTable.from_parquet(tmp_path / "t.parquet")

    def test_order_shapes_and_columns_are_checked(self) -> None:
        with pytest.raises(WasteError, match="not in order"):
            table([2, 1], [True, False])
        with pytest.raises(WasteError, match="not in order"):
            table([1, 1], [True, False], key=objects(["a", "a"]))
        with pytest.raises(WasteError, match="pushed_at"):
            table([1, 2], [True, False], pushed_at=np.zeros(3))
        feature = Feature("gone", Stage.DATA, Kind.NUMBER, "")
        with pytest.raises(WasteError, match="gone"):
            table([1], [True], features=(feature,))

    def test_work_is_checked(self) -> None:
        with pytest.raises(WasteError, match="rank"):
            work([[0]], [1.0], [-1])
        with pytest.raises(WasteError, match="no rows"):
            work([[7]], [1.0], [1]).check(7)
        own_work(3).check(3)

    def test_pipelines_of_two_sources_are_two(self) -> None:
        found = table(
            [1, 2, 3, 4], [True] * 4,
            pipeline=["p", "p", "", ""], source=objects(["a", "b", "a", "a"]),
        )  # fmt: skip
        assert len(set(found.pipelines.tolist())) == 3
        assert found.pipelines[2] == found.pipelines[3]

    def test_a_stage_that_was_not_reached_is_as_the_one_before(self) -> None:
        decided = np.array([[np.nan, 5.0, np.nan, 9.0, np.nan]])
        assert table([1], [False], decided=decided).reached.tolist() == [[1, 5, 5, 9, 9]]


class TestLabels:
    def test_maturity(self) -> None:
        started = START + np.array([0, 1, 2, 97, 98, 99, 100]) * HOUR
        pushed = np.array([True, False, False, False, True, False, False])
        given = table(started, pushed, ended=started.astype(float), decided=np.tile(
            started[:, None].astype(float), (1, 5)), open=np.arange(7) == 2)  # fmt: skip
        found = label(given, 2.0 * HOUR)
        assert found.end == START + 100 * HOUR
        assert found.pushed.tolist() == [True, False, False, False, True, False, False]
        assert np.flatnonzero(found.unpushed).tolist() == [1, 3]
        assert np.flatnonzero(found.young).tolist() == [5, 6]
        assert np.flatnonzero(found.open).tolist() == [2]
        # Of those younger than the horizon only pushed ones are known, so that they are no sample.
        assert np.flatnonzero(found.usable).tolist() == [0, 1, 3]

    def test_the_horizon_is_nearly_the_longest_delay(self) -> None:
        delays = np.linspace(0, 10, 1001) * HOUR
        given = table(START + np.arange(1001) * HOUR, np.ones(1001, bool), delay=delays)
        found = label(given)
        assert found.horizon == pytest.approx(9.95 * HOUR)
        assert (found.delays, found.given) == (1001, False)

    def test_but_an_hour_at_least(self) -> None:
        assert label(table([START, START + 1], [True, False], delay=5.0)).horizon == HOUR
        assert label(table([], [])).horizon == HOUR

    def test_a_clock_that_was_wrong_makes_no_other_model_old(self) -> None:
        far = START + 80 * 365 * DAY
        found = label(table([START, START + HOUR, far], [False] * 3), 4.0 * HOUR)
        assert found.end < far
        assert found.young.tolist() == [True, True, True]

    def test_clocks_that_jump_are_flagged(self) -> None:
        delay = np.array([-5.0, np.nan, 7.0]) * HOUR
        found = label(table(START + np.arange(3) * DAY, [True] * 3, delay=delay))
        assert found.flagged == 2
        assert found.seen_at.tolist() == [START, START + DAY, START + 2 * DAY + 7 * HOUR]

    @pytest.mark.parametrize("horizon", [0.0, -1.0, float("nan")])
    def test_a_horizon_that_is_none(self, horizon: float) -> None:
        with pytest.raises(WasteError, match="horizon"):
            label(table([START], [True]), horizon)


class TestSplits:
    def test_nothing_is_learned_from_what_was_not_known(self) -> None:
        given = corpus(2_000).table
        labels = label(given, 36.0 * HOUR)
        split = by_time(given, labels)
        first, second = split.choose.begin, split.test.begin
        assert (labels.known_at[split.train] <= first).all()
        assert (given.started[split.train] + 36 * HOUR <= first).all()
        assert (given.started[split.choose.rows] >= first).all()
        assert (labels.known_at[split.choose.rows] <= second).all()
        assert (given.started[split.test.rows] >= second).all()
        assert labels.usable[split.train | split.choose.rows | split.test.rows].all()
        assert split.train.sum() == pytest.approx(1000, abs=100)

    def test_pushes_that_came_late_are_not_known_early(self) -> None:
        started = START + np.arange(400) * HOUR
        delay = np.where(np.arange(400) == 0, 390.0, 0.5) * HOUR
        given = table(started, np.arange(400) % 2 == 0, delay=delay)
        split = by_time(given, label(given, 2.0 * HOUR))
        assert not split.train[0]
        assert split.train[2]

    def test_no_pipeline_is_in_two_parts(self) -> None:
        given = corpus(2_000, pipelines=16).table
        split = by_pipeline(given, label(given))
        parts = [split.train, split.choose.rows, split.test.rows]
        found = [set(given.pipelines[rows].tolist()) for rows in parts]
        assert [len(one) for one in found] == [8, 4, 4]
        assert len(set.union(*found)) == 16

    def test_five_pipelines_give_three_parts(self) -> None:
        given = corpus(500, pipelines=5).table
        split = by_pipeline(given, label(given))
        assert split.train.any()
        assert split.choose.rows.any()
        assert split.test.rows.any()


def test_features_of_the_corpus_are_of_all_stages() -> None:
    assert {feature.stage for feature in FEATURES} == set(Stage)
