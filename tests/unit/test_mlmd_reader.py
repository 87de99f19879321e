"""What becomes what when a store of ML Metadata is read."""

from __future__ import annotations

import tracemalloc
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from mlmd.build import MILLIS, Store
from mlmd.oracle import run_client

from lineage.readers import open_reader
from lineage.records import (
    Artifact,
    Context,
    Event,
    EventKind,
    Execution,
    Membership,
    NodeKind,
    Pipeline,
    Run,
    SetAside,
    State,
)
from lineage_ingest.mlmd import MlmdReader, rows, values

if TYPE_CHECKING:
    from lineage.records import Record

DEMO = Path(__file__).parents[2] / "lineage" / "demo" / "store.sqlite"
STRUCT = "mlmd-struct::CigKAWESIzIhCgkRAAAAAAAA8D8KAggACgIgAQoMKgoKCAoBYhIDGgFj"


def read(path: Path, since: str | None = None) -> list[Record]:
    reader = MlmdReader(str(path))
    try:
        return list(reader.records(since))
    finally:
        reader.close()


def of(kind: type[Any], records: list[Record]) -> list[Any]:
    return [record for record in records if isinstance(record, kind)]


def links(records: list[Record]) -> set[tuple[str, str, str, str]]:
    return {
        (link.member_kind, link.member, link.container_kind, link.container)
        for link in of(Membership, records)
    }


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store.sqlite")


def test_the_protocol() -> None:
    reader = open_reader(str(DEMO))
    assert isinstance(reader, MlmdReader)
    assert reader.source == f"sqlite:///{DEMO.resolve()}"
    assert reader.version == "MLMD schema 10"
    assert reader.cursor is None
    assert reader.total() == len(list(reader.records()))
    assert reader.cursor
    reader.close()


@pytest.mark.parametrize(
    "form", ["sqlite:///{}", "{}", "sqlite:///{}?mode=ro", "sqlite+pysqlite:///{}"]
)
def test_forms_of_a_path(form: str) -> None:
    location = form.format(DEMO)
    assert MlmdReader.recognises(location)
    reader = MlmdReader(location)
    assert reader.source == f"sqlite:///{DEMO.resolve()}"
    reader.close()


@pytest.mark.parametrize(
    ("location", "expected"),
    [("mysql://u:p@h/d", True), ("mariadb+pymysql://h/d", True), ("postgres://h/d", True),
     ("postgresql+psycopg://h/d", True), ("https://h/d", False), ("events.jsonl", False)],
)  # fmt: skip
def test_recognises_by_look(location: str, expected: bool) -> None:
    assert MlmdReader.recognises(location) is expected


def test_the_demo_store_is_whole() -> None:
    records = read(DEMO)
    assert not of(SetAside, records)
    counts = {
        kind: len(of(kind, records)) for kind in (Pipeline, Run, Context, Execution, Artifact)
    }
    assert counts == {Pipeline: 2, Run: 38, Context: 218, Execution: 390, Artifact: 323}
    assert len(of(Event, records)) == 1155
    states = [execution.state for execution in of(Execution, records)]
    assert {state: states.count(state) for state in set(states)} == {
        State.COMPLETE: 238, State.CACHED: 147, State.FAILED: 4, State.RUNNING: 1,
    }  # fmt: skip
    assert all(execution.node for execution in of(Execution, records))
    pushed = [artifact.pushed for artifact in of(Artifact, records)]
    assert (pushed.count(True), pushed.count(False)) == (14, 4)
    runs = {link.member for link in of(Membership, records) if link.member_kind == NodeKind.RUN}
    assert runs == {run.id for run in of(Run, records)}


def test_every_kind_of_property_that_the_client_writes(tmp_path: Path) -> None:
    path = tmp_path / "kinds.sqlite"
    run_client("write_kinds.py", str(path))
    records = read(path)
    (artifact,), (execution,), (event,) = (of(k, records) for k in (Artifact, Execution, Event))
    kinds = {
        "whole": -(2**31),
        "real": 0.1,
        "words": "größe \N{SNOWMAN}",
        "tree": {"empty": {}, "list": [1.0, None, True, {"deep": ["x", 2.5]}], "none": []},
        "message": {
            "type_url": "type.googleapis.com/google.protobuf.StringValue",
            "value": "CgVoZWxsbw==",
        },
        "truth": False,
    }
    custom = {f"custom:{name}": value for name, value in kinds.items()}
    assert artifact.properties == kinds | custom | {"only_custom": 7, "external_id": "outside"}
    assert (artifact.name, artifact.uri, artifact.state) == ("one", "mem://é", "LIVE")
    assert (execution.type, execution.base_type) == ("acme.Fit", "Train")
    assert (execution.state, execution.ended) == (State.RUNNING, None)
    assert (event.kind, event.role, event.index) == (EventKind.OUTPUT, "a[3].b", 1)


def test_names_that_clash(store: Store) -> None:
    id_ = store.artifact(external_id="out")
    store.property("Artifact", id_, "a", 1)
    store.property("Artifact", id_, "custom:a", 2)
    store.property("Artifact", id_, "a", 3, custom=True)
    store.property("Artifact", id_, "external_id", "mine", custom=True)
    (found,) = read(store.close())
    assert isinstance(found, Artifact)
    assert found.properties == {
        "a": 1, "custom:a": 2, "custom:custom:a": 3, "external_id": "mine",
        "mlmd:external_id": "out",
    }  # fmt: skip


def test_structs_and_what_only_looks_like_one() -> None:
    assert values.string(STRUCT) == {"a": [1.0, None, True, {"b": "c"}]}
    for text in ("mlmd-struct::", "mlmd-struct::%%", "mlmd-struct::/w==", "mlmd-struct::CgU="):
        assert values.string(text) in ({}, text)
    deep = b""
    for _ in range(values.MAX_DEPTH + 9):
        deep = b"\x32" + _size(b"\x0a" + _size(deep))
    entry = b"\x0a\x01a\x12" + _size(deep)
    text = values.STRUCT_PREFIX + values.blob(b"\x0a" + _size(entry))  # type: ignore[operator]
    assert values.string(text) == text
    assert values.proto(b"\xff\xff") == "//8="


def _size(data: bytes) -> bytes:
    high, low = divmod(len(data), 128)
    return (bytes([low | 0x80, high]) if high else bytes([low])) + data


def test_texts_that_mysql_took_for_latin1() -> None:
    meant = "größe ☃ \x81"
    sent = b"".join([meant.encode()])
    stored = "".join(
        chr(byte) if byte in (0x81, 0x8D, 0x8F, 0x90, 0x9D) else bytes([byte]).decode("cp1252")
        for byte in sent
    )
    assert values.from_latin1((stored, 1, None, b"x")) == (meant, 1, None, b"x")
    assert values.from_latin1(("größe ☃", "é")) == ("größe ☃", "é")


@pytest.mark.parametrize(
    ("number", "expected"),
    [(None, State.UNKNOWN), (0, State.UNKNOWN), (1, State.RUNNING), (2, State.RUNNING),
     (3, State.COMPLETE), (4, State.FAILED), (5, State.CACHED), (6, State.CANCELED),
     (99, State.UNKNOWN)],
)  # fmt: skip
def test_states(store: Store, number: int | None, expected: State) -> None:
    store.execution(last_known_state=number)
    (found,) = read(store.close())
    assert isinstance(found, Execution)
    assert found.state is expected
    ended = None if expected in (State.RUNNING, State.UNKNOWN) else MILLIS + 1000
    assert (found.started, found.ended) == (MILLIS, ended)


@pytest.mark.parametrize("version", range(4, 11))
def test_every_version(tmp_path: Path, version: int) -> None:
    store = Store(tmp_path / "store.sqlite", version)
    execution, artifact = store.execution(properties={"state": "complete"}), store.artifact()
    store.event(execution, artifact, 3, "in", 0, time=MILLIS + 5)
    store.event(execution, store.artifact(), 4, "out", 0, time=MILLIS + 9)
    reader = MlmdReader(str(store.close()))
    records = list(reader.records())
    (found,) = of(Execution, records)
    start, end = (MILLIS + 5, MILLIS + 9) if version < 6 else (MILLIS, MILLIS + 1000)
    assert (found.state, found.started, found.ended) == (State.COMPLETE, start, end)
    assert bool(reader.identity()) is (version >= 6)
    assert reader.version == f"MLMD schema {version}"
    reader.close()


def test_an_execution_in_no_state_ends_with_its_last_output(store: Store) -> None:
    execution, artifact = store.execution(), store.artifact()
    store.event(execution, artifact, 4, time=MILLIS + 70)
    store.event(execution, artifact, 3, time=MILLIS + 90)
    (found,) = of(Execution, read(store.close()))
    assert (found.state, found.started, found.ended) == (State.UNKNOWN, MILLIS, MILLIS + 70)


def test_nodes_from_contexts_and_properties(store: Store) -> None:
    store.context("pipeline", "a.b")
    names = [("node", "a.b.Trainer.2"), ("node", "gone.Trainer"), ("Pipeline_Stage", "cmf/x/Train")]
    for kind, name in names:
        store.associate(store.execution(), store.context(kind, name))
    run = store.context("component_run", "a.b.r.ResolverNode.x",
                        properties={"component_id": "ResolverNode.x"})  # fmt: skip
    store.associate(store.execution(), run)
    for name in ("component_id", "task_name", "display_name", "other"):
        store.execution(properties={name: "fit"})
    nodes = [found.node for found in of(Execution, read(store.close()))]
    assert nodes == ["Trainer.2", "Trainer", "Train", "ResolverNode.x", "fit", "fit", "fit", None]


def test_pipelines_of_runs(store: Store) -> None:
    outer, inner = store.context("pipeline", "outer"), store.context("pipeline", "inner")
    kfp = store.context("system.Pipeline", "kfp")
    by_parent = store.context("system.PipelineRun", "r1", properties={"pipeline_name": "outer"})
    store.insert("ParentContext", context_id=by_parent, parent_context_id=kfp)
    by_name = store.context("run", "r2", properties={"pipeline_name": "inner"})
    by_both, nested = store.context("pipeline_run", "r3"), store.context("pipeline_run", "r4")
    alone = store.context("pipeline_run", "r5", properties={"pipeline_name": "gone"})
    store.associate(store.execution(), outer, by_both)
    store.associate(store.execution(), outer, by_both, inner, nested)
    store.associate(store.execution(), alone)
    found = links(read(store.close()))
    assert {(link[1], link[3]) for link in found if link[0] == NodeKind.RUN} == {
        (str(by_parent), "kfp"), (str(by_name), "inner"), (str(by_both), "outer"),
        (str(nested), "outer"), (str(nested), "inner"),
    }  # fmt: skip


def test_cmf_stages_carry_their_pipeline_and_digests(store: Store) -> None:
    pipeline = store.context("Parent_Context", "cmf")
    stage = store.context("Pipeline_Stage", "cmf/Train")
    store.insert("ParentContext", context_id=stage, parent_context_id=pipeline)
    execution = store.execution(properties={"Git_Start_Commit": "abc"})
    store.associate(execution, stage)
    md5 = "5ccd6cefba4a460ea5a9edad75a1e4af.dir"
    store.artifact("Dataset", uri=md5, properties={"Commit": md5})
    store.artifact("Dataset", uri="gs://x", properties={"Commit": md5})
    records = read(store.close())
    assert ("execution", "1", "pipeline", "cmf") in links(records)
    assert ("context", "2", "pipeline", "cmf") in links(records)
    assert [artifact.digest for artifact in of(Artifact, records)] == [f"md5:{md5}", None]
    assert of(Execution, records)[0].code_version == "abc"


def test_kubeflow_parents(store: Store) -> None:
    root = store.execution("system.DAGExecution")
    store.execution("system.ContainerExecution",
                    properties={"parent_dag_id": root, "task_name": "train"})  # fmt: skip
    found = of(Execution, read(store.close()))
    assert [(each.parent, each.node) for each in found] == [(None, None), ("1", "train")]


@pytest.mark.parametrize(
    ("path", "role", "index"),
    [((), "", None), (("a",), "a", None), ((2,), "", 2), (("a", 0), "a", 0),
     (("a", "b", 1), "a.b", 1), (("a", 1, 2), "a[1]", 2), ((0, "a"), "a", 0)],
)  # fmt: skip
def test_roles(store: Store, path: tuple[str | int, ...], role: str, index: int | None) -> None:
    store.event(store.execution(), store.artifact(), 3, *path)
    (event,) = of(Event, read(store.close()))
    assert (event.role, event.index, event.position) == (role, index, "event 1")


def test_base_types_through_cycles_and_chains(store: Store) -> None:
    for name, base in (("mine", "mlmd.Train"), ("own", "Mine"), ("mlmd.Deploy", None)):
        store.execution(name, type_id=store.type("Execution", name, base))
    one, two = store.type("Execution", "one"), store.type("Execution", "two")
    for child, parent in ((one, two), (two, one)):
        store.insert("ParentType", type_id=child, parent_type_id=parent)
    store.execution("one")
    bases = [each.base_type for each in of(Execution, read(store.close()))]
    assert bases == ["Train", "Mine", "Deploy", "two"]


def test_going_on_from_a_cursor(store: Store) -> None:
    for _ in range(3):
        store.execution(last_known_state=2)
    store.associate(1, store.context("pipeline", "p"))
    store.sql.commit()
    reader = MlmdReader(str(store.path))
    assert len(list(reader.records())) == 5
    first = reader.cursor
    assert list(reader.records(first)) == []

    later = MILLIS + 3_600_000
    store.sql.execute(
        "UPDATE Execution SET last_known_state = 3, last_update_time_since_epoch = ? WHERE id = 2",
        (later,),
    )
    store.event(2, store.artifact(last_update_time_since_epoch=later), 4, "model", 0)
    run = store.context("pipeline_run", "r", last_update_time_since_epoch=later)
    store.associate(3, run)
    store.sql.commit()
    found = list(reader.records(first))
    assert [each.id for each in of(Execution, found) if each.updated == later] == ["2"]
    assert len(of(Artifact, found)) == len(of(Event, found)) == len(of(Run, found)) == 1
    assert ("execution", "3", "run", str(run)) in links(found)
    assert reader.cursor != first
    reader.close()
    store.close()


def test_a_clock_that_ran_ahead_hides_nothing(store: Store) -> None:
    store.execution(last_update_time_since_epoch=9_000_000_000_000)
    store.execution(last_update_time_since_epoch=2**60)
    store.execution()
    store.sql.commit()
    reader = MlmdReader(str(store.path))
    list(reader.records())
    first = reader.cursor
    store.sql.execute("UPDATE Execution SET last_update_time_since_epoch = ? WHERE id = 3",
                      (MILLIS + 5000,))  # fmt: skip
    store.sql.commit()
    assert "3" in [each.id for each in of(Execution, list(reader.records(first)))]
    reader.close()
    store.close()


def test_identity_tells_a_store_made_anew(store: Store) -> None:
    store.execution()
    store.artifact(create_time_since_epoch=0)
    reader = MlmdReader(str(store.close()))
    assert reader.identity() == {"execution/1": MILLIS}
    reader.close()


def test_memory_does_not_grow_with_the_store(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "CHUNK", 50)
    peaks = []
    for rounds in (1000, 9000):
        for _ in range(rounds):
            store.execution(properties={"note": "x" * 100})
        store.sql.commit()
        reader = MlmdReader(str(store.path))
        tracemalloc.start()
        count = sum(1 for _ in reader.records())
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        reader.close()
    assert count == 10_000
    assert peaks[1] < peaks[0] * 2
    store.close()
