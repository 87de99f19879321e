"""The report of a trace small enough to work out by hand, and of the demo store."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from lineage import queries, report
from lineage.analyses import graphlets, pipelines, similarity, summary, unmatched
from lineage.analyses.rows import Filters
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
from lineage.report.html import page
from lineage.report.pictures import embedded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lineage import Lineage

DAY = 86_400_000
START = 1_767_225_600_000
MODULES = (graphlets, pipelines, similarity, summary, unmatched)
MADE = re.compile("Made [0-9-]+ [0-9:]+ UTC")
DEMO = Path(__file__).parents[2] / "lineage" / "demo" / "store.sqlite"

# Name, class, day, cost, unit, pipeline, what it reads, what it writes.
STEPS: list[tuple[str, str, int, float | None, str, str | None, str, str]] = [
    ("gen", "ingestion", 0, 10.0, "s", "daily", "", "span1"),
    ("train-a", "training", 1, 20.0, "s", "daily", "span1", "model-a"),
    ("push", "deployment", 1, 1.0, "s", "daily", "model-a", "pushed"),
    ("train-b", "training", 2, 30.0, "s", "daily", "span1", "model-b"),
    ("eval-b", "evaluation", 2, 4.0, "s", "daily", "model-b", "evaluation"),
    ("gen2", "ingestion", 2, 8.0, "s", "daily", "", "span2"),
    ("train-d", "training", 3, None, "s", "daily", "span2", ""),
    ("train-c", "training", 2, 7.0, "EUR", "dear", "", "model-c"),
    ("stray", "other", 2, 5.0, "s", None, "", "thing"),
]
ARTIFACTS = {
    "span1": "span", "span2": "span", "model-a": "model", "model-b": "model", "model-c": "model",
    "pushed": "deployment", "evaluation": "evaluation", "thing": "other",
}  # fmt: skip


def records() -> Iterator[Record]:
    """A pushed model, one that was not, one still in training, one in another unit of cost."""
    for name in ("daily", "dear"):
        yield Pipeline(id=name, name=name)
        yield Run(id=f"{name}/1", name=f"{name}/1")
    yield Run(id="daily/empty", name="daily/empty")
    for name, kind in ARTIFACTS.items():
        yield Artifact(id=name, type=kind, artifact=ArtifactClass(kind))
    yield Artifact(id="odd", type="OddThing")
    for name, kind, day, cost, unit, _, _, _ in STEPS:
        start = START + day * DAY
        yield Execution(
            id=name,
            type=kind,
            node="train" if name in ("train-a", "train-b") else name,
            operator=OperatorClass(kind),
            state=State.COMPLETE if cost is not None else State.RUNNING,
            started=start,
            ended=start + 3_600_000 if cost is not None else None,
            created=start,
            cost=cost,
            cost_unit=unit if cost is not None else None,
        )
    yield from _edges()


def _edges() -> Iterator[Record]:
    run, pipeline, execution = NodeKind.RUN, NodeKind.PIPELINE, NodeKind.EXECUTION
    for name in ("daily/1", "daily/empty", "dear/1"):
        yield Membership(
            member_kind=run,
            member=name,
            container_kind=pipeline,
            container=name.partition("/")[0],
        )
    for name, _, _, _, _, within, read, written in STEPS:
        if within:
            yield Membership(
                member_kind=execution, member=name, container_kind=run, container=f"{within}/1"
            )
        if read:
            yield Event(execution=name, artifact=read, kind=EventKind.INPUT, role="in")
        if written:
            yield Event(execution=name, artifact=written, kind=EventKind.OUTPUT, role="out")
    yield Event(execution="lost", artifact="thing", kind=EventKind.INPUT)


@pytest.fixture
def hand(lin: Lineage) -> Lineage:
    lin.ingest_records(records(), source="hand")
    lin.segment()
    return lin


def test_rows_are_the_columns_of_their_query() -> None:
    for module in MODULES:
        for name, model in module.QUERIES.items():
            columns = [column.name for column in queries.load(name).columns]
            assert columns == list(model.model_fields), name


def test_costs_reconcile(hand: Lineage) -> None:
    eur, seconds = summary.summary(hand.graph).costs
    assert (eur.cost_unit, seconds.cost_unit) == ("EUR", "s")
    assert seconds.total == 78.0
    assert seconds.outside == 5.0
    assert seconds.attributed == pytest.approx(73.0)
    assert seconds.difference == 0.0
    assert seconds.wasted == 34.0
    assert seconds.wasted_share == pytest.approx(34 / 78)
    assert seconds.wasted_executions == 2
    assert seconds.undecided == 8.0
    assert (eur.total, eur.attributed, eur.wasted, eur.outside) == (7.0, 7.0, 7.0, 0.0)


def test_counts(hand: Lineage) -> None:
    found = summary.summary(hand.graph)
    counts = {row.what: row.count for row in found.counts}
    assert counts == {
        "sources": 1,
        "pipelines": 2,
        "runs": 3,
        "executions": 9,
        "artifacts": 9,
        "events INPUT": 5,
        "events OUTPUT": 8,
        "graphlets": 4,
        "graphlets pushed": 1,
        "graphlets unpushed": 2,
        "graphlets open": 1,
    }
    executions = next(row for row in found.counts if row.what == "executions")
    assert executions.first == datetime(2026, 1, 1, tzinfo=UTC)
    assert executions.last == datetime(2026, 1, 4, tzinfo=UTC)


def test_counts_of_a_pipeline(hand: Lineage) -> None:
    found = summary.summary(hand.graph, Filters(pipeline="dear"))
    counts = {row.what: row.count for row in found.counts}
    assert counts["executions"] == counts["runs"] == counts["artifacts"] == 1
    assert counts["graphlets"] == counts["graphlets unpushed"] == counts["pipelines"] == 1
    assert [row.cost_unit for row in found.costs] == ["EUR"]


def test_operators(hand: Lineage) -> None:
    rows = {(row.operator, row.cost_unit): row for row in summary.summary(hand.graph).operators}
    training = rows["training", "s"]
    assert (training.executions, training.in_graphlets, training.cost) == (3, 3, 50.0)
    assert training.share == pytest.approx(50 / 78)
    assert rows["other", "s"].cost_outside == 5.0
    assert sum(row.share for row in rows.values() if row.cost_unit == "s") == pytest.approx(1)


def test_gaps(hand: Lineage) -> None:
    gaps = [(row.gap, row.what, row.count) for row in summary.summary(hand.graph).gaps]
    assert gaps == [
        ("set aside", "event: execution lost does not exist", 1),
        ("unmatched type of artifact", "OddThing", 1),
        ("open execution", "training", 1),
        ("unknown cost", "training", 1),
        ("run without executions", "hand", 1),
    ]


def test_what_was_never_segmented_is_said(lin: Lineage) -> None:
    lin.ingest_records(records(), source="hand")
    gaps = {row.gap: row.count for row in summary.summary(lin.graph).gaps}
    assert gaps["trainer not segmented yet"] == 4


def test_pipelines(hand: Lineage) -> None:
    rows = {row.pipeline: row for row in pipelines.pipelines(hand.graph)}
    daily = rows["daily"]
    assert (daily.runs, daily.executions, daily.models, daily.pushed) == (2, 7, 3, 1)
    assert (daily.cost, daily.attributed_cost, daily.wasted) == (73.0, 73.0, 34.0)
    assert daily.cost_unit == "s"
    assert daily.lifespan_days == 3.0
    assert daily.models_a_day == 1.0
    assert (rows["dear"].wasted, rows["dear"].cost_unit) == (7.0, "EUR")
    assert (rows[None].cost, rows[None].models) == (5.0, 0)


def test_graphlets(hand: Lineage) -> None:
    rows = {row.trainer: row for row in graphlets.graphlets(hand.graph)}
    a, b = rows["train-a"], rows["train-b"]
    assert (a.cost, a.attributed_cost, a.wasted, a.pushed) == (31.0, 26.0, 0.0, True)
    assert (b.cost, b.attributed_cost, b.wasted, b.pushed) == (44.0, 39.0, 34.0, False)
    assert b.wasted_share == pytest.approx(34 / 39)
    assert (a.jaccard, b.jaccard) == (None, 1.0)
    assert (a.executions, a.artifacts, a.spans) == (3, 3, 1)
    assert a.duration == (DAY + 3_600_000) / 1000
    assert rows["train-d"].state == "open"
    assert rows["train-c"].cost_unit == "EUR"


def test_graphlets_sorted_limited_and_filtered(hand: Lineage) -> None:
    def found(**more: Any) -> list[str]:
        return [row.trainer for row in graphlets.graphlets(hand.graph, **more)]

    assert found() == ["train-b", "train-a", "train-d", "train-c"]
    assert found(limit=2) == ["train-b", "train-a"]
    assert found(limit=0) == []
    assert found(sort="started") == ["train-d", "train-b", "train-c", "train-a"]
    assert found(sort="key") == ["train-a", "train-b", "train-c", "train-d"]
    assert found(filters=Filters(pipeline="dear")) == ["train-c"]
    assert found(filters=Filters.of(since="2026-01-03", until="2026-01-04")) == [
        "train-b",
        "train-c",
    ]
    assert found(filters=Filters(source="elsewhere")) == []
    assert graphlets.total(hand.graph) == 4


def test_similarity(hand: Lineage) -> None:
    (row,) = similarity.similarity(hand.graph)
    assert (row.pipeline, row.pairs, row.sharing, row.mean, row.median) == ("daily", 1, 1, 1.0, 1.0)
    (together,) = similarity.similarity(hand.graph, together=True)
    assert (together.pipeline, together.pairs) == (None, 1)


def test_unmatched(hand: Lineage) -> None:
    (row,) = unmatched.unmatched(hand.graph)
    assert (row.kind, row.type, row.node, row.count) == ("artifact", "OddThing", None, 1)
    assert row.sources == ("hand",)


def test_empty_graph(lin: Lineage) -> None:
    made = report.build(lin.graph)
    assert not made.table("pipelines").rows
    assert "no cost is known" in made.render("text")


@pytest.mark.parametrize("form", ["text", "json", "csv", "html"])
def test_written_is_rendered(hand: Lineage, form: report.Format) -> None:
    out = io.StringIO()
    report.write(hand.graph, out, form)
    made = report.build(hand.graph)
    if form == "html":  # pictures are drawn where there is a graph to draw from
        wanted = page(made, embedded(hand.graph, made))
        assert MADE.sub("", out.getvalue()) == MADE.sub("", wanted)
        return
    assert out.getvalue() == made.render(form)


def test_limit_says_what_is_left_out(hand: Lineage) -> None:
    made = report.build(hand.graph, limit=1)
    assert made.table("graphlets").left_out == 3
    assert made.table("pipelines").left_out == 2
    assert made.table("similarity").left_out == 0
    assert "… and 3 more" in made.render("text")


def test_formats_agree(hand: Lineage) -> None:
    made = report.build(hand.graph, ["graphlets"])
    rows = json.loads(made.render("json"))["sections"]["graphlets"]["rows"]
    lines = list(csv.DictReader(io.StringIO(made.render("csv"))))
    assert [row["key"] for row in rows] == [line["key"] for line in lines]
    assert [row["cost"] for row in rows] == [float(line["cost"]) for line in lines]
    assert len(rows) == len(made.to_pandas("graphlets")) == 4


def test_demo_store(lin: Lineage) -> None:
    lin.ingest(str(DEMO), source="demo")
    lin.segment()
    found = summary.summary(lin.graph)
    (costs,) = found.costs
    assert costs.difference == 0.0
    by_pipeline = pipelines.pipelines(lin.graph)
    by_graphlet = graphlets.graphlets(lin.graph)
    assert sum(row.cost for row in by_pipeline) == pytest.approx(costs.total)
    assert sum(row.wasted for row in by_pipeline) == pytest.approx(costs.wasted)
    assert sum(row.attributed_cost for row in by_pipeline) == pytest.approx(costs.attributed)
    assert sum(row.models for row in by_pipeline) == len(by_graphlet) == found.count("graphlets")
    assert sum(row.wasted for row in by_graphlet) == pytest.approx(costs.wasted)
    wide = report.build(lin.graph, limit=20).render("text", width=80)
    assert max(map(len, wide.splitlines())) <= 80
