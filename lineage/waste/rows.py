"""Rows of the report about what training found, and about models under way."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003  pydantic reads it

from lineage.analyses.rows import Row


class Promise(Row):
    """What stopping early would save.

    Attributes:
        at: when it was found.
        says: what would be saved, in a sentence.
        because: what that rests on.
        stage: stage at which models are to be stopped; None when nothing can be saved.
        saving: share of the wasted cost that is saved.
        low: end of its 95 % interval.
        high: its other end.
        freshness_loss: share of freshness that it costs.
        pushes_lost: share of pushes that it costs.
        simulated: sources that a simulation made up.
    """

    at: datetime
    says: str
    because: str
    stage: str | None
    saving: float | None
    low: float | None
    high: float | None
    freshness_loss: float | None
    pushes_lost: float | None
    simulated: str


class StageRow(Row):
    """One stage: how well pushes are predicted, and what stopping then would have saved.

    Attributes:
        stage: when it is asked.
        spent: mean share of a graphlet's cost that is spent by then.
        predictor: the one that is kept for it.
        accuracy: balanced accuracy, with the split by time.
        accuracy_low: end of its 95 % interval.
        accuracy_high: its other end.
        accuracy_new: the same for pipelines that were not learned from; None where not tested.
        accuracy_best: that of the best possible prediction, where it is known.
        precision: share of those told unpushed that are.
        recall: share of the unpushed that are told so.
        saving: share of the wasted cost that the chosen threshold saves.
        saving_low: end of its 95 % interval.
        saving_high: its other end.
        saving_best: that of the best possible prediction, where it is known.
        freshness_loss: 1 - A0/A1 for the mean ages of deployed models.
        pushes_lost: share of pushes that do not happen.
        stopped: share of models that are stopped.
        threshold: probability of a push under which a model is stopped; None when none is.
    """

    stage: str
    spent: float | None
    predictor: str
    accuracy: float | None
    accuracy_low: float | None
    accuracy_high: float | None
    accuracy_new: float | None
    accuracy_best: float | None
    precision: float | None
    recall: float | None
    saving: float | None
    saving_low: float | None
    saving_high: float | None
    saving_best: float | None
    freshness_loss: float | None
    pushes_lost: float | None
    stopped: float
    threshold: float | None


class PredictorRow(Row):
    """One predictor at one stage, on one split.

    Attributes:
        split: `time`, tested on later models, or `pipeline`, on pipelines that were not learned
            from.
        stage: when it is asked.
        predictor: a family of models, a plain rule (`always`, `last`), or `oracle`, the best
            possible one of a simulated corpus.
        accuracy: balanced accuracy, 0 to 1.
        accuracy_low: end of its 95 % interval.
        accuracy_high: its other end.
        auc: chance that a pushed model has a higher probability than an unpushed one.
        brier: mean squared error of the probability.
        expected_error: mean distance between predicted probability and share of pushed.
        saving: share of the wasted cost that its chosen threshold saves.
        freshness_loss: 1 - A0/A1 for the mean ages of deployed models.
    """

    split: str
    stage: str
    predictor: str
    accuracy: float | None
    accuracy_low: float | None
    accuracy_high: float | None
    auc: float | None
    brier: float | None
    expected_error: float | None
    saving: float | None
    freshness_loss: float | None


class CurveRow(Row):
    """The most that may be saved at a loss of freshness, by stage; shares of the wasted cost.

    Attributes:
        loss: share of freshness that may be lost, at most.
        before: saved by stopping at stage `before`.
        data: saved at stage `data`.
        shape: saved at stage `shape`.
        training: saved at stage `training`.
        validation: saved at stage `validation`.
        last: saved by the rule that the same happens as last time, at stage `before`.
        best: saved by the best possible prediction at stage `before`, where that is known.
    """

    loss: float
    before: float | None
    data: float | None
    shape: float | None
    training: float | None
    validation: float | None
    last: float | None
    best: float | None


class CalibrationRow(Row):
    """Models with about the same predicted probability, at the stage of the headline.

    Attributes:
        stage: the headline's.
        predicted: mean probability of a push.
        pushed: share of them that was pushed.
        models: how many.
    """

    stage: str
    predicted: float
    pushed: float
    models: int


class FeatureWorth(Row):
    """What a feature is worth at a stage: the drop of figures when it is shuffled.

    Attributes:
        stage: when it is asked: that of the headline, and the last one.
        feature: its name.
        says: what it is, with its unit.
        accuracy: drop of the balanced accuracy.
        auc: drop of the AUC.
    """

    stage: str
    feature: str
    says: str
    accuracy: float
    auc: float


class FactorRow(Row):
    """What goes with a push.

    Attributes:
        factor: its name.
        says: what it is, with its unit.
        models: how many it is known of.
        pipelines: how many those are of.
        median: numbers are high above it; None for a flag, which is high when it is set.
        pushed_low: share of pushed models where it is low, or no.
        pushed_high: share of pushed models where it is high, or yes.
        difference: of these shares in percentage points, high minus low.
        low: end of the 95 % interval of the difference.
        high: its other end.
        p: the corrected p-value, as text.
        p_corrected: chance of such a difference if there is none; after Holm, over all factors.
        delta: Cliff's delta, -1 to 1: the size of the effect, without a scale.
    """

    factor: str
    says: str
    models: int
    pipelines: int
    median: float | None
    pushed_low: float
    pushed_high: float
    difference: float
    low: float
    high: float
    p: str
    p_corrected: float
    delta: float


class RunningRow(Row):
    """A model under way; see `PushPrediction`.

    Attributes:
        key: key of its graphlet.
        pipeline: pipeline of its trainer.
        stage: the last one that it has reached, at which it is predicted.
        probability: chance that it will be pushed.
        threshold: probability under which it is to be stopped; None when nothing can be saved.
        stop: whether it is worth stopping.
        why: the two features that speak most for or against it, with their values and effects.
        spent: cost of what is over.
        to_spend: cost that models of the same node usually have after this stage.
        cost_unit: unit of both costs.
    """

    key: str
    pipeline: str | None
    stage: str
    probability: float
    threshold: float | None
    stop: bool
    why: str
    spent: float
    to_spend: float | None
    cost_unit: str | None
