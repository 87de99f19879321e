"""Pruning takes old runs out, leaves newer graphlets as they were, and keeps the old ones out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from bench.corpus import DAY, START
from bench.corpus import records as corpus
from support.arrivals import in_one_load
from support.snapshot import snapshot
from support.traces import random_traces

from lineage.errors import NotFoundError, SettingsError
from lineage.prune import moment

if TYPE_CHECKING:
    from lineage import Lineage
    from lineage.prune import Pruned

PIPELINES, DAYS = 3, 10
COUNTS = """
RETURN COUNT { (:Graphlet) } AS graphlets, COUNT { (:Execution) } AS executions,
       COUNT { (:Artifact) } AS artifacts, COUNT { (:Run) } AS runs,
       COUNT { (:Context) } AS contexts
"""
TRAINED = """
MATCH (g:Graphlet)-[:ANCHOR]->(t)
RETURN g.key AS key, coalesce(t.started, t.created, t.ended) AS time, g.state AS state
"""


def at(day: int) -> datetime:
    return datetime.fromtimestamp((START + day * DAY) / 1000, UTC)


def graphlets(lin: Lineage) -> dict[str, Any]:
    """Every graphlet, but for what others share of its cost."""
    return {
        one["key"]: {name: value for name, value in one.items() if name != "attributed_cost"}
        for one in lin.export_graphlets()
    }


def counts(lin: Lineage) -> dict[str, int]:
    return dict(lin.graph.run_text(COUNTS)[0])


def removed(done: Pruned) -> dict[str, int]:
    kinds = ("graphlets", "executions", "artifacts", "runs", "contexts")
    return {kind: getattr(done, kind) for kind in kinds}


def test_newer_graphlets_stay_as_they_were(lin: Lineage) -> None:
    lin.ingest_records(corpus(PIPELINES, DAYS), source="s")
    lin.segment()
    before, whole = graphlets(lin), counts(lin)
    would = lin.prune(at(6), dry_run=True)
    assert counts(lin) == whole
    done = lin.prune(at(6))
    assert removed(would) == removed(done)
    assert would.costs == done.costs
    left = counts(lin)
    assert {kind: whole[kind] - left[kind] for kind in whole} == removed(done)
    assert done.graphlets == PIPELINES * 6
    after = graphlets(lin)
    assert after == {key: before[key] for key in after}
    assert len(after) == PIPELINES * 4
    # A window of three days, the first schema, and the model that the first kept one started from.
    days = {
        row["day"]
        for row in lin.graph.run_text(
            "MATCH (e:Execution) WHERE e.source_id STARTS WITH 'p0/' "
            "RETURN DISTINCT toInteger(split(e.source_id, '/')[1]) AS day"
        )
    }
    assert days == {0, 4, 5, 6, 7, 8, 9}
    lin.segment(full=True)
    assert graphlets(lin) == after
    (costs,) = lin.query(
        "analyses/summary_costs", source=None, pipeline=None, since=None, until=None
    )
    assert costs["difference"] == 0.0


def test_a_line_is_closed_where_one_is_taken_out(lin: Lineage) -> None:
    lin.ingest_records(corpus(1, DAYS), source="s")
    lin.segment()
    line = [row["key"] for row in lin.graph.run_text("MATCH (g:Graphlet) RETURN g.key AS key "
                                                     "ORDER BY g.place")]  # fmt: skip
    lin.graph.run_text(f"MATCH (g:Graphlet {{key: '{line[1]}'}}) SET g.state = 'open'")
    lin.prune(at(6))
    links = lin.graph.run_text("MATCH (a)-[:NEXT]->(b) RETURN [a.key, b.key] AS l ORDER BY a.place")
    left = [line[1], *line[6:]]
    assert [row["l"] for row in links] == [list(pair) for pair in pairwise(left)]


@pytest.mark.parametrize("seed", range(3))
def test_random_traces_keep_their_newer_graphlets(lin: Lineage, seed: int) -> None:
    lin.ingest_records(in_one_load(random_traces(150, 200 + seed)), source="s")
    lin.segment()
    before = graphlets(lin)
    trained = lin.graph.run_text(TRAINED)
    times = sorted(row["time"] for row in trained if row["time"] is not None)
    time = times[len(times) // 2]
    kept = {
        row["key"]
        for row in trained
        if row["time"] is None or row["time"] >= time or row["state"] == "open"
    }
    would = lin.prune(time, dry_run=True)
    whole = counts(lin)
    done = lin.prune(time)
    assert removed(would) == removed(done)
    assert done.executions > 0
    left = counts(lin)
    assert {kind: whole[kind] - left[kind] for kind in whole} == removed(done)
    after = graphlets(lin)
    assert after == {key: before[key] for key in kept}
    lin.segment(full=True)
    assert graphlets(lin) == after
    assert removed(lin.prune(time)) == dict.fromkeys(removed(done), 0)


def test_loading_again_does_not_bring_it_back(lin: Lineage) -> None:
    lin.ingest_records(corpus(PIPELINES, DAYS), source="s")
    lin.prune(at(6))
    pruned = snapshot(lin)
    loaded = lin.ingest_records(corpus(PIPELINES, DAYS), source="s")
    assert loaded.set_aside == []
    assert loaded.written == 0
    assert loaded.skipped > 100
    assert lin.segment().graphlets == 0
    assert snapshot(lin) == pruned
    # What is newer arrives as ever.
    lin.ingest_records(corpus(PIPELINES, DAYS + 1), source="s")
    assert lin.segment().graphlets == PIPELINES
    lin.forget("s")
    assert lin.ingest_records(corpus(PIPELINES, DAYS), source="s").skipped == 0
    assert lin.segment().total == PIPELINES * DAYS


def test_a_horizon_never_moves_back(lin: Lineage) -> None:
    lin.ingest_records(corpus(1, 4), source="s")
    lin.prune(at(2))
    lin.prune(at(1))
    rows = lin.graph.run_text("MATCH (s:Source) RETURN s.horizon AS horizon")
    assert rows == [{"horizon": at(2)}]


def test_one_source_of_two(lin: Lineage) -> None:
    for source in ("a", "b"):
        lin.ingest_records(corpus(1, 4), source=source)
    lin.segment()
    kept = {key: one for key, one in graphlets(lin).items() if one["source"] == "b"}
    done = lin.prune(at(100), source="a") if at(100) < datetime.now(UTC) else lin.prune(at(4), "a")
    assert done.sources == ["a"]
    assert graphlets(lin) == kept
    with pytest.raises(NotFoundError):
        lin.prune(at(1), source="c")


def test_a_stopped_call_is_completed(lin: Lineage) -> None:
    lin.ingest_records(corpus(PIPELINES, DAYS), source="s")
    lin.segment()
    lin.prune(at(6))
    whole = snapshot(lin)
    lin.forget("s")
    lin.ingest_records(corpus(PIPELINES, DAYS), source="s")
    lin.segment()
    which = {"source": None, "before": at(6).isoformat()}
    lin.graph.run("prune/horizon", **which)
    lin.graph.run("prune/mark_graphlets", **which)
    for step in ("executions", "artifacts", "groups"):
        lin.graph.run(f"prune/mark_{step}", **which)
    lin.graph.run("prune/graphlets")
    lin.graph.run_text(
        "MATCH (n:Prunable) WITH n "
        "ORDER BY CASE WHEN n:Execution THEN 2 WHEN n:Artifact THEN 1 ELSE 0 END, n.key LIMIT 100 "
        "DETACH DELETE n"
    )
    lin.prune(at(6))
    for one, other in zip(snapshot(lin), whole, strict=True):
        assert [x for x in one if x not in other] == [x for x in other if x not in one]


def test_times() -> None:
    assert moment("2026-01-31") == datetime(2026, 1, 31, tzinfo=UTC)
    assert moment("2026-01-31T12:00:00+02:00") == datetime(2026, 1, 31, 10, tzinfo=UTC)
    ago = datetime.now(UTC) - moment("90d")
    assert abs(ago - timedelta(days=90)) < timedelta(minutes=1)
    for odd in ("yesterday", "", "9999999d", "2999-01-01"):
        with pytest.raises(SettingsError):
            moment(odd)
