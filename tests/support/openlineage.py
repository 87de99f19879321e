"""OpenLineage events for tests: small builders, and random sets of them."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import random

Json = dict[str, Any]

PRODUCER = "https://example.com/producer"
SCHEMA = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent"
DAWN = datetime(2025, 3, 1, tzinfo=UTC)
_STORES = ("s3://lake", "file", "postgres://db:5432")


def run_id(number: int) -> str:
    return str(uuid.UUID(int=number + (1 << 100)))


def at(seconds: float) -> str:
    return (DAWN + timedelta(seconds=seconds)).isoformat()


def dataset(name: str, namespace: str = "s3://lake", **facets: Json) -> Json:
    return {"namespace": namespace, "name": name, "facets": facets}


def event(
    kind: str | None,
    seconds: float,
    run: str,
    job: str = "job",
    *,
    inputs: list[Json] | None = None,
    outputs: list[Json] | None = None,
    run_facets: Json | None = None,
    job_facets: Json | None = None,
) -> Json:
    made: Json = {
        "eventTime": at(seconds),
        "producer": PRODUCER,
        "schemaURL": SCHEMA,
        "run": {"runId": run, "facets": run_facets or {}},
        "job": {"namespace": "ns", "name": job, "facets": job_facets or {}},
        "inputs": inputs or [],
        "outputs": outputs or [],
    }
    if kind is not None:
        made["eventType"] = kind
    return made


def parent(run: str, job: str, root: tuple[str, str] | None = None) -> Json:
    said: Json = {"run": {"runId": run}, "job": {"namespace": "ns", "name": job}}
    if root:
        said["root"] = {"run": {"runId": root[0]}, "job": {"namespace": "ns", "name": root[1]}}
    return {"parent": said}


def body(made: Json) -> bytes:
    return json.dumps(made).encode()


def random_events(rng: random.Random, runs: int, tables: int) -> list[Json]:
    """Runs that read and write a few tables, told by events of every kind and completeness."""
    events: list[Json] = []
    for number in range(runs):
        run, start = run_id(rng.randrange(1 << 60)), rng.randrange(1_000) / 10
        job = f"job{rng.randrange(4)}"
        job_facets: Json = {}
        if rng.random() < 0.1:
            pattern = {"eventTrigger": "PERIODIC", "eventContentMode": "COMPLETE_SNAPSHOT"}
            job_facets["jobType"] = {
                "processingType": "STREAMING", "integration": "FLINK", "emissionPattern": pattern,
            }  # fmt: skip
        run_facets: Json = {}
        if rng.random() < 0.3:
            above = run_id(rng.randrange(3))
            root = (run_id(0), "root") if rng.random() < 0.5 else None
            run_facets |= parent(above, f"parent{above[-1]}", root)
        end = start + rng.randrange(1, 200) / 10
        kinds = ["START", *(["RUNNING"] * rng.randrange(3)), rng.choice(_ENDS), None]
        kinds = [kind for kind in kinds if rng.random() < 0.8] or ["COMPLETE"]
        for kind in kinds:
            when = {"START": start, "RUNNING": (start + end) / 2}.get(kind or "", end)
            if rng.random() < 0.05:
                when = start  # two events of one time: the hash decides
            events.append(event(
                kind, when, run, job,
                inputs=[_table(rng, tables) for _ in range(rng.randrange(3))],
                outputs=[_table(rng, tables, writes=True) for _ in range(rng.randrange(2))],
                run_facets=run_facets if rng.random() < 0.7 else {},
                job_facets=job_facets | _lineage(rng, tables),
            ))  # fmt: skip
        if number % 7 == 0:
            for kind, when in (("START", start - 1), ("COMPLETE", end + 1)):
                events.append(event(kind, when, run_id(number % 3), f"parent{number % 3}"))
    return events


_ENDS = ("COMPLETE", "COMPLETE", "COMPLETE", "FAIL", "ABORT")


def _table(rng: random.Random, tables: int, *, writes: bool = False) -> Json:
    number = rng.randrange(tables)
    facets: Json = {}
    if rng.random() < 0.15:
        facets["version"] = {"datasetVersion": str(rng.randrange(3))}
    if rng.random() < 0.1:
        facets["schema"] = {"fields": [{"name": f"c{rng.randrange(3)}", "type": "int"}]}
    if rng.random() < 0.05:
        other = {"namespace": "hive://meta", "name": f"db.t{number // 2}", "type": "TABLE"}
        facets["symlinks"] = {"identifiers": [other]}
    if writes and rng.random() < 0.05:
        facets["lifecycleStateChange"] = {"lifecycleStateChange": rng.choice(["DROP", "CREATE"])}
    return dataset(f"t{number}", _STORES[number % len(_STORES)], **facets)


def _lineage(rng: random.Random, tables: int) -> Json:
    if rng.random() > 0.06:
        return {}
    entries = []
    for _ in range(rng.randrange(1, 3)):
        target = _table(rng, tables)
        sources = [_table(rng, tables) for _ in range(rng.randrange(3))]
        entries.append({
            "namespace": target["namespace"], "name": target["name"], "type": "DATASET",
            "inputs": [
                {"namespace": s["namespace"], "name": s["name"], "type": "DATASET"}
                for s in sources
            ],
        })  # fmt: skip
    return {"lineage": {"entries": entries}}
