"""Loading in a process of its own: what it computes must not hold up those who send events.

The receiver's process starts it, and speaks with it through its standard input and output: first
comes the graph, then one question at a time. It ends when its input does. It has less priority than
the receiver: where the machine is busy, the journal grows and the graph follows later.
"""

from __future__ import annotations

import logging
import os
import pickle
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from typing import IO, TYPE_CHECKING, Any

from filelock import FileLock

from lineage.errors import LineageError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from lineage.serve.drain import Sink

NICER = 5
# Not `-m`: what that defines is of another module than what its parent imports.
_COMMAND = "from lineage.serve.loader import main; main()"


class LoadingError(Exception):
    """Loading failed by a defect, or its process ended, such as for want of memory."""


class Loader:
    """A sink in another process, which is started when it is needed, and again when it ended.

    Args:
        graph: the sink that is used there; it can be pickled.
        folder: of the journal. A loader that outlived its receiver ends before another begins.
    """

    def __init__(self, graph: Sink, folder: Path) -> None:
        self._graph = graph
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self._starting = threading.Lock()
        self._closed = False

    def load(self, bodies: Sequence[bytes]) -> int:
        """Load events; returns how many were set aside."""
        return int(self._ask("load", list(bodies)))

    def segment(self) -> None:
        """Cut the graphlets of what is new."""
        self._ask("segment")

    def ping(self) -> None:
        """Ask whether the graph answers."""
        self._ask("ping")

    def close(self) -> None:
        """End the process, whatever it does; a later load completes what it began."""
        with self._starting:
            self._closed = True
            process, self._process = self._process, None
        if process is not None:
            process.kill()
            _reap(process)

    def _ask(self, *question: Any) -> Any:
        process = self._started()
        assert process.stdin is not None  # noqa: S101  (both are pipes)
        assert process.stdout is not None  # noqa: S101
        try:
            _write(process.stdin, question)
            failed, found = _read(process.stdout)
        except (OSError, EOFError, pickle.UnpicklingError, ValueError):
            code = _reap(process)
            with self._starting:
                self._process = None
            raise LoadingError(f"the process that loads ended with {code}") from None
        if failed:
            raise found
        return found

    def _started(self) -> subprocess.Popen[bytes]:
        with self._starting:
            if self._closed:
                raise LoadingError("the receiver ends")
            if self._process is None:
                # -P: what lies in the working folder is not imported.
                command = [sys.executable, "-P", "-c", _COMMAND]
                self._process = subprocess.Popen(
                    command, stdin=subprocess.PIPE, stdout=subprocess.PIPE
                )
                assert self._process.stdin is not None  # noqa: S101
                _write(self._process.stdin, (self._graph, self._folder))
            return self._process


def _reap(process: subprocess.Popen[bytes]) -> int:
    """Close the pipes of a process that has ended or is about to; returns how it ended."""
    for pipe in (process.stdin, process.stdout):
        with suppress(OSError):
            if pipe is not None:
                pipe.close()
    try:
        return process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


def _write(file: IO[bytes], value: object) -> None:
    pickle.dump(value, file, pickle.HIGHEST_PROTOCOL)
    file.flush()


def _read(file: IO[bytes]) -> Any:
    return pickle.load(file)  # noqa: S301  (from our own child, or parent)


def main() -> None:
    """Answer until there are no more questions."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # ctrl-C is for the receiver, which ends us
    if hasattr(os, "nice"):
        os.nice(NICER)
    logging.getLogger().addHandler(logging.NullHandler())  # the receiver tells what fails
    # What prints must not get between the answers.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    questions = sys.stdin.buffer
    graph, folder = _read(questions)
    with FileLock(folder / "loader.lock"):
        while True:
            try:
                what, *given = _read(questions)
            except EOFError:
                return
            try:
                answer = (False, getattr(graph, what)(*given))
            except Exception as error:  # noqa: BLE001  (the receiver decides what it means)
                answer = (True, _portable(error))
            with suppress(BrokenPipeError):
                _write(answers, answer)


def _portable(error: Exception) -> Exception:
    """An error that can be sent."""
    if isinstance(error, LineageError | OSError):
        return error
    return LoadingError(f"{type(error).__name__}: {error}")
