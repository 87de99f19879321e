"""Two graphlets compared, against the same worked out from single nodes."""

from __future__ import annotations

import json
import random
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

import pytest
from rich.cells import cell_len
from support.arrivals import in_one_load
from support.demo import demo
from support.traces import random_traces
from typer.testing import CliRunner  # noqa: TID251

from lineage import queries
from lineage.analyses import similarity
from lineage.cli.app import app
from lineage.cli.commands import register
from lineage.diff import QUERIES
from lineage.errors import NotFoundError, SettingsError
from lineage.records import (
    Artifact,
    ArtifactClass,
    Event,
    EventKind,
    Execution,
    Feature,
    FeatureKind,
    Membership,
    NodeKind,
    OperatorClass,
    Pipeline,
    Record,
    Run,
    State,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lineage import Lineage
    from lineage.diff import GraphletDiff
    from lineage.server import Endpoint

register()
DAY = 86_400_000
START = 1_767_225_600_000
EVIL = "\x1b[31mevil[/red]\u202e"
FEATURES = [
    {"a": [1000] + [0] * 15, "b": [500, 500] + [0] * 14, "n": []},
    {"a": [0] * 15 + [1000], "b": [500, 500] + [0] * 14, "c": [1000] + [0] * 15, "n": []},
]


def story(day: int, pipeline: str = "p") -> Iterator[Record]:
    """One day: a span, its features, a trainer with nested parameters, an evaluation."""
    name = f"{pipeline}/{day}"
    yield Pipeline(id=pipeline, name=pipeline)
    yield Run(id=pipeline, name=pipeline)
    yield Artifact(
        id=f"{name}/span",
        type="Span",
        artifact=ArtifactClass.SPAN,
        name=EVIL,
        created=START + day * DAY,
        features=[
            Feature(name=feature, kind=FeatureKind.NUMERIC, weights=weights)
            for feature, weights in FEATURES[day % 2].items()
        ],
    )
    yield Artifact(id=f"{name}/model", type="Model", artifact=ArtifactClass.MODEL)
    yield Artifact(
        id=f"{name}/blessing",
        type="Blessing",
        artifact=ArtifactClass.BLESSING,
        properties={"blessed": day % 2, "model_id": day, "auc": 0.5 + day / 10, "text": "x"},
    )
    yield Membership(
        member_kind=NodeKind.RUN,
        member=pipeline,
        container_kind=NodeKind.PIPELINE,
        container=pipeline,
    )
    yield from step(pipeline, day, "gen", [], "span")
    layers = {"layers": [{"units": 8 * (1 + day)}], f"only {day}": float("nan")}
    yield from step(
        pipeline,
        day,
        f"train {pipeline}" if pipeline != "p" else "train",
        ["span"],
        "model",
        code_version=f"v{day}",
        properties={"rate": 0.1, "args": layers},
    )
    yield from step(pipeline, day, "evaluate", ["model"], "blessing")


def step(
    pipeline: str, day: int, node: str, reads: list[str], writes: str, **more: Any
) -> Iterator[Record]:
    name = f"{pipeline}/{day}"
    kinds = {"gen": "ingestion", "evaluate": "evaluation"}
    kind = OperatorClass(kinds.get(node, "training"))
    yield Execution(
        id=f"{name}/{node}",
        type=kind.value,
        node=node,
        operator=kind,
        state=State.COMPLETE,
        started=START + day * DAY,
        ended=START + day * DAY + 60_000,
        cost=60.0 * (1 + day),
        cost_unit="s",
        **more,
    )
    yield Membership(
        member_kind=NodeKind.EXECUTION,
        member=f"{name}/{node}",
        container_kind=NodeKind.RUN,
        container=pipeline,
    )
    for one in reads:
        yield Event(execution=f"{name}/{node}", artifact=f"{name}/{one}", kind=EventKind.INPUT)
    yield Event(execution=f"{name}/{node}", artifact=f"{name}/{writes}", kind=EventKind.OUTPUT)


def days(*which: int, pipeline: str = "p") -> list[Record]:
    """Days as one load: nodes first, each once."""
    found = [record for day in which for record in story(day, pipeline)]
    unique = {repr(record): record for record in found}.values()
    return sorted(unique, key=lambda record: isinstance(record, Event | Membership))


@pytest.fixture
def shop(lin: Lineage) -> Lineage:
    lin.ingest_records(days(0, 1), source="s")
    lin.ingest_records(days(1, pipeline="q"), source="t")
    lin.segment()
    return lin


def test_rows_are_the_columns_of_their_query() -> None:
    for name, model in QUERIES.items():
        assert [column.name for column in queries.load(name).columns] == list(model.model_fields)
    listed = {name for name in queries.names() if name.startswith("show/diff")}
    assert listed == set(QUERIES)


def test_with_the_one_before(shop: Lineage) -> None:
    found = shop.diff("p/1/train")
    assert found == shop.diff("s#execution/p/0/train", "p/1/train")
    assert (found.a.key, found.b.key) == ("s#execution/p/0/train", "s#execution/p/1/train")
    assert (found.a.duration, found.b.cost, found.b.pushed) == (60.0, 360.0, False)
    assert (found.spans.jaccard, found.spans.added.total, found.spans.removed.total) == (0.0, 1, 1)
    said = {fact.name: (fact.a, fact.b) for fact in found.outcome}
    assert said == {"auc": (0.5, 0.6), "blessed": (0, 1)}
    assert [node.node for node in found.nodes] == ["evaluate", "gen", "train"]
    train = found.nodes[2]
    assert (train.where, train.code_changed) == ("both", True)
    assert [(one.name, one.change) for one in train.parameters] == [
        ("args.layers[0].units", "changed"),
        ("args.only 0", "removed"),
        ("args.only 1", "added"),
    ]
    assert found.nodes[0].code_changed is None


def test_data_is_compared_as_the_report_does(shop: Lineage) -> None:
    found = shop.diff("p/1/train").data
    (row,) = (row for row in similarity.by_data(shop.graph) if row.pipeline == "p")
    assert found.similarity == pytest.approx(row.mean)
    known = {row.feature: row for row in similarity.features(shop.graph, "p")}
    assert {one.feature for one in found.features} == set(known) == {"a", "b", "c"}
    for one in found.features:
        assert one.divergence == pytest.approx(known[one.feature].mean)
        assert one.agreeing == pytest.approx(known[one.feature].agreeing)
    assert {one.feature: one.where for one in found.features} == {
        "a": "both",
        "b": "both",
        "c": "b",
    }
    back = shop.diff("p/1/train", "p/0/train").data
    assert {one.feature: one.where for one in back.features}["c"] == "a"
    assert back.similarity == found.similarity


def test_across_pipelines_and_sources(shop: Lineage) -> None:
    found = shop.diff("p/1/train", "q/1/train q")
    assert (found.a.source, found.b.source) == ("s", "t")
    both = {node.node: node for node in found.nodes}
    assert {node.where for node in both.values()} == {"both"}
    train = both["train q"]
    assert train.a is not None
    assert train.a.node == "train"  # the only one of its type that is left on either side
    assert train.code_changed is False
    assert found.data.is_same is False
    assert found.data.similarity == 1.0


def test_nothing_in_common(shop: Lineage) -> None:
    shop.graph.run_text(
        "MATCH (e:Execution {key: 't#execution/q/1/train q'}) "
        "SET e.type = 'Other', e.cost_unit = 'h' RETURN 1 AS one"
    )
    found = shop.diff("p/1/train", "q/1/train q")
    assert [(node.node, node.where) for node in found.nodes][2:] == [
        ("train", "a"),
        ("train q", "b"),
    ]
    assert found.nodes[3].b is not None
    assert found.nodes[3].b.costs == {"h": 120.0}
    text = found.text(80)
    assert "- train (training), 1 execution" in text
    assert "train q (0 → 1): 0.00 h → 120.00 h" in text


def test_errors(shop: Lineage) -> None:
    with pytest.raises(NotFoundError, match="no graphlet has the key, id or name 'nowhere'"):
        shop.diff("nowhere")
    with pytest.raises(NotFoundError, match=r"'p/' may be .*give the whole key$"):
        shop.diff("p/", "p/1/train")
    with pytest.raises(NotFoundError, match="no graphlet comes before s#execution/p/0/train"):
        shop.diff("p/0/train")
    with pytest.raises(SettingsError, match="are the same graphlet, s#execution/p/0/train"):
        shop.diff("p/0/train", "s#execution/p/0/train")
    with pytest.raises(NotFoundError, match="no graphlet"):
        shop.diff("p/0/gen")


def test_text_is_safe_and_narrow(shop: Lineage) -> None:
    found = shop.diff("p/1/train")
    text = found.text(80)
    assert max(map(cell_len, text.splitlines())) <= 80
    assert "␛[31mevil[/red]\\u202e" in text
    assert "~ train: args.layers[0].units: 8 → 16" in text
    assert "+ train: args.only 1 = NaN" in text
    assert "~ Blessing auc: 0.5 → 0.6" in text
    assert "Jaccard 0.00" in text
    assert "\u202e" not in found.to_json()
    assert json.loads(found.to_json())["nodes"][2]["parameters"][1]["a"] == "NaN"
    assert "␛" in found._repr_html_()
    assert len(found.to_pandas()) == 3


def test_command(shop: Lineage, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEO4J_URI", endpoint.uri)
    monkeypatch.setenv("NEO4J_USERNAME", endpoint.username)
    monkeypatch.setenv("NEO4J_PASSWORD", endpoint.password)
    monkeypatch.setenv("COLUMNS", "80")
    run = CliRunner().invoke
    told = run(app, ["diff", "p/1/train"])
    assert told.exit_code == 0
    assert told.stdout.startswith("diff of two graphlets")
    found = json.loads(run(app, ["diff", "p/0/train", "p/1/train", "--json"]).stdout)
    assert found["b"]["key"] == "s#execution/p/1/train"
    failed = run(app, ["diff", "p/0/train"])
    assert failed.exit_code == 1
    assert failed.stderr.startswith("error: no graphlet comes before")


def test_a_hub_of_many_executions_is_told_in_few_rows(lin: Lineage) -> None:
    lin.ingest_records(days(0, 1), source="s")
    lin.segment()
    lin.graph.run_text(
        "MATCH (g:Graphlet {key: 's#execution/p/1/train'}) UNWIND range(1, 20000) AS i "
        "CREATE (g)-[:ANCESTOR]->(:Execution:Ingestion {key: 'many ' + i, node: 'gen', "
        "operator: 'ingestion', state: 'COMPLETE', cost: 1.0, cost_unit: 's'}) "
        "RETURN count(*) AS made"
    )
    gen = lin.diff("p/1/train").nodes[1]
    assert gen.b is not None
    assert (gen.b.executions, gen.b.costs, gen.b.states) == (
        20_001,
        {"s": 20_120.0},
        {"COMPLETE": 20_001},
    )
    rows = lin.query("show/diff_nodes", a="s#execution/p/0/train", b="s#execution/p/1/train")
    assert len(rows) == 6


@pytest.fixture
def random_graph(lin: Lineage) -> Lineage:
    lin.ingest_records(in_one_load(random_traces(60, 23)), source="s")
    lin.segment()
    return lin


def test_random_pairs_against_single_nodes(random_graph: Lineage) -> None:
    lin = random_graph
    graphlets = {row["key"]: row for row in lin.export_graphlets()}
    run = lin.graph.run_text
    executions = {
        row["key"]: row["e"]
        for row in run("MATCH (e:Execution) RETURN e.key AS key, properties(e) AS e")
    }
    digests = {
        row["key"]: row["digest"]
        for row in run("MATCH (a:Artifact) RETURN a.key AS key, a.digest AS digest")
    }
    members = {
        row["key"]: row["nodes"]
        for row in run(
            "MATCH (g:Graphlet)-[r]->(n) WHERE type(r) <> 'NEXT' "
            "RETURN g.key AS key, collect(DISTINCT n.key) AS nodes"
        )
    }
    spans = defaultdict(list)
    for row in run("MATCH (g:Graphlet)-[:SPAN]->(s) RETURN g.key AS key, s.key AS span"):
        spans[row["key"]].append(row["span"])
    rng = random.Random(5)
    for _ in range(60):
        a, b = rng.sample(sorted(graphlets), 2)
        found = lin.diff(a, b)
        mine, theirs = (
            {("digest", digests[s]) if digests[s] else ("key", s) for s in spans[key]}
            for key in (a, b)
        )
        assert (found.spans.shared.total, found.spans.added.total, found.spans.removed.total) == (
            len(mine & theirs),
            len(theirs - mine),
            len(mine - theirs),
        )
        check_nodes(found, "a", [executions[k] for k in members[a] if k in executions])
        check_nodes(found, "b", [executions[k] for k in members[b] if k in executions])
    for row in run("MATCH (a)-[n:NEXT]->(b) RETURN a.key AS a, b.key AS b, n.jaccard AS jaccard"):
        found = lin.diff(row["b"])
        assert (found.a.key, found.b.key) == (row["a"], row["b"])
        assert found.spans.jaccard == pytest.approx(row["jaccard"])


def check_nodes(found: GraphletDiff, side: str, executions: list[dict[str, Any]]) -> None:
    """One side of a diff against its executions, counted one by one."""
    told = {getattr(n, side).node: getattr(n, side) for n in found.nodes if getattr(n, side)}
    names = Counter(e.get("node") or e["type"] for e in executions)
    assert {name: one.executions for name, one in told.items()} == names
    for name, one in told.items():
        those = [e for e in executions if (e.get("node") or e["type"]) == name]
        costs: dict[str, float] = defaultdict(float)
        for e in those:
            if e.get("cost") is not None:
                costs[e["cost_unit"]] += e["cost"]
        assert one.costs == pytest.approx(costs)
        states = Counter("ABANDONED" if e.get("abandoned") else e["state"] for e in those)
        assert one.states == states
        assert one.codes == len({e.get("code_version") for e in those} - {None})


def test_demo(connected: Lineage) -> None:
    lin = demo(connected)
    for graphlet in lin.export_graphlets():
        before = lin.show(graphlet["key"], kind="graphlet").branch("previous").items
        if before:
            found = lin.diff(graphlet["key"])
            assert found.a.key == before[0].key
            assert found.text(80)
