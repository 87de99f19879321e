"""Group commit: the events of requests that come at the same time share one sync of the disk."""

from __future__ import annotations

import asyncio
import logging
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from lineage.errors import JournalError
from lineage.serve.problems import busy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lineage.serve.journal import Journal
    from lineage.serve.metrics import Metrics

RETRY_FULL = 5
RETRY_FAILED = 2
# One write at most; more waits for the next, so that no single sync takes long.
GROUP_BYTES = 16 << 20
_log = logging.getLogger("lineage.serve")


class Committer:
    """Writes events to the journal, those of many requests at a time.

    Args:
        journal: that takes them.
        limit: bytes of the journal that the graph may lack.
        metrics: told how long it takes.
    """

    def __init__(self, journal: Journal, limit: int, metrics: Metrics) -> None:
        self._journal = journal
        self._limit = limit
        self._metrics = metrics
        self._waiting: list[tuple[Sequence[bytes], asyncio.Future[None]]] = []
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="journal")
        self._writing: asyncio.Task[None] | None = None

    async def commit(self, bodies: Sequence[bytes]) -> None:
        """Return when events are durable.

        Raises:
            Refused: the journal is full, or could not be written; nothing of them is kept.
        """
        self.check_room()
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((bodies, done))
        if self._writing is None:
            self._writing = asyncio.create_task(self._write_all())
        await done

    def check_room(self) -> None:
        """Say early that the journal is full.

        Raises:
            Refused: it is.
        """
        if self._journal.backlog >= self._limit:
            raise busy(
                "journal-full", "the graph is behind and the journal is full; send it again",
                RETRY_FULL,
            )  # fmt: skip

    async def close(self) -> None:
        """Write what waits, and end."""
        if self._writing is not None:
            await self._writing
        self._pool.shutdown()

    async def _write_all(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while self._waiting:
                group = self._group()
                bodies = [body for some, _ in group for body in some]
                began = time.perf_counter()
                try:
                    await loop.run_in_executor(self._pool, self._journal.append, bodies)
                except Exception as error:  # noqa: BLE001 (nobody may wait for ever)
                    _log.error("%s", error, exc_info=not isinstance(error, JournalError))
                    refused = busy("journal-failed", "the journal could not be written; send it "
                                   "again", RETRY_FAILED)  # fmt: skip
                    self._metrics.journal_errors.inc()
                    for _, done in group:
                        if not done.done():
                            done.set_exception(refused)
                    continue
                self._metrics.commit_seconds.observe(time.perf_counter() - began)
                for _, done in group:
                    if not done.done():  # it is, where the request was cancelled
                        done.set_result(None)
        finally:
            self._writing = None

    def _group(self) -> list[tuple[Sequence[bytes], asyncio.Future[None]]]:
        """Take what fits into one write."""
        size = taken = 0
        for bodies, _ in self._waiting:
            if taken and size >= GROUP_BYTES:
                break
            size += sum(map(len, bodies))
            taken += 1
        group, self._waiting = self._waiting[:taken], self._waiting[taken:]
        return group
