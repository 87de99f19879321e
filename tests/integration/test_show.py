"""Showing a node: found by key, id or name, with what is around it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from rich.cells import cell_len

from lineage import Lineage, Settings, queries
from lineage.errors import NotFoundError
from lineage.records import (
    Artifact,
    ArtifactClass,
    Event,
    EventKind,
    Execution,
    Membership,
    NodeKind,
    OperatorClass,
    Pipeline,
    Record,
    Run,
    State,
)
from lineage.show import QUERIES, show

if TYPE_CHECKING:
    from collections.abc import Iterator

DAY = 86_400_000
EVIL = "\x1b[31mevil[/red]\u202e"


def records() -> Iterator[Record]:
    """Three days of training over one span; only the first model is pushed."""
    yield Pipeline(id="daily", name="daily")
    yield Artifact(id="span", type="span", artifact=ArtifactClass.SPAN)
    yield _step("gen", "ingestion", 0)
    for day in range(3):
        yield Run(id=f"run/{day}", name=f"day {day}")
        yield Artifact(id=f"model/{day}", type="model", artifact=ArtifactClass.MODEL, name=EVIL)
        yield _step(f"train/{day}", "training", day)
    yield Artifact(id="1", type="deployment", artifact=ArtifactClass.DEPLOYMENT)
    yield _step("push", "deployment", 0)
    yield _step("1", "other", 0)
    yield Event(execution="gen", artifact="span", kind=EventKind.OUTPUT, role="examples")
    yield Event(execution="push", artifact="model/0", kind=EventKind.INPUT, role="model")
    yield Event(execution="push", artifact="1", kind=EventKind.OUTPUT, role="pushed")
    for day in range(3):
        name = f"train/{day}"
        yield Event(execution=name, artifact="span", kind=EventKind.INPUT, role="examples", index=0)
        yield Event(execution=name, artifact=f"model/{day}", kind=EventKind.OUTPUT, role="model")
        for kind, member, over, container in (
            (NodeKind.RUN, f"run/{day}", NodeKind.PIPELINE, "daily"),
            (NodeKind.EXECUTION, name, NodeKind.RUN, f"run/{day}"),
        ):
            yield Membership(
                member_kind=kind, member=member, container_kind=over, container=container
            )


def _step(name: str, kind: str, day: int) -> Execution:
    return Execution(
        id=name,
        type=kind,
        node=name.partition("/")[0],
        operator=OperatorClass(kind),
        state=State.COMPLETE,
        started=1_767_225_600_000 + day * DAY,
        cost=60.0,
        cost_unit="s",
        properties={"learning_rate": 0.1, "nested": {"a": 1}},
    )


@pytest.fixture
def shop(lin: Lineage) -> Lineage:
    lin.ingest_records(records(), source="100%#1")
    lin.segment()
    return lin


def names(found: object) -> list[str | None]:
    return [item.name for item in found.items]  # type: ignore[attr-defined]


def test_rows_are_the_columns_of_their_query() -> None:
    for name, model in QUERIES.items():
        assert [column.name for column in queries.load(name).columns] == list(model.model_fields)


def test_graphlet(shop: Lineage) -> None:
    shown = show(shop.graph, "train/1")
    assert shown.kind == "graphlet"
    assert [branch.branch for branch in shown.branches] == [
        "ancestor",
        "trainer",
        "descendant",
        "previous",
        "next",
    ]
    gen, span = shown.branch("ancestor").items
    assert (gen.name, gen.holders, gen.cost) == ("gen gen", 3, 60.0)
    assert (span.span, span.holders) == (True, 3)
    (before,) = shown.branch("previous").items
    assert (before.jaccard, before.pushed) == (1.0, True)
    assert names(shown.branch("next")) == ["graphlet of train train/2"]


def test_push_decision(shop: Lineage) -> None:
    (push,) = show(shop.graph, "train/0").branch("deployments").items
    assert push.why == "pushed a model"


def test_execution(shop: Lineage) -> None:
    shown = show(shop.graph, "train/1", kind="execution")
    assert shown.kind == "execution"
    (read,) = shown.branch("inputs").items
    assert (read.role, read.class_) == ("examples[0]", "span")
    assert names(shown.branch("run")) == ["day 1"]
    assert names(shown.branch("pipeline")) == ["daily"]
    assert shown.branch("graphlets").total == 1
    assert shown.properties["p_learning_rate"] == 0.1


def test_artifact(shop: Lineage) -> None:
    shown = show(shop.graph, "span", limit=2)
    assert names(shown.branch("producers")) == ["gen gen"]
    consumers = shown.branch("consumers")
    assert (names(consumers), consumers.total, consumers.more) == (
        ["train train/0", "train train/1"],
        3,
        1,
    )
    assert "… and 1 more" in shown.text()


def test_pipeline_and_run(shop: Lineage) -> None:
    shown = show(shop.graph, "daily")
    (node,) = shown.branch("trainer nodes").items
    assert (node.name, node.models, node.models_pushed) == ("train", 3, 1)
    assert names(shown.branch("last runs")) == ["day 2", "day 1", "day 0"]
    run = show(shop.graph, "day 1")
    assert run.kind == "run"
    assert names(run.branch("executions")) == ["train train/1"]
    assert run.branch("graphlets").total == 1


@pytest.mark.parametrize(
    "text",
    ["100%25%231#execution/train/2", "execution/train/2", "train/2", "train train/2"],
)
def test_found_by(shop: Lineage, text: str) -> None:
    assert show(shop.graph, text, kind="execution").key == "100%25%231#execution/train/2"


def test_found_by_how_it_begins(shop: Lineage) -> None:
    assert show(shop.graph, "pus").name == "push push"
    assert show(shop.graph, "100%25%231#pipeline").kind == "pipeline"


def test_several_are_listed(shop: Lineage) -> None:
    with pytest.raises(NotFoundError, match=r"'1' may be execution .*execution/1', artifact "):
        show(shop.graph, "1")
    assert show(shop.graph, "1", kind="artifact").kind == "artifact"
    with pytest.raises(NotFoundError, match="may be"):
        show(shop.graph, "train/")


def test_none_is_said(shop: Lineage) -> None:
    with pytest.raises(NotFoundError, match="no pipeline has the key, id or name 'train/1'"):
        show(shop.graph, "train/1", kind="pipeline")


def test_safe_and_narrow(shop: Lineage) -> None:
    shown = show(shop.graph, "model/1")
    text = shown.text(60)
    assert "␛[31mevil[/red]\\u202e" in text
    assert max(map(cell_len, text.splitlines())) <= 60
    assert "\x1b" in shown.text(60, color=True)
    data = json.loads(shown.to_json())
    assert data["name"] == EVIL
    assert "\u202e" not in shown.to_json()
    assert data["branches"][0]["items"][0]["class"] == "training"
    assert "␛" in shown._repr_html_()


def test_a_data_set_is_found_by_all_its_names(lin: Lineage) -> None:
    rules = ({"pattern": "s3://landing/*/orders", "name": "s3://lake/orders"},)
    named = Lineage(lin.graph, Settings(dataset_rules=rules))
    early, write, late = "s3://landing/eu/orders", "s3://landing/us/orders", "s3://lake/orders"
    symlink = {"identifiers": [{"namespace": "hive://meta", "name": "db.orders", "type": "TABLE"}]}
    named.ingest_events(
        [
            _event(1, "a", inputs=[_dataset(early)]),
            _event(2, "b", outputs=[_dataset(write) | {"facets": {"symlinks": symlink}}]),
            _event(3, "c", outputs=[_dataset(late)]),
        ],
        source="ol",
    )
    for name in (early, write, late, "hive://meta/db.orders", "s3a://lake/orders/"):
        shown = named.show(name)
        assert (shown.kind, shown.branch("versions").total) == ("artifact", 2), name
    assert "joined because" in shown.text()
    assert any(
        (name or "").startswith("by dataset_rules 's3://landing/*/orders'")
        for name in names(shown.branch("joined because"))
    )
    version = shown.branch("versions").items[0]
    assert version.name is not None
    for text in (version.key, version.name):
        assert named.show(text or "").key == version.key
        assert "written" not in named.show(text or "").text()


def test_of_versions_alone_the_newest_is_shown(lin: Lineage) -> None:
    events = [_event(day, "a", outputs=[_dataset("s3://lake/x")]) for day in (1, 2)]
    lin.ingest_events(events, source="ol")
    assert lin.show("s3://lake/x").key.endswith("@run 00000000-0000-4000-8000-000000000002")
    with pytest.raises(NotFoundError, match=r"may be artifact 'dataset#artifact/s3://lake/x@run 0"):
        lin.plan("s3://lake/x")


def _dataset(name: str) -> dict[str, Any]:
    scheme, _, path = name.partition("://")
    authority, _, rest = path.partition("/")
    return {"namespace": f"{scheme}://{authority}", "name": rest}


def _event(day: int, job: str, **datasets: Any) -> str:
    event = {
        "eventType": "COMPLETE",
        "eventTime": f"2026-01-0{day}T00:00:00Z",
        "producer": "https://example.com/x",
        "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
        "run": {"runId": f"00000000-0000-4000-8000-{day:012x}"},
        "job": {"namespace": "ns", "name": job},
    }
    return json.dumps(event | datasets)
