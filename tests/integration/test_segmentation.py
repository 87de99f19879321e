"""Segmentation in Neo4j gives the worked answers, and those of the reference on random traces."""

from __future__ import annotations

import io
import os
import random
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import pytest
from support import reference
from support.arrivals import in_one_load, slices
from support.traces import NOW, conformance_cases, conformance_records, random_traces

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
    State,
)
from lineage_ingest.trace import dump

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lineage import Lineage

TRACES = int(os.environ.get("LINEAGE_PROPERTY_TRACES", "1000"))
SEED = int(os.environ.get("LINEAGE_PROPERTY_SEED", "0"))

ORDER = """
MATCH (earlier:Execution)<-[:ANCHOR]-(one:Graphlet)-[next:NEXT]->(other:Graphlet)
MATCH (other)-[:ANCHOR]->(later:Execution)
RETURN earlier.source_id AS earlier, later.source_id AS later, next.jaccard AS jaccard
"""

PUSHES = "MATCH (g:Graphlet) RETURN g.key AS key, g.pushed_at.epochMillis AS at"

EXECUTIONS = """
MATCH (e:Execution)
RETURN e.source_id AS id, e.cost AS cost, e.pipeline AS pipeline, e.abandoned AS abandoned
"""
RELATIONSHIPS = """
MATCH (e:Execution)-[r]-(a:Artifact)
RETURN e.source_id AS execution, a.source_id AS artifact, type(r) AS type
"""

Trace = list[Record]
Story = dict[str, Any]


def expected(trace: Trace) -> Story:
    """What the reference says, by trainer."""
    found = reference.answer(trace, now=NOW)
    return {
        trainer: {
            "executions": graphlet.executions,
            "artifacts": graphlet.artifacts,
            "spans": sorted(graphlet.spans),
            "pushed": graphlet.pushed,
            "pushed_at": graphlet.pushed_at,
            "state": graphlet.state,
            "pipeline": graphlet.pipeline,
            "cost": round(graphlet.cost, 6),
            "attributed_cost": round(graphlet.attributed_cost, 6),
            "next": {
                later: round(overlap, 6)
                for earlier, later, overlap in found.order
                if earlier == trainer
            },
        }
        for trainer, graphlet in found.graphlets.items()
    }


def exported(lin: Lineage, source: str) -> Story:
    """What the graph says, in the same form."""
    following: dict[str, dict[str, float]] = defaultdict(dict)
    for row in lin.graph.run_text(ORDER):
        following[row["earlier"]][row["later"]] = round(row["jaccard"], 6)
    pushes = {row["key"]: row["at"] for row in lin.graph.run_text(PUSHES)}
    return {
        line["trainer"]: {
            "executions": {one["source_id"]: one["role"] for one in line["executions"]},
            "artifacts": {one["source_id"]: one["role"] for one in line["artifacts"]},
            "spans": sorted(one["source_id"] for one in line["spans"]),
            "pushed": line["pushed"],
            "pushed_at": pushes[line["key"]],
            "state": line["state"],
            "pipeline": line["pipeline"],
            "cost": round(line["cost"], 6),
            "attributed_cost": round(line["attributed_cost"], 6),
            "next": following[line["trainer"]],
        }
        for line in lin.export_graphlets()
        if line["source"] == source
    }


def differences(traces: list[Trace], found: Story) -> list[tuple[Trace, str]]:
    """The traces on which the graph and the reference disagree, the smallest first."""
    wrong = []
    for trace in traces:
        answers = expected(trace)
        trainers = {one.id for one in trace if isinstance(one, Execution)}
        there = {trainer: found[trainer] for trainer in sorted(trainers) if trainer in found}
        lines = list(_difference(answers, there))
        if lines:
            wrong.append((trace, "\n".join(lines)))
    return sorted(wrong, key=lambda pair: len(pair[0]))


def _difference(answers: Story, there: Story) -> Iterable[str]:
    for trainer in sorted(answers.keys() | there.keys()):
        one, other = answers.get(trainer), there.get(trainer)
        if one is None or other is None:
            yield f"{trainer}: graphlet {'unexpected' if one is None else 'missing'}"
            continue
        for name, value in one.items():
            if value != other[name]:
                yield f"{trainer} {name}: reference {value}, graph {other[name]}"


def check(traces: list[Trace], found: Story) -> None:
    """Fail with the smallest trace that differs, as a file that can be loaded."""
    wrong = differences(traces, found)
    if wrong:
        trace, lines = wrong[0]
        text = io.BytesIO()
        dump(trace, text)
        pytest.fail(
            f"{len(wrong)} of {len(traces)} traces differ; the smallest:\n{lines}\n"
            f"{text.getvalue().decode()}"
        )


def test_worked_cases(lin: Lineage) -> None:
    cases = conformance_cases()
    for case in cases:
        lin.ingest_records(conformance_records(case), source=case["name"])
    lin.segment()
    for case in cases:
        found = exported(lin, case["name"])
        answers = {
            trainer: {
                "executions": _roles(answer, "executions") | {trainer: "trainer"},
                "artifacts": _roles(answer, "artifacts"),
                "spans": answer["spans"],
                "pushed": answer["pushed"],
            }
            for trainer, answer in case["graphlets"].items()
        }
        there = {
            trainer: {name: story[name] for name in ("executions", "artifacts", "spans", "pushed")}
            for trainer, story in found.items()
        }
        assert there == answers, case["name"]


def _roles(answer: Story, kind: str) -> dict[str, str]:
    return {
        member: role
        for role in ("analysis", "descendant", "ancestor", "boundary")
        for member in answer.get(f"{role}_{kind}", [])
    }


def test_random_traces_as_loaded(lin: Lineage) -> None:
    traces = list(random_traces(TRACES // 3, SEED + 2))
    for part in slices(in_one_load(traces), random.Random(SEED), 2):
        lin.ingest_records(part, source="random")
    executions = {row["id"]: row for row in lin.graph.run_text(EXECUTIONS)}
    edges: dict[str, set[tuple[str, str, str]]] = defaultdict(set)
    for row in lin.graph.run_text(RELATIONSHIPS):
        edges[row["execution"]].add((row["execution"], row["artifact"], row["type"]))
    for records in traces:
        trace = reference.build(records)
        assert set().union(*(edges[one] for one in trace.executions)) == trace.relationships
        for one, execution in trace.executions.items():
            found = executions[one]
            state = reference.state_of(trace, execution, NOW, reference.HORIZON)
            turned = state == State.ABANDONED and execution.state == State.RUNNING
            assert bool(found["abandoned"]) is turned, execution
            assert found["pipeline"] == reference.pipeline_of(trace, one), execution
            cost = reference.cost_of(trace, execution)
            assert (found["cost"] or 0.0) == pytest.approx(cost), execution


def test_random_traces(lin: Lineage) -> None:
    traces = list(random_traces(TRACES, SEED))
    lin.ingest_records(in_one_load(traces), source="random")
    lin.segment()
    check(traces, exported(lin, "random"))


def test_random_arrivals_in_slices(lin: Lineage) -> None:
    traces = list(random_traces(TRACES // 3, SEED + 1))
    for late in slices(in_one_load(traces), random.Random(SEED), 3):
        lin.ingest_records(late, source="random")
        lin.segment()
    check(traces, exported(lin, "random"))


def test_waste_and_reconciliation(lin: Lineage) -> None:
    traces = list(random_traces(TRACES // 3, SEED + 3))
    lin.ingest_records(in_one_load(traces), source="random")
    lin.segment()
    (found,) = lin.query(
        "analyses/summary_costs", source="random", pipeline=None, since=None, until=None
    )
    answers = [reference.answer(trace, now=NOW) for trace in traces]
    assert found["difference"] == pytest.approx(0, abs=1e-6)
    assert found["total"] == pytest.approx(sum(one.total_cost for one in answers))
    assert found["outside"] == pytest.approx(sum(one.outside_cost for one in answers))
    assert found["wasted"] == pytest.approx(sum(one.wasted_cost for one in answers))


def test_many_paths_are_one_walk(lin: Lineage) -> None:
    """Diamonds in a row: 2 ** 24 paths to one span, whatever the statistics when first planned."""
    depth = 24
    records: list[Record] = [Artifact(id="a0", type="Examples", artifact=ArtifactClass.SPAN)]
    edges: list[Record] = []
    for level in range(depth):
        records.append(Artifact(id=f"a{level + 1}", type="T", artifact=ArtifactClass.TRANSFORM))
        for side in "lr":
            step = f"{side}{level}"
            records.append(Execution(id=step, type="T", operator=OperatorClass.TRANSFORMATION))
            edges.append(Event(execution=step, artifact=f"a{level}", kind=EventKind.INPUT))
            edges.append(Event(execution=step, artifact=f"a{level + 1}", kind=EventKind.OUTPUT))
    for number in range(300):
        records.append(Execution(id=f"t{number}", type="T", operator=OperatorClass.TRAINING))
        edges.append(Event(execution=f"t{number}", artifact=f"a{depth}", kind=EventKind.INPUT))
    lin.graph.run_text("CALL db.clearQueryCaches()")
    lin.ingest_records([*records, *edges], source="ladder")
    assert lin.segment().graphlets == 300
    sizes = lin.graph.run_text(
        "MATCH (g:Graphlet) RETURN DISTINCT g.executions AS executions, g.artifacts AS artifacts"
    )
    assert sizes == [{"executions": 2 * depth + 1, "artifacts": depth + 1}]


def test_one_pipeline_at_a_time_relinks_the_others(lin: Lineage) -> None:
    def trainer(number: int, operator: OperatorClass, updated: int = 1) -> Execution:
        return Execution(
            id=str(number), type="T", node="Trainer", operator=operator,
            started=number * 1000, updated=updated,
        )  # fmt: skip

    records: list[Record] = [Pipeline(id=name, name=name) for name in "AB"]
    records += [trainer(number, OperatorClass.TRAINING) for number in (1, 2, 3)]
    records += [
        Membership(
            member_kind=NodeKind.EXECUTION,
            member=str(number),
            container_kind=NodeKind.PIPELINE,
            container="B",
        )
        for number in (1, 2, 3)
    ]
    lin.ingest_records(records, source="s")
    lin.segment()
    lin.ingest_records([trainer(2, OperatorClass.OTHER, updated=2)], source="s")
    lin.segment("A")
    links = lin.graph.run_text("MATCH (a)-[:NEXT]->(b) RETURN a.source_id AS a, b.source_id AS b")
    assert links == [{"a": "1", "b": "3"}]
