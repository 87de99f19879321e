"""Statistics of TensorFlow Data Validation, as features; and which files may be read for them."""

from __future__ import annotations

import math
import os
import struct
from typing import TYPE_CHECKING, Any

import pytest

from lineage.distributions import BINS, categorical, numeric
from lineage.errors import RecordError, SettingsError
from lineage.load.loader import rehearse
from lineage.load.local_files import LocalFiles, local_path
from lineage.load.rows import Rows
from lineage.load.statistics import Statistics
from lineage.records import Artifact, FeatureKind
from lineage.settings import Settings

pb2 = pytest.importorskip("tensorflow_metadata.proto.v0.statistics_pb2")

if TYPE_CHECKING:
    from pathlib import Path

STANDARD, QUANTILES = 0, 1


def histogram(kind: int, *buckets: tuple[float, float, float]) -> Any:
    keys = ("low_value", "high_value", "sample_count")
    return pb2.Histogram(type=kind, buckets=[dict(zip(keys, one, strict=True)) for one in buckets])


def number(name: str, *histograms: Any) -> Any:
    return pb2.FeatureNameStatistics(
        name=name, type=pb2.FeatureNameStatistics.FLOAT, num_stats={"histograms": histograms}
    )


def words(name: str, *counts: tuple[str, float], total: int = 0) -> Any:
    ranked = [{"label": label, "sample_count": count} for label, count in counts]
    return pb2.FeatureNameStatistics(
        name=name,
        type=pb2.FeatureNameStatistics.STRING,
        string_stats={
            "rank_histogram": {"buckets": ranked},
            "common_stats": {"tot_num_values": total},
        },
    )


def message(*features: Any, name: str = "All Examples", examples: int = 1) -> Any:
    return {"name": name, "num_examples": examples, "features": features}


def write(path: Path, *datasets: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    content = pb2.DatasetFeatureStatisticsList(datasets=datasets).SerializeToString()
    if path.name == "stats_tfrecord":
        content = struct.pack("<QI", len(content), 0) + content + struct.pack("<I", 0)
    path.write_bytes(content)
    return path


def reader(root: Path, limit: int = 1_000_000) -> Statistics:
    return Statistics(LocalFiles([str(root)], limit))


def weights(statistics: Statistics, address: object) -> dict[str, list[int]]:
    features, problems = statistics.features(str(address), expected=True)
    assert problems == []
    assert features is not None
    return {feature.name: feature.weights for feature in features}


class TestFormat:
    def test_kinds_by_what_there_is(self, tmp_path: Path) -> None:
        nested = number("", histogram(STANDARD, (0, 1, 5)))
        nested.path.step.extend(["trip", "fare.usd"])
        raw = pb2.FeatureNameStatistics(name="image", bytes_stats={"unique": 3})
        group = pb2.FeatureNameStatistics(name="trip", struct_stats={})
        coded = words("code", ("1", 3), ("2", 5))
        coded.type = pb2.FeatureNameStatistics.INT
        bare = pb2.FeatureNameStatistics(name="bare")
        write(tmp_path / "Split-train/FeatureStats.pb", message(nested, raw, group, coded, bare))
        found = reader(tmp_path).features(str(tmp_path), expected=True)
        assert [(one.name, one.kind, one.weights) for one in found.features or []] == [
            ("bare", FeatureKind.CATEGORICAL, []),
            ("code", FeatureKind.CATEGORICAL, categorical([("1", 3), ("2", 5)])),
            ("image", FeatureKind.CATEGORICAL, []),
            ("trip.(fare.usd)", FeatureKind.NUMERIC, numeric([0], [1], [5])),
        ]

    def test_quantiles_before_equal_widths(self, tmp_path: Path) -> None:
        equal = histogram(STANDARD, (0, 500, 99), (500, 1000, 1))
        quantiles = histogram(QUANTILES, (0, 1, 50), (1, 1000, 50))
        empty = histogram(QUANTILES, (0, 1, 0))
        write(
            tmp_path / "train/stats_tfrecord",
            message(number("both", equal, quantiles), number("one", empty, equal)),
        )
        assert weights(reader(tmp_path), tmp_path) == {
            "both": numeric([0, 1], [1, 1000], [50, 50]),
            "one": numeric([0, 500], [500, 1000], [99, 1]),
        }

    def test_all_nulls_and_empty_histograms_are_unknown(self, tmp_path: Path) -> None:
        nothing = (number("a"), number("b", histogram(STANDARD)), words("c", total=0))
        zeros = (number("d", histogram(STANDARD, (0, 0, 0))), words("e", ("x", 0)))
        write(tmp_path / "FeatureStats.pb", message(*nothing, *zeros))
        assert weights(reader(tmp_path), tmp_path) == {name: [] for name in "abcde"}

    def test_words_that_are_not_listed(self, tmp_path: Path) -> None:
        top = pb2.FeatureNameStatistics(
            name="b", string_stats={"top_values": [{"value": "x", "frequency": 4}]}
        )
        write(tmp_path / "FeatureStats.pb", message(words("a", ("x", 4), total=20), top))
        found = weights(reader(tmp_path), tmp_path)
        assert found == {"a": categorical([("x", 4)], rest=16), "b": categorical([("x", 4)])}

    def test_train_stands_for_all_splits(self, tmp_path: Path) -> None:
        one, two = histogram(STANDARD, (1, 1, 1)), histogram(STANDARD, (9, 9, 3))
        write(tmp_path / "Split-eval/FeatureStats.pb", message(number("a", one)))
        write(tmp_path / "Split-test/FeatureStats.pb", message(number("a", two)))
        assert weights(reader(tmp_path), tmp_path) == {"a": numeric([1, 9], [1, 9], [1, 3])}
        write(tmp_path / "Split-train/FeatureStats.pb", message(number("a", two)))
        assert weights(reader(tmp_path), tmp_path) == {"a": numeric([9], [9], [3])}

    def test_slice_of_all_examples(self, tmp_path: Path) -> None:
        one, two = (number("a", histogram(STANDARD, (x, x, 1))) for x in (1, 9))
        part = message(one, name="city:Rome", examples=9)
        write(tmp_path / "FeatureStats.pb", part, message(two))
        assert weights(reader(tmp_path), tmp_path) == {"a": numeric([9], [9], [1])}
        write(tmp_path / "FeatureStats.pb", message(two, name="x", examples=2), part)
        assert weights(reader(tmp_path), tmp_path) == {"a": numeric([1], [1], [1])}

    def test_damaged_feature_is_unknown_and_told(self, tmp_path: Path) -> None:
        bad = number("bad", histogram(STANDARD, (math.nan, 1, 1)))
        write(tmp_path / "FeatureStats.pb", message(bad, words("good", ("x", 1))))
        features, problems = reader(tmp_path).features(str(tmp_path), expected=True)
        assert [bool(one.weights) for one in features or []] == [False, True]
        assert len(problems) == 1
        assert "bad" in problems[0]

    def test_kind_that_differs_between_splits_is_told(self, tmp_path: Path) -> None:
        write(tmp_path / "a/FeatureStats.pb", message(words("f", ("x", 1))))
        write(tmp_path / "b/FeatureStats.pb", message(number("f", histogram(STANDARD, (1, 1, 1)))))
        features, problems = reader(tmp_path).features(str(tmp_path), expected=True)
        assert [one.kind for one in features or []] == [FeatureKind.CATEGORICAL]
        assert problems == ["feature 'f' has another kind in another split"]

    def test_ten_thousand_features_of_odd_names(self, tmp_path: Path) -> None:
        odd = ["", "a\nb", "\u202e", "x" * 10_000]
        names = odd + [f"f{place}" for place in range(10_000)]
        features = [number(name, histogram(STANDARD, (0, 1, 1))) for name in names]
        write(tmp_path / "FeatureStats.pb", message(*features))
        assert weights(reader(tmp_path), tmp_path).keys() == set(names)

    @pytest.mark.parametrize(
        ("name", "content", "reason"),
        [
            ("FeatureStats.pb", b"\xff" * 40, "damaged"),
            ("FeatureStats.pb", b"", "no statistics"),
            ("stats_tfrecord", b"", "ends within"),
            ("stats_tfrecord", struct.pack("<QI", 2**63, 0) + b"x", "ends within"),
            ("stats_tfrecord", struct.pack("<QI", 4, 0) + b"\xff" * 8, "damaged"),
        ],
    )
    def test_damaged_file_is_told(
        self, tmp_path: Path, name: str, content: bytes, reason: str
    ) -> None:
        (tmp_path / name).write_bytes(content)
        features, problems = reader(tmp_path).features(str(tmp_path), expected=True)
        assert features is None
        assert len(problems) == 1
        assert reason in problems[0]

    def test_two_features_of_one_name(self, tmp_path: Path) -> None:
        write(tmp_path / "FeatureStats.pb", message(words("a", ("x", 1)), words("a", ("x", 1))))
        assert "two features" in reader(tmp_path).features(str(tmp_path), expected=True).problems[0]


class TestFiles:
    @pytest.fixture
    def root(self, tmp_path: Path) -> Path:
        root = tmp_path / "allowed"
        write(root / "stats/7/Split-train/FeatureStats.pb", message(words("a", ("x", 1))))
        write(tmp_path / "secret/FeatureStats.pb", message(words("secret", ("x", 1))))
        return root

    def test_addresses(self, root: Path) -> None:
        whole = root / "stats/7"
        for address in (
            whole,
            f"file://{whole}",
            f"file://localhost{whole}",
            "stats/7",
            "./stats/7/",
        ):
            assert weights(reader(root), address).keys() == {"a"}
        assert weights(reader(root), whole / "Split-train/FeatureStats.pb").keys() == {"a"}

    @pytest.mark.parametrize(
        "address",
        [
            "gs://bucket/stats/7",
            "file://elsewhere/stats/7",
            "http://[",
            "stats/8",
            "\0",
            "x" * 9_000,
        ],
    )
    def test_elsewhere(self, root: Path, address: str) -> None:
        assert reader(root).features(address, expected=True) == (None, [])

    def test_nothing_outside(self, root: Path) -> None:
        secret = root.parent / "secret"
        (root / "link").symlink_to(secret)
        (root / "stats/8").mkdir()
        (root / "stats/8/FeatureStats.pb").symlink_to(secret / "FeatureStats.pb")
        loop = root / "loop"
        loop.symlink_to(loop)
        outside = [secret, "../secret", f"file://{root}/%2e%2e/secret", root / "link", "loop"]
        for address in outside:
            assert reader(root).features(str(address), expected=False) == (None, [])
        assert reader(root).features("stats/8", expected=False).features is None
        with pytest.raises(ValueError, match="not below"):
            LocalFiles([str(root)], 9).read(secret / "FeatureStats.pb")

    def test_link_that_stays_inside(self, root: Path) -> None:
        (root / "newest").symlink_to(root / "stats/7")
        assert weights(reader(root), "newest").keys() == {"a"}

    def test_folder_that_is_a_link(self, root: Path) -> None:
        (root.parent / "link").symlink_to(root)
        assert weights(reader(root.parent / "link"), root / "stats/7").keys() == {"a"}

    def test_too_large(self, root: Path) -> None:
        problems = reader(root, limit=5).features("stats/7", expected=True).problems
        assert problems == ["Split-train/FeatureStats.pb: it has more than 5 bytes"]

    def test_pipe_is_no_file_and_holds_up_nothing(self, root: Path) -> None:
        (root / "pipe").mkdir()
        os.mkfifo(root / "pipe/FeatureStats.pb")
        problems = reader(root).features("pipe", expected=True).problems
        assert problems == ["pipe/FeatureStats.pb: it is no regular file"]

    def test_folder_in_the_place_of_a_file(self, root: Path) -> None:
        (root / "odd/FeatureStats.pb").mkdir(parents=True)
        assert len(reader(root).features("odd", expected=True).problems) == 1

    def test_nothing_there_is_told_of_statistics_alone(self, root: Path) -> None:
        (root / "empty").mkdir()
        assert reader(root).features("empty", expected=False).problems == []
        assert len(reader(root).features("empty", expected=True).problems) == 1

    def test_root_that_is_no_folder(self, root: Path) -> None:
        with pytest.raises(SettingsError, match="statistics_roots"):
            reader(root / "none")

    def test_local_path(self) -> None:
        assert str(local_path("file:///a%20b")) == "/a b"
        assert str(local_path("a b")) == "a b"
        assert local_path("s3://a/b") is None


class TestRecords:
    def convert(self, root: Path | None, *artifacts: Artifact) -> tuple[Rows, list[dict[str, Any]]]:
        settings = Settings(statistics_roots=(str(root),) if root else ())
        rows = Rows("s", settings.naming(), settings, Statistics.of(settings))
        return rows, [rows.node(artifact).row["properties"] for artifact in artifacts]

    def test_only_where_the_settings_allow(self, tmp_path: Path) -> None:
        write(tmp_path / "FeatureStats.pb", message(words("a", ("x", 1))))
        found = Artifact(id="1", type="ExampleStatistics", uri=str(tmp_path))
        stated = Artifact(id="2", type="Examples", uri=str(tmp_path), features=[])
        rows, (with_it, without) = self.convert(tmp_path, found, stated)
        assert with_it["feature_names"] == ["a"]
        assert len(with_it["feature_weights"]) == BINS
        assert "feature_names" not in without
        assert rows.statistics_read == 1
        none, (bare,) = self.convert(None, found)
        assert "feature_names" not in bare
        assert none.statistics_read == 0
        assert bare["revision"] == with_it["revision"]

    def test_what_is_wrong_is_set_aside_and_the_artifact_kept(self, tmp_path: Path) -> None:
        (tmp_path / "FeatureStats.pb").write_bytes(b"\xff" * 9)
        artifact = Artifact(id="1", type="ExampleStatistics", uri=str(tmp_path))
        rows, (row,) = self.convert(tmp_path, artifact)
        (aside,) = rows.take_aside()
        assert (aside.kind, aside.position) == ("features", "artifact 1")
        assert row["artifact"] == "statistics"
        assert rows.take_aside() == []
        read, found = rehearse(rows, [artifact], strict=False, progress=lambda _: None)
        assert read == {"artifact": 1}
        assert [one.kind for one in found] == ["features"]
        with pytest.raises(RecordError, match="features at artifact 1"):
            rehearse(rows, [artifact], strict=True, progress=lambda _: None)

    def test_digest_of_the_settings(self, tmp_path: Path) -> None:
        bare = Settings().derivation()
        assert Settings(statistics_roots=(str(tmp_path),)).derivation() != bare
        assert Settings(statistics_megabytes=1).derivation() != bare

    def test_from_the_environment(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("LINEAGE_STATISTICS_ROOTS", "/a, /b")
        assert Settings.load().statistics_roots == ("/a", "/b")


def test_without_the_library(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import sys

    from lineage.errors import MissingExtraError

    monkeypatch.setitem(sys.modules, "tensorflow_metadata.proto.v0", None)
    assert Statistics.of(Settings()) is None
    with pytest.raises(MissingExtraError, match="tfdv"):
        Statistics.of(Settings(statistics_roots=(str(tmp_path),)))
