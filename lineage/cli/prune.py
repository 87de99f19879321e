"""The command `prune`."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer  # noqa: TID251

from lineage.cli import output
from lineage.cli.app import Json, app, given
from lineage.cli.output import say

if TYPE_CHECKING:
    from lineage.prune import Pruned


@app.command()
def prune(
    ctx: typer.Context,
    *,
    before: Annotated[
        str, typer.Option(metavar="DATE", help="ISO 8601, or a number of days ago such as 90d.")
    ],
    source: Annotated[str | None, typer.Option(help="Only this source.")] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Count what would be removed, remove nothing.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    json: Json = False,
) -> None:
    """Remove old runs and their graphlets, but for what newer graphlets need.

    Loading a source again does not bring them back: what is older is skipped, and counted.
    """
    if not dry_run and not yes and not sys.stdin.isatty():
        raise typer.BadParameter("without a terminal to ask on, --yes is needed")
    with given(ctx).connect() as lin:
        if not dry_run and not yes:
            with output.counting("looking", unit=""):
                found = lin.prune(before, source, dry_run=True)
            _print(found)
            if not typer.confirm("Remove this from the graph?"):
                raise typer.Exit(0)
        with output.counting("pruning", unit=""):
            done = lin.prune(before, source, dry_run=dry_run)
    if json:
        output.print_json(done.model_dump())
    else:
        _print(done)


def _print(done: "Pruned") -> None:
    what = "nothing removed; would be" if done.dry_run else "removed"
    say(f"{what}, from before {done.before}:")
    for kind in ("graphlets", "executions", "artifacts", "runs", "contexts"):
        say(f"    {getattr(done, kind):>12,} {kind}")
    for unit, cost in done.costs.items():
        say(f"    the executions had cost {cost:,.0f} {output.safe(unit)}")
