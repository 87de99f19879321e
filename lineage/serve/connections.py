"""Connections: how many there may be, and how long one may take to say what it wants.

Uvicorn waits for ever for the head of a request, and answers what is too much with text. Here a
head has a time and a size. Where there are more connections than the process may hold, the one that
has waited longest for a head makes room; where none does, the new one is answered as problems are.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from lineage.serve.problems import TITLES, Refused

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
_BUSY = Refused(
    503, "busy", "too many connections are open; send it again", retry_after=RETRY_SOON, closes=True
)


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
        heads: connections of this class that wait for a head, the longest first.
    """

    heads: dict[Connection, None]
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
            self.transport.close()  # those that were to make room are not gone yet
            return
        if count > self.most:
            oldest = next(iter(self.heads), None)
            if oldest is None:
                self.app = _too_many
            else:
                oldest.make_room()
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Read what came."""
        super().data_received(data)
        if not self._in_head or self.transport.is_closing():
            return
        self._taken += len(data)
        if self._taken > HEAD_BYTES:
            said = f"the head is larger than {HEAD_BYTES:,} bytes"
            self._end(Refused(431, "large-head", said, closes=True))
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
        self._taken = 0
        super().on_headers_complete()

    def make_room(self) -> None:
        """End it, for it asks nothing yet."""
        self._done()
        self._end(_BUSY)

    def _wait(self) -> None:
        self.heads[self] = None
        self._waiting = self.loop.call_later(self.head_seconds, self._late)

    def _done(self) -> None:
        self._in_head = False
        self.heads.pop(self, None)
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _late(self) -> None:
        said = f"the head of the request did not come within {self.head_seconds:g} s"
        self._end(Refused(408, "timeout", said, closes=True))

    def _end(self, refused: Refused) -> None:
        """Answer in place of the application, where something is asked, and close."""
        if self.transport.is_closing():
            return
        # Not in the midst of another answer.
        if self._taken and (self.cycle is None or self.cycle.response_complete):
            self.transport.write(_answer(refused))
        self.transport.close()


def protocol(most: int, head_seconds: float) -> type[Connection]:
    """The class of connections that has these limits."""
    limits = {"most": most, "head_seconds": head_seconds, "heads": {}}
    return type("Connection", (Connection,), limits)


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
    body = _BUSY.body(scope["path"])
    headers = [*_BUSY.headers(), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": _BUSY.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
