"""A way to Neo4j that can be cut, as if the server had stopped."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lineage.server import Endpoint


@contextmanager
def gate(endpoint: Endpoint) -> Iterator[tuple[Endpoint, Callable[[], None]]]:
    """The same server at another address, and what cuts the way to it."""
    to = urlsplit(endpoint.uri)
    listening = socket.create_server(("127.0.0.1", 0))
    open_: list[socket.socket] = [listening]

    def accept() -> None:
        with suppress(OSError):
            while True:
                near, _ = listening.accept()
                far = socket.create_connection((to.hostname or "127.0.0.1", to.port or 7687))
                open_.extend((near, far))
                for pair in ((near, far), (far, near)):
                    threading.Thread(target=carry, args=pair, daemon=True).start()

    def carry(start: socket.socket, end: socket.socket) -> None:
        with suppress(OSError):
            while piece := start.recv(65_536):
                end.sendall(piece)
            end.shutdown(socket.SHUT_WR)

    def cut() -> None:
        for one in open_:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    threading.Thread(target=accept, daemon=True).start()
    port = listening.getsockname()[1]
    try:
        yield replace(endpoint, uri=f"bolt://127.0.0.1:{port}"), cut
    finally:
        cut()
