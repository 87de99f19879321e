"""Trees drawn for a terminal or a page."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from lineage.safe import html_text

if TYPE_CHECKING:
    from rich.tree import Tree


def html_text_lines(text: str) -> str:
    """Several lines for an HTML page."""
    return "\n".join(html_text(line) for line in text.split("\n"))


def drawn(tree: Tree, width: int, *, color: bool) -> str:
    """A tree as text for a terminal of this width."""
    from rich.console import Console

    console = Console(
        file=io.StringIO(),
        width=width,
        force_terminal=color,
        color_system="standard" if color else None,
        highlight=False,
        legacy_windows=False,
    )
    with console.capture() as captured:
        console.print(tree)
    return "\n".join(line.rstrip() for line in captured.get().splitlines()) + "\n"
