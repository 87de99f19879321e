"""An answer of the pages, and the headers that all of them have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lineage.safe import json_text
from lineage.serve.pages import look

if TYPE_CHECKING:
    from pydantic import BaseModel

HTML = "text/html; charset=utf-8"
JSON = "application/json"
SVG = "image/svg+xml"
# What is shown is known to those with the key alone, and changes all the time.
_KEPT = (
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
)


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer.

    Attributes:
        body: of it.
        media: its type.
        status: of HTTP.
        policy: what a browser may load for it; that of the pages by default.
        headers: further ones.
        shared: whether pages of other origins may have it.
    """

    body: bytes
    media: str = HTML
    status: int = 200
    policy: str | None = None
    headers: tuple[tuple[bytes, bytes], ...] = ()
    shared: bool = False

    def all_headers(self) -> list[tuple[bytes, bytes]]:
        """The headers."""
        policy = look.policy() if self.policy is None else self.policy
        return [
            (b"content-type", self.media.encode()),
            (b"content-length", b"%d" % len(self.body)),
            (b"content-security-policy", policy.encode()),
            *_KEPT,
            (b"cross-origin-resource-policy", b"cross-origin" if self.shared else b"same-origin"),
            *self.headers,
        ]


def as_json(page: BaseModel) -> Answer:
    """A page's model as JSON, safe to print in a terminal."""
    text = page.model_dump_json(by_alias=True, exclude_none=True, indent=2)
    return Answer(json_text(text).encode(), JSON)


def moved(to: str, *headers: tuple[bytes, bytes]) -> Answer:
    """Another page is to be asked for."""
    return Answer(b"", HTML, 303, headers=((b"location", to.encode("ascii")), *headers))
