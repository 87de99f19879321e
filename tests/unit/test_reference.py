"""The reference gives the worked answers; waste and order are worked here by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import reference
from support.reference import answer
from support.traces import (
    DAY,
    HORIZON,
    NOW,
    conformance_cases,
    conformance_records,
    random_trace,
    random_traces,
)

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

if TYPE_CHECKING:
    import random

CASES = conformance_cases()
SPAN, MODEL, DEPLOYED = ArtifactClass.SPAN, ArtifactClass.MODEL, ArtifactClass.DEPLOYMENT


def members(graphlet: reference.Graphlet) -> dict[str, Any]:
    """A graphlet in the form of the worked cases."""
    found: dict[str, Any] = {"spans": sorted(graphlet.spans), "pushed": graphlet.pushed}
    for role in ("ancestor", "descendant", "analysis"):
        found[f"{role}_executions"] = sorted(i for i, r in graphlet.executions.items() if r == role)
    for role in ("ancestor", "boundary", "descendant", "analysis"):
        found[f"{role}_artifacts"] = sorted(i for i, r in graphlet.artifacts.items() if r == role)
    return found


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_worked_case(case: dict[str, Any]) -> None:
    found = answer(conformance_records(case)).graphlets
    assert {trainer: members(graphlet) for trainer, graphlet in found.items()} == case["graphlets"]


def test_there_are_all_cases() -> None:
    assert len(CASES) == 29


def step(
    identity: str,
    operator: str,
    reads: str = "",
    writes: str = "",
    **more: Any,
) -> list[Record]:
    """An execution with the artifacts of its edges, given as words."""
    more = {"state": State.COMPLETE, "cost": 1.0, "node": operator, **more}
    records: list[Record] = [
        Execution(id=identity, type=operator, operator=OperatorClass(operator), **more)
    ]
    for kind, words in ((EventKind.INPUT, reads), (EventKind.OUTPUT, writes)):
        records += [Event(execution=identity, artifact=word, kind=kind) for word in words.split()]
    return records


def made(kind: ArtifactClass, words: str, **more: Any) -> list[Record]:
    return [Artifact(id=word, type=kind.value, artifact=kind, **more) for word in words.split()]


def in_pipeline(name: str, *executions: str) -> list[Record]:
    run = f"{name}/1"
    member = Membership(
        member_kind=NodeKind.RUN, member=run, container_kind=NodeKind.PIPELINE, container=name
    )
    nodes: list[Record] = [Pipeline(id=name, name=name), Run(id=run, name=run)]
    return [*nodes, member] + [
        Membership(
            member_kind=NodeKind.EXECUTION,
            member=execution,
            container_kind=NodeKind.RUN,
            container=run,
        )
        for execution in executions
    ]


def two_models(**second: Any) -> list[Record]:
    """One ingestion (4), two trainers (10 and 20) and, for the first model, a pusher (1)."""
    return [
        *made(SPAN, "s"),
        *made(MODEL, "m1 m2"),
        *made(DEPLOYED, "pm"),
        *step("gen", "ingestion", "", "s", cost=4.0),
        *step("t1", "training", "s", "m1", cost=10.0),
        *step("t2", "training", "s", "m2", **{"cost": 20.0, **second}),
        *step("push", "deployment", "m1", "pm"),
        *step("idle", "other", cost=3.0),
    ]


def test_waste_is_what_no_pushed_graphlet_holds() -> None:
    found = answer(two_models())
    one, two = found.graphlets["t1"], found.graphlets["t2"]
    assert (one.pushed, two.pushed) == (True, False)
    assert (one.cost, two.cost) == (15.0, 24.0)
    assert (one.attributed_cost, two.attributed_cost) == (13.0, 22.0)
    assert found.wasted_cost == 20.0  # the ingestion served a pushed model
    assert found.outside_cost == 3.0
    assert found.total_cost == 13.0 + 22.0 + 3.0


def test_waste_of_two_unpushed_models_counts_shared_work_once() -> None:
    records = [r for r in two_models() if not (isinstance(r, Event) and r.execution == "push")]
    records += in_pipeline("a", "t1") + in_pipeline("b", "t2")
    found = answer(records)
    assert found.wasted_cost == 34.0
    assert found.wasted_by_pipeline == {"a": 12.0, "b": 22.0}


def test_open_graphlets_are_left_out_of_waste_with_all_they_hold() -> None:
    records = two_models(state=State.RUNNING, started=NOW)
    records = [r for r in records if not (isinstance(r, Event) and r.execution == "push")]
    found = answer(records, now=NOW)
    assert found.graphlets["t2"].state == "open"
    assert found.graphlets["t1"].state == "complete"
    assert found.wasted_cost == 10.0  # not the ingestion: an open graphlet may yet use it


@pytest.mark.parametrize(
    ("age", "state"), [(HORIZON, "open"), (HORIZON + 1, "complete"), (8 * DAY, "complete")]
)
def test_running_for_longer_than_the_horizon_is_abandoned(age: int, state: str) -> None:
    records = two_models(state=State.RUNNING, started=NOW - age)
    found = answer(records, now=NOW)
    assert found.graphlets["t2"].state == state
    assert found.wasted_cost == (0.0 if state == "open" else 20.0)


def test_a_later_sign_of_life_keeps_a_run_open() -> None:
    records = two_models(state=State.RUNNING, started=NOW - 30 * DAY, updated=NOW - DAY)
    assert answer(records, now=NOW).graphlets["t2"].state == "open"


def test_a_run_without_times_is_not_abandoned() -> None:
    assert answer(two_models(state=State.RUNNING), now=NOW).graphlets["t2"].state == "open"


def test_an_event_is_a_sign_of_life() -> None:
    records = two_models(state=State.RUNNING, started=NOW - 30 * DAY)
    for record in records:
        if isinstance(record, Event) and record.execution == "t2":
            record.time = NOW - DAY
    assert answer(records, now=NOW).graphlets["t2"].state == "open"


def test_the_newest_time_is_that_of_the_source() -> None:
    records = two_models(state=State.RUNNING, started=NOW - 30 * DAY)
    assert answer(records).graphlets["t2"].state == "open"
    late = step("late", "other", started=NOW)
    assert answer([*records, *late]).graphlets["t2"].state == "complete"


@pytest.mark.parametrize(("state", "pushed"), [("UNKNOWN", True), ("CANCELED", False)])
def test_unknown_with_outputs_counts_as_complete(state: str, pushed: bool) -> None:
    records = two_models()
    for record in records:
        if isinstance(record, Execution) and record.id == "push":
            record.state = State(state)
    assert answer(records).graphlets["t1"].pushed is pushed


def test_a_deployment_without_outputs_pushed_nothing() -> None:
    records = [r for r in two_models() if not (isinstance(r, Event) and r.artifact == "pm")]
    assert answer(records).graphlets["t1"].pushed is False


def test_the_model_line_goes_on_through_models_made_of_it() -> None:
    records = [
        *made(MODEL, "m lite"),
        *made(ArtifactClass.OTHER, "p"),
        *made(DEPLOYED, "pm"),
        *step("t", "training", "", "m"),
        *step("convert", "transformation", "m", "lite"),
        *step("push", "deployment", "lite", "pm"),
    ]
    assert answer(records).graphlets["t"].pushed is True
    through = [r for r in records if not (isinstance(r, Event) and r.artifact == "lite")]
    through += [Event(execution="convert", artifact="p", kind=EventKind.OUTPUT)]
    through += [Event(execution="push", artifact="p", kind=EventKind.INPUT)]
    assert answer(through).graphlets["t"].pushed is False


def test_a_parent_costs_its_duration_less_what_its_children_cover() -> None:
    records = [
        *step("run", "other", cost=None, started=0, ended=10_000),
        *step("a", "other", cost=None, started=1_000, ended=4_000, parent="run"),
        *step("b", "other", cost=None, started=3_000, ended=6_000, parent="run"),
        *step("c", "other", cost=None, started=9_000, ended=12_000, parent="run"),
    ]
    trace = reference.build(records)
    assert reference.cost_of(trace, trace.executions["run"]) == 4.0
    assert answer(records).total_cost == 13.0


def test_cached_and_resolution_cost_nothing() -> None:
    records = [
        *step("c", "analysis", cost=5.0, state=State.CACHED),
        *step("r", "resolution", cost=5.0),
    ]
    assert answer(records).total_cost == 0.0


def day(
    identity: str, spans: str, started: int | None, node: str = "Trainer", **more: Any
) -> list[Record]:
    return step(identity, "training", spans, "", started=started, node=node, **more)


def test_order_by_start_then_key_unknown_last() -> None:
    records = [
        *made(SPAN, "s1 s2 s3"),
        *day("100", "s1", None),
        *day("20", "s2 s3", 5),
        *day("3", "s1 s2", 5),
        *day("7", "s1", 1),
        *in_pipeline("p", "100", "20", "3", "7"),
    ]
    assert set(answer(records).order) == {
        ("7", "3", 1 / 2),
        ("3", "20", 1 / 3),
        ("20", "100", 0.0),
    }


def test_order_keeps_pipelines_and_trainer_nodes_apart() -> None:
    records = [
        *day("a1", "", 1),
        *day("b1", "", 2),
        *day("a2", "", 3),
        *day("x", "", 4, node="Other"),
        *day("b2", "", 5),
        *day("y", "", 6, node="Other"),
        *day("homeless1", "", 7),
        *day("homeless2", "", 8),
        *in_pipeline("a", "a1", "a2", "x", "y"),
        *in_pipeline("b", "b1", "b2"),
    ]
    assert answer(records).order == [("a1", "a2", 1.0), ("b1", "b2", 1.0), ("x", "y", 1.0)]


def test_an_execution_in_several_pipelines_counts_for_the_smallest_name() -> None:
    records = [
        *day("t1", "", 1),
        *day("t2", "", 2),
        *day("t3", "", 3),
        *in_pipeline("z", "t1", "t2", "t3"),
        *in_pipeline("b", "t1", "t3"),
    ]
    found = answer(records)
    assert found.graphlets["t1"].pipeline == "b"
    assert found.order == [("t1", "t3", 1.0)]


def test_the_outermost_pipeline_wins_over_the_smallest_name() -> None:
    nested = Membership(
        member_kind=NodeKind.PIPELINE,
        member="a",
        container_kind=NodeKind.PIPELINE,
        container="z",
    )
    records = [*day("t", "", 1), *in_pipeline("a", "t"), Pipeline(id="z", name="z"), nested]
    assert answer(records).graphlets["t"].pipeline == "z"


def test_spans_are_compared_by_digest_where_known() -> None:
    records = [
        *made(SPAN, "s1", digest="d"),
        *made(SPAN, "s1-copy", digest="d"),
        *made(SPAN, "s2"),
        *made(SPAN, "s3"),
        *day("t1", "s1 s2", 1),
        *day("t2", "s1-copy s3", 2),
        *day("t3", "s1 s1-copy", 3),
        *in_pipeline("p", "t1", "t2", "t3"),
    ]
    assert answer(records).order == [("t1", "t2", 1 / 3), ("t2", "t3", 1 / 2)]


def test_open_and_failed_graphlets_take_their_place_in_the_order() -> None:
    records = [
        *day("t1", "", 1),
        *day("t2", "", NOW, state=State.RUNNING),
        *day("t3", "", NOW + 1, state=State.FAILED),
        *day("cached", "", 2, state=State.CACHED),
        *in_pipeline("p", "t1", "t2", "t3", "cached"),
    ]
    assert answer(records).order == [("t1", "t2", 1.0), ("t2", "t3", 1.0)]


def test_side_inputs_are_a_setting() -> None:
    records = [
        *made(MODEL, "m"),
        *step("t", "training", "", "m"),
        *step("e", "evaluation"),
        Event(execution="e", artifact="m", kind=EventKind.INPUT, role="hint"),
    ]
    assert "e" in answer(records).graphlets["t"].executions
    roles = frozenset({"hint"})
    assert "e" not in answer(records, reference_roles=roles).graphlets["t"].executions
    kinds = reference.build(records, roles).relationships
    assert kinds == {("t", "m", "OUTPUT"), ("e", "m", "REFERENCE")}


def test_cached_and_resolution_republish() -> None:
    records = [
        *made(MODEL, "m"),
        *step("c", "training", "", "m", state=State.CACHED),
        *step("r", "resolution", "m", "m"),
        Event(execution="c", artifact="m", kind=EventKind.PENDING_OUTPUT),
    ]
    assert reference.build(records).relationships == {
        ("c", "m", "REPUBLISHED"),
        ("c", "m", "PENDING_OUTPUT"),
        ("r", "m", "INPUT"),
        ("r", "m", "REPUBLISHED"),
    }


@settings(deadline=None)
@given(rng=st.randoms(use_true_random=False), number=st.integers(0, 1))
def test_invariants(rng: random.Random, number: int) -> None:
    records = random_trace(rng, number)
    found = answer(records, now=NOW)
    attributed = sum(graphlet.attributed_cost for graphlet in found.graphlets.values())
    assert attributed + found.outside_cost == pytest.approx(found.total_cost)
    assert sum(found.wasted_by_pipeline.values()) == pytest.approx(found.wasted_cost)
    classes = {r.id: r.artifact for r in records if isinstance(r, Artifact)}
    handed_on = {r.id for r in records if isinstance(r, Execution) and reference.hands_on(r)}
    for graphlet in found.graphlets.values():
        assert [i for i, r in graphlet.executions.items() if r == "trainer"] == [graphlet.trainer]
        assert not handed_on & set(graphlet.executions)
        for span in graphlet.spans:
            assert (classes[span], graphlet.artifacts[span]) == (SPAN, "ancestor")


def test_random_traces_show_every_oddity() -> None:
    roles, states, kinds, pushed, jaccards = set(), set(), set(), set(), set()
    for records in random_traces(400):
        found = answer(records, now=NOW)
        kinds |= {kind for _, _, kind in reference.build(records).relationships}
        jaccards |= {overlap for _, _, overlap in found.order}
        for graphlet in found.graphlets.values():
            roles |= set(graphlet.executions.values()) | set(graphlet.artifacts.values())
            states.add(graphlet.state)
            pushed.add(graphlet.pushed)
    assert roles == set(reference.ROLES)
    assert states == {"open", "complete"}
    assert pushed == {True, False}
    assert {"REFERENCE", "REPUBLISHED", "INTERNAL_INPUT", "PENDING_OUTPUT"} <= kinds
    assert {0.0, 1.0, 0.5} <= jaccards
