"""Folding: nodes of a graph that are alike are drawn as one.

Two nodes are alike to depth 0 when they have the same kind, class, native type, role, state and
unit of cost. They are alike to depth k + 1 when they are alike to depth k, and whatever one of them
reads or writes, the other reads or writes something alike to depth k, and the other way round. How
many of each they read or write does not matter. Nodes that are alike are folded into one node, with
their costs summed; so 300 spans, each with an ingestion before it and statistics behind it, become
one ingestion, one span and one node of statistics, and all of their edges become one edge each.

Without a limit to the depth this is the coarsest forward and backward bisimulation of the graph:
nothing that can be told by walking along its edges is lost, but how many there are, and the nodes
say that. Every depth is a refinement of the one before it. `fold` takes the deepest that leaves no
more nodes than can be read; the trainer is never folded.

The idea of bisimulation as a summary of a graph is from T. Milo, D. Suciu, *Index Structures for
Path Expressions*, ICDT 1999, and its limit to a depth from R. Kaushik, P. Shenoy, P. Bohannon,
E. Gudes, *Exploiting Local Similarity for Indexing Paths in Graph-Structured Data*, ICDE 2002.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from lineage.picture.model import Edge, Node
from lineage.report import units

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Sequence

    from lineage.picture.model import Picture

READABLE = 48
"""Nodes that a reader can still tell apart on one screen."""
_EDGES = 400  # Mermaid takes 500
_NAMED = 3


def fold(picture: Picture, most: int = READABLE) -> Picture:
    """The picture with nodes that are alike as one, where it has more than `most` of them.

    Args:
        picture: with every node.
        most: how many nodes may be left; those of depth -1 always are.
    """
    if len(picture.nodes) <= most and len(picture.edges) <= _EDGES:
        return picture
    blocks, depth, settled = _deepest(picture, most)
    members = _by_block(blocks)
    nodes = tuple(_merged([picture.nodes[at] for at in places]) for places in members)
    edges = _edges(picture.edges, blocks)
    return replace(picture, nodes=nodes, edges=edges, depth=depth, settled=settled)


def _deepest(picture: Picture, most: int) -> tuple[list[int], int, bool]:
    """The block of each node at the greatest readable depth, that depth, and if it tells all."""
    arcs = _arcs(picture)
    blocks, depth = _numbered([_label(node) for node in picture.nodes]), 0
    if max(blocks) >= most:
        return _numbered([_coarse(node) for node in picture.nodes]), -1, False
    while True:
        finer = _refined(blocks, arcs)
        count = max(finer) + 1
        if count == max(blocks) + 1:
            return blocks, depth, True
        if count > most or len(_pairs(picture.edges, finer)) > _EDGES:
            return blocks, depth, False
        blocks, depth = finer, depth + 1


def _label(node: Node) -> Hashable:
    """What nodes that are alike to depth 0 have in common."""
    alone = node.key if node.role == "trainer" else ""
    said = (node.kind, node.class_, node.type, node.role, node.span, node.state, node.cost_unit)
    return (*said, alone)


def _coarse(node: Node) -> Hashable:
    """What nodes that are alike to depth -1 have in common."""
    return node.kind, node.class_, node.role, node.cost_unit


def _arcs(picture: Picture) -> list[list[tuple[str, int]]]:
    """Of each node, the types of its relationships, their direction, and their other ends."""
    arcs: list[list[tuple[str, int]]] = [[] for _ in picture.nodes]
    for edge in picture.edges:
        arcs[edge.start].append((f">{edge.type}", edge.end))
        arcs[edge.end].append((f"<{edge.type}", edge.start))
    return arcs


def _refined(blocks: Sequence[int], arcs: Sequence[Sequence[tuple[str, int]]]) -> list[int]:
    """The blocks of the next depth."""
    return _numbered(
        [
            (block, frozenset((type_, blocks[other]) for type_, other in around))
            for block, around in zip(blocks, arcs, strict=True)
        ]
    )


def _numbered(labels: Sequence[Hashable]) -> list[int]:
    """Numbers for labels, in the order of their first appearance."""
    numbers: dict[Hashable, int] = {}
    return [numbers.setdefault(label, len(numbers)) for label in labels]


def _by_block(blocks: Sequence[int]) -> list[list[int]]:
    members: list[list[int]] = [[] for _ in range(max(blocks) + 1)]
    for place, block in enumerate(blocks):
        members[block].append(place)
    return members


def _pairs(edges: Sequence[Edge], blocks: Sequence[int]) -> dict[tuple[int, int, str], list[Edge]]:
    """Edges by the blocks that they join."""
    pairs: dict[tuple[int, int, str], list[Edge]] = defaultdict(list)
    for edge in edges:
        pairs[blocks[edge.start], blocks[edge.end], edge.type].append(edge)
    return pairs


def _edges(edges: Sequence[Edge], blocks: Sequence[int]) -> tuple[Edge, ...]:
    return tuple(
        Edge(
            start=start,
            end=end,
            type=type_,
            # The first ones say what the others are; roles of indexes are without end.
            names=tuple(dict.fromkeys(name for edge in some[:9] for name in edge.names))[:9],
            count=sum(edge.count for edge in some),
        )
        for (start, end, type_), some in _pairs(edges, blocks).items()
    )


def _merged(nodes: Sequence[Node]) -> Node:
    """One node that stands for several that are alike."""
    first = nodes[0]
    if len(nodes) == 1:
        return first
    starts = [node.started for node in nodes if node.started is not None]
    ends = [node.ended for node in nodes if node.ended is not None]
    types = {node.type for node in nodes}
    costs = [node.cost for node in nodes if node.cost is not None]
    return replace(
        first,
        type=first.type if len(types) == 1 else None,
        name=units.last_part(first.type or first.class_) if len(types) == 1 else first.class_,
        state=first.state if len({node.state for node in nodes}) == 1 else None,
        cost=sum(costs) if costs else None,
        holders=(min(node.holders[0] for node in nodes), max(node.holders[1] for node in nodes)),
        started=min(starts, default=None),
        ended=max(ends, default=None),
        count=len(nodes),
        details=tuple(_told(nodes, len(nodes) - len(costs))),
    )


def _told(nodes: Sequence[Node], unknown: int) -> Iterator[tuple[str, str]]:
    """What is said of a folded node in place of the properties of each."""
    if nodes[0].kind == "execution" and unknown:
        yield "cost unknown", f"of {unknown:,}"
    starts = [node.started for node in nodes if node.started is not None]
    if starts:
        yield "first", units.moment(min(starts))
        yield "last", units.moment(max(starts))
    more = len(nodes) - _NAMED
    names = ", ".join(node.name for node in nodes[:_NAMED])
    if failed := sum(node.failed for node in nodes):
        yield "failed", f"{failed:,}"
    yield "among them", f"{names} and {more:,} more" if more > 0 else names
