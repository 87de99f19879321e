"""The command `demo`."""

import sys

import typer  # noqa: TID251

from lineage.cli import output
from lineage.cli.app import Json, app, given, service
from lineage.cli.output import say
from lineage.cli.server import named, print_endpoint, public


@app.command()
def demo(ctx: typer.Context, *, json: Json = False) -> None:
    """Start Neo4j, load the sample store, print its report, and say what to look at next."""
    connect = service().connect
    from lineage import queries, report, server
    from lineage.demo import QUERIES, SOURCE
    from lineage.demo import demo as run

    settings = given(ctx).settings()
    with output.stepping() as progress:
        found = server.up(settings.neo4j_version, progress=progress, named=named(settings))
    if not json:
        say(f"Neo4j: {output.safe(found.why)}")
    login = (found.uri, found.username, found.password or None, found.database)
    with connect(*login, settings=settings) as lin:
        with output.counting("loading the sample store") as progress:
            done = run(lin, progress)
        if json:
            output.print_json({"server": public(found), **done.model_dump()})
            return
        written = done.ingested.written
        what = f"{written:,} nodes and relationships written" if written else "all there already"
        say(f"sample store: {what}; {done.segmented.total} graphlets\n")
        report.write(
            lin.graph,
            sys.stdout,
            filters=report.Filters(source=SOURCE),
            width=output.width(),
            color=output.color(),
        )
    say("\nLook at it in Neo4j Browser:")
    print_endpoint(found)
    say("\nThree queries to paste there:")
    for name in QUERIES:
        query = queries.load(name)
        say(f"\n// {query.title}\n{query.text}")
    say(f"\n`lineage report` prints the report again, `lineage forget --source {SOURCE}` takes the")
    say("sample out of the graph, `lineage down` stops Neo4j.")
