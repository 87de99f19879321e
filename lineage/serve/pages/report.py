"""The report on what is in the graph now, made in another process and kept for a while.

To make one takes seconds of computing, which must not hold up those who send events.
"""

from __future__ import annotations

import asyncio
import logging
import os
import pickle
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, NamedTuple

from lineage.serve.pages.addresses import address, of_node
from lineage.serve.problems import Refused, busy

if TYPE_CHECKING:
    from lineage.serve.service import Graph

NICER = 5
PATIENCE = 2.0
"""Seconds that a first reader waits before a page says that the report is being made."""

MOST_SECONDS = 600.0
RETRY_AFTER = 10
_COMMAND = "from lineage.serve.pages.report import main; main()"
_log = logging.getLogger("lineage.serve")


class Made(NamedTuple):
    """A report: as a page, as JSON, and when it was made (monotonic seconds)."""

    html: bytes
    json: bytes
    at: float


class Reports:
    """The newest report.

    Args:
        graph: that it is about; it can be pickled.
        seconds: how old it may be before another is made.
    """

    def __init__(self, graph: Graph, seconds: float) -> None:
        self._graph = graph
        self._seconds = seconds
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="report")
        self._process: subprocess.Popen[bytes] | None = None
        self._made: Made | None = None
        self._failed = -float("inf")
        self._work: asyncio.Future[Made | None] | None = None
        self._closed = False

    async def newest(self) -> Made | None:
        """The newest report, be it somewhat old; None while the first one is made.

        Raises:
            Refused: none could be made.
        """
        old = self._made is None or time.monotonic() - self._made.at > self._seconds
        if old and self._work is None and time.monotonic() - self._failed > RETRY_AFTER:
            loop = asyncio.get_running_loop()
            self._work = loop.run_in_executor(self._pool, self._make)
            self._work.add_done_callback(self._done)
        if self._made is None and self._work is not None:
            await asyncio.wait([self._work], timeout=PATIENCE)
        if self._made is None and self._work is None:
            raise busy("no-report", "the report could not be made; ask again", RETRY_AFTER)
        return self._made

    def close(self) -> None:
        """Make no more."""
        self._closed = True
        if self._process is not None:
            self._process.kill()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _done(self, work: asyncio.Future[Made | None]) -> None:
        self._work = None
        made = None if work.cancelled() or work.exception() else work.result()
        if made is None:
            self._failed = time.monotonic()
        else:
            self._made = made

    def _make(self) -> Made | None:
        """Make one; None where that fails, which the other process tells on standard error."""
        if self._closed:
            return None
        command = [sys.executable, "-P", "-c", _COMMAND]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            self._process = process
            try:
                out, _ = process.communicate(pickle.dumps(self._graph), MOST_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                return None
            finally:
                self._process = None
        if process.returncode:
            if not self._closed:
                _log.warning("the report could not be made: its process ended with %d",
                             process.returncode)  # fmt: skip
            return None
        html, json = pickle.loads(out)  # noqa: S301  (from our own child)
        return Made(html, json, time.monotonic())


def report_of(made: Made | None, *, json: bool) -> bytes | None:
    """The form that is asked for.

    Raises:
        Refused: a program asks, and there is none yet.
    """
    if made is not None:
        return made.json if json else made.html
    if json:
        raise _BEING_MADE
    return None


_BEING_MADE: Refused = busy("no-report", "the report is being made; ask again", RETRY_AFTER)


def main() -> None:
    """Make one for the process that started this."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # ctrl-C is for the receiver, which ends us
    if hasattr(os, "nice"):
        os.nice(NICER)
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what prints must not get between
    graph: Graph = pickle.load(sys.stdin.buffer)  # noqa: S301  (from our own parent)
    with answers:
        pickle.dump(graph.read(_rendered), answers)


def _rendered(lin: Any) -> tuple[bytes, bytes]:
    from lineage.report.html import page
    from lineage.report.render import ROWS_FOR_PEOPLE

    report = lin.report(limit=ROWS_FOR_PEOPLE)
    return page(report, live=_address).encode(), report.render("json").encode()


def _address(kind: str, key: str) -> str | None:
    """Where a page here tells of what a row names; a pipeline is looked for by its name."""
    return address("/search", name=key) if kind == "pipeline" else of_node(kind, key)
