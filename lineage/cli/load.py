"""Commands that change the graph: `ingest`, `segment`, `forget`."""

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer  # noqa: TID251

from lineage.cli import output
from lineage.cli.app import Json, app, given, say_error
from lineage.cli.names import check_names, outdated
from lineage.cli.output import say
from lineage.cli.server import have_local
from lineage.safe import without_login

if TYPE_CHECKING:
    from lineage import Ingested, Lineage, Segmented
    from lineage.follow import Change

BULK_INTERRUPTED = (
    "interrupted: the server holds what it held before, or all of the store; `lineage ingest` "
    "completes it then"
)
SHOWN = 5  # reasons that are printed; `--json` has all of them
Pipeline = Annotated[str | None, typer.Option(help="Only this pipeline.")]


@app.command()
def ingest(
    ctx: typer.Context,
    *,
    locations: Annotated[
        list[str], typer.Argument(metavar="PATH_OR_URI...", help="Stores to load; `-` is stdin.")
    ],
    source: Annotated[
        str | None, typer.Option(help="Name to load it under; else the store's address.")
    ] = None,
    reader: Annotated[
        str | None,
        typer.Option(
            help="Reader to use (mlflow, mlmd, openlineage, prov, trace); else the one that fits."
        ),
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Stop at the first record that cannot be used.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Read and check everything, write nothing.")
    ] = False,
    follow: Annotated[
        bool, typer.Option("--follow", help="Go on loading and segmenting what is added.")
    ] = False,
    interval: Annotated[
        float, typer.Option(min=0.1, metavar="SECONDS", help="Pause between two looks.")
    ] = 10.0,
    bulk: Annotated[
        bool,
        typer.Option("--bulk", help="Load one large store into an empty local server."),
    ] = False,
    cut: Annotated[
        bool, typer.Option("--segment", help="Cut graphlets when all is loaded.")
    ] = False,
    json: Json = False,
) -> None:
    """Load stores into the graph; loading again changes nothing."""
    _check(locations, dry_run=dry_run, follow=follow, bulk=bulk, cut=cut)
    how: dict[str, Any] = {"source": source, "reader": reader, "strict": strict}
    how["local_files"] = True  # the user's own files, as far as the settings allow
    if bulk:
        have_local(given(ctx).settings())
    with given(ctx).connect() as lin:
        if follow:
            _follow(lin, locations, how, interval, json=json)
            return
        done: list[Ingested] = []
        segmented: Segmented | None = None
        try:
            for location in locations:
                done.append(_load(lin, location, how, bulk=bulk, dry_run=dry_run))
                if not json:
                    _print_ingested(done[-1])
            if cut:
                segmented = _segment(lin)
                if not json:
                    _print_segmented(segmented)
        finally:  # what was loaded before an error is told all the same
            if json and done:
                loaded = [one.model_dump() for one in done]
                both = {"ingested": loaded, "segmented": segmented and segmented.model_dump()}
                output.print_json(both if cut else loaded)


def _check(locations: list[str], *, dry_run: bool, follow: bool, bulk: bool, cut: bool) -> None:
    if bulk and (dry_run or follow or len(locations) > 1):
        raise typer.BadParameter("--bulk takes one store, without --dry-run and --follow")
    if cut and dry_run:
        raise typer.BadParameter("--segment does not go with --dry-run")
    if follow and (dry_run or "-" in locations):
        raise typer.BadParameter("--follow goes neither with --dry-run nor with stdin")


def _load(
    lin: "Lineage", location: str, how: dict[str, Any], *, bulk: bool, dry_run: bool
) -> "Ingested":
    if bulk:
        try:
            with output.stepping() as steps:
                return lin.ingest_bulk(location, steps=steps, **how)
        except KeyboardInterrupt:
            raise KeyboardInterrupt(BULK_INTERRUPTED) from None
    with output.counting(f"loading {without_login(location)}") as progress:
        return lin.ingest(location, dry_run=dry_run, progress=progress, **how)


def _follow(
    lin: "Lineage", locations: list[str], how: dict[str, Any], interval: float, *, json: bool
) -> None:
    """Print every change until ctrl-C; as one JSON object a line with `json`."""
    for change in lin.follow(locations, interval, **how):
        if json:
            say(output.dumps(change.plain()))
        else:
            _print_change(change)
        sys.stdout.flush()


def _print_change(change: "Change") -> None:
    if change.ingested is None or change.segmented is None:
        problem = output.one_line(change.problem or "")
        say(f"{output.safe(change.location)}: {problem}; trying again")
        return
    _print_ingested(change.ingested)
    _print_segmented(change.segmented)


def _print_ingested(loaded: "Ingested") -> None:
    read = ", ".join(f"{count:,} {_plural(kind, count)}" for kind, count in loaded.read.items())
    say(f"{output.safe(loaded.source)} ({loaded.reader}, {output.safe(loaded.format)})")
    say(f"  read       {read or 'nothing'}")
    if loaded.dry_run:
        say("  written    nothing, as this was a dry run")
    else:
        say(f"  written    {loaded.written:,} nodes and relationships, in {loaded.seconds:.1f} s")
    if loaded.skipped:
        say(f"  skipped    {loaded.skipped:,} records from before it was pruned to")
    if loaded.statistics:
        count = f"{loaded.statistics:,} {_plural('data set', loaded.statistics)}"
        say(f"  features   of {count}, from statistics")
    say(f"  set aside  {len(loaded.set_aside):,}")
    for kind, position, reason in loaded.set_aside[:SHOWN]:
        say(f"    {output.safe(kind)} at {output.safe(position)}: {output.one_line(reason)}")
    if len(loaded.set_aside) > SHOWN:
        say(f"    and {len(loaded.set_aside) - SHOWN:,} more; --json lists all of them")


@app.command()
def segment(
    ctx: typer.Context,
    *,
    pipeline: Pipeline = None,
    full: Annotated[
        bool, typer.Option("--full", help="Cut all anew, not only what changes touched.")
    ] = False,
    json: Json = False,
) -> None:
    """Cut the graphlet of every trained model, and write it to the graph.

    After the first time, only graphlets that changes have touched are cut again.
    """
    with given(ctx).connect() as lin:
        check_names(lin, pipeline=pipeline)
        done = _segment(lin, pipeline, full=full)
    if json:
        output.print_json(done.model_dump())
    else:
        _print_segmented(done)


def _segment(lin: "Lineage", pipeline: str | None = None, *, full: bool = False) -> "Segmented":
    with output.counting("segmenting", unit="graphlets") as tell:
        done = lin.segment(pipeline, full=full, progress=tell)
    for line in outdated(lin.outdated()):
        say_error(line)
    return done


def _print_segmented(done: "Segmented") -> None:
    removed = f", {done.removed:,} removed" if done.removed else ""
    count = f"{done.graphlets:,} {_plural('graphlet', done.graphlets)} cut{removed}"
    say(f"{count}, {done.total:,} in all, in {done.seconds:.1f} s")


@app.command()
def forget(
    ctx: typer.Context,
    *,
    source: Annotated[str, typer.Option(help="The source's name, as `lineage sources` has it.")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    json: Json = False,
) -> None:
    """Take one source out of the graph again."""
    if not yes:
        _ask(source)
    with given(ctx).connect() as lin, output.counting(f"forgetting {source}", unit=""):
        removed = lin.forget(source)
    if json:
        output.print_json({"source": source, "removed": removed})
    else:
        say(f"{removed:,} nodes of {output.safe(source)} removed")


def _ask(source: str) -> None:
    if not sys.stdin.isatty():
        raise typer.BadParameter("without a terminal to ask on, --yes is needed")
    if not typer.confirm(f"Remove all of {output.safe(source)} from the graph?"):
        raise typer.Exit(0)


def _plural(noun: str, count: int) -> str:
    return noun if count == 1 else f"{noun}s"
