"""Why a request is refused: problem details as RFC 9457 has them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from collections.abc import Mapping

MEDIA_TYPE = "application/problem+json"
TITLES = {
    400: "Bad request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not found",
    405: "Method not allowed",
    408: "Request timeout",
    413: "Content too large",
    415: "Unsupported media type",
    421: "Misdirected request",
    422: "Unprocessable content",
    431: "Request header fields too large",
    500: "Internal server error",
    503: "Service unavailable",
}


@dataclass
class Refused(Exception):  # noqa: N818  (a refusal is an answer)
    """A request that is refused.

    Attributes:
        status: of HTTP.
        reason: a word for it, which metrics count by.
        detail: what is wrong, and what to do.
        errors: where in the body what is wrong: `path` and `reason`.
        retry_after: seconds after which the same request may be accepted; only with 503, as
            clients take the header for leave to send it again.
        closes: whether the connection ends, because the rest of the body is not read.
        allow: the methods that are answered; only with 405.
        more: further members of the answer.
    """

    status: int
    reason: str
    detail: str
    errors: list[dict[str, str]] = field(default_factory=list)
    retry_after: int | None = None
    closes: bool = False
    allow: str | None = None
    more: Mapping[str, Any] = field(default_factory=dict)

    def body(self, instance: str) -> bytes:
        """The answer's body.

        Args:
            instance: the path that was asked.
        """
        told: dict[str, Any] = {
            "type": f"urn:lineage:problem:{self.reason}",
            "title": TITLES.get(self.status, "Error"),
            "status": self.status,
            "detail": self.detail,
            "instance": instance,
        }
        if self.errors:
            told["errors"] = self.errors
        return orjson.dumps(told | dict(self.more))

    def headers(self) -> list[tuple[bytes, bytes]]:
        """The answer's headers, without the body's length."""
        found = [(b"content-type", MEDIA_TYPE.encode())]
        if self.retry_after is not None:
            found.append((b"retry-after", b"%d" % self.retry_after))
        if self.status == 401:
            found.append((b"www-authenticate", b'Bearer realm="lineage"'))
        if self.allow is not None:
            found.append((b"allow", self.allow.encode()))
        if self.closes:
            found.append((b"connection", b"close"))
        return found


def busy(reason: str, detail: str, retry_after: int) -> Refused:
    """A refusal that asks to try again."""
    return Refused(503, reason, detail, retry_after=retry_after)
