"""Pictures of what is in the graph: the demo's graphlets in every form, and large ones."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from support.chromium import ARGUMENTS, CHROMIUM, needs_chromium
from support.demo import demo
from support.pictures import EVIL, check_dot, check_mermaid, titles
from typer.testing import CliRunner  # noqa: TID251

from lineage.cli.app import app
from lineage.cli.commands import register
from lineage.errors import NotFoundError, PictureError
from lineage.records import (
    Artifact,
    ArtifactClass,
    Event,
    EventKind,
    Execution,
    OperatorClass,
    State,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lineage import Lineage
    from lineage.records import Record
    from lineage.server import Endpoint

register()
IMAGES = Path(__file__).parents[2] / "docs" / "images"
SHOWN = {"graphlet": "demo#execution/365", "timeline": "taxi-fares"}
START = 1_767_225_600_000
# What a reader sees of the drawing, and the colour of what it is drawn on.
LOOK = """() => ({
  nodes: [...document.querySelectorAll('svg .n')].map(n => n.getBoundingClientRect())
    .filter(r => r.width > 4 && r.left >= 0 && r.right <= innerWidth && r.bottom <= innerHeight)
    .length,
  paper: getComputedStyle(document.querySelector('.paper')).fill,
  ink: getComputedStyle(document.querySelector('svg text')).fill,
})"""


@pytest.fixture
def shop(connected: Lineage) -> Lineage:
    return demo(connected)


def run(endpoint: Endpoint, *arguments: str) -> Any:
    server = ["--uri", endpoint.uri, "--username", endpoint.username]
    if endpoint.database:
        server += ["--database", endpoint.database]
    environment = {"NEO4J_PASSWORD": endpoint.password or ""}
    return CliRunner().invoke(app, [*server, *arguments], env=environment)


def test_each_graphlet_in_each_form(shop: Lineage) -> None:
    for row in shop.export_graphlets():
        drawn = shop.picture(row["key"])
        held = sum(node.count for node in drawn.nodes if node.role != "outside")
        assert held == drawn.members == len(row["executions"]) + len(row["artifacts"])
        assert len(titles(drawn.svg())) == len(drawn.nodes) <= 60
        assert check_mermaid(drawn.mermaid()) == check_dot(drawn.dot()) == len(drawn.nodes)
        whole = shop.picture(row["key"], everything=True)
        assert all(node.count == 1 for node in whole.nodes)
        assert len(titles(whole.svg())) == len(whole.nodes) >= drawn.members


def test_what_comes_from_outside(shop: Lineage) -> None:
    drawn = shop.picture("demo#execution/365", everything=True)
    (warm,) = [node for node in drawn.nodes if node.role == "boundary"]
    assert ("made by", "Trainer 354") in warm.details
    assert not warm.inside
    outside = [node for node in drawn.nodes if node.role == "outside"]
    assert [dict(node.details)["type"] for node in outside] == ["TransformCache"]
    assert "from outside the graphlet: 2" in drawn.svg()
    trainer = next(node for node in drawn.nodes if node.role == "trainer")
    assert trainer.cost == pytest.approx(8940, rel=0.2)
    assert {node.shared for node in drawn.nodes} >= {"35", None}


def test_a_graphlet_on_the_command_line(shop: Lineage, endpoint: Endpoint, tmp_path: Path) -> None:
    file = tmp_path / "graphlet.svg"
    done = run(endpoint, "show", "demo#execution/365", "--format", "svg", "--output", str(file))
    assert (done.exit_code, done.output) == (0, "")
    assert file.read_text("utf-8") == shop.draw("demo#execution/365")
    for form, check in (("mermaid", check_mermaid), ("dot", check_dot)):
        done = run(endpoint, "show", "demo#execution/36", "--format", form)
        assert check(done.stdout) == 29
    done = run(endpoint, "show", "demo#execution/365", "--format", "html", "--all")
    drawing = done.stdout.partition("<svg")[2].partition("</svg>")[0]
    assert len(titles(f"<svg{drawing}</svg>")) == 78
    text = run(endpoint, "show", "demo#execution/365", "--output", str(file))
    assert text.exit_code == 0
    assert file.read_text("utf-8").startswith("graphlet of Trainer 365\n")


def test_what_cannot_be_drawn_is_said(shop: Lineage, endpoint: Endpoint, tmp_path: Path) -> None:
    missing = tmp_path / "none" / "x.svg"
    done = run(endpoint, "show", "demo#execution/36", "--format", "svg", "-o", str(missing))
    assert done.exit_code == 1
    assert str(missing) in done.output
    assert not missing.parent.exists()
    assert run(endpoint, "show", "demo#execution/36", "--all").exit_code == 2
    with pytest.raises(PictureError, match="a single artifact; `lineage show 'demo#artifact/242'"):
        shop.draw("demo#artifact/242")
    with pytest.raises(PictureError, match="no form dot"):
        shop.draw("taxi-fares", "dot", kind="pipeline")
    with pytest.raises(NotFoundError, match="no graphlet"):
        shop.picture("no such thing")


def test_a_timeline(shop: Lineage) -> None:
    found = shop.timeline("taxi-fares")
    assert found.counts() == {"pushed": 12, "not pushed": 15, "failed": 1, "open": 1}
    said = titles(found.svg())
    assert len(said) == 29
    assert sum("done before" in one for one in said) == 21
    assert "spans in common with the one before: 0.29" in "\n".join(said)
    assert shop.draw("taxi-fares", "svg", kind="pipeline") == found.svg()


@pytest.mark.parametrize("name", SHOWN)
def test_the_images_of_the_page_are_what_is_drawn(shop: Lineage, name: str) -> None:
    drawn, shipped = shop.draw(SHOWN[name]), IMAGES / f"{name}.svg"
    if os.environ.get("LINEAGE_UPDATE_DOCS"):
        shipped.write_text(drawn, "utf-8")
        return
    # Where nodes stand is left to the library that lays them out.
    assert titles(shipped.read_text("utf-8")) == titles(drawn)


@needs_chromium
@pytest.mark.parametrize("name", SHOWN)
def test_a_page_needs_no_network(shop: Lineage, name: str, tmp_path: Path) -> None:
    api = pytest.importorskip("playwright.sync_api", reason="needs the Python package playwright")
    file = tmp_path / "page.html"
    file.write_text(shop.draw(SHOWN[name], "html"), "utf-8")
    nodes = len(titles(shop.draw(SHOWN[name])))
    said: list[str] = []
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        looks = {}
        for scheme in ("light", "dark"):
            page = browser.new_page(viewport={"width": 1400, "height": 900}, color_scheme=scheme)
            page.on("console", lambda message: said.append(message.text))
            page.on("request", lambda request: said.append(request.url))
            page.on("pageerror", lambda error: said.append(str(error)))
            page.goto(file.as_uri())
            page.screenshot(path=tmp_path / f"{name}-{scheme}.png")
            looks[scheme] = page.evaluate(LOOK)
        page.locator("svg .n").nth(3).click()
        told = page.locator("#said").inner_text()
        page.fill("#find", "trainer 365")
        found = page.locator("svg .n:not(.dim)").count()
        page.click("#in")
        browser.close()
    assert said == [file.as_uri()] * 2
    assert [look["nodes"] for look in looks.values()] == [nodes] * 2
    assert looks["light"] == looks["dark"] | {
        "paper": "rgb(255, 255, 255)",
        "ink": "rgb(27, 39, 51)",
    }
    assert looks["dark"]["paper"] == "rgb(20, 24, 28)"
    assert "key: demo#" in told or "first: " in told
    assert 0 < found < nodes


def wide(spans: int) -> Iterator[Record]:
    """A trainer over so many spans, each ingested, analysed, validated and transformed."""
    made = (
        ("gen", OperatorClass.INGESTION, "span", ArtifactClass.SPAN, None),
        ("stat", OperatorClass.ANALYSIS, "stats", ArtifactClass.STATISTICS, "span"),
        ("check", OperatorClass.VALIDATION, "found", ArtifactClass.ANOMALIES, "stats"),
        ("prepare", OperatorClass.TRANSFORMATION, "ready", ArtifactClass.TRANSFORM, "span"),
    )
    yield _execution("train", OperatorClass.TRAINING, 0)
    yield Artifact(id="model", type="Model", artifact=ArtifactClass.MODEL, name=EVIL, uri=EVIL)
    for at in range(spans):
        for operator, class_, output, kind, _ in made:
            yield _execution(f"{operator}/{at}", class_, at)
            yield Artifact(id=f"{output}/{at}", type=output, artifact=kind)
    for at in range(spans):
        for operator, _, output, _, read in made:
            write = f"{output}/{at}"
            yield Event(execution=f"{operator}/{at}", artifact=write, kind=EventKind.OUTPUT)
            if read:
                name = f"{read}/{at}"
                yield Event(execution=f"{operator}/{at}", artifact=name, kind=EventKind.INPUT)
        yield Event(execution="train", artifact=f"ready/{at}", kind=EventKind.INPUT, index=at)
    yield Event(execution="train", artifact="model", kind=EventKind.OUTPUT, role=EVIL)


def _execution(name: str, kind: OperatorClass, at: int) -> Execution:
    return Execution(
        id=name, type=kind.value, name=EVIL if kind is OperatorClass.TRAINING else None,
        node=name.partition("/")[0], operator=kind, state=State.COMPLETE,
        started=START + at * 1_000, ended=START + at * 1_000 + 500, cost=0.5, cost_unit="s",
        properties={"note": EVIL},
    )  # fmt: skip


def test_a_graphlet_of_twenty_thousand_nodes(lin: Lineage) -> None:
    lin.ingest_records(wide(2_500), source="wide")
    lin.segment()
    drawn = lin.picture("wide#execution/train")
    assert drawn.members == 20_002
    assert sorted(node.count for node in drawn.nodes) == [1, 1, *[2_500] * 8]
    assert sum(node.cost or 0 for node in drawn.nodes) == 5_000.5
    assert "20,000 nodes that are alike are drawn as 8" in drawn.svg()
    assert len(drawn.svg()) < 50_000
    assert check_mermaid(drawn.mermaid()) == check_dot(drawn.dot()) == 10
    with pytest.raises(PictureError, match="20,002 nodes are too many"):
        lin.draw("wide#execution/train", everything=True)
    assert check_dot(lin.draw("wide#execution/train", "dot", everything=True)) == 20_002
