"""From the journal into the graph: one thread, in batches, again and again until it is there."""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING, Protocol

from lineage.errors import (
    GraphError,
    JournalError,
    LineageError,
    QueryError,
    SettingsError,
    SourceConflictError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from lineage.serve.journal import Journal
    from lineage.serve.metrics import Metrics

EVENTS = 2_000
BYTES = 16 << 20
LINGER_SECONDS = 0.5
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
TRIES = 5
PING_SECONDS = 10.0
REJECTED = "not-loaded.jsonl"
_PASSING = (GraphError, JournalError, SettingsError, SourceConflictError, OSError)
_log = logging.getLogger("lineage.serve")


class Sink(Protocol):
    """Where events go."""

    def load(self, bodies: Sequence[bytes]) -> int:
        """Load events, which may have been loaded before; returns how many were set aside.

        Raises:
            LineageError: it failed.
        """

    def segment(self) -> None:
        """Cut the graphlets of what is new.

        Raises:
            LineageError: it failed.
        """

    def ping(self) -> None:
        """Ask whether the graph answers, and nothing else.

        Raises:
            LineageError: it does not.
        """


class Drain:
    """Takes events from the journal to a sink.

    A failure of Neo4j is waited out. A batch that fails for another reason is halved until the
    events that cause it are found; those are kept in a file of their own, which `lineage ingest`
    reads when the cause is mended.

    Attributes:
        problem: why the last try failed; None where it did not.
        down: Neo4j did not answer last.
        reached: Neo4j took something.
        set_aside: records that the sink could not use, since the start.

    Args:
        journal: that is drained.
        sink: that takes the events.
        metrics: told what happens.
        segment_seconds: pause between two segmentations; 0 means never.
        ping_seconds: pause between two looks whether Neo4j answers, while nothing is loaded.
        ping: looks; by default the sink's.
    """

    def __init__(
        self,
        journal: Journal,
        sink: Sink,
        metrics: Metrics,
        segment_seconds: float,
        *,
        ping_seconds: float = PING_SECONDS,
        ping: Callable[[], None] | None = None,
    ) -> None:
        self.problem: str | None = None
        self.down = self.reached = False
        self.set_aside = 0
        self._counted = (0, 0)  # size of the file of rejected events, and how many it holds
        self._journal = journal
        self._sink = sink
        self._metrics = metrics
        self._segment_seconds = segment_seconds
        self._unsegmented = True  # what a receiver that was killed had loaded
        self._segmented = time.monotonic()
        self._ping_seconds = ping_seconds
        self._ping = ping or sink.ping
        self._asked = -ping_seconds + self._segmented
        self._tries = 0
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="drain", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self, seconds: float) -> bool:
        """End after the batch that is under way; says whether it ended in that time."""
        self._stopping.set()
        self._journal.wake()
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _run(self) -> None:
        pause = 0.0
        while not self._stopping.is_set():
            try:
                self._step()
            except Exception as error:  # noqa: BLE001 (a defect must not end the only drain)
                pause = min(LONGEST_PAUSE, 2 * pause or FIRST_PAUSE)
                _log.debug("where it failed:", exc_info=error)
                self._failed(error, pause)
                self._stopping.wait(pause)
            else:
                pause = 0.0

    def _step(self) -> None:
        """Load one batch, or segment, or wait."""
        if self._is_segmentation_due():
            self._segment()
        if not self._journal.wait(min(1.0, self._ping_seconds)):
            self._look()
            return
        # What comes within a moment goes along: a load of a few costs nearly what one of many does.
        if self._journal.backlog < BYTES:
            self._stopping.wait(LINGER_SECONDS)
        batch = self._journal.read(EVENTS, BYTES)
        if batch is None:
            return
        if batch.bodies:
            began = time.perf_counter()
            self._load(batch.bodies)
            self._metrics.graph_seconds.observe(time.perf_counter() - began)
            self._unsegmented = True
        self._journal.done(batch.end)
        self._metrics.loaded.inc(len(batch.bodies))

    def _look(self) -> None:
        """Tell from time to time whether Neo4j answers, where no loading does.

        Its end and its return are logged once each. Other problems stay: it answered, no more.
        """
        if time.monotonic() - self._asked < self._ping_seconds:
            return
        try:
            self._ping()
        finally:
            self._asked = time.monotonic()
        if self.down or self.problem is None:
            self._well()

    def _load(self, bodies: Sequence[bytes]) -> None:
        """Load events; what cannot be loaded is kept apart.

        That is held against an event only where others beside it could be loaded, or where it was
        tried often: else the cause may be ours, and every event would be put aside.
        """
        lost = self._lost_of(bodies)
        if not lost:
            self._tries = 0
            return
        self._tries += 1
        if len(lost) == len(bodies) and self._tries < TRIES:
            raise lost[0][1]
        self._tries = 0
        for body, error in lost:
            self._reject(body, error)

    def _lost_of(self, bodies: Sequence[bytes]) -> list[tuple[bytes, Exception]]:
        """Load events; returns those that cannot be, found by halving."""
        try:
            aside = self._sink.load(bodies)
        except Exception as error:
            if is_passing(error) or self._stopping.is_set():
                raise
            if len(bodies) == 1:
                return [(bodies[0], error)]
            half = len(bodies) // 2
            return self._lost_of(bodies[:half]) + self._lost_of(bodies[half:])
        self._metrics.set_aside.inc(aside)
        self.set_aside += aside
        self._well()
        return []

    def _is_segmentation_due(self) -> bool:
        since = time.monotonic() - self._segmented
        return self._unsegmented and 0 < self._segment_seconds <= since

    def _segment(self) -> None:
        began = time.monotonic()
        try:
            self._sink.segment()
        finally:  # one that fails is not tried again at once: loading goes first
            self._segmented = time.monotonic()
        self._unsegmented = False
        self._metrics.segment_seconds.observe(time.monotonic() - began)
        self._well()

    def _reject(self, body: bytes, error: Exception) -> None:
        """Keep an event that cannot be loaded, and go on."""
        file = self.rejected_file
        with file.open("ab") as out:
            out.write(body + b"\n")
        self._metrics.set_aside.inc()
        _log.error("an event could not be loaded (%s); it is kept in %s", error, file)

    @property
    def rejected_file(self) -> Path:
        """The events that could not be loaded, one a line."""
        return self._journal.folder / REJECTED

    @property
    def rejected(self) -> int:
        """How many events are in that file, earlier receivers' included."""
        try:
            size = self.rejected_file.stat().st_size
            if size != self._counted[0]:
                with self.rejected_file.open("rb") as kept:
                    self._counted = (size, sum(1 for _ in kept))
        except OSError:
            return 0
        return self._counted[1]

    def _well(self) -> None:
        if self.problem is not None:
            _log.warning("the graph takes events again")
        self.problem = None
        self.down, self.reached = False, True
        self._asked = time.monotonic()
        self._metrics.graph_up.set(1)

    def _failed(self, error: Exception, pause: float) -> None:
        # The first one and changes only: Neo4j may be down for long.
        name = type(error).__name__
        # Health tells this to whoever asks; only our own messages are known to hold no secrets.
        said = f"{name}: {error}" if isinstance(error, LineageError) else name
        if said != self.problem:
            _log.warning("%s; trying again after %g s and more", said, pause)
        self.problem = said
        self._metrics.graph_errors.inc()
        if isinstance(error, GraphError) and not isinstance(error, QueryError):
            self.down = True
            self._metrics.graph_up.set(0)


def is_passing(error: Exception) -> bool:
    """Whether a failure says nothing of the events: Neo4j, the journal, or how we are set up."""
    if isinstance(error, QueryError):
        return False
    return isinstance(error, _PASSING)
