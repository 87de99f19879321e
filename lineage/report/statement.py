"""The Cypher behind a table, with its parameters, to paste into Neo4j Browser."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from lineage import queries
from lineage.safe import json_text

if TYPE_CHECKING:
    from lineage.analyses.rows import Filters
    from lineage.report.tables import Table

_PARAMETER = re.compile(r"^:param (?P<name>\w+) => ")


def statement(table: Table, filters: Filters, rows: int) -> str:
    """The `:param` lines of a table's query, as this report was asked for, and the query.

    Args:
        table: its declaration.
        filters: of the report.
        rows: how many of them the report has.
    """
    query = queries.load(table.query)
    given = filters.model_dump() | table.given
    if table.limited:
        given["limit"] = max(rows, 1)
    lines = [_line(line, given) for line in query.preamble]
    return "\n".join([*lines, f"{query.text};"])


def _line(line: str, given: dict[str, Any]) -> str:
    match = _PARAMETER.match(line)
    if match is None or match["name"] not in given:
        return line
    return match[0] + literal(given[match["name"]])


def literal(value: Any) -> str:
    r"""A value as Cypher writes it; what could disturb a terminal or a reader is `\uXXXX`."""
    if value is None:
        return "null"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(literal, value))}]"
    if isinstance(value, str):
        inner = json_text(json.dumps(value, ensure_ascii=False))[1:-1]
        return "'" + inner.replace('\\"', '"').replace("'", "\\'") + "'"
    return json.dumps(value)
