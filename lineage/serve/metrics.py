"""What is counted, for Prometheus."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

if TYPE_CHECKING:
    from collections.abc import Callable

MEDIA_TYPE = CONTENT_TYPE_PLAIN_0_0_4
_PREFIX = "lineage_receiver"
_QUICK = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
_SLOW = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)


class Metrics:
    """The receiver's counters; each receiver has its own.

    Attributes:
        received: events that came in requests that could be read.
        accepted: events that are in the journal.
        refused: refused requests, by reason; and the invalid events of batches.
        request_seconds: from a request's head to its answer.
        commit_seconds: one write to the journal.
        journal_errors: writes that failed.
        loaded: events of the journal that the graph was given.
        set_aside: events that the graph took as no records, or not at all.
        graph_seconds: loading one batch of events.
        graph_errors: loads and segmentations that failed.
        segment_seconds: one segmentation.
        graph_up: whether the last try reached Neo4j.
    """

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()

        def counter(name: str, says: str, *labels: str) -> Counter:
            return Counter(f"{_PREFIX}_{name}", says, labels, registry=registry)

        def seconds(name: str, says: str, buckets: tuple[float, ...]) -> Histogram:
            return Histogram(f"{_PREFIX}_{name}", says, buckets=buckets, registry=registry)

        self.received = counter("events_received", "Events in requests that could be read")
        self.accepted = counter("events_accepted", "Events in the journal")
        self.refused = counter("refused", "Requests and events refused, by reason", "reason")
        self.request_seconds = seconds("request_seconds", "Answering a request", _QUICK)
        self.commit_seconds = seconds("commit_seconds", "Writing to the journal", _QUICK)
        self.journal_errors = counter("journal_errors", "Writes to the journal that failed")
        self.loaded = counter("events_loaded", "Events given to the graph")
        self.set_aside = counter("events_set_aside", "Events that the graph did not take whole")
        self.graph_seconds = seconds("graph_seconds", "Loading a batch into the graph", _SLOW)
        self.graph_errors = counter("graph_errors", "Loads and segmentations that failed")
        self.segment_seconds = seconds("segment_seconds", "Segmenting", _SLOW)
        self.graph_up = self._gauge("graph_up", "Whether Neo4j answered last")

    def watch(self, name: str, says: str, look: Callable[[], float]) -> None:
        """Add a value that is looked at when it is asked for."""
        self._gauge(name, says).set_function(look)

    def text(self) -> bytes:
        """As Prometheus reads them."""
        return generate_latest(self._registry)

    def _gauge(self, name: str, says: str) -> Gauge:
        return Gauge(f"{_PREFIX}_{name}", says, registry=self._registry)
