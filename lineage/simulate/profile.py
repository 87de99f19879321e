"""What a simulated corpus is like: every default in one place, with its reason."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class Profile(BaseModel):
    """The knobs of the simulator.

    Shares and chances are from 0 to 1, times in days unless said otherwise. No corpus of this kind
    is public, so most defaults are judgements; each says which.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    lifespan_days: float = Field(
        42.0,
        gt=0,
        description="mean days that a pipeline is in use, exponential; weeks rather than months, "
        "as the study of production pipelines tells of its corpus",
    )
    runs_a_day: float = Field(
        1.55,
        gt=0,
        description="median of a log-normal: most pipelines run daily, some hourly, some monthly; "
        "with the spread below, 3,000 pipelines train over 450,000 models in 130 days",
    )
    runs_spread: float = Field(
        1.2, ge=0, description="its sigma: a tenth of the pipelines runs over seven times a day"
    )
    jitter: float = Field(
        0.25, ge=0, le=1, description="spread of the time between runs: triggers are not clocks"
    )
    windows: dict[int, float] = Field(
        default={1: 0.55, 2: 0.13, 3: 0.12, 7: 0.15, 14: 0.05},
        description="spans that a model is trained on, with their chance: the newest alone, or a "
        "rolling window of days, a week or two",
    )
    families: dict[str, float] = Field(
        default={"dnn": 0.6, "linear": 0.18, "boosted_trees": 0.14, "ensemble": 0.08},
        description="model families, with their chance; deep networks are the majority where TFX "
        "is used",
    )
    trainers: dict[int, float] = Field(
        default={1: 0.86, 2: 0.11, 3: 0.03},
        description="trainers that share one transform: mostly one, sometimes an A/B pair or three",
    )
    statistics: float = Field(0.93, description="share of pipelines that compute statistics")
    schema_: float = Field(0.9, alias="schema", description="of those, that infer a schema")
    validator: float = Field(0.85, description="of those, that validate examples against it")
    transform: float = Field(0.78, description="share with a Transform; others train on raw spans")
    tuner: float = Field(0.06, description="share that tunes; costly, so few do")
    tuning_every: int = Field(20, gt=0, description="runs from one tuning to the next")
    evaluator: float = Field(0.82, description="share that evaluates, and blesses, its models")
    baseline: float = Field(
        0.5, description="of those, that compare with the last blessed model, through a resolver"
    )
    infra_validator: float = Field(0.12, description="share that tests whether a server loads it")
    inference: float = Field(0.06, description="share that scores a batch with each pushed model")
    pusher: float = Field(0.9, description="share that can push; others are experiments")
    warm_start: float = Field(0.22, description="share whose trainers start from the last model")
    shared_source: float = Field(
        0.2, description="share of pipelines that ingest the same source as the rest of their team"
    )
    team: int = Field(5, gt=0, description="pipelines of a team, in a row")
    caching: float = Field(
        0.6, description="share whose orchestrator reuses cached outputs; others do the work again"
    )
    rerun: float = Field(
        0.06,
        description="chance that a run has no new span: started again by hand or for new code; "
        "without caching, what it does before training is redundant",
    )
    code_change: float = Field(
        0.05, description="chance that a run brings new code of the user's modules"
    )
    restructure: float = Field(
        0.008,
        description="chance that a run has another structure from now on: it gains or loses a "
        "transform, an evaluation, a trial on a server or the validation of data",
    )
    settling: int = Field(
        10, gt=0, description="runs until a changed structure does what its makers wanted"
    )
    failure: float = Field(
        0.012, description="chance that an operator fails; what depends on it does not run"
    )
    trainer_failure: float = Field(
        0.035, description="chance that a training fails: it runs longest and on scarce machines"
    )
    retry: float = Field(0.5, description="chance that what failed is tried once more")
    features: float = Field(
        12.0,
        gt=0,
        description="median number of features, log-normal; kept low to keep the trace small",
    )
    features_spread: float = Field(
        0.7, ge=0, description="its sigma: a few pipelines have five times as many"
    )
    most_features: int = Field(
        60, gt=0, description="no more than these, so that no span outweighs a thousand others"
    )
    categorical: float = Field(0.45, description="share of features that are categorical")
    drift: float = Field(
        0.05, ge=0, description="how far a feature's centre moves from span to span, in bins"
    )
    shock: float = Field(0.04, description="chance that the data of a span jumps, and stays so")
    blessing: float = Field(
        1.1, description="log odds that a model is good enough when nothing has changed"
    )
    blessing_drift: float = Field(
        -3.0,
        description="added to them when the data has jumped within the window; less for a jump "
        "of under two bins",
    )
    blessing_structure: float = Field(
        -1.6, description="added to them while a changed structure settles"
    )
    blessing_code: float = Field(
        -0.6,
        description="added to them by new code; less, as the study finds drift and structure, "
        "not code, to go with models that are not pushed",
    )
    blessing_noise: float = Field(0.8, ge=0, description="sigma of what cannot be explained")
    servable: float = Field(0.97, description="chance that a server can load a model")
    gate: float = Field(
        0.3, description="share that pushes no model of data that its validation found anomalous"
    )
    anomalies: int = Field(2, gt=0, description="anomalies in a span that close this gate")
    manual: float = Field(0.15, description="share of pipelines where a person decides to push")
    manual_push: float = Field(0.12, description="chance that the person does, for a good model")
    manual_hours: float = Field(4.0, ge=0, description="mean hours that they take, exponential")
    throttle: dict[float, float] = Field(
        default={0.0: 0.45, 1.0: 0.3, 3.0: 0.15, 7.0: 0.1},
        description="days that must pass between two pushes, with their chance",
    )
    fresh: float = Field(
        0.1,
        description="share with a freshness policy: pushed, blessed or not, when the last push is "
        "too old",
    )
    fresh_days: float = Field(
        3.0, gt=0, description="how old that is: a few days, as for ranking and fraud"
    )
    silent_pusher: float = Field(
        0.5, description="share that runs the Pusher for every model: it then says `pushed: false`"
    )


COSTS: dict[str, tuple[float, float, int]] = {
    # Median seconds, sigma of a log-normal, machines: training and data work dominate.
    "CsvExampleGen": (420, 0.8, 4),
    "StatisticsGen": (300, 0.7, 4),
    "SchemaGen": (12, 0.2, 1),
    "ExampleValidator": (20, 0.2, 1),
    "Transform": (700, 0.9, 6),
    "Tuner": (9000, 0.8, 8),
    "Trainer": (2700, 1.1, 4),
    "Resolver": (1, 0.1, 1),
    "Evaluator": (520, 0.7, 3),
    "InfraValidator": (90, 0.3, 1),
    "Pusher": (40, 0.4, 1),
    "BulkInferrer": (900, 0.8, 6),
}
"""Cost of one execution by operator; the unit of cost is machine seconds."""
