"""The pages that lead to nodes: the start, the pipelines, a search."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lineage.analyses.rows import fetch
from lineage.find import Found as Meant
from lineage.serve.pages.addresses import address
from lineage.serve.pages.model import Count, Found, PipelineRow, Pipelines, SourceRow, Start
from lineage.show import Item

if TYPE_CHECKING:
    from lineage.graph import Graph
    from lineage.serve.pages.addresses import Question

LISTED = 50
COUNTED = 1_000
_SHORTEST = 2


def start(graph: Graph) -> Start:
    """What there is."""
    return Start(
        counts=tuple(fetch(graph, "pages/counts", Count)),
        sources=tuple(fetch(graph, "pages/loads", SourceRow, limit=LISTED)),
    )


def pipelines(graph: Graph, asked: Question) -> Pipelines:
    """A page of the pipelines."""
    rows = list(
        fetch(graph, "pages/pipelines", PipelineRow,
              after=asked.text("after"), limit=LISTED + 1, most=COUNTED)
    )  # fmt: skip
    kept = tuple(rows[:LISTED])
    later = address("/pipelines", after=kept[-1].key) if len(rows) > LISTED else None
    return Pipelines(pipelines=kept, most=COUNTED, later=later)


def search(graph: Graph, asked: Question) -> Found:
    """What a text may mean: as `lineage show` reads it, then pipelines with it in their names."""
    wanted = asked.text("name").strip()
    if len(wanted) < _SHORTEST:
        return Found(wanted=wanted, items=())
    meant = list(fetch(graph, "show/find", Meant, wanted=wanted, dataset=wanted, kind=None))
    items = {(one.kind, one.key): Item(kind=one.kind, key=one.key, name=one.name) for one in meant}
    like = graph.run("pages/pipelines_like", wanted=wanted, limit=LISTED)
    for row in like:
        found = Item(kind="pipeline", key=row["key"], name=row["name"])
        items.setdefault(("pipeline", row["key"]), found)
    more = len(meant) >= LISTED or len(like) >= LISTED
    return Found(wanted=wanted, items=tuple(items.values()), more=more)
