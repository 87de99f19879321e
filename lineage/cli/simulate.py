"""The command `simulate`."""

from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer  # noqa: TID251

from lineage.cli import output
from lineage.cli.app import Json, app
from lineage.cli.output import say


class Named(StrEnum):
    """Profiles that have a name; the same as in `lineage.simulate.profiles`, which loads slowly."""

    DEFAULT = "default"
    CHANCE = "chance"
    DRIFT = "drift"
    POLICY = "policy"
    CODE = "code"


_SAYS = {
    Named.DEFAULT: "what a company may have: data, code, history and chance all count",
    Named.CHANCE: "nothing can be predicted: each model is pushed by the toss of a coin",
    Named.DRIFT: "a model is pushed unless its data has jumped",
    Named.POLICY: "history alone decides: throttled pushes, and people who seldom push",
    Named.CODE: "a model is pushed unless its code or structure is new",
}
_PROFILES = "Profiles:\n" + "\n".join(f"  {name:<8} {says}" for name, says in _SAYS.items())


@app.command(epilog="\b\n" + _PROFILES)
def simulate(
    *,
    pipelines: Annotated[int, typer.Option(min=1, help="How many.")] = 3_000,
    days: Annotated[int, typer.Option(min=1, help="That the corpus spans.")] = 130,
    seed: Annotated[int, typer.Option(min=0, help="Of every random choice.")] = 0,
    out: Annotated[
        Path | None, typer.Option(help="Folder to make; not there yet, or empty.")
    ] = None,
    profile: Annotated[
        Named, typer.Option(help="What decides whether a model is pushed, see below.")
    ] = Named.DEFAULT,
    start: Annotated[datetime, typer.Option(help="The first day.")] = datetime(2026, 1, 1),  # noqa: DTZ001
    defaults: Annotated[
        bool, typer.Option("--defaults", help="Print what is simulated, and why so.")
    ] = False,
    json: Json = False,
) -> None:
    """Write a corpus of simulated ML pipelines, to try and to measure with.

    The folder is a trace that `lineage ingest` takes. What the trace does not say (what is
    redundant, what is shared, why each model was pushed or not, and how likely that was at each
    stage) is in its folder truth/.
    """
    if defaults:
        _print_defaults(profile, json=json)
        return
    if out is None:
        raise typer.BadParameter("name the folder to write to", param_hint="--out")
    from datetime import UTC

    from lineage.simulate import PROFILES
    from lineage.simulate import simulate as run

    with output.counting("simulating", unit="pipelines") as tell:
        done = run(
            out,
            pipelines=pipelines,
            days=days,
            seed=seed,
            profile=PROFILES[profile],
            start=start if start.tzinfo else start.replace(tzinfo=UTC),
            progress=tell,
        )
    if json:
        output.print_json(done.model_dump())
        return
    where = f"{output.safe(done.folder)}, profile {done.profile}"
    say(f"simulated data in {where}, in {done.seconds:.1f} s:")
    say(f"    {pipelines:,} pipelines, {done.models:,} models, {done.pushed:,} of them pushed")
    say(f"    {done.rows['executions']:,} executions, {done.redundant:,} of them redundant")
    say(f"    {done.rows['artifacts']:,} artifacts, {done.rows['events']:,} events")
    say(f"load it with `lineage ingest {output.safe(done.folder)}`")


def _print_defaults(name: Named, *, json: bool) -> None:
    import textwrap

    from lineage.simulate import PROFILES
    from lineage.simulate.profile import COSTS, Profile

    profile = PROFILES[name]
    if json:
        output.print_json(
            {
                "name": name.value,
                "values": profile.model_dump(mode="json", by_alias=True),
                "profile": Profile.model_json_schema(by_alias=True),
                "costs": COSTS,
            }
        )
        return
    say(f"Profile {name.value}: {_SAYS[name]}.\n")
    for knob, field in Profile.model_fields.items():
        say(f"{field.alias or knob} = {getattr(profile, knob)}")
        say(textwrap.fill(field.description or "", 76, initial_indent="    ",
                          subsequent_indent="    "))  # fmt: skip
    say("\nCost of an execution (median seconds, sigma of a log-normal, machines):")
    for operator, (median, sigma, machines) in COSTS.items():
        say(f"    {operator:<18} {median:>6,} s  {sigma:.1f}  {machines}")
