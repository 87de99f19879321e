"""Running a receiver: from the folder of its journal to the end of its process."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import uvicorn

from lineage.errors import ServerError
from lineage.serve.connections import allowed, protocol
from lineage.serve.drain import Sink
from lineage.serve.journal import Journal
from lineage.serve.receiver import Receiver

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lineage.advise import Advice
    from lineage.api import Lineage
    from lineage.serve.advice import Asked
    from lineage.serve.options import Options

# Connections that wait to be taken.
BACKLOG = 1_024
KEEP_ALIVE_SECONDS = 60
_log = logging.getLogger("lineage.serve")
T = TypeVar("T")


class Graph(Sink, Protocol):
    """A graph that takes events and answers questions."""

    def advise(self, asked: Asked) -> Advice:
        """Answer what `lineage advise` answers."""

    def read(self, work: Callable[[Lineage], T]) -> T:
        """Have something read from it."""

    def close(self) -> None:
        """Close the connections."""


def run(options: Options, graph: Graph, ready: Callable[[str], None]) -> None:
    """Receive until a signal ends it; what was accepted is then in the journal or in the graph.

    Args:
        options: how; they are checked.
        graph: that takes the events; it can be pickled, for the process that loads.
        ready: told the address when it listens.

    Raises:
        SettingsError: the options must not be started with.
        JournalError: the journal cannot be had.
        ServerError: it cannot listen there.
    """
    options.check()
    listening = _listen(options)
    try:
        journal = Journal(options.journal)
        try:
            receiver = Receiver(options, journal, graph)
            receiver.drain.start()
            with _ended_by_signals(), asyncio.Runner(loop_factory=_loop()) as runner:
                runner.run(_serve(receiver, listening, ready))
            if not receiver.drain.stop(options.stop_seconds):
                _log.warning("the graph is busy: what it lacks stays in the journal")
            receiver.loader.close()
        finally:
            journal.close()
            graph.close()
    finally:
        listening.close()


async def _serve(
    receiver: Receiver, listening: socket.socket, ready: Callable[[str], None]
) -> None:
    options = receiver.options
    config = uvicorn.Config(
        receiver,
        http=protocol(allowed(), options.head_seconds),
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        backlog=BACKLOG,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=max(1, round(options.stop_seconds)),
    )
    server = _Server(config, lambda: ready(_address(listening)))
    await server.serve(sockets=[listening])
    await receiver.close()


class _Server(uvicorn.Server):
    """Says when it listens."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._ready()


def _loop() -> Any:
    try:
        import uvloop
    except ImportError:  # there is none for Windows
        return None
    return uvloop.new_event_loop


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """A signal that asks for the end is no failure: uvicorn raises it again when it has ended."""
    signals = (signal.SIGTERM, signal.SIGINT)
    before = [signal.signal(number, lambda *_: None) for number in signals]
    try:
        yield
    finally:
        for number, handler in zip(signals, before, strict=True):
            signal.signal(number, handler)


def _listen(options: Options) -> socket.socket:
    """A socket at the address of the options.

    Raises:
        ServerError: it cannot be had.
    """
    try:
        (family, *_, address), *_ = socket.getaddrinfo(
            options.host, options.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
        found = socket.socket(family, socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise ServerError(f"cannot listen at {options.host}:{options.port}: {error}") from None
    try:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind(address)
    except OSError as error:
        found.close()
        raise ServerError(
            f"cannot listen at {options.host}:{options.port}: {error.strerror}; name another with "
            "--port"
        ) from None
    return found


def _address(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
