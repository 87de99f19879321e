"""Commands that compare what was with what else was, or might have been: `diff`."""

from typing import Annotated

import typer  # noqa: TID251

from lineage.cli import output
from lineage.cli.app import Json, app, given, service
from lineage.cli.output import say


@app.command()
def diff(
    ctx: typer.Context,
    *,
    a: Annotated[str, typer.Argument(help="A graphlet: key, native id or name of its trainer.")],
    b: Annotated[
        str | None, typer.Argument(help="Another; else the one before A is compared with A.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="Spans listed of each kind.")] = 20,
    json: Json = False,
) -> None:
    """Compare two graphlets: spans, data, code, parameters, operators, cost, outcome."""
    for name, value in (("A", a), ("B", b)):
        if value is not None and not value.strip():
            raise typer.BadParameter(f"{name} is empty; `lineage report graphlets` lists some")
    service()
    from lineage.diff import diff as compare

    with given(ctx).connect() as lin:
        found = compare(lin.graph, a, b, limit=limit)
    if json:
        say(found.to_json())
    else:
        say(found.text(output.width(), color=output.color()).rstrip("\n"))
