"""The questions of `cypher/explore/`, asked of the demo graph and of small graphs made for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from support.demo import demo

from lineage import queries
from lineage.records import (
    Artifact,
    ArtifactClass,
    Event,
    EventKind,
    Execution,
    OperatorClass,
    Pipeline,
    State,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lineage import Lineage
    from lineage.records import Record

NAMES = [name for name in queries.names() if name.startswith("explore/")]
# What the demo has nothing of: all its types are known, and every record was taken.
EMPTY_IN_DEMO = {"explore/not_loaded", "explore/unknown_types"}
DAY = 86_400_000
NOW = 1_750_000_000_000


@pytest.fixture(scope="module")
def story(connected: Lineage) -> Lineage:
    return demo(connected)


@pytest.mark.parametrize("name", NAMES)
def test_answers_the_demo_alike_each_time(name: str, story: Lineage) -> None:
    rows = story.query(name)
    assert bool(rows) is (name not in EMPTY_IN_DEMO)
    if rows:
        assert list(rows[0]) == [field.name for field in queries.load(name).columns]
    assert story.query(name) == rows


def test_there_are_at_least_twelve_and_some_draw() -> None:
    drawing = [n for n in NAMES if any(c.type == "PATH" for c in queries.load(n).columns)]
    assert len(NAMES) >= 12
    assert len(drawing) >= 5
    for name in drawing:
        assert "LIMIT" in queries.load(name).text, f"{name} may draw a graph of any size"


def test_contents_count_everything(story: Lineage) -> None:
    rows = story.query("explore/contents")
    nodes = sum(row["count"] for row in rows if row["what"] == "node")
    edges = sum(row["count"] for row in rows if row["what"] == "relationship")
    # The version of the schema is kept beside the graph, not in it.
    assert story.graph.run_text("MATCH (n) WHERE NOT n:Lineage RETURN count(n) AS count") == [
        {"count": nodes}
    ]
    assert story.graph.run_text("MATCH ()-[r]->() RETURN count(r) AS count") == [{"count": edges}]


def test_latest_pushed_model_draws_its_graphlet(story: Lineage) -> None:
    latest = story.graph.run_text(
        "MATCH (g:Graphlet {pushed: true})-->(n:Execution|Artifact) "
        "WITH g, collect(n.key) AS members ORDER BY g.started DESC LIMIT 1 RETURN members"
    )[0]["members"]
    drawn = {
        node["key"]
        for row in story.query("explore/latest_pushed_model")
        for node in row["flow"]
        if isinstance(node, dict)
    }
    assert drawn == set(latest)


def test_latest_change_compares_neighbours(story: Lineage) -> None:
    rows = story.query("explore/latest_change")
    assert len({(row["graphlet"], row["previous"]) for row in rows}) == 1
    assert {"span", "parameter"} <= {row["aspect"] for row in rows}
    assert all(row["before"] != row["after"] for row in rows)


def test_expensive_never_pushed_are_complete_and_sorted(story: Lineage) -> None:
    rows = story.query("explore/expensive_never_pushed")
    assert [row["cost"] for row in rows] == sorted((row["cost"] for row in rows), reverse=True)
    assert all(0 <= row["alone"] <= row["cost"] + 1e-6 for row in rows)


def test_where_from_ends_at_every_span(story: Lineage) -> None:
    rows = story.query("explore/where_from")
    assert {row["way"][-1]["artifact"] for row in rows} == {"span"}
    assert {row["way"][0]["operator"] for row in rows} == {"training"}
    wanted = story.graph.run_text(
        "MATCH (g:Graphlet)-[:ANCHOR]->()-[:OUTPUT]->(:Model {key: $key}) "
        "RETURN COUNT { (g)-[:SPAN]->() } AS spans",
        key=rows[0]["model"]["key"],
    )[0]["spans"]
    assert len(rows) == wanted


def test_costs_by_week_reconcile(story: Lineage) -> None:
    total = story.graph.run_text("MATCH (e:Execution) RETURN sum(e.cost) AS cost")[0]["cost"]
    assert sum(r["cost"] for r in story.query("explore/cost_by_week")) == pytest.approx(total)


def chain(count: int) -> Iterable[Record]:
    """Models trained one from the other, one a day, the last one pushed; all on one bad span."""
    yield Pipeline(id="p", name="p")
    yield Artifact(id="data", type="Examples", artifact=ArtifactClass.SPAN, created=NOW)
    for day in range(count):
        yield Artifact(id=f"m{day}", type="Model", artifact=ArtifactClass.MODEL)
        yield step(f"t{day}", OperatorClass.TRAINING, day)
    yield step("push", OperatorClass.DEPLOYMENT, count)
    yield Artifact(id="live", type="PushedModel", artifact=ArtifactClass.DEPLOYMENT)
    for day in range(count):
        yield edge(f"t{day}", f"m{day}", EventKind.OUTPUT, "model")
        if day:
            yield edge(f"t{day}", f"m{day - 1}", EventKind.INPUT, "base_model")
        else:
            yield edge("t0", "data", EventKind.INPUT, "examples")
    yield edge("push", f"m{count - 1}", EventKind.INPUT, "model")
    yield edge("push", "live", EventKind.OUTPUT, "pushed_model")


def step(identity: str, operator: OperatorClass, day: int, **more: Any) -> Execution:
    start = NOW + day * DAY
    given = {"state": State.COMPLETE, "started": start, "ended": start + 60_000} | more
    return Execution(
        id=identity, type=operator.value, node=operator.value, operator=operator, **given
    )


def edge(execution: str, artifact: str, kind: EventKind, role: str) -> Event:
    return Event(execution=execution, artifact=artifact, kind=kind, role=role, index=0)


def test_a_chain_of_warm_starts_and_what_a_bad_span_reaches(lin: Lineage) -> None:
    lin.ingest_records(chain(6), source="chain")
    lin.segment()
    (found,) = lin.query("explore/warm_starts")
    assert found["trainings"] == 6
    names = [node["source_id"] for node in found["chain"] if isinstance(node, dict)]
    assert names == ["t0", "m0", "t1", "m1", "t2", "m2", "t3", "m3", "t4", "m4", "t5"]
    affected = lin.query("explore/bad_span")
    assert [row["trainings"] for row in affected] == [1, 2, 3, 4, 5, 6]
    assert [row["pushed"] for row in affected] == [False] * 5 + [True]


def test_cycles_of_models_end(lin: Lineage) -> None:
    back = edge("t0", "m5", EventKind.INPUT, "base_model")
    first = step("seed", OperatorClass.TRAINING, -1)
    seed = Artifact(id="m-1", type="Model", artifact=ArtifactClass.MODEL)
    lin.ingest_records(
        [
            *[record for record in chain(6) if not isinstance(record, Event)],
            first,
            seed,
            *[record for record in chain(6) if isinstance(record, Event)],
            edge("seed", "m-1", EventKind.OUTPUT, "model"),
            edge("t0", "m-1", EventKind.INPUT, "base_model"),
            back,
        ],
        source="cycle",
    )
    lin.segment()
    assert lin.query("explore/warm_starts")[0]["trainings"] == 7
    assert len(lin.query("explore/bad_span")) == 6


def test_failures_open_and_cached_work(lin: Lineage) -> None:
    lin.ingest_records(
        [
            step("first", OperatorClass.ANALYSIS, 0),
            step("again", OperatorClass.ANALYSIS, 1, state=State.CACHED),
            step("lost", OperatorClass.ANALYSIS, 2, state=State.CACHED),
            step("broken", OperatorClass.TRAINING, 0, state=State.FAILED, cost=7.0),
            step("silent", OperatorClass.TRAINING, 0, state=State.RUNNING, ended=None),
            step("running", OperatorClass.TRAINING, 40, state=State.RUNNING, ended=None),
            Artifact(id="out", type="Statistics", artifact=ArtifactClass.STATISTICS, size=5),
            edge("first", "out", EventKind.OUTPUT, "statistics"),
            edge("again", "out", EventKind.OUTPUT, "statistics"),
            Event(execution="gone", artifact="out", kind=EventKind.INPUT),
        ],
        source="states",
    )
    lin.segment()
    failures = {(row["state"], row["cost"]) for row in lin.query("explore/failures")}
    assert failures == {("FAILED", 7.0), ("ABANDONED", 0.0)}
    found = [(row["state"], row["name"]) for row in lin.query("explore/still_open")]
    assert found == [("RUNNING", "training running"), ("ABANDONED", "training silent")]
    (cached,) = lin.query("explore/cached")
    assert (cached["cached"], cached["without_original"], cached["spared"]) == (2, 1, 60.0)
    (unread,) = lin.query("explore/unread_artifacts")
    assert (unread["unread"], unread["bytes"]) == (1, 5)
    (aside,) = lin.query("explore/not_loaded")
    assert aside["records"] == 1


def test_slow_lately_holds_a_week_against_what_was_before(lin: Lineage) -> None:
    days = range(20)
    lin.ingest_records(
        [
            step(f"s{day}", OperatorClass.ANALYSIS, day, ended=NOW + day * DAY + seconds * 1000)
            for day in days
            for seconds in [30 if day < 10 else 90]
        ],
        source="slow",
    )
    (row,) = lin.query("explore/slow_lately")
    # The newest sign of life is the end of the last one, so that seven are later than a week ago.
    assert (row["earlier"], row["recent"], row["recent_executions"]) == (30.0, 90.0, 7)
    assert row["ratio"] == pytest.approx(3.0)
