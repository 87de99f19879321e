"""A simulated corpus in the graph: what the graph finds is what the simulator knows."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
import pytest

from lineage.simulate import Simulated, simulate

if TYPE_CHECKING:
    from pathlib import Path

    from lineage import Lineage

PIPELINES, DAYS = 20, 20


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Simulated:
    folder = tmp_path_factory.mktemp("simulated") / "corpus"
    return simulate(folder, pipelines=PIPELINES, days=DAYS, seed=11)


def truth(corpus: Simulated, name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pq.read_table(f"{corpus.folder}/truth/{name}.parquet").to_pylist()
    return rows


def test_graphlets_are_what_the_simulator_knows(lin: Lineage, corpus: Simulated) -> None:
    loaded = lin.ingest(corpus.folder)
    assert loaded.set_aside == []
    assert [row["source"] for row in lin.sources()] == [corpus.source]
    assert len(lin.unmatched()) == 0
    lin.segment()
    found = {one["trainer"]: one for one in lin.export_graphlets()}
    known = {row["trainer"]: row for row in truth(corpus, "pushes")}
    assert found.keys() == known.keys()
    assert len(found) == corpus.models
    assert {name for name, one in found.items() if one["pushed"]} == {
        name for name, row in known.items() if row["pushed"]
    }
    assert sum(one["pushed"] for one in found.values()) == corpus.pushed
    # A model is of the spans in its window, and of those that its hyperparameters came from.
    pipelines = {row["pipeline"]: row for row in truth(corpus, "pipelines")}
    widest: Counter[str] = Counter()
    for one in found.values():
        widest[one["pipeline"]] = max(widest[one["pipeline"]], len(one["spans"]))
    untuned = [row for name, row in pipelines.items() if not row["tuning"]]
    assert all(widest[row["pipeline"]] <= row["window"] for row in untuned)
    assert any(widest[row["pipeline"]] == row["window"] > 1 for row in untuned)


def test_reports_say_that_it_is_simulated(lin: Lineage, tmp_path: Path) -> None:
    small = simulate(tmp_path / "small", pipelines=2, days=5, seed=1)
    lin.ingest(small.folder)
    lin.segment()
    assert "simulated data" in lin.report().render()
    table = lin.report(["graphlets"]).render("csv").splitlines()
    (name,) = (row["source"] for row in lin.sources())
    assert table[0].startswith("#") or table[0].endswith(',"simulated"')
    assert any(line.endswith(f',"{name}"') for line in table[1:])
    (first, *_) = lin.export_graphlets()
    assert first["simulated"] is True
    assert "(simulated data)" in lin.show(first["key"]).text()
