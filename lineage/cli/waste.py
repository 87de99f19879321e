"""Commands about models that will not be pushed: `train-waste` and `watch`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer  # noqa: TID251

from lineage.cli import output
from lineage.cli.app import Json, app, given, say_error
from lineage.cli.output import say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lineage.waste.live import PushPrediction


@app.command("train-waste")
def train_waste(
    ctx: typer.Context,
    *,
    source: Annotated[str | None, typer.Option(help="Learn from this source only.")] = None,
    pipeline: Annotated[str | None, typer.Option(help="Learn from this pipeline only.")] = None,
    max_freshness_loss: Annotated[
        float,
        typer.Option(min=0, max=1, help="Deployed models may get older by this share, at most."),
    ] = 0.02,
    seed: Annotated[int, typer.Option(min=0, help="Of every random choice.")] = 0,
    out: Annotated[
        Path | None, typer.Option(help="File of the predictor; else the setting waste_model.")
    ] = None,
    features: Annotated[
        Path | None,
        typer.Option(help="Write what is learned from to this Parquet file, and do nothing else."),
    ] = None,
    json: Json = False,
) -> None:
    """Learn which models are pushed, and what stopping the others early would save.

    The predictor is tested on models that came later than those it learned from. `lineage report
    waste` shows what was found; `lineage advise --waste` and `lineage watch` use it.
    """
    with given(ctx).connect() as lin:
        if features is not None:
            with output.writing(features) as file:
                rows = lin.export_waste(file, source=source, pipeline=pipeline)
            say(f"{rows:,} graphlets in {output.safe(str(features))}")
            return
        with output.stepping() as step:
            found = lin.train_waste(
                source=source,
                pipeline=pipeline,
                max_freshness_loss=max_freshness_loss,
                seed=seed,
                out=out,
                progress=lambda _what, done, total: step("training", done, total),
            )
    if json:
        say(found.model_dump_json(indent=2))
        return
    from lineage.waste.tables import promise

    headline = promise(found)
    say(output.safe(headline.says))
    say(f"this rests on {headline.because}")
    if headline.simulated:
        say(f"simulated data: {output.safe(headline.simulated)}")
    say("see `lineage report waste`")


@app.command()
def watch(
    ctx: typer.Context,
    *,
    source: Annotated[str | None, typer.Option(help="Only this source.")] = None,
    pipeline: Annotated[str | None, typer.Option(help="Only this pipeline.")] = None,
    interval: Annotated[float, typer.Option(min=1, help="Seconds between two looks.")] = 60,
    webhook: Annotated[
        str | None,
        typer.Option(
            envvar="LINEAGE_WEBHOOK", help="Address that each model to stop is posted to, as JSON."
        ),
    ] = None,
    once: Annotated[bool, typer.Option("--once", help="Look once, and end.")] = False,
    json: Json = False,
) -> None:
    """Follow the graph, and tell of models under way that are worth stopping.

    It only tells: stopping is up to you. Something else must load what happens, such as `lineage
    serve` or `lineage ingest --follow`.
    """
    from lineage.waste.watch import Watch, Webhook

    then = "" if once else "; trying again"
    failed = False
    hook = Webhook(webhook) if webhook else None
    with given(ctx).connect() as lin:
        watched = Watch(lin, source=source, pipeline=pipeline)
        for look in [watched.look()] if once else watched.follow(interval):
            for one in look.stop:
                say(one.model_dump_json() if json else "\n".join(expected(one)))
            unsent = hook.send(look.stop) if hook else None
            for problem in filter(None, (look.problem, unsent)):
                say_error(f"{output.safe(problem)}{then}")
                failed = True
    if failed:  # with --once, whoever started it is to know
        raise typer.Exit(1)


def expected(found: "PushPrediction") -> "Iterator[str]":
    """A prediction for people, line by line."""
    from lineage.report import units

    share = units.share(found.probability)
    name = output.safe(" ".join(filter(None, (found.pipeline, found.node))) or found.key)
    if found.pushed:
        yield f"pushed: {name} (at stage {found.stage} {share} was expected)"
    elif found.stop:
        least = units.share(found.threshold or 0.0)
        yield f"stop: {name} will be pushed with {share}, less than {least}"
    elif found.threshold is None:
        yield f"go on: {name} will be pushed with {share}; at stage {found.stage} nothing is saved"
    else:
        yield f"go on: {name} will be pushed with {share}"
    what = "graphlet" if found.begun else "run"
    yield f"  {what:<9}  {output.safe(found.key)}"
    yield f"  stage      {found.stage}"
    yield f"  spent      {units.cost(found.spent, found.cost_unit)}"
    if found.to_spend is not None:
        yield f"  to spend   {units.cost(found.to_spend, found.cost_unit)}"
    from lineage.waste.catalog import FEATURES

    says = {feature.name: feature.says for feature in FEATURES}
    for reason in found.reasons:
        value = reason.value
        told = "unknown" if value is None else value if isinstance(value, str) else f"{value:.3g}"
        word = "for" if reason.effect > 0 else "against"
        yield f"  {word:<9}  {output.safe(told)}: {says.get(reason.feature, reason.feature)}"
