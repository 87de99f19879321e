"""The pages of `lineage serve`, with a real Neo4j that holds the demo store."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urljoin

import pytest
import requests
from support.chromium import ARGUMENTS, CHROMIUM, needs_chromium
from support.demo import demo
from support.serving import serving

from lineage.errors import GraphError, GraphTimeoutError
from lineage.reading import ReadingGraph

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lineage import Lineage
    from lineage.server import Endpoint

BROWSER = {"Accept": "text/html,*/*"}
PIPELINE = "demo#pipeline/taxi-fares"
GRAPHLET = "demo#execution/365"
KEY = "a key that is long enough".replace(" ", "-")
TRAILING = re.compile(r'(?:href|src|action)="([^"]*)"')


@pytest.fixture(scope="module")
def url(
    connected: Lineage, endpoint: Endpoint, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """A receiver without a key, on the demo store."""
    demo(connected)
    with serving(endpoint, tmp_path_factory.mktemp("pages"), "--segment-every", "0") as (found, _):
        yield found


def page(url: str, path: str, status: int = 200, **given: Any) -> str:
    found = requests.get(url + path, params=given, headers=BROWSER, timeout=60)
    assert found.status_code == status, found.text
    assert found.headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in found.headers["content-security-policy"]
    assert "script" not in found.headers["content-security-policy"]
    assert "<script" not in found.text
    return found.text


def data(url: str, path: str, **given: Any) -> Any:
    found = requests.get(url + path, params=given | {"format": "json"}, timeout=60)
    assert found.status_code == 200, found.text
    assert found.headers["content-type"] == "application/json"
    return found.json()


def branch(shown: Any, title: str) -> Any:
    return next(one for one in shown["lists"] if one["title"] == title)


def test_start_and_pipelines(url: str) -> None:
    text = page(url, "/")
    assert "390" in text
    assert "<td>demo</td>" in text
    counts = {one["what"]: one["count"] for one in data(url, "/")["counts"]}
    assert counts["pipelines"] == 2
    assert quote(PIPELINE, safe="") in page(url, "/pipelines")
    rows = data(url, "/pipelines")["pipelines"]
    assert [row["name"] for row in rows] == ["taxi-fares", "taxi-tips"]
    assert rows[0]["models"] == 29
    after = data(url, "/pipelines", after=PIPELINE)["pipelines"]
    assert [row["name"] for row in after] == ["taxi-tips"]


def test_pages_of_a_pipeline_and_a_run(url: str) -> None:
    text = page(url, "/pipeline", key=PIPELINE)
    assert "taxi-fares" in text
    assert "were not pushed" in text
    assert "may add up to more than was spent" in text
    shown = data(url, "/pipeline", key=PIPELINE)
    assert shown["nodes"][0]["models"] == 29
    assert shown["waste"][0]["unpushed"] > 0
    runs = branch(shown, "runs")
    assert (runs["total"], len(runs["items"])) == (31, 31)
    later = data(url, "/pipeline", key=PIPELINE, runs="10")
    assert branch(later, "runs")["items"] == runs["items"][10:]
    assert branch(later, "runs")["earlier"].endswith("runs=0")
    run = data(url, "/run", key=runs["items"][0]["key"])
    assert branch(run, "executions")["total"] == len(branch(run, "executions")["items"])
    assert branch(run, "pipeline")["items"][0]["key"] == PIPELINE
    page(url, "/run", key=run["key"])


def test_pages_of_a_graphlet(url: str, connected: Lineage) -> None:
    text = page(url, "/graphlet", key=GRAPHLET)
    assert "in common" in text
    assert "prediction" not in text  # there is no predictor
    first = branch(data(url, "/graphlet", key=GRAPHLET), "members")
    assert len(first["items"]) == 50
    rest = requests.get(url + first["later"] + "&format=json", timeout=60).json()
    keys = [one["key"] for one in first["items"] + branch(rest, "members")["items"]]
    wanted = connected.graph.run("picture/members", key=GRAPHLET)
    assert sorted(set(keys)) == sorted({row["key"] for row in wanted})
    assert first["total"] == len(keys)


def test_up_and_down_from_an_execution(url: str, connected: Lineage) -> None:
    page(url, "/execution", key=GRAPHLET)
    shown = data(url, "/execution", key=GRAPHLET, depth="5")
    ways = {one["way"]: one for one in shown["walks"]}
    found = {one["item"]["key"]: one["depth"] for one in ways["upstream"]["steps"]}
    told = connected.show(GRAPHLET, kind="execution", limit=1_000)
    assert {key for key, depth in found.items() if depth == 1} == {
        item.key for item in told.branch("inputs").items
    }
    assert max(found.values()) == 5
    parents = {one["parent"] for one in ways["upstream"]["steps"]}
    assert parents <= {GRAPHLET, *found}
    model = next(iter(branch(shown, "outputs")["items"]))["key"]
    assert "upstream" in page(url, "/artifact", key=model)
    artifact = data(url, "/artifact", key=model)
    assert branch(artifact, "producers")["items"][0]["key"] == GRAPHLET


def test_upstream_leads_to_who_made_it_not_to_who_handed_it_on(
    url: str, connected: Lineage
) -> None:
    (row,) = connected.graph.run_text(
        "MATCH (maker:Training)-[:OUTPUT]->(a:Model)<-[:INTERNAL_OUTPUT]-(resolver:Resolution) "
        "RETURN a.key AS key, maker.key AS maker, count(resolver) AS resolvers "
        "ORDER BY resolvers DESC, key LIMIT 1"
    )
    assert row["resolvers"] > 1
    (way,) = (
        one
        for one in data(url, "/artifact", key=row["key"], depth="1")["walks"]
        if one["way"] == "upstream"
    )
    assert [one["item"]["key"] for one in way["steps"]] == [row["maker"]]
    assert (way["more"], way["cut"]) == (0, False)


def test_downstream_ends_at_who_hands_on(url: str, connected: Lineage) -> None:
    (row,) = connected.graph.run_text(
        "MATCH (resolver:Resolution)-[:INTERNAL_OUTPUT]->() "
        "RETURN resolver.key AS key ORDER BY key LIMIT 1"
    )
    (way,) = (
        one
        for one in data(url, "/execution", key=row["key"], depth="2")["walks"]
        if one["way"] == "downstream"
    )
    assert (way["steps"], way["more"]) == ([], 0)


def test_what_a_hub_has_more_is_said(connected: Lineage, url: str) -> None:
    connected.graph.run_text(
        "MATCH (s:Source {key: 'demo'}) CREATE (a:Artifact {key: 'demo#artifact/hub', name: 'hub', "
        "source: 'demo', throwaway: true}) WITH a UNWIND range(1, 5000) AS i "
        "CREATE (a)-[:INPUT]->(:Execution {key: 'demo#execution/hub' + i, name: 'reader', "
        "source: 'demo', throwaway: true})"
    )
    try:
        shown = data(url, "/artifact", key="demo#artifact/hub")
        readers = branch(shown, "consumers")
        assert (readers["total"], readers["more"], len(readers["items"])) == (5_000, True, 20)
        assert shown["walks"][1]["more"] == 4_980
        assert "has 4,980 more" in page(url, "/artifact", key="demo#artifact/hub")
    finally:
        connected.graph.run_text("MATCH (n:Artifact|Execution {throwaway: true}) DETACH DELETE n")


def test_every_link_leads_to_a_page(url: str) -> None:
    seen: set[str] = set()
    todo = ["/", f"/pipeline?key={quote(PIPELINE, safe='')}"]
    while todo and len(seen) < 60:
        path = todo.pop(0)
        if path in seen or path == "/sign-out" or path == "/report" or path == "/search":
            continue
        seen.add(path)
        found = requests.get(urljoin(url, path), headers=BROWSER, timeout=60)
        assert found.status_code == 200, path
        if "json" not in found.headers["content-type"] and "svg" not in path:
            todo += [html.unescape(one) for one in TRAILING.findall(found.text) if one[0] == "/"]
    kinds = {path.partition("?")[0] for path in seen}
    assert {"/pipelines", "/pipeline", "/run", "/graphlet", "/pipeline/timeline.svg"} <= kinds


@pytest.mark.parametrize(
    ("path", "key"), [("/graphlet/picture", GRAPHLET), ("/pipeline/timeline", PIPELINE)]
)
def test_pictures(url: str, path: str, key: str) -> None:
    image = requests.get(f"{url}{path}.svg", params={"key": key}, timeout=60)
    assert image.headers["content-type"] == "image/svg+xml"
    assert image.text.startswith("<svg")
    zoomed = requests.get(url + path, params={"key": key}, timeout=60)
    assert "script-src 'sha256-" in zoomed.headers["content-security-policy"]


def test_search(url: str) -> None:
    assert "taxi-tips" in page(url, "/search", name="tips")  # in the midst of a name
    found = data(url, "/search", name="365")["items"]
    assert {(one["kind"], one["key"]) for one in found} >= {("graphlet", GRAPHLET)}
    assert data(url, "/search", name="x")["items"] == []
    assert "no such thing" in page(url, "/search", name="no such thing")


def test_hostile_names_are_text(connected: Lineage, url: str) -> None:
    name = "\"><script>alert(1)</script>\u202e\x1b[31m'{{7*7}}"
    connected.graph.run_text(
        "CREATE (p:Pipeline {key: 'demo#pipeline/' + $name, name: $name, source: 'demo', "
        "p_note: $name, throwaway: true})",
        name=name,
    )
    try:
        for path, given in (
            ("/pipelines", {}),
            ("/search", {"name": name[2:10]}),
            ("/pipeline", {"key": "demo#pipeline/" + name}),
        ):
            text = page(url, path, **given)
            assert "&lt;script&gt;" in text
            assert "\u202e" not in text
            assert "\x1b" not in text
            assert "{{7*7}}" in text
        wrong = page(url, "/pipeline", 404, key=name)
        assert "&lt;script&gt;" in wrong
        shown = requests.get(
            url + "/pipeline", {"key": "demo#pipeline/" + name, "format": "json"}, timeout=60
        )
        assert "\u202e" not in shown.text
        assert shown.json()["name"] == name
    finally:
        connected.graph.run_text("MATCH (p:Pipeline {throwaway: true}) DETACH DELETE p")


def test_what_is_not_there(url: str) -> None:
    assert "no run has the key" in page(url, "/run", 404, key="nothing")
    assert "there is no page /nothing" in page(url, "/nothing", 404)
    page(url, "/run", 422)
    page(url, "/artifact", 422, key="demo#artifact/298", depth="9")
    page(url, "/pipeline", 422, key=PIPELINE, runs="-1")
    page(url, "/pipeline", 422, key="\udcff".encode("utf-8", "surrogatepass"))
    told = requests.get(url + "/run", {"key": "nothing", "format": "json"}, timeout=60)
    assert (told.status_code, told.json()["status"]) == (404, 404)
    assert told.headers["content-type"] == "application/problem+json"
    for path in ("/nothing", "/api/v1/nothing"):  # a program is told as before
        assert requests.get(url + path, timeout=60).json()["type"].endswith("not-found")
    assert requests.post(url + "/pipelines", timeout=60).status_code == 405
    assert requests.head(url + "/pipelines", timeout=60).text == ""
    alien = requests.get(url + "/", headers=BROWSER | {"Host": "evil.example"}, timeout=60)
    assert alien.status_code == 421


def test_the_report_is_made_aside(url: str) -> None:
    for _ in range(60):
        found = requests.get(url + "/report", headers=BROWSER, timeout=60)
        if found.status_code == 200:
            break
        assert found.status_code == 202
        assert 'http-equiv="refresh"' in found.text
    assert "Lineage report" in found.text
    assert "script-src 'sha256-" in found.headers["content-security-policy"]
    assert 'href="/graphlet?key=demo%23execution%2F365"' in found.text
    assert 'href="/search?name=taxi-fares"' in found.text
    assert '<details class="picture"' not in found.text
    assert data(url, "/report")["sections"]


def test_a_key_is_asked_for(connected: Lineage, endpoint: Endpoint, tmp_path: Path) -> None:
    demo(connected)
    (tmp_path / "keys").write_text(KEY + "\n")
    with serving(endpoint, tmp_path, "--api-key-file", str(tmp_path / "keys")) as (url, _):
        plain = requests.get(url + "/pipelines", timeout=60)
        assert (plain.status_code, plain.json()["status"]) == (401, 401)
        header = {"Authorization": f"Bearer {KEY}"}
        assert requests.get(url + "/pipelines", headers=header, timeout=60).status_code == 200
        with requests.Session() as browser:
            browser.headers.update(BROWSER)
            asked = browser.get(url + "/pipelines?after=x", timeout=60)
            assert asked.url == f"{url}/sign-in?next=%2Fpipelines%3Fafter%3Dx"
            assert "taxi" not in asked.text
            wrong = browser.post(asked.url, {"key": "wrong"}, timeout=60)
            assert (wrong.status_code, "no valid API key" in wrong.text) == (403, True)
            let_in = browser.post(asked.url, {"key": KEY}, timeout=60, allow_redirects=False)
            assert let_in.headers["location"] == "/pipelines?after=x"
            sent = let_in.headers["set-cookie"]
            assert "HttpOnly; SameSite=Strict" in sent
            assert KEY not in sent
            assert browser.get(url + "/pipelines", timeout=60).status_code == 200
            event = browser.post(url + "/api/v1/lineage", json={}, timeout=60)
            assert event.status_code == 401  # the cookie opens pages alone
            assert browser.post(url + "/sign-out", timeout=60).url == url + "/sign-in"
            assert browser.get(url + "/pipelines", timeout=60).url.startswith(url + "/sign-in")
            away = f"{url}/sign-in?next=//evil.example"
            gone = browser.post(away, {"key": KEY}, timeout=60, allow_redirects=False)
            assert gone.headers["location"] == "/"
            forged = requests.get(
                url + "/", cookies={"lineage": "99999999999." + "0" * 64}, timeout=60
            )
            assert forged.status_code == 401


def test_without_pages(endpoint: Endpoint, tmp_path: Path) -> None:
    with serving(endpoint, tmp_path, "--no-pages") as (url, _):
        assert requests.get(url + "/", headers=BROWSER, timeout=60).status_code == 404


def test_neo4j_is_down(tmp_path: Path) -> None:
    from support.receiver import receiver

    with receiver(tmp_path) as running:  # its graph is never up for pages
        text = page(running.url, "/", 503)
        assert "Neo4j does not answer" in text
        assert requests.get(running.url + "/health", timeout=60).status_code == 200
        told = requests.get(running.url + "/run?key=x&format=json", timeout=60)
        assert told.headers["retry-after"] == "5"


def test_a_graph_that_is_read_until_a_time(connected: Lineage) -> None:
    demo(connected)
    graph = ReadingGraph.of(connected.graph, 60)
    with pytest.raises(GraphError, match=r"(?i)writ"):
        graph.run_text("CREATE (n:Throwaway)")
    assert next(row["count"] for row in graph.stream("pages/counts")) == 2
    assert next(graph.tuples("pages/counts")) == ("pipelines", 2)
    endless = "UNWIND range(1, 100000000000) AS i RETURN count(DISTINCT i) AS n"
    short = ReadingGraph.of(connected.graph, 1)
    with pytest.raises(GraphTimeoutError, match="too long"):
        short.run_text(endless)
    with pytest.raises(GraphTimeoutError, match="too long"):
        short.run("pages/counts")


def test_neo4j_goes_while_pages_are_asked(
    connected: Lineage, endpoint: Endpoint, tmp_path: Path
) -> None:
    demo(connected)
    from support.pages_gate import gate

    with gate(endpoint) as (gated, cut), serving(gated, tmp_path) as (url, _):
        page(url, "/pipelines")
        cut()
        page(url, "/pipelines", 503)
        page(url, "/graphlet", 503, key=GRAPHLET)


@needs_chromium
@pytest.mark.parametrize(("scheme", "width"), [("light", 1200), ("dark", 1200), ("light", 390)])
def test_in_a_browser(url: str, tmp_path: Path, scheme: Any, width: int) -> None:
    api = pytest.importorskip("playwright.sync_api", reason="needs the Python package playwright")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        view = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme
        ).new_page()
        said: list[str] = []
        view.on("console", lambda message: said.append(message.text))
        asked: list[str] = []
        view.on("request", lambda request: asked.append(request.url))
        view.set_default_timeout(60_000)
        view.goto(url + "/")
        view.get_by_label("search").fill("taxi-fares")
        view.get_by_role("button", name="Search").click()
        view.get_by_role("link", name="taxi-fares", exact=True).first.click()
        view.get_by_role("link", name="graphlet of Trainer 365").click()
        view.get_by_role("link", name="its training").click()
        view.get_by_role("link", name="3", exact=True).click()
        view.wait_for_load_state("networkidle")
        assert view.evaluate("document.documentElement.scrollWidth") <= width
        dark = view.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
        assert dark == (scheme == "dark")
        view.go_back()
        view.go_back()
        view.locator("figure img").scroll_into_view_if_needed()
        view.wait_for_load_state("networkidle")
        assert view.evaluate("[...document.images].every(i => i.complete && i.naturalWidth)")
        view.screenshot(path=tmp_path / "graphlet.png", full_page=True)
        browser.close()
    assert said == []  # nothing was kept from it by its policy
    assert all(one.startswith((url, "data:")) for one in asked)
