"""The command `simulate`."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer  # noqa: TID251

from lineage.cli import output
from lineage.cli.app import Json, app
from lineage.cli.output import say


@app.command()
def simulate(
    *,
    pipelines: Annotated[int, typer.Option(min=1, help="How many.")] = 3_000,
    days: Annotated[int, typer.Option(min=1, help="That the corpus spans.")] = 130,
    seed: Annotated[int, typer.Option(min=0, help="Of every random choice.")] = 0,
    out: Annotated[
        Path | None, typer.Option(help="Folder to make; not there yet, or empty.")
    ] = None,
    start: Annotated[datetime, typer.Option(help="The first day.")] = datetime(2026, 1, 1),  # noqa: DTZ001
    defaults: Annotated[
        bool, typer.Option("--defaults", help="Print what is simulated, and why so.")
    ] = False,
    json: Json = False,
) -> None:
    """Write a corpus of simulated ML pipelines, to try and to measure with.

    The folder is a trace that `lineage ingest` takes. What the trace does not say (what is
    redundant, what is shared, why each model was pushed or not) is in its folder truth/.
    """
    if defaults:
        _print_defaults(json=json)
        return
    if out is None:
        raise typer.BadParameter("name the folder to write to", param_hint="--out")
    from datetime import UTC

    from lineage.simulate import simulate as run

    with output.counting("simulating", unit="pipelines") as tell:
        done = run(
            out,
            pipelines=pipelines,
            days=days,
            seed=seed,
            start=start if start.tzinfo else start.replace(tzinfo=UTC),
            progress=tell,
        )
    if json:
        output.print_json(done.model_dump())
        return
    say(f"simulated data in {output.safe(done.folder)}, in {done.seconds:.1f} s:")
    say(f"    {pipelines:,} pipelines, {done.models:,} models, {done.pushed:,} of them pushed")
    say(f"    {done.rows['executions']:,} executions, {done.redundant:,} of them redundant")
    say(f"    {done.rows['artifacts']:,} artifacts, {done.rows['events']:,} events")
    say(f"load it with `lineage ingest {output.safe(done.folder)}`")


def _print_defaults(*, json: bool) -> None:
    import textwrap

    from lineage.simulate.profile import COSTS, Profile

    if json:
        output.print_json({"profile": Profile.model_json_schema(by_alias=True), "costs": COSTS})
        return
    profile = Profile()
    for name, field in Profile.model_fields.items():
        say(f"{field.alias or name} = {getattr(profile, name)}")
        say(textwrap.fill(field.description or "", 76, initial_indent="    ",
                          subsequent_indent="    "))  # fmt: skip
    say("\nCost of an execution (median seconds, sigma of a log-normal, machines):")
    for name, (median, sigma, machines) in COSTS.items():
        say(f"    {name:<18} {median:>6,} s  {sigma:.1f}  {machines}")
