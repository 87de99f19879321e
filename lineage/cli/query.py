"""The command `query`: any Cypher file of the package, run, listed or printed."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer  # noqa: TID251

from lineage.cli import output
from lineage.cli.app import Json, app, given, pairs, parsed
from lineage.cli.output import say

if TYPE_CHECKING:
    from lineage.queries import Query


TYPES: dict[str, type | tuple[type, ...]] = {
    "BOOLEAN": bool,
    "FLOAT": (int, float),
    "INTEGER": int,
    "LIST": list,
    "MAP": dict,
}


class RowFormat(StrEnum):
    """How rows are printed."""

    TEXT = "text"
    JSON = "json"
    CSV = "csv"


@app.command()
def query(
    ctx: typer.Context,
    *,
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="Its name, such as explore/story.")
    ] = None,
    param: Annotated[
        list[str] | None,
        typer.Option(
            "--param",
            "-p",
            metavar="NAME=VALUE",
            help="A parameter: text for a STRING, JSON for all else; null for null.",
        ),
    ] = None,
    listing: Annotated[bool, typer.Option("--list", help="List the queries.")] = False,
    cypher: Annotated[
        bool, typer.Option("--cypher", help="Print the statement, to paste into Neo4j Browser.")
    ] = False,
    saved: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Write the questions of cypher/explore as a ZIP file, to drop onto Neo4j Browser.",
        ),
    ] = None,
    format: Annotated[  # noqa: A002
        RowFormat, typer.Option(help="Form of the rows; JSON has NaN and Infinity as text.")
    ] = RowFormat.TEXT,
    json: Json = False,
) -> None:
    """Run one of the shipped Cypher queries, or list them."""
    if [name is not None, listing, saved is not None].count(True) != 1:
        raise typer.BadParameter("either the NAME of a query, or --list, or --saved FILE")
    if saved is not None:
        _save(saved, json=json)
        return
    if name is None:
        _list_queries(json=json)
        return
    if cypher:
        _print_query(name)
        return
    values = _values(name, pairs(param or []))
    with given(ctx).connect() as lin:
        rows = lin.query(name, **values)
    if json or format is RowFormat.JSON:
        output.print_json(rows)
        return
    from lineage import queries

    columns = list(rows[0]) if rows else [column.name for column in queries.load(name).columns]
    if format is RowFormat.CSV:
        say(output.csv_text(columns, rows))
    else:
        cells = ([row[column] for column in columns] for row in rows)
        say(output.table(columns, cells, otherwise="--format csv"))


def _save(file: Path, *, json: bool) -> None:
    from lineage.saved import names, saved_queries

    with output.writing(file) as out:
        out.write(saved_queries())
    count = len(names())
    if json:
        output.print_json({"file": str(file), "queries": count})
    else:
        say(f"{count} queries are in {file}; drop it onto Neo4j Browser's page")


def _values(name: str, given_pairs: list[tuple[str, str]]) -> dict[str, Any]:
    """Parameters as the types that the query's header declares."""
    from lineage import queries

    types = {field.name: field.type for field in queries.load(name).parameters}
    return {key: _value(key, types.get(key, "STRING"), text) for key, text in given_pairs}


def _value(name: str, declared: str, text: str) -> Any:
    """One parameter.

    A STRING is the text as it is, `123` and `true` too. Only `null` is null, and JSON in quotes
    is its content, so that `"null"` is text.

    Raises:
        BadParameter: the text is no value of the declared type.
    """
    value = parsed(text)
    if value is None:
        return None
    if declared == "STRING":
        return value if isinstance(value, str) else text
    expected = TYPES.get(declared.partition("<")[0])
    truth = isinstance(value, bool) and declared != "BOOLEAN"
    if expected is not None and (truth or not isinstance(value, expected)):
        raise typer.BadParameter(f"parameter ${name} is {declared}, and {text!r} is none")
    return value


def _list_queries(*, json: bool) -> None:
    from dataclasses import asdict

    from lineage import queries

    found = [queries.load(name) for name in queries.names()]
    if json:
        output.print_json([asdict(one) for one in found])
        return
    for one in found:
        say(output.filled(f"{one.name}  {one.title}", "  "))
        for text in _fields(one):
            say(output.filled(f"    {text}", " " * 6))


def _fields(one: "Query") -> list[str]:
    return [f"${field.name}: {field.type}, {field.meaning}" for field in one.parameters] + [
        f"returns {field.name}: {field.type}, {field.meaning}" for field in one.columns
    ]


def _print_query(name: str) -> None:
    from lineage import queries

    found = queries.load(name)
    for line in found.preamble:
        say(line)
    say(f"{found.text};")
