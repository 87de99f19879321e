"""Waste on a simulated corpus: accounting, features that know no future, and answers."""

from __future__ import annotations

import json
import threading
from collections import Counter
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner  # noqa: TID251

from lineage.analyses import waste
from lineage.errors import ModelFileError, NotFoundError, WasteError
from lineage.readers import open_reader
from lineage.records import (
    Artifact,
    Event,
    EventKind,
    Execution,
    Membership,
    NodeKind,
    Pipeline,
    Run,
    State,
)
from lineage.settings import Settings
from lineage.simulate import Profile, Simulated, simulate
from lineage.waste import models, service
from lineage.waste.collect import collect, some
from lineage.waste.facts import Awaited
from lineage.waste.results import Headline, InsufficientData
from lineage.waste.stages import STAGES, Kind, Stage
from lineage.waste.table import FeatureTable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lineage import Lineage
    from lineage.records import Record

NONE: dict[str, Any] = {"source": None, "pipeline": None, "since": None, "until": None}


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Simulated:
    folder = tmp_path_factory.mktemp("waste") / "corpus"
    return simulate(folder, pipelines=14, days=16, seed=3)


@pytest.fixture(scope="module")
def records(corpus: Simulated) -> list[Record]:
    reader = open_reader(corpus.folder)
    try:
        return list(reader.records())
    finally:
        reader.close()


@pytest.fixture
def filled(lin: Lineage, corpus: Simulated) -> Lineage:
    lin.ingest(corpus.folder)
    lin.segment()
    return lin


def test_accounting_adds_up(filled: Lineage) -> None:
    (summary,) = filled.query("analyses/summary_costs", **NONE)
    rows = list(waste.wasted(filled.graph))
    by: dict[str, list[waste.Wasted]] = {}
    for row in rows:
        by.setdefault(row.by, []).append(row)
    assert by.keys() == {"pipeline", "operator", "family", "month"}
    total = sum(1 for _ in filled.export_graphlets())
    for name, parts in by.items():
        assert sum(row.wasted for row in parts) == pytest.approx(summary["wasted"])
        assert sum(row.cost for row in parts) == pytest.approx(summary["attributed"])
        assert sum(row.of_all for row in parts) == pytest.approx(1)
        if name != "operator":
            assert sum(row.graphlets or 0 for row in parts) == total
    pipelines = {row["pipeline"]: row for row in filled.query("analyses/pipelines", **NONE)}
    for row in by["pipeline"]:
        assert row.wasted == pytest.approx(pipelines[row.name]["wasted"])
    # What each pipeline is told to do rests on counts that add up.
    for told in waste.pipelines(filled.graph, limit=None):
        reasons = (told.failed, told.unchecked, told.rejected, told.abandoned, told.throttled)
        assert sum(reasons) + told.unexplained == told.models - told.pushed
        assert getattr(told, told.reason) > 0


def test_reasons_are_those_of_the_simulator(filled: Lineage, corpus: Simulated) -> None:
    rows = pq.read_table(f"{corpus.folder}/truth/pushes.parquet").to_pylist()
    causes = Counter((row["pipeline"], row["cause"]) for row in rows)
    for told in waste.pipelines(filled.graph, limit=None):
        assert told.failed == causes[told.pipeline, "failed"]
        if told.pushed:
            assert told.rejected == (
                causes[told.pipeline, "not blessed"] + causes[told.pipeline, "not servable"]
            )


def test_what_to_do_keeps_units_apart(lin: Lineage) -> None:
    hour, start = 3_600_000, 1_767_225_600_000
    lin.ingest_records(
        [
            Pipeline(id="p", name="p"),
            Execution(id="gen", type="CsvExampleGen", started=start, ended=start + hour),
            Artifact(id="data", type="Examples"),
            Event(execution="gen", artifact="data", kind=EventKind.OUTPUT),
            Execution(id="t", type="Trainer", started=start + hour, ended=start + 2 * hour,
                      cost=20.0, cost_unit="EUR"),
            Event(execution="t", artifact="data", kind=EventKind.INPUT),
            Artifact(id="m", type="Model"),
            Event(execution="t", artifact="m", kind=EventKind.OUTPUT),
            *(Membership(member_kind=NodeKind.EXECUTION, member=one,
                         container_kind=NodeKind.PIPELINE, container="p") for one in ("gen", "t")),
        ],
        source="s",
    )  # fmt: skip
    lin.segment()
    found = lin.query("analyses/waste_pipelines", **NONE, limit=None)
    assert {(row["cost_unit"], row["wasted"], row["models"]) for row in found} == {
        ("EUR", 20.0, 1),
        ("s", 3_600.0, 1),
    }


def test_what_trains_since_graphlets_were_cut_is_none_of_them(lin: Lineage) -> None:
    lin.ingest_records(
        [
            Execution(id="prep", type="Prepare", cost=1.0, cost_unit="s"),
            Artifact(id="data", type="Examples"),
            Event(execution="prep", artifact="data", kind=EventKind.OUTPUT),
            Execution(id="t", type="Trainer", cost=2.0, cost_unit="s"),
            Event(execution="t", artifact="data", kind=EventKind.INPUT),
        ],
        source="s",
    )
    lin.segment()
    prepared = Execution(id="prep", type="Trainer", cost=1.0, cost_unit="s")
    lin.ingest_records([prepared], source="s")
    found = {(row.by, row.graphlets, row.cost) for row in waste.wasted(lin.graph)}
    assert ("pipeline", 1, 3.0) in found
    lin.segment()
    found = {(row.by, row.graphlets, row.cost) for row in waste.wasted(lin.graph)}
    assert ("pipeline", 2, 3.0) in found


def test_what_is_undecided_is_named(lin: Lineage) -> None:
    day = 86_400_000
    start = 1_767_225_600_000

    def trained(name: str, at: int, state: State = State.COMPLETE) -> list[Record]:
        ended = None if state is State.RUNNING else at + 1000
        return [
            Execution(id=name, type="Trainer", node="Trainer", state=state, started=at, ended=ended,
                      cost=5.0, cost_unit="s"),
            Artifact(id=f"{name}.model", type="Model"),
            Event(execution=name, artifact=f"{name}.model", kind=EventKind.OUTPUT),
        ]  # fmt: skip

    push: list[Record] = [
        Execution(id="push", type="Pusher", node="Pusher", state=State.COMPLETE,
                  started=start + day, ended=start + 2 * day, cost=1.0, cost_unit="s"),
        Artifact(id="pushed", type="PushedModel"),
        Event(execution="push", artifact="old.model", kind=EventKind.INPUT),
        Event(execution="push", artifact="pushed", kind=EventKind.OUTPUT),
    ]  # fmt: skip
    lin.ingest_records(
        [
            *trained("old", start),
            *push,
            *trained("lost", start + day),
            *trained("young", start + 9 * day),
            *trained("open", start + 10 * day, State.RUNNING),
        ],
        source="s",
    )
    lin.segment()
    found = {row.what: row for row in waste.undecided(lin.graph)}
    assert found["open"].example.endswith("open")
    assert not found["open"].counted
    young = found["too young to tell"]
    assert (young.graphlets, young.counted, young.hours) == (1, True, 48)
    assert young.example.endswith("young")
    sooner = {row.what for row in waste.undecided(lin.graph, push_hours=1.0)}
    assert "too young to tell" not in sooner
    pushed = lin.graph.run_text("MATCH (g:Graphlet) WHERE g.pushed RETURN g.pushed_at AS at")
    assert [row["at"].timestamp() * 1000 for row in pushed] == [start + 2 * day]


def cut(records: list[Record], at: int) -> Iterator[Record]:  # noqa: C901 (one case a kind)
    """The trace as it was at a time: what had not begun is not there, what had not ended runs."""
    begun = {one.id for one in records if isinstance(one, Execution) and (one.started or 0) <= at}
    over = {
        one.id for one in records
        if isinstance(one, Execution) and one.id in begun and (one.ended or at + 1) <= at
    }  # fmt: skip
    runs = {one.id for one in records if isinstance(one, Run) and (one.started or 0) <= at}
    made = {
        one.artifact for one in records
        if isinstance(one, Event) and one.kind is EventKind.OUTPUT and one.execution in over
    }  # fmt: skip
    for one in records:
        if isinstance(one, Execution):
            if one.id in over:
                yield one
            elif one.id in begun:
                yield replace(one, state=State.RUNNING, ended=None, cost=None, updated=at)
        elif isinstance(one, Run):
            if one.id in runs:
                yield replace(one, state=None, ended=None)
        elif isinstance(one, Artifact):
            if one.id in made:
                yield one
        elif isinstance(one, Event):
            known = one.execution in over or (
                one.execution in begun and one.kind is not EventKind.OUTPUT
            )
            if known and one.artifact in made:
                yield one
        elif isinstance(one, Membership):
            if one.member in begun or one.member in runs:
                yield one
        else:
            yield one


def same(one: Any, other: Any) -> bool:
    if isinstance(one, str):
        return bool(one == other)
    return bool(np.isclose(one, other, rtol=1e-9, equal_nan=True))


def test_features_know_nothing_of_the_future(filled: Lineage, records: list[Record]) -> None:
    later = collect(filled.graph).table
    times = later.decided[:, 0]
    at = int(np.quantile(times, 0.6))
    filled.forget(filled.sources()[0]["source"])
    filled.ingest_records(cut(records, at), source="then")
    filled.segment()
    then = collect(filled.graph).table
    rows = {key.partition("#")[2]: row for row, key in enumerate(then.key)}
    compared: Counter[Stage] = Counter()
    for row, key in enumerate(later.key):
        here = rows.get(key.partition("#")[2])
        if here is None:
            continue
        for feature in later.features:
            if not later.decided[row, feature.stage.rank] <= at:
                continue
            mine, theirs = later.columns[feature.name][row], then.columns[feature.name][here]
            assert same(mine, theirs), (key, feature.name, mine, theirs)
            compared[feature.stage] += 1
    assert all(compared[stage] > 100 for stage in STAGES)
    # What is under way has not reached what is still to come, and can be asked alone.
    assert then.open.any()
    for row in np.flatnonzero(then.open):
        check_alone(filled, then, row)
    assert np.isnan(then.decided[then.open]).any()
    assert np.nanmax(then.decided) <= at


def test_a_model_to_come_has_the_features_that_it_has_later(
    filled: Lineage, records: list[Record]
) -> None:
    later = collect(filled.graph).table
    rows = {key.partition("#execution/")[2]: row for row, key in enumerate(later.key)}
    trainers = {
        (one.container, later.node[rows[one.member]]): one.member
        for one in records
        if isinstance(one, Membership) and one.member in rows
    }
    compared: Counter[Stage] = Counter()
    for share in (0.6, 0.7):
        for source in filled.sources():
            filled.forget(source["source"])
        at = int(np.quantile(later.decided[:, 2], share)) - 1  # a training is about to begin
        filled.ingest_records(cut(records, at), source="then")
        filled.segment()
        for run in filled.query("waste/awaited", run=None, source=None, pipeline=None):
            key = run["key"]
            models = filled.query("waste/recent", key=run["last"], models=100, later=True)
            found = some(filled.graph, [one["key"] for one in models], Awaited(key, run["last"]))
            (here,) = np.flatnonzero(found.key == key)
            row = rows[trainers[key.partition("#run/")[2], found.node[here]]]
            for feature in found.features:
                if not np.isnan(found.decided[here, feature.stage.rank]):
                    mine = found.columns[feature.name][here]
                    assert same(mine, later.columns[feature.name][row]), (key, feature.name)
                    compared[feature.stage] += 1
    assert set(compared) == {Stage.BEFORE, Stage.DATA}


def test_one_graphlet_has_the_features_that_it_has_among_all(filled: Lineage) -> None:
    whole = collect(filled.graph)
    table = whole.table
    assert whole.unstarted == whole.unpriced == whole.undated == 0
    assert whole.unit == "machine seconds"
    for row in range(0, len(table), max(1, len(table) // 40)):
        check_alone(filled, table, row)


def check_alone(lin: Lineage, table: FeatureTable, row: int) -> None:
    """One graphlet, asked with those that may matter to it, has its row of the table."""
    asked = lin.query("waste/recent", key=table.key[row], models=100, later=False)
    few = some(lin.graph, [one["key"] for one in asked])
    (here,) = np.flatnonzero(few.key == table.key[row])
    for feature in table.features:
        mine, theirs = table.columns[feature.name][row], few.columns[feature.name][here]
        assert same(mine, theirs), (table.key[row], feature.name, mine, theirs)


def test_costs_of_work_are_those_of_graphlets(filled: Lineage) -> None:
    found = collect(filled.graph)
    (summary,) = filled.query("analyses/summary_costs", **NONE)
    assert found.work.cost.sum() == pytest.approx(summary["attributed"])
    unpushed = ~found.table.pushed
    holders = np.logical_and.reduceat(unpushed[found.work.indices], found.work.indptr[:-1])
    assert found.work.cost[holders].sum() == pytest.approx(summary["wasted"])
    whole = {one["key"]: one["cost"] for one in filled.export_graphlets()}
    assert [whole[key] for key in found.table.key] == pytest.approx(found.table.cost.tolist())


def test_features_are_exported(filled: Lineage, tmp_path: Path) -> None:
    rows = filled.export_waste(tmp_path / "features.parquet")
    read = FeatureTable.from_parquet(tmp_path / "features.parquet")
    assert rows == len(read) == sum(1 for _ in filled.export_graphlets())
    assert {feature.stage for feature in read.features} == set(STAGES)
    assert any(feature.kind is Kind.CATEGORY for feature in read.features)
    name = str(read.pipeline[0])
    few = filled.export_waste(tmp_path / "few.parquet", pipeline=name)
    assert few == (read.pipeline == name).sum() < rows


def test_a_typo_is_an_error_and_replaces_nothing(lin: Lineage, tmp_path: Path) -> None:
    model = tmp_path / "model.zip"
    model.write_text("an earlier one")
    with pytest.raises(WasteError, match="no graphlets of source s and pipeline p; "):
        lin.train_waste(source="s", pipeline="p", out=model)
    with pytest.raises(WasteError, match="no graphlets of pipeline p; "):
        lin.export_waste(tmp_path / "features.parquet", pipeline="p")
    assert model.read_text() == "an earlier one"
    with pytest.raises(ModelFileError, match=r"model\.json is not beside it"):
        service.load_model(model)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forests of few trees: these tests look at what is done with predictors, not at how good."""
    monkeypatch.setattr(models, "TREES", 8)


def pushy(tmp_path: Path) -> Simulated:
    """A corpus in which drift alone decides on pushes, and the last run is under way."""
    profile = Profile(
        evaluator=1.0, pusher=1.0, manual=0.0, gate=0.0, fresh=0.0, throttle={0.0: 1.0},
        blessing=3.0, blessing_drift=-9.0, blessing_noise=0.0, shock=0.3, restructure=0.0,
        lifespan_days=60.0, runs_a_day=2.0, runs_spread=0.3, trainers={1: 1.0},
    )  # fmt: skip
    return simulate(tmp_path / "pushy", pipelines=10, days=14, seed=1, profile=profile)


@pytest.mark.usefixtures("quick")
def test_a_predictor_is_trained_reported_and_asked(
    lin: Lineage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus = pushy(tmp_path)
    reader = open_reader(corpus.folder)
    trace = list(reader.records())
    reader.close()
    ends = sorted(one.ended or 0 for one in trace if isinstance(one, Execution))
    lin.ingest_records(cut(trace, ends[len(ends) * 9 // 10]), source="live", simulated=True)
    lin.segment()
    monkeypatch.setattr(lin, "settings", Settings(waste_model=str(tmp_path / "model.zip")))
    with pytest.raises(ModelFileError, match="train-waste"):
        lin.under_way()
    found = lin.train_waste(max_freshness_loss=0.1)
    assert isinstance(found.training.headline, Headline)
    assert found.simulated == ("live",)
    assert service.load_report(tmp_path / "model.zip") == found.model_copy(
        update={"training": found.training.model_copy(update={"model": None})}
    )
    report = lin.report(["waste"])
    (headline,) = report.table("waste", "headline").rows
    assert headline.model_dump()["simulated"] == "live"
    assert len(report.table("waste", "stages").rows) == len(STAGES)
    for format_ in ("text", "json", "csv", "html"):
        assert "waste" in report.render(format_).lower()
    assert "Calibration" in report.render("html")
    under_way = lin.under_way()
    assert under_way
    assert len(report.table("waste", "running").rows) == len(under_way)
    one = lin.predict_push(under_way[0].key)
    assert one == under_way[0]
    assert one.open
    assert not one.pushed
    assert 0 <= one.probability <= 1
    early = lin.predict_push(one.key, "before")
    assert early.stage is Stage.BEFORE
    with pytest.raises(WasteError, match="has not reached"):
        lin.predict_push(one.key, "validation")
    with pytest.raises(WasteError, match="no stage"):
        lin.predict_push(one.key, "later")
    with pytest.raises(NotFoundError):
        lin.predict_push("nothing")
    lin.forget("live")
    with pytest.raises(ModelFileError, match="none of which is in this graph"):
        lin.under_way()
    assert not lin.report(["waste"]).table("waste", "headline").rows


@pytest.mark.usefixtures("quick")
def test_too_little_gives_no_headline(filled: Lineage, tmp_path: Path) -> None:
    name = filled.query("analyses/waste_pipelines", **NONE, limit=1)[0]["pipeline"]
    found = filled.train_waste(pipeline=name, out=tmp_path / "model.zip")
    if found.training.counts.usable < 200:
        assert isinstance(found.training.headline, InsufficientData)
        assert found.training.model is None
        assert not (tmp_path / "model.zip").exists()


def test_an_empty_graph_is_told_so(lin: Lineage, tmp_path: Path) -> None:
    found = lin.train_waste(out=tmp_path / "model.zip")
    assert isinstance(found.training.headline, InsufficientData)
    text = lin.report(["waste"]).render()
    assert "no cost is known" in text
    assert "train-waste" in text


class Hook(BaseHTTPRequestHandler):
    got: ClassVar[list[dict[str, Any]]] = []
    status = 204

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        type(self).got.append(json.loads(body))
        self.send_response(type(self).status)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def hook() -> Iterator[str]:
    Hook.got, Hook.status = [], 204
    with HTTPServer(("127.0.0.1", 0), Hook) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/secret-path"
        server.shutdown()
        thread.join()


def stopping(key: str) -> Any:
    from lineage.waste.live import PushPrediction

    return PushPrediction(
        key=key, pipeline="p", node="trainer", stage=Stage.DATA, pushed=False, open=True,
        probability=0.01, threshold=0.1, stop=True, reasons=(), spent=1.0, to_spend=9.0,
        cost_unit="s",
    )  # fmt: skip


def test_watch_tells_each_model_once_and_posts_it(
    lin: Lineage, hook: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lineage.waste.watch import Watch, Webhook

    going = stopping("b").model_copy(update={"stop": False})
    monkeypatch.setattr(lin, "under_way", lambda **_: [stopping("a"), going])
    watched = Watch(lin)
    assert watched.look().stop == (stopping("a"),)
    assert watched.look().stop == ()
    webhook = Webhook(hook)
    assert webhook.send([stopping("a")]) is None
    assert [one["key"] for one in Hook.got] == ["a"]


@pytest.mark.parametrize("status", [302, 500])
def test_what_a_webhook_did_not_take_waits(hook: str, status: int) -> None:
    from lineage.waste.watch import Webhook

    webhook, Hook.status = Webhook(hook), status
    assert webhook.send([stopping("a"), stopping("b")]) == f"the webhook answered {status}"
    assert [one["key"] for one in Hook.got] == ["a"]  # the second was not tried
    Hook.status = 204
    assert webhook.send([stopping("c")]) is None
    assert [one["key"] for one in Hook.got[1:]] == ["a", "b", "c"]
    assert webhook.send([]) is None
    assert len(Hook.got) == 4


def test_a_webhook_that_is_not_there_and_one_that_is_no_address() -> None:
    from lineage.errors import SettingsError
    from lineage.waste.watch import Webhook

    problem = Webhook("http://127.0.0.1:9/secret-path").send([stopping("a")])
    assert problem is not None
    assert "secret" not in problem
    for wrong in ("foo", "ftp://example.org/", "https://", "http://[", "/secret-path"):
        with pytest.raises(SettingsError, match="no address"):
            Webhook(wrong)


@pytest.mark.usefixtures("quick")
def test_the_commands(
    lin: Lineage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hook: str
) -> None:
    from lineage import api
    from lineage.cli.app import app
    from lineage.cli.commands import register

    register()
    lin.ingest(pushy(tmp_path).folder)
    lin.segment()
    monkeypatch.setenv("LINEAGE_WASTE_MODEL", str(tmp_path / "m.zip"))
    monkeypatch.setattr(lin, "settings", Settings.load())
    monkeypatch.setattr(api.Lineage, "connect", classmethod(lambda *_, **__: lin))
    monkeypatch.setattr(api.Lineage, "close", lambda _: None)
    run = CliRunner()
    done = run.invoke(app, ["train-waste", "--max-freshness-loss", "0.05"])
    assert done.exit_code == 0, done.output
    assert "this rests on" in done.output
    key = next(iter(lin.export_graphlets()))["key"]
    done = run.invoke(app, ["advise", key, "--waste"])
    assert done.exit_code == 0, done.output
    assert key in done.output
    assert json.loads(run.invoke(app, ["advise", key, "--waste", "--json"]).output)["key"] == key
    assert run.invoke(app, ["advise", key, "--waste", "--code", "1"]).exit_code == 2
    done = run.invoke(app, ["train-waste", "--features", str(tmp_path / "f.parquet")])
    assert "graphlets in" in done.output
    monkeypatch.setattr(lin, "under_way", lambda **_: [stopping("a")])
    done = run.invoke(app, ["watch", "--once", "--webhook", hook])
    assert done.exit_code == 0, done.output
    assert done.output.startswith("stop: p trainer will be pushed with 1.0 %")
    assert [one["key"] for one in Hook.got] == ["a"]
    done = run.invoke(app, ["watch", "--once", "--webhook", "http://127.0.0.1:9/secret-path"])
    assert done.exit_code == 1
    assert "the webhook cannot be reached" in done.output
    assert "trying again" not in done.output
