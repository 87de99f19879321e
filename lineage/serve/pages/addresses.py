"""Addresses of pages. A key stands in the question, as it may hold any sign."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args
from urllib.parse import parse_qs, quote, urlencode

from lineage.find import Kind
from lineage.serve.problems import Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

KINDS: tuple[str, ...] = get_args(Kind)
LEAST_DEPTH, MOST_DEPTH = 1, 5
USUAL_DEPTH = 2
_LONGEST = 8_192
_MOST_SKIPPED = 10_000
_FIELDS = 16


def address(path: str, **given: str | int | None) -> str:
    """An address on this host; what is None is left out."""
    kept = {name: value for name, value in given.items() if value is not None}
    return f"{path}?{urlencode(kept, quote_via=quote, safe='')}" if kept else path


def of_node(kind: str, key: str | None) -> str | None:
    """Where a node has its page; None where it has none."""
    return address(f"/{kind}", key=key) if kind in KINDS and key is not None else None


class Question:
    """What stands behind the `?` of an address.

    Args:
        path: that was asked.
        raw: the question, as it was sent.

    Raises:
        Refused: it cannot be understood.
    """

    def __init__(self, path: str, raw: bytes) -> None:
        self.path = path
        try:
            text = raw.decode("ascii")
            found = parse_qs(text, errors="strict", max_num_fields=_FIELDS, keep_blank_values=True)
        except ValueError:
            raise _wrong("what stands behind the `?` cannot be read") from None
        self._given: Mapping[str, str] = {name: values[-1] for name, values in found.items()}

    @property
    def json(self) -> bool:
        """Whether JSON is asked for."""
        return self._given.get("format") == "json"

    def as_json(self) -> str:
        """The address of the same as JSON."""
        return address(self.path, **{**self._given, "format": "json"})

    def text(self, name: str) -> str:
        """A text; an empty one where it was not given.

        Raises:
            Refused: it is too long.
        """
        found = self._given.get(name, "")
        if len(found) > _LONGEST:
            raise _wrong(f"`{name}` is longer than {_LONGEST:,} characters")
        return found

    def key(self) -> str:
        """The key of a node.

        Raises:
            Refused: there is none.
        """
        found = self.text("key")
        if not found:
            raise _wrong("the address names no key; give one as `?key=`")
        return found

    def depth(self) -> int:
        """How many steps to go up and down."""
        return self._number("depth", USUAL_DEPTH, LEAST_DEPTH, MOST_DEPTH)

    def skip(self, name: str) -> int:
        """How many items of a list come before."""
        return self._number(name, 0, 0, _MOST_SKIPPED)

    def _number(self, name: str, usual: int, least: int, most: int) -> int:
        text = self._given.get(name, "")
        if not text:
            return usual
        if not (text.isascii() and text.isdigit() and len(text) < 10):
            raise _wrong(f"`{name}` is no number")
        if not least <= int(text) <= most:
            raise _wrong(f"`{name}` is not between {least} and {most:,}")
        return int(text)


def _wrong(detail: str) -> Refused:
    return Refused(422, "invalid-question", detail)
