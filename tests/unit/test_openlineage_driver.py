"""What the events of Spark and dbt leave out is added when they are folded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from support.openlineage import body, dataset, event, parent, run_id

from lineage.naming import Naming
from lineage.records import Artifact, Event, EventKind, Execution, OperatorClass, State
from lineage_ingest.openlineage.fold import fold
from lineage_ingest.openlineage.parse import parse_event

if TYPE_CHECKING:
    from lineage.records import Record

    Json = dict[str, Any]

APP, JOB = run_id(1), run_id(2)
RESULTS, MODEL = f"dataset:spark-driver://{APP}/results", f"dataset:spark-driver://{APP}/model"
ENDS = (("START", 0), ("COMPLETE", 5))
SESSION = f"dataset:spark-driver://{APP}/session@{APP}"


def columns(*names: str) -> Json:
    return {"schema": {"fields": [{"name": name} for name in names]}}


def folded(*events: Json) -> list[Record]:
    return list(fold(f"run/{JOB}", [parse_event(body(one)) for one in events], Naming.of()))


def spark(
    reads: list[Json], writes: list[Json], job: str = "app.job", kind: str = "SQL_JOB", **said: str
) -> list[Record]:
    job_type = {"processingType": "BATCH", "integration": "SPARK", "jobType": kind} | said
    start = event(
        "START", 0, JOB, job, inputs=reads, outputs=writes,
        run_facets=parent(APP, "app"), job_facets={"jobType": job_type},
    )  # fmt: skip
    return folded(start, start | {"eventType": "COMPLETE"})


def touched(records: list[Record], kind: EventKind) -> set[str]:
    found = (one.artifact for one in records if isinstance(one, Event) and one.kind is kind)
    return {one.removesuffix(f"@run {JOB}") for one in found}


def operator(records: list[Record]) -> OperatorClass | None:
    (execution,) = [one for one in records if isinstance(one, Execution)]
    return execution.operator


def test_a_job_that_writes_nothing_brings_it_to_the_driver() -> None:
    found = spark([dataset("features")], [])
    assert touched(found, EventKind.INPUT) == {"dataset:s3://lake/features", RESULTS}
    assert touched(found, EventKind.OUTPUT) == {RESULTS}
    types = {one.type for one in found if isinstance(one, Artifact) and "driver" in one.id}
    assert types == {"spark.driver"}


def test_rows_that_are_shown_go_nowhere() -> None:
    found = spark([dataset("features")], [], "app.collect_limit")
    assert touched(found, EventKind.INPUT) == {"dataset:s3://lake/features"}
    assert touched(found, EventKind.OUTPUT) == set()


@pytest.mark.parametrize("facets", [columns("_1"), columns("value"), {}])
def test_saving_a_model_is_a_training(facets: Json) -> None:
    found = spark([], [dataset("m/metadata", **facets)])
    assert operator(found) is OperatorClass.TRAINING
    assert touched(found, EventKind.INPUT) == {RESULTS, SESSION}
    assert touched(found, EventKind.OUTPUT) == {"dataset:s3://lake/m", MODEL}
    (model,) = [one for one in found if isinstance(one, Artifact) and "lake" in one.id]
    assert model.type == "openlineage.model"


@pytest.mark.parametrize(
    "written",
    [
        dataset("m/data", **columns("coefficients")),
        dataset("m/stages/0_LogisticRegression_1/metadata", **columns("_1")),
        dataset("m/evaluator/metadata", **columns("_1")),
        dataset("table/metadata", **columns("name", "size")),
    ],
)
def test_what_is_no_model_of_its_own(written: Json) -> None:
    found = spark([], [written])
    assert operator(found) is None
    assert touched(found, EventKind.OUTPUT) == {f"dataset:s3://lake/{written['name']}"}


def test_loading_a_model_puts_it_into_the_driver() -> None:
    found = spark([dataset("m/metadata", **columns("value"))], [], "app.collect_limit")
    assert touched(found, EventKind.INPUT) == {"dataset:s3://lake/m"}
    assert touched(found, EventKind.OUTPUT) == {MODEL}


def test_what_has_predictions_was_made_with_the_model() -> None:
    found = spark([dataset("features")], [dataset("p", **columns("id", "prediction"))])
    assert operator(found) is OperatorClass.INFERENCE
    assert touched(found, EventKind.INPUT) == {"dataset:s3://lake/features", MODEL}


def test_an_ordinary_job_is_left_alone() -> None:
    found = spark([dataset("a")], [dataset("b", **columns("id"))])
    assert operator(found) is None
    assert touched(found, EventKind.INPUT) == {"dataset:s3://lake/a"}
    assert touched(found, EventKind.OUTPUT) == {"dataset:s3://lake/b"}


def test_streams_are_left_alone() -> None:
    found = spark([dataset("a")], [], processingType="STREAMING")
    assert touched(found, EventKind.INPUT) == {"dataset:s3://lake/a"}
    assert touched(found, EventKind.OUTPUT) == set()


def test_a_job_of_rdds_that_tells_no_end_is_not_open() -> None:
    job_type = {"processingType": "BATCH", "integration": "SPARK", "jobType": "RDD_JOB"}
    start = event(
        "START", 0, JOB, "app.rdd", inputs=[dataset("a")],
        run_facets=parent(APP, "app"), job_facets={"jobType": job_type},
    )  # fmt: skip
    (execution,) = [one for one in folded(start) if isinstance(one, Execution)]
    assert execution.state is State.UNKNOWN
    assert execution.started == execution.ended is not None


def test_the_application_wrote_what_its_trainings_read() -> None:
    job_type = {"processingType": "NONE", "integration": "SPARK", "jobType": "APPLICATION"}
    started = event("START", 0, APP, "app", job_facets={"jobType": job_type})
    found = fold(f"run/{APP}", [parse_event(body(started))], Naming.of())
    assert touched(list(found), EventKind.OUTPUT) == {SESSION}


def test_a_statement_of_dbt_costs_what_the_run_above_costs() -> None:
    job_type = {"processingType": "BATCH", "integration": "DBT", "jobType": "SQL"}
    facets = {"run_facets": parent(APP, "model.a"), "job_facets": {"jobType": job_type}}
    events = (event(kind, when, JOB, "model.a.sql.1", **facets) for kind, when in ENDS)
    (execution,) = [one for one in folded(*events) if isinstance(one, Execution)]
    assert (execution.cost, execution.parent) == (0.0, None)


def test_what_columns_were_made_from_was_read() -> None:
    source = {"namespace": "s3://lake", "name": "seed", "field": "id"}
    lineage = {"fields": {"id": {"inputFields": [source]}}, "dataset": [source | {"name": "keys"}]}
    found = folded(event("COMPLETE", 0, JOB, outputs=[dataset("t", columnLineage=lineage)]))
    assert touched(found, EventKind.INPUT) == {
        "dataset:s3://lake/seed", "dataset:s3://lake/keys",
    }  # fmt: skip


@pytest.mark.parametrize(
    "lineage",
    [
        {"fields": {"id": None, "n": {"inputFields": 5}, "m": {"inputFields": [None, {}]}}},
        {"fields": {}, "dataset": "t"},
        {"fields": {"id": {"inputFields": [{"namespace": "s3://lake", "name": "t"}]}}},
    ],
)
def test_columns_that_tell_nothing(lineage: Json) -> None:
    found = folded(event("COMPLETE", 0, JOB, outputs=[dataset("t", columnLineage=lineage)]))
    assert touched(found, EventKind.INPUT) == set()
