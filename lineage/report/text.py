"""The report as text: tables that fit the terminal, numbers to the right."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from lineage.fitting import NARROWEST, not_shown, share_out, whole
from lineage.report.advice import nothing_fits
from lineage.report.model import declared, told
from lineage.report.tables import Kind, shown, written
from lineage.safe import shortened, visible

if TYPE_CHECKING:
    from lineage.analyses.rows import Filters
    from lineage.report.model import Report, TableData
    from lineage.report.tables import Column, Table

# Rich puts a blank and a line, here invisible, between two columns.
_BETWEEN = 2
_EASY = 18  # columns of the screen that a lesser text should have
_TEXTS = (Kind.TEXT, Kind.TYPE, Kind.MEASURE)


def text(report: Report, width: int = 80, *, color: bool = False) -> str:
    """The report for a terminal of this width; no line is wider.

    Args:
        report: what to show.
        width: columns.
        color: with escape sequences for a terminal that takes them.
    """
    out = io.StringIO()
    console = Console(
        file=out,
        width=width,
        force_terminal=color,
        color_system="standard" if color else None,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
    )
    _filters(console, report)
    for step in nothing_fits(report):
        console.print(Text(f"{step.says} {step.command}\n"))
    if report.simulated:
        said = visible(", ".join(report.simulated))
        console.print(Text(f"simulated data: {said}\n", style="italic"))
    for section in report.sections:
        console.print(Text(section.title, style="bold underline"))
        for data, others in told(section, report.filters):
            _print(console, data, declared(section.name, data.name), report.filters)
            for title in others:
                console.print(Text(f"  likewise: {title}"))
        console.print()
    lines = out.getvalue().rstrip("\n").split("\n")
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _filters(console: Console, report: Report) -> None:
    given = report.filters.model_dump(exclude_none=True)
    if given:
        said = ", ".join(f"{name} {visible(str(value))}" for name, value in given.items())
        console.print(Text(f"Only {said}\n", style="italic"))


def _print(console: Console, data: TableData, table: Table, filters: Filters) -> None:
    console.print()
    console.print(Text(data.title, style="bold"))
    if not data.rows:
        console.print(Text(f"  {table.nothing(filters)}"))
        return
    columns = shown(table.columns, data.rows)
    cells = [[visible(written(row, column)) for column in columns] for row in data.rows]
    grid, dropped = _grid(columns, cells, console.width)
    console.print(grid)
    if data.left_out:
        console.print(Text(f"\u2026 and {data.left_out:,} more", style="italic"))
    if dropped:
        said = not_shown((column.title for column in dropped), console.width, "--format csv")
        console.print(Text(said, style="italic"))
    for row in data.rows if table.says else ():
        console.print(Text(visible(table.says(row)) if table.says else ""))


def _grid(
    columns: list[Column], cells: list[list[str]], width: int
) -> tuple[RichTable, list[Column]]:
    """The table, and the columns that it has no room for."""
    kept, widths = fit(columns, cells, width)
    grid = RichTable(
        box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0), expand=False
    )
    for place, column in enumerate(kept):
        grid.add_column(
            Text(column.title),
            justify="right" if column.kind.right else "left",
            width=widths[place],
            no_wrap=True,
            overflow="ellipsis",
        )
    places = [columns.index(column) for column in kept]
    for line in cells:
        pairs = zip(places, widths, strict=True)
        grid.add_row(*(Text(shortened(line[place], width, cell_len)) for place, width in pairs))
    return grid, [column for column in columns if column not in kept]


def fit(
    columns: list[Column], cells: list[list[str]], width: int
) -> tuple[list[Column], list[int]]:
    """Which columns fit, and how wide each may be.

    Numbers are never cut. Columns of the highest rank go first, as long as names are cut or other
    texts have too little room; then texts are cut, the longest most, names the least.
    """
    kept = list(columns)
    natural = {
        column.field: max(cell_len(column.title), *(cell_len(line[place]) for line in cells))
        for place, column in enumerate(columns)
    }
    while True:
        room = width - _BETWEEN * len(kept)
        spare = [column for column in kept if column.rank]
        wanted = [natural[column.field] for column in kept]
        least = [_least(column, natural[column.field], width) for column in kept]
        if sum(least) <= room:
            return kept, share_out(least, wanted, room)
        if not spare:
            lowest = [
                min(size, NARROWEST) if column.kind in _TEXTS else size
                for column, size in zip(kept, wanted, strict=True)
            ]
            return kept, share_out(share_out(lowest, least, room), wanted, room)
        kept.remove(max(spare, key=lambda column: column.rank))


def _least(column: Column, natural: int, width: int) -> int:
    """What a column should have before others are shown beside it."""
    if column.kind not in _TEXTS:
        return natural
    return min(natural, _EASY) if column.rank else whole(natural, width)
