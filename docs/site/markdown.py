"""Tables and text from the code, as Markdown."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_CODE = re.compile(r"(`[^`]*`)")
_SIGNS = {"|": "&#124;", "<": "&lt;", "*": "&#42;", "_": "&#95;", "[": "&#91;"}


def plain(text: str) -> str:
    """Text as it stands, but for what is between backticks, which is code; on one line."""
    parts = _CODE.split(" ".join(text.split()))
    return "".join(part if part.startswith("`") else _safe(part) for part in parts)


def _safe(text: str) -> str:
    return "".join(_SIGNS.get(sign, sign) for sign in text.replace("&", "&amp;"))


def paragraphs(text: str) -> str:
    """Paragraphs of text, as they stand."""
    return "\n\n".join(plain(part) for part in re.split(r"\n\s*\n", text.strip()))


def sentence(text: str) -> str:
    """Text with a capital at its start and a full stop."""
    return f"{text[:1].upper()}{text[1:]}."


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; its cells are Markdown already.

    Args:
        head: titles of the columns.
        rows: of cells.
    """
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def code(text: str) -> str:
    """Text as code; nothing for none."""
    return f"`{text}`" if text else ""
