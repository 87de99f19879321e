"""Stores that MLflow's own client wrote, as the reader understands them."""

from __future__ import annotations

import dataclasses
import math
import shutil
from typing import TYPE_CHECKING, Any

import pytest
from support.mlflow_stores import Story, kept, run, server, write

from lineage.records import (
    Artifact,
    ArtifactClass,
    Context,
    Event,
    EventKind,
    Execution,
    Membership,
    OperatorClass,
    Pipeline,
    Run,
    SetAside,
    State,
)
from lineage_ingest.mlflow import MlflowReader

if TYPE_CHECKING:
    from pathlib import Path

    from lineage.records import Record

NOW = 1_780_000_000_000
MINUTE = 60_000


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Story:
    folder = tmp_path_factory.mktemp("database")
    return write(f"sqlite:///{folder / 'mlflow.db'}", folder)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Story:
    folder = tmp_path_factory.mktemp("files")
    return write(str(folder / "mlruns"), folder)


def read(location: str, **how: Any) -> list[Record]:
    reader = MlflowReader(location, **how)
    try:
        return list(reader.records())
    finally:
        reader.close()


def of(kind: Any, records: list[Record]) -> list[Any]:
    return [record for record in records if isinstance(record, kind)]


def by_id(kind: Any, records: list[Record]) -> dict[str, Any]:
    return {record.id: record for record in of(kind, records)}


def plain(records: list[Record]) -> list[str]:
    """Records as text, for NaN equals nothing."""
    return sorted(map(repr, records))


@pytest.fixture(params=["database", "files"])
def story(request: pytest.FixtureRequest) -> Story:
    found: Story = request.getfixturevalue(request.param)
    return found


def test_runs(story: Story) -> None:
    records, ids = read(story.location), story.ids
    found = by_id(Execution, records)
    states = {name: found[ids[name]].state for name in ("first", "failed", "killed", "endless")}
    assert states == {
        "first": State.COMPLETE,
        "failed": State.FAILED,
        "killed": State.CANCELED,
        "endless": State.RUNNING,
    }
    classes = {name: found[ids[name]].operator for name in ("sweep", "first", "judge", "old")}
    assert classes == {
        "sweep": OperatorClass.OTHER,
        "first": OperatorClass.TRAINING,
        "judge": OperatorClass.EVALUATION,
        "old": OperatorClass.TRAINING,
    }
    assert found[ids["failed"]].operator is None
    first = found[ids["first"]]
    assert (first.node, first.name, first.type) == ("train", "first", "mlflow.run")
    assert (first.started, first.ended) == (NOW, NOW + 5 * MINUTE)
    assert first.code_version == "0123456789abcdef0123456789abcdef01234567"
    told = first.properties
    assert (told["depth"], told["seed"], told["tag.team"], told["user"]) == (
        "3",
        "42",
        "ride",
        "ada",
    )
    assert (told["metric.loss"], told["metric.val/acc"]) == (0.25, 0.75)
    assert math.isnan(told["metric.odd"])
    assert told["metric.huge"] == math.inf
    assert len(told["long"]) == 5000
    assert not [name for name in told if "mlflow" in name]
    assert found[ids["endless"]].ended is None


def test_nested_runs(story: Story) -> None:
    records, ids = read(story.location), story.ids
    found, runs = by_id(Execution, records), by_id(Run, records)
    parents = {name: found[ids[name]].parent for name in ("sweep", "first", "second", "old")}
    assert parents == {"sweep": None, "first": ids["sweep"], "second": ids["sweep"], "old": None}
    assert ids["sweep"] in runs
    assert ids["first"] not in runs
    members = {
        (link.member, link.container)
        for link in of(Membership, records)
        if link.container_kind == "run"
    }
    assert {(ids[name], ids["sweep"]) for name in ("sweep", "first", "second")} <= members
    pipelines = {
        link.container for link in of(Membership, records) if link.container_kind == "pipeline"
    }
    assert pipelines == {ids["experiment"]}
    assert by_id(Pipeline, records)[ids["experiment"]].name == "taxi"


def test_what_is_deleted_is_told_by_number(story: Story) -> None:
    records, ids = read(story.location), story.ids
    assert ids["gone"] not in by_id(Execution, records)
    pipelines = by_id(Pipeline, records)
    assert ids["dropped"] not in pipelines
    assert pipelines[ids["experiment"]].properties["deleted_runs"] == 1
    reader = MlflowReader(story.location)
    assert reader.version.endswith("1 deleted experiment left out")
    assert set(reader.identity()) == {"pipeline/0", f"pipeline/{ids['experiment']}"}
    assert reader.cursor is None
    reader.close()


def test_only_the_impossible_time_is_set_aside(story: Story) -> None:
    records = read(story.location)
    (aside,) = of(SetAside, records)
    assert aside.position == f"run {story.ids['backwards']}"
    assert "before the start" in aside.reason
    backwards = by_id(Execution, records)[story.ids["backwards"]]
    assert (backwards.started, backwards.ended) == (NOW + 70 * MINUTE, None)


def test_data_sets(story: Story) -> None:
    records, ids = read(story.location), story.ids
    read_by = {
        (event.execution, event.role): event.artifact
        for event in of(Event, records)
        if event.kind is EventKind.INPUT
    }
    first, second, judge = ids["first"], ids["second"], ids["judge"]
    assert read_by[first, "training"] == "dataset:s3://lake/taxi?aaaa1111"
    assert read_by[second, "training"] == "dataset:s3://lake/taxi?bbbb2222"
    assert read_by[judge, "eval"] == read_by[first, "training"]
    assert read_by[first, "validation"] == "dataset:s3://lake/fares@7"
    assert read_by[second, ""] == "data/numpy#dddd4444"
    artifacts = by_id(Artifact, records)
    taxi = artifacts["dataset:s3://lake/taxi?aaaa1111"]
    assert (taxi.artifact, taxi.digest, taxi.version) == (ArtifactClass.SPAN, None, None)
    assert taxi.properties["digest_hint"] == "aaaa1111"
    assert taxi.properties["profile"] == {"num_rows": 3}
    assert artifacts["dataset:s3://lake/fares@7"].version == "7"
    assert "data/numpy#dddd4444" in artifacts


def test_models_and_their_versions(story: Story) -> None:
    records, ids = read(story.location), story.ids
    tree, old = ids["model of tree"], f"{ids['old']}/model"
    artifacts = by_id(Artifact, records)
    assert artifacts[tree].properties["registered"] == ["taxi-model/1"]
    assert artifacts[old].properties["versions"] == [
        {"name": "taxi-model", "version": "2", "stage": "Production", "status": "READY"}
    ]
    assert artifacts["models:/taxi-model/3"].uri.endswith("/elsewhere")
    written = {
        (event.execution, event.artifact)
        for event in of(Event, records)
        if event.kind is EventKind.OUTPUT and event.role == "model"
    }
    assert written == {
        (ids["first"], tree),
        (ids["second"], ids["model of shrub"]),
        (ids["old"], old),
    }
    held = {
        (link.member, link.container)
        for link in of(Membership, records)
        if link.container_kind == "context" and link.member_kind == "artifact"
    }
    assert {(tree, "taxi-model"), (old, "taxi-model")} <= held
    assert (tree, "alias:taxi-model@champion") in held
    assert by_id(Context, records)["taxi-model"].properties["tag.owner"] == "ada"


def test_pushes(story: Story) -> None:
    records, ids = read(story.location), story.ids
    pushes = [one for one in of(Execution, records) if one.operator is OperatorClass.DEPLOYMENT]
    assert [one.id for one in pushes] == [
        "models:/taxi-model@champion#1",
        "models:/taxi-model/Production#2",
    ]
    alias, stage = pushes
    assert (alias.started, alias.updated) == (None, None)
    assert alias.properties["time_from"] == "first seen"
    assert stage.started == stage.ended is not None
    assert {one.cost for one in pushes} == {0.0}
    assert all(one.properties["inferred"] for one in pushes)
    reads = {
        event.execution: event.artifact
        for event in of(Event, records)
        if event.kind is EventKind.INPUT and event.execution in {alias.id, stage.id}
    }
    assert reads == {alias.id: ids["model of tree"], stage.id: f"{ids['old']}/model"}
    assert by_id(Artifact, records)[alias.id].pushed is True


def test_which_names_mean_pushed_can_be_said(story: Story) -> None:
    records = read(story.location, pushed_stages=["Staging"], pushed_aliases=[])
    pushes = [one for one in of(Execution, records) if one.operator is OperatorClass.DEPLOYMENT]
    assert [one.id for one in pushes] == ["models:/taxi-model/Staging#3"]


def test_nodes_come_before_what_names_them(story: Story) -> None:
    seen: set[tuple[str, str]] = set()
    for record in read(story.location):
        if isinstance(record, Event):
            assert {("Execution", record.execution), ("Artifact", record.artifact)} <= seen
        elif isinstance(record, Membership):
            for kind, id_ in (
                (record.member_kind, record.member),
                (record.container_kind, record.container),
            ):
                assert (kind.capitalize(), id_) in seen
        elif not isinstance(record, SetAside):
            parent = getattr(record, "parent", None)
            assert parent is None or ("Execution", parent) in seen
            seen.add((type(record).__name__, record.id))


def test_a_second_read_is_the_same(story: Story) -> None:
    assert plain(read(story.location)) == plain(read(story.location))


@pytest.mark.filterwarnings("ignore")
def test_the_three_ways_agree(files: Story, tmp_path: Path) -> None:
    """Files, the database that MLflow's own tool makes of them, and a server on that."""
    moved = f"sqlite:///{tmp_path / 'moved.db'}"
    arguments = "--source", files.location, "--target", moved
    run("-m", "mlflow", "migrate-filestore", *arguments, cwd=tmp_path)
    expected = plain(read(files.location))
    assert plain(read(moved)) == expected
    with server(moved, tmp_path) as address:
        assert MlflowReader.recognises(address)
        assert plain(read(address)) == expected


def test_the_oldest_kept_schema(tmp_path: Path) -> None:
    """It reads as its copy does that MLflow itself brought up to date."""
    path = kept("db_version_7ac759974ad8_with_metrics.sqlite")
    assert MlflowReader.recognises(str(path))
    records = read(str(path))
    assert len(of(Execution, records)) == 26
    assert not of(SetAside, records)
    assert all(execution.properties for execution in of(Execution, records))
    copy = tmp_path / "copy.db"
    shutil.copyfile(path, copy)
    run("-m", "mlflow", "db", "upgrade", f"sqlite:///{copy}", cwd=tmp_path)
    assert plain(list(map(undated, read(str(copy))))) == plain(list(map(undated, records)))


def undated(record: Record) -> Record:
    """Without the name and times that an upgrade invents."""
    if isinstance(record, Pipeline):
        return dataclasses.replace(record, created=None, updated=None)
    return dataclasses.replace(record, name="") if isinstance(record, Execution | Run) else record
