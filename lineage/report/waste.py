"""The section that tells what models cost that were never pushed, and what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lineage.analyses import waste
from lineage.report import units
from lineage.report.tables import Bars, Column, Kind, Lines, Section, Table
from lineage.waste import rows, tables

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from lineage.analyses.rows import Row
    from lineage.report.tables import Asked
    from lineage.waste.service import WasteReport

_NONE = "no predictor yet; `lineage train-waste` learns one from what is in the graph"
_SHOWN = 12  # rows of a breakdown


def _wasted(by: str) -> Callable[[Asked], Iterator[Row]]:
    def rows(asked: Asked) -> Iterator[Row]:
        found = asked.once("waste", lambda: waste.wasted(asked.graph, asked.filters))
        return (row for row in found if row.by == by)

    return rows


def _undecided(asked: Asked) -> Iterable[Row]:
    return waste.undecided(asked.graph, asked.filters, asked.settings.push_hours)


def _found(asked: Asked) -> WasteReport | None:
    """What training found, if it looked at what this report looks at."""
    from lineage.waste.service import in_graph, load_report, model_path

    def read() -> WasteReport | None:
        report = load_report(model_path(asked.settings))
        wanted = asked.filters.source
        fits = report is not None and (wanted is None or wanted in report.sources)
        return report if report is not None and fits and in_graph(asked.graph, report) else None

    return asked.once("trained waste", read)


def _trained(make: Callable[[WasteReport], Iterable[Row]]) -> Callable[[Asked], Iterable[Row]]:
    def rows(asked: Asked) -> Iterable[Row]:
        report = _found(asked)
        return () if report is None else make(report)

    return rows


def _worth(report: WasteReport) -> Iterator[Row]:
    from lineage.waste.catalog import FEATURES

    return tables.worth(report, {feature.name: feature.says for feature in FEATURES})


def _running(asked: Asked) -> Iterable[Row]:
    from lineage.errors import LineageError
    from lineage.waste.live import under_way
    from lineage.waste.service import load_model, model_path

    if _found(asked) is None:
        return
    try:
        model, _ = load_model(model_path(asked.settings))
    except LineageError:  # nothing was trained, or its libraries are not there
        return
    found = under_way(
        asked.graph, model, source=asked.filters.source, pipeline=asked.filters.pipeline
    )
    for one in sorted(found, key=lambda one: (one.probability, one.key)):
        yield tables.running(one)


def _undecided_says(row: waste.Undecided) -> str:
    line = f"{units.count(row.graphlets)} {row.what}"
    if row.hours is not None:
        line += f": {units.duration(row.hours * 3600)} from the start of their training on"
    return line + (", and counted." if row.counted else ", and left out.")


def _promised(row: rows.Promise) -> str:
    line = f"{row.says} This rests on {row.because}"
    line += f", found {units.moment(row.at)}."
    if row.simulated:
        line += f" Simulated data: {row.simulated}; the figures are those of the simulation."
    return line


_BREAKDOWN = (
    Column("cost", "cost", Kind.COST),
    Column("wasted", "wasted", Kind.COST),
    Column("share", "share", Kind.SHARE),
    Column("of_all", "of all waste", Kind.SHARE, 1),
)
_COUNTS = (
    Column("graphlets", "models", Kind.COUNT, 2),
    Column("pushed", "pushed", Kind.COUNT, 3),
)


def _breakdown(by: str, title: str, *more: Column) -> Table:
    return Table(
        by,
        title,
        "analyses/waste",
        waste.Wasted,
        (Column("name", by), *more, *_BREAKDOWN),
        made=_wasted(by),
        empty="no cost is known of what is in graphlets",
        plots=(Bars("name", "share", f"Share wasted by {by}", by="cost_unit"),),
    )


WASTE = Section(
    "waste",
    "Waste",
    (
        Table(
            "headline",
            "What stopping models early would save",
            "analyses/waste",
            rows.Promise,
            (
                Column("stage", "stop at stage"),
                Column("saving", "saved", Kind.SHARE),
                Column("low", "from", Kind.SHARE, 1),
                Column("high", "to", Kind.SHARE, 1),
                Column("pushes_lost", "pushes lost", Kind.SHARE),
                Column("freshness_loss", "freshness lost", Kind.SHARE),
            ),
            says=_promised,
            empty=_NONE,
            made=_trained(lambda report: (tables.promise(report),)),
        ),
        Table(
            "rows",
            "What to do, the most wasteful pipelines first",
            "analyses/waste_pipelines",
            waste.WastePipeline,
            (
                Column("pipeline", "pipeline", key="pipeline", of="pipeline"),
                Column("source", "source", rank=9),
                Column("models", "models", Kind.COUNT, 3),
                Column("pushed", "pushed", Kind.COUNT, 2),
                Column("failed", "failed", Kind.COUNT, 6),
                Column("unchecked", "unchecked", Kind.COUNT, 8),
                Column("rejected", "rejected", Kind.COUNT, 5),
                Column("throttled", "too soon", Kind.COUNT, 5),
                Column("unexplained", "unexplained", Kind.COUNT, 7),
                Column("wasted", "wasted alone", Kind.COST),
                Column("advice", "what to do"),
            ),
            given={"limit": 20},
            empty="every model was pushed, or none is known",
            plots=(Bars("pipeline", "wasted", "Wasted alone", Kind.COST, "cost_unit"),),
        ),
        _breakdown("pipeline", "Waste by pipeline", Column("source", "source", rank=4), *_COUNTS),
        _breakdown("operator", "Waste by class of operator"),
        _breakdown("family", "Waste by family of models", *_COUNTS),
        _breakdown("month", "Waste by month", *_COUNTS),
        Table(
            "undecided",
            "What is not known to be waste",
            "analyses/waste_undecided",
            waste.Undecided,
            (
                Column("what", "models"),
                Column("graphlets", "count", Kind.COUNT),
                Column("cost", "cost", Kind.COST),
                Column("counted", "counted", Kind.FLAG),
                Column("example", "for example", rank=1, key="example"),
            ),
            says=_undecided_says,
            empty="nothing: all models are closed, old enough, and of known cost",
            made=_undecided,
        ),
        Table(
            "factors",
            "What goes with pushes (share of models that were pushed)",
            "waste/graphlets",
            rows.FactorRow,
            (
                Column("factor", "factor"),
                Column("says", "that is", rank=6),
                Column("models", "models", Kind.COUNT, 4),
                Column("pushed_low", "low or no", Kind.SHARE, 2),
                Column("pushed_high", "high or yes", Kind.SHARE, 2),
                Column("difference", "points", Kind.RATIO),
                Column("low", "from", Kind.RATIO, 1),
                Column("high", "to", Kind.RATIO, 1),
                Column("p", "p"),
                Column("delta", "delta", Kind.RATIO, 5),
            ),
            empty=_NONE,
            made=_trained(tables.effects),
        ),
        Table(
            "stages",
            "How early it can be known, and what stopping then would have saved",
            "waste/graphlets",
            rows.StageRow,
            (
                Column("stage", "stage"),
                Column("spent", "spent", Kind.SHARE, 2),
                Column("predictor", "predictor", rank=6),
                Column("accuracy", "accuracy", Kind.RATIO),
                Column("accuracy_low", "from", Kind.RATIO, 4),
                Column("accuracy_high", "to", Kind.RATIO, 4),
                Column("accuracy_new", "new pipelines", Kind.RATIO, 5),
                Column("accuracy_best", "best possible", Kind.RATIO, 7),
                Column("saving", "saved", Kind.SHARE),
                Column("saving_low", "from", Kind.SHARE, 3),
                Column("saving_high", "to", Kind.SHARE, 3),
                Column("saving_best", "best possible", Kind.SHARE, 8),
                Column("pushes_lost", "pushes lost", Kind.SHARE, 1),
                Column("freshness_loss", "freshness lost", Kind.SHARE, 1),
            ),
            empty=_NONE,
            made=_trained(tables.stages),
        ),
        Table(
            "curve",
            "The most that can be saved, by freshness lost at most",
            "waste/graphlets",
            rows.CurveRow,
            (
                Column("loss", "freshness lost", Kind.SHARE),
                Column("before", "before", Kind.SHARE),
                Column("data", "data", Kind.SHARE),
                Column("shape", "shape", Kind.SHARE),
                Column("training", "training", Kind.SHARE, 1),
                Column("validation", "validation", Kind.SHARE, 2),
                Column("last", "as last time", Kind.SHARE, 3),
                Column("best", "best possible", Kind.SHARE, 4),
            ),
            empty=_NONE,
            made=_trained(tables.curve),
            plots=(
                Lines(
                    "loss",
                    ("before", "data", "shape", "training", "validation", "best"),
                    "Waste saved by freshness lost",
                    "freshness lost at most",
                    "share of waste saved",
                ),
            ),
        ),
        Table(
            "calibration",
            "Whether predicted probabilities hold",
            "waste/graphlets",
            rows.CalibrationRow,
            (
                Column("predicted", "predicted", Kind.SHARE),
                Column("pushed", "pushed", Kind.SHARE),
                Column("models", "models", Kind.COUNT),
            ),
            empty=_NONE,
            made=_trained(tables.calibration),
            plots=(
                Lines(
                    "predicted",
                    ("pushed",),
                    "Calibration",
                    "predicted probability of a push",
                    "share that was pushed",
                    diagonal=True,
                ),
            ),
        ),
        Table(
            "features",
            "What predictors look at",
            "waste/graphlets",
            rows.FeatureWorth,
            (
                Column("stage", "stage"),
                Column("feature", "feature"),
                Column("says", "that is", rank=3),
                Column("auc", "AUC lost without", Kind.RATIO),
                Column("accuracy", "accuracy", Kind.RATIO, 1),
            ),
            empty=_NONE,
            made=_trained(_worth),
            plots=(Bars("feature", "auc", "AUC lost without the feature", by="stage"),),
        ),
        Table(
            "predictors",
            "All predictors, by stage and split",
            "waste/graphlets",
            rows.PredictorRow,
            (
                Column("split", "split by"),
                Column("stage", "stage"),
                Column("predictor", "predictor"),
                Column("accuracy", "accuracy", Kind.RATIO),
                Column("accuracy_low", "from", Kind.RATIO, 3),
                Column("accuracy_high", "to", Kind.RATIO, 3),
                Column("auc", "AUC", Kind.RATIO),
                Column("brier", "Brier", Kind.RATIO, 1),
                Column("expected_error", "error", Kind.RATIO, 2),
                Column("saving", "saved", Kind.SHARE),
                Column("freshness_loss", "freshness lost", Kind.SHARE, 4),
            ),
            empty=_NONE,
            made=_trained(tables.predictors),
        ),
        Table(
            "running",
            "Models under way, the least likely to be pushed first",
            "waste/open",
            rows.RunningRow,
            (
                Column("pipeline", "pipeline"),
                Column("key", "graphlet", rank=2, key="key"),
                Column("stage", "stage"),
                Column("probability", "push", Kind.SHARE),
                Column("stop", "stop", Kind.FLAG),
                Column("spent", "spent", Kind.COST, 1),
                Column("to_spend", "to spend", Kind.COST),
                Column("why", "because", rank=3),
            ),
            empty="none, or no predictor for them",
            made=_running,
        ),
    ),
)
