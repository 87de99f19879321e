"""The report's page in a browser: wide and narrow, light and dark, under its own policy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from support.chromium import ARGUMENTS, CHROMIUM, needs_chromium

from lineage.analyses.corpus import OperatorPresence
from lineage.analyses.rows import Distribution, Filters
from lineage.analyses.waste import WastePipeline
from lineage.report import Report, SectionData, TableData

if TYPE_CHECKING:
    from pathlib import Path

# Colour, place and size of each plot's first text, and how wide the page would like to be.
LOOK = """() => ({
  wide: document.documentElement.scrollWidth,
  plots: [...document.querySelectorAll('figure svg')].map(svg => ({
    fill: getComputedStyle(svg.querySelector('text')).fill,
    right: svg.getBoundingClientRect().right,
    height: svg.getBoundingClientRect().height,
  })),
})"""

HOSTILE = [
    "</script><script>alert(1)</script>",
    '"><img src=https://example.invalid/x onerror=alert(1)>',
    "\x1b[31mred\x1b[0m",
    "\u202egnp.exe",
    "\u05e6\u05d9\u05e0\u05d5\u05e8 \u05d0\u05e8\u05d5\u05da",
    "x" * 10_000,
    "word " * 2_000,
    "`code` {{ 7 * 7 }} ${7}",
]
pytestmark = needs_chromium


def hostile() -> Report:
    """Names that attack a page, in a table and among what would save most."""
    counts = dict.fromkeys(
        ("failed", "unchecked", "rejected", "abandoned", "throttled", "unexplained"), 1
    )
    rows = [
        WastePipeline(pipeline=name, source=name, models=9, pushed=1, wasted=9.0 + at,
                      reason=reason, cost_unit="EUR", advice=name, **counts)
        for at, (name, reason) in enumerate(
            zip(HOSTILE, ["failed", "rejected", "throttled", "abandoned"] * 2, strict=True)
        )
    ]  # fmt: skip
    table = TableData(name="rows", title="What to do", rows=tuple(rows))
    section = SectionData(name="waste", title="Waste", tables=(table,))
    made_up = Filters(pipeline="x" * 10_000, source=HOSTILE[0])
    return Report(filters=made_up, simulated=tuple(HOSTILE), sections=(section,))


def report() -> Report:
    """One histogram and two plots of bars."""
    numbers: dict[str, Any] = dict.fromkeys(
        ("mean", "least", "p10", "lower", "median", "upper", "p90", "p99", "most"), 3.0
    )
    row = Distribution(
        measure="lifespan", unit="d", count=4, edges=(1.0, 2.0, 5.0), counts=(1, 3), **numbers
    )
    operator = OperatorPresence(
        operator="training", pipelines=3, pipelines_share=0.75, executions=9, cached=0, ended=9,
        failed=3, failed_share=1 / 3,
    )  # fmt: skip
    tables = (
        TableData(name="distributions", title="How pipelines differ", rows=(row,)),
        TableData(name="operators", title="Operators", rows=(operator,)),
    )
    section = SectionData(name="corpus", title="Corpus", tables=tables)
    return Report(filters=Filters(), sections=(section,))


@pytest.mark.parametrize("width", [1300, 390])
def test_plots_are_seen_on_any_screen(tmp_path: Path, width: int) -> None:
    api = pytest.importorskip("playwright.sync_api", reason="needs the Python package playwright")
    file = tmp_path / "report.html"
    file.write_text(report().render("html"), "utf-8")
    seen, said = {}, []
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        for scheme in ("light", "dark"):
            page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
            # What the policy of the page stops is said on the console.
            page.on("console", lambda message: said.append(message.text))
            page.on("request", lambda request: said.append(request.url))
            page.goto(file.as_uri())
            page.screenshot(path=tmp_path / f"{scheme}.png", full_page=True)
            seen[scheme] = page.evaluate(LOOK)
        browser.close()
    assert said == [file.as_uri()] * 2
    for look in seen.values():
        assert look["wide"] <= width
        assert len(look["plots"]) == 3
        assert all(plot["right"] <= width and plot["height"] > 50 for plot in look["plots"])
    colours = [{plot["fill"] for plot in look["plots"]} for look in seen.values()]
    assert colours == [{"rgb(27, 39, 51)"}, {"rgb(232, 236, 239)"}]


@pytest.mark.parametrize("width", [1300, 375])
def test_names_do_not_disturb_the_page(tmp_path: Path, width: int) -> None:
    api = pytest.importorskip("playwright.sync_api", reason="needs the Python package playwright")
    file, said = tmp_path / "report.html", []
    file.write_text(hostile().render("html"), "utf-8")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = browser.new_page(viewport={"width": width, "height": 900})
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("dialog", lambda dialog: said.append(dialog.message))
        page.on("request", lambda request: said.append(request.url))
        page.goto(file.as_uri())
        page.screenshot(path=tmp_path / "hostile.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.locator("#waste-rows tbody tr").count() == len(HOSTILE)
        tall = "[...document.querySelectorAll('#waste-rows td')].map(td => td.clientHeight)"
        assert max(page.evaluate(tall)) < 300
        browser.close()
    assert said == [file.as_uri()]
