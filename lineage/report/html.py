"""The report as one page that needs nothing else: no network, no script."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lineage.report.model import declared
from lineage.report.tables import shown, written
from lineage.safe import html_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lineage.analyses.rows import Filters, Row
    from lineage.report.model import Report, TableData
    from lineage.report.tables import Column, Table

_STYLE = """
:root { color-scheme: light dark; --line: #8884; --soft: #8882; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 75rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .25rem .75rem; text-align: left; border-bottom: 1px solid var(--line); }
td { max-width: 24rem; overflow-wrap: anywhere; }
td:first-child { min-width: 7rem; }
th { position: sticky; top: 0; background: Canvas; }
tr:hover td { background: var(--soft); }
.n { text-align: right; white-space: nowrap; }
.wide { overflow-x: auto; }
.plots { display: grid; gap: 1rem 2rem; margin: 1rem 0;
  grid-template-columns: repeat(auto-fill, minmax(min(20rem, 100%), 1fr)); }
figure { margin: 0; }
figcaption { font-weight: 600; }
figure svg { max-width: 100%; height: auto; }
"""


def page(report: Report) -> str:
    """A whole page."""
    return document("Lineage report", body(report))


def document(title: str, content: str) -> str:
    """A page around its content, that loads nothing and runs no script.

    Args:
        title: as text.
        content: as HTML.
    """
    shown = html_text(title)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta http-equiv="Content-Security-Policy" '
        "content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<title>{shown}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f"<h1>{shown}</h1>\n{content}</body>\n</html>\n"
    )


def body(report: Report) -> str:
    """The sections alone, for a notebook."""
    given = report.filters.model_dump(exclude_none=True)
    said = ", ".join(f"{name} {html_text(str(value))}" for name, value in given.items())
    parts = [f"<p>Only {said}</p>\n"] if given else []
    if report.simulated:
        parts.append(f"<p>simulated data: {html_text(', '.join(report.simulated))}</p>\n")
    for section in report.sections:
        parts.append(f'<section id="{html_text(section.name)}">\n')
        parts.append(f"<h2>{html_text(section.title)}</h2>\n")
        parts += [
            _table(data, declared(section.name, data.name), report.filters)
            for data in section.tables
        ]
        parts.append("</section>\n")
    return "".join(parts)


def _table(data: TableData, table: Table, filters: Filters) -> str:
    parts = [f"<h3>{html_text(data.title)}</h3>\n"]
    if not data.rows:
        return f"{parts[0]}<p>{html_text(table.nothing(filters))}</p>\n"
    parts.append(_plots(data, table))
    parts.append(_grid(shown(table.columns, data.rows), data.rows))
    if data.left_out:
        parts.append(f"<p>\u2026 and {data.left_out:,} more</p>\n")
    if table.says:
        parts += [f"<p>{html_text(table.says(row))}</p>\n" for row in data.rows]
    return "".join(parts)


def _plots(data: TableData, table: Table) -> str:
    if not table.plots:
        return ""
    from lineage.report.plots import figures  # Altair, only where something is drawn

    drawn = "".join(figure for plot in table.plots for figure in figures(plot, data.rows))
    return f'<div class="plots">\n{drawn}</div>\n' if drawn else ""


def _grid(columns: Sequence[Column], rows: Sequence[Row]) -> str:
    head = "".join(_cell("th", column, column.title) for column in columns)
    lines = "".join(
        f"<tr>{''.join(_cell('td', column, written(row, column)) for column in columns)}</tr>\n"
        for row in rows
    )
    return (
        '<div class="wide"><table>\n'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{lines}</tbody>\n</table></div>\n"
    )


def _cell(element: str, column: Column, text: str) -> str:
    number = ' class="n"' if column.kind.right else ""
    return f"<{element}{number}>{html_text(text)}</{element}>"
