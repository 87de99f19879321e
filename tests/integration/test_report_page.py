"""The report of the demo store as people open it: a file, in a browser, without network."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from support.chromium import ARGUMENTS, CHROMIUM, needs_chromium
from support.demo import demo
from typer.testing import CliRunner  # noqa: TID251

from lineage.analyses.rows import Filters
from lineage.cli.app import app
from lineage.cli.commands import register
from lineage.report import build, write
from lineage.report.actions import actions
from lineage.report.cards import cards
from lineage.report.pictures import MOST, place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lineage import Lineage
    from lineage.server import Endpoint

register()
IMAGE = Path(__file__).parents[2] / "docs" / "images" / "report.png"
MOST_BYTES, MOST_IMAGE_BYTES = 5_000_000, 200_000
TRAINERS = "[...document.querySelectorAll('#graphlets-rows tbody tr:not([hidden])')]"
FIRST = f"{TRAINERS}.map(row => row.cells[0].querySelector('bdi').innerText)"
PAINTED = """new Promise(seen =>
    new PerformanceObserver(() => seen(true)).observe({type: "paint", buffered: true}))"""


@pytest.fixture
def shop(connected: Lineage) -> Lineage:
    return demo(connected)


def html(lin: Lineage, **how: Any) -> str:
    out = io.StringIO()
    write(lin.graph, out, "html", settings=lin.settings, **how)
    return out.getvalue()


def test_headline_and_actions_are_those_of_the_sections(shop: Lineage) -> None:
    made = build(shop.graph)
    found = {card.title: card for card in cards(made)}
    assert found["total cost"].says == "390 executions of 2 pipelines"
    assert found["in graphlets"].says == "35 graphlets, 14 pushed"
    assert found["redundant"].says == "2.9 % of all, assumed"
    assert found["costs known"].figures == ("99.7 %",)
    (costs,) = made.table("summary", "costs").rows
    assert found["wasted"].says.startswith(f"{costs.wasted_share * 100:.1f} % of all")  # type: ignore[attr-defined]
    (kept, *_) = made.table("materialization", "selections").rows
    candidates = made.table("materialization").rows
    assert kept.kept == sum(one.kept for one in candidates)  # type: ignore[attr-defined]
    early, reuse, keep = actions(made)
    assert (len(keep.named), keep.unnamed) == (kept.kept, 0)  # type: ignore[attr-defined]
    assert (early.name, early.row) == ("taxi-fares", "waste-rows-1")
    assert (reuse.saving, reuse.row) == (found["redundant"].figures[0], "redundancy-totals-1")
    assert keep.saving == found["materialization payback"].figures[0]


def test_the_whole_corpus_is_one_file_with_its_pictures(shop: Lineage) -> None:
    page = html(shop)
    assert len(page.encode()) < MOST_BYTES
    assert page.count('<details class="picture"') == MOST
    assert page.count("<summary>picture</summary>") == 35 - MOST
    assert "lineage show 'demo#execution/" in page.replace("&#39;", "'")
    assert "http-equiv" in page
    assert "over time" not in page


def test_one_pipeline_has_its_models_over_time(shop: Lineage) -> None:
    page = html(shop, filters=Filters(pipeline="taxi-tips"))
    assert f'id="{place("pipeline", "taxi-tips")}"' in page
    assert page.count('<details class="picture"') == 1 + 6
    assert ":param pipeline =&gt; &#39;taxi-tips&#39;" in page


def test_pipelines_of_one_name_have_a_drawing_each(shop: Lineage) -> None:
    shop.graph.run_text(
        "MATCH (p:Pipeline {name: 'taxi-tips'}) "
        "MATCH (:Graphlet {pipeline: p.name})-[:ANCHOR]->(t) "
        "WITH p, collect(t) AS some "
        "CREATE (q:Pipeline) SET q = p {.*, key: 'twin#pipeline/taxi-tips', source: 'twin'} "
        "WITH some UNWIND some AS t CREATE (h:Graphlet)-[:ANCHOR]->(t) "
        "SET h = t {.name, .node, .started, .pipeline, source: 'twin', key: 'twin' + t.key}"
    )
    try:
        for source, drawings in (("demo", 1), ("twin", 1), (None, 2)):
            filters = Filters(pipeline="taxi-tips", source=source)
            page = html(shop, sections=["pipelines"], filters=filters)
            assert page.count('<details class="picture" open>') == drawings
            assert f'id="{place("pipeline", "taxi-tips")}"' in page
        assert all(f"taxi-tips of {one}</bdi>" in page for one in ("demo", "twin"))
    finally:
        shop.graph.run_text("MATCH (n:Pipeline|Graphlet {source: 'twin'}) DETACH DELETE n")


def test_nothing_is_there_yet(lin: Lineage) -> None:
    page = html(lin)
    assert "The graph is empty" in page
    assert "<code>lineage segment</code>" in page
    assert 'class="actions"' not in page


def test_a_file_that_cannot_be_written_stays_as_it_is(
    shop: Lineage, endpoint: Endpoint, tmp_path: Path
) -> None:
    shop.query("analyses/summary_counts", **Filters().model_dump())
    server = ["--uri", endpoint.uri, "--username", endpoint.username]
    environment = {"NEO4J_PASSWORD": endpoint.password or ""}
    ask = ["report", "summary", "--format", "html", "--output"]
    missing = tmp_path / "none" / "report.html"
    done = CliRunner().invoke(app, [*server, *ask, str(missing)], env=environment)
    assert done.exit_code == 1
    assert str(missing) in done.output
    file = tmp_path / "report.html"
    file.write_text("as it was")
    wrong = [*server, *ask, str(file), "--source", "none such"]
    assert CliRunner().invoke(app, wrong, env=environment).exit_code == 1
    assert file.read_text() == "as it was"
    assert CliRunner().invoke(app, [*server, *ask, str(file)], env=environment).exit_code == 0
    assert file.read_text().startswith("<!doctype html>")
    assert list(tmp_path.iterdir()) == [file]


@pytest.fixture(scope="module")
def file(connected: Lineage, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("report") / "report.html"
    made.write_text(html(demo(connected)), "utf-8")
    return made


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    api = pytest.importorskip("playwright.sync_api", reason="needs the Python package playwright")
    with api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield started
        started.close()


def opened(browser: Any, file: Path, **how: Any) -> tuple[Any, list[str]]:
    """The page, and what it says or asks for besides itself."""
    said: list[str] = []
    page = browser.new_context(**how).new_page()
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: said.append(request.url))
    page.goto(file.as_uri())
    assert said == [file.as_uri()]
    return page, said


@needs_chromium
def test_tables_are_sorted_and_searched(browser: Any, file: Path) -> None:
    page, said = opened(browser, file)
    table = page.locator("#graphlets-rows")
    shown = page.evaluate(FIRST)
    table.get_by_role("button", name="cost", exact=True).click()
    table.locator("th[aria-sort='descending']").wait_for()
    assert page.evaluate(FIRST) == shown  # they come so
    table.get_by_role("button", name="trainer").press("Enter")
    table.get_by_role("button", name="trainer").press("Enter")
    table.locator("tbody tr:first-child > :first-child").get_by_text("6", exact=True).wait_for()
    assert page.evaluate(FIRST) == sorted(shown, key=int)
    table.get_by_role("searchbox").fill("TAXI-TIPS")
    assert len(page.evaluate(FIRST)) == 6
    assert table.get_by_text("6 of 35 rows").is_visible()
    table.get_by_role("searchbox").fill("")
    assert len(page.evaluate(FIRST)) == 35
    assert said == [file.as_uri()]


@needs_chromium
def test_queries_are_copied_or_selected(browser: Any, file: Path) -> None:
    page, _ = opened(browser, file, permissions=["clipboard-read", "clipboard-write"])
    query = page.locator("#summary-costs .cypher")
    query.locator("summary").click()
    query.get_by_role("button").click()
    query.get_by_text("copied").wait_for()
    text = query.locator("pre").text_content()
    assert page.evaluate("navigator.clipboard.readText()") == text
    assert text.startswith(":param source => null\n")
    page.evaluate("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    other = page.locator("#summary-gaps .cypher")
    other.locator("summary").click()
    other.get_by_role("button").click()
    assert page.evaluate("getSelection().toString().trim()") == other.locator("pre").inner_text()


@needs_chromium
def test_rows_and_actions_lead_where_they_say(browser: Any, file: Path) -> None:
    page, said = opened(browser, file)
    page.locator("#graphlets-rows tbody a").first.click()
    picture = page.locator(f"#{place('graphlet', 'demo#execution/226')} svg")
    picture.wait_for(state="visible")
    assert picture.locator(".n").count() > 20
    assert page.locator("details.picture[open]").count() == 1
    page.locator(".actions a").first.click()
    row = page.locator("#waste-rows-1")
    head = page.locator("#waste-rows thead").bounding_box()
    assert head["y"] + head["height"] <= row.bounding_box()["y"] + 1
    assert head["y"] >= 0
    assert row.bounding_box()["y"] < page.viewport_size["height"]
    assert set(said) == {file.as_uri()}


@needs_chromium
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 375])
def test_everybody_can_read_it(browser: Any, file: Path, scheme: str, width: int) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    page, _ = opened(browser, file, color_scheme=scheme, viewport={"width": width, "height": 800})
    page.evaluate(PAINTED)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    if os.environ.get("LINEAGE_UPDATE_DOCS") and (scheme, width) == ("light", 1280):
        page.screenshot(path=IMAGE)
    page.evaluate("for (const one of document.querySelectorAll('details.cypher')) one.open = true")
    page.locator("details.picture").first.evaluate("one => { one.open = true; }")
    found = axe.Axe().run(page).response["violations"]
    assert [(one["id"], one["nodes"][0]["html"]) for one in found] == []


@needs_chromium
def test_without_script_and_on_paper_all_is_there(browser: Any, file: Path) -> None:
    page, _ = opened(browser, file, java_script_enabled=False)
    assert page.locator("#graphlets-rows tbody tr").count() == 35
    assert page.locator("#models-distributions figure svg").first.is_visible()
    assert page.locator("button, input").count() == 0
    page.locator("details.picture summary").first.click()
    assert page.locator("details.picture svg").first.is_visible()
    page, _ = opened(browser, file)
    page.set_viewport_size({"width": 720, "height": 1000})  # a sheet, less its margins
    page.emulate_media(media="print")
    assert page.evaluate("document.documentElement.scrollWidth") <= 720
    unseen = page.locator("input, .cypher, header").all()
    assert not any(one.is_visible() for one in unseen)
    assert page.locator("#graphlets-rows tbody tr").last.is_visible()
    assert page.locator("#graphlets-rows .wide").evaluate("e => getComputedStyle(e).overflowY") == (
        "visible"
    )


def test_the_image_of_the_documentation_is_small() -> None:
    assert IMAGE.stat().st_size < MOST_IMAGE_BYTES
