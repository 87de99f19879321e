"""The graph as the receiver uses it: connected when it is there, and again when it comes back."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, TypeVar

from lineage.errors import GraphUnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lineage.advise import Advice
    from lineage.api import Lineage
    from lineage.serve.advice import Asked

T = TypeVar("T")


class GraphSink:
    """A graph that may be down.

    Args:
        connect: connects to it.
        source: the name under which events are loaded.
    """

    def __init__(self, connect: Callable[[], Lineage], source: str) -> None:
        self._connect = connect
        self._source = source
        self._lock = threading.Lock()
        self._lin: Lineage | None = None

    def __getstate__(self) -> tuple[Callable[[], Lineage], str]:
        """What another process needs to connect by itself."""
        return self._connect, self._source

    def __setstate__(self, state: tuple[Callable[[], Lineage], str]) -> None:
        self.__init__(*state)  # type: ignore[misc]

    def load(self, bodies: Sequence[bytes]) -> int:
        """Load events; returns how many records were set aside."""
        return self._do(lambda lin: len(lin.ingest_events(bodies, source=self._source).set_aside))

    def segment(self) -> None:
        """Cut the graphlets of what is new."""
        self._do(lambda lin: lin.segment())

    def ping(self) -> None:
        """Ask whether the graph answers."""
        self._do(lambda lin: lin.graph.run("schema/version"))

    def advise(self, asked: Asked) -> Advice:
        """Answer what `lineage advise` answers."""
        return self._do(lambda lin: lin.advise(**asked.arguments()))

    def read(self, work: Callable[[Lineage], T]) -> T:
        """Have something read from the graph.

        Raises:
            GraphError: it cannot be had.
        """
        return self._do(work)

    def close(self) -> None:
        """Close the connections."""
        with self._lock:
            if self._lin is not None:
                self._lin.close()
                self._lin = None

    def connected(self) -> Lineage:
        """The connected service.

        Raises:
            GraphError: it cannot be had.
        """
        with self._lock:
            if self._lin is None:
                self._lin = self._connect()
            return self._lin

    def _do(self, work: Callable[[Lineage], T]) -> T:
        lin = self.connected()
        try:
            return work(lin)
        except GraphUnavailableError:
            # A local server may come back on another port.
            with self._lock:
                if self._lin is lin:
                    self._lin = None
            lin.close()
            raise
