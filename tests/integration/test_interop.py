"""A graphlet in NetworkX and py2neo, from a live server and back to it."""

from __future__ import annotations

import builtins
import datetime as dt
import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import networkx as nx
import pytest
from support.demo import demo, wipe

from lineage import interop
from lineage.errors import (
    GraphAuthError,
    GraphError,
    GraphUnavailableError,
    MissingExtraError,
    NotFoundError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lineage import Lineage
    from lineage.server import Endpoint

MEMBERS = """
MATCH (g:Graphlet {key: $key})-->(n:Execution|Artifact)
RETURN n.key AS key ORDER BY key
"""
FLOW = """
MATCH (g:Graphlet {key: $key})-->(a:Artifact)-[r]-(e:Execution)<--(g)
RETURN count(DISTINCT r) AS count
"""
COUNTS = """
RETURN COUNT { MATCH (n) WHERE NOT n:Lineage } AS nodes, COUNT { ()-->() } AS relationships
"""


@pytest.fixture
def key(connected: Lineage) -> str:
    """The key of the demo's largest graphlet."""
    found = demo(connected).graph.run_text(
        "MATCH (g:Graphlet) RETURN g.key AS key ORDER BY g.executions DESC, key LIMIT 1"
    )
    return str(found[0]["key"])


@pytest.fixture
def target(endpoint: Endpoint) -> Iterator[Any]:
    """The database as py2neo sees it."""
    with closing(interop.connect_py2neo(*access(endpoint))) as graph:
        yield graph


def access(endpoint: Endpoint) -> tuple[str, str, str, str | None]:
    return endpoint.uri, endpoint.username, endpoint.password, endpoint.database


@contextmanager
def closing(graph: Any) -> Iterator[Any]:
    """py2neo leaves its connections to the garbage collector, which warns."""
    try:
        yield graph
    finally:
        graph.service.connector.close()


@contextmanager
def subgraph(endpoint: Endpoint, key: str) -> Iterator[Any]:
    uri, *rest = access(endpoint)
    found = interop.to_py2neo(uri, key, *rest)
    with closing(next(iter(found.nodes)).graph):
        yield found


def test_networkx_holds_members_and_flow(connected: Lineage, key: str) -> None:
    graph = interop.to_networkx(connected.graph, key)
    members = {row["key"] for row in connected.graph.run_text(MEMBERS, key=key)}
    assert set(graph) == members
    assert graph.number_of_edges() == connected.graph.run_text(FLOW, key=key)[0]["count"]
    assert graph.graph["pushed"] in {True, False}
    trainer = graph.nodes[key]
    assert trainer["labels"] == ["Execution", "Training"]
    assert trainer["role"] == "trainer"
    assert isinstance(trainer["started"], dt.datetime)
    assert {about["type"] for _, _, about in graph.edges(data=True)} >= {"INPUT", "OUTPUT"}


def test_networkx_agrees_on_what_is_above_the_trainer(connected: Lineage, key: str) -> None:
    graph = interop.to_networkx(connected.graph, key)
    followed = nx.DiGraph(
        (start, end)
        for start, end, about in graph.edges(data=True)
        if about["type"] in {"INPUT", "OUTPUT"}
    )
    above = {node for node, about in graph.nodes(data=True) if about["role"] == "ancestor"}
    assert above <= nx.ancestors(followed, key)
    assert {node for node, about in graph.nodes(data=True) if about["span"]} <= above


def test_unknown_graphlets_are_named(lin: Lineage) -> None:
    with pytest.raises(NotFoundError, match="no graphlet has the key 'nothing'"):
        interop.to_networkx(lin.graph, "nothing")


def test_py2neo_reads_what_is_there(connected: Lineage, endpoint: Endpoint, key: str) -> None:
    members = connected.graph.run_text(MEMBERS, key=key)
    flow = connected.graph.run_text(FLOW, key=key)[0]["count"]
    with subgraph(endpoint, key) as found:
        assert len(found.nodes) == len(members) + 1
        assert len(found.relationships) == flow + len(members)
        assert {"INPUT", "OUTPUT", "SPAN", "ANCHOR"} <= found.types()
        trainer = next(node for node in found.nodes if node.has_label("Training"))
        trainer["p_note"] = "from py2neo"
        trainer.graph.push(trainer)
    (row,) = connected.graph.run_text(
        "MATCH (t:Training {key: $key}) WITH t, t.p_note AS note REMOVE t.p_note RETURN note",
        key=key,
    )
    assert row == {"note": "from py2neo"}


def test_py2neo_round_trip(connected: Lineage, endpoint: Endpoint, target: Any, key: str) -> None:
    before = interop.to_networkx(connected.graph, key)
    with subgraph(endpoint, key) as found:
        copy = unbound(found)
    wipe(connected)
    for _ in range(2):  # merging again changes nothing
        target.merge(copy)
        assert connected.graph.run_text(COUNTS) == [
            {"nodes": len(copy.nodes), "relationships": len(copy.relationships)}
        ]
    after = interop.to_networkx(connected.graph, key)
    assert rounded(after.graph) == rounded(before.graph)
    assert list(map(rounded, by_key(after))) == list(map(rounded, by_key(before)))
    assert edges(after) == edges(before)


def unbound(found: Any) -> Any:
    """The same without ties to the server it was read from: what is bound is not written."""
    import py2neo  # noqa: TID251

    copies = {}
    for node in found.nodes:
        copy = py2neo.Node(*node.labels, **dict(node))
        copy.__primarylabel__, copy.__primarykey__ = node.__primarylabel__, node.__primarykey__
        copies[node.identity] = copy
    relationships = [
        py2neo.Relationship(
            copies[r.start_node.identity], type(r).__name__, copies[r.end_node.identity], **dict(r)
        )
        for r in found.relationships
    ]
    return py2neo.Subgraph(copies.values(), relationships)


def by_key(graph: Any) -> list[dict[str, Any]]:
    return [about for _, about in sorted(graph.nodes(data=True))]


def edges(graph: Any) -> list[str]:
    return sorted(
        f"{start} {end} {sorted(rounded(about).items())}"
        for start, end, about in graph.edges(data=True)
    )


def rounded(properties: dict[str, Any]) -> dict[str, Any]:
    """Times in milliseconds: py2neo reckons them in floating point."""
    return {
        name: round(value.timestamp() * 1000) if isinstance(value, dt.datetime) else value
        for name, value in properties.items()
    }


# py2neo leaves the socket of a connection that failed to the garbage collector.
@pytest.mark.filterwarnings("ignore:.*socket:pytest.PytestUnraisableExceptionWarning")
def test_py2neo_errors_are_ours(endpoint: Endpoint, lin: Lineage) -> None:
    with pytest.raises(GraphUnavailableError, match="does not answer"):
        interop.to_py2neo("bolt://127.0.0.1:1", "nothing")
    with pytest.raises(NotFoundError, match="no graphlet has the key 'nothing'"):
        interop.to_py2neo(endpoint.uri, "nothing", endpoint.username, endpoint.password)
    with pytest.raises(GraphError, match="absent"):
        interop.to_py2neo(endpoint.uri, "any", endpoint.username, endpoint.password, "absent")
    if endpoint.password:
        with pytest.raises(GraphAuthError):
            interop.to_py2neo(endpoint.uri, "nothing", endpoint.username, "wrong", None)
    gc.collect()


@pytest.mark.parametrize("library", ["networkx", "py2neo"])
def test_a_missing_extra_says_what_to_install(
    library: str, lin: Lineage, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = builtins.__import__

    def without(name: str, *arguments: Any, **more: Any) -> Any:
        if name.partition(".")[0] == library:
            raise ImportError(name)
        return real(name, *arguments, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    ask: dict[str, Callable[[], Any]] = {
        "networkx": lambda: interop.to_networkx(lin.graph, "any"),
        "py2neo": lambda: interop.to_py2neo("bolt://127.0.0.1:1", "any"),
    }
    with pytest.raises(MissingExtraError, match=rf"'lineage-graphlets\[{library}\]'"):
        ask[library]()


def test_neither_library_is_imported_before_it_is_needed() -> None:
    assert not {"nx", "networkx", "py2neo"} & set(vars(interop))
