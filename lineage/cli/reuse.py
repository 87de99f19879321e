"""Commands that save work before it is done again: `advise` and `plan`."""

import json as jsons
from typing import TYPE_CHECKING, Annotated, Any

import typer  # noqa: TID251

from lineage.cli import output
from lineage.cli.app import Json, app, given, service
from lineage.cli.output import say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lineage.advise import Advice
    from lineage.planning import ReusePlan


@app.command()
def advise(
    ctx: typer.Context,
    *,
    operator: Annotated[str, typer.Argument(help="Native type in full; with --waste a graphlet.")],
    inputs: Annotated[
        list[str] | None,
        typer.Option(
            "--input",
            metavar="ROLE=ARTIFACT",
            help="What it reads: a key, digest:DIGEST, or a native id with --source; in order.",
        ),
    ] = None,
    parameters: Annotated[
        list[str] | None,
        typer.Option(
            "--param", metavar="NAME=VALUE", help="A parameter as recorded; JSON, else text."
        ),
    ] = None,
    code: Annotated[str | None, typer.Option(help="Version of its code.")] = None,
    node: Annotated[str | None, typer.Option(help="Node or task name.")] = None,
    pipeline: Annotated[str | None, typer.Option(help="The pipeline that asks.")] = None,
    source: Annotated[str | None, typer.Option(help="Source of native ids.")] = None,
    waste: Annotated[
        bool,
        typer.Option("--waste", help="Ask whether the model of this graphlet will be pushed."),
    ] = False,
    json: Json = False,
) -> None:
    """Ask whether something was computed before, where its output is, and what it cost.

    With --waste: whether a model, also one under way, will be pushed, and what is left to spend.
    """
    if waste:
        if inputs or parameters or code or node or pipeline or source:
            raise typer.BadParameter("--waste takes a graphlet and nothing else")
        from lineage.cli.waste import expected

        with given(ctx).connect() as lin:
            prediction = lin.predict_push(operator)
        say(prediction.model_dump_json(indent=2) if json else "\n".join(expected(prediction)))
        return
    read: dict[str, list[str]] = {}
    for role, artifact in _pairs(inputs, "--input"):
        read.setdefault(role, []).append(artifact)
    told = {name: _value(text) for name, text in _pairs(parameters, "--param")}
    with given(ctx).connect() as lin:
        where = {"node": node, "pipeline": pipeline, "source": source}
        found = lin.advise(operator, code, told, read, **where, thorough=True)
    say(found.model_dump_json(indent=2) if json else "\n".join(_advice(found)))


@app.command()
def plan(
    ctx: typer.Context,
    *,
    artifact: Annotated[str, typer.Argument(help="Its key, native id or name.")],
    kept: Annotated[
        list[str] | None,
        typer.Option(metavar="KEY", help="Only this artifact is kept; may be given again."),
    ] = None,
    lost: Annotated[
        list[str] | None,
        typer.Option(metavar="KEY", help="This one is lost, too; may be given again."),
    ] = None,
    nothing: Annotated[bool, typer.Option("--nothing-kept", help="Nothing is kept.")] = False,
    json: Json = False,
) -> None:
    """Plan how to have an artifact again at least cost: what to load and what to compute."""
    if nothing and kept:
        raise typer.BadParameter("--nothing-kept and --kept exclude each other")
    service()
    with given(ctx).connect() as lin:
        found = lin.plan(artifact, kept=[] if nothing else kept, lost=lost or ())
    say(found.model_dump_json(indent=2) if json else _planned(found))


def _pairs(given_: list[str] | None, option: str) -> "Iterator[tuple[str, str]]":
    for text in given_ or ():
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise typer.BadParameter(f"{option} is NAME=VALUE, not {text!r}")
        yield name, value


def _value(text: str) -> Any:
    try:
        return jsons.loads(text)
    except jsons.JSONDecodeError:
        return text


def _advice(found: "Advice") -> "Iterator[str]":
    from lineage.report import units

    why = f"{'known' if found.known else 'not known'}: {output.safe(found.why)}"
    yield output.filled(why, "  ")
    if found.execution:
        yield f"  execution  {output.safe(found.execution)}"
        if found.ended:
            yield f"  ended      {units.moment(found.ended)}"
        if found.cost is not None:
            yield f"  cost       {units.cost(found.cost, found.cost_unit)}"
    for one in found.outputs:
        size = "" if one.size is None else f", {units.size(one.size)}"
        yield f"  {output.safe(one.name)}  {output.safe(one.uri or one.key)}{size}"


def _planned(found: "ReusePlan") -> str:
    from lineage.report import units

    rows = []
    for step in found.steps:
        size = "" if step.size is None else units.size(step.size)
        cost = units.cost(step.cost, found.cost_unit)
        rows.append([step.do, step.name, f"{'~' if step.estimated else ''}{size}", cost])
    lines = [output.table(("do", "what", "size", "cost"), rows)]
    lines += [
        output.filled(
            f"{output.safe(step.name)} is loaded from its equal {output.safe(step.instead)}", "  "
        )
        for step in found.steps
        if step.instead is not None
    ]
    lines.append("")
    least, linear, whole = (
        units.cost(value, found.cost_unit) for value in (found.cost, found.linear, found.everything)
    )
    lines.append(f"{least} in all; computing everything costs {whole}")
    if found.linear > found.cost * (1 + 1e-9):
        lines.append(f"the linear-time rule would pay {linear}")
    lines.append(f"{found.skipped:,} executions of its provenance need not run")
    if found.unknown:
        lines.append(f"{found.unknown:,} executions of unknown cost count as 0")
    return "\n".join(lines)
