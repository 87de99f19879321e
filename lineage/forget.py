"""Taking one source out of the graph again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lineage.errors import NotFoundError
from lineage.load.rows import clean, prefix_of
from lineage.load.service import EVERYWHERE

if TYPE_CHECKING:
    from lineage.graph import Graph


def forget(graph: Graph, source: str) -> int:
    """Remove everything that came from a source, and its graphlets.

    A call that was cut short is completed by the next one.

    Returns:
        How many nodes were removed.

    Raises:
        NotFoundError: no source of that name was loaded.
    """
    source = clean(source)
    known = [row["source"] for row in graph.run("forget/sources")]
    if source not in known:
        names = ", ".join(known) or "none"
        raise NotFoundError(f"no source is called {source!r}; loaded are: {names}")
    removed: int = graph.run("forget/nodes", prefix=prefix_of(source))[0]["removed"]
    for query in EVERYWHERE:
        graph.run(query)
    removed += graph.run("forget/datasets")[0]["removed"]
    graph.run("forget/source", source=source)
    return removed
