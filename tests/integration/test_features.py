"""Features of data sets: into the graph, out of it, and how like data are by them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lineage.distributions import BINS, HASHES, numeric
from lineage.load.memory import MemoryReader
from lineage.load.service import ingest as load
from lineage.records import Artifact, Feature, FeatureKind
from lineage.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from lineage import Ingested, Lineage

ODD = ["", "a\nb", "\u202e", "'; MATCH (n) DETACH DELETE n", "x" * 10_000]
ARTIFACT = "MATCH (a:Artifact {source: 's', source_id: $id}) RETURN properties(a) AS p"


def feature(name: str, value: float) -> Feature:
    return Feature(name=name, kind=FeatureKind.NUMERIC, weights=numeric([value], [value], [1]))


def test_features_come_and_go_with_their_artifact(lin: Lineage) -> None:
    features = sorted((feature(name, len(name)) for name in ODD), key=lambda one: one.name)
    span = Artifact(id="1", type="Examples", name="one", created=1, updated=1, features=features)
    bare = Artifact(id="2", type="Examples", name="two", created=1, updated=1)
    lin.ingest_records([span, bare], source="s")
    found = lin.graph.run_text(ARTIFACT, id="1")[0]["p"]
    assert found["feature_names"] == sorted(ODD)
    assert set(found["feature_kinds"]) == {"numeric"}
    assert len(found["feature_weights"]) == BINS * len(ODD)
    assert len(found["feature_hashes"]) == HASHES * len(ODD)
    assert "feature_names" not in lin.graph.run_text(ARTIFACT, id="2")[0]["p"]
    exported = {record.id: record for record in lin.export_trace("s")}
    assert exported["1"].features == features
    assert exported["2"].features is None

    again = lin.ingest_records([span], source="s")
    assert again.written == 0
    newer = Artifact(id="1", type="Examples", name="one", created=1, updated=2, features=None)
    lin.ingest_records([newer], source="s")
    assert "feature_names" not in lin.graph.run_text(ARTIFACT, id="1")[0]["p"]


def test_ten_thousand_features(lin: Lineage) -> None:
    features = [feature(f"f{number:05}", number) for number in range(10_000)]
    loaded = lin.ingest_records([Artifact(id="1", type="Examples", features=features)], source="s")
    assert loaded.set_aside == []
    found = lin.graph.run_text(ARTIFACT, id="1")[0]["p"]
    assert len(found["feature_hashes"]) == 10_000 * HASHES


def test_features_come_from_statistics_once_they_may(lin: Lineage, tmp_path: Path) -> None:
    pb2 = pytest.importorskip("tensorflow_metadata.proto.v0.statistics_pb2")
    bucket = {"low_value": 1, "high_value": 1, "sample_count": 5}
    stats = pb2.FeatureNameStatistics(name="a", num_stats={"histograms": [{"buckets": [bucket]}]})
    written = pb2.DatasetFeatureStatisticsList(datasets=[{"features": [stats]}])
    for name, content in (("good", written.SerializeToString()), ("bad", b"\xff" * 9)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "FeatureStats.pb").write_bytes(content)
    records = [
        Artifact(id=name, type="ExampleStatistics", uri=str(tmp_path / name))
        for name in ("good", "bad")
    ]

    def ingest(**how: bool) -> Ingested:
        return load(lin.graph, MemoryReader("s", records), settings, **how)

    settings = Settings()
    assert ingest(local_files=True).statistics == 0
    settings = Settings(statistics_roots=(str(tmp_path),))
    assert ingest().statistics == 0
    found = ingest(local_files=True)
    assert found.statistics == 1
    assert [kind for kind, *_ in found.set_aside] == ["features"]
    (row,) = lin.graph.run_text(ARTIFACT, id="good")
    assert row["p"]["feature_names"] == ["a"]
    assert row["p"]["feature_weights"] == numeric([1], [1], [1])
    (last,) = lin.graph.run_text(
        "MATCH (l:Load {source: 's'}) RETURN l ORDER BY l.key DESC LIMIT 1"
    )
    assert last["l"]["statistics"] == 1
    assert ingest(local_files=True).written == 0
