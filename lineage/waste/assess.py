"""One split, all stages and predictors: trained, evaluated, and replayed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from lineage.waste import encode, models
from lineage.waste.chosen import Record, chosen
from lineage.waste.evaluate import Trial, best_threshold, figures
from lineage.waste.importance import importances
from lineage.waste.models import MODELS, Family, Fitted
from lineage.waste.policy import Costs, Scores, curve, replay
from lineage.waste.resample import resample
from lineage.waste.results import Curve, Figures, Importance, InsufficientData, Outcome, Policy
from lineage.waste.stages import STAGES, Stage

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from lineage.waste.encode import Encoder, Matrix
    from lineage.waste.labels import Labels
    from lineage.waste.splits import Split
    from lineage.waste.table import FeatureTable, Work

Progress: TypeAlias = "Callable[[str, int, int], None]"

LEAST_IN_PART = 3
"""Pushed and unpushed graphlets that each part of a split must have: with fewer, a threshold would
rest on one or two accidents."""
ORACLE = "oracle"
PERFECT = "perfect"


@dataclass(frozen=True, eq=False)
class Data:
    """What all splits share.

    Attributes:
        table: all graphlets.
        work: all executions.
        costs: theirs.
        labels: of the graphlets.
        oracle: (n, 5) best possible probabilities, where they are known.
        max_freshness_loss: that is bearable.
        seed: of all random choices.
        tell: told what is done, how many steps are, and of how many.
    """

    table: FeatureTable
    work: Work
    costs: Costs
    labels: Labels
    oracle: NDArray[np.float64] | None
    max_freshness_loss: float
    seed: int
    tell: Callable[[str], None]


@dataclass(frozen=True, eq=False)
class Kept:
    """The model that is kept for a stage.

    Attributes:
        fitted: the one with the least Brier score on the choosing part.
        brier: that score.
        policy: what it does.
    """

    fitted: Fitted
    brier: float
    policy: Policy


@dataclass(frozen=True, eq=False)
class Assessed:
    """What came of a split.

    Attributes:
        outcome: figures, curves and policies.
        encoder: of the features; None when nothing was trained.
        kept: the model of each stage.
        importances: of their features, where asked for.
    """

    outcome: Outcome
    encoder: Encoder | None = None
    kept: dict[Stage, Kept] = field(default_factory=dict)
    importances: tuple[Importance, ...] = ()


@dataclass(frozen=True, eq=False)
class _Case:
    """One split, prepared."""

    data: Data
    split: Split
    record: Record
    tested: Trial
    encoder: Encoder
    matrix: Matrix

    @property
    def pushed(self) -> NDArray[np.bool_]:
        return self.data.labels.pushed


def assess(data: Data, split: Split, *, with_importance: bool = False) -> Assessed:
    """Train and test all predictors on one split.

    Args:
        data: what all splits share.
        split: which graphlets do what.
        with_importance: whether to find what each feature is worth; it takes a while.
    """
    sizes = {"train": int(split.train.sum()), "choose": int(split.choose.rows.sum()),
             "test": int(split.test.rows.sum())}  # fmt: skip
    reason = lacking(data.labels.pushed, split)
    if reason is not None:
        short = InsufficientData(reason=reason)
        return Assessed(Outcome(split=split.name, **sizes, insufficient=short))
    case = _prepare(data, split)
    found = [_stage(case, stage, with_importance=with_importance) for stage in STAGES]
    resamples = case.record.resamples
    outcome = Outcome(
        split=split.name, **sizes, clusters=resamples.count, clusters_are=resamples.of,
        figures=tuple(one for stage in found for one in stage.figures),
        curves=tuple(one for stage in found for one in stage.curves),
        policies=tuple(one for stage in found for one in stage.policies),
    )  # fmt: skip
    kept = {stage: one.kept for stage, one in zip(STAGES, found, strict=True)}
    worth = tuple(one for stage in found for one in stage.importances)
    return Assessed(outcome, case.encoder, kept, worth)


def lacking(pushed: NDArray[np.bool_], split: Split) -> str | None:
    """Why a split cannot be used: a part with next to no pushed or unpushed graphlets."""
    parts = {"train": split.train, "choose": split.choose.rows, "test": split.test.rows}
    for name, rows in parts.items():
        hits = int(pushed[rows].sum())
        misses = int(rows.sum()) - hits
        if min(hits, misses) < LEAST_IN_PART:
            return (
                f"the part of the split by {split.name} to {name} has {hits} pushed and {misses} "
                f"unpushed graphlets; {LEAST_IN_PART} of each are needed"
            )
    return None


def _prepare(data: Data, split: Split) -> _Case:
    table, labels = data.table, data.labels
    resamples = resample(table.pipelines, split.test.rows, data.seed)
    record = Record(
        replay(table, data.work, data.costs, labels, split.choose),
        replay(table, data.work, data.costs, labels, split.test),
        resamples,
    )
    rows = np.flatnonzero(split.test.rows)
    encoder = encode.learn(table, split.train, labels.pushed)
    return _Case(
        data, split, record, Trial(rows, labels.pushed[rows], resamples), encoder,
        encoder.matrix(table),
    )  # fmt: skip


@dataclass(frozen=True, eq=False)
class _Stage:
    """What came of a stage."""

    kept: Kept
    figures: tuple[Figures, ...]
    curves: tuple[Curve, ...]
    policies: tuple[Policy, ...]
    importances: tuple[Importance, ...]


def _stage(case: _Case, stage: Stage, *, with_importance: bool) -> _Stage:
    fitted = _fit(case, stage)
    scores = {family.value: _scores(case, stage, one) for family, one in fitted.items()}
    scores |= _others(case, stage)
    choose = np.flatnonzero(case.split.choose.rows)
    pushed = case.pushed[choose]
    cuts = {name: best_threshold(one[choose], pushed) for name, one in scores.items()}
    told = tuple(figures(stage, name, one, cuts[name], case.tested) for name, one in scores.items())
    chance = {one.predictor: one.chance for one in told}
    scores[PERFECT] = case.pushed.astype(np.float64)
    curves = tuple(curve(stage, name, one, case.record.test) for name, one in scores.items())
    policies = {
        name: chosen(
            stage, name, one, case.record,
            max_freshness_loss=case.data.max_freshness_loss, chance=chance.get(name, False),
        )
        for name, one in scores.items()
    }  # fmt: skip
    briers = {one: float(((scores[one][choose] - pushed) ** 2).mean()) for one in MODELS}
    best = min(MODELS, key=lambda family: briers[family])
    worth: tuple[Importance, ...] = ()
    if with_importance:
        case.data.tell(f"importance of features at stage {stage}")
        rows = case.tested.rows
        worth = importances(
            stage, fitted[best], case.encoder.until(stage),
            case.matrix[rows, : case.encoder.width(stage)],
            pushed=case.tested.pushed, threshold=cuts[best], seed=case.data.seed,
        )  # fmt: skip
    kept = Kept(fitted[best], briers[best], policies[best])
    return _Stage(kept, told, curves, tuple(policies.values()), worth)


def _fit(case: _Case, stage: Stage) -> dict[Family, Fitted]:
    width = case.encoder.width(stage)
    train = np.flatnonzero(case.split.train)
    matrix, pushed = case.matrix[train, :width], case.pushed[train]
    found = {}
    for family in MODELS:
        case.data.tell(f"{family} at stage {stage}, split by {case.split.name}")
        columns = case.encoder.until(stage)
        found[family] = models.fit(family, columns, matrix, pushed, case.data.seed)
    return found


def _scores(case: _Case, stage: Stage, fitted: Fitted) -> Scores:
    """(n,) probabilities of what is chosen on or tested; NaN for the rest."""
    scores = np.full(len(case.data.table), np.nan)
    rows = np.flatnonzero(case.split.choose.rows | case.split.test.rows)
    scores[rows] = fitted.probabilities(case.matrix[rows, : case.encoder.width(stage)])
    return scores


def _others(case: _Case, stage: Stage) -> dict[str, Scores]:
    """Probabilities of the plain rules and, where it is known, the best possible one."""
    data = case.data
    rate = float(case.pushed[case.split.train].mean())
    found = {
        Family.ALWAYS.value: models.always(len(data.table)),
        Family.LAST.value: models.last(data.table, data.labels, stage.rank, rate),
    }
    if data.oracle is not None:
        found[ORACLE] = data.oracle[:, stage.rank]
    return found
