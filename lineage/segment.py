"""Segmentation: every trained model's graphlet, cut by Cypher and kept in the graph.

The idea is from Xin, Miao, Parameswaran, Polyzotis, "Production Machine Learning Pipelines:
Empirical Analysis and Optimization Opportunities", SIGMOD 2021 (arXiv 2103.16007); segmentation of
provenance in Neo4j was done before by Miao and Deshpande, ICDE 2019 (arXiv 1810.04599).

Loading marks what is new or changed. Segmentation turns these marks into marks on the trainers
whose graphlets may have altered, cuts those and links them to their neighbours; each mark goes in
the transaction that does what it asks for. So the cost is that of the change, and a segmentation
that is stopped goes on where it was.
"""

from __future__ import annotations

import time
from contextlib import contextmanager, suppress
from threading import Event, Thread
from typing import TYPE_CHECKING, TypeAlias

from pydantic import BaseModel, ConfigDict

from lineage.errors import GraphError, QueryError
from lineage.redundancy import mark

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lineage.graph import Graph

    Progress: TypeAlias = Callable[[int, int], None]

ROWS = 100  # graphlets in one transaction
LOOK_SECONDS = 0.5


class Segmented(BaseModel):
    """What a segmentation did.

    Attributes:
        graphlets: how many were cut and written, because something in them changed.
        removed: graphlets whose trainer is gone or trains no more.
        total: how many there are now.
        seconds: wall time.
    """

    model_config = ConfigDict(frozen=True)

    graphlets: int
    removed: int
    total: int
    seconds: float


def segment(
    graph: Graph,
    pipeline: str | None = None,
    *,
    full: bool = False,
    progress: Progress | None = None,
) -> Segmented:
    """Cut the graphlets that changes have touched since the last time.

    Any order and slicing of arrivals ends with the graphlets of one load.

    Args:
        graph: where to read and write.
        pipeline: cut those of this pipeline anew, touched or not; others wait.
        full: cut all anew, touched or not.
        progress: told how many are cut, and how many there are to cut.

    Raises:
        GraphError: Neo4j failed; what was written before is whole, and a second run completes it.
    """
    began = time.perf_counter()
    mark(graph)
    fresh = [row["source"] for row in graph.run("segment/fresh", all=full)]
    removed = graph.run("segment/stale", all=full)[0]["removed"]
    if fresh:
        graph.run("segment/unmark", sources=fresh)
    graph.run("segment/pending", sources=fresh, pipeline=pipeline)
    graph.run("segment/done", sources=fresh)
    graph.run("segment/affected")
    cut = _cut(graph, pipeline, progress)
    graph.run("segment/order")
    total = graph.run("segment/total")[0]["graphlets"]
    return Segmented(
        graphlets=cut, removed=removed, total=total, seconds=time.perf_counter() - began
    )


def _cut(graph: Graph, pipeline: str | None, progress: Progress | None) -> int:
    """Cut what is marked, in rounds: what a round left goes into the next, in smaller transactions.

    Two that are under way may meet at a node that graphlets share, and one has to step back; or a
    hub makes one too large for the server's memory.
    """
    rows, cut = ROWS, 0
    total = _uncut(graph) if progress is not None else 0
    with _watched(graph, total, progress):
        while True:
            found = graph.run("segment/cut", pipeline=pipeline, rows=rows)[0]
            cut += int(found["graphlets"])
            if found["problem"] is None:
                return cut
            if rows == 1 and not found["graphlets"]:
                raise QueryError(f"graphlets could not be cut: {found['problem']}")
            rows = max(1, rows // 4)


def _uncut(graph: Graph) -> int:
    return int(graph.run("segment/uncut")[0]["uncut"])


@contextmanager
def _watched(graph: Graph, total: int, progress: Progress | None) -> Iterator[None]:
    """Tell now and then how many of the marks are gone; the statement itself tells nothing."""
    if progress is None:
        yield
        return
    ended = Event()

    def watch() -> None:
        while not ended.wait(LOOK_SECONDS):
            with suppress(GraphError):  # the statement will say it
                progress(total - _uncut(graph), total)

    watcher = Thread(target=watch, name="lineage-segment", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        ended.set()
        watcher.join()
    progress(total, total)
