"""The lines of the native trace format: what each kind may say.

A line is a JSON object whose `kind` names one of the models below. Fields are those of the
records of the same name; an unknown field is refused, so that a misspelt one is not lost.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter

from lineage.records import (
    FEATURE_BINS,
    FEATURE_WHOLE,
    ArtifactClass,
    EventKind,
    FeatureKind,
    NodeKind,
    OperatorClass,
    State,
)
from lineage_ingest.trace_json import INT64, plain

VERSION = 1

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _milliseconds(text: str) -> int:
    """ISO 8601 text as milliseconds since 1970; without an offset it is UTC."""
    time = datetime.fromisoformat(text)
    if time.tzinfo is None:
        time = time.replace(tzinfo=UTC)
    return (time - _EPOCH) // timedelta(milliseconds=1)


Id: TypeAlias = Annotated[str, Field(min_length=1)]
Int64: TypeAlias = Annotated[int, Field(ge=-INT64, lt=INT64)]
Time: TypeAlias = Annotated[
    Int64
    | Annotated[
        str,
        AfterValidator(_milliseconds),
        Field(description="ISO 8601; UTC where no offset is given"),
    ],
    Field(union_mode="left_to_right", description="milliseconds since 1970 UTC, or ISO 8601 text"),
]
Properties: TypeAlias = Annotated[dict[str, Any], AfterValidator(plain)]


class Line(BaseModel):
    """What all lines have in common."""

    model_config = ConfigDict(extra="forbid", strict=True)


class TraceLine(Line):
    """The first line of a trace."""

    kind: Literal["trace"]
    version: int = Field(ge=1, description="of the format")
    source: Id | None = Field(None, description="the name of the store that the trace came from")
    simulated: bool = Field(default=False, description="whether it was made up by a simulation")


class PipelineLine(Line):
    """A recurring job."""

    kind: Literal["pipeline"]
    id: Id
    name: str | None = Field(None, description="by default the id")
    type: str | None = None
    native_id: str | None = None
    created: Time | None = None
    updated: Time | None = None
    properties: Properties = Field(default_factory=dict)


class RunLine(Line):
    """One run of a pipeline."""

    kind: Literal["run"]
    id: Id
    name: str | None = Field(None, description="by default the id")
    type: str | None = None
    native_id: str | None = None
    state: State | None = None
    started: Time | None = None
    ended: Time | None = None
    created: Time | None = None
    updated: Time | None = None
    properties: Properties = Field(default_factory=dict)
    pipeline: Id | None = Field(None, description="short for a membership in this pipeline")


class ContextLine(Line):
    """Any other grouping: a node, a cache entry, an experiment."""

    kind: Literal["context"]
    id: Id
    name: str | None = Field(None, description="by default the id")
    type: str | None = None
    created: Time | None = None
    updated: Time | None = None
    properties: Properties = Field(default_factory=dict)


class InputEnd(Line):
    """An artifact that an execution read, said on the execution's own line."""

    artifact: Id
    role: str = ""
    index: Int64 | None = None
    event: Literal["INTERNAL"] | None = None


class OutputEnd(Line):
    """An artifact that an execution wrote, said on the execution's own line."""

    artifact: Id
    role: str = ""
    index: Int64 | None = None
    event: Literal["INTERNAL", "PENDING"] | None = None


class ExecutionLine(Line):
    """One run of an operator."""

    kind: Literal["execution"]
    id: Id
    type: str = Field(description="the native type")
    name: str | None = None
    base_type: str | None = None
    node: str | None = Field(None, description="the node or task name within the pipeline")
    operator: OperatorClass | None = Field(None, description="else found by rules when loading")
    state: State = State.UNKNOWN
    started: Time | None = None
    ended: Time | None = None
    cost: float | None = Field(None, ge=0, allow_inf_nan=False, description="in `cost_unit`")
    cost_unit: str | None = None
    code_version: str | None = None
    parent: Id | None = Field(None, description="the execution that this one is part of")
    created: Time | None = None
    updated: Time | None = None
    properties: Properties = Field(default_factory=dict)
    inputs: list[InputEnd] = Field(default_factory=list, description="short for event lines")
    outputs: list[OutputEnd] = Field(default_factory=list, description="short for event lines")
    run: Id | None = Field(None, description="short for a membership in this run")
    pipeline: Id | None = Field(
        None, description="short for a membership of the run, else of the execution itself"
    )


def _whole(weights: list[int]) -> list[int]:
    """Weights that fill the bins, or none at all.

    Raises:
        ValueError: another number of them, or another sum.
    """
    if weights and len(weights) != FEATURE_BINS:
        raise ValueError(f"{FEATURE_BINS} weights are wanted, or none where they are not known")
    if weights and sum(weights) != FEATURE_WHOLE:
        raise ValueError(f"the weights add up to {sum(weights)}, not to {FEATURE_WHOLE}")
    return weights


class FeatureLine(Line):
    """How the values of one feature are distributed in one data set."""

    name: str
    kind: FeatureKind
    weights: Annotated[list[Annotated[int, Field(ge=0)]], AfterValidator(_whole)] = Field(
        default_factory=list,
        description=f"thousandths of the values in {FEATURE_BINS} bins; none if not known",
    )


def _by_name(features: list[FeatureLine]) -> list[FeatureLine]:
    """The features in the order of their names.

    Raises:
        ValueError: two have the same name.
    """
    ordered = sorted(features, key=lambda feature: feature.name)
    for one, other in pairwise(ordered):
        if one.name == other.name:
            raise ValueError(f"two features are called {one.name!r}")
    return ordered


class ArtifactLine(Line):
    """Something read or written."""

    kind: Literal["artifact"]
    id: Id
    type: str = Field(description="the native type")
    name: str | None = None
    base_type: str | None = None
    artifact: ArtifactClass | None = Field(None, description="else found by rules when loading")
    uri: str | None = None
    digest: str | None = None
    version: str | None = None
    size: Int64 | None = Field(None, description="in bytes")
    state: str | None = None
    pushed: bool | None = Field(None, description="whether a deployment really pushed this")
    features: Annotated[list[FeatureLine], AfterValidator(_by_name)] | None = Field(
        None, description="of a data set; no two of one name"
    )
    created: Time | None = None
    updated: Time | None = None
    properties: Properties = Field(default_factory=dict)


class EventLine(Line):
    """An execution read or wrote an artifact."""

    kind: Literal["event"]
    execution: Id
    artifact: Id
    event: EventKind
    role: str = ""
    index: Int64 | None = None
    time: Time | None = None


class MembershipLine(Line):
    """A node belongs to a container: an execution to a run, a run to a pipeline."""

    kind: Literal["membership"]
    member_kind: NodeKind
    member: Id
    container_kind: NodeKind
    container: Id


AnyLine: TypeAlias = (
    TraceLine
    | PipelineLine
    | RunLine
    | ContextLine
    | ExecutionLine
    | ArtifactLine
    | EventLine
    | MembershipLine
)

MODELS: dict[str, type[AnyLine]] = {
    "trace": TraceLine,
    "pipeline": PipelineLine,
    "run": RunLine,
    "context": ContextLine,
    "execution": ExecutionLine,
    "artifact": ArtifactLine,
    "event": EventLine,
    "membership": MembershipLine,
}

ADAPTER: TypeAdapter[AnyLine] = TypeAdapter(Annotated[AnyLine, Field(discriminator="kind")])


def json_schema() -> dict[str, Any]:
    """The JSON Schema of one line."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A line of a lineage trace",
        **ADAPTER.json_schema(),
    }
