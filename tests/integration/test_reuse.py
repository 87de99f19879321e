"""What was computed again, told: report, show, export, advice, plans, what is worth keeping."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from support.redundancy import case_records, cases

from lineage.errors import NotFoundError, ReuseError, SettingsError
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
    from lineage import Lineage

SOURCE = "shop"
HOUR = 3_600_000


def key(kind: str, name: str) -> str:
    return f"{SOURCE}#{kind}/{name}"


def execution(name: str, kind: str, at: int, cost: float, **more: Any) -> Execution:
    fields: dict[str, Any] = {
        "operator": OperatorClass.TRANSFORMATION, "state": State.COMPLETE, "code_version": "v1",
        "cost_unit": "s", "properties": {"k": 1},
    } | more  # fmt: skip
    return Execution(
        id=name, type=f"acme.{kind}", node=kind.lower(), started=at * HOUR,
        ended=at * HOUR + 1000, cost=cost, **fields,
    )  # fmt: skip


def reads(name: str, artifact: str, role: str = "data", index: int | None = 0) -> Event:
    return Event(execution=name, artifact=artifact, kind=EventKind.INPUT, role=role, index=index)


def writes(name: str, artifact: str, role: str = "out") -> Event:
    return Event(execution=name, artifact=artifact, kind=EventKind.OUTPUT, role=role, index=0)


def shop() -> list[Record]:
    """Two pipelines over one table: both clean it and make features; each then trains."""
    nodes: list[Record] = [Pipeline(id="p", name="p"), Pipeline(id="q", name="q")]
    nodes += [Run(id=f"run {one}", name=f"run {one}") for one in "pq"]
    nodes.append(
        Artifact(id="table", type="Table", artifact=ArtifactClass.SPAN, digest="t1", size=10**9)
    )
    edges: list[Record] = []
    for place, one in enumerate("pq"):
        at = 1 + 10 * place
        nodes += [
            Artifact(id=f"clean {one}", type="Table", artifact=ArtifactClass.TRANSFORM, size=10**8),
            Artifact(id=f"features {one}", type="Features", artifact=ArtifactClass.TRANSFORM),
            Artifact(id=f"model {one}", type="Model", artifact=ArtifactClass.MODEL),
            execution(f"cleaning {one}", "Clean", at, 100.0 + place, properties={"run_id": one}),
            execution(f"featuring {one}", "Featurise", at + 1, 50.0),
            execution(
                f"training {one}", "Train", at + 2, 1000.0, operator=OperatorClass.TRAINING,
                properties={"rate": 0.1},
            ),
        ]  # fmt: skip
        edges += [
            reads(f"cleaning {one}", "table"),
            writes(f"cleaning {one}", f"clean {one}"),
            reads(f"featuring {one}", f"clean {one}"),
            writes(f"featuring {one}", f"features {one}"),
            reads(f"training {one}", f"features {one}"),
            writes(f"training {one}", f"model {one}"),
        ]
        edges += [
            Membership(
                member_kind=NodeKind.EXECUTION, member=f"{what} {one}",
                container_kind=NodeKind.RUN, container=f"run {one}",
            )
            for what in ("cleaning", "featuring", "training")
        ]  # fmt: skip
        edges.append(
            Membership(
                member_kind=NodeKind.RUN, member=f"run {one}",
                container_kind=NodeKind.PIPELINE, container=one,
            )
        )  # fmt: skip
    return nodes + edges


@pytest.fixture
def store(lin: Lineage) -> Lineage:
    lin.ingest_records(shop(), source=SOURCE)
    lin.segment()
    return lin


def test_the_report_tells_by_whom_and_at_what_cost(store: Lineage) -> None:
    found = store.redundancy()
    (total,) = found.totals
    assert (total.certainty, total.repeats, total.saved) == ("proven", 2, 151.0)
    assert total.share == pytest.approx(151 / 2301)
    assert [(one.type, one.repeats, one.within) for one in found.operators] == [
        ("acme.Clean", 1, 0),
        ("acme.Featurise", 1, 0),
    ]
    (pair,) = found.pipelines
    assert (pair.pipeline, pair.original_pipeline, pair.saved) == ("q", "p", 151.0)
    assert pair.types == ("acme.Clean", "acme.Featurise")
    worst = found.worst[0]
    assert (worst.original, worst.witness) == (
        key("execution", "cleaning p"),
        key("execution", "cleaning q"),
    )
    assert worst.output == "unknown"
    assert found.unstable == ()
    text = store.report(["redundancy"]).render("text", width=80)
    assert "2 executions did again what another had done before: 2.5 min, 6.6 %" in text
    assert max(map(len, text.splitlines())) <= 80


def test_filters_choose_what_repeats(store: Lineage) -> None:
    assert store.redundancy(pipeline="p").totals == ()
    assert store.redundancy(pipeline="q").totals[0].repeats == 2
    assert store.redundancy(since="1970-01-01T12:00:00").operators[0].type == "acme.Featurise"


def test_show_says_why(store: Lineage) -> None:
    shown = store.show("featuring q", kind="execution")
    branch = shown.branch("repeats featurise featuring p")
    said = [item.name for item in branch.items]
    assert "the same code version: v1" in said
    assert any("were written by equivalents" in str(one) for one in said)
    first = store.show("featuring p", kind="execution")
    assert first.branch("repeated by").items[0].key == key("execution", "featuring q")


def test_near_misses_say_what_differs(lin: Lineage) -> None:
    other = [
        replace(one, code_version="v2", properties={"k": 2}) if one_is_q(one) else one
        for one in shop()
    ]
    lin.ingest_records(other, source=SOURCE)
    lin.segment()
    assert lin.redundancy().totals[0].repeats == 1
    near = lin.show("cleaning q", kind="execution")
    assert near.branch("nearly the same").total == 0
    compared = lin.compare("featuring p", "featuring q")
    assert not compared.equivalent
    assert "code version: v1, v2" in compared.differs
    assert "parameter k: 1, 2" in compared.differs


def one_is_q(one: Record) -> bool:
    return isinstance(one, Execution) and one.id == "featuring q"


def test_export(store: Lineage) -> None:
    rows = list(store.export_redundancy())
    assert rows[0] == {
        "original": {"source": SOURCE, "source_id": "cleaning p"},
        "repeats": [{"source": SOURCE, "source_id": "cleaning q"}],
        "concurrent": [],
        "type": "acme.Clean",
        "assumed": False,
        "cost_saved": 101.0,
        "cost_unit": "s",
        "simulated": False,
    }
    assert list(store.export_redundancy("another")) == []


def test_advice(store: Lineage) -> None:
    advice = store.advise("acme.Clean", "v1", {"run_id": "z"}, {"data": "digest:t1"})
    assert advice.known
    assert advice.execution == key("execution", "cleaning p")
    assert (advice.cost, advice.cost_unit) == (100.0, "s")
    assert [one.key for one in advice.outputs] == [key("artifact", "clean p")]
    # By derivation: the features of either clean table are known.
    for one in "pq":
        found = store.advise(
            "acme.Featurise", "v1", {"k": 1}, {"data": key("artifact", f"clean {one}")}
        )
        assert found.execution == key("execution", "featuring p")
    native = store.advise("acme.Featurise", "v1", {"k": 1}, {"data": "clean q"}, source=SOURCE)
    assert native.known


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"code_version": "v2"}, "compared did this"),
        ({"parameters": {"k": 2}}, "compared did this"),
        ({"inputs": {"other": "clean p"}}, "compared did this"),
        ({"inputs": {"data": "no such"}}, "holds no artifact"),
        ({"inputs": {}}, "reads nothing"),
        ({"code_version": None}, "only within a pipeline"),
        ({"operator": "my.Pusher"}, "never compared"),
        ({"operator": "my.Trainer"}, "code version and seed"),
    ],
)
def test_advice_says_why_not(store: Lineage, asked: dict[str, Any], why: str) -> None:
    given: dict[str, Any] = {
        "operator": "acme.Featurise", "code_version": "v1", "parameters": {"k": 1},
        "inputs": {"data": "clean p"},
    } | asked  # fmt: skip
    advice = store.advise(given.pop("operator"), source=SOURCE, **given)
    assert not advice.known
    assert why in advice.why


@pytest.mark.parametrize("thorough", [False, True])
def test_advice_tells_types_that_no_execution_has(store: Lineage, *, thorough: bool) -> None:
    for operator in ("Featurise", "my.Pusher"):
        advice = store.advise(
            operator, "v1", {"k": 1}, {"data": "clean p"}, source=SOURCE, thorough=thorough
        )
        assert f"no execution has the type '{operator}'; types are like acme." in advice.why
    known = store.advise("acme.Featurise", "v2", {}, {"data": "clean p"}, source=SOURCE)
    assert "no execution" not in known.why


def test_advice_refuses_what_is_no_artifact(store: Lineage) -> None:
    with pytest.raises(SettingsError, match="no key of an artifact"):
        store.advise("acme.Clean", "v1", {}, {"data": "table"})


def test_what_was_deleted_is_not_known(lin: Lineage) -> None:
    gone = [
        replace(one, state="DELETED") if isinstance(one, Artifact) and "clean" in one.id else one
        for one in shop()
    ]
    lin.ingest_records(gone, source=SOURCE)
    lin.segment()
    advice = lin.advise("acme.Clean", "v1", {}, {"data": "digest:t1"})
    assert not advice.known
    assert "was deleted" in advice.why
    worst = {one.type: one.output for one in lin.redundancy().worst}
    assert worst["acme.Clean"] == "deleted"


def test_a_plan_loads_what_an_equal_wrote(store: Lineage) -> None:
    plan = store.plan("features q")
    (step,) = plan.steps
    assert (step.do, step.instead) == ("load", key("artifact", "features p"))
    lost = store.plan("features q", lost=[key("artifact", "features p")])
    assert [(one.do, one.name) for one in lost.steps] == [
        ("load", "Table clean q"),
        ("compute", "featurise featuring q"),
    ]
    nothing = store.plan("features q", kept=[])
    assert nothing.cost == nothing.everything == 151.0
    assert nothing.skipped == 0


def test_a_plan_for_what_nobody_made(store: Lineage) -> None:
    with pytest.raises(NotFoundError, match="no execution"):
        store.plan("table")


def test_a_plan_over_a_cycle(lin: Lineage) -> None:
    (case,) = (one for one in cases() if one["name"] == "cycle")
    lin.ingest_records(case_records(case), source=SOURCE)
    lin.segment()
    assert lin.plan("x1", kept=[]).everything == 2.0


def test_what_is_worth_keeping(store: Lineage) -> None:
    found = store.materialization()
    by_key = {one.key: one for one in found.candidates}
    cleaned, featured = (
        by_key.get(key("execution", f"{what} p")) for what in ("cleaning", "featuring")
    )
    assert cleaned is None, "what only a repeat reads again is not asked for by itself"
    assert featured is not None
    assert (featured.uses, featured.rebuilds, featured.readers) == (1, 1, 2)
    assert featured.recreation == 150.0
    assert featured.estimated
    (everything,) = store.materialization(budget="1TB").selections
    assert everything.kept == 1
    assert everything.saving == pytest.approx(150 - featured.load)
    assert everything.of_bound == pytest.approx(1.0)


def test_budgets(store: Lineage) -> None:
    assert store.materialization(budget=0).selections[0].kept == 0
    assert store.materialization(budget="1TB").selections[0].kept == 1
    assert [one.kept for one in store.materialization(budget="1TB").candidates] == [True]
    with pytest.raises(ReuseError):
        store.materialization(budget=-1)
    with pytest.raises(SettingsError):
        store.materialization(budget="much")
    text = store.report(["materialization"], budget="1TB").render("text", width=80)
    assert "the best there is" in text


def test_nothing_to_keep(lin: Lineage) -> None:
    assert lin.materialization(budget=10).selections == ()
    assert "nothing was asked for twice" in lin.report(["materialization"]).render()


def test_sliding_windows(lin: Lineage) -> None:
    records: list[Record] = [Pipeline(id="p", name="p")]
    edges: list[Record] = []
    records += [
        Artifact(id=f"s{day}", type="Span", artifact=ArtifactClass.SPAN, digest=f"{day}")
        for day in range(6)
    ]
    for day in range(3):
        records.append(execution(f"t{day}", "Transform", 10 + day, 40.0))
        edges += [reads(f"t{day}", f"s{day + i}", index=i) for i in range(4)]
    lin.ingest_records(records + edges, source=SOURCE)
    lin.segment()
    (window,) = lin.redundancy().windows
    assert (window.executions, window.overlapping, window.spans) == (2, 2, 4.0)
    assert window.overlap == pytest.approx(0.75)
    assert window.saved == pytest.approx(2 * 40 * 0.75)
    assert "spans are kept and merged" in lin.report(["redundancy"]).render()


def test_forgetting_a_source_leaves_no_equal_of_it(lin: Lineage) -> None:
    lin.ingest_records(shop(), source="one")
    lin.ingest_records(shop(), source="two")
    lin.segment()
    assert lin.redundancy().totals[0].repeats + lin.redundancy().totals[0].concurrent == 6
    lin.forget("one")
    assert lin.redundancy().totals[0].repeats == 2
    lin.ingest_records(shop(), source="one")
    lin.segment()
    assert lin.redundancy().totals[0].repeats + lin.redundancy().totals[0].concurrent == 6


def test_an_unstable_operator_is_reported(lin: Lineage) -> None:
    (case,) = (one for one in cases() if one["name"] == "digest-outweighs")
    lin.ingest_records(case_records(case), source=SOURCE)
    lin.segment()
    found = lin.redundancy()
    assert found.totals == ()
    (unstable,) = found.unstable
    assert (unstable.executions, unstable.computations) == (2, 1)
    compared = lin.compare("a1", "a2")
    assert any("other content" in one for one in compared.differs)


def test_digests_that_clash_are_told(lin: Lineage) -> None:
    records = shop()
    again = replace(next(one for one in records if one.id == "table"), id="copy", size=5)  # type: ignore[union-attr]
    moved = [
        replace(one, artifact="copy")
        if isinstance(one, Event) and (one.execution, one.artifact) == ("cleaning q", "table")
        else one
        for one in records
    ]
    lin.ingest_records([again, *moved], source=SOURCE)
    lin.segment()
    assert lin.redundancy().totals[0].repeats == 2
    (clash,) = lin.redundancy().clashes
    assert (clash.digest, clash.sizes, clash.repeats) == ("t1", (5, 10**9), 1)


def test_a_class_of_very_many(lin: Lineage) -> None:
    count = 20_000
    records: list[Record] = [Artifact(id="s", type="D", artifact=ArtifactClass.SPAN, digest="d")]
    records += [execution(f"e{number}", "Clean", number, 1.0) for number in range(count)]
    records += [reads(f"e{number}", "s") for number in range(count)]
    lin.ingest_records(records, source=SOURCE)
    lin.segment()
    assert lin.redundancy().totals[0].repeats == count - 1
    more = [execution("late", "Clean", count, 1.0), reads("late", "s")]
    lin.ingest_records(more, source=SOURCE)
    lin.segment()
    assert lin.redundancy().totals[0].repeats == count
    advice = lin.advise("acme.Clean", "v1", {"k": 1}, {"data": "digest:d"})
    assert advice.name == "clean e0"


def test_json_of_the_export_can_be_read(store: Lineage) -> None:
    assert [json.loads(json.dumps(row))["type"] for row in store.export_redundancy()]


def test_a_plan_follows_provenance_whatever_the_times(lin: Lineage) -> None:
    records: list[Record] = [
        Artifact(id="t", type="T", artifact=ArtifactClass.SPAN, version="1"),
        Artifact(id="m", type="T", artifact=ArtifactClass.OTHER, state="DELETED"),
        Artifact(id="z", type="T", artifact=ArtifactClass.OTHER),
        replace(execution("b", "Make", 5, 100.0), started=None, ended=None),
        replace(execution("a", "Use", 3, 7.0), started=None, ended=None),
        reads("b", "t"),
        writes("b", "m"),
        reads("a", "m"),
        writes("a", "z"),
    ]
    lin.ingest_records(records, source=SOURCE)
    lin.segment()
    plan = lin.plan("z")
    assert [one.key for one in plan.steps] == [key("execution", "b"), key("execution", "a")]
    assert plan.cost == 107.0
    with pytest.raises(NotFoundError, match="cannot be had again"):
        lin.plan("z", lost=["t"])
    with pytest.raises(NotFoundError):
        lin.plan("z", lost=["typo"])


def test_a_failed_writer_is_no_way_to_have_it_again(lin: Lineage) -> None:
    records = [
        Artifact(id="t", type="T", artifact=ArtifactClass.SPAN, version="1"),
        Artifact(id="z", type="T", artifact=ArtifactClass.OTHER),
        execution("b", "Make", 1, 100.0),
        execution("c", "Make", 5, 2.0, state=State.FAILED),
        reads("b", "t"),
        reads("c", "t"),
        writes("b", "z"),
        writes("c", "z"),
    ]
    lin.ingest_records(records, source=SOURCE)
    lin.segment()
    assert [one.key for one in lin.plan("z").steps] == [key("execution", "b")]


def test_advice_finds_what_swapped_inputs_hide(lin: Lineage) -> None:
    records: list[Record] = [
        Artifact(id=one, type="T", artifact=ArtifactClass.SPAN, digest=one) for one in "xy"
    ]
    for number in range(7):
        old, new = ("y", "x") if number == 6 else ("x", "y")
        records += [
            execution(f"d{number}", "Diff", number, 1.0),
            reads(f"d{number}", old, role="old"),
            reads(f"d{number}", new, role="new"),
            Artifact(id=f"o{number}", type="T", artifact=ArtifactClass.OTHER),
            writes(f"d{number}", f"o{number}"),
        ]
    records.sort(key=lambda one: isinstance(one, Event))
    lin.ingest_records(records, source=SOURCE)
    lin.segment()
    asked = {"old": "digest:y", "new": "digest:x"}
    assert lin.advise("acme.Diff", "v1", {"k": 1}, asked).execution == key("execution", "d6")


def test_advice_names_an_equal_that_is_there(lin: Lineage) -> None:
    states = {"clean p": "DELETED", "clean q": "LIVE"}
    records = [
        replace(one, state=states.get(one.id)) if isinstance(one, Artifact) else one
        for one in shop()
    ]
    lin.ingest_records(records, source=SOURCE)
    lin.segment()
    advice = lin.advise("acme.Clean", "v1", {}, {"data": "digest:t1"})
    assert advice.known
    assert [one.key for one in advice.outputs] == [key("artifact", "clean q")]


def test_advice_that_rests_on_an_assumption_says_so(lin: Lineage) -> None:
    unknown = [
        replace(one, code_version=None) if isinstance(one, Execution) and "clean" in one.id else one
        for one in shop()
    ]
    one_pipeline = [
        replace(one, container="p")
        if isinstance(one, Membership) and one.member_kind is NodeKind.RUN
        else one
        for one in unknown
    ]
    lin.ingest_records(one_pipeline, source=SOURCE)
    lin.segment()
    asked = {"data": key("artifact", "clean q")}
    assert lin.advise("acme.Featurise", "v1", {"k": 1}, asked).assumed
    itself = {"data": key("artifact", "clean p")}
    assert not lin.advise("acme.Featurise", "v1", {"k": 1}, itself).assumed


def test_costs_in_two_units_stay_apart(lin: Lineage) -> None:
    records = [
        replace(one, cost_unit="USD") if isinstance(one, Execution) and "feat" in one.id else one
        for one in shop()
    ]
    lin.ingest_records(records, source=SOURCE)
    lin.segment()
    found = lin.redundancy()
    assert {(one.cost_unit, one.saved) for one in found.worst} == {("s", 101.0), ("USD", 50.0)}
    kept = lin.materialization(budget="1TB")
    assert {one.cost_unit for one in kept.selections} == {one.cost_unit for one in kept.candidates}


@pytest.mark.parametrize("becomes", ["cached", "a resolution"])
def test_what_turns_out_to_have_run_nothing_is_no_ground(lin: Lineage, becomes: str) -> None:
    records: list[Record] = [
        Artifact(id="s", type="T", artifact=ArtifactClass.SPAN, digest="d"),
        Artifact(id="o", type="T", artifact=ArtifactClass.OTHER, updated=1),
        replace(execution("a", "Make", 1, 1.0), updated=1),
        execution("c0", "Use", 3, 1.0),
        execution("c1", "Use", 5, 1.0),
        reads("a", "s"),
        writes("a", "o"),
        reads("c0", "o"),
        reads("c1", "o"),
    ]
    lin.ingest_records(records, source=SOURCE)
    lin.segment()
    assert lin.redundancy().totals[0].repeats == 1
    changed = replace(records[2], updated=2)
    if becomes == "cached":
        changed = replace(changed, state=State.CACHED)  # type: ignore[call-arg]
    else:
        changed = replace(changed, operator=OperatorClass.RESOLUTION)  # type: ignore[call-arg]
    lin.ingest_records([changed], source=SOURCE)
    lin.segment()
    assert lin.redundancy().totals == ()


def test_parameters_compare_as_recipes_have_them(lin: Lineage) -> None:
    records = [
        replace(one, properties={"k": 1.0}) if one_is_q(one) else one  # type: ignore[call-arg]
        for one in shop()
    ]
    lin.ingest_records(records, source=SOURCE)
    lin.segment()
    compared = lin.compare("featuring p", "featuring q")
    assert compared.differs == ("parameter k: 1, 1.0",)


def test_no_rule_hides_seeds() -> None:
    from lineage.recipes import Recipes

    rules = Recipes.of([{"pattern": "*", "volatile": "*"}])

    def number(seed: int) -> object:
        return rules.recipe(
            "Train", None, operator=OperatorClass.TRAINING, state=State.COMPLETE,
            code_version="v1", properties={"seed": seed, "k": seed},
        )  # fmt: skip

    assert number(1) != number(2)
