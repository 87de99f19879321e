"""Broken, old, foreign and hostile stores of MLflow: a clear error, or one thing set aside."""

from __future__ import annotations

import builtins
import json
import shutil
import socket
import sqlite3
from contextlib import closing
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.mlflow_stores import Story, write

from lineage.errors import MissingExtraError, ReadError, UnsupportedVersionError
from lineage.records import (
    Artifact,
    Event,
    EventKind,
    Execution,
    Membership,
    Pipeline,
    Run,
    SetAside,
)
from lineage_ingest.datasets import shared_parts
from lineage_ingest.mlflow import MlflowReader, datasets
from lineage_ingest.mlflow.model import PARENT, DataSet, TrackedRun
from lineage_ingest.mlflow.registry import Registry
from lineage_ingest.mlflow.runs import Runs
from lineage_ingest.mlmd import MlmdReader

if TYPE_CHECKING:
    import random
    from pathlib import Path

    from lineage.records import Record


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Story, Path]]:
    folder = tmp_path_factory.mktemp("bad")
    found = {}
    for name, file in (("database", "mlflow.db"), ("files", "mlruns")):
        place = folder / name
        place.mkdir()
        address = f"sqlite:///{place / file}" if name == "database" else str(place / file)
        found[name] = write(address, place), place / file
    return found


@pytest.fixture
def mlruns(written: dict[str, tuple[Story, Path]], tmp_path: Path) -> Path:
    return shutil.copytree(written["files"][1], tmp_path / "mlruns")


@pytest.fixture
def database(written: dict[str, tuple[Story, Path]], tmp_path: Path) -> Path:
    return shutil.copy(written["database"][1], tmp_path / "mlflow.db")


def read(location: object) -> list[Record]:
    reader = MlflowReader(str(location))
    try:
        return list(reader.records())
    finally:
        reader.close()


def of(kind: Any, records: list[Record]) -> list[Any]:
    return [record for record in records if isinstance(record, kind)]


def asides(location: object) -> dict[str, str]:
    """What was set aside, but for the one run of the story that ends before it starts."""
    found = {one.position: one.reason for one in of(SetAside, read(location))}
    return {position: reason for position, reason in found.items() if "start" not in reason}


def change(database: Path, *statements: str) -> None:
    with closing(sqlite3.connect(database)) as store:
        for statement in statements:
            store.execute(statement)
        store.commit()


def run_folder(mlruns: Path, written: dict[str, tuple[Story, Path]], name: str) -> Path:
    ids = written["files"][0].ids
    return mlruns / ids["experiment"] / ids[name]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("a: [", "meta.yaml is no YAML, line "),
        ("", "meta.yaml holds no keys"),
        ("- a", "meta.yaml holds no keys"),
        ("experiment_id: '1'", "meta.yaml has no run_id"),
        ("!!python/object/apply:os.system ['true']", "meta.yaml is no YAML, line 1"),
        ("run_id: 2026-13-45\n", "meta.yaml is no YAML"),
        (None, "there is no meta.yaml"),
    ],
)
def test_a_broken_run(
    mlruns: Path, written: dict[str, tuple[Story, Path]], content: str | None, reason: str
) -> None:
    folder = run_folder(mlruns, written, "old")
    (folder / "meta.yaml").unlink()
    if content is not None:
        (folder / "meta.yaml").write_text(content)
    (found,) = asides(mlruns).values()
    assert found.startswith(reason)


def test_broken_parts_leave_the_rest(mlruns: Path, written: dict[str, tuple[Story, Path]]) -> None:
    first = run_folder(mlruns, written, "first")
    (first / "metrics" / "loss").write_text("1 2 3\nnonsense\n")
    (first / "metrics" / "odd").write_text("")
    (first / "params" / "depth").write_bytes(b"caf\xe9")
    shutil.rmtree(first.parent / "datasets")
    ids = written["files"][0].ids
    (first.parent / "models" / ids["model of shrub"] / "meta.yaml").write_text("{")
    (mlruns / "models" / "taxi-model" / "version-2" / "meta.yaml").write_text("version: 2: 3")
    found = asides(mlruns)
    kinds = [reason.split(",")[0] for _, reason in sorted(found.items())]
    assert "line 2 is no metric: 'nonsense'" in kinds
    assert "it is empty" in kinds
    assert kinds.count("there is no meta.yaml") == 5
    assert kinds.count("meta.yaml is no YAML") == 2
    executions = {one.id: one for one in of(Execution, read(mlruns))}
    assert executions[ids["first"]].properties["depth"] == "caf\\xe9"
    # A model that cannot be read was made all the same.
    artifacts = {one.id: one for one in of(Artifact, read(mlruns))}
    assert artifacts[ids["model of shrub"]].state == "MISSING"


def test_an_input_cannot_point_out_of_its_folder(
    mlruns: Path, written: dict[str, tuple[Story, Path]]
) -> None:
    inputs = run_folder(mlruns, written, "first") / "inputs"
    (inputs / "x").mkdir()
    (inputs / "x" / "meta.yaml").write_text("source_type: DATASET\nsource_id: ../../../x\n")
    (reason,) = asides(mlruns).values()
    assert "is no name of a folder" in reason


def test_links_do_not_lead_out_of_the_store(
    mlruns: Path, written: dict[str, tuple[Story, Path]], tmp_path: Path
) -> None:
    outside = shutil.copytree(mlruns, tmp_path / "outside")
    first = run_folder(mlruns, written, "first")
    (tmp_path / "secret").write_text("secret")
    (first / "params" / "stolen").symlink_to(tmp_path / "secret")
    (first / "params" / "mine").symlink_to(first / "params" / "depth")
    (first.parent / ("0" * 32)).symlink_to(run_folder(outside, written, "first"))
    old = run_folder(mlruns, written, "old")
    (old / "meta.yaml").rename(tmp_path / "meta.yaml")
    (old / "meta.yaml").symlink_to(tmp_path / "meta.yaml")
    found = asides(mlruns)
    assert len(found) == 3
    assert all("leads out of the store" in reason for reason in found.values())
    executions = {one.id: one for one in of(Execution, read(mlruns))}
    properties = executions[written["files"][0].ids["first"]].properties
    assert properties["mine"] == properties["depth"]
    assert "stolen" not in properties


def test_folders_that_are_no_store(tmp_path: Path, mlruns: Path) -> None:
    assert MlflowReader.recognises(str(mlruns))
    assert MlflowReader.recognises(mlruns.as_uri())
    assert not MlflowReader.recognises(str(tmp_path))
    assert MlflowReader.resembles(str(tmp_path))
    with pytest.raises(ReadError, match=r"name the folder in it, .*mlruns"):
        MlflowReader(str(tmp_path))
    (tmp_path / "empty").mkdir()
    with pytest.raises(ReadError, match="is no MLflow store"):
        MlflowReader(str(tmp_path / "empty"))
    with pytest.raises(ReadError, match="is no folder"):
        MlflowReader((tmp_path / "nowhere").as_uri())


def test_databases_of_others(database: Path, tmp_path: Path) -> None:
    assert MlflowReader.recognises(str(database))
    assert not MlmdReader.recognises(str(database))
    other = tmp_path / "other.db"
    change(other, "CREATE TABLE x (y)")
    assert not MlflowReader.recognises(str(other))
    with pytest.raises(ReadError, match="is no MLflow store: it has no table experiments"):
        MlflowReader(str(other))
    text = tmp_path / "text.db"
    text.write_text("nothing of the kind")
    with pytest.raises(ReadError, match="is not a SQLite file"):
        MlflowReader(str(text))
    with pytest.raises(ReadError, match="is no address of an MLflow store"):
        MlflowReader("ftp://user:secret@host/x")
    assert not MlflowReader.recognises("ftp://host/x")


def test_schemas_that_are_not_read(database: Path) -> None:
    change(database, "UPDATE alembic_version SET version_num = 'of tomorrow'")
    reader = MlflowReader(str(database))
    assert reader.version.startswith("MLflow schema of tomorrow")
    reader.close()
    change(database, "ALTER TABLE runs RENAME COLUMN status TO state_of_tomorrow")
    with pytest.raises(UnsupportedVersionError, match=r"no runs\.status.*mlflow db upgrade"):
        MlflowReader(str(database))
    change(database, "DELETE FROM alembic_version")
    change(database, "ALTER TABLE runs RENAME COLUMN state_of_tomorrow TO status")
    with pytest.raises(UnsupportedVersionError, match="0 schema versions instead of one"):
        MlflowReader(str(database))
    change(database, "DROP TABLE alembic_version")
    assert not MlflowReader.recognises(str(database))
    assert MlflowReader.resembles(str(database))
    with pytest.raises(UnsupportedVersionError, match=r"older than MLflow 1\.0.*db upgrade"):
        MlflowReader(str(database))


def test_a_store_without_the_newer_tables(database: Path) -> None:
    with closing(sqlite3.connect(database)) as store:
        names = {name for (name,) in store.execute("SELECT name FROM sqlite_master")}
    whole = len(of(Execution, read(database)))
    newer = [
        *("latest_metrics", "inputs", "input_tags", "datasets", "logged_models", "model_versions"),
        *("registered_models", "registered_model_aliases", "registered_model_tags"),
    ]
    assert set(newer) <= names
    change(database, "PRAGMA foreign_keys = OFF", *(f"DROP TABLE {name}" for name in newer))
    records = read(database)
    # Only the two pushes are gone with the registry.
    assert len(of(Execution, records)) == whole - 2
    first = next(one for one in of(Execution, records) if one.name == "first")
    assert first.properties["metric.loss"] == 0.25


def test_odd_rows(database: Path, written: dict[str, tuple[Story, Path]]) -> None:
    ids = written["database"][0].ids
    first, old, judge = ids["first"], ids["old"], ids["judge"]
    late = 99_999_999_999_999_999
    mine = f"WHERE run_uuid = '{first}' AND key"
    change(
        database,
        f"UPDATE runs SET start_time = -5, end_time = {late} WHERE run_uuid = '{judge}'",
        f"UPDATE latest_metrics SET value = 'much' {mine} = 'loss'",
        f"UPDATE runs SET lifecycle_stage = NULL WHERE run_uuid = '{old}'",
        f"UPDATE params SET value = '{'y' * 2_000_000}' {mine} = 'long'",
        f"UPDATE tags SET value = 'nobody' {mine} = 'mlflow.parentRunId'",
        f"UPDATE tags SET value = '[{{' WHERE run_uuid = '{old}' AND key LIKE '%history'",
        "UPDATE registered_model_aliases SET version = 17 WHERE alias = 'champion'",
        "UPDATE datasets SET dataset_source = '{broken' WHERE name = 'numpy'",
    )
    records = read(database)
    assert sorted(one.reason for one in of(SetAside, records)) == [
        f"ended: the time {late} is not within 1970 to 2262",
        "it names version 17, which is not there",
        "its parent run nobody is deleted or missing",
        "its value 'much' is no number",
        "long: of its 2000000 characters, 10000 were kept",
        "started: the time -5 is not within 1970 to 2262",
        "the end 1780000000000 is before the start 1780004200000",
    ]
    executions = {one.id: one for one in of(Execution, records)}
    assert (executions[judge].started, executions[judge].ended) == (None, None)
    assert executions[first].parent is None
    assert first in {one.id for one in of(Run, records)}
    assert len(executions[first].properties["long"]) < 11_000
    # The broken history is made good by the version that was registered from the run.
    outputs = [e for e in of(Event, records) if e.execution == old and e.kind is EventKind.OUTPUT]
    assert [event.artifact for event in outputs] == ["models:/taxi-model/2"]


def test_parents_in_a_circle(database: Path, written: dict[str, tuple[Story, Path]]) -> None:
    ids = written["database"][0].ids
    sweep, first = ids["sweep"], ids["first"]
    change(database, f"INSERT INTO tags VALUES ('mlflow.parentRunId', '{first}', '{sweep}')")
    records = read(database)
    executions = {one.id: one for one in of(Execution, records)}
    assert {sweep, first, ids["second"]} <= executions.keys()
    (aside,) = [one for one in of(SetAside, records) if one.kind == "parent"]
    assert "is nested in it" in aside.reason
    assert executions[ids["second"]].parent == sweep
    parents = {executions[sweep].parent, executions[first].parent}
    assert parents in ({None, sweep}, {None, first})


def test_prompts_are_no_models(database: Path) -> None:
    change(
        database,
        "INSERT INTO registered_models (workspace, name) VALUES ('default', 'greeting')",
        "INSERT INTO registered_model_tags (workspace, name, key, value) "
        "VALUES ('default', 'greeting', 'mlflow.prompt.is_prompt', 'true')",
    )
    assert "greeting" not in {getattr(record, "id", None) for record in read(database)}


def test_a_deleted_experiment_takes_its_runs_along(
    database: Path, written: dict[str, tuple[Story, Path]]
) -> None:
    change(database, "UPDATE experiments SET lifecycle_stage = 'deleted' WHERE name = 'taxi'")
    records = read(database)
    assert {one.name for one in of(Pipeline, records)} == {"Default"}
    # What was registered and pushed stays, without what made it.
    assert {one.type for one in of(Execution, records)} == {"mlflow.alias", "mlflow.stage"}


def test_a_server_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://ada:hunter2@127.0.0.1:{free.getsockname()[1]}/?key=abc"
        with pytest.raises(ReadError, match="does not answer; is it running") as caught:
            MlflowReader(address)
    told = str(caught.value)
    assert not [secret for secret in ("ada", "hunter2", "key=abc") if secret in told]
    assert "\n" not in told


@pytest.mark.parametrize(
    ("status", "said"), [(401, "refuses: set MLFLOW_TRACKING_TOKEN"), (404, "is it an MLflow")]
)
def test_a_server_that_refuses(monkeypatch: pytest.MonkeyPatch, status: int, said: str) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", "s3cret-token")

    class Refusing(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(b"who is s3cret-token?")

        do_POST = do_GET  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Refusing) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            with pytest.raises(ReadError, match=said) as caught:
                MlflowReader(f"http://127.0.0.1:{server.server_port}")
        finally:
            server.shutdown()
    assert "s3cret" not in str(caught.value)


def test_without_the_client(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def no_mlflow(name: str, *rest: Any) -> Any:
        if name.partition(".")[0] == "mlflow":
            raise ModuleNotFoundError("No module named 'mlflow'", name="mlflow")
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", no_mlflow)
    with pytest.raises(MissingExtraError, match=r"pip install 'lineage-graphlets\[mlflow\]'"):
        MlflowReader("http://127.0.0.1:1")


def test_a_model_that_is_deleted(database: Path, written: dict[str, tuple[Story, Path]]) -> None:
    ids = written["database"][0].ids
    tree = ids["model of tree"]
    change(
        database,
        f"UPDATE logged_models SET lifecycle_stage = 'deleted' WHERE model_id = '{tree}'",
        f"UPDATE model_versions SET source = 'models:/{tree}' WHERE version = 1",
    )
    records = read(database)
    models = {one.id: one for one in of(Artifact, records) if one.artifact == "model"}
    assert models[tree].state == "MISSING"
    assert models[tree].properties["registered"] == ["taxi-model/1"]
    assert "models:/taxi-model/1" not in models
    pushed = {
        event.artifact for event in of(Event, records) if event.execution.startswith("models")
    }
    assert tree in pushed


NAMES = st.sampled_from("abcdefgh")


@given(runs=st.dictionaries(NAMES, st.none() | st.sampled_from("abcdefghx")), order=st.randoms())
def test_any_parents(runs: dict[str, str | None], order: random.Random) -> None:
    """Whatever they are, and in whatever order runs come, all become one forest."""
    given_ = list(runs.items())
    order.shuffle(given_)
    tell = Runs(Registry([]), {}, set())
    records: list[Record] = []
    for id_, parent in given_:
        tags = {PARENT: parent} if parent else {}
        records += tell.records(TrackedRun(id=id_, experiment="0", tags=tags))
    records += tell.rest()
    seen: dict[str, str] = {}
    for one in of(Execution, records):
        assert one.id not in seen
        assert one.parent in {None, runs[one.id]}
        seen[one.id] = seen[one.parent] if one.parent else one.id
    assert seen.keys() == runs.keys()
    links = of(Membership, records)
    assert {link.member: link.container for link in links} == seen
    assert {one.id for one in of(Run, records)} == set(seen.values()) == tell.tops.keys()
    cut = {one.position for one in of(SetAside, records)}
    roots = {id_ for id_, parent in runs.items() if not parent}
    assert cut == {f"run {id_}" for id_ in set(seen.values()) - roots}


def data(kind: str, source: str, digest: str = "d1") -> DataSet:
    return DataSet("name", digest, kind, source, None, None, "")


@pytest.mark.parametrize(
    ("kind", "source", "id_", "name"),
    [
        ("s3", '{"uri": "s3n://b//k/"}', "dataset:s3://b/k?d1", "s3://b/k"),
        ("local", '{"uri": "/d/x.csv"}', "dataset:file:///d/x.csv?d1", "file:///d/x.csv"),
        ("local", '{"uri": "x.csv"}', "data/x.csv#d1", None),
        (
            "http",
            '{"url": "https://u:p@h/x?sig=1"}',
            "dataset:https://h/x?d1",
            "https://h/x",
        ),
        (
            "delta_table",
            '{"delta_table_name": "a.b", "delta_table_version": 3}',
            "data/a.b@3",
            None,
        ),
        ("delta_table", '{"path": "s3://b/k"}', "dataset:s3://b/k?d1", "s3://b/k"),
        ("uc_volume", '{"path": "/Volumes/a"}', "data//Volumes/a#d1", None),
        ("spark", '{"table_name": "t"}', "data/t#d1", None),
        ("code", '{"tags": {}}', "data/name#d1", None),
        ("s3", "[1]", "data/name#d1", None),
    ],
)
def test_what_data_sets_are_called(kind: str, source: str, id_: str, name: str | None) -> None:
    found = datasets.artifact(data(kind, source))
    parts = shared_parts(found.id)
    assert (found.id, parts and parts.name) == (id_, name)
    assert not [secret for secret in ("u:p", "sig=1") if secret in repr(found)]


@given(source=st.text(), digest=st.text(max_size=8), kind=st.sampled_from(["s3", "delta_table"]))
def test_any_source_makes_an_artifact(source: str, digest: str, kind: str) -> None:
    found = datasets.artifact(data(kind, source, digest))
    assert shared_parts(found.id) is None
    assert found.digest is None


@given(st.dictionaries(st.sampled_from(["uri", "path", "delta_table_version"]), st.text()))
def test_another_digest_is_another_artifact(source: dict[str, str]) -> None:
    one, other = (datasets.artifact(data("s3", json.dumps(source), d)) for d in ("a", "b"))
    assert (one.id != other.id) or (one.version is not None and one.id == other.id)
