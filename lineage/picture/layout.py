"""Where the nodes of a picture stand, and how its edges run: in layers, with the data flow.

What is inside the graphlet is laid out by Sugiyama's method (fast-sugiyama), each connected part by
itself, parts below each other. What comes from outside stands above it, so that the graphlet can be
framed as a whole; each of these nodes is above the layer before the first member that reads it.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lineage.errors import PictureError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lineage.picture.model import Edge, Picture

MOST = 3_000
"""Nodes that are laid out in seconds; more would be drawn for nobody."""
_BENDS = 100_000  # layers that edges pass, all together
WIDTH = {"execution": 132.0, "artifact": 112.0}
HEIGHT = 36.0
_GAP, _ROW = 30.0, 54.0
_MARGIN, _TOP = 22.0, 26.0

Point = tuple[float, float]
Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Layout:
    """Centres of nodes by their place in the picture, in pixels; where edges bend on their way.

    Attributes:
        centres: of every node.
        bends: of edges that pass layers, from the start to the end, by their ends.
        frame: left, top, width and height of what is inside.
        width: of all.
        height: of all.
    """

    centres: dict[int, Point]
    bends: dict[Pair, list[Point]]
    frame: tuple[float, float, float, float]
    width: float
    height: float


@dataclass(slots=True)
class _Grid:
    """Layers and rows, before they are pixels."""

    layer: dict[int, int]
    row: dict[int, float]
    routes: dict[Pair, list[tuple[int, float]]]


def layout(picture: Picture) -> Layout:
    """The places of all nodes of a picture.

    Raises:
        PictureError: there are too many.
    """
    if len(picture.nodes) > MOST:
        raise PictureError(
            f"{len(picture.nodes):,} nodes are too many to be drawn one by one; the most is "
            f"{MOST:,}: leave --all away, or write them with --format dot"
        )
    inside = [place for place, node in enumerate(picture.nodes) if node.inside]
    pairs = _forward(inside, picture.edges)
    _check_length(inside, pairs)
    grid = _grid(inside, pairs)
    return _pixels(picture, grid)


def _forward(inside: Sequence[int], edges: Iterable[Edge]) -> list[Pair]:
    """Which node comes before which: each pair once, none to itself, and no cycles.

    The library ends the whole process on an edge from a node to itself. Edges that close a cycle
    are turned round here, by the order of a search in depth: so the same graph is drawn the same.
    """
    here = set(inside)
    after: dict[int, list[int]] = defaultdict(list)
    pairs = sorted({(edge.start, edge.end) for edge in edges if edge.start != edge.end})
    for start, end in pairs:
        if start in here and end in here:
            after[start].append(end)
    rank = _finished(inside, after)
    turned = {
        (start, end) if rank[start] > rank[end] else (end, start)
        for start, ends in after.items()
        for end in ends
    }
    return sorted(turned)


def _check_length(nodes: Sequence[int], pairs: Sequence[Pair]) -> None:
    """Refuse edges that would pass so many layers that laying them out took too long."""
    before: dict[int, list[int]] = defaultdict(list)
    after: dict[int, list[int]] = defaultdict(list)
    for start, end in pairs:
        before[end].append(start)
        after[start].append(end)
    rank = _finished(nodes, after)
    layer: dict[int, int] = {}
    for node in sorted(nodes, key=lambda node: -rank[node]):
        layer[node] = max((layer[other] + 1 for other in before[node]), default=0)
    if sum(layer[end] - layer[start] - 1 for start, end in pairs) > _BENDS:
        raise PictureError(
            f"{len(nodes):,} nodes are too entangled to be drawn one by one: "
            "leave --all away, or write them with --format dot"
        )


def _finished(nodes: Sequence[int], after: dict[int, list[int]]) -> dict[int, int]:
    """When a search in depth is done with each node: later than with all that it leads to."""
    targets = {end for ends in after.values() for end in ends}
    begun: set[int] = set()
    rank: dict[int, int] = {}
    for root in sorted(nodes, key=lambda node: (node in targets, node)):
        if root in begun:
            continue
        begun.add(root)
        stack = [(root, iter(after[root]))]
        while stack:
            node, rest = stack[-1]
            step = next((other for other in rest if other not in begun), None)
            if step is None:
                rank[node] = len(rank)
                stack.pop()
            else:
                begun.add(step)
                stack.append((step, iter(after[step])))
    return rank


def _grid(inside: Sequence[int], pairs: Sequence[Pair]) -> _Grid:
    """Layers from the left and rows from the top, part by part."""
    grid, top = _Grid({}, {}, {}), 0.0
    for part in _parts(inside, pairs):
        members = set(part)
        own = [pair for pair in pairs if pair[0] in members]
        top = _place(grid, part, own, top)
    return grid


def _place(grid: _Grid, part: Sequence[int], pairs: Sequence[Pair], top: float) -> float:
    """Lay out one connected part from a row on; returns the row after it."""
    if not pairs:
        grid.layer[part[0]], grid.row[part[0]] = 0, top
        return top + 1
    from fast_sugiyama import from_edges

    number = {node: place for place, node in enumerate(part)}
    ((positions, _, _, steps),) = from_edges(
        [(number[start], number[end]) for start, end in pairs],
        vertex_spacing=1,
        dummy_vertices=True,
        dummy_size=0.6,
        ranking_type="minimize",
    )
    left = max(level for _, (_, level) in positions)
    least = min(row for _, (row, _) in positions)
    spots = {node: (round(left - level), top + row - least) for node, (row, level) in positions}
    for node, place in number.items():
        grid.layer[node], grid.row[node] = spots[place]
    # Numbers from the last node's on are bends.
    arcs = [(int(start), int(end)) for start, end in steps or ()]
    onward = {start: end for start, end in arcs if start >= len(part)}
    for start, end in arcs:
        if start < len(part) <= end:
            passed = [end]
            while onward[passed[-1]] >= len(part):
                passed.append(onward[passed[-1]])
            ends = part[start], part[onward[passed[-1]]]
            grid.routes[ends] = [spots[one] for one in passed]
    return max(row for _, row in spots.values()) + 1


def _parts(nodes: Sequence[int], pairs: Sequence[Pair]) -> list[list[int]]:
    """Connected parts, the largest first."""
    root = {node: node for node in nodes}

    def find(node: int) -> int:
        while root[node] != node:
            root[node] = root[root[node]]
            node = root[node]
        return node

    for start, end in pairs:
        root[find(start)] = find(end)
    parts: dict[int, list[int]] = defaultdict(list)
    for node in nodes:
        parts[find(node)].append(node)
    return sorted(parts.values(), key=lambda part: -len(part))


def _pixels(picture: Picture, grid: _Grid) -> Layout:
    above = _above(picture, grid)
    layers = grid.layer | {node: layer for node, (layer, _) in above.items()}
    lefts = _columns(picture, layers)
    deep = max((row for _, row in above.values()), default=-1) + 1
    frame_top = _TOP if not deep else _TOP + deep * _ROW + 18
    start = frame_top + _TOP + HEIGHT / 2 + 4

    def spot(layer: int, row: float) -> Point:
        return lefts[layer], start + row * _ROW

    centres = {node: spot(layer, grid.row[node]) for node, layer in grid.layer.items()}
    for node, (layer, row) in above.items():
        centres[node] = (lefts[layer], _TOP + HEIGHT / 2 + row * _ROW)
    bends = {pair: [spot(*one) for one in route] for pair, route in grid.routes.items()}
    rows = max(grid.row.values(), default=0) + 1
    bottom = start + (rows - 1) * _ROW + HEIGHT / 2 + _MARGIN
    width = max(lefts.values()) + WIDTH["execution"] / 2 + 2 * _MARGIN
    frame = _framed(picture, centres, frame_top, bottom)
    return Layout(centres, bends, frame, width, bottom + 12)


def _framed(
    picture: Picture, centres: dict[int, Point], top: float, bottom: float
) -> tuple[float, float, float, float]:
    sides = [
        (centres[at][0], WIDTH[node.kind] / 2)
        for at, node in enumerate(picture.nodes)
        if node.inside
    ]
    left = min((x - half for x, half in sides), default=2 * _MARGIN) - _MARGIN
    right = max((x + half for x, half in sides), default=left) + _MARGIN
    return left, top, right - left, bottom - top


def _columns(picture: Picture, layers: dict[int, int]) -> dict[int, float]:
    """The middle of each layer; a layer is as wide as its widest node."""
    wide: dict[int, float] = {}
    for node, layer in layers.items():
        wide[layer] = max(wide.get(layer, 0.0), WIDTH[picture.nodes[node].kind])
    lefts, x = {}, 2 * _MARGIN
    for layer in range(min(wide, default=0), max(wide, default=0) + 1):
        width = wide.get(layer, 0.0)
        lefts[layer] = x + width / 2
        x += width + _GAP
    return lefts


def _above(picture: Picture, grid: _Grid) -> dict[int, tuple[int, int]]:
    """Layer and row of what comes from outside."""
    readers: dict[int, list[int]] = defaultdict(list)
    for edge in picture.edges:
        if not picture.nodes[edge.start].inside and picture.nodes[edge.end].inside:
            readers[edge.start].append(grid.layer[edge.end])
    used: dict[int, int] = defaultdict(int)
    places = {}
    for place, node in enumerate(picture.nodes):
        if not node.inside:
            layer = min(readers[place], default=0) - 1
            places[place] = (layer, used[layer])
            used[layer] += 1
    return places
