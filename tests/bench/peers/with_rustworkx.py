"""rustworkx: `rustworkx.descendants` in a pruned graph for each walk.

A walk there begins with a set of bits as long as the graph, so one graph of a whole corpus is slow
for many small walks. The corpus is cut into parts that nothing connects, of some thousand nodes.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import rustworkx as rx
from bench.walks import Graphlet, graphlet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.walks import Walks
    from numpy.typing import NDArray

PART_NODES = 2_000


@dataclass(frozen=True, slots=True)
class _Part:
    """Nodes that are connected with no others; in the graphs, each is its place in the list."""

    nodes: list[int]
    graphs: dict[str, rx.PyDiGraph[None, None]]


class Rustworkx:
    """Each walk a directed graph, of each part."""

    name = "rustworkx"
    version = rx.__version__

    def __init__(self, walks: Walks) -> None:
        self._walks = walks
        self._place: dict[int, tuple[_Part, int]] = {}
        for part in _parts(walks):
            self._place.update({node: (part, at) for at, node in enumerate(part.nodes)})
        self._looked_at = cache(self._look)

    def graphlet(self, trainer: int) -> Graphlet:
        """The members of one trainer's graphlet."""
        up = self._reach("up", trainer)
        return graphlet(
            trainer,
            up=up,
            clean=self._reach("clean", trainer),
            down=self._reach("down", trainer),
            look=set().union(*map(self._looked_at, up - self._walks.boundary)),
            walks=self._walks,
        )

    def _reach(self, walk: str, node: int) -> set[int]:
        part, place = self._place[node]
        nodes = part.nodes
        return {nodes[at] for at in rx.descendants(part.graphs[walk], place)}

    def _look(self, node: int) -> frozenset[int]:
        return frozenset(self._reach("look", node))


def _parts(walks: Walks) -> Iterator[_Part]:
    """The graph in parts; each edge joins two nodes of one."""
    pairs = np.concatenate(list(walks.edges.values()))
    numbers = np.unique(np.append(pairs.ravel(), walks.trainers))
    groups = _groups(len(numbers), np.searchsorted(numbers, pairs))
    part_of, place = np.empty(len(numbers), np.int64), np.empty(len(numbers), np.int64)
    for part, nodes in enumerate(groups):
        part_of[nodes] = part
        place[nodes] = np.arange(len(nodes))
    slices = {}
    for walk, edges in walks.edges.items():
        ends = np.searchsorted(numbers, edges)
        part = part_of[ends[:, 0]]
        order = np.argsort(part, kind="stable")
        bounds = np.searchsorted(part[order], np.arange(len(groups) + 1))
        slices[walk] = np.split(place[ends[order]], bounds[1:-1])
    for part, nodes in enumerate(groups):
        graphs = {walk: _graph(len(nodes), edges[part]) for walk, edges in slices.items()}
        yield _Part(numbers[nodes].tolist(), graphs)


def _groups(nodes: int, pairs: NDArray[np.int64]) -> list[list[int]]:
    """Connected nodes together, at least `PART_NODES` at a time."""
    whole: rx.PyGraph[None, None] = rx.PyGraph()
    whole.add_nodes_from([None] * nodes)
    whole.extend_from_edge_list(list(map(tuple, pairs.tolist())))
    groups: list[list[int]] = [[]]
    for component in rx.connected_components(whole):
        if len(groups[-1]) >= PART_NODES:
            groups.append([])
        groups[-1].extend(component)
    return groups


def _graph(nodes: int, pairs: NDArray[np.int64]) -> rx.PyDiGraph[None, None]:
    graph: rx.PyDiGraph[None, None] = rx.PyDiGraph(multigraph=False)
    graph.add_nodes_from([None] * nodes)
    graph.add_edges_from_no_data(list(map(tuple, pairs.tolist())))
    return graph
