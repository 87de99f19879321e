"""Trains predictors of pushes, tells how good they are, and what stopping would have saved."""

from __future__ import annotations

import hashlib
from concurrent.futures import CancelledError, ThreadPoolExecutor, as_completed
from threading import Event, Lock
from typing import TYPE_CHECKING, Any

import numpy as np
from pydantic import ConfigDict, Field

from lineage.errors import WasteError
from lineage.waste.assess import Assessed, Data, Progress, assess
from lineage.waste.chosen import NOTHING
from lineage.waste.labels import label
from lineage.waste.models import MODELS, need_sklearn, quiet, versions
from lineage.waste.policy import costs
from lineage.waste.results import (
    CostsUsed,
    Counts,
    Headline,
    Importance,
    InsufficientData,
    Outcome,
    Result,
)
from lineage.waste.splits import by_pipeline, by_time
from lineage.waste.stages import STAGES, Stage
from lineage.waste.store import StageModel, WasteModel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lineage.waste.labels import Labels
    from lineage.waste.table import FeatureTable, Work

LEAST_GRAPHLETS = 200
"""Decided graphlets: a quarter of them, the test part, tells a share to about 14 points."""
LEAST_CLASS = 30
"""Pushed, and unpushed, graphlets: the test part then has about seven of each."""
LEAST_PIPELINES = 5
"""For the split by pipeline: two train, one chooses, and two can be told apart in the test."""
_STEPS = len(STAGES) * len(MODELS) * 2 + len(STAGES)


class Training(Result):
    """All that training finds.

    Attributes:
        counts: what the data was.
        costs: what cost was counted.
        max_freshness_loss: that policies were chosen with.
        seed: of all random choices.
        time: what was found with the split by time, on which the headline rests.
        pipeline: what was found with the split by pipeline.
        importances: of the features, for the kept models.
        families: of the model that is kept for each stage.
        headline: what may be promised, or why nothing may be.
        model: to save and use; None when nothing was trained. No part of the JSON.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    counts: Counts
    costs: CostsUsed
    max_freshness_loss: float
    seed: int
    time: Outcome
    pipeline: Outcome
    importances: tuple[Importance, ...] = ()
    families: dict[Stage, str] = Field(default_factory=dict)
    headline: Headline | InsufficientData
    model: WasteModel | None = Field(default=None, exclude=True, repr=False)


def train(
    table: FeatureTable,
    work: Work,
    *,
    max_freshness_loss: float = 0.02,
    horizon: float | None = None,
    oracle: NDArray[np.float64] | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> Training:
    """Train, evaluate and replay predictors of pushes, with a split by time and one by pipeline.

    Args:
        table: graphlets with their features.
        work: the executions that they hold.
        max_freshness_loss: largest loss of freshness that a policy may have, 0 to 1.
        horizon: ms after which a model without a push is unpushed; None to estimate it.
        oracle: (n, 5) best possible probabilities of simulated graphlets, NaN where unknown.
        seed: of all random choices.
        progress: told what is done, how many steps were, and how many there are; from the threads
            that train, one at a time.

    Raises:
        MissingExtraError: scikit-learn is not installed.
        WasteError: the table, the work or an argument is wrong.
    """
    if not 0 <= max_freshness_loss <= 1:
        raise WasteError(f"a loss of freshness of {max_freshness_loss} is none; give 0 to 1")
    if oracle is not None and oracle.shape != (len(table), len(STAGES)):
        raise WasteError(f"the oracle has shape {oracle.shape}; give {(len(table), len(STAGES))}")
    work.check(len(table))
    need_sklearn()
    labels = label(table, horizon)
    counted = costs(table, work)
    steps = _Steps(progress)
    data = Data(table, work, counted, labels, oracle, max_freshness_loss, seed, steps.tell)
    counts = _counts(table, labels)
    by = {"time": _insufficient(counts)}
    by["pipeline"] = by["time"] or _few_pipelines(counts)
    found = {
        name: Assessed(Outcome(split=name, insufficient=reason)) for name, reason in by.items()
    }
    with quiet(), ThreadPoolExecutor(len(by), thread_name_prefix="lineage-waste") as pool:
        asked = {}
        if by["time"] is None:
            asked["time"] = pool.submit(assess, data, by_time(table, labels), with_importance=True)
        if by["pipeline"] is None:
            asked["pipeline"] = pool.submit(assess, data, by_pipeline(table, labels, seed))
        try:
            for one in as_completed(asked.values()):
                one.result()
        except BaseException:
            steps.stop()  # whoever interrupts, and whoever waits for an error, waits for one step
            raise
        found |= {name: one.result() for name, one in asked.items()}
    whole = Training(
        counts=counts, costs=counted.used, max_freshness_loss=max_freshness_loss, seed=seed,
        time=found["time"].outcome, pipeline=found["pipeline"].outcome,
        importances=found["time"].importances,
        families={stage: one.fitted.family for stage, one in found["time"].kept.items()},
        headline=_headline(found["time"]),
    )  # fmt: skip
    return whole.model_copy(update={"model": _model(whole, found["time"], data)})


class _Steps:
    """Counts the steps for whoever wants to know."""

    def __init__(self, progress: Progress | None) -> None:
        self._progress, self._done = progress, 0
        self._lock, self._stopped = Lock(), Event()

    def stop(self) -> None:
        self._stopped.set()

    def tell(self, what: str) -> None:
        if self._stopped.is_set():
            raise CancelledError
        with self._lock:
            if self._progress is not None:
                self._progress(what, self._done, _STEPS)
            self._done += 1


def _counts(table: FeatureTable, labels: Labels) -> Counts:
    usable = labels.usable
    return Counts(
        graphlets=len(table), pushed=int(labels.pushed.sum()),
        unpushed=int(labels.unpushed.sum()), young=int(labels.young.sum()),
        open=int(labels.open.sum()), usable=int(usable.sum()),
        pipelines=len(np.unique(table.pipelines[usable])), horizon=labels.horizon,
        horizon_given=labels.given, delays=labels.delays, flagged=labels.flagged,
    )  # fmt: skip


def _insufficient(counts: Counts) -> InsufficientData | None:
    decided = counts.usable
    if decided < LEAST_GRAPHLETS:
        return InsufficientData(reason=f"{decided} decided graphlets; {LEAST_GRAPHLETS} are needed")
    for name, count in (("pushed", counts.pushed), ("unpushed", counts.unpushed)):
        if count < LEAST_CLASS:
            return InsufficientData(reason=f"{count} {name} graphlets; {LEAST_CLASS} are needed")
    return None


def _few_pipelines(counts: Counts) -> InsufficientData | None:
    if counts.pipelines >= LEAST_PIPELINES:
        return None
    return InsufficientData(
        reason=f"{counts.pipelines} pipelines with decided graphlets; {LEAST_PIPELINES} are needed"
    )


def _headline(found: Assessed) -> Headline | InsufficientData:
    if found.outcome.insufficient is not None:
        return found.outcome.insufficient
    able = {
        stage: one.policy for stage, one in found.kept.items() if one.policy.threshold is not None
    }
    if not able:
        return Headline(stage=None, family=None, policy=None, verdict=NOTHING)
    best = max(able, key=lambda stage: able[stage].saving.value or 0.0)
    verdict = f"by stopping at stage {best}, {able[best].verdict}"
    return Headline(
        stage=best, family=found.kept[best].fitted.family, policy=able[best], verdict=verdict
    )


def _model(whole: Training, found: Assessed, data: Data) -> WasteModel | None:
    if found.encoder is None:
        return None
    return WasteModel(
        encoder=found.encoder,
        stages={
            stage: StageModel(one.fitted, one.policy.threshold) for stage, one in found.kept.items()
        },
        fingerprint=fingerprint(data.table, data.labels),
        horizon=data.labels.horizon,
        versions=versions(),
        summary=_summary(whole, found),
    )


def fingerprint(table: FeatureTable, labels: Labels) -> str:
    """A hash of the graphlets that train and test, and of what became of them."""
    rows = labels.usable
    digest = hashlib.sha256()
    for values in (table.source[rows], table.key[rows]):
        digest.update("\0".join(values.tolist()).encode() + b"\0\0")
    digest.update(np.packbits(labels.pushed[rows]).tobytes())
    return digest.hexdigest()


def _summary(whole: Training, found: Assessed) -> dict[str, Any]:
    """What to know of a model that is used elsewhere, without its curves."""
    families = {stage: one.fitted.family.value for stage, one in found.kept.items()}
    told = [
        one.model_dump(mode="json", exclude={"calibration"})
        for one in found.outcome.figures
        if one.predictor == families[one.stage]
    ]
    return {
        "counts": whole.counts.model_dump(mode="json"),
        "costs": whole.costs.model_dump(mode="json"),
        "max_freshness_loss": whole.max_freshness_loss,
        "headline": whole.headline.model_dump(mode="json"),
        "figures": told,
        "policies": [one.policy.model_dump(mode="json") for one in found.kept.values()],
        "brier_when_chosen": {stage.value: one.brier for stage, one in found.kept.items()},
    }
