"""What a reader yields: the neutral form of a trace, before it becomes a graph.

A reader turns its native format into these records, in any number, one at a time. Nodes come
before the events and memberships that name them. Ids are the source's own, as text; times are
milliseconds since 1970-01-01 UTC. Nothing here knows Neo4j.

Of two records of one thing the later holds: by update time, or, where a reader derives records from
several others, by `revision`, a text that sorts them; then by a hash of the content.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

Scalar: TypeAlias = bool | int | float | str
Value: TypeAlias = "Scalar | list[Value] | dict[str, Value] | None"
Properties: TypeAlias = dict[str, Value]

FEATURE_BINS = 16
FEATURE_WHOLE = 1_000


class OperatorClass(StrEnum):
    """What kind of work an execution does."""

    INGESTION = "ingestion"
    ANALYSIS = "analysis"
    VALIDATION = "validation"
    TRANSFORMATION = "transformation"
    TUNING = "tuning"
    TRAINING = "training"
    EVALUATION = "evaluation"
    INFERENCE = "inference"
    DEPLOYMENT = "deployment"
    RESOLUTION = "resolution"
    OTHER = "other"


class ArtifactClass(StrEnum):
    """What kind of data an artifact is."""

    SPAN = "span"
    STATISTICS = "statistics"
    SCHEMA = "schema"
    ANOMALIES = "anomalies"
    TRANSFORM = "transform"
    HYPERPARAMETERS = "hyperparameters"
    MODEL = "model"
    EVALUATION = "evaluation"
    BLESSING = "blessing"
    DEPLOYMENT = "deployment"
    OTHER = "other"


class State(StrEnum):
    """How an execution or a run stands, as its source says it."""

    RUNNING = "RUNNING"
    COMPLETE = "COMPLETE"
    FAILED = "FAILED"
    CANCELED = "CANCELED"
    CACHED = "CACHED"
    ABANDONED = "ABANDONED"
    UNKNOWN = "UNKNOWN"


class EventKind(StrEnum):
    """How an execution touched an artifact."""

    INPUT = "INPUT"
    OUTPUT = "OUTPUT"
    INTERNAL_INPUT = "INTERNAL_INPUT"
    INTERNAL_OUTPUT = "INTERNAL_OUTPUT"
    PENDING_OUTPUT = "PENDING_OUTPUT"

    @property
    def writes(self) -> bool:
        """Whether data flowed out of the execution."""
        return self.name.endswith("OUTPUT")


class NodeKind(StrEnum):
    """The nodes that a membership can join."""

    PIPELINE = "pipeline"
    RUN = "run"
    CONTEXT = "context"
    EXECUTION = "execution"
    ARTIFACT = "artifact"


@dataclass(slots=True, kw_only=True)
class Pipeline:
    """A recurring job; `id` is its name where the source has no other."""

    id: str
    name: str
    type: str | None = None
    native_id: str | None = None
    created: int | None = None
    updated: int | None = None
    properties: Properties = field(default_factory=dict)
    revision: str | None = None


@dataclass(slots=True, kw_only=True)
class Run:
    """One run of a pipeline."""

    id: str
    name: str
    type: str | None = None
    native_id: str | None = None
    state: State | None = None
    started: int | None = None
    ended: int | None = None
    created: int | None = None
    updated: int | None = None
    properties: Properties = field(default_factory=dict)
    revision: str | None = None


@dataclass(slots=True, kw_only=True)
class Context:
    """Any other grouping that a source keeps: a node, a cache entry, an experiment."""

    id: str
    name: str
    type: str | None = None
    created: int | None = None
    updated: int | None = None
    properties: Properties = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Execution:
    """One run of an operator.

    Attributes:
        type: the native type, e.g. `tfx.components.trainer.component.Trainer`.
        base_type: what the source's type system says it is, e.g. MLMD's `Train`.
        node: the node or task name within the pipeline.
        operator: the class, where the source states it; else it is found by rules when loading.
        cost: in `cost_unit`; None when the source has none, then the duration stands for it.
        parent: id of the execution that this one is part of.
    """

    id: str
    type: str
    name: str | None = None
    base_type: str | None = None
    node: str | None = None
    operator: OperatorClass | None = None
    state: State = State.UNKNOWN
    started: int | None = None
    ended: int | None = None
    cost: float | None = None
    cost_unit: str | None = None
    code_version: str | None = None
    parent: str | None = None
    created: int | None = None
    updated: int | None = None
    properties: Properties = field(default_factory=dict)
    revision: str | None = None


class FeatureKind(StrEnum):
    """What kind of values a feature of a data set has."""

    NUMERIC = "numeric"
    CATEGORICAL = "categorical"


@dataclass(slots=True, kw_only=True)
class Feature:
    """How the values of one feature are distributed in one data set.

    Attributes:
        weights: shares of its values in `FEATURE_BINS` bins that are the same for every data set,
            in thousandths, `FEATURE_WHOLE` in all; empty where the distribution is not known (all
            values null, an empty histogram). `lineage.distributions` makes them from histograms.
    """

    name: str
    kind: FeatureKind
    weights: list[int] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Artifact:
    """Something read or written.

    Attributes:
        artifact: the class, where the source states it; else it is found by rules when loading.
        digest: of the content, as `algorithm:hex` or whatever the source calls it.
        size: in bytes.
        pushed: for a deployment's output, whether something was really pushed; None if unsaid.
        features: of a span or its statistics, sorted by name; None where nothing is known of them.
    """

    id: str
    type: str
    name: str | None = None
    base_type: str | None = None
    artifact: ArtifactClass | None = None
    uri: str | None = None
    digest: str | None = None
    version: str | None = None
    size: int | None = None
    state: str | None = None
    pushed: bool | None = None
    features: list[Feature] | None = None
    created: int | None = None
    updated: int | None = None
    properties: Properties = field(default_factory=dict)
    revision: str | None = None


@dataclass(slots=True, kw_only=True)
class Event:
    """An execution read or wrote an artifact, in a role and at an index of that role."""

    execution: str
    artifact: str
    kind: EventKind
    role: str = ""
    index: int | None = None
    time: int | None = None
    position: str | None = None


@dataclass(slots=True, kw_only=True)
class Membership:
    """A node belongs to a container: an execution to a run, a run to a pipeline, and so on."""

    member_kind: NodeKind
    member: str
    container_kind: NodeKind
    container: str
    position: str | None = None


@dataclass(slots=True, kw_only=True)
class SetAside:
    """A record that could not be used, with the reason and where it stood in the source."""

    kind: str
    position: str
    reason: str


Node: TypeAlias = Pipeline | Run | Context | Execution | Artifact
Record: TypeAlias = Node | Event | Membership | SetAside
