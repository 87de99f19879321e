"""Neo4j Browser, as a person sees it: the guide, the style, saved queries, and what is drawn."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from support.browser import ask, drop, log_in, newest, opened
from support.chromium import needs_chromium
from support.demo import demo
from support.serving import serving

from lineage import queries
from lineage.saved import FOLDER, names, saved_queries, title
from lineage.serve.pages.guide import STEPS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

    from lineage import Lineage
    from lineage.server import Endpoint

QUESTION = "explore/latest_pushed_model"
DRAWN = """nodes => nodes.map(node => ({
  caption: [...node.querySelectorAll("text.caption")].map(t => t.textContent.trim()).join(" "),
  fill: node.querySelector("circle.b-outline").getAttribute("fill"),
}))"""
IMAGES = Path(__file__).parents[2] / "docs" / "images"
SHOWN = {"latest_run", "latest_pushed_model", "saved"}
"""Pictures that `docs/browser.md` shows."""
KEY = "a-key-of-the-tests-alone"

pytestmark = needs_chromium


@pytest.fixture(scope="module")
def story(connected: Lineage) -> Lineage:
    return demo(connected)


@pytest.fixture(scope="module")
def guide(
    story: Lineage, endpoint: Endpoint, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Where the guide is, of a receiver that asks for a key for all else."""
    folder = tmp_path_factory.mktemp("guide")
    (folder / "keys").write_text(f"{KEY}\n")
    with serving(endpoint, folder, "--api-key-file", str(folder / "keys")) as (url, _):
        yield url.replace("127.0.0.1", "localhost") + "/guide"


def shot(page: Page, name: str, folder: Path) -> None:
    """Take a picture of the page; for the documentation, where that is made anew."""
    chevron = newest(page).get_by_title("Collapse the node properties display")
    if chevron.count():
        chevron.click()
        settle(page)
    update = name in SHOWN and os.environ.get("LINEAGE_UPDATE_DOCS")
    page.screenshot(path=(IMAGES if update else folder) / f"browser-{name}.png")


def is_drawn(name: str) -> bool:
    """Whether Browser draws what a query returns."""
    return any(column.type.startswith(("PATH", "NODE")) for column in queries.load(name).columns)


def nodes_of(rows: list[dict[str, Any]]) -> set[str]:
    """Keys of all nodes in rows."""
    values = [value for row in rows for value in row.values()]
    flat = [one for value in values for one in (value if isinstance(value, list) else [value])]
    return {one["key"] for one in flat if isinstance(one, dict) and "name" in one}


def answered(page: Page, story: Lineage, name: str) -> None:
    """The newest frame has the whole answer of a query."""
    rows, frame = story.query(name), newest(page)
    if is_drawn(name):
        frame.locator("svg g.node text.caption").first.wait_for()
        if (chevron := frame.get_by_title("Expand the node properties display")).count():
            chevron.click()  # it stays folded from the frame before
        said = frame.locator("[data-testid=vizInspector]")
        said.get_by_text("Displaying").wait_for()
        assert f"Displaying {len(nodes_of(rows))} nodes" in said.inner_text()
    else:
        frame.get_by_text(re.compile(f"Started streaming {len(rows)} records")).wait_for()


def test_a_question_is_drawn_in_our_style(story: Lineage, endpoint: Endpoint) -> None:
    rows = story.query(QUESTION)
    nodes = {node["key"]: node for row in rows for node in row["flow"] if isinstance(node, dict)}
    with opened(endpoint) as page:
        log_in(page, endpoint)
        drop(page, queries.folder() / "style.grass")
        page.locator("pre", has_text="node.Training {").wait_for()
        # The file as it is, header and all: that is what people paste.
        ask(page, (queries.folder() / f"{QUESTION}.cypher").read_text("utf-8"))
        page.wait_for_selector("svg g.node text.caption")
        overview = page.locator("[data-testid=vizInspector]")
        overview.get_by_text("Displaying").wait_for()
        said = overview.inner_text()
        drawn = page.locator("svg g.node").evaluate_all(DRAWN)

    assert f"Displaying {len(nodes)} nodes, {len(rows)} relationships" in said
    assert "Training (1)" in said
    assert len(drawn) == len(nodes)
    # A caption that falls back is an element id: a number, or nothing.
    assert [one["caption"] for one in drawn if not re.match(r"[A-Za-z]{3}", one["caption"])] == []
    trainers = [one for one in drawn if one["fill"] == colour("Training")]
    assert [one["caption"] for one in trainers] == [
        node["name"] for node in nodes.values() if node.get("operator") == "training"
    ]
    spans = [one for one in drawn if one["fill"] == colour("Span")]
    assert len(spans) == sum(node.get("artifact") == "span" for node in nodes.values())


def test_the_guide_is_gone_through(
    story: Lineage, endpoint: Endpoint, guide: str, tmp_path: Path
) -> None:
    with opened(endpoint, 1280, 800) as page:
        log_in(page, endpoint)
        ask(page, f":guide {guide}")
        drawer = page.locator("[data-testid=guidesDrawer]")
        drawer.get_by_text("Before you start").wait_for()
        drawer.locator("[data-exec]").click()
        newest(page).locator("pre", has_text="node.Training {").wait_for()
        for number, step in enumerate(STEPS, 1):
            page.click("[data-testid=guideNextSlide]")
            drawer.get_by_text(f"{number}. {step.title}").wait_for()
            drawer.locator("pre.runnable i").click()
            said = queries.load(step.query).title
            newest(page).locator("[data-testid=frameCommand]", has_text=said).wait_for()
            answered(page, story, step.query)
            if step.query == "explore/latest_run":  # in the style that was fetched
                drawn = newest(page).locator("svg g.node").evaluate_all(DRAWN)
                assert colour("Training") in {one["fill"] for one in drawn}
            shot(page, step.query.rpartition("/")[2], tmp_path)
        assert page.locator("[data-testid=guideNextSlide]").is_disabled()


def test_the_guide_is_played(story: Lineage, endpoint: Endpoint, guide: str) -> None:
    with opened(endpoint) as page:
        log_in(page, endpoint)
        address = guide.replace("localhost", "127.0.0.1") if endpoint.kind != "external" else guide
        ask(page, f":play {address}")
        newest(page).get_by_text("Before you start").wait_for()
        page.locator("[data-testid=nextSlide]").click()
        page.locator("pre.runnable i").click()
        first = STEPS[0].query
        newest(page).locator(
            "[data-testid=frameCommand]", has_text=queries.load(first).title
        ).wait_for()
        answered(page, story, first)


def test_a_link_opens_browser_with_the_guide(endpoint: Endpoint, guide: str) -> None:
    with opened(endpoint, more=f"&cmd=guide&arg={guide}") as page:
        page.get_by_text("Before you start").wait_for()


def test_saved_queries_are_taken_and_run(
    story: Lineage, endpoint: Endpoint, tmp_path: Path
) -> None:
    file = tmp_path / "queries.zip"
    file.write_bytes(saved_queries())
    with opened(endpoint, 1280, 800) as page:
        log_in(page, endpoint)
        drop(page, queries.folder() / "style.grass")
        drop(page, file)
        page.click("[data-testid=navigationFavorites]")
        page.click(f"[data-testid=expandFolder-{FOLDER}]")
        items = page.locator("[data-testid=savedScriptListItem]")
        items.first.wait_for()
        assert sorted(items.all_inner_texts()) == sorted(title(name) for name in names())
        asked = page.locator(
            "[data-testid=savedScriptListItem]",
            has=page.locator("[data-testid='scriptTitle-where from']"),
        )
        asked.hover()
        asked.locator("[data-testid=savedScriptsButton-Run]").click()
        newest(page).locator("[data-testid=frameCommand]", has_text="where from").wait_for()
        answered(page, story, "explore/where_from")
        shot(page, "saved", tmp_path)


def settle(page: Page) -> None:
    """Wait until the drawing moves no more."""
    where = "nodes => nodes.map(node => node.getAttribute('transform')).join()"
    before, nodes = "", newest(page).locator("svg g.node")
    while (now := nodes.evaluate_all(where)) != before:
        before = now
        page.wait_for_timeout(300)


def colour(label: str) -> str:
    """The colour that the style gives a label."""
    style = (queries.folder() / "style.grass").read_text("utf-8")
    found = re.search(rf"^node\.{label} \{{[^}}]*?\bcolor: (#\w+);", style, re.MULTILINE)
    assert found
    return found[1]
