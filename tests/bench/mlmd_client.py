"""Writes part of a trace into a store through the real `ml-metadata` client, and asks it.

    .venv-mlmd/bin/python tests/bench/mlmd_client.py PART.json STORE.sqlite

Runs in the client's own environment, with nothing of this project; prints JSON: the client's
version, and for each form of the question the seconds and how many events and nodes were answered.
"""

from __future__ import annotations

import json
import sys
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ml_metadata.metadata_store import metadata_store
from ml_metadata.proto import metadata_store_pb2 as pb

PUT_ROWS = 500
MOST_HOPS = 100
Options = pb.LineageSubgraphQueryOptions


def main() -> None:
    """The command."""
    part = json.loads(Path(sys.argv[1]).read_bytes())
    config = pb.ConnectionConfig()
    config.sqlite.filename_uri = sys.argv[2]
    store = metadata_store.MetadataStore(config)
    began = time.perf_counter()
    ids = write(store, part)
    written = time.perf_counter() - began
    trainers = [ids["execution", native] for native in part["trainers"]]
    forms = {
        "both ways, one call": [Options.BIDIRECTIONAL],
        "up and down, two calls": [Options.UPSTREAM, Options.DOWNSTREAM],
    }
    endings = " OR ".join(f"type = {json.dumps(name)}" for name in part["trainer_types"])
    answer = {
        "version": version("ml-metadata"),
        "write_seconds": written,
        "trainers": len(trainers),
        "forms": {name: ask(store, trainers, ways, endings) for name, ways in forms.items()},
    }
    json.dump(answer, sys.stdout)


def write(store: metadata_store.MetadataStore, part: dict[str, Any]) -> dict[tuple[str, str], int]:
    """Put everything; returns the store's ids by kind and native id."""
    ids: dict[tuple[str, str], int] = {}
    types: dict[tuple[str, str], int] = {}
    for kind, make, put_type, put in (
        ("artifact", pb.Artifact, store.put_artifact_type, store.put_artifacts),
        ("execution", pb.Execution, store.put_execution_type, store.put_executions),
    ):
        rows = part[f"{kind}s"]
        for _, name in rows:
            if (kind, name) not in types:
                made = pb.ArtifactType if kind == "artifact" else pb.ExecutionType
                types[kind, name] = put_type(made(name=name))
        for at in range(0, len(rows), PUT_ROWS):
            some = rows[at : at + PUT_ROWS]
            found = put([make(type_id=types[kind, name]) for _, name in some])
            ids.update({(kind, native): one for (native, _), one in zip(some, found)})  # noqa: B905
    events = [
        pb.Event(
            execution_id=ids["execution", execution],
            artifact_id=ids["artifact", artifact],
            type=pb.Event.Type.Value(kind),
            path=pb.Event.Path(steps=[pb.Event.Path.Step(key=role), pb.Event.Path.Step(index=0)]),
        )
        for execution, artifact, kind, role in part["events"]
    ]
    for at in range(0, len(events), PUT_ROWS):
        store.put_events(events[at : at + PUT_ROWS])
    return ids


def ask(
    store: metadata_store.MetadataStore, trainers: list[int], ways: list[int], endings: str
) -> dict[str, float]:
    """Ask for the lineage of each trainer, up to other trainers; only the events are asked for.

    Ending nodes apply to the starting one too, so it is named as an exception.
    """
    events = nodes = 0
    began = time.perf_counter()
    for trainer in trainers:
        found: set[tuple[str, int]] = set()
        for way in ways:
            options = Options(max_num_hops=MOST_HOPS, direction=way)
            options.starting_executions.filter_query = f"id = {trainer}"
            options.ending_executions.filter_query = f"({endings}) AND id != {trainer}"
            graph = store.get_lineage_subgraph(options, field_mask_paths=["events"])
            events += len(graph.events)
            for event in graph.events:
                found |= {("execution", event.execution_id), ("artifact", event.artifact_id)}
        nodes += len(found)
    return {"seconds": time.perf_counter() - began, "events": events, "nodes": nodes}


if __name__ == "__main__":
    main()
