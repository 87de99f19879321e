"""One logical pipeline, to be written into every source.

Two runs of a pipeline: the first ingests a span, trains and pushes a model; the second, on the same
span, is answered from a cache once, fails to train once, then trains on from the first model and
compares with it, and pushes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from lineage.distributions import numeric
from lineage.records import (
    Artifact,
    ArtifactClass,
    Event,
    EventKind,
    Execution,
    Feature,
    FeatureKind,
    Membership,
    NodeKind,
    OperatorClass,
    Pipeline,
    Run,
    State,
)
from lineage_ingest.datasets import shared_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lineage.records import Record

NOW = 1_772_323_200_000
"""2026-03-01, in milliseconds."""
MINUTE, DAY = 60_000, 86_400_000
PIPELINE, LAKE = "taxi", "s3://lake"
RAW, RAW_VERSION = "raw/taxi", "7"
RAW_ID = shared_id(f"{LAKE}/{RAW}", RAW_VERSION)
COMMIT = "0123456789abcdef0123456789abcdef01234567"
DIGEST = "00112233445566778899aabbccddeeff"
DATA = frozenset({"examples", "features-1", "features-2"})
"""Artifacts that are `transform` when a transformation made them, else `span`."""

OPERATORS = {
    "daily": OperatorClass.OTHER,
    "ingest": OperatorClass.INGESTION,
    "statistics": OperatorClass.ANALYSIS,
    "transform": OperatorClass.TRANSFORMATION,
    "train": OperatorClass.TRAINING,
    "epoch": OperatorClass.OTHER,
    "evaluate": OperatorClass.EVALUATION,
    "deploy": OperatorClass.DEPLOYMENT,
}
CLASSES = {
    "raw": ArtifactClass.SPAN,
    "examples": ArtifactClass.SPAN,
    "statistics": ArtifactClass.STATISTICS,
    "features": ArtifactClass.TRANSFORM,
    "model": ArtifactClass.MODEL,
    "metrics": ArtifactClass.EVALUATION,
    "pushed": ArtifactClass.DEPLOYMENT,
}


TFX = {
    "ingest": "tfx.components.example_gen.csv_example_gen.component.CsvExampleGen",
    "statistics": "tfx.components.statistics_gen.component.StatisticsGen",
    "transform": "tfx.components.transform.component.Transform",
    "train": "tfx.components.trainer.component.Trainer",
    "evaluate": "tfx.components.evaluator.component.Evaluator",
    "deploy": "tfx.components.pusher.component.Pusher",
    "daily": "system.DAGExecution",
    "epoch": "acme.Epoch",
}
TYPES = {
    "raw": "Dataset",
    "examples": "Examples",
    "features": "Examples",
    "statistics": "ExampleStatistics",
    "model": "Model",
    "metrics": "ModelEvaluation",
    "pushed": "PushedModel",
}


@dataclass(slots=True)
class Step:
    """One execution: minutes from the start of its run, `role:artifact` read, artifacts written."""

    id: str
    run: int
    start: int
    end: int
    reads: str = ""
    writes: str = ""
    parent: str | None = None
    state: State = State.COMPLETE
    cost: float | None = None

    @property
    def node(self) -> str:
        """What it is called in every run."""
        return self.id.partition("-")[0]


STEPS = (
    Step("daily-1", 1, 0, 60),
    Step("ingest-1", 1, 0, 10, "source:raw", "examples"),
    Step("statistics-1", 1, 10, 12, "examples:examples", "statistics"),
    Step("transform-1", 1, 12, 20, "examples:examples", "features-1"),
    Step("train-1", 1, 20, 50, "examples:features-1", "model-1", cost=3_600.0),
    Step("epoch-1", 1, 25, 35, parent="train-1"),
    Step("evaluate-1", 1, 50, 55, "model:model-1 examples:examples", "metrics-1"),
    Step("deploy-1", 1, 55, 56, "model:model-1", "pushed-1"),
    Step("daily-2", 2, 0, 70),
    Step("statistics-2", 2, 1, 1, "examples:examples", "statistics", state=State.CACHED),
    Step("transform-2", 2, 2, 9, "examples:examples", "features-2"),
    Step("train-failed", 2, 10, 14, "examples:features-2", state=State.FAILED),
    Step("train-2", 2, 15, 45, "examples:features-2 base_model:model-1", "model-2"),
    Step(
        "evaluate-2",
        2,
        45,
        52,
        "model:model-2 examples:examples baseline_model:model-1",
        "metrics-2",
    ),
    Step("deploy-2", 2, 52, 53, "model:model-2", "pushed-2"),
)
PARAMETERS = {"depth": 3, "optimizer": "adam"}
"""Of every training."""

FEATURE = Feature(name="fare", kind=FeatureKind.NUMERIC, weights=numeric([1.0], [1.0], [5]))


def pipeline() -> list[Record]:
    """The whole of it as records; ids are logical names, `train-1`."""
    return [
        Pipeline(id=PIPELINE, name=PIPELINE),
        *(Run(id=f"run-{run}", name=f"run-{run}") for run in (1, 2)),
        *_artifacts(),
        *(record for step in STEPS for record in _step(step)),
        *(
            Membership(
                member_kind=NodeKind.RUN,
                member=f"run-{run}",
                container_kind=NodeKind.PIPELINE,
                container=PIPELINE,
            )
            for run in (1, 2)
        ),
    ]


def _artifacts() -> Iterator[Artifact]:
    ends = (name for step in STEPS for name in [*_reads(step).values(), *step.writes.split()])
    for name in dict.fromkeys(ends):
        kind = name.partition("-")[0]
        yield Artifact(
            id=name,
            type=kind,
            artifact=CLASSES[kind],
            uri=f"{LAKE}/{name}",
            version=RAW_VERSION if name == "raw" else None,
            digest=f"md5:{DIGEST}" if name == "examples" else None,
            size=4_096 if name == "examples" else None,
            pushed=False if name == "pushed-2" else None,
            features=[FEATURE] if name == "statistics" else None,
        )


def _reads(step: Step) -> dict[str, str]:
    """What a step reads, by role."""
    return dict(one.split(":") for one in step.reads.split())


def _step(step: Step) -> Iterator[Record]:
    begun = NOW + step.run * DAY
    trains = step.node == "train"
    yield Execution(
        id=step.id,
        type=step.node,
        node=step.node,
        operator=OPERATORS[step.node],
        state=step.state,
        started=begun + step.start * MINUTE,
        ended=begun + step.end * MINUTE,
        cost=step.cost,
        cost_unit="s" if step.cost is not None else None,
        code_version=COMMIT if trains else None,
        parent=step.parent or (f"daily-{step.run}" if step.node != "daily" else None),
        properties=dict(PARAMETERS) if trains else {},
    )
    for role, read in _reads(step).items():
        yield Event(execution=step.id, artifact=read, kind=EventKind.INPUT, role=role)
    for written in step.writes.split():
        role = written.partition("-")[0]
        yield Event(execution=step.id, artifact=written, kind=EventKind.OUTPUT, role=role)
    yield Membership(
        member_kind=NodeKind.EXECUTION,
        member=step.id,
        container_kind=NodeKind.RUN,
        container=f"run-{step.run}",
    )


class Said:
    """Records by kind, to be written or cut down."""

    def __init__(self, records: Iterable[Record]) -> None:
        records = list(records)
        self.executions = {one.id: one for one in records if isinstance(one, Execution)}
        self.artifacts = {one.id: one for one in records if isinstance(one, Artifact)}
        self.events = [one for one in records if isinstance(one, Event)]
        self.memberships = [one for one in records if isinstance(one, Membership)]
        self.rest = [one for one in records if isinstance(one, Pipeline | Run)]

    def records(self) -> list[Record]:
        """All of them, nodes first."""
        nodes = [*self.rest, *self.executions.values(), *self.artifacts.values()]
        return [*nodes, *self.events, *self.memberships]

    def run(self, execution: str) -> str | None:
        """The run that an execution was part of."""
        found = (one.container for one in self.memberships if one.member == execution)
        return next(found, None)

    def reads(self, execution: str) -> list[Event]:
        """Its inputs."""
        return [e for e in self.events if e.execution == execution and not e.kind.writes]

    def writes(self, execution: str) -> list[str]:
        """The artifacts that it wrote."""
        return [e.artifact for e in self.events if e.execution == execution and e.kind.writes]

    def drop(self, *names: str) -> None:
        """Take executions or artifacts out, with their edges."""
        gone = set(names)
        for held in (self.executions, self.artifacts):
            for name in gone & held.keys():
                del held[name]
        self.events = [e for e in self.events if not gone & {e.execution, e.artifact}]
        self.memberships = [one for one in self.memberships if one.member not in gone]


@dataclass(slots=True)
class Told:
    """A source that was written: where, and the logical name of each of its ids."""

    location: str
    executions: dict[str, str] = field(default_factory=dict)
    artifacts: dict[str, str] = field(default_factory=dict)
    runs: dict[str, str] = field(default_factory=dict)


def kind_of(name: str) -> str:
    """`model` of `model-1`."""
    return name.partition("-")[0]


def iso(milliseconds: int | None) -> str:
    """A time as text."""
    return datetime.fromtimestamp((milliseconds or 0) / 1_000, UTC).isoformat()
