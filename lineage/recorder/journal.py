"""Where records go: a trace in lines, which any number of processes add to, and a graph."""

from __future__ import annotations

import atexit
import io
import os
import threading
import warnings
from typing import TYPE_CHECKING, Protocol

from filelock import FileLock

from lineage.errors import GraphError, RecordingWarning
from lineage_ingest.trace_writer import TraceWriter

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from lineage.records import Record

BUFFERED = 500
"""Records that wait at most before the graph is told."""


class Graph(Protocol):
    """What takes records live: `lineage.Lineage`."""

    def ingest_records(self, records: Iterable[Record], *, source: str) -> object:
        """Load records under a source's name."""


class Journal:
    """Writes records as they come.

    Args:
        path: of the trace; None for none.
        source: the name of the source in the graph.
        graph: told in batches, and when it is closed or the program ends.
    """

    def __init__(self, path: Path | None, source: str, graph: Graph | None = None) -> None:
        self.path = path
        self._source = source
        self._graph = graph
        self._waiting: list[Record] = []
        self._lock = threading.RLock()
        if graph is not None:
            atexit.register(self.flush)

    def write(self, records: Sequence[Record]) -> None:
        """Write records that belong together; nodes come before what names them.

        What cannot be written is said in a `RecordingWarning`; the work goes on.
        """
        with self._lock:
            if self.path is not None:
                try:
                    self._append(self.path, records)
                except OSError as error:
                    _warn(f"the trace {self.path} cannot be written: {error}")
            if self._graph is not None:
                self._waiting += records
                if len(self._waiting) >= BUFFERED:
                    self.flush()

    def flush(self) -> None:
        """Tell the graph what it does not know yet; what fails is kept for the next time."""
        with self._lock:
            if self._graph is None or not self._waiting:
                return
            try:
                self._graph.ingest_records(self._waiting, source=self._source)
            except GraphError as error:
                _warn(f"the graph was not told of {len(self._waiting)} records: {error}")
            else:
                self._waiting = []

    def close(self) -> None:
        """Tell the graph the rest."""
        self.flush()
        atexit.unregister(self.flush)

    def _append(self, path: Path, records: Iterable[Record]) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{path}.lock"), path.open("ab") as file:
            made = io.BytesIO()
            writer = TraceWriter(made, self._source)
            head = made.tell()
            for record in records:
                writer.write(record)
            content = made.getvalue()
            if file.tell():
                # A process that was killed may have left half a line.
                content = (b"" if _ends_whole(path) else b"\n") + content[head:]
            file.write(content)


def _ends_whole(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"


def _warn(text: str) -> None:
    warnings.warn(text, RecordingWarning, stacklevel=3)
