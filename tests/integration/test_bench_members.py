"""What the benchmark asks of the graph is the question that its peers answer."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from bench import fresh, ours
from bench.trace import opened
from bench.walks import ROLES, SPAN
from support import reference
from support.snapshot import differences, snapshot
from support.traces import random_traces

from lineage.records import Event, Membership
from lineage.simulate import simulate

if TYPE_CHECKING:
    from pathlib import Path

    from lineage import Lineage


def test_members_are_counted_as_the_reference_has_them(lin: Lineage) -> None:
    traces = list(random_traces(300, seed=12))
    rows = [record for trace in traces for record in trace]
    lin.ingest_records(
        sorted(rows, key=lambda one: isinstance(one, Event | Membership)), source="random"
    )
    lin.segment()
    found: Counter[str] = Counter()
    for trace in traces:
        for graphlet in reference.answer(trace).graphlets.values():
            found.update(graphlet.executions.values())
            found.update(graphlet.artifacts.values())
            found[SPAN] += len(graphlet.spans)
    wanted = {role: found[role] for role in (*ROLES, SPAN)}
    assert ours.walked(lin) == wanted
    assert ours.persisted(lin) == wanted


def test_a_new_run_comes_and_goes(lin: Lineage, tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    simulate(corpus, pipelines=3, days=20)
    lin.ingest(str(corpus), source="s")
    lin.segment()
    before = snapshot(lin)
    with opened(corpus, memory_mb=512) as db:
        (trainer,) = db.execute(
            "SELECT max(id) FROM execution WHERE operator = 'training'"
        ).fetchall()[0]
        executions = fresh.write(db, corpus, tmp_path / "run", trainer, "s", "+new")
    loaded = lin.ingest(str(tmp_path / "run"), source="s")
    assert loaded.set_aside == []
    assert loaded.read["execution"] == executions > 1
    assert lin.segment().graphlets >= 1
    assert snapshot(lin) != before
    fresh.take_out(lin, "s", "+new")
    assert differences(before, snapshot(lin)) == []
