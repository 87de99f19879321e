"""What training found, as rows of a report."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lineage.waste.results import Headline
from lineage.waste.rows import (
    CalibrationRow,
    CurveRow,
    FactorRow,
    FeatureWorth,
    PredictorRow,
    Promise,
    RunningRow,
    StageRow,
)
from lineage.waste.stages import STAGES, Stage

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lineage.waste.live import PushPrediction
    from lineage.waste.predict import Reason
    from lineage.waste.results import Estimate, Figures, Policy
    from lineage.waste.service import WasteReport

LOSSES = (0.0, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2)
"""Losses of freshness that the curve is told for."""
_FEATURES = 10
_SOURCES = 3  # that a sentence names


def promise(report: WasteReport) -> Promise:
    """The headline, or why there is none."""
    found = report.training.headline
    counts = report.training.counts
    because = (
        f"{counts.usable:,} models of {counts.pipelines:,} pipelines of {_named(report.sources)} "
        f"whose fate is known, {counts.pushed:,} of them pushed"
    )
    policy = found.policy if isinstance(found, Headline) else None
    empty = {"stage": None, "saving": None, "low": None, "high": None}
    told = {"at": report.at, "because": because, "simulated": ", ".join(report.simulated)}
    if policy is None:
        reason = getattr(found, "verdict", None) or f"too little to tell: {found.reason}"  # type: ignore[union-attr]
        return Promise(
            says=_sentence(reason), freshness_loss=None, pushes_lost=None, **empty, **told
        )
    saving, loss, lost = policy.saving, policy.freshness_loss, policy.pushes_lost
    return Promise(
        says=f"Stopping models at stage `{policy.stage}` would have saved {_share(saving)} of the "
        f"wasted cost, at the price of {_share(loss)} of freshness and {_share(lost)} of pushes.",
        stage=policy.stage,
        saving=saving.value,
        low=saving.low,
        high=saving.high,
        freshness_loss=loss.value,
        pushes_lost=lost.value,
        **told,
    )


def _named(sources: Sequence[str]) -> str:
    if not sources or len(sources) > _SOURCES:
        return f"{len(sources):,} sources"
    return f"source{'s' if len(sources) != 1 else ''} {', '.join(sources)}"


def stages(report: WasteReport) -> Iterator[StageRow]:
    """Each stage, with the predictor that is kept for it."""
    time, new = report.training.time, report.training.pipeline
    figures = {(one.stage, one.predictor): one for one in time.figures}
    unseen = {(one.stage, one.predictor): one for one in new.figures}
    policies = {(one.stage, one.predictor): one for one in time.policies}
    for stage in STAGES:
        kept = report.training.families.get(stage)
        if kept is None:
            continue
        mine, best = figures[stage, kept], figures.get((stage, "oracle"))
        policy, ideal = policies[stage, kept], policies.get((stage, "oracle"))
        yield _stage(
            mine, policy, spent=report.spent.get(stage), new=unseen.get((stage, kept)), best=best,
            ideal=ideal,
        )  # fmt: skip


def _stage(
    mine: Figures,
    policy: Policy,
    *,
    spent: float | None,
    new: Figures | None,
    best: Figures | None,
    ideal: Policy | None,
) -> StageRow:
    accuracy, saving = mine.balanced_accuracy, policy.saving
    return StageRow(
        stage=mine.stage,
        spent=spent,
        predictor=mine.predictor,
        accuracy=accuracy.value,
        accuracy_low=accuracy.low,
        accuracy_high=accuracy.high,
        accuracy_new=new and new.balanced_accuracy.value,
        accuracy_best=best and best.balanced_accuracy.value,
        precision=mine.precision.value,
        recall=mine.recall.value,
        saving=saving.value,
        saving_low=saving.low,
        saving_high=saving.high,
        saving_best=ideal and ideal.saving.value,
        freshness_loss=policy.freshness_loss.value,
        pushes_lost=policy.pushes_lost.value,
        stopped=policy.stopped,
        threshold=policy.threshold,
    )


def predictors(report: WasteReport) -> Iterator[PredictorRow]:
    """Every predictor at every stage, on both splits."""
    for outcome in (report.training.time, report.training.pipeline):
        policies = {(one.stage, one.predictor): one for one in outcome.policies}
        for one in outcome.figures:
            policy = policies[one.stage, one.predictor]
            yield PredictorRow(
                split=outcome.split,
                stage=one.stage,
                predictor=one.predictor,
                accuracy=one.balanced_accuracy.value,
                accuracy_low=one.balanced_accuracy.low,
                accuracy_high=one.balanced_accuracy.high,
                auc=one.auc.value,
                brier=one.brier.value,
                expected_error=one.expected_error,
                saving=policy.saving.value,
                freshness_loss=policy.freshness_loss.value,
            )


def curve(report: WasteReport) -> Iterator[CurveRow]:
    """What the kept predictors save at growing losses of freshness."""
    curves = {(one.stage, one.predictor): one.points for one in report.training.time.curves}
    if not curves:
        return

    def most(stage: Stage, predictor: str, loss: float) -> float | None:
        points = curves.get((stage, predictor))
        if points is None:
            return None
        return max((one.saving for one in points if one.freshness_loss <= loss), default=0.0)

    for loss in LOSSES:
        found = {
            stage.value: most(stage, report.training.families.get(stage, ""), loss)
            for stage in STAGES
        }
        last = most(Stage.BEFORE, "last", loss)
        yield CurveRow(loss=loss, last=last, best=most(Stage.BEFORE, "oracle", loss), **found)


def calibration(report: WasteReport) -> Iterator[CalibrationRow]:
    """How often models of a predicted probability are pushed."""
    stage = headline_stage(report)
    kept = report.training.families.get(stage)
    for one in report.training.time.figures:
        if (one.stage, one.predictor) == (stage, kept):
            for found in one.calibration:
                yield CalibrationRow(
                    stage=stage,
                    predicted=found.predicted,
                    pushed=found.pushed,
                    models=found.graphlets,
                )


def worth(report: WasteReport, says: dict[str, str]) -> Iterator[FeatureWorth]:
    """The features that are worth most at the stage of the headline, and at the last one."""
    for stage in dict.fromkeys((headline_stage(report), Stage.VALIDATION)):
        listed = [one for one in report.training.importances if one.stage == stage]
        listed.sort(key=lambda one: (-one.auc, one.feature))
        for one in listed[:_FEATURES]:
            yield FeatureWorth(
                stage=stage,
                feature=one.feature,
                says=says.get(one.feature, ""),
                accuracy=one.balanced_accuracy,
                auc=one.auc,
            )


def effects(report: WasteReport) -> Iterator[FactorRow]:
    """What goes with pushes, strongest evidence first."""
    for one in report.factors.effects if report.factors else ():
        yield FactorRow(
            factor=one.factor,
            says=one.says,
            models=one.graphlets,
            pipelines=one.clusters,
            median=one.median,
            pushed_low=one.pushed_low,
            pushed_high=one.pushed_high,
            difference=one.difference,
            low=one.interval[0],
            high=one.interval[1],
            p="<0.001" if one.p_corrected < 0.001 else f"{one.p_corrected:.3f}",
            p_corrected=one.p_corrected,
            delta=one.delta,
        )


def headline_stage(report: WasteReport) -> Stage:
    """The stage at which the headline would stop models; the first one where it stops none."""
    found = report.training.headline
    return getattr(found, "stage", None) or Stage.BEFORE


def _share(found: Estimate) -> str:
    if found.value is None or np.isnan(found.value):
        return "an unknown share"
    text = f"{100 * found.value:.1f} %"
    if found.low is not None and found.high is not None:
        text += f" ({100 * found.low:.1f} to {100 * found.high:.1f} %)"
    return text


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def running(found: PushPrediction) -> RunningRow:
    """A prediction as a row."""
    return RunningRow(
        key=found.key,
        pipeline=found.pipeline,
        stage=found.stage,
        probability=found.probability,
        threshold=found.threshold,
        stop=found.stop,
        why=", ".join(because(reason) for reason in found.reasons[:2]),
        spent=found.spent,
        to_spend=found.to_spend,
        cost_unit=found.cost_unit,
    )


def because(reason: Reason) -> str:
    """A reason in a few words: `push_rate 0.02 (-1.9)`."""
    value = reason.value
    text = "unknown" if value is None else value if isinstance(value, str) else f"{value:.3g}"
    return f"{reason.feature} {text} ({reason.effect:+.1f})"
