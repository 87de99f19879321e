"""Real producers send events to a running `lineage serve`, and the graph has what they did."""

from __future__ import annotations

import random
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from clients import run, setup_venv
from support.serving import serving, until_drained

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lineage import Lineage
    from lineage.server import Endpoint

KEY = "a-key-for-tests-0123456789"
JOBS = """
MATCH (e:Execution)
OPTIONAL MATCH (e)-[:PART_OF]->(whole)
RETURN e.source_id AS id, e.node AS job, e.type AS type, e.operator AS class, e.state AS state,
       e.cost AS cost, whole.node AS part_of,
       COLLECT { MATCH (a)-[:INPUT]->(e) RETURN a.source_id ORDER BY a.source_id } AS inputs,
       COLLECT { MATCH (e)-[:OUTPUT]->(a) RETURN a.source_id ORDER BY a.source_id } AS outputs
ORDER BY e.started, e.ended
"""


@contextmanager
def receiving(endpoint: Endpoint, folder: Path) -> Iterator[str]:
    """A receiver that wants the key; everything is in the graph when it ends."""
    keys = folder / "keys"
    keys.write_text(KEY)
    keys.chmod(0o600)
    arguments = ("--api-key-file", str(keys), "--segment-every", "0")
    with serving(endpoint, folder, *arguments) as (url, _):
        yield url
        health = until_drained(url)
        assert (health["status"], health["backlog_bytes"]) == ("ok", 0)


def needs(client: str) -> None:
    if not setup_venv.ready(client):
        pytest.skip(f"{client} is not installed; make {client} does that")


def named(ids: list[str]) -> list[str]:
    """The last part of the names of data sets, without versions."""
    return [one.partition("@")[0].rpartition("/")[2] for one in ids]


@pytest.mark.parametrize("logs", [False, True], ids=["after the run", "while it runs"])
def test_dbt(lin: Lineage, endpoint: Endpoint, tmp_path: Path, *, logs: bool) -> None:
    needs("dbt")
    arguments = [*(["--consume-structured-logs"] if logs else []), "build"]
    with receiving(endpoint, tmp_path) as url:
        for _ in range(2):
            run.dbt(tmp_path / "project", url, KEY, *arguments)
    jobs = [row for row in lin.graph.run_text(JOBS) if row["type"] != "DBT/SQL"]
    assert all(row["cost"] > 0 for row in jobs if row["type"] == "DBT/MODEL")
    assert {row["state"] for row in jobs} == {"COMPLETE"}
    whole = [row for row in jobs if row["part_of"] is None]
    assert [(row["type"], row["class"]) for row in whole] == [("DBT/JOB", "other")] * 2
    assert {row["part_of"] for row in jobs} == {None, whole[0]["job"]}

    classes = {row["type"]: row["class"] for row in jobs}
    assert classes["DBT/MODEL"] == "transformation"
    assert classes["DBT/SNAPSHOT"] == "ingestion"
    assert classes["DBT/TEST"] == "validation"
    seeds = [row for row in jobs if row["type"] == "DBT/SEED"]
    # Only with its structured logs does dbt-ol tell of a seed that is loaded.
    assert [row["class"] for row in seeds] == ["ingestion"] * 2 * logs
    assert_orders(jobs, seeds)
    assert lin.graph.run_text("MATCH (e:Execution {class_by: 'nothing'}) RETURN e") == []


def assert_orders(jobs: list[dict[str, Any]], seeds: list[dict[str, Any]]) -> None:
    """Seed, model, model, test: each reads the version that its own invocation wrote."""
    made = {named(row["outputs"])[0]: [] for row in jobs if row["outputs"]}
    for row in jobs:
        for name, version in zip(named(row["outputs"]), row["outputs"], strict=True):
            made[name].append((row, version))
    orders, customers = made["orders.main.orders"], made["orders.main.customers"]
    assert len(orders) == len(customers) == 2
    for (reader, _), (_, version) in zip(customers, orders, strict=True):
        assert reader["inputs"] == [version]
    for number, (reader, _) in enumerate(orders):
        assert named(reader["inputs"]) == ["orders.main.raw_orders"]
        assert "@" not in reader["inputs"][0] or reader["inputs"] == seeds[number]["outputs"]
        assert ("@" in reader["inputs"][0]) == bool(seeds)
    tested = [row["inputs"] for row in jobs if row["type"] == "DBT/TEST"]
    assert {one for inputs in tested for one in inputs} == {version for _, version in customers}


def raw_data(file: Path) -> None:
    rng = random.Random(1)
    lines = ["id,height,weight,label"]
    for number in range(60):
        height = rng.gauss(170, 10)
        lines.append(f"{number},{height:.1f},{rng.gauss(70, 10):.1f},{int(height > 170)}")
    file.write_text("\n".join(lines) + "\n")


def test_spark(lin: Lineage, endpoint: Endpoint, tmp_path: Path) -> None:
    needs("spark")
    java = run.java_home()
    if java is None:
        pytest.skip("no Java 17 or 21, which Spark runs on: neither JAVA_HOME nor on the path")
    data = tmp_path / "data"
    data.mkdir()
    raw_data(data / "raw.csv")
    with receiving(endpoint, tmp_path) as url:
        run.spark("train.py", data, url, KEY, java)
    jobs = lin.graph.run_text(JOBS)
    assert {row["state"] for row in jobs} <= {"COMPLETE", "UNKNOWN"}
    wrote = {name: row for row in jobs for name in named(row["outputs"])}
    assert wrote["features"]["class"] == "transformation"
    assert named(wrote["features"]["inputs"]) == ["raw.csv"]
    assert wrote["predictions"]["class"] == "inference"
    (trainer,) = [row for row in jobs if row["class"] == "training"]
    assert sorted(named(trainer["outputs"])) == ["model", "model"]  # the folder, and in the driver

    assert lin.segment().graphlets == 1
    (graphlet,) = lin.export_graphlets()
    assert graphlet["state"] == "complete"
    roles = {one["source_id"]: one["role"] for one in graphlet["executions"]}
    assert roles[trainer["id"]] == "trainer"
    assert roles[wrote["features"]["id"]] == "ancestor"
    assert roles[wrote["predictions"]["id"]] == "descendant"
    (whole,) = [row for row in jobs if row["type"] == "SPARK/APPLICATION"]
    assert roles[whole["id"]] == "ancestor"  # the time of the fit is its own
    assert graphlet["cost"] > whole["cost"] > 0
    artifacts = {named([one["source_id"]])[0]: one["role"] for one in graphlet["artifacts"]}
    assert artifacts["raw.csv"] == artifacts["features"] == "ancestor"
    assert artifacts["predictions"] == "descendant"
    models = lin.graph.run_text("MATCH (m:Model) RETURN m.dataset AS name, m.uri AS uri")
    assert models == [{"name": (data / "model").as_uri(), "uri": (data / "model").as_uri()}]
    assert lin.graph.run_text("MATCH (e:Execution {class_by: 'nothing'}) RETURN e") == []
