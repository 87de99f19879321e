"""Exports: graphlets as JSON objects, and the graph as a native trace."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lineage.graph import Graph


def graphlets(graph: Graph, pipeline: str | None = None) -> Iterator[dict[str, Any]]:
    """Every graphlet with its members, ordered by key; costs are in the trainer's unit."""
    yield from graph.stream("export/graphlets", pipeline=pipeline)
