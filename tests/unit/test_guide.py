"""The guide for Neo4j Browser, as a receiver gives it; Browser itself has a test of its own."""

from __future__ import annotations

import html
import io
import re
from typing import TYPE_CHECKING
from zipfile import ZipFile

import pytest
import requests
from support.receiver import ROOT, Running, receiver

from lineage import queries
from lineage.saved import FOLDER, names, saved_queries, title
from lineage.serve.options import PORT
from lineage.serve.pages.guide import GUIDE, PATHS, SAVED, STEPS, STYLE

if TYPE_CHECKING:
    from collections.abc import Iterator

KEY = "a-key-for-tests-0123456789"
ORIGIN = {"Origin": "http://neo4j.example:7474"}


@pytest.fixture(scope="module")
def keyed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with receiver(tmp_path_factory.mktemp("keyed"), key=KEY) as found:
        yield found


@pytest.mark.parametrize("path", sorted(PATHS))
def test_any_origin_reads_it_without_a_key(keyed: Running, path: str) -> None:
    wanted = "cache-control,pragma,sentry-trace"
    ahead = requests.options(
        keyed.url + path,
        headers=ORIGIN
        | {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": wanted},
        timeout=20,
    )
    assert ahead.status_code == 200
    assert ahead.headers["access-control-allow-headers"] == "*"
    found = requests.get(keyed.url + path, headers=ORIGIN, timeout=20)
    assert (found.status_code, found.headers["access-control-allow-origin"]) == (200, "*")
    assert found.headers["cross-origin-resource-policy"] == "cross-origin"
    assert "access-control-allow-credentials" not in found.headers
    assert requests.post(keyed.url + path, timeout=20).status_code == 405
    assert requests.head(keyed.url + path, timeout=20).text == ""


def test_nothing_else_is_shared(keyed: Running) -> None:
    for path in ("/", "/pipelines", "/guide/", "/guide/other"):
        found = requests.get(keyed.url + path, headers=ORIGIN, timeout=20)
        assert found.status_code == 401
        assert "access-control-allow-origin" not in found.headers


def test_pages_may_be_left_out_and_names_of_others_are_refused(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with receiver(tmp_path_factory.mktemp("open")) as running:
        alien = {"Host": "evil.example"}
        assert requests.get(running.url + GUIDE, headers=alien, timeout=20).status_code == 421
    with receiver(tmp_path_factory.mktemp("none"), pages="false") as running:
        assert requests.get(running.url + GUIDE, timeout=20).status_code == 404


def test_it_names_its_own_address(keyed: Running) -> None:
    here = keyed.url.replace("127.0.0.1", "localhost")
    assert f":style {here}{STYLE}" in requests.get(keyed.url + GUIDE, timeout=20).text
    behind = {"Host": "lineage.example", "X-Forwarded-Proto": "https"}
    text = requests.get(keyed.url + GUIDE, headers=behind, timeout=20).text
    assert f"https://lineage.example{SAVED}" in text
    wrong = requests.get(keyed.url + GUIDE, headers={"Host": 'a"b<i>'}, timeout=20)
    assert wrong.status_code == 400


def test_six_steps_each_with_a_query_that_runs_as_it_is(keyed: Running) -> None:
    text = requests.get(keyed.url + GUIDE, timeout=20).text
    slides = re.findall(r"<slide>(.*?)</slide>", html.unescape(text), re.DOTALL)
    assert len(slides) == 1 + len(STEPS) == 7
    for slide, step in zip(slides[1:], STEPS, strict=True):
        assert slide.count("<pre") == 1
        assert f"{step.title}</h3>" in slide
        assert not queries.load(step.query).parameters
        assert "␊" not in slide
    assert "<script" not in text


def test_saved_queries_are_all_that_explore() -> None:
    assert saved_queries() == saved_queries()
    with ZipFile(io.BytesIO(saved_queries())) as archive:
        held = {entry: archive.read(entry).decode() for entry in archive.namelist()}
    assert list(held) == [f"{FOLDER}/{name.rpartition('/')[2]}.cypher" for name in names()]
    assert set(names()) == {name for name in queries.names() if name.startswith("explore/")}
    for name, text in zip(names(), held.values(), strict=True):
        first, _, rest = text.partition("\n")
        assert first == f"// {title(name)}"
        assert queries.load(name).text in rest
        assert len(title(name)) <= 24, "Browser cuts longer names"


def test_the_page_in_the_documentation_tells_what_there_is() -> None:
    text = (ROOT / "docs" / "browser.md").read_text("utf-8")
    assert f"{len(names())} queries are in queries.zip" in text
    assert f":guide http://localhost:{PORT}{GUIDE}" in text
    assert f":style http://localhost:{PORT}{STYLE}" in text
