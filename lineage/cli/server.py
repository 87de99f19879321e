"""Commands about the server: `up`, `down`, `status`."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer  # noqa: TID251

from lineage.cli import output
from lineage.cli.app import Given, Json, app, given
from lineage.cli.output import say
from lineage.safe import without_login

if TYPE_CHECKING:
    from lineage import Settings
    from lineage.server import Endpoint, Status


class Ways(StrEnum):
    """The ways to a server."""

    AUTO = "auto"
    EXTERNAL = "external"
    CONTAINER = "container"
    LOCAL = "local"


@app.command()
def up(
    ctx: typer.Context,
    *,
    neo4j_version: Annotated[
        str | None, typer.Option(help="Version line to start: 5.26 or 2026.08.")
    ] = None,
    way: Annotated[Ways, typer.Option(help="Take this way to a server and no other.")] = Ways.AUTO,
    json: Json = False,
) -> None:
    """Have a Neo4j: the one you name, else a container, else a local process."""
    from lineage import server

    settings = given(ctx).settings(neo4j_version=neo4j_version)
    with output.stepping() as progress:
        found = server.up(
            settings.neo4j_version, progress=progress, way=way.value, named=named(settings)
        )
    if json:
        output.print_json(public(found))
        return
    say(f"Neo4j {found.version or ''} is up: {output.safe(found.why)}".replace("  ", " "))
    print_endpoint(found)


@app.command()
def down(ctx: typer.Context, *, json: Json = False) -> None:
    """Stop the server that `up` started; its data stays."""
    from lineage import server

    stopped = server.down()
    if json:
        output.print_json({"stopped": stopped})
    elif stopped:
        say("stopped; the data stays, and `lineage up` starts it again")
    elif named(given(ctx).settings()) is not None:
        say("nothing to stop: the server that is named is not ours")
    else:
        say("nothing to stop: no server of ours is running")


@app.command()
def status(ctx: typer.Context, *, json: Json = False) -> None:
    """Tell which server is used, and what it holds."""
    found = seen(given(ctx))
    held, problem, answers = (
        _held(given(ctx)) if found.endpoint is not None else (None, None, False)
    )
    if json:
        facts = {"running": answers, "detail": found.detail}
        facts |= public(found.endpoint) if found.endpoint is not None else {}
        facts |= {"pid": found.pid, "home": _text(found.home), "log": _text(found.log)}
        output.print_json({**facts, "sources": held, "problem": problem})
    else:
        _print_status(found, held, problem, answers=answers)
    if problem is not None:
        raise typer.Exit(1)


def _print_status(
    found: "Status", held: list[dict[str, Any]] | None, problem: str | None, *, answers: bool
) -> None:
    silent = found.endpoint is not None and not answers
    say(output.safe(found.detail) + ("; it does not answer" if silent else ""))
    if found.endpoint is not None:
        print_endpoint(found.endpoint)
    for name, value in (("process", found.pid), ("data", found.home), ("log", found.log)):
        if value is not None:
            say(f"  {name:<9} {output.safe(str(value))}")
    if problem is not None:
        say(f"  {'problem':<9} {output.one_line(problem)}")
    for row in held or []:
        made_up = ": simulated data" if row["simulated"] else ""
        say(f"  {'source':<9} {output.safe(row['source'])} ({row['reader']})" + made_up)
    if held == []:
        say(f"  {'source':<9} none yet; `lineage ingest PATH` loads one, `lineage demo` a sample")


def seen(said: Given) -> "Status":
    """The server that commands use now."""
    from lineage import server

    theirs = named(said.settings())
    if theirs is not None:
        return server.Status(theirs, None, None, None, theirs.why)
    return server.status()


def named(settings: "Settings") -> "Endpoint | None":
    """The server that flags, environment or file name."""
    from lineage import server

    if settings.neo4j_uri is None:
        return None
    secret = settings.neo4j_password
    return server.external(
        settings.neo4j_uri,
        settings.neo4j_username,
        secret.get_secret_value() if secret else None,
        settings.neo4j_database,
    )


def have_local(settings: "Settings") -> None:
    """Start a local server where none is named and none is up, or wait for one that starts."""
    from lineage import server

    if named(settings) is not None:
        return
    found = server.endpoint()
    if found is None or found.kind == "local":
        with output.stepping() as progress:
            server.up(settings.neo4j_version, progress=progress, way="local")


def public(found: "Endpoint") -> dict[str, Any]:
    """An endpoint without its password."""
    return {
        "uri": without_login(found.uri),
        "username": found.username,
        "password_file": _text(found.password_file),
        "database": found.database,
        "browser": found.http,
        "kind": found.kind,
        "why": found.why,
        "version": found.version,
    }


def print_endpoint(found: "Endpoint") -> None:
    """Where a server answers and how to log in; never the password itself."""
    say(f"  {'address':<9} {output.safe(without_login(found.uri))}")
    if found.http is not None:
        say(f"  {'Browser':<9} {output.safe(found.http)}")
    say(f"  {'user':<9} {output.safe(found.username)}")
    if found.password_file is not None:
        say(f"  {'password':<9} in {output.safe(str(found.password_file))}")
    elif found.kind == "external":
        say(f"  {'password':<9} the one you set, as NEO4J_PASSWORD or in the settings file")


def _held(said: Given) -> tuple[list[dict[str, Any]] | None, str | None, bool]:
    """The sources in the graph, or why they cannot be told, and whether the server answers."""
    from lineage.errors import GraphUnavailableError, LineageError

    try:
        with said.connect() as lin:
            return lin.sources(), None, True
    except LineageError as error:
        return None, str(error), not isinstance(error, GraphUnavailableError)


def _text(value: object) -> str | None:
    return None if value is None else str(value)
