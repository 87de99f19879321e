"""Writes the one logical pipeline as each source would hold it: all that the source can say."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlmd.build import Store
from support.matrix import (
    FEATURE,
    LAKE,
    PIPELINE,
    RAW,
    RAW_ID,
    TFX,
    TYPES,
    Said,
    Told,
    iso,
    kind_of,
)
from support.matrix import pipeline as whole
from support.matrix_prov import prov
from support.mlflow_stores import run as run_mlflow

from lineage.records import Execution, State
from lineage_ingest.datasets import shared_id
from lineage_ingest.trace import dump

if TYPE_CHECKING:
    from collections.abc import Callable

MLMD_STATES = {State.COMPLETE: 3, State.FAILED: 4, State.CACHED: 5}


def mlmd(folder: Path) -> Told:
    """A store of ML Metadata, schema version 10, with the statistics that TFDV wrote."""
    said, store = Said(whole()), Store(folder / "taxi.sqlite")
    told = Told(str(folder / "taxi.sqlite"))
    ids: dict[str, int] = {}
    pipeline = store.context("pipeline", PIPELINE)
    runs = {name: store.context("pipeline_run", name) for name in ("run-1", "run-2")}
    told.runs = {str(id_): name for name, id_ in runs.items()}
    for run in runs.values():
        store.insert("ParentContext", context_id=run, parent_context_id=pipeline)
    for one in said.artifacts.values():
        uri = one.uri
        properties: dict[str, Any] = {"version": one.version, "size_bytes": one.size}
        if one.pushed is not None:
            properties["pushed"] = int(one.pushed)
        if one.digest:  # as CMF has it: the address is the digest
            uri = properties["Commit"] = one.digest.removeprefix("md5:")
        if one.features:
            uri = str(_statistics(folder / "statistics"))
        known = {key: value for key, value in properties.items() if value is not None}
        ids[one.id] = store.artifact(TYPES[kind_of(one.id)], properties=known, uri=uri)
        told.artifacts[str(ids[one.id])] = one.id
    for step in said.executions.values():
        properties = {"component_id": step.node, **step.properties}
        if step.code_version:
            properties["Git_Start_Commit"] = step.code_version
        if step.parent:
            properties["parent_dag_id"] = ids[step.parent]
        ids[step.id] = store.execution(
            TFX[step.node or ""],
            properties=properties,
            last_known_state=MLMD_STATES[step.state],
            create_time_since_epoch=step.started,
            last_update_time_since_epoch=step.ended,
        )
        told.executions[str(ids[step.id])] = step.id
        store.associate(ids[step.id], pipeline, runs[said.run(step.id) or ""])
    for e in said.events:
        store.event(ids[e.execution], ids[e.artifact], 4 if e.kind.writes else 3, e.role, 0)
    store.close()
    return told


def _statistics(folder: Path) -> Path:
    from tensorflow_metadata.proto.v0 import statistics_pb2 as pb

    folder.mkdir(exist_ok=True)
    bucket = {"low_value": 1, "high_value": 1, "sample_count": 5}
    stats = pb.FeatureNameStatistics(
        name=FEATURE.name, num_stats={"histograms": [{"buckets": [bucket]}]}
    )
    written = pb.DatasetFeatureStatisticsList(datasets=[{"features": [stats]}])
    (folder / "FeatureStats.pb").write_bytes(written.SerializeToString())
    return folder


def openlineage(folder: Path) -> Told:
    """Events of jobs as a producer without any integration of its own would send them."""
    said, told = Said(whole()), Told(str(folder / "taxi.jsonl"))
    uuids = {name: f"00000000-0000-4000-8000-{n:012x}" for n, name in enumerate(said.executions)}
    told.executions = {uuids[name]: name for name in uuids}
    told.runs = {uuids[f"daily-{run}"]: f"run-{run}" for run in (1, 2)}
    lines = []
    for step in said.executions.values():
        if step.state is State.CACHED:
            continue  # what did not run sends nothing
        lines += _events(said, step, uuids)
        for name in said.writes(step.id):
            told.artifacts[shared_id(f"{LAKE}/{_path(name)}", f"run {uuids[step.id]}")] = name
    told.artifacts[RAW_ID] = "raw"
    (folder / "taxi.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    return told


def _path(artifact: str) -> str:
    """Each run writes the same features, and models of their own."""
    if artifact == "raw":
        return RAW
    return f"taxi/{kind_of(artifact) if artifact.startswith('features') else artifact}"


def _events(said: Said, step: Execution, uuids: dict[str, str]) -> list[dict[str, Any]]:
    inputs = [_dataset(said, event.artifact) for event in said.reads(step.id)]
    outputs = [_dataset(said, name) for name in said.writes(step.id)]
    outputs = [one for one in outputs if one is not None]
    common = {
        "producer": "https://example.com/taxi",
        "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
        "run": {"runId": uuids[step.id], "facets": _run_facets(said, step, uuids)},
        "job": {"namespace": "ns", "name": _job(step.id), "facets": {}},
    }
    if step.code_version:
        common["job"]["facets"]["sourceCodeLocation"] = {
            "type": "git",
            "url": "https://example.com/taxi.git",
            "version": step.code_version,
        }
    end = "FAIL" if step.state is State.FAILED else "COMPLETE"
    return [
        common | {"eventType": "START", "eventTime": iso(step.started), "inputs": inputs},
        common | {"eventType": end, "eventTime": iso(step.ended), "outputs": outputs},
    ]


def _job(execution: str) -> str:
    node = kind_of(execution)
    return PIPELINE if node == "daily" else f"{PIPELINE}.{node}"


def _run_facets(said: Said, step: Execution, uuids: dict[str, str]) -> dict[str, Any]:
    facets: dict[str, Any] = {}
    if step.parent:
        root = f"daily-{(said.run(step.id) or '')[-1]}"
        facets["parent"] = {
            "run": {"runId": uuids[step.parent]},
            "job": {"namespace": "ns", "name": _job(step.parent)},
            "root": {
                "run": {"runId": uuids[root]},
                "job": {"namespace": "ns", "name": PIPELINE},
            },
        }
    if step.properties:
        facets["executionParameters"] = {
            "parameters": [{"key": key, "value": value} for key, value in step.properties.items()]
        }
    return facets


def _dataset(said: Said, name: str) -> dict[str, Any] | None:
    one = said.artifacts[name]
    if one.pushed is False:
        return None  # what was held back was not written
    made: dict[str, Any] = {"namespace": LAKE, "name": _path(name), "facets": {}}
    if one.version:
        made["facets"]["version"] = {"datasetVersion": one.version}
    if kind_of(name) == "model":
        made["facets"]["datasetType"] = {"datasetType": "MODEL"}
    if one.size:
        made["outputFacets"] = {"outputStatistics": {"size": one.size}}
    return made


def mlflow(folder: Path) -> Told:
    """A tracking store by MLflow's own client."""
    said = Said(whole())
    plain = {
        "executions": [
            dataclasses.asdict(one)
            | {
                "reads": [(e.role, e.artifact) for e in said.reads(one.id)],
                "writes": said.writes(one.id),
            }
            for one in said.executions.values()
        ],
        "experiment": PIPELINE,
        "raw": [f"{LAKE}/{RAW}", said.artifacts["raw"].version],
    }
    (folder / "pipeline.json").write_text(json.dumps(plain))
    location = folder / "mlflow.db"
    script = str(__file__).replace("matrix_writers", "matrix_mlflow")
    found = run_mlflow(script, f"sqlite:///{location}", "pipeline.json", cwd=folder)
    told = Told(str(location), **json.loads(found.splitlines()[-1]))
    told.artifacts[RAW_ID] = "raw"
    return told


def trace(folder: Path) -> Told:
    """The native trace."""
    said, told = Said(whole()), Told(str(folder / "taxi.trace.jsonl"))
    said.artifacts["raw"].id = RAW_ID
    for event in said.events:
        event.artifact = RAW_ID if event.artifact == "raw" else event.artifact
    told.executions = {name: name for name in said.executions}
    told.artifacts = {name: name for name in said.artifacts} | {RAW_ID: "raw"}
    told.runs = {"run-1": "run-1", "run-2": "run-2"}
    with Path(told.location).open("wb") as file:
        dump(said.records(), file)
    return told


WRITERS: dict[str, Callable[[Path], Told]] = {
    "mlmd": mlmd,
    "openlineage": openlineage,
    "mlflow": mlflow,
    "prov": prov,
    "trace": trace,
}
