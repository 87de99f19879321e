"""NetworkX: `networkx.descendants` in a pruned graph for each walk."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import networkx as nx
from bench.walks import Graphlet, graphlet

if TYPE_CHECKING:
    from bench.walks import Walks


class NetworkX:
    """Each walk a directed graph."""

    name = "NetworkX"
    version = nx.__version__

    def __init__(self, walks: Walks) -> None:
        self._walks = walks
        self._graphs = {walk: _graph(walks, walk) for walk in walks.edges}
        # Many trainers read the same data, and what looked at it does not depend on who asks.
        self._looked_at = cache(self._look)

    def graphlet(self, trainer: int) -> Graphlet:
        """The members of one trainer's graphlet."""
        up = nx.descendants(self._graphs["up"], trainer)
        return graphlet(
            trainer,
            up=up,
            clean=nx.descendants(self._graphs["clean"], trainer),
            down=nx.descendants(self._graphs["down"], trainer),
            look=set().union(*map(self._looked_at, up - self._walks.boundary)),
            walks=self._walks,
        )

    def _look(self, node: int) -> frozenset[int]:
        graph = self._graphs["look"]
        return frozenset(nx.descendants(graph, node)) if node in graph else frozenset()


def _graph(walks: Walks, walk: str) -> nx.DiGraph[int]:
    graph: nx.DiGraph[int] = nx.DiGraph()
    graph.add_nodes_from(walks.trainers)
    graph.add_edges_from(walks.edges[walk].tolist())
    return graph
