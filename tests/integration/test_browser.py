"""Neo4j Browser, as a person sees it: log in, put the style on, ask a question, look."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from support.chromium import ARGUMENTS, CHROMIUM, needs_chromium
from support.demo import demo

from lineage import queries

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Page

    from lineage import Lineage
    from lineage.server import Endpoint

PATIENCE = 90_000  # ms; a busy machine draws slowly
QUESTION = "explore/latest_pushed_model"
# What a paste does; typing would let the editor close brackets on its own.
PASTE = """(editor, text) => {
  const data = new DataTransfer();
  data.setData("text/plain", text);
  editor.dispatchEvent(
    new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
}"""
DRAWN = """nodes => nodes.map(node => ({
  caption: [...node.querySelectorAll("text.caption")].map(t => t.textContent.trim()).join(" "),
  fill: node.querySelector("circle.b-outline").getAttribute("fill"),
}))"""

pytestmark = needs_chromium


@pytest.fixture
def page(endpoint: Endpoint) -> Iterator[Page]:
    """Browser's page, kept from every address but the server's."""
    if not endpoint.http:
        pytest.skip("the address of Neo4j Browser is not known")
    api = pytest.importorskip("playwright.sync_api", reason="needs the Python package playwright")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = browser.new_page(viewport={"width": 1600, "height": 1100})
        page.set_default_timeout(PATIENCE)
        host = endpoint.http.partition("://")[2].partition(":")[0]
        page.route(lambda url: f"//{host}:" not in url, lambda route: route.abort())
        # A container's Bolt port is mapped to another than the one that the server advertises.
        page.goto(f"{endpoint.http}?connectURL={endpoint.uri}", wait_until="domcontentloaded")
        yield page
        browser.close()


def log_in(page: Page, endpoint: Endpoint) -> None:
    """Fill in the form that Browser begins with, and wait until it says it is connected."""
    page.wait_for_selector("[data-testid=authenticationMethod]")
    if endpoint.password:
        page.fill("[data-testid=username]", endpoint.username)
        page.fill("[data-testid=password]", endpoint.password)
    else:
        page.select_option("[data-testid=authenticationMethod]", "NO_AUTH")
    page.click("[data-testid=connect]")
    page.get_by_text(re.compile("You (have a working connection|are connected as)")).wait_for()


def ask(page: Page, text: str) -> None:
    """Paste into the editor and run."""
    editor = page.locator("[data-testid=activeEditor] textarea")
    editor.focus()
    editor.evaluate(PASTE, text)
    page.keyboard.press("Control+Enter")


def test_a_question_is_drawn_in_our_style(
    connected: Lineage, endpoint: Endpoint, page: Page, tmp_path: Path
) -> None:
    rows = demo(connected).query(QUESTION)
    nodes = {node["key"]: node for row in rows for node in row["flow"] if isinstance(node, dict)}
    log_in(page, endpoint)
    ask(page, ":style " + (queries.folder() / "style.grass").read_text("utf-8"))
    page.locator("pre", has_text="node.Training {").wait_for()
    # The file as it is, header and all: that is what people paste.
    ask(page, (queries.folder() / f"{QUESTION}.cypher").read_text("utf-8"))
    page.wait_for_selector("svg g.node text.caption")
    overview = page.locator("[data-testid=vizInspector]")
    overview.get_by_text("Displaying").wait_for()
    page.screenshot(path=tmp_path / "browser.png")

    assert f"Displaying {len(nodes)} nodes, {len(rows)} relationships" in overview.inner_text()
    assert "Training (1)" in overview.inner_text()
    drawn = page.locator("svg g.node").evaluate_all(DRAWN)
    assert len(drawn) == len(nodes)
    # A caption that falls back is an element id: a number, or nothing.
    assert [one["caption"] for one in drawn if not re.match(r"[A-Za-z]{3}", one["caption"])] == []
    trainers = [one for one in drawn if one["fill"] == colour("Training")]
    assert [one["caption"] for one in trainers] == [
        node["name"] for node in nodes.values() if node.get("operator") == "training"
    ]
    spans = [one for one in drawn if one["fill"] == colour("Span")]
    assert len(spans) == sum(node.get("artifact") == "span" for node in nodes.values())


def colour(label: str) -> str:
    """The colour that the style gives a label."""
    style = (queries.folder() / "style.grass").read_text("utf-8")
    found = re.search(rf"^node\.{label} \{{[^}}]*?\bcolor: (#\w+);", style, re.MULTILINE)
    assert found
    return found[1]
