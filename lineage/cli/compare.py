"""Commands that compare what was with what else was, or might have been: `diff`, `whatif`."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer  # noqa: TID251

from lineage.cli import output
from lineage.cli.app import Json, app, given, service
from lineage.cli.output import say


class Policy(StrEnum):
    """How a cache decides what it keeps."""

    NONE = "none"
    TTL = "ttl"
    LRU = "lru"
    COST = "cost"
    OFFLINE = "offline"
    OPTIMUM = "optimum"
    BOUND = "bound"


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


@app.command()
def whatif(
    ctx: typer.Context,
    *,
    budget: Annotated[
        list[str] | None,
        typer.Option(help="Size of the cache, such as 500GB or 2TiB; may be given again."),
    ] = None,
    policy: Annotated[
        list[Policy] | None, typer.Option(help="Only this policy; may be given again.")
    ] = None,
    plot: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the plot too, as an HTML page.")
    ] = None,
    json: Json = False,
) -> None:
    """Replay what was computed more than once with caches: what each would have saved."""
    names = None if policy is None else [one.value for one in policy]
    with given(ctx).connect() as lin:
        found = lin.whatif(budget or None, names or None)
    from textwrap import fill

    from lineage.report import curves

    if plot is not None:
        with output.writing_text(plot) as out:
            out.write(curves.page(found))
    if json:
        say(found.model_dump_json(indent=2))
    elif not found.rows:
        say(curves.EMPTY)
    else:
        say(output.table(curves.COLUMNS, (curves.cells(row, found.unit) for row in found.rows)))
        told = " ".join(map(output.safe, curves.notes(found)))
        say("\n" + fill(told, output.width(), break_on_hyphens=False))
