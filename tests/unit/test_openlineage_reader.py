"""Events from files of every form, and what they add up to."""

from __future__ import annotations

import gzip
import json
import random
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st
from support.openlineage import at, body, dataset, event, parent, random_events, run_id

from lineage.errors import ReadError
from lineage.naming import Naming
from lineage.readers import open_reader
from lineage.records import (
    Artifact,
    Event,
    EventKind,
    Execution,
    OperatorClass,
    Pipeline,
    Run,
    SetAside,
    State,
)
from lineage_ingest.openlineage import OpenLineageReader
from lineage_ingest.openlineage.fold import fold
from lineage_ingest.openlineage.parse import InvalidEvent, event_of, parse_event
from lineage_ingest.openlineage.state import fold_run

if TYPE_CHECKING:
    from lineage.records import Record

    Json = dict[str, Any]

R = run_id(1)
EVENTS = [
    event("START", 0, R, inputs=[dataset("a")]),
    event("COMPLETE", 9, R, outputs=[dataset("b")]),
]
REAL = Path(__file__).resolve().parents[3] / "shared" / "data" / "openlineage"


def records(*events: Json, naming: Naming | None = None) -> list[Record]:
    raw = [event_of(one) for one in events]
    return list(fold(raw[0].subject, raw, naming or Naming.of()))


def one(kind: type[Any], found: list[Record]) -> Any:
    (single,) = (record for record in found if isinstance(record, kind))
    return single


def flow(found: list[Record]) -> set[tuple[str, str]]:
    return {(str(r.kind), r.artifact) for r in found if isinstance(r, Event)}


LINES = b"\n".join(body(one) for one in EVENTS) + b"\n"
FORMS = {
    "lines.jsonl": LINES,
    "lines.ndjson": b"\xef\xbb\xbf" + LINES,
    "array.json": json.dumps(EVENTS, indent=2).encode(),
    "lines.jsonl.gz": gzip.compress(LINES),
    "array.json.zst": zstandard.compress(json.dumps(EVENTS).encode()),
}


@pytest.mark.parametrize("name", FORMS)
def test_files_of_every_form(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(FORMS[name])
    for place in (tmp_path / name, tmp_path):
        reader = open_reader(str(place))
        assert isinstance(reader, OpenLineageReader)
        assert [found.id for found in reader.events()] == [event_of(one).id for one in EVENTS]
        reader.close()


def test_a_folder_of_single_events(tmp_path: Path) -> None:
    for number, made in enumerate(EVENTS):
        (tmp_path / "deep").mkdir(exist_ok=True)
        (tmp_path / "deep" / f"{number}.json").write_text(json.dumps(made, indent=1))
    (tmp_path / "README.txt").write_text("no event")
    assert one(Execution, list(open_reader(str(tmp_path)).records())).state is State.COMPLETE


def test_a_broken_line_is_set_aside_with_its_place(tmp_path: Path) -> None:
    file = tmp_path / "e.jsonl"
    file.write_bytes(body(EVENTS[0]) + b'\n{"eventTime": \n\n' + body(EVENTS[1]) + b"\n5\n")
    found = list(OpenLineageReader(str(file)).events())
    aside = [one for one in found if isinstance(one, SetAside)]
    assert [one.position for one in aside] == ["e.jsonl line 2", "e.jsonl line 5"]
    assert len(found) == 4


def test_a_cut_file_says_where(tmp_path: Path) -> None:
    file = tmp_path / "e.jsonl.gz"
    file.write_bytes(gzip.compress(LINES * 1000)[:-40])
    with pytest.raises(ReadError, match="ends in the middle of its compressed data"):
        list(OpenLineageReader(str(file)).events())


BROKEN = b'{"eventType": "START", "eventTime": "20'
FIRST, SECOND = map(body, EVENTS)


@pytest.mark.parametrize(
    ("content", "aside"),
    [
        (BROKEN + b"\n" + LINES, ["line 1"]),
        (b"INFO starting\n" + LINES, ["line 1"]),
        (FIRST + b",\n" + SECOND + b",\n", []),
        (b"[" + FIRST + b",\n" + BROKEN + b",\n" + SECOND + b"]\n", ["line 2"]),
        (b"[\n" + FIRST + b",\n{bad},\n" + SECOND + b"\n]\n", ["line 3"]),
        (BROKEN + b"\n" + BROKEN, [""]),
    ],
)
def test_only_what_is_broken_is_set_aside(tmp_path: Path, content: bytes, aside: list[str]) -> None:
    file = tmp_path / "e.json"
    file.write_bytes(content)
    found = list(OpenLineageReader(str(file)).events())
    refused = [one.position for one in found if isinstance(one, SetAside)]
    assert refused == [f"e.json {place}".strip() for place in aside]
    assert len(found) - len(refused) == (0 if aside == [""] else 2)


def test_a_cut_file_in_a_folder_holds_up_no_other(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(FIRST + b"\n")[:-6])
    (tmp_path / "b.json.gz").write_bytes(gzip.compress(json.dumps(EVENTS).encode())[:-6])
    (tmp_path / "c.jsonl").write_bytes(SECOND + b"\n")
    found = list(OpenLineageReader(str(tmp_path)).events())
    refused = [one for one in found if isinstance(one, SetAside)]
    assert [one.position for one in refused] == ["a.jsonl.gz", "b.json.gz"]
    assert all("middle of its compressed data" in one.reason for one in refused[:1])
    assert len(found) == 4


def test_other_json_is_not_recognised(tmp_path: Path) -> None:
    for name, text in {
        "a.json": '{"run": 1, "job": 2}', "b.json": "[]", "c.json": '{"entity": {}}', "d.json": "",
    }.items():  # fmt: skip
        (tmp_path / name).write_text(text)
        assert not OpenLineageReader.recognises(str(tmp_path / name))
    (tmp_path / "empty").mkdir()
    with pytest.raises(ReadError, match="no files of events"):
        OpenLineageReader(str(tmp_path / "empty"))


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"eventTime": None}, "$.eventTime"),
        ({"eventTime": "soon"}, "$.eventTime"),
        ({"run": []}, "$.run"),
        ({"run": {"runId": " "}}, "$.run.runId"),
        ({"run": {"runId": R, "facets": 5}}, "$.run.facets"),
        ({"job": {"namespace": "n"}}, "$.job.name"),
        ({"inputs": {}}, "$.inputs"),
        ({"outputs": [dataset("a"), {"name": "x"}]}, "$.outputs[1].namespace"),
    ],
)
def test_what_is_wrong_and_where(change: Json, path: str) -> None:
    with pytest.raises(InvalidEvent) as caught:
        event_of(EVENTS[0] | change)
    assert caught.value.path == path


def test_one_content_has_one_id_however_it_is_written() -> None:
    spaced = json.dumps(EVENTS[0], indent=3, sort_keys=True).encode()
    assert parse_event(spaced).id == parse_event(body(EVENTS[0])).id
    assert parse_event(body(EVENTS[1])).id != parse_event(body(EVENTS[0])).id


def test_run_ids_in_capitals_are_the_same_run() -> None:
    upper = EVENTS[0] | {"run": {"runId": R.upper()}}
    assert event_of(upper).subject == event_of(EVENTS[1]).subject


ANY = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(),
    lambda s: st.lists(s, max_size=4) | st.dictionaries(st.text(), s, max_size=4),
)
PARTS = ["run", "job", "inputs", "outputs", "eventType", "producer", "dataset"]


@given(ANY, st.sampled_from(PARTS))
def test_anything_is_either_an_event_or_refused(value: Any, place: str) -> None:
    try:
        made = event_of(orjson.loads(json.dumps(EVENTS[0] | {place: value}, allow_nan=False)))
    except (InvalidEvent, ValueError):
        return
    list(fold(made.subject, [made], Naming.of()))


@given(st.recursive(st.none() | st.integers(-5, 5) | st.text(max_size=5),
                    lambda s: st.lists(s, max_size=3) | st.dictionaries(st.text(max_size=5), s)),
       st.sampled_from(["parent", "jobType", "lineage", "version", "symlinks", "schema", "sql",
                        "executionParameters", "airflow", "outputStatistics", "sourceCode",
                        "lifecycleStateChange", "datasetType", "nominalTime"]))  # fmt: skip
def test_any_facet_is_taken_or_flagged(value: Any, name: str) -> None:
    for facet in (value, {"run": value, "job": value, name: value, "entries": value,
                          "inputs": value, "fields": value, "identifiers": value,
                          "parameters": value, "task": value, "datasetVersion": value,
                          "previousIdentifier": value, "emissionPattern": value}):  # fmt: skip
        odd = dataset("x", **{name: facet})
        made = event("COMPLETE", 0, R, inputs=[odd], outputs=[odd], run_facets={name: facet},
                     job_facets={name: facet})  # fmt: skip
        records(made)


def test_facets_are_replaced_whole_and_by_time() -> None:
    first = event("START", 0, R, job_facets={"sql": {"query": "one", "dialect": "x"}})
    second = event("COMPLETE", 1, R, job_facets={"sql": {"query": "two"}})
    state = fold_run([event_of(second), event_of(first)])
    assert state.job_facets == {"sql": {"query": "two"}}
    gone = event("OTHER", 2, R, job_facets={"sql": {"_deleted": True}})
    assert fold_run([event_of(gone), event_of(first)]).job_facets == {}


def test_a_complete_snapshot_replaces_what_came_before() -> None:
    pattern = {"eventTrigger": "PERIODIC", "eventContentMode": "COMPLETE_SNAPSHOT"}
    job = {"jobType": {"processingType": "STREAMING", "integration": "FLINK",
                       "emissionPattern": pattern}}  # fmt: skip
    first = event("RUNNING", 0, R, inputs=[dataset("a"), dataset("b")], job_facets=job)
    second = event("RUNNING", 1, R, inputs=[dataset("a")], job_facets=job)
    last = event("COMPLETE", 2, R, job_facets=job)
    assert [*fold_run(map(event_of, [last, first, second])).inputs] == ["s3://lake/a"]


@pytest.mark.parametrize(
    ("kinds", "state"),
    [
        (["START"], State.RUNNING),
        (["FAIL", "COMPLETE"], State.FAILED),
        (["ABORT", "COMPLETE", "START"], State.CANCELED),
        (["COMPLETE", "OTHER"], State.COMPLETE),
        ([None], State.UNKNOWN),
        (["complete"], State.COMPLETE),
        (["WHAT"], State.UNKNOWN),
    ],
)
def test_states(kinds: list[str | None], state: State) -> None:
    made = [event(kind, n, R) for n, kind in enumerate(kinds)]
    assert one(Execution, records(*made)).state is state


def test_type_code_parameters_and_cost() -> None:
    facets = {
        "jobType": {"processingType": "BATCH", "integration": "SPARK", "jobType": "SQL_JOB"},
        "sourceCodeLocation": {"type": "git", "url": "https://x", "version": "abc"},
    }
    run = {"executionParameters": {"parameters": [{"key": "alpha", "value": "0.1"}]}}
    found = one(Execution, records(event("START", 0, R, job_facets=facets, run_facets=run)))
    assert (found.type, found.node, found.code_version) == ("SPARK/SQL_JOB", "job", "abc")
    assert found.properties["param.alpha"] == "0.1"
    task = {"airflow": {"task": {"operator_class_path": "a.b.SparkSubmitOperator"}}}
    assert one(Execution, records(event("START", 0, R, run_facets=task))).type.endswith("Operator")


def test_parent_and_root() -> None:
    found = records(event("START", 0, R, run_facets=parent(run_id(2), "task", (run_id(3), "dag"))))
    assert one(Execution, found).parent == run_id(2)
    assert one(Run, found).id == run_id(3)
    assert one(Pipeline, found).name == "ns/dag"


def test_a_model_makes_a_training() -> None:
    naming = Naming.of(artifacts=[{"pattern": "*/models/*", "class": "model"}])
    made = event("COMPLETE", 0, R, inputs=[dataset("a")], outputs=[dataset("models/m")])
    assert one(Execution, records(made, naming=naming)).operator is OperatorClass.TRAINING
    assert one(Execution, records(made)).operator is None


def test_a_renamed_data_set_was_made_from_the_old_one() -> None:
    lifecycle = {"lifecycleStateChange": "RENAME",
                 "previousIdentifier": {"namespace": "s3://lake", "name": "old"}}  # fmt: skip
    made = event("COMPLETE", 0, R, outputs=[dataset("new", lifecycleStateChange=lifecycle)])
    assert flow(records(made)) == {
        ("INPUT", "dataset:s3://lake/old"), ("OUTPUT", f"dataset:s3://lake/new@run {R}"),
    }  # fmt: skip


def test_job_and_dataset_events() -> None:
    job = {"eventTime": at(0), "producer": "p", "schemaURL": "s", "inputs": [dataset("a")],
           "job": {"namespace": "ns", "name": "j", "facets": {"sql": {"query": "q"}}}}  # fmt: skip
    found = one(Pipeline, records(job))
    assert found.properties["inputs"] == ["s3://lake/a"]
    said = {"eventTime": at(0), "producer": "p", "schemaURL": "s",
            "dataset": dataset("a", version={"datasetVersion": "3"})}  # fmt: skip
    assert one(Artifact, records(said)).id == "dataset:s3://lake/a@3"


def test_dataset_and_job_events_flag_and_delete() -> None:
    def told(seconds: float, **facets: Json) -> Json:
        return {"eventTime": at(seconds), "producer": "p", "dataset": dataset("a", **facets)}

    schema = {"fields": [{"name": "x"}]}
    odd = told(0, schema={"fields": 7}, sql=5) | {"eventTime": "2026-01-01T00:00:00"}
    (found,) = records(odd)
    assert len(found.properties["facet.flags"]) == 3
    (found,) = records(told(1, schema=schema), told(2, schema={"_deleted": True}))
    assert found.properties == {}
    versions = [{"datasetVersion": one} for one in "12"]
    made = [told(n, version=one) for n, one in enumerate(versions)]
    assert [one.version for one in records(*made, told(5, schema=schema))] == ["1", "2", None]
    job = {"eventTime": at(0), "producer": "p",
           "job": {"namespace": "ns", "name": "j", "facets": {"sql": {"query": 5}}}}  # fmt: skip
    assert records(job)[0].properties["facet.flags"] == ["facet sql: query is a int"]


def test_inputs_that_made_nothing_are_internal() -> None:
    entry = {"namespace": "s3://lake", "name": "x", "type": "DATASET",
             "inputs": [{"namespace": "s3://lake", "name": "a", "type": "DATASET"}]}  # fmt: skip
    made = event("COMPLETE", 0, R, inputs=[dataset("a"), dataset("b")], outputs=[dataset("x")],
                 job_facets={"lineage": {"entries": [entry]}})  # fmt: skip
    kinds = {r.artifact: r.kind for r in records(made) if isinstance(r, Event)}
    assert kinds["dataset:s3://lake/a"] is EventKind.INPUT
    assert kinds["dataset:s3://lake/b"] is EventKind.INTERNAL_INPUT


def test_records_of_random_events_name_what_they_touch() -> None:
    events = [event_of(one) for one in random_events(random.Random(2), runs=200, tables=9)]
    for subject in {found.subject for found in events}:
        found = list(fold(subject, [one for one in events if one.subject == subject], Naming.of()))
        nodes = {record.id for record in found if isinstance(record, Artifact | Execution)}
        touched = {end for r in found if isinstance(r, Event) for end in (r.artifact, r.execution)}
        assert touched <= nodes


@pytest.mark.skipif(not REAL.is_dir(), reason="no folder of real events here")
def test_real_events() -> None:
    for folder in ("airflow/events", "data-rentgen", "simple_run_event/events", "invalid"):
        found = list(open_reader(str(REAL / folder)).records())
        refused = [one.reason for one in found if isinstance(one, SetAside)]
        assert [reason.split(":")[0] for reason in refused] == (
            ["$.run.runId"] if folder == "invalid" else []
        )
        assert any(isinstance(one, Execution) for one in found)
