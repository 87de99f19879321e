"""The Python on the page about py2neo runs as it stands, against the live server."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from support.demo import demo

from lineage import interop

if TYPE_CHECKING:
    from lineage import Lineage
    from lineage.server import Endpoint

PAGE = Path(__file__).parents[2] / "docs" / "py2neo.md"
SNIPPETS = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)


@pytest.fixture
def ran(
    connected: Lineage,
    endpoint: Endpoint,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> tuple[dict[str, Any], str]:
    """What the page's names stand for after all of it, and what it printed."""
    if endpoint.database not in (None, "neo4j"):
        pytest.skip("the page names no database")
    demo(connected)
    monkeypatch.setenv("NEO4J_URI", endpoint.uri)
    monkeypatch.setenv("NEO4J_USERNAME", endpoint.username)
    monkeypatch.setenv("NEO4J_PASSWORD", endpoint.password)
    names: dict[str, Any] = {
        "URI": endpoint.uri, "USER": endpoint.username, "PASSWORD": endpoint.password
    }  # fmt: skip
    for snippet in SNIPPETS:
        exec(compile(snippet, str(PAGE), "exec"), names)
    return names, capsys.readouterr().out


def test_the_page_runs(ran: tuple[dict[str, Any], str]) -> None:
    names, printed = ran
    assert re.search(r"^Trainer \d+ is in a graphlet of \d+ members$", printed, re.MULTILINE)
    assert re.search(r"^trained on \d+ spans$", printed, re.MULTILINE)
    assert "14 models were pushed" in printed
    copied, subgraph = names["copied"], names["subgraph"]
    assert len(copied.nodes) == len(subgraph.nodes)
    assert len(copied.relationships) == len(subgraph.relationships)
    assert all(node.graph is None for node in copied.nodes)


def test_what_the_page_says_of_py2neos_own_helpers(connected: Lineage, endpoint: Endpoint) -> None:
    from py2neo.errors import ClientError  # noqa: TID251

    demo(connected)
    graph = interop.connect_py2neo(
        endpoint.uri, endpoint.username, endpoint.password, endpoint.database
    )
    try:
        assert graph.nodes.match("Graphlet", pushed=True).count() == 14
        assert graph.relationships.match(r_type="NEXT").first()["jaccard"] >= 0
        assert graph.evaluate("MATCH p = ()-[:NEXT]->() RETURN p LIMIT 1").start_node["key"]
        assert {"Graphlet", "Training"} <= graph.schema.node_labels
        with pytest.raises(ClientError):
            graph.schema.get_indexes("Execution")
        with pytest.raises(ClientError):
            graph.schema.create_index("Nothing", "nothing")
    finally:
        graph.service.connector.close()
