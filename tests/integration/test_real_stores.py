"""Stores that real TFX runs wrote: all of them load, whole; later snapshots update in place."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support.snapshot import snapshot

if TYPE_CHECKING:
    from lineage import Lineage

STORES = Path(__file__).parents[2].parent / "shared/data/mlmd"
SEPSIS = [STORES / f"snap{number}_sepsis_v8.sqlite" for number in (1, 2, 3)]
TABLES = ("Artifact", "Execution", "Event", "Context")
COUNTS = {
    "Artifact": "MATCH (n:Artifact) RETURN count(n) AS n",
    "Execution": "MATCH (n:Execution) RETURN count(n) AS n",
    "Event": "MATCH (:Artifact)-[r]-(:Execution) RETURN count(r) AS n",
    "Context": "MATCH (n:Pipeline|Run|Context) RETURN count(n) AS n",
}

pytestmark = pytest.mark.skipif(not STORES.is_dir(), reason="no folder of real stores here")


def rows_of(store: Path) -> dict[str, int]:
    """Rows of the store's own tables."""
    with sqlite3.connect(f"file:{store}?mode=ro&immutable=1", uri=True) as database:
        return {
            table: database.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            for table in TABLES
        }


@pytest.mark.parametrize(
    "store", sorted(STORES.glob("*.*")) if STORES.is_dir() else [], ids=lambda path: path.stem
)
def test_everything_arrives(lin: Lineage, store: Path) -> None:
    if store.suffix == ".md":
        pytest.skip("no store")
    loaded = lin.ingest(str(store))
    assert loaded.set_aside == []
    found = {table: lin.graph.run_text(text)[0]["n"] for table, text in COUNTS.items()}
    assert found == rows_of(store)
    trainers = lin.graph.run_text(
        "MATCH (t:Training) WHERE t.state <> 'CACHED' RETURN count(t) AS n"
    )[0]["n"]
    assert lin.segment().graphlets == trainers
    assert lin.ingest(str(store)).written == 0


def test_snapshots_on_top_of_each_other(lin: Lineage) -> None:
    lin.ingest(str(SEPSIS[2]), source="sepsis")
    lin.segment()
    wanted = snapshot(lin)
    lin.forget("sepsis")
    for store in SEPSIS:
        lin.ingest(str(store), source="sepsis")
        lin.segment()
    assert snapshot(lin) == wanted
    lin.ingest(str(SEPSIS[0]), source="sepsis")  # an older one changes nothing
    lin.segment()
    assert snapshot(lin) == wanted
