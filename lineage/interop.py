"""A graphlet in the graph libraries that people already use: NetworkX and py2neo."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from lineage import queries
from lineage.errors import (
    GraphAuthError,
    GraphError,
    GraphUnavailableError,
    LineageError,
    MissingExtraError,
    NotFoundError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    import networkx as nx
    import py2neo  # noqa: TID251

    from lineage.graph import Graph

__all__ = ["connect_py2neo", "to_networkx", "to_py2neo"]

_OWN = ("ANCHOR", "BOUNDARY", "ANCESTOR", "SPAN", "DESCENDANT", "ANALYSIS")
_PRIMARY = ("Execution", "Artifact", "Graphlet")


def to_networkx(graph: Graph, key: str) -> nx.MultiDiGraph[str]:
    """A graphlet's executions and artifacts, with the relationships among them.

    Args:
        graph: where it is.
        key: the graphlet's key.

    Returns:
        Nodes are keyed by our key. Their attributes are all properties, `labels` (sorted), `role`
        and `span`; those of an edge are its properties and `type`. Edges follow the data, one for
        each relationship. The graphlet's own properties are the graph's, since it shares its key
        with its trainer. Times are `datetime.datetime`.

    Raises:
        MissingExtraError: NetworkX is not installed.
        NotFoundError: no graphlet has this key.
    """
    try:
        import networkx as nx
    except ImportError as error:
        raise _missing("networkx", "NetworkX") from error
    rows = graph.run("export/graphlet_nodes", key=key)
    if not rows:
        raise _unknown(key)
    itself, *members = rows
    made: nx.MultiDiGraph[str] = nx.MultiDiGraph(**_native(itself["node"]))
    for row in members:
        about = {name: row[name] for name in ("labels", "role", "span")}
        made.add_nodes_from([(row["key"], _native(row["node"]) | about)])
    for row in graph.run("export/graphlet_relationships", key=key):
        if row["type"] not in _OWN:
            about = _native(row["properties"]) | {"type": row["type"]}
            made.add_edges_from([(row["start"], row["end"], about)])
    return made


def connect_py2neo(
    uri: str,
    username: str | None = None,
    password: str | None = None,
    database: str | None = None,
) -> py2neo.Graph:
    """A database as py2neo sees it.

    Args:
        uri: such as `bolt://127.0.0.1:7687`.
        username: by default `neo4j`.
        password: None means that the server asks for none.
        database: by default the server's default.

    Raises:
        MissingExtraError: py2neo is not installed.
        GraphUnavailableError: nothing answers.
        GraphAuthError: wrong user or password.
    """
    try:
        import py2neo  # noqa: TID251
    except ImportError as error:
        raise _missing("py2neo", "py2neo") from error
    # A server that asks for no password takes any; py2neo has no other way to say so.
    auth = (username or "neo4j", password or "")
    with _mapped(uri):
        return py2neo.Graph(uri, auth=auth, name=database)


def to_py2neo(
    uri: str,
    key: str,
    username: str | None = None,
    password: str | None = None,
    database: str | None = None,
) -> py2neo.Subgraph:
    """A graphlet, its members and the relationships among them, bound to the live server.

    Each node knows its primary label and key, so that `other.merge(subgraph)` writes the graphlet
    into another graph, and changes nothing the second time, once its nodes are copied: py2neo
    writes no node that is bound. It reckons times in floating point, a microsecond off at most.

    Args:
        uri: such as `bolt://127.0.0.1:7687`.
        key: the graphlet's key.
        username: by default `neo4j`.
        password: None means that the server asks for none.
        database: by default the server's default.

    Raises:
        MissingExtraError: py2neo is not installed.
        NotFoundError: no graphlet has this key.
        GraphUnavailableError: nothing answers.
        GraphAuthError: wrong user or password.
    """
    source = connect_py2neo(uri, username, password, database)
    try:
        with _mapped(uri):
            nodes = _column(source, "export/graphlet_nodes", "node", key)
            relationships = _column(source, "export/graphlet_relationships", "relationship", key)
        if not nodes:
            raise _unknown(key)
    except LineageError:
        source.service.connector.close()
        raise
    import py2neo  # noqa: TID251

    subgraph = py2neo.Subgraph(nodes, relationships)
    for node in subgraph.nodes:
        node.__primarylabel__ = next(label for label in _PRIMARY if node.has_label(label))
        node.__primarykey__ = "key"
    return subgraph


def _column(source: py2neo.Graph, name: str, column: str, key: str) -> list[Any]:
    return [record[column] for record in source.run(queries.load(name).text, key=key)]


def _native(properties: dict[str, Any]) -> dict[str, Any]:
    """Properties with the driver's times as those of the standard library."""
    return {
        name: value.to_native() if hasattr(value, "to_native") else value
        for name, value in properties.items()
    }


def _missing(extra: str, library: str) -> MissingExtraError:
    return MissingExtraError(
        f"{library} is not installed; pip install 'lineage-graphlets[{extra}]'"
    )


def _unknown(key: str) -> NotFoundError:
    return NotFoundError(f"no graphlet has the key {key!r}; `lineage report graphlets` lists them")


@contextmanager
def _mapped(uri: str) -> Iterator[None]:
    """Turn py2neo's exceptions into ours."""
    from py2neo import errors, wiring  # noqa: TID251

    gone = (
        errors.ConnectionBroken,
        errors.ConnectionUnavailable,
        errors.ServiceUnavailable,
        wiring.WireError,
    )
    try:
        yield
    except (errors.Neo4jError, *gone) as error:
        first = _refusal(error)
        if first is None:
            raise GraphUnavailableError(
                f"Neo4j at {uri} does not answer py2neo: {error}"
            ) from error
        if first.category == "Security":
            raise GraphAuthError(
                f"Neo4j at {uri} refused the user or password ({first.message}); "
                "check NEO4J_USERNAME and NEO4J_PASSWORD"
            ) from error
        raise GraphError(f"Neo4j at {uri} refused py2neo: {first.message}") from error


def _refusal(error: BaseException | None) -> Any:
    """The server's answer that an error came of: py2neo lets a closed connection hide it."""
    while error is not None and not hasattr(error, "category"):
        error = error.__context__
    return error
