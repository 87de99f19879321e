"""Tables of commands, laid out for the width that there is."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from textwrap import fill
from typing import TYPE_CHECKING, Any

from rich.cells import cell_len

from lineage.cli.output import plain_text, safe
from lineage.fitting import NARROWEST, not_shown, share_out, whole
from lineage.safe import shortened

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

BETWEEN = "  "
EASY = 14  # columns of the screen that a text should have before others are shown beside it


def laid_out(
    headers: Sequence[str], rows: Iterable[Sequence[Any]], width: int, otherwise: str
) -> str:
    """Rows as columns of text.

    Args:
        headers: titles of the columns.
        rows: of values.
        width: columns of the screen.
        otherwise: what shows all columns, for the line that says which have no room.
    """
    kept = [list(row) for row in rows]
    cells = [[safe(_written(value)) for value in row] for row in kept]
    natural = [
        max(cell_len(line[at]) for line in ([*headers], *cells)) for at in range(len(headers))
    ]
    numbers = [all(_is_number(row[at]) for row in kept) for at in range(len(headers))]
    widths = _fit(natural, numbers, width)
    lines = [list(headers), ["─" * natural_width for natural_width in widths], *cells]
    text = [
        BETWEEN.join(_padded(cell, room) for cell, room in zip(line, widths, strict=False)).rstrip()
        for line in lines
    ]
    if len(widths) < len(headers):
        left_out = not_shown(headers[len(widths) :], width, otherwise)
        text.append(fill(left_out, max(width, NARROWEST)))
    return "\n".join(text)


def _fit(natural: Sequence[int], numbers: Sequence[bool], width: int) -> list[int]:
    """How wide the first columns are, as many as there is room for, one at least."""
    name = numbers.index(False) if False in numbers else 0
    for count in range(len(natural), 0, -1):
        room = width - len(BETWEEN) * (count - 1)
        least = [
            size if numbers[at] else whole(size, width) if at == name else min(size, EASY)
            for at, size in enumerate(natural[:count])
        ]
        if sum(least) <= room:
            return share_out(least, natural[:count], room)
    return [min(natural[0], width)] if natural else []


def _padded(cell: str, room: int) -> str:
    shown = shortened(cell, room, cell_len)
    return shown + " " * (room - cell_len(shown))


def _is_number(value: Any) -> bool:
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool))


def _written(value: Any) -> str:
    """A value for people; JSON and CSV have all its digits."""
    if isinstance(value, float) and math.isfinite(value):
        return str(round(value, 3))
    if isinstance(value, datetime) and value.utcoffset() is not None:
        return f"{value.astimezone(UTC):%Y-%m-%d %H:%M:%S}"
    if isinstance(value, Mapping):
        return ", ".join(f"{key}={_written(item)}" for key, item in value.items())
    if isinstance(value, list | tuple) and any(isinstance(one, Mapping) for one in value):
        return "; ".join(_written(one) for one in value)
    return plain_text(value)
