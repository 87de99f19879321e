"""Reading bodies: in bounded memory and time, whatever the client sends."""

from __future__ import annotations

import asyncio
import zlib
from typing import TYPE_CHECKING, Any, Self

from lineage.serve.problems import Refused, busy

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from types import TracebackType

    from lineage.serve.options import Options

    Receive = Callable[[], Awaitable[Any]]

RETRY_SOON = 1
_GZIP = 31
# What is too large is read to its end up to this many times the limit: a client that still sends
# when the connection ends sees a broken pipe instead of the answer.
_DISCARDED = 8


class HungUp(Exception):  # noqa: N818  (nobody is left to be told)
    """The client went away before its body was there."""


class Budget:
    """What all requests that are in work may hold together."""

    def __init__(self, options: Options) -> None:
        # One body of the largest size always fits, however it is compressed.
        self._most = max(options.waiting_bytes, 2 * options.body_bytes)
        self._requests = options.waiting_requests
        self.held = 0
        self.loans = 0

    def loan(self) -> Loan:
        """A share for one request; to be used in a `with`."""
        return Loan(self)

    def take(self, size: int) -> None:
        """Take bytes.

        Raises:
            Refused: there are not that many left.
        """
        if self.held + size > self._most:
            raise busy("busy", "too much is in work; send it again", RETRY_SOON)
        self.held += size

    def enter(self) -> None:
        """Begin a request.

        Raises:
            Refused: there are too many.
        """
        if self.loans >= self._requests:
            raise busy("busy", "too many requests are in work; send it again", RETRY_SOON)
        self.loans += 1

    def leave(self, size: int) -> None:
        """End a request, and give back what it took."""
        self.loans -= 1
        self.held -= size


class Loan:
    """What one request holds of the budget."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._size = 0

    def __enter__(self) -> Self:
        self._budget.enter()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._budget.leave(self._size)

    def take(self, size: int) -> None:
        """Take more bytes.

        Raises:
            Refused: there are not that many left.
        """
        self._budget.take(size)
        self._size += size


async def read_body(
    headers: Mapping[bytes, bytes], receive: Receive, loan: Loan, options: Options
) -> bytes:
    """The body of a request, decompressed.

    Raises:
        Refused: it is too large, of a wrong type or encoding, or takes too long.
        HungUp: the client went away.
    """
    _check_type(headers)
    limit = options.body_bytes
    unpack = _unpacker(headers)
    told = _length(headers)
    try:
        async with asyncio.timeout(options.body_seconds):
            if told is not None and told > limit:
                raise await _too_large(receive, limit, told)
            return await _gathered(receive, loan, unpack, limit)
    except TimeoutError:
        raise Refused(
            408, "timeout", f"the body did not come within {options.body_seconds:g} s", closes=True
        ) from None


async def _gathered(receive: Receive, loan: Loan, unpack: _Gzip | None, limit: int) -> bytes:
    parts: list[bytes] = []
    size = packed = 0
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise HungUp
        chunk: bytes = message.get("body", b"")
        more = message.get("more_body", False)
        packed += len(chunk)
        if unpack is not None and chunk:
            chunk = unpack.take(chunk, limit + 1 - size)
        size += len(chunk)
        if size > limit or packed > limit:
            raise await _too_large(receive, limit, packed, more=more)
        if chunk:
            loan.take(len(chunk))
            parts.append(chunk)
    if unpack is not None:
        unpack.check_end()
    return parts[0] if len(parts) == 1 else b"".join(parts)


async def _too_large(receive: Receive, limit: int, told: int, *, more: bool = True) -> Refused:
    """Throw the rest away, and say what is allowed."""
    read = 0
    while more and told <= _DISCARDED * limit and read <= _DISCARDED * limit:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise HungUp
        read += len(message.get("body", b""))
        more = message.get("more_body", False)
    return Refused(
        413,
        "too-large",
        f"the body is larger than {limit:,} bytes; send less at once, or raise the receiver's "
        "--body-megabytes",
        closes=more,
    )


class _Gzip:
    """Decompresses what comes, never more than is asked for."""

    def __init__(self) -> None:
        self._one = zlib.decompressobj(_GZIP)

    def take(self, chunk: bytes, most: int) -> bytes:
        """At most so many bytes of what a chunk holds."""
        out = b""
        try:
            while chunk and len(out) < most:
                if self._one.eof:  # another member follows, as in files that were put together
                    self._one = zlib.decompressobj(_GZIP)
                out += self._one.decompress(chunk, most - len(out))
                chunk = self._one.unused_data if self._one.eof else self._one.unconsumed_tail
        except zlib.error:
            raise Refused(400, "bad-encoding", "the body is no gzip") from None
        return out

    def check_end(self) -> None:
        """Refuse a body that was cut short.

        Raises:
            Refused: it was.
        """
        if not self._one.eof:
            raise Refused(400, "bad-encoding", "the body is no whole gzip")


def _unpacker(headers: Mapping[bytes, bytes]) -> _Gzip | None:
    encoding = headers.get(b"content-encoding", b"").strip().lower()
    if encoding in (b"", b"identity"):
        return None
    if encoding in (b"gzip", b"x-gzip"):
        return _Gzip()
    raise Refused(415, "content-encoding", "bodies are sent as they are, or as gzip")


def _check_type(headers: Mapping[bytes, bytes]) -> None:
    """Take JSON alone: pages of other sites cannot send that type unasked."""
    kind = headers.get(b"content-type", b"").partition(b";")[0].strip().lower()
    if kind != b"application/json" and not (
        kind.startswith(b"application/") and kind.endswith(b"+json")
    ):
        raise Refused(415, "content-type", "events are sent as Content-Type: application/json")


def _length(headers: Mapping[bytes, bytes]) -> int | None:
    told = headers.get(b"content-length", b"")
    return int(told) if told.isdigit() else None
