"""A simulated corpus is the same for the same seed, holds together, and keeps what it promises."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from statistics import fmean
from typing import TYPE_CHECKING, Any

import orjson
import pyarrow.parquet as pq
import pytest

from lineage.errors import SettingsError
from lineage.naming import Naming
from lineage.records import Artifact, Event, Execution, Membership, OperatorClass, SetAside, State
from lineage.simulate import Profile, simulate
from lineage_ingest.trace import TraceReader

if TYPE_CHECKING:
    from pathlib import Path

PIPELINES, DAYS = 60, 40
Table = list[dict[str, Any]]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("simulated") / "corpus"
    simulate(folder, pipelines=PIPELINES, days=DAYS, seed=3)
    return folder


def table(folder: Path, name: str) -> Table:
    rows: Table = pq.read_table(folder / f"{name}.parquet").to_pylist()
    return rows


def digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_the_same_seed_gives_the_same_bytes(corpus: Path, tmp_path: Path) -> None:
    again = simulate(tmp_path / "again", pipelines=PIPELINES, days=DAYS, seed=3)
    assert digests(tmp_path / "again") == digests(corpus)
    simulate(tmp_path / "other", pipelines=PIPELINES, days=DAYS, seed=4)
    assert digests(tmp_path / "other")["events.parquet"] != digests(corpus)["events.parquet"]
    assert again.rows["executions"] == len(table(corpus, "executions"))


def test_a_pipeline_does_not_depend_on_how_many_there_are(corpus: Path, tmp_path: Path) -> None:
    simulate(tmp_path / "fewer", pipelines=10, days=DAYS, seed=3)
    fewer = table(tmp_path / "fewer", "executions")
    assert table(corpus, "executions")[: len(fewer)] == fewer


def test_it_is_read_without_a_fault_and_says_that_it_is_simulated(corpus: Path) -> None:
    reader = TraceReader(str(corpus))
    assert reader.simulated
    assert reader.source == f"simulated:{PIPELINES}x{DAYS}:3"
    records = list(reader.records())
    reader.close()
    assert not [one for one in records if isinstance(one, SetAside)]
    executions = {one.id: one for one in records if isinstance(one, Execution)}
    artifacts = {one.id: one for one in records if isinstance(one, Artifact)}
    events = [one for one in records if isinstance(one, Event)]
    assert {one.execution for one in events} <= executions.keys()
    assert {one.artifact for one in events} <= artifacts.keys()
    joined = {one.member for one in records if isinstance(one, Membership)}
    assert executions.keys() <= joined
    naming = Naming.of()
    classes = {naming.match_operator(one.type, one.node, None, None).target
               for one in executions.values()}  # fmt: skip
    assert OperatorClass.OTHER not in classes
    assert len(classes) == 10
    writers = Counter(one.artifact for one in events if one.kind.writes
                      and executions[one.execution].state is State.COMPLETE
                      and not executions[one.execution].type.endswith("Resolver"))  # fmt: skip
    assert set(writers.values()) == {1}
    failed = [one for one in events if one.kind.writes
              and executions[one.execution].state is State.FAILED]  # fmt: skip
    assert failed == []


def test_what_is_read_was_written_before(corpus: Path) -> None:
    executions = {row["id"]: row for row in table(corpus, "executions")}
    made: dict[str, Any] = {}
    for row in table(corpus, "events"):
        if row["event"] == "OUTPUT" and executions[row["execution"]]["state"] == "COMPLETE":
            made.setdefault(row["artifact"], executions[row["execution"]]["ended"])
    late = [
        row
        for row in table(corpus, "events")
        if row["event"] == "INPUT"
        and executions[row["execution"]]["started"] < made[row["artifact"]]
    ]
    assert late == []


def test_what_is_cached_or_resolved_was_there_before(corpus: Path) -> None:
    executions = {row["id"]: row for row in table(corpus, "executions")}
    made: dict[str, Any] = {}
    handed: Table = []
    for row in table(corpus, "events"):
        execution = executions[row["execution"]]
        hands_on = execution["state"] == "CACHED" or execution["type"].endswith(".Resolver")
        if row["event"] == "OUTPUT" and hands_on:
            handed.append(row)
        elif row["event"] == "OUTPUT":
            made[row["artifact"]] = execution["ended"]
    assert handed
    assert [
        row for row in handed if executions[row["execution"]]["started"] < made[row["artifact"]]
    ] == []


def test_runs_hold_their_executions(corpus: Path) -> None:
    runs = {row["id"]: row for row in table(corpus, "runs")}
    executions = {row["id"]: row for row in table(corpus, "executions")}
    failed = {
        row["container"]
        for row in table(corpus, "memberships")
        if row["member_kind"] == "execution" and executions[row["member"]]["state"] == "FAILED"
    }
    for row in table(corpus, "memberships"):
        if row["member_kind"] == "execution":
            run, execution = runs[row["container"]], executions[row["member"]]
            assert run["started"] <= execution["started"] <= execution["ended"] <= run["ended"]
    broken = {name for name, row in runs.items() if row["state"] == "FAILED"}
    # Some that failed were tried again, and went well.
    assert broken < failed


def test_a_model_is_pushed_for_reasons_that_the_trace_shows(corpus: Path) -> None:
    executions = {row["id"]: row for row in table(corpus, "executions")}
    pushes = {row["trainer"]: row for row in table(corpus / "truth", "pushes")}
    gated = {row["pipeline"] for row in table(corpus / "truth", "pipelines") if row["gate"]}
    assert {row["pipeline"] for row in pushes.values() if row["cause"] == "anomalies"} <= gated
    for name, row in pushes.items():
        assert (executions[name]["state"] == "FAILED") is (row["cause"] == "failed")
        assert row["pushed"] is (row["cause"] in {"blessed", "fresh", "manual"})
    checked = [
        row
        for row in pushes.values()
        if row["cause"] in {"blessed", "throttled", "nobody pushed", "not blessed", "manual"}
    ]

    def good(rows: Table) -> float:
        return fmean(row["cause"] != "not blessed" for row in rows)

    jumped = [row for row in checked if row["jump"] > 2]
    rebuilt = [row for row in checked if row["new_structure"]]
    quiet = [row for row in checked if row["jump"] == 0 and not row["new_structure"]]
    assert good(jumped) < good(rebuilt) < good(quiet)


def test_planted_redundancy_is_redundant(corpus: Path) -> None:
    executions = {row["id"]: row for row in table(corpus, "executions")}
    artifacts = {row["id"]: row for row in table(corpus, "artifacts")}
    read: dict[str, Any] = defaultdict(list)
    for row in table(corpus, "events"):
        if row["event"] == "INPUT":
            content = artifacts[row["artifact"]]["digest"] or row["artifact"]
            read[row["execution"]].append((row["role"], row["index"], content))
    planted = table(corpus / "truth", "redundant")
    assert {row["within"] for row in planted} == {True, False}
    for row in planted:
        one, other = executions[row["original"]], executions[row["execution"]]
        for same in ("type", "code_version", "properties"):
            assert one[same] == other[same]
        assert sorted(read[one["id"]]) == sorted(read[other["id"]])
        assert one["ended"] <= other["ended"]
        assert row["concurrent"] is (other["started"] < one["ended"])
        assert one["state"] == other["state"] == "COMPLETE"
    # And nothing else is: what reads the same, by digest or as the same artifact, is in the truth.
    groups: dict[Any, list[str]] = defaultdict(list)
    for name, row in executions.items():
        inputs = tuple(sorted(read[name]))
        fingerprint = "input_fingerprint" in orjson.loads(row["properties"] or "{}")
        if row["state"] == "COMPLETE" and (inputs or fingerprint):
            groups[row["type"], row["code_version"], row["properties"], inputs].append(name)
    assert sum(len(group) - 1 for group in groups.values()) == len(planted)


def test_what_the_truth_calls_pushed_was_pushed(corpus: Path) -> None:
    executions = {row["id"]: row for row in table(corpus, "executions")}
    artifacts = {row["id"]: row for row in table(corpus, "artifacts")}
    wrote: dict[str, list[str]] = defaultdict(list)
    read: dict[str, list[str]] = defaultdict(list)
    for row in table(corpus, "events"):
        if row["event"] == "OUTPUT":
            wrote[row["execution"]].append(row["artifact"])
        else:
            read[row["artifact"]].append(row["execution"])
    pushes = table(corpus / "truth", "pushes")
    trainers = {name for name, row in executions.items() if row["type"].endswith(".Trainer")}
    assert {row["trainer"] for row in pushes} == trainers
    for row in pushes:
        found = [
            pusher
            for model in wrote[row["trainer"]]
            for pusher in read[model]
            if executions[pusher]["type"].endswith(".Pusher")
            and executions[pusher]["state"] == "COMPLETE"
            and any(artifacts[one]["pushed"] for one in wrote[pusher])
        ]
        assert bool(found) is row["pushed"], row
    causes = Counter(row["cause"] for row in pushes)
    assert {"blessed", "not blessed", "throttled", "failed", "no pusher"} <= causes.keys()
    assert 0.05 < sum(row["pushed"] for row in pushes) / len(pushes) < 0.5


def test_shared_spans_have_the_same_content(corpus: Path) -> None:
    pipelines: dict[str, set[str]] = defaultdict(set)
    for row in table(corpus, "artifacts"):
        if row["type"] == "Examples" and row["features"]:
            pipelines[row["digest"]].add(row["uri"].split("/")[2])
    shared = {
        row["digest"]: set(row["pipelines"]) for row in table(corpus / "truth", "shared_inputs")
    }
    assert shared
    assert {d: names for d, names in pipelines.items() if len(names) > 1} == shared


def test_features_drift(corpus: Path) -> None:
    spans = [row for row in table(corpus, "artifacts") if row["features"]]
    for row in spans:
        assert all(sum(one["weights"]) == 1000 for one in row["features"])
        names = [one["name"] for one in row["features"]]
        assert names == sorted(names)
    assert len({str(row["features"]) for row in spans}) > len(spans) / 2


def test_another_profile_is_another_source(tmp_path: Path) -> None:
    usual = simulate(tmp_path / "usual", pipelines=1, days=2)
    other = simulate(tmp_path / "other", pipelines=1, days=2, profile=Profile(failure=0.5))
    assert other.source.startswith(usual.source)
    assert other.source != usual.source


def test_every_default_says_why() -> None:
    assert all(len(field.description or "") > 20 for field in Profile.model_fields.values())


def test_nothing_is_written_over(corpus: Path, tmp_path: Path) -> None:
    before = digests(corpus)
    with pytest.raises(FileExistsError):
        simulate(corpus, pipelines=1, days=1)
    assert digests(corpus) == before
    with pytest.raises(SettingsError):
        simulate(tmp_path / "none", pipelines=0)
    assert not (tmp_path / "none").exists()


def test_a_simulation_that_is_stopped_leaves_nothing(tmp_path: Path) -> None:
    def stop(done: int, total: int) -> None:
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        simulate(tmp_path / "corpus", pipelines=5, days=5, progress=stop)
    assert list(tmp_path.iterdir()) == []
