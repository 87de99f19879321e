"""Real stores by other people read as the `ml-metadata` client reads them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from mlmd.oracle import dump, real_store, run_client

from lineage.records import Artifact, Context, Event, Execution, Membership, Pipeline, Run, SetAside
from lineage_ingest.mlmd import MlmdReader

if TYPE_CHECKING:
    from lineage.records import Record

DEMO = Path(__file__).parents[2] / "lineage" / "demo" / "store.sqlite"
# Artifacts, executions, events, contexts.
COUNTS = {
    "chicago_taxi_v4.db": (11, 9, 24, 11),
    "handmade_v6.db": (2, 1, 2, 1),
    "cached_examplegen_v8.sqlite": (2, 4, 5, 9),
    "snap1_sepsis_v8.sqlite": (17, 9, 30, 19),
    "snap2_sepsis_v8.sqlite": (34, 18, 60, 38),
    "snap3_sepsis_v8.sqlite": (92, 55, 164, 117),
    "two_trainers_cc0_v10.sqlite": (21, 13, 44, 27),
    "snap1_active_learning_v10.sqlite": (25, 8, 37, 6),
}
KINDS = {"DECLARED_INPUT": "INPUT", "DECLARED_OUTPUT": "OUTPUT"}


def read(path: Path) -> list[Record]:
    reader = MlmdReader(str(path))
    try:
        return list(reader.records())
    finally:
        reader.close()


def of(kinds: Any, records: list[Record]) -> list[Any]:
    return [record for record in records if isinstance(record, kinds)]


@pytest.mark.parametrize("name", COUNTS)
def test_counts(name: str) -> None:
    records = read(real_store(name))
    kinds = (Artifact, Execution, Event, (Pipeline, Run, Context))
    assert tuple(len(of(kind, records)) for kind in kinds) == COUNTS[name]
    assert not of(SetAside, records)


@pytest.mark.parametrize("name", [*COUNTS, "demo"])
def test_as_the_client_reads_it(name: str, tmp_path: Path) -> None:
    path = DEMO if name == "demo" else real_store(name)
    records, told = read(path), dump(path, tmp_path)
    assert _nodes(Artifact, records) == _told(told["artifacts"])
    assert _nodes(Execution, records) == _told(told["executions"])
    contexts = _nodes(Pipeline, records) | _nodes(Run, records) | _nodes(Context, records)
    assert contexts == _told(told["contexts"])
    assert _events(records) == sorted(map(_told_event, told["events"]))
    ids = {node.id: node.native_id for node in of(Pipeline, records)}
    for kind, name_ in (("execution", "associations"), ("artifact", "attributions")):
        found = {
            (int(link.member), int(ids.get(link.container, link.container)))
            for link in of(Membership, records)
            if link.member_kind == kind
        }
        wanted = {(member, container) for member, container in told[name_]}
        # A stage of CMF brings its executions' pipeline along.
        extra = {pair for pair in found - wanted if name.startswith("snap1_active")}
        assert found - extra == wanted


@pytest.mark.parametrize("first", ["snap1_sepsis_v8.sqlite", "snap2_sepsis_v8.sqlite"])
def test_a_store_that_grew_is_followed(first: str) -> None:
    then, now = real_store(first), real_store("snap3_sepsis_v8.sqlite")
    reader = MlmdReader(str(then))
    before = {_key(record): record for record in reader.records()}
    cursor = reader.cursor
    reader.close()
    reader = MlmdReader(str(now))
    since = {_key(record): record for record in reader.records(cursor)}
    whole = {_key(record): record for record in reader.records()}
    reader.close()
    assert before | since == whole
    assert len(since) < len(whole)


def _key(record: Record) -> tuple[object, ...]:
    if isinstance(record, Membership):
        ends = record.member_kind, record.member, record.container_kind, record.container
        return ("Membership", *ends)
    name = record.position if isinstance(record, Event | SetAside) else record.id
    return type(record).__name__, name


def test_the_demo_store_is_what_its_generator_makes(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    run_client("make_demo_store.py", str(path))
    assert read(path) == read(DEMO)
    assert DEMO.stat().st_size < 1_000_000


def _nodes(kind: Any, records: list[Record]) -> dict[int, Any]:
    return {
        int(getattr(node, "native_id", None) or node.id): (node.type, node.created, node.properties)
        for node in of(kind, records)
    }


def _told(nodes: list[dict[str, Any]]) -> dict[int, Any]:
    found = {}
    for node in nodes:
        properties = dict(node["properties"])
        for name, value in node["custom"].items():
            properties[f"custom:{name}" if name in properties else name] = value
        found[node["id"]] = (node["type"], node["created"] or None, properties)
    return found


def _events(records: list[Record]) -> list[tuple[Any, ...]]:
    return sorted(map(_event, of(Event, records)))


def _event(event: Event) -> tuple[Any, ...]:
    index = -1 if event.index is None else event.index
    ends = int(event.execution), int(event.artifact)
    return *ends, event.kind.value, event.role, index, event.time


def _told_event(event: dict[str, Any]) -> tuple[Any, ...]:
    keys = [step for step in event["path"] if isinstance(step, str)]
    index = next((step for step in event["path"] if isinstance(step, int)), -1)
    kind = KINDS.get(event["type"], event["type"])
    role = ".".join(keys)
    return event["execution"], event["artifact"], kind, role, index, event["time"]
