"""How the columns of a table share the width of a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

NARROWEST = 12
"""Columns of the screen below which a text says little."""


def whole(natural: int, width: int) -> int:
    """How wide a name should be before anything is shown beside it: whole, if that is not most."""
    return min(natural, max(NARROWEST, 2 * width // 5))


def share_out(least: Sequence[int], wanted: Sequence[int], room: int) -> list[int]:
    """Give what is left to those that want more, a column of the screen at a time.

    Args:
        least: what each has.
        wanted: what each can use.
        room: of all together.
    """
    widths = list(least)
    left = room - sum(least)
    while left > 0:
        hungry = [at for at, width in enumerate(widths) if width < wanted[at]]
        if not hungry:
            break
        for at in hungry[:left]:
            widths[at] += 1
        left -= min(left, len(hungry))
    return widths


def not_shown(titles: Iterable[str], width: int, otherwise: str) -> str:
    """What is said of columns that there was no room for.

    Args:
        titles: of the columns.
        width: of the terminal.
        otherwise: what shows them at any width, such as `--format csv`.
    """
    return f"not shown at {width} columns: {', '.join(titles)}; wider terminal or {otherwise}"
