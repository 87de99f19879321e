"""What was recorded, in the graph: from its trace, live, and cut into graphlets."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from lineage import Recorder

if TYPE_CHECKING:
    from pathlib import Path

    from lineage import Lineage

FRAME = pd.DataFrame({"x": np.arange(20.0), "y": np.arange(20.0) ** 2})


def run_pipeline(rec: Recorder, seed: int, *, flip: bool = False) -> dict[str, float]:
    @rec.recorded(operator="transformation")
    def clean(frame: pd.DataFrame) -> pd.DataFrame:
        return frame.dropna()

    @rec.recorded(operator="training", seed="seed")
    def train(frame: pd.DataFrame, *, seed: int) -> np.ndarray[Any, Any]:
        return np.polyfit(frame["x"], frame["y"], deg=1) + seed

    @rec.recorded(operator="evaluation")
    def evaluate(model: np.ndarray[Any, Any], frame: pd.DataFrame) -> dict[str, float]:
        return {"error": float(np.abs(np.polyval(model, frame["x"]) - frame["y"]).max())}

    @rec.recorded(operator="deployment", artifacts="deployment")
    def push(model: np.ndarray[Any, Any]) -> str:
        return "pushed"

    with rec:
        cleaned = clean(FRAME)
        model = train(cleaned, seed=seed)
        if flip:
            push(model)
        return evaluate(model, cleaned)


def rows(lin: Lineage, statement: str) -> list[list[Any]]:
    return [list(row.values()) for row in lin.graph.run_text(statement)]


EXECUTIONS = """
MATCH (e:Execution) RETURN e.node AS node, e.state AS state, count(*) AS count
ORDER BY node, state
"""


def test_a_recorded_trace_becomes_graphlets(lin: Lineage, tmp_path: Path) -> None:
    trace = tmp_path / "trace.jsonl"
    for seed, flip in ((1, False), (1, False), (2, True)):
        run_pipeline(Recorder(tmp_path / "outputs", trace, pipeline="churn"), seed, flip=flip)
    loaded = lin.ingest(str(trace))
    assert loaded.set_aside == []
    assert lin.segment().graphlets == 2  # the training that was skipped anchors none
    assert rows(lin, EXECUTIONS) == [
        ["clean", "CACHED", 2],
        ["clean", "COMPLETE", 1],
        ["evaluate", "CACHED", 1],
        ["evaluate", "COMPLETE", 2],
        ["push", "COMPLETE", 1],
        ["train", "CACHED", 1],
        ["train", "COMPLETE", 2],
    ]
    graphlets = sorted(lin.export_graphlets(), key=lambda one: one["pushed"])
    assert [one["pushed"] for one in graphlets] == [False, True]
    assert [one["pipeline"] for one in graphlets] == ["churn", "churn"]
    roles = [sorted(part["role"] for part in one["executions"]) for one in graphlets]
    assert roles[0] == ["ancestor", "descendant", "trainer"]
    assert len({span["source_id"] for one in graphlets for span in one["spans"]}) == 1
    again = lin.ingest(str(trace))
    assert again.written == 0


def test_outputs_of_what_was_skipped_are_the_first_ones(lin: Lineage, tmp_path: Path) -> None:
    trace = tmp_path / "trace.jsonl"
    for _ in range(2):
        run_pipeline(Recorder(tmp_path / "outputs", trace, pipeline="churn"), 1)
    lin.ingest(str(trace))
    found = rows(
        lin,
        """
        MATCH (skipped:Execution {state: 'CACHED'})-[:REPUBLISHED]->(a:Artifact)
        MATCH (first:Execution {state: 'COMPLETE'})-[:OUTPUT]->(a)
        WHERE first.node = skipped.node AND first.code_version = skipped.code_version
        RETURN first.node AS node, a.digest IS NOT NULL AS digest, first.cost > 0 AS cost,
               skipped.cost AS saved, a.uri STARTS WITH 'file:' AS uri
        ORDER BY node
        """,
    )
    assert found == [
        ["clean", True, True, 0.0, True],
        ["evaluate", True, True, 0.0, True],
        ["train", True, True, 0.0, True],
    ]
    seeds = rows(lin, "MATCH (e:Training) RETURN e.p_seed AS seed ORDER BY e.key")
    assert seeds == [[1], [1]]


def test_a_live_graph_holds_what_the_trace_does(lin: Lineage, tmp_path: Path) -> None:
    rec = Recorder(
        tmp_path / "outputs", tmp_path / "trace.jsonl", pipeline="churn", source="s", lineage=lin
    )
    run_pipeline(rec, 1)
    counts = "MATCH (n {source: '%s'}) RETURN labels(n)[0] AS label, count(*) AS count"
    live = rows(lin, counts % "s")
    assert lin.segment().graphlets == 1
    lin.ingest(str(tmp_path / "trace.jsonl"), source="copy")
    assert sorted(rows(lin, counts % "copy")) == sorted(live) != []


def test_the_graph_advises_a_recorder(lin: Lineage, tmp_path: Path) -> None:
    first = Recorder(tmp_path / "first", tmp_path / "trace.jsonl", pipeline="churn")
    assert run_pipeline(first, 1) == run_pipeline(first, 1)
    lin.ingest(str(tmp_path / "trace.jsonl"))
    lin.segment()
    other = tmp_path / "other.jsonl"
    second = Recorder(tmp_path / "second", other, pipeline="churn", advisor=lin)
    run_pipeline(second, 1)
    lines = [json.loads(line) for line in other.read_text("utf-8").splitlines()]
    states = {one["node"]: one["state"] for one in lines if one["kind"] == "execution"}
    assert states["clean"] == states["train"] == "CACHED"
