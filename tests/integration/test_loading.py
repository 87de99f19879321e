"""Loading: once each however often it comes, whatever the order, whatever the names."""

from __future__ import annotations

import dataclasses
import random
from typing import TYPE_CHECKING

import pytest
from support.snapshot import snapshot

from lineage.errors import RecordError, SourceConflictError
from lineage.records import (
    Artifact,
    Context,
    Event,
    EventKind,
    Execution,
    Membership,
    NodeKind,
    Pipeline,
    Record,
    Run,
    SetAside,
    State,
)
from lineage.settings import Settings

if TYPE_CHECKING:
    from lineage import Lineage

DAY = 86_400_000
NOW = 1_780_000_000_000


def small() -> list[Record]:
    """A pipeline with a run of three steps."""
    return [
        Pipeline(id="p", name="p", created=NOW),
        Run(id="r", name="first", state=State.COMPLETE, created=NOW),
        Execution(
            id="gen", type="CsvExampleGen", state=State.COMPLETE, started=NOW, ended=NOW + 5_000
        ),
        Execution(id="trans", type="Transform", state=State.CACHED, started=NOW, ended=NOW + 9_000),
        Execution(
            id="train",
            type="Trainer",
            node="Trainer",
            state=State.COMPLETE,
            started=NOW,
            ended=NOW + 60_000,
            properties={"steps": 10, "nested": {"a": [1, {"b": None}]}},
        ),
        Artifact(id="raw", type="Examples", created=NOW),
        Artifact(id="made", type="Examples", created=NOW),
        Artifact(id="model", type="Model", created=NOW),
        Event(execution="gen", artifact="raw", kind=EventKind.OUTPUT, role="examples", index=0),
        Event(execution="trans", artifact="raw", kind=EventKind.INPUT, role="examples", index=0),
        Event(execution="trans", artifact="made", kind=EventKind.OUTPUT, role="out", index=0),
        Event(execution="train", artifact="made", kind=EventKind.INPUT, role="examples", index=0),
        Event(execution="train", artifact="model", kind=EventKind.OUTPUT, role="model", index=0),
        *(
            Membership(
                member_kind=NodeKind.EXECUTION,
                member=step,
                container_kind=NodeKind.RUN,
                container="r",
            )
            for step in ("gen", "trans", "train")
        ),
        Membership(
            member_kind=NodeKind.RUN,
            member="r",
            container_kind=NodeKind.PIPELINE,
            container="p",
        ),
    ]


def value(lin: Lineage, text: str) -> object:
    """The one value of a statement."""
    (row,) = lin.graph.run_text(text)
    (found,) = row.values()
    return found


def test_second_load_changes_nothing(lin: Lineage) -> None:
    first = lin.ingest_records(small(), source="s")
    before = snapshot(lin)
    second = lin.ingest_records(small(), source="s")
    assert first.written == 8 + 9
    assert second.written == 0
    assert snapshot(lin) == before
    assert value(lin, "MATCH (i:Load) RETURN count(i)") == 1


def test_what_is_derived(lin: Lineage) -> None:
    lin.ingest_records(small(), source="s")
    rows = lin.graph.run_text(
        "MATCH (e:Execution) RETURN e.source_id AS id, e.cost AS cost, e.cost_from AS origin, "
        "e.pipeline AS pipeline ORDER BY id"
    )
    assert rows == [
        {"id": "gen", "cost": 5.0, "origin": "duration", "pipeline": "p"},
        {"id": "train", "cost": 60.0, "origin": "duration", "pipeline": "p"},
        {"id": "trans", "cost": 0.0, "origin": "nothing ran", "pipeline": "p"},
    ]
    classes = lin.graph.run_text(
        "MATCH (a:Artifact) RETURN a.source_id AS id, a.artifact AS class, "
        "[l IN labels(a) WHERE NOT l IN ['Artifact', 'Unsegmented']] AS labels ORDER BY id"
    )
    assert classes == [
        {"id": "made", "class": "transform", "labels": ["Transform"]},
        {"id": "model", "class": "model", "labels": ["Model"]},
        {"id": "raw", "class": "span", "labels": ["Span"]},
    ]
    assert value(lin, "MATCH ()-[r:REPUBLISHED]->(a) RETURN a.source_id") == "made"


def test_a_newer_record_wins_in_either_order(lin: Lineage) -> None:
    old = Execution(id="e", type="Trainer", state=State.RUNNING, created=NOW, updated=NOW)
    new = dataclasses.replace(
        old, state=State.COMPLETE, started=NOW, ended=NOW + DAY, updated=NOW + DAY
    )
    lin.ingest_records([old], source="forward")
    lin.ingest_records([new], source="forward")
    lin.ingest_records([new], source="backward")
    lin.ingest_records([old], source="backward")
    lin.ingest_records([new, old, new], source="at once")
    states = lin.graph.run_text(
        "MATCH (e:Execution) RETURN DISTINCT e.state AS state, e.cost AS cost"
    )
    assert states == [{"state": "COMPLETE", "cost": 86_400.0}]


def test_outputs_follow_the_state(lin: Lineage) -> None:
    step = Execution(id="e", type="Transform", state=State.RUNNING, updated=NOW)
    output = Event(execution="e", artifact="a", kind=EventKind.OUTPUT, role="x")
    lin.ingest_records([step, Artifact(id="a", type="T"), output], source="s")
    count = "MATCH ()-[r]->(:Artifact) RETURN collect(type(r))"
    assert value(lin, count) == ["OUTPUT"]
    cached = dataclasses.replace(step, state=State.CACHED, updated=NOW + 1)
    lin.ingest_records([cached], source="s")
    assert value(lin, count) == ["REPUBLISHED"]
    back = dataclasses.replace(step, state=State.COMPLETE, updated=NOW + 2)
    lin.ingest_records([back, output], source="s")
    assert value(lin, count) == ["OUTPUT"]


def test_slices_in_any_order_end_alike(lin: Lineage) -> None:
    whole = small()
    lin.ingest_records(whole, source="s")
    lin.segment()
    wanted = snapshot(lin)
    generator = random.Random(7)
    for _ in range(3):
        lin.forget("s")
        assert snapshot(lin) == ([], [])
        cut = generator.randrange(1, 8)
        nodes, edges = whole[:8], whole[8:]
        generator.shuffle(nodes)
        generator.shuffle(edges)
        lin.ingest_records(nodes[:cut], source="s")
        lin.ingest_records([*nodes[cut:], *edges[:cut]], source="s")
        lin.ingest_records(edges, source="s")
        lin.segment()
        assert snapshot(lin) == wanted


def test_settings_changed_between_loads(lin: Lineage) -> None:
    records = [
        Execution(
            id="e", type="my.Fit", state=State.COMPLETE, started=0, ended=1, properties={"usd": 2.5}
        ),
        Artifact(id="a", type="T"),
        Event(execution="e", artifact="a", kind=EventKind.INPUT, role="hint"),
    ]
    lin.ingest_records(records, source="s")
    changed = Settings(
        cost_property="usd",
        cost_unit="USD",
        reference_roles=("hint",),
        operator_rules=({"pattern": "*.Fit", "class": "training"},),
    )
    try:
        plain, lin.settings = lin.settings, changed
        lin.ingest_records(records, source="s")
    finally:
        lin.settings = plain
    assert lin.graph.run_text(
        "MATCH (e:Execution&Training)<-[r]-() "
        "RETURN e.cost AS cost, e.cost_unit AS unit, type(r) AS type"
    ) == [{"cost": 2.5, "unit": "USD", "type": "REFERENCE"}]


def test_children_are_no_second_cost(lin: Lineage) -> None:
    def step(name: str, start: int, end: int, parent: str | None = None) -> Execution:
        return Execution(
            id=name,
            type="T",
            parent=parent,
            state=State.COMPLETE,
            started=NOW + start * 1000,
            ended=NOW + end * 1000,
        )

    lin.ingest_records(
        [
            step("parent", 0, 100),
            step("a", 10, 30, "parent"),
            step("b", 20, 40, "parent"),
            step("c", 90, 120, "parent"),
            step("d", 25, 35, "parent"),
        ],
        source="s",
    )
    assert value(lin, "MATCH (e {source_id: 'parent'}) RETURN e.cost") == 60.0


def test_pipeline_is_the_outermost_then_the_smallest(lin: Lineage) -> None:
    def within(member: tuple[NodeKind, str], container: tuple[NodeKind, str]) -> Membership:
        return Membership(
            member_kind=member[0],
            member=member[1],
            container_kind=container[0],
            container=container[1],
        )

    step, pipeline = (NodeKind.EXECUTION, "e"), NodeKind.PIPELINE
    lin.ingest_records(
        [
            *(Pipeline(id=name, name=name) for name in ("a-inner", "z-outer", "m-other")),
            Execution(id="e", type="T"),
            within(step, (pipeline, "a-inner")),
            within((pipeline, "a-inner"), (pipeline, "z-outer")),
            within(step, (pipeline, "m-other")),
        ],
        source="s",
    )
    assert value(lin, "MATCH (e:Execution) RETURN e.pipeline") == "m-other"


def test_set_aside_with_reasons(lin: Lineage) -> None:
    records: list[Record] = [
        Execution(id="e", type="T"),
        Artifact(id="a", type="T"),
        Event(execution="e", artifact="gone", kind=EventKind.INPUT, position="event 7"),
        Event(execution="lost", artifact="gone", kind=EventKind.OUTPUT, position="event 8"),
        Event(execution="e", artifact="a", kind=EventKind.INPUT),
        Execution(id="bad", type="T", cost=float("nan")),
        SetAside(kind="event", position="event 9", reason="of an unknown kind"),
    ]
    done = lin.ingest_records(records, source="s")
    assert sorted(done.set_aside) == [
        ("event", "event 7", "artifact gone does not exist"),
        ("event", "event 8", "execution lost and artifact gone does not exist"),
        ("event", "event 9", "of an unknown kind"),
        ("execution", "execution bad", "cost nan is no amount"),
    ]
    assert value(lin, "MATCH (x:SetAside) RETURN count(x)") == 4
    again = lin.ingest_records(
        [*records[:2], Artifact(id="gone", type="T"), *records[2:5]], source="s"
    )
    assert [position for _, position, _ in again.set_aside] == ["event 8"]
    assert value(lin, "MATCH (x:SetAside) RETURN count(x)") == 1


def test_strict_stops_and_names_the_record(lin: Lineage) -> None:
    bad = Event(execution="e", artifact="a", kind=EventKind.INPUT, position="line 3")
    with pytest.raises(RecordError, match="line 3"):
        lin.ingest_records([bad], source="s", strict=True)


def test_ids_used_again_are_refused(lin: Lineage) -> None:
    lin.ingest_records([Execution(id="1", type="T", created=NOW)], source="s")
    with pytest.raises(SourceConflictError, match="--source"):
        lin.ingest_records([Execution(id="1", type="T", created=NOW + 1)], source="s")
    assert value(lin, "MATCH (e:Execution) RETURN e.created.epochMillis") == NOW


HOSTILE = [
    "plain",
    "new\nline and\ttab",
    "`back` 'single' \"double\" \\ $dollar {brace}",
    "'}) DETACH DELETE n //",
    "日本語 🎈 e\u0301",
    "nul\0inside",
    "lone \ud800 surrogate",
    "=cmd|' /C calc'!A0",
    "\x1b[31mred\x1b[0m [bold]markup[/bold]",
    "</script><script>alert(1)</script>",
    "\u202eright to left",
    "n" * 20_000,
    "é" * 9_000,
]


@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_names(lin: Lineage, name: str) -> None:
    records: list[Record] = [
        Pipeline(id=name, name=name),
        Run(id=name, name=name),
        Context(id=name, name=name, type=name),
        Execution(
            id=name, type=name, name=name, node=name, code_version=name, properties={name: name}
        ),
        Artifact(id=name, type=name, name=name, uri=name, properties={name: [name, {"a": name}]}),
        Event(execution=name, artifact=name, kind=EventKind.INPUT, role=name),
        Membership(
            member_kind=NodeKind.EXECUTION,
            member=name,
            container_kind=NodeKind.PIPELINE,
            container=name,
        ),
    ]
    first = lin.ingest_records(records, source=f"s {name[:900]}")
    second = lin.ingest_records(records, source=f"s {name[:900]}")
    assert (first.written, second.written) == (7, 0)
    assert first.set_aside == []
    lin.segment()


def test_long_keys_stay_apart(lin: Lineage) -> None:
    twins = [Execution(id="x" * 9_000 + end, type="T") for end in "ab"]
    assert lin.ingest_records(twins, source="s").written == 2


def test_values_beyond_what_neo4j_holds(lin: Lineage) -> None:
    big = "x" * 20_000_000
    record = Execution(
        id="e",
        type="T",
        properties={"huge": 2**70, "least": -(2**63), "blob": big, "mixed": [1, "a"], "ok": [1, 2]},
    )
    assert lin.ingest_records([record], source="s").written == 1
    (row,) = lin.graph.run_text(
        "MATCH (e:Execution) RETURN e.p_huge AS huge, e.p_least AS least, size(e.p_blob) AS blob, "
        "e.json_mixed AS mixed, e.p_ok AS ok"
    )
    assert row == {
        "huge": str(2**70),
        "least": -(2**63),
        "blob": 20_000_000,
        "mixed": '[1, "a"]',
        "ok": [1, 2],
    }


def test_forget_takes_one_source_out(lin: Lineage) -> None:
    lin.ingest_records(small(), source="keep")
    lin.segment()
    kept = snapshot(lin)
    lin.ingest_records(small(), source="s")
    lin.segment()
    assert lin.forget("s") == 8 + 1
    assert snapshot(lin) == kept


def test_export_and_load_again(lin: Lineage) -> None:
    lin.ingest_records(small(), source="s")
    exported = list(lin.export_trace("s"))
    copied = lin.ingest_records(exported, source="copy")
    assert copied.set_aside == []
    assert list(lin.export_trace("copy")) == exported
    train = next(r for r in exported if isinstance(r, Execution) and r.id == "train")
    assert train.properties == {"steps": 10, "nested": {"a": [1, {"b": None}]}}


def test_an_empty_source(lin: Lineage) -> None:
    assert lin.ingest_records([], source="s").written == 0
    assert lin.segment().graphlets == 0


def test_a_former_parent_gets_its_cost_back(lin: Lineage) -> None:
    def step(name: str, end: int, parent: str | None = None, updated: int = NOW) -> Execution:
        return Execution(
            id=name, type="T", parent=parent, state=State.COMPLETE,
            started=NOW, ended=NOW + end * 1000, updated=updated,
        )  # fmt: skip

    lin.ingest_records([step("a", 100), step("b", 100), step("c", 40, "a")], source="s")
    moved = lin.ingest_records([step("c", 40, "b", NOW + 1)], source="s")
    assert moved.set_aside == []
    costs = lin.graph.run_text("MATCH (e:Execution) RETURN e.cost AS cost ORDER BY e.source_id")
    assert [row["cost"] for row in costs] == [100.0, 60.0, 40.0]
    lost = lin.ingest_records([step("d", 1, "gone")], source="s")
    assert lost.set_aside == [
        ("execution", "execution d", "its parent, execution gone, does not exist")
    ]


def test_changed_rules_reach_what_a_partial_load_passed_over(lin: Lineage) -> None:
    old = Execution(id="e", type="my.Fit", state=State.COMPLETE, updated=NOW)
    new = dataclasses.replace(old, code_version="2", updated=NOW + 1)
    plain = lin.settings
    lin.ingest_records([new], source="s")
    try:
        lin.settings = Settings(operator_rules=({"pattern": "*.Fit", "class": "training"},))
        lin.ingest_records([old], source="s")
        lin.ingest_records([new], source="s")
    finally:
        lin.settings = plain
    assert value(lin, "MATCH (e:Execution) RETURN e.operator") == "training"


def test_times_and_numbers_that_cannot_be(lin: Lineage) -> None:
    far = Execution(id="far", type="T", started=2**63, ended=2**63)
    odd = Execution(id="odd", type="T", properties={"loss": float("nan"), "size": float("inf")})
    ahead = Artifact(id="ahead", type="T", created=7_000_000_000_000, size=2**70)
    running = Execution(id="run", type="Trainer", state=State.RUNNING, started=NOW)
    done = lin.ingest_records([far, odd, ahead, running], source="s")
    assert [position for _, position, _ in done.set_aside] == ["execution far"]
    assert value(lin, "MATCH (e {source_id: 'odd'}) RETURN e.p_loss + e.p_size") == "NaNInfinity"
    assert value(lin, "MATCH (e {source_id: 'run'}) RETURN e.abandoned IS NULL")
    changed = dataclasses.replace(odd, properties={"loss": float("inf"), "size": float("inf")})
    lin.ingest_records([changed, odd], source="s")
    assert lin.report(["summary"]).sections


def test_one_id_for_two_things_is_refused(lin: Lineage) -> None:
    twins = [Execution(id="e", type="T", created=NOW + shift) for shift in (0, 1)]
    with pytest.raises(SourceConflictError, match="uses the id twice"):
        lin.ingest_records(twins, source="s")
    assert value(lin, "MATCH (l:Load) RETURN l.status") == "failed"
