"""What each column of the report means, made from the report's declarations.

A meaning comes from the `Attributes` of the row's docstring, else from the header of the query that
the row is of. The prose around these tables, with the formulas, is in `docs/report.md`.
"""

from __future__ import annotations

import inspect
import pkgutil
import re
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

from docs.site.markdown import code, plain, table
from lineage import analyses, queries
from lineage.report import SECTIONS
from lineage.report.tables import Kind

if TYPE_CHECKING:
    from lineage.analyses.rows import Row
    from lineage.report.tables import Column, Table

UNITS = {
    Kind.TEXT: "",
    Kind.TYPE: "",
    Kind.FLAG: "yes or no",
    Kind.TIME: "time, UTC",
    Kind.COUNT: "number",
    Kind.COST: "in the unit of cost; seconds as a duration",
    Kind.AMOUNT: "in the row's `unit`",
    Kind.MEASURE: "",
    Kind.SIZE: "bytes, in powers of ten",
    Kind.SECONDS: "seconds, as a duration",
    Kind.DAYS: "days",
    Kind.SHARE: "percent; 0 to 1 in JSON and CSV",
    Kind.RATIO: "plain number",
}
"""What a column of each kind is in."""
MARK = re.compile(r"^<!-- figures: (\w+)\.(\w+) -->$", re.MULTILINE)


class UnexplainedError(ValueError):
    """A figure of the report has no meaning that a page could tell."""


def fill(text: str) -> str:
    """The page about the report, with its tables of columns in place.

    Args:
        text: Markdown in which `<!-- figures: SECTION.TABLE -->` marks where one belongs.
    """
    return MARK.sub(lambda found: columns(_table(found[1], found[2])), text)


def _table(section: str, name: str) -> Table:
    return next(one for one in SECTIONS[section].tables if one.name == name)


def columns(one: Table) -> str:
    """The columns of a table as Markdown, in the order of the row: meanings rest on each other.

    Raises:
        UnexplainedError: one of them is explained nowhere.
    """
    shown = {column.field: column for column in one.columns}
    rows = [_row(one, field, shown.get(field)) for field in one.row.model_fields]
    return table(("column", "in JSON and CSV", "is", "unit"), rows)


def _row(one: Table, field: str, column: Column | None) -> tuple[str, str, str, str]:
    said = meaning(one, field)
    if not said:
        raise UnexplainedError(
            f"{one.row.__name__}.{field}: say what it is in the docstring's Attributes, "
            f"or in the header of cypher/{one.query}.cypher"
        )
    title = f"**{plain(column.title)}**" if column else ""
    return title, code(field), plain(said), UNITS[column.kind] if column else ""


def meaning(one: Table, field: str) -> str:
    """What a field of a table's rows means; nothing where that is said nowhere."""
    for row in one.row.__mro__:
        said = _attributes(row).get(field)
        if said:
            return said
    of = _rows_of_queries().get(one.query)
    if of is None or not issubclass(one.row, of):
        return ""
    return next((c.meaning for c in queries.load(one.query).columns if c.name == field), "")


@cache
def _rows_of_queries() -> dict[str, type[Row]]:
    """Which model the rows of each query have."""
    found: dict[str, type[Row]] = {}
    for module in pkgutil.iter_modules(analyses.__path__):
        found |= getattr(import_module(f"{analyses.__name__}.{module.name}"), "QUERIES", {})
    return found


@cache
def _attributes(row: type) -> dict[str, str]:
    """What the docstring's own `Attributes` say."""
    text = inspect.cleandoc(row.__doc__ or "").partition("\nAttributes:\n")[2]
    block = inspect.cleandoc(re.split(r"^\S", text, maxsplit=1, flags=re.MULTILINE)[0])
    parts = re.split(r"^(\w+): ", block, flags=re.MULTILINE)[1:]
    return {
        name: " ".join(said.split()).rstrip(".")
        for name, said in zip(parts[::2], parts[1::2], strict=True)
    }
