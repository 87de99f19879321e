"""Rows of a query as a table: for a notebook, for pandas and for polars."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lineage.errors import MissingExtraError
from lineage.safe import html_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pandas as pd
    import polars as pl

SHOWN = 20
"""Rows of a table in a notebook; those after it are counted."""
_NOTHING = "\u2013"


class Table(list[dict[str, Any]]):
    """The rows of a query: a list of dictionaries that a notebook draws as a table.

    Examples:
        >>> lin.query("explore/shared_work")[0]["name"]
        >>> lin.query("explore/shared_work").to_pandas()
    """

    def to_pandas(self) -> pd.DataFrame:
        """A data frame with a row for each.

        Raises:
            MissingExtraError: pandas is not installed.
        """
        try:
            import pandas as pd
        except ImportError as error:
            raise _missing("to_pandas", "pandas") from error
        return pd.DataFrame(list(self))

    def to_polars(self) -> pl.DataFrame:
        """The same for polars; what no column of one type can hold becomes null.

        Raises:
            MissingExtraError: polars is not installed.
        """
        try:
            import polars as pl
        except ImportError as error:
            raise _missing("to_polars", "polars") from error
        return pl.DataFrame(list(self), infer_schema_length=None, strict=False)

    def _repr_html_(self) -> str:
        names = list(self[0]) if self else []
        return html_table(names, ([row[name] for name in names] for row in self), len(self))


class Drawn:
    """A result that a notebook draws: its figures, then a table for each list of rows in it.

    For pydantic models, as a base beside `BaseModel`.
    """

    def _repr_html_(self) -> str:
        values = {name: getattr(self, name) for name in type(self).model_fields}  # type: ignore[attr-defined]
        listed = {name: value for name, value in values.items() if _is_rows(value)}
        single = [pair for pair in values.items() if pair[0] not in listed]
        parts = [html_table(("what", "value"), single, len(single))] if single else []
        for name, rows in listed.items():
            parts.append(f"<p><b>{html_text(name)}</b></p>\n{html_rows(rows)}")
        return "".join(parts)


def _is_rows(value: Any) -> bool:
    return isinstance(value, tuple) and all(hasattr(type(one), "model_fields") for one in value)


def html_rows(rows: Sequence[Any]) -> str:
    """Pydantic models of one kind as a table of all their fields."""
    names = list(type(rows[0]).model_fields) if rows else []
    return html_table(names, ([getattr(row, name) for name in names] for row in rows), len(rows))


def html_table(names: Sequence[str], rows: Iterable[Sequence[Any]], total: int) -> str:
    """A table for a page or a notebook, its text made safe; long ones are cut, and say so.

    Args:
        names: of the columns.
        rows: cells in the order of the names.
        total: how many rows there are.
    """
    if not total:
        return "<p>none</p>\n"
    head = "".join(f"<th>{html_text(name)}</th>" for name in names)
    lines = [f"<tr>{head}</tr>"]
    for row, _ in zip(rows, range(SHOWN), strict=False):
        lines.append(f"<tr>{''.join(f'<td>{_cell(value)}</td>' for value in row)}</tr>")
    more = f"<p>\u2026 and {total - SHOWN:,} more</p>\n" if total > SHOWN else ""
    return "<table>\n" + "\n".join(lines) + f"\n</table>\n{more}"


def _cell(value: Any) -> str:
    if value is None:
        return _NOTHING
    if isinstance(value, float):
        return f"{value:,.6g}" if abs(value) < 1e6 else f"{value:,.0f}"
    return html_text(str(value))


def _missing(what: str, library: str) -> MissingExtraError:
    return MissingExtraError(
        f"{what} needs {library}, which is not installed; "
        f"pip install 'lineage-graphlets[{library}]'"
    )
