"""Connections: how many there may be, and how long one may take to say what it wants.

Uvicorn waits for ever for the head of a request, and answers what is too much with text. Here a
head has a time and a size; what is more than the process may hold is answered as problems are, and
what is more than that is closed.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from lineage.serve.problems import TITLES, Refused, busy

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Awaitable, Callable, MutableMapping

MOST = 4_000
"""Connections that are answered at once at most: each holds some memory."""

HEAD_BYTES = 64 * 1024
RETRY_SOON = 2
_RESERVED = 128  # files for the journal, for Neo4j and for the process that loads
_LEAST = 16
_SPARE = 8  # one connection in so many is kept to tell others that there are too many


def allowed(most: int = MOST) -> int:
    """How many connections the process can hold, after its limit of open files was raised."""
    try:
        import resource  # there is none for Windows
    except ImportError:
        return most
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        with suppress(ValueError, OSError):  # some systems have a limit besides
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
            soft = hard
    if soft == resource.RLIM_INFINITY:
        return most
    return max(_LEAST, min(most, (soft - _RESERVED) * (_SPARE - 1) // _SPARE))


class Connection(HttpToolsProtocol):
    """A connection.

    Attributes:
        most: connections that are answered at once.
        head_seconds: how long the head of a request may take, from the connection on or, for a
            further request, from its first bytes.
    """

    most = MOST
    head_seconds = 10.0
    _waiting: asyncio.TimerHandle | None = None
    _taken = 0
    _in_head = True

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take it, or not; its head has its time from now on."""
        super().connection_made(transport)
        count = len(self.connections)
        if count > self.most + max(1, self.most // _SPARE):
            self.transport.close()
            return
        if count > self.most:
            self.app = _too_many
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Read what came."""
        super().data_received(data)
        if not self._in_head or self.transport.is_closing():
            return
        self._taken += len(data)
        if self._taken > HEAD_BYTES:
            self._refuse(431, "large-head", f"the head is larger than {HEAD_BYTES:,} bytes")
        elif self._waiting is None:
            self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it."""
        self._done()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """A head begins."""
        self._in_head = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """The head is there."""
        self._done()
        super().on_headers_complete()

    def _wait(self) -> None:
        self._waiting = self.loop.call_later(self.head_seconds, self._late)

    def _done(self) -> None:
        self._in_head, self._taken = False, 0
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _late(self) -> None:
        if self.transport.is_closing():
            return
        if self._taken:
            said = f"the head of the request did not come within {self.head_seconds:g} s"
            self._refuse(408, "timeout", said)
        else:  # nothing was asked
            self.transport.close()

    def _refuse(self, status: int, reason: str, detail: str) -> None:
        """Answer in place of the application, and end; not in the midst of another answer."""
        if self.cycle is None or self.cycle.response_complete:
            self.transport.write(_answer(Refused(status, reason, detail, closes=True)))
        self.transport.close()


def protocol(most: int, head_seconds: float) -> type[Connection]:
    """The class of connections that has these limits."""
    return type("Connection", (Connection,), {"most": most, "head_seconds": head_seconds})


def _answer(refused: Refused) -> bytes:
    body = refused.body("/")
    title = TITLES[refused.status].encode()
    headers = [*refused.headers(), (b"content-length", b"%d" % len(body))]
    lines = [b"HTTP/1.1 %d %s" % (refused.status, title), *(b": ".join(one) for one in headers)]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


async def _too_many(
    scope: MutableMapping[str, Any],
    receive: Callable[[], Awaitable[Any]],  # noqa: ARG001  (as every application)
    send: Callable[[MutableMapping[str, Any]], Awaitable[None]],
) -> None:
    refused = busy("busy", "too many connections are open; send it again", RETRY_SOON)
    refused.closes = True
    body = refused.body(scope["path"])
    headers = [*refused.headers(), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": refused.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
