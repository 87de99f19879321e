"""PROV documents in the graph, and graphlets as PROV documents."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from prov.model import ProvDocument
from support.demo import STORE
from support.snapshot import snapshot
from typer.testing import CliRunner  # noqa: TID251

from lineage.cli.app import app
from lineage.cli.commands import register
from lineage.errors import NotFoundError
from lineage.load.service import ingest
from lineage.records import (
    Artifact,
    ArtifactClass,
    Event,
    EventKind,
    Execution,
    OperatorClass,
    State,
)
from lineage_ingest.prov import ProvReader

if TYPE_CHECKING:
    from lineage import Ingested, Lineage
    from lineage.server import Endpoint

register()
REAL = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "prov"
NOW = 1_780_000_000_000


def load(lin: Lineage, path: Path, source: str | None = None) -> Ingested:
    reader = ProvReader(str(path))
    try:
        return ingest(lin.graph, reader, lin.settings, source=source)
    finally:
        reader.close()


def training(path: Path) -> Path:
    """A pipeline's run as another tool would write it, with a training."""
    document = ProvDocument()
    document.add_namespace("ex", "http://example.org/")
    document.add_namespace("ml", "http://example.org/types#")
    run = document.bundle("ex:run1")
    hours = [f"2026-03-01T0{hour}:00:00Z" for hour in range(6)]
    run.activity("ex:ingest", hours[0], hours[1], {"prov:type": "ml:CsvExampleGen"})
    run.activity("ex:fit", hours[1], hours[3], {"prov:type": "ml:Trainer", "ex:seed": 7})
    run.activity("ex:judge", hours[3], hours[4], {"prov:type": "ml:Evaluator"})
    run.activity("ex:push", hours[4], hours[5], {"prov:type": "ml:Pusher"})
    run.activity("ex:report", hours[4], hours[5], {"prov:type": "ml:Mailer"})
    for name, kind in (("data", "Examples"), ("model", "Model"), ("eval", "ModelEvaluation"),
                       ("pushed", "PushedModel")):  # fmt: skip
        run.entity(f"ex:{name}", {"prov:type": f"ml:{kind}"})
    run.wasGeneratedBy("ex:data", "ex:ingest", hours[1])
    run.used("ex:fit", "ex:data", other_attributes={"prov:role": "examples"})
    run.wasGeneratedBy("ex:model", "ex:fit", other_attributes={"prov:role": "model"})
    run.used("ex:judge", "ex:model")
    run.wasGeneratedBy("ex:eval", "ex:judge")
    run.used("ex:push", "ex:model")
    run.wasGeneratedBy("ex:pushed", "ex:push")
    document.serialize(str(path), format="json")
    return path


def test_a_training_gives_its_graphlet(lin: Lineage, tmp_path: Path) -> None:
    loaded = load(lin, training(tmp_path / "daily.json"))
    assert loaded.set_aside == []
    assert lin.segment().graphlets == 1
    (graphlet,) = lin.export_graphlets()
    base = "http://example.org/"
    assert {(each["source_id"].removeprefix(base), each["role"])
            for each in graphlet["executions"]} == {
        ("ingest", "ancestor"), ("fit", "trainer"), ("judge", "descendant"),
        ("push", "descendant"),
    }  # fmt: skip
    assert [each["source_id"] for each in graphlet["spans"]] == [f"{base}data"]
    assert (graphlet["pushed"], graphlet["cost"], graphlet["pipeline"]) == (True, 18_000, "daily")


def test_a_second_load_changes_nothing(lin: Lineage, tmp_path: Path) -> None:
    path = training(tmp_path / "daily.json")
    load(lin, path)
    lin.segment()
    before = snapshot(lin)
    assert load(lin, path).written == 0
    lin.segment()
    assert snapshot(lin) == before


def test_long_names_and_locations_are_taken(lin: Lineage, tmp_path: Path) -> None:
    entity, activity = "ex:" + "x" * 20_000, "ex:" + "a" * 20_000
    file = tmp_path / "long.json"
    file.write_text(json.dumps({
        "prefix": {"ex": "http://e/"},
        "entity": {entity: {"prov:location": "s3://b/" + "y" * 20_000, "prov:type": "t" * 20_000}},
        "activity": {activity: {}},
        "used": {"_:u": {"prov:activity": activity, "prov:entity": entity}},
    }))  # fmt: skip
    assert load(lin, file).set_aside == []
    assert load(lin, file).written == 0
    found = lin.graph.run_text("MATCH (:Artifact)-[r:INPUT]->() RETURN count(r) AS n")
    assert found == [{"n": 1}]


def test_a_cycle_of_derivations_ends(lin: Lineage, tmp_path: Path) -> None:
    document = ProvDocument()
    document.add_namespace("ex", "http://example.org/")
    for made, used in (("a", "b"), ("b", "c"), ("c", "a"), ("a", "a")):
        document.wasDerivedFrom(f"ex:{made}", f"ex:{used}")
    document.activity("ex:fit", other_attributes={"prov:type": "Trainer"})
    document.used("ex:fit", "ex:a")
    path = tmp_path / "circle.json"
    document.serialize(str(path), format="json")
    load(lin, path)
    assert lin.segment().graphlets == 1
    (graphlet,) = lin.export_graphlets()
    assert len(graphlet["executions"]) == 4
    assert len(graphlet["artifacts"]) == 3


def test_real_documents(lin: Lineage) -> None:
    if not REAL.is_dir():
        pytest.skip("the documents are not here")
    counts = {}
    for path in sorted(REAL.iterdir()):
        loaded = load(lin, path)
        assert loaded.set_aside == []
        assert load(lin, path).written == 0
        counts[path.name] = (loaded.read["execution"], loaded.read["artifact"])
    assert counts == {
        "bundle1.json": (1, 2),
        "conditional-wf-run-1": (2, 6),
        "primer.json": (9, 10),
        "revsort-run-1": (3, 9),
        "w3c_publication_1.json": (3, 5),
    }
    shown = lin.show("urn:uuid:f81dd60b-46db-4e58-b9f9-5606de1f10de").text(100)
    for word in ("rev", "whale.txt", "output.txt", "COMPLETE"):
        assert word in shown
    assert "chart1" in lin.show("http://example/illustrate").text(100)


def members(lin: Lineage, key: str) -> Any:
    """What a graphlet is made of, without the keys of its nodes."""
    (one,) = lin.graph.run_text(
        "MATCH (g:Graphlet {key: $key}) RETURN g.state AS state, g.pushed AS pushed, "
        "g.cost AS cost, g.cost_unit AS unit, g.pipeline AS pipeline",
        key=key,
    )
    rows = lin.graph.run_text(
        "MATCH (g:Graphlet {key: $key})-[c:ANCHOR|BOUNDARY|ANCESTOR|SPAN|DESCENDANT|ANALYSIS]->(n) "
        "RETURN type(c) AS role, n AS node, "
        "n.started.epochMillis AS started, n.ended.epochMillis AS ended", key=key
    )  # fmt: skip
    fields = ("type", "full_name", "operator", "artifact", "state", "node", "cost", "cost_unit",
              "code_version", "uri", "digest", "version", "size", "pushed")  # fmt: skip

    def told(node: Any) -> tuple[Any, ...]:
        own = {name: value for name, value in node.items() if name.startswith(("p_", "json_"))}
        own = {name: value for name, value in own.items() if name != "p_role"}
        return (*(node.get(field) for field in fields), json.dumps(own, sort_keys=True))

    nodes = sorted(repr((row["role"], told(row["node"]), row["started"], row["ended"]))
                    for row in rows)  # fmt: skip
    edges = lin.graph.run_text(
        "MATCH (g:Graphlet {key: $key})-[:ANCHOR|ANCESTOR|DESCENDANT|ANALYSIS]->(e) "
        "MATCH (e)-[r:INPUT|OUTPUT|REFERENCE|REPUBLISHED]-(a:Artifact) "
        "WHERE EXISTS { (g)-[:BOUNDARY|ANCESTOR|SPAN|DESCENDANT|ANALYSIS]->(a) } "
        "RETURN e AS e, a AS a, type(r) AS type, r.role AS role, r.index AS index, "
        "r.time.epochMillis AS time",
        key=key,
    )
    flat = sorted(repr((told(row["e"]), told(row["a"]), row["type"], row["role"], row["index"],
                        row["time"])) for row in edges)  # fmt: skip
    return one, nodes, flat


def test_every_graphlet_comes_back_as_it_was(lin: Lineage, tmp_path: Path) -> None:
    lin.ingest(str(STORE), source="demo", reader="mlmd")
    lin.segment()
    keys = [each["key"] for each in lin.export_graphlets()]
    assert len(keys) > 5
    wanted = {}
    for number, key in enumerate(keys):
        text = lin.export_prov(key)
        assert text == lin.export_prov(key)
        ProvDocument.deserialize(content=text, format="json")
        (tmp_path / f"{number}.json").write_text(text, encoding="utf-8")
        wanted[number] = members(lin, key)
    for source in [each["source"] for each in lin.sources()]:
        lin.forget(source)
    for number, key in enumerate(keys):
        loaded = load(lin, tmp_path / f"{number}.json", source="back")
        assert loaded.set_aside == []
        lin.segment()
        (found,) = [each["key"] for each in lin.export_graphlets()
                    if each["trainer"].endswith(quoted(key))]  # fmt: skip
        assert members(lin, found) == wanted[number]
        lin.forget("back")


def quoted(key: str) -> str:
    from urllib.parse import quote

    return quote(key, safe="")


def test_boundaries_references_and_odd_names_come_back(lin: Lineage, tmp_path: Path) -> None:
    """What the demo does not hold: a warm start, a side input, costs in money, strange names."""

    def step(name: str, operator: OperatorClass, **more: Any) -> Execution:
        return Execution(id=name, type="T %/:#é\"", node=name, operator=operator,
                         state=State.COMPLETE, started=NOW, ended=NOW + 5_000, **more)  # fmt: skip

    def edge(execution: str, artifact: str, kind: EventKind, role: str = "", **more: Any) -> Event:
        return Event(execution=execution, artifact=artifact, kind=kind, role=role, **more)

    read, wrote = EventKind.INPUT, EventKind.OUTPUT
    lin.ingest_records(
        [
            step("old", OperatorClass.TRAINING),
            step(
                "fit",
                OperatorClass.TRAINING,
                cost=2.5,
                cost_unit="USD",
                code_version="abc",
                properties={
                    "a b:c/é": 1,
                    "list": [1, "x", None],
                    "tree": {"k": {"l": 0.5}},
                    "truth": True,
                    "half": 0.5,
                    "text": "ex:text",
                    "empty": "",
                    "whole": 1.0,
                    "great": 2**62,
                },
            ),
            step("judge", OperatorClass.EVALUATION),
            Artifact(id="warm", type="Model", artifact=ArtifactClass.MODEL, name="nul\0 \x1b[31m"),
            Artifact(
                id="data",
                type="D",
                artifact=ArtifactClass.SPAN,
                digest="md5:x",
                size=12,
                uri="s3://b/k",
                version="3",
                created=NOW,
                properties={"n": 1},
            ),
            Artifact(id="new", type="Model", artifact=ArtifactClass.MODEL),
            Artifact(id="blessing", type="B", artifact=ArtifactClass.BLESSING),
            edge("old", "warm", wrote, "model"),
            edge("fit", "warm", read, "base", index=0),
            edge("fit", "data", read, "examples", index=1, time=NOW + 3),
            edge("fit", "new", wrote, 'größe / "x"', index=0, time=NOW + 4),
            edge("judge", "new", read, "model"),
            edge("judge", "warm", read, "baseline_model"),
            edge("judge", "blessing", wrote),
        ],
        source="odd #/%",
        simulated=True,
    )
    lin.segment()
    (key,) = [each["key"] for each in lin.export_graphlets() if each["trainer"] == "fit"]
    wanted = members(lin, key)
    path = tmp_path / "one.json"
    path.write_text(lin.export_prov(key), encoding="utf-8")
    lin.forget("odd #/%")
    assert load(lin, path, source="back").set_aside == []
    assert lin.sources()[0]["simulated"]
    lin.segment()
    (found,) = [each["key"] for each in lin.export_graphlets()
                if each["trainer"].endswith(quoted(key))]  # fmt: skip
    assert members(lin, found) == wanted
    roles = {
        role
        for role in ("BOUNDARY", "SPAN", "DESCENDANT")
        if any(role in each for each in wanted[1])
    }
    assert roles == {"BOUNDARY", "SPAN", "DESCENDANT"}


def test_the_command(
    lin: Lineage, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    names = {"URI": endpoint.uri, "USERNAME": endpoint.username, "PASSWORD": endpoint.password}
    for name, value in (names | {"DATABASE": endpoint.database}).items():
        if value:
            monkeypatch.setenv(f"NEO4J_{name}", value)
    load(lin, training(tmp_path / "daily.json"))
    lin.segment()
    (key,) = [each["key"] for each in lin.export_graphlets()]
    printed = CliRunner().invoke(app, ["export", "prov", key])
    assert printed.exit_code == 0
    assert ProvDocument.deserialize(content=printed.stdout, format="json").has_bundles()
    out = tmp_path / "out.json"
    assert CliRunner().invoke(app, ["export", "prov", key, "-o", str(out)]).exit_code == 0
    assert out.read_text() == printed.stdout
    failed = CliRunner().invoke(app, ["export", "prov", "nothing"])
    assert failed.exit_code == 1
    assert "no graphlet has the key, id or name 'nothing'" in failed.stderr
    trainer = key.rpartition("/")[2]
    by_id = CliRunner().invoke(app, ["export", "prov", trainer])
    assert by_id.stdout == printed.stdout


def test_no_such_graphlet(lin: Lineage) -> None:
    with pytest.raises(NotFoundError, match="lineage report graphlets"):
        lin.export_prov("nothing")


def test_a_workflow_run_again_repeats_its_steps(lin: Lineage, tmp_path: Path) -> None:
    source = REAL / "revsort-run-1"
    if not source.is_dir():
        pytest.skip("the documents are not here")
    for number in range(2):
        folder = tmp_path / f"run{number}"
        shutil.copytree(source, folder)
        (folder / "workflow").mkdir()
        packed = {"id": "#main", "label": "Reverse and sort"}
        (folder / "workflow" / "packed.cwl").write_text(json.dumps(packed))
        primary = folder / "metadata" / "provenance" / "primary.cwlprov.json"
        text = primary.read_text().replace("2018-10-25", f"2018-10-{25 + number}")
        ids = set(re.findall(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", text))
        for id_ in ids:
            text = text.replace(id_, f"{number}{id_[1:]}")
        primary.write_text(text)
        load(lin, folder)
    lin.segment()
    repeats = lin.graph.run_text("MATCH (e)-[:REPEATS]->() RETURN e.node AS node ORDER BY node")
    assert [each["node"] for each in repeats] == ["main", "rev", "sorted"]
