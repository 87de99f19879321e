"""The lines of the native trace format: what each kind may say, and how one is checked.

A line is a JSON object whose `kind` names one of the models below. Fields are those of the
records of the same name; an unknown field is refused, so that a misspelt one is not lost.
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Annotated, Any, Literal, TypeAlias

import orjson
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from lineage.records import (
    FEATURE_BINS,
    FEATURE_WHOLE,
    ArtifactClass,
    EventKind,
    FeatureKind,
    NodeKind,
    OperatorClass,
    SetAside,
    State,
)
from lineage_ingest.compressed import MAX_LINE

VERSION = 1
INT64 = 2**63

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _milliseconds(text: str) -> int:
    """ISO 8601 text as milliseconds since 1970; without an offset it is UTC."""
    time = datetime.fromisoformat(text)
    if time.tzinfo is None:
        time = time.replace(tzinfo=UTC)
    return (time - _EPOCH) // timedelta(milliseconds=1)


def plain(value: Any) -> Any:
    """A property's value as Neo4j can hold it: numbers beyond 64 bits or not finite as text."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value if -INT64 <= value < INT64 else str(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else json.dumps(value)
    if isinstance(value, list):
        return [plain(part) for part in value]
    if isinstance(value, dict):
        return {key: plain(part) for key, part in value.items()}
    return value


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

_VALIDATORS = {kind: model.__pydantic_validator__ for kind, model in MODELS.items()}
_ADAPTER: TypeAdapter[AnyLine] = TypeAdapter(Annotated[AnyLine, Field(discriminator="kind")])


def parse(raw: bytes, position: str, kind: str | None = None) -> AnyLine | SetAside:
    """A line, or why it cannot be used.

    Args:
        raw: the line's bytes.
        position: where it stands, for the reason.
        kind: what its `kind` is, where already known.
    """
    if len(raw) >= MAX_LINE:
        return _aside(kind or "line", position, f"longer than {MAX_LINE // 1024**2} MiB")
    try:
        return _validate(raw, kind)
    except ValidationError as error:
        if error.errors()[0]["type"] != "json_invalid":
            return _aside(kind or _kind_in(raw), position, _reason(error, kind))
    return _parse_again(raw, position, kind)


def _validate(raw: bytes | str, kind: str | None) -> AnyLine:
    validator = _VALIDATORS.get(kind) if kind else None
    if validator is None:
        return _ADAPTER.validate_json(raw)
    line: AnyLine = validator.validate_json(raw)
    return line


def _parse_again(raw: bytes, position: str, kind: str | None) -> AnyLine | SetAside:
    """Take what strict JSON refuses and real writers emit: halves of surrogate pairs."""
    found = kind or "line"
    try:
        text = json.dumps(_escape_surrogates(json.loads(raw.decode("utf-8"))))
        found = kind or _kind_in(text)
        return _validate(text, kind)
    except UnicodeDecodeError as error:
        why = f"not UTF-8: byte 0x{raw[error.start]:02x} at column {error.start + 1}"
    except ValidationError as error:
        why = _reason(error, kind)
    except json.JSONDecodeError as error:
        why = f"not JSON: {error.msg} at column {error.colno}"
    except (ValueError, RecursionError):
        why = "not JSON that can be read: a number too long, or nested too deeply"
    return _aside(found, position, why)


def _aside(kind: str, position: str, why: str) -> SetAside:
    return SetAside(kind=kind, position=position, reason=why)


def _escape_surrogates(value: Any) -> Any:
    """Halves of surrogate pairs written out as text, since no store of UTF-8 can hold them."""
    if isinstance(value, str):
        return utf8(value)
    if isinstance(value, list):
        return [_escape_surrogates(part) for part in value]
    if isinstance(value, dict):
        return {_escape_surrogates(key): _escape_surrogates(part) for key, part in value.items()}
    return value


def utf8(text: str) -> str:
    """Text with halves of surrogate pairs written out, as UTF-8 cannot hold them."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode("utf-8")


def canonical(properties: dict[str, Any]) -> str:
    """Properties as JSON text, the same for the same properties: keys sorted, no blanks."""
    held = plain(properties)
    try:
        return orjson.dumps(held, option=orjson.OPT_SORT_KEYS).decode()
    except TypeError:  # surrogate halves, deep nesting
        return json.dumps(
            _escape_surrogates(held), sort_keys=True, separators=(",", ":"), ensure_ascii=False
        )


def dumps(value: dict[str, Any]) -> bytes:
    """JSON for what orjson refuses: surrogate halves escaped, deep nesting."""
    plain_value = _escape_surrogates(value)
    return json.dumps(plain_value, separators=(",", ":"), default=_fields).encode("ascii")


def _fields(value: Any) -> dict[str, Any]:
    """A feature as JSON has it."""
    fields: dict[str, Any] = _escape_surrogates(asdict(value))
    return fields


def header(source: str | None, *, simulated: bool) -> dict[str, Any]:
    """What a trace starts with, as a line or as a file of its own."""
    said: dict[str, Any] = {"kind": "trace", "version": VERSION}
    if source is not None:
        said["source"] = source
    if simulated:
        said["simulated"] = True
    return said


def _kind_in(raw: bytes | str) -> str:
    value = json.loads(raw)
    return str(value.get("kind", "line")) if isinstance(value, dict) else "line"


def _reason(error: ValidationError, kind: str | None) -> str:
    """What is wrong with a line, in one line."""
    # Where the kind was not known beforehand, every place starts with it.
    skip = 0 if kind in MODELS else 1
    found: dict[str, str] = {}
    for detail in error.errors(include_url=False):
        message = detail["msg"].removeprefix("Value error, ")
        if not isinstance(detail["input"], dict):
            message += f" (got {_shown(detail['input'])})"
        found.setdefault(_place(detail["loc"][skip:]), message)
    parts = [f"{place}: {why}" if place else why for place, why in found.items()]
    more = f"; and {len(parts) - 3} more" if len(parts) > 3 else ""
    return "; ".join(parts[:3]) + more


def _place(path: tuple[int | str, ...]) -> str:
    """Where in the line, without what names the arms of unions."""
    parts = (str(part) for part in path)
    return ".".join(part for part in parts if not part.startswith(("constrained", "function-")))


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def json_schema() -> dict[str, Any]:
    """The JSON Schema of one line."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A line of a lineage trace",
        **_ADAPTER.json_schema(),
    }
