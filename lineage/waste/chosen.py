"""The threshold that is chosen for a stage, and what it does on graphlets that came later."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lineage.waste.evaluate import estimate
from lineage.waste.policy import choose_threshold
from lineage.waste.results import Estimate, Policy

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lineage.waste.policy import Replay, Scores
    from lineage.waste.resample import Resamples
    from lineage.waste.stages import Stage

NOTHING = "nothing can be saved"


@dataclass(frozen=True, eq=False)
class Record:
    """The two parts that a policy is chosen and tested on.

    Attributes:
        choose: the part to choose on.
        test: the part to test on.
        resamples: of the clusters of the test part.
    """

    choose: Replay
    test: Replay
    resamples: Resamples


def chosen(
    stage: Stage,
    predictor: str,
    scores: Scores,
    record: Record,
    *,
    max_freshness_loss: float,
    chance: bool = False,
) -> Policy:
    """Choose a threshold on one part and report what it does on the other.

    Args:
        stage: when models are stopped.
        predictor: name of what gave the scores.
        scores: (n,) probabilities of a push; a graphlet without one is never stopped.
        record: both parts.
        max_freshness_loss: that is bearable on the choosing part.
        chance: whether the scores may be no better than chance; nothing is promised then.
    """
    threshold = choose_threshold(stage, scores, record.choose, max_freshness_loss)
    if threshold is None:
        return _nothing(stage, predictor, record.test, "no threshold saves any within the limit")
    tested = _tested(stage, predictor, scores, record, threshold)
    reason = None
    if chance:
        reason = "the prediction may be no better than chance"
    elif not tested.saving.low or tested.saving.low <= 0:
        reason = "the saving may be none"
    if reason is None:
        return _with_limit(tested, max_freshness_loss)
    return tested.model_copy(update={"threshold": None, "verdict": f"{NOTHING}: {reason}"})


def _with_limit(policy: Policy, limit: float) -> Policy:
    """Say so when the limit that was kept in choosing did not hold in the test."""
    loss = policy.freshness_loss.value or 0.0
    if loss <= limit:
        return policy
    verdict = f"{policy.verdict}, for {loss:.1%} of freshness where {limit:.1%} was the limit"
    return policy.model_copy(update={"over_limit": True, "verdict": verdict})


def _nothing(stage: Stage, predictor: str, test: Replay, reason: str) -> Policy:
    none = Estimate(value=0.0)
    return Policy(
        stage=stage,
        predictor=predictor,
        threshold=None,
        verdict=f"{NOTHING}: {reason}",
        saving=none,
        saved=0.0,
        wasted=test.wasted,
        freshness_loss=none,
        pushes_lost=none,
        stopped=0.0,
    )


def _tested(
    stage: Stage, predictor: str, scores: Scores, record: Record, threshold: float
) -> Policy:
    test, resamples = record.test, record.resamples
    falls = test.falls(stage, scores) < threshold
    first = test.indices[test.indptr[:-1]].astype(np.int64)
    saving = estimate(resamples.sums(first, test.cost * falls, test.cost), _ratio, resamples)
    lost = test.lost(scores, threshold)
    pushes = np.flatnonzero(test.pushed)
    pushes_lost = estimate(
        resamples.sums(pushes, lost[pushes].astype(np.float64), np.ones(len(pushes))),
        _ratio,
        resamples,
    )
    saved = float(test.cost[falls].sum())
    value = 0.0 if saving.value is None else saving.value
    return Policy(
        stage=stage,
        predictor=predictor,
        threshold=threshold,
        verdict=f"{value:.1%} of the wasted cost can be saved",
        saving=saving,
        saved=saved,
        wasted=test.wasted,
        freshness_loss=_freshness_loss(lost, record),
        pushes_lost=pushes_lost,
        stopped=float(test.stopped(scores, threshold)[test.part.rows].mean()),
    )


def _freshness_loss(lost: NDArray[np.bool_], record: Record) -> Estimate:
    """Loss of freshness; with blocks of time for clusters it has no interval."""
    fresh, resamples = record.test.freshness, record.resamples
    losses = fresh.losses(lost)
    if resamples.of != "pipelines":
        return Estimate(value=fresh.loss(lost))
    cluster = np.searchsorted(resamples.pipelines, fresh.pipeline)
    parts = (losses * fresh.length, fresh.length)
    sums = [np.bincount(cluster, one, minlength=resamples.count) for one in parts]
    return estimate(np.stack(sums, axis=1), _ratio, resamples)


def _ratio(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    ratio: NDArray[np.float64] = sums[:, 0] / sums[:, 1]
    return ratio
