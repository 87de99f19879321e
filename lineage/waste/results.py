"""What training finds: figures with their intervals, curves, and what may be promised."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from lineage.waste.models import Family
from lineage.waste.stages import Stage


class Result(BaseModel):
    """Base of all results; none can be changed."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Estimate(Result):
    """A figure with a bootstrap interval over pipelines.

    Attributes:
        value: None where it is not defined, as with one class only.
        low: end of the 95 % interval; None where there is none.
        high: its other end.
    """

    value: float | None
    low: float | None = None
    high: float | None = None


class Bin(Result):
    """Graphlets with about the same prediction.

    Attributes:
        predicted: mean probability.
        pushed: share that was pushed.
        graphlets: how many.
    """

    predicted: float
    pushed: float
    graphlets: int


class Figures(Result):
    """How well one predictor does at one stage, on a test part.

    Attributes:
        stage: when it is asked.
        predictor: a family of models or rules, or "oracle".
        threshold: probability under which a model counts as not to be pushed; the one that was
            best on the choosing part.
        balanced_accuracy: mean share of pushed and of unpushed graphlets that are told right.
        precision: share of those told unpushed that are.
        recall: share of the unpushed that are told so.
        brier: mean squared error of the probability.
        auc: chance that a pushed one has a higher probability than an unpushed one.
        chance: whether the AUC may be that of chance: its 99 % interval includes 0.5 or lies below.
        expected_error: mean distance between predicted probability and share of pushed, over the
            bins of the calibration.
        calibration: ten bins of about as many graphlets each.
        graphlets: of the test part that there is a prediction for.
        pushed: of them.
    """

    stage: Stage
    predictor: str
    threshold: float
    balanced_accuracy: Estimate
    precision: Estimate
    recall: Estimate
    brier: Estimate
    auc: Estimate
    chance: bool
    expected_error: float | None
    calibration: tuple[Bin, ...]
    graphlets: int
    pushed: int


class Importance(Result):
    """What a feature is worth: what is lost when it is shuffled on the test part.

    Attributes:
        stage: at which the model is asked.
        feature: its name.
        balanced_accuracy: drop.
        auc: drop.
    """

    stage: Stage
    feature: str
    balanced_accuracy: float
    auc: float


class Point(Result):
    """What a threshold would have done.

    Attributes:
        threshold: models under it are stopped.
        saving: share of the wasted cost that is saved.
        freshness_loss: 1 - A0/A1 for the mean age of deployed models under the record, A0, and
            under the policy, A1.
        pushes_lost: share of pushes that do not happen.
    """

    threshold: float
    saving: float
    freshness_loss: float
    pushes_lost: float


class Curve(Result):
    """What all thresholds would have done, at one stage.

    Attributes:
        stage: when models are stopped.
        predictor: a family of models or rules, "oracle" or "perfect".
        points: by rising threshold.
    """

    stage: Stage
    predictor: str
    points: tuple[Point, ...]


class Policy(Result):
    """What is chosen for a stage, and what it does on the test part.

    Attributes:
        stage: when models are stopped.
        predictor: a family of models or rules, "oracle" or "perfect".
        threshold: models under it are stopped; None when nothing can be saved.
        verdict: in words.
        saving: share of the wasted cost that is saved.
        saved: that cost.
        wasted: the wasted cost of the test part.
        freshness_loss: see `Point`.
        pushes_lost: share of pushes that do not happen.
        stopped: share of the test part's graphlets.
        over_limit: whether more freshness was lost on the test part than was bearable; the
            threshold kept within the limit on the choosing part only.
    """

    stage: Stage
    predictor: str
    threshold: float | None
    verdict: str
    saving: Estimate
    saved: float
    wasted: float
    freshness_loss: Estimate
    pushes_lost: Estimate
    stopped: float
    over_limit: bool = False


class InsufficientData(Result):
    """Why there is no headline.

    Attributes:
        reason: what there is, and what would be enough.
    """

    reason: str


class Outcome(Result):
    """All that is found with one split.

    Attributes:
        split: "time" or "pipeline".
        train: graphlets.
        choose: graphlets.
        test: graphlets.
        clusters: that intervals rest on.
        clusters_are: "pipelines", or "blocks" of time where there are too few pipelines.
        figures: of each predictor at each stage.
        curves: likewise.
        policies: likewise.
        insufficient: why nothing was found.
    """

    split: str
    train: int = 0
    choose: int = 0
    test: int = 0
    clusters: int = 0
    clusters_are: str = "pipelines"
    figures: tuple[Figures, ...] = ()
    curves: tuple[Curve, ...] = ()
    policies: tuple[Policy, ...] = ()
    insufficient: InsufficientData | None = None


class Counts(Result):
    """What the data was.

    Attributes:
        graphlets: in all.
        pushed: closed and pushed.
        unpushed: closed, older than the horizon, not pushed.
        young: closed, not pushed, too young to say.
        open: left out.
        usable: that may train or test.
        pipelines: of those.
        horizon: ms.
        horizon_given: or else estimated.
        delays: push delays that the estimate rests on.
        flagged: pushes with a negative or unknown delay, which counts as 0.
    """

    graphlets: int
    pushed: int
    unpushed: int
    young: int
    open: int
    usable: int
    pipelines: int
    horizon: float
    horizon_given: bool
    delays: int
    flagged: int


class CostsUsed(Result):
    """What cost is counted.

    Attributes:
        unit: the one with the most cost.
        executions: whose cost counts.
        unknown: executions without a cost, which count 0.
        left_out: by other unit, the cost of executions in it.
    """

    unit: str
    executions: int
    unknown: int
    left_out: dict[str, float] = Field(default_factory=dict)


class Headline(Result):
    """What may be promised: the best stage of the split by time.

    Attributes:
        stage: at which stopping saves the most; None when nothing can be saved.
        family: of the model that decides.
        policy: what it does on the test part.
        verdict: in words.
    """

    stage: Stage | None
    family: Family | None
    policy: Policy | None
    verdict: str
