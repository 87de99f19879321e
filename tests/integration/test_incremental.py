"""Only what a change touches is cut again, and the graph ends as one load would have left it."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest
from bench.corpus import records as corpus
from support.arrivals import in_one_load, slices
from support.snapshot import differences, snapshot
from support.traces import random_traces

from lineage.errors import QueryError, TransactionMemoryError
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
from lineage.simulate import simulate

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lineage import Lineage
    from lineage.graph import Graph

PIPELINES, DAYS = 4, 12
MARKED = "MATCH (n:Unsegmented|Uncut|Unlinked|Unsettled) RETURN count(n) AS count"


def of_day(day: int) -> Iterator[Record]:
    """What the corpus of one more day brings."""
    before = {repr(record) for record in corpus(PIPELINES, day)}
    return (record for record in corpus(PIPELINES, day + 1) if repr(record) not in before)


def test_a_new_run_cuts_its_own_graphlet_alone(lin: Lineage) -> None:
    lin.ingest_records(corpus(PIPELINES, DAYS), source="s")
    assert lin.segment().graphlets == PIPELINES * DAYS
    done = lin.segment()
    assert (done.graphlets, done.total) == (0, PIPELINES * DAYS)
    lin.ingest_records(of_day(DAYS), source="s")
    done = lin.segment()
    # Of the graphlets of earlier days none holds what a new day reads and writes.
    assert (done.graphlets, done.total) == (PIPELINES, PIPELINES * (DAYS + 1))
    assert lin.graph.run_text(MARKED) == [{"count": 0}]


def test_day_by_day_ends_as_all_at_once(lin: Lineage) -> None:
    lin.ingest_records(corpus(PIPELINES, 5), source="s")
    for day in range(5, 9):
        lin.ingest_records(of_day(day), source="s")
        lin.segment()
    step_by_step = snapshot(lin)
    lin.forget("s")
    lin.ingest_records(corpus(PIPELINES, 9), source="s")
    lin.segment()
    assert snapshot(lin) == step_by_step


def test_what_is_loaded_again_cuts_nothing(lin: Lineage) -> None:
    traces = in_one_load(random_traces(60, 11))
    lin.ingest_records(traces, source="s")
    lin.segment()
    before = snapshot(lin)
    lin.ingest_records(traces, source="s")
    assert lin.segment().graphlets == 0
    assert snapshot(lin) == before
    assert lin.segment(full=True).graphlets == len(
        lin.graph.run_text("MATCH (g:Graphlet) RETURN g.key AS key")
    )
    assert snapshot(lin) == before


@pytest.mark.parametrize("seed", range(4))
def test_random_arrivals_leave_the_graph_of_one_load(lin: Lineage, seed: int) -> None:
    traces = in_one_load(random_traces(150, 100 + seed))
    parts = slices(traces, random.Random(seed), 6)
    random.Random(seed).shuffle(parts)
    for part in parts:
        lin.ingest_records(part, source="s")
        lin.segment()
    # What came before the other end was there is set aside; a last whole load completes it.
    lin.ingest_records([record for part in parts for record in part], source="s")
    lin.segment()
    by_and_by = snapshot(lin)
    lin.segment(full=True)
    assert snapshot(lin) == by_and_by


def test_a_segmentation_that_was_stopped_goes_on(lin: Lineage) -> None:
    lin.ingest_records(corpus(PIPELINES, DAYS), source="s")
    lin.graph.run("segment/unmark", sources=["s"])
    lin.graph.run("segment/pending", sources=["s"], pipeline=None)
    lin.graph.run("segment/done", sources=["s"])
    lin.graph.run("segment/cut", pipeline="p1", rows=5)
    done = lin.segment()
    assert done.graphlets == (PIPELINES - 1) * DAYS
    stopped = snapshot(lin)
    lin.segment(full=True)
    assert snapshot(lin) == stopped
    assert lin.graph.run_text(MARKED) == [{"count": 0}]


def test_transactions_become_smaller_where_they_fail(
    lin: Lineage, monkeypatch: pytest.MonkeyPatch
) -> None:
    lin.ingest_records(corpus(1, 5), source="s")
    asked: list[int] = []
    run = type(lin.graph).run

    def scarce(self: Graph, name: str, /, **parameters: object) -> object:
        if name == "segment/cut":
            asked.append(int(str(parameters["rows"])))
            if asked[-1] > 10:
                return [{"graphlets": 0, "problem": "too large"}]
        return run(self, name, **parameters)

    monkeypatch.setattr(type(lin.graph), "run", scarce)
    assert lin.segment().graphlets == 5
    assert asked == [100, 25, 6]


def test_what_cannot_be_cut_is_said(lin: Lineage) -> None:
    lin.ingest_records(corpus(1, 2), source="s")
    lin.graph.run_text("MATCH (t:Training) SET t.started = 'never'")
    with pytest.raises(QueryError, match="could not be cut"):
        lin.segment()


def test_transactions_that_meet_come_to_an_end(lin: Lineage, tmp_path: Path) -> None:
    simulate(tmp_path / "corpus", pipelines=20, days=30)
    lin.ingest(str(tmp_path / "corpus"), source="s")
    lin.segment()
    before = snapshot(lin)
    for _ in range(2):
        lin.segment(full=True)
    assert differences(before, snapshot(lin)) == []


def test_the_server_says_when_a_transaction_is_too_large(lin: Lineage) -> None:
    with pytest.raises(QueryError) as caught:
        lin.graph.run_text(
            "UNWIND range(1, 30000000) AS n WITH collect(toString(n) + ' of a list') AS long "
            "RETURN size(long) AS size"
        )
    assert isinstance(caught.value, TransactionMemoryError)


def hub(consumers: int) -> list[Record]:
    """One span that so many executions look at, and two trainers read."""
    nodes: list[Record] = [
        Pipeline(id="p", name="p"),
        Artifact(id="span", type="Examples", artifact=ArtifactClass.SPAN),
        *(Execution(id=f"t{n}", type="T", operator=OperatorClass.TRAINING) for n in range(2)),
        *(Execution(id=f"v{n}", type="V", operator=OperatorClass.ANALYSIS)
          for n in range(consumers)),
    ]  # fmt: skip
    readers = ["t0", "t1", *(f"v{n}" for n in range(consumers))]
    return [*nodes, *(Event(execution=one, artifact="span", kind=EventKind.INPUT)
                      for one in readers)]  # fmt: skip


def chain(length: int) -> list[Record]:
    """Models each of which starts from the one before."""
    nodes: list[Record] = [Pipeline(id="p", name="p")]
    edges: list[Record] = []
    for n in range(length):
        nodes += [
            Execution(id=f"t{n}", type="T", operator=OperatorClass.TRAINING, started=n,
                      state=State.COMPLETE),
            Artifact(id=f"m{n}", type="Model", artifact=ArtifactClass.MODEL),
        ]  # fmt: skip
        edges.append(Event(execution=f"t{n}", artifact=f"m{n}", kind=EventKind.OUTPUT))
        if n:
            edges.append(Event(execution=f"t{n}", artifact=f"m{n - 1}", kind=EventKind.INPUT))
        edges.append(Membership(member_kind=NodeKind.EXECUTION, member=f"t{n}",
                                container_kind=NodeKind.PIPELINE, container="p"))  # fmt: skip
    return nodes + edges


def test_a_hub_with_many_consumers(lin: Lineage) -> None:
    lin.ingest_records(hub(5_000), source="s")
    assert lin.segment().graphlets == 2
    sizes = lin.graph.run_text("MATCH (g:Graphlet) RETURN g.executions AS executions")
    assert sizes == [{"executions": 5_001}] * 2
    more = [
        Execution(id="late", type="V", operator=OperatorClass.ANALYSIS),
        Event(execution="late", artifact="span", kind=EventKind.INPUT),
    ]
    lin.ingest_records(more, source="s")
    assert lin.segment().graphlets == 2


def test_a_chain_of_warm_starts_is_a_graphlet_each(lin: Lineage) -> None:
    lin.ingest_records(chain(1_000), source="s")
    assert lin.segment().graphlets == 1_000
    rows = lin.graph.run_text(
        "MATCH (g:Graphlet) RETURN max(g.executions) AS executions, max(g.artifacts) AS artifacts, "
        "COUNT { ()-[:NEXT]->() } AS links"
    )
    assert rows == [{"executions": 1, "artifacts": 2, "links": 999}]
    lin.ingest_records(chain(1_001), source="s")
    # The new model, and the one whose model it read: that has got a reader.
    assert lin.segment().graphlets <= 2
