"""MLflow in the graph: a graphlet for each training run, pushed where an alias or stage says so."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from mlmd import servers
from support.mlflow_stores import Story, kept, write
from support.snapshot import snapshot

from lineage.errors import ReadError
from lineage.load.service import ingest
from lineage.records import SetAside
from lineage_ingest.mlflow import MlflowReader

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lineage import Lineage
    from lineage.load.service import Ingested

MINUTE = 60.0


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    folder = tmp_path_factory.mktemp("mlflow")
    return write(f"sqlite:///{folder / 'mlflow.db'}", folder)


def load(lin: Lineage, location: str) -> Ingested:
    reader = MlflowReader(location)
    try:
        return ingest(lin.graph, reader, lin.settings)
    finally:
        reader.close()


def test_graphlets(lin: Lineage, story: Story) -> None:
    loaded = load(lin, story.location)
    assert [kind for kind, _, _ in loaded.set_aside] == ["time"]
    lin.segment()
    pushed = {
        row["name"]: row["pushed"]
        for row in lin.graph.run_text(
            "MATCH (g:Graphlet)-[:ANCHOR]->(t) RETURN t.name AS name, g.pushed AS pushed"
        )
    }
    # The failed, killed and endless ones are trainings by the name of their script alone.
    assert pushed == {
        "first": True,
        "old": True,
        "second": False,
        "failed": False,
        "killed": False,
        "endless": False,
        "backwards": False,
    }


def test_parents_do_not_cost_twice(lin: Lineage, story: Story) -> None:
    load(lin, story.location)
    lin.segment()
    rows = lin.graph.run_text(
        "MATCH (e:Execution) WHERE e.name IN ['sweep', 'first', 'second'] "
        "RETURN sum(e.cost) AS cost"
    )
    assert rows == [{"cost": 10 * MINUTE}]


def test_a_second_load_changes_nothing(lin: Lineage, story: Story) -> None:
    assert load(lin, story.location).written > 0
    before = snapshot(lin)
    assert load(lin, story.location).written == 0
    assert snapshot(lin) == before


def test_the_oldest_kept_schema(lin: Lineage) -> None:
    path = kept("db_version_7ac759974ad8_with_metrics.sqlite")
    assert load(lin, str(path)).set_aside == []
    rows = lin.graph.run_text("MATCH (r:Run)-->(p:Pipeline) RETURN p.name AS name, count(r) AS n")
    assert rows == [{"name": "Default", "n": 26}]


@pytest.fixture(scope="module", params=["mysql", "postgresql"])
def address(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of an empty database on a server, as the reader takes it."""
    start = {"mysql": servers.mariadb, "postgresql": servers.postgresql}[request.param]
    folder = Path(tempfile.mkdtemp(prefix="mlflow-server-"))
    try:
        with start(folder) as port:
            login = f"mlmd:{quote(servers.PASSWORD, safe='')}"
            yield f"{request.param}://{login}@127.0.0.1:{port}/two"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def test_database_servers(address: str, tmp_path: Path) -> None:
    assert not MlflowReader.recognises(address)
    driver = {"mysql": "mysql+pymysql", "postgresql": "postgresql+psycopg"}
    scheme = address.partition(":")[0]
    story = write(driver[scheme] + address.removeprefix(scheme), tmp_path)
    assert MlflowReader.recognises(address)
    reader = MlflowReader(address)
    try:
        assert "p@ss" not in reader.source
        found = list(reader.records())
    finally:
        reader.close()
    names = {record.id: record for record in found if hasattr(record, "id")}
    assert names[story.ids["first"]].properties["metric.loss"] == 0.25
    assert names[story.ids["first"]].parent == story.ids["sweep"]
    assert f"{story.ids['old']}/model" in names
    assert "models:/taxi-model@champion#1" in names
    assert [record.kind for record in found if isinstance(record, SetAside)] == ["time"]
    wrong = address.replace("/two", "/one")
    assert not MlflowReader.recognises(wrong)
    with pytest.raises(ReadError, match="is no MLflow store"):
        MlflowReader(wrong)
    with pytest.raises(ReadError) as caught:
        MlflowReader(address.replace("mlmd:", "mlmd:hunter2"))
    assert "hunter2" not in str(caught.value)
