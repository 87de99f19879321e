"""Reading the graph for pages: in a few threads, so many at once, and no longer than so."""

from __future__ import annotations

import asyncio
import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

from lineage.errors import GraphError, GraphTimeoutError, LineageError, NotFoundError
from lineage.reading import ReadingGraph
from lineage.serve.problems import Refused, busy

if TYPE_CHECKING:
    from collections.abc import Callable

    from lineage.api import Lineage
    from lineage.serve.service import Graph

T = TypeVar("T")

THREADS = 4
WAITING = 32
GRAPH_SECONDS = 5.0
"""What the questions of one page may take together."""

SECONDS = 10.0
"""What a page may take, waiting for its turn included."""

RETRY_BUSY = 1
RETRY_GRAPH = 5
_log = logging.getLogger("lineage.serve")


class Reader:
    """Reads in threads of its own: what holds up a page holds up neither events nor advice.

    Args:
        graph: to be read.
    """

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="page")
        self._room = threading.Semaphore(WAITING)

    async def read(self, work: Callable[[ReadingGraph, Lineage], T]) -> T:
        """Have something read.

        Args:
            work: given a graph that is read until a time, and the service, for what it knows.

        Raises:
            Refused: it is not there, too much waits, or the graph does not answer in time.
        """
        if not self._room.acquire(blocking=False):
            raise busy("busy", "too many pages wait; ask again", RETRY_BUSY)
        asked = self._pool.submit(
            self._graph.read, lambda lin: work(ReadingGraph.of(lin.graph, GRAPH_SECONDS), lin)
        )
        # A thread that is held up keeps its place until it is done.
        asked.add_done_callback(lambda _: self._room.release())
        try:
            async with asyncio.timeout(SECONDS):
                return await asyncio.wrap_future(asked)
        except (TimeoutError, GraphTimeoutError):
            said = "the graph took too long for this page; ask for less, or again later"
            raise busy("too-slow", said, RETRY_GRAPH) from None
        except NotFoundError as error:
            raise Refused(404, "not-found", str(error)) from None
        except GraphError as error:
            _log.debug("no page: %s", error)
            raise busy("graph-down", "Neo4j does not answer; ask again", RETRY_GRAPH) from None
        except LineageError as error:
            raise Refused(422, "invalid-question", str(error)) from None

    def close(self) -> None:
        """Read nothing more."""
        self._pool.shutdown(wait=False, cancel_futures=True)
