"""From the graph to a picture of a graphlet.

What it is folded by is read of every node, all that is known of it only of those that are drawn.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from lineage.analyses.rows import fetch
from lineage.analyses.simulated import is_simulated
from lineage.errors import NotFoundError
from lineage.facts import facts
from lineage.picture.fold import READABLE, fold
from lineage.picture.model import Edge, Node, Picture
from lineage.records import EventKind
from lineage.show import Node as Whole

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from lineage.graph import Graph

    Touch = tuple[str, str, str]

# What a member read from outside and what a picture is the better for.
_FROM_OUTSIDE = frozenset({EventKind.INPUT, "REFERENCE"})
_SAID = frozenset({"operator", "artifact", "state", "cost", "full name", "base type"})


def picture(graph: Graph, key: str, *, everything: bool = False, most: int = READABLE) -> Picture:
    """The picture of a graphlet; what is alike in it is folded where it has many nodes.

    Args:
        graph: where it is.
        key: the graphlet's key.
        everything: fold nothing.
        most: how many nodes are drawn without folding, and about how many with.

    Raises:
        NotFoundError: no graphlet has this key.
    """
    found = list(fetch(graph, "show/node", Whole, label="Graphlet", key=key))
    if not found:
        raise NotFoundError(
            f"no graphlet has the key {key!r}; `lineage report graphlets` lists them"
        )
    about = found[0].properties
    members = [_node(row) for row in graph.stream("picture/members", key=key)]
    touches = _touches(graph, key)
    nodes = [*members, *_outside(graph, {node.key for node in members}, touches)]
    source = about.get("source")
    whole = Picture(
        key=key,
        name=about.get("name") or key,
        source=source,
        simulated=source is not None and is_simulated(graph, source),
        state=about.get("state"),
        pushed=bool(about.get("pushed")),
        started=about.get("started"),
        cost=about.get("cost"),
        cost_unit=about.get("cost_unit"),
        nodes=tuple(nodes),
        edges=tuple(_edges(nodes, touches)),
        members=len(members),
    )
    drawn = whole if everything else fold(whole, most)
    return replace(drawn, nodes=tuple(_detailed(graph, drawn.nodes)))


def _node(row: Mapping[str, Any]) -> Node:
    return Node(
        key=row["key"],
        kind=row["kind"],
        class_=row["class"] or "other",
        type=row["type"],
        name=row["name"] or row["key"],
        role=row["role"],
        span=row["span"],
        state=row["state"],
        cost=row["cost"],
        cost_unit=row["cost_unit"],
        holders=(row["holders"], row["holders"]),
        started=_moment(row["started"]),
        ended=_moment(row["ended"]),
    )


def _moment(time: int | None) -> datetime | None:
    return None if time is None else datetime.fromtimestamp(time / 1000, UTC)


def _touches(graph: Graph, key: str) -> dict[Touch, list[str]]:
    """What each execution read or wrote: its key, the artifact's, the type; with the roles."""
    found: dict[Touch, list[str]] = defaultdict(list)
    for row in graph.stream("picture/edges", key=key):
        found[row["execution"], row["artifact"], row["type"]].append(row["name"])
    return found


def _outside(graph: Graph, inside: set[str], touches: Iterable[Touch]) -> Iterator[Node]:
    """The artifacts that members read though they are no members, and no member wrote them."""
    touches = list(touches)
    written = {artifact for _, artifact, type_ in touches if _writes(type_)}
    read = {artifact for _, artifact, type_ in touches if type_ in _FROM_OUTSIDE}
    if keys := read - inside - written:
        same = {"kind": "artifact", "role": "outside", "span": False}
        empty = dict.fromkeys(("cost", "cost_unit", "ended"))
        for row in graph.stream("picture/outside", keys=sorted(keys)):
            yield _node(row | same | empty)


def _edges(nodes: Sequence[Node], touches: Mapping[Touch, Sequence[str]]) -> Iterator[Edge]:
    places = {node.key: place for place, node in enumerate(nodes)}
    for (execution, artifact, type_), names in touches.items():
        if artifact not in places:
            continue
        ends = places[execution], places[artifact]
        start, end = ends if _writes(type_) else ends[::-1]
        roles = tuple(name for name in names if name)
        yield Edge(start=start, end=end, type=type_, names=roles, count=len(names))


def _writes(type_: str) -> bool:
    """Whether data flows out of the execution."""
    return type_ == "REPUBLISHED" or type_.endswith("OUTPUT")


def _detailed(graph: Graph, nodes: Sequence[Node]) -> Iterator[Node]:
    """The nodes; those that stand for themselves alone with all that is known of them."""
    keys = [node.key for node in nodes if node.count == 1]
    known = {row["key"]: row for row in graph.stream("picture/properties", keys=keys)}
    for node in nodes:
        row = known.get(node.key) if node.count == 1 else None
        yield node if row is None else replace(node, details=tuple(_details(node, row)))


def _details(node: Node, row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield "role", node.role
    if row["maker"]:
        yield "made by", row["maker"]
    yield from (pair for pair in facts(row["properties"]) if pair[0] not in _SAID)
    yield "key", node.key
