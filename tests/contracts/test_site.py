"""The site builds strictly, its links hold, it asks no network, and explains every figure."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import pytest
from support.chromium import ARGUMENTS, CHROMIUM, needs_chromium

from docs.site import collect, commands, figures, gaps, graph, nav, query_pages
from lineage import queries
from lineage.report import SECTIONS
from lineage.report.tables import Kind
from lineage.schema import MARKS, SCHEMA
from lineage_ingest.capabilities import SOURCES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lineage.report.tables import Table

ROOT = Path(__file__).parents[2]
REPORT = (ROOT / "docs" / "report.md").read_text()
TABLES = [(section, table) for section in SECTIONS.values() for table in section.tables]
LIBRARIES = ("mkdocs", "material", "mkdocstrings", "mkdocstrings_handlers")
LOADING = {
    ("a", "ping"), ("audio", "src"), ("base", "href"), ("embed", "src"), ("form", "action"),
    ("iframe", "src"), ("img", "src"), ("img", "srcset"), ("link", "href"), ("object", "data"),
    ("script", "src"), ("source", "src"), ("video", "src"),
}  # fmt: skip
"""Attributes whose address a browser asks for by itself, or that turn all links elsewhere."""


class Page(HTMLParser):
    """What a page links to, what it loads, and the places in it."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.places: set[str] = set()
        self.feed(path.read_text(encoding="utf-8"))

    def has(self, fragment: str) -> bool:
        """Whether the page has the place that a link names; the theme's own are made by script."""
        return unquote(fragment) in self.places or fragment.startswith("__")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if value is None:
                continue
            if name in {"id", "name"}:
                self.places.add(value)
            if (tag, name) in LOADING:
                self.loads.append(value)
            elif (tag, name) == ("a", "href"):
                self.links.append(value)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built as `make site` does."""
    missing = [name for name in LIBRARIES if importlib.util.find_spec(name) is None]
    if missing:
        pytest.skip(f"the site needs libraries that are not installed: {', '.join(missing)}")
    out = tmp_path_factory.mktemp("site") / "site"
    done = subprocess.run(
        [sys.executable, "-m", "docs.site", "--out", str(out)],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), *filter(None, sys.path)])},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    assert "WARNING" not in done.stderr
    return out


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, Page]:
    """Every page of the site, but for the one that stands for missing ones."""
    return {path: Page(path) for path in sorted(site.rglob("*.html")) if path.name != "404.html"}


def test_every_page_that_was_written_is_in_the_site(site: Path, pages: dict[Path, Page]) -> None:
    made = {path.relative_to(site).with_suffix(".md").as_posix() for path in pages}
    assert {name for name in collect.pages(ROOT) if name.endswith(".md")} <= made
    assert {"index.md", "model.md", "commands.md", "api/lineage.md", "notebook.md"} <= made


def test_links_lead_somewhere(site: Path, pages: dict[Path, Page]) -> None:
    broken = []
    for path, page in pages.items():
        for link in [*page.links, *page.loads]:
            parts = urlsplit(link)
            if parts.scheme in {"http", "https", "mailto", "data"}:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if (
                not target.is_relative_to(site)
                or not target.exists()
                or (parts.fragment and target in pages and not pages[target].has(parts.fragment))
            ):
                broken.append((path.name, link))
    assert broken == []


def test_no_page_loads_anything_from_elsewhere(site: Path, pages: dict[Path, Page]) -> None:
    elsewhere = re.compile(r"^(?:[a-z][a-z0-9+.-]*:)?//", re.IGNORECASE)
    assert [
        (path.name, address)
        for path, page in pages.items()
        for address in page.loads
        if elsewhere.match(address)
    ] == []
    asked = re.compile(r"(?:url\(|@import\s+)[\"']?(?:https?:)?//", re.IGNORECASE)
    assert [path.name for path in site.rglob("*.css") if asked.search(path.read_text())] == []


@needs_chromium
def test_a_browser_asks_nobody_else(site: Path) -> None:
    from support.pages_server import serving

    playwright = pytest.importorskip("playwright.sync_api", reason="Playwright drives the browser")
    asked: list[str] = []
    problems: list[str] = []
    with serving(site) as address, playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = browser.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda error: problems.append(str(error)))
        for name in ("index.html", "report.html", "notebook.html", "api/lineage.html"):
            page.goto(f"{address}/{name}")
        page.get_by_role("textbox", name="Search").fill("attributed")
        page.locator(".md-search-result__item").first.wait_for()
        browser.close()
    assert [url for url in asked if not url.startswith((address, "data:", "blob:"))] == []
    assert problems == []


def test_pages_that_nothing_places_stand_among_the_guides() -> None:
    def under(entries: list[object]) -> Iterator[object]:
        for entry in entries:
            held = next(iter(entry.values())) if isinstance(entry, dict) else entry
            yield from under(held) if isinstance(held, list) else (held,)

    given = ["new.md", "reuse.md", "sources/new.md", "queries/index.md", "api/index.md"]
    listed = list(under(nav.of(given)))
    assert all(listed.count(page) == 1 for page in given)


@pytest.mark.parametrize(("section", "table"), TABLES, ids=lambda one: one.name)
def test_every_figure_of_the_report_is_explained(section: object, table: Table) -> None:
    unsaid = [name for name in table.row.model_fields if not figures.meaning(table, name)]
    assert unsaid == []
    assert {column.field for column in table.columns} <= set(table.row.model_fields)
    assert figures.columns(table)


def test_every_table_of_the_report_has_its_place_on_the_page() -> None:
    wanted = [(section.name, table.name) for section, table in TABLES]
    assert [match.groups() for match in figures.MARK.finditer(REPORT)] == wanted
    headings = re.findall(r"^## (.+)$", REPORT, re.MULTILINE)
    assert headings == ["What holds everywhere", *(one.title for one in SECTIONS.values())]
    assert set(figures.UNITS) == set(Kind)


@pytest.mark.parametrize("name", ["corpus_distributions", "models_distributions", "models_rates"])
def test_every_measure_is_explained(name: str) -> None:
    measures = re.findall(r"\[\d, '([^']+)'", queries.load(name).text)
    assert measures
    assert [one for one in measures if f"`{one}`" not in REPORT] == []


def test_every_gap_and_count_is_explained() -> None:
    gaps_told = re.findall(r"'([a-z ]+)' AS gap", queries.load("summary_gaps").text)
    of_cases = re.findall(r"(?:THEN|ELSE) '([a-z ]+)'", queries.load("summary_gaps").text)
    undecided = re.findall(r"THEN \['([a-z ]+)'", queries.load("waste_undecided").text)
    counts = re.findall(r"'([a-z ]+)' AS what", queries.load("summary_counts").text)
    graphlets = re.findall(r"'(graphlets[a-z ]*)'", queries.load("summary_counts").text)
    told = [*gaps_told, *of_cases, *undecided, *counts, *graphlets]
    assert len(told) > 15
    assert [one for one in told if f"`{one.strip()}`" not in REPORT] == []


def test_the_graph_is_explained_whole() -> None:
    page = graph.page()
    for node in SCHEMA.nodes:
        assert f"### {node.label}\n" in page
        assert all(f"`{name}`" in page for name, _ in node.properties)
    assert all(f"`{one.type}`" in page for one in SCHEMA.relationships)
    assert all(f"`{label}`" in page for label, _, _ in MARKS)


def test_every_query_stands_on_a_page_with_its_text() -> None:
    made = query_pages.pages()
    for name in queries.names():
        folder, _, stem = name.partition("/")
        one = queries.load(name)
        assert f"## {stem}\n" in made[f"queries/{folder}.md"]
        assert one.text in made[f"queries/{folder}.md"]


def test_every_command_stands_on_the_page_with_its_options() -> None:
    page = commands.page()
    for line in ("## lineage up", "`--max-freshness-loss`", "`--follow`", "`LINEAGE_WEBHOOK`"):
        assert line in page
    assert "`text`, `json`, `csv`, `html`" in page


def test_the_gaps_of_every_source_are_told() -> None:
    text = gaps.fill((ROOT / "docs" / "limits.md").read_text())
    assert gaps.MARK not in text
    for name, source in SOURCES.items():
        line = next(one for one in text.splitlines() if f"(sources/{name}.md)" in one)
        assert all(gap.value.replace("*", "&#42;") in line for gap in source.gaps)
