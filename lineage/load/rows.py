"""Records as rows: keys, revisions, classes, costs, and values that Neo4j can hold."""

from __future__ import annotations

import hashlib
import json
import math
import struct
import time
from dataclasses import fields
from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple

from lineage.errors import RecordError
from lineage.load.names import Names
from lineage.recipes import ABSENT, SEPARATOR, content_of
from lineage.records import (
    FEATURE_BINS,
    Artifact,
    ArtifactClass,
    Context,
    Event,
    EventKind,
    Execution,
    Membership,
    NodeKind,
    OperatorClass,
    Pipeline,
    Run,
    SetAside,
    State,
)
from lineage.schema import CHANGED, RUNNING, label_of
from lineage_ingest.datasets import SHARED, parsed, shared_id, shared_parts
from lineage_ingest.trace_json import canonical
from lineage_ingest.trace_json import plain as plain_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from lineage.load.statistics import Statistics
    from lineage.naming import Naming
    from lineage.records import Feature, Node, Value
    from lineage.settings import Settings

Row = dict[str, Any]

DATASETS = "dataset"
"""Stands for the source of artifacts that all sources name the same; no source is called so."""
UNWRITTEN = -1
"""When a data set as such was written: before any of its versions."""


class Prepared(NamedTuple):
    """A row, its rough size in bytes, where its record stood, and for an edge the statement."""

    row: Row
    size: int
    position: str
    statement: str = ""


KEY_BYTES = 8_000  # an index entry takes 8,164 bytes
NAME_CHARACTERS = 200
EDGE_BYTES = 200
_INT64 = range(-(2**63), 2**63)
_KINDS: dict[type[Node], tuple[NodeKind, str]] = {
    Pipeline: (NodeKind.PIPELINE, "Pipeline"),
    Run: (NodeKind.RUN, "Run"),
    Context: (NodeKind.CONTEXT, "Context"),
    Execution: (NodeKind.EXECUTION, "Execution"),
    Artifact: (NodeKind.ARTIFACT, "Artifact"),
}
_EARLIEST, _LATEST = -62_135_596_800_000, 253_402_300_799_999  # years 1 to 9999
_TIMES = ("created", "updated", "started", "ended")
HASHED: dict[type[Node], tuple[str, ...]] = {
    record: tuple(
        field.name
        for field in fields(record)
        if field.name not in {"id", "updated", "properties", "features", "revision"}
    )
    for record in _KINDS
}
"""Fields of a record that its revision tells apart, besides update time and the nested ones."""
LIST_SEPARATOR = "\x1e"
UNKNOWN_WEIGHTS = (0,) * FEATURE_BINS
_EVENT_STATEMENTS = {"INPUT": "load/inputs", "OUTPUT": "load/outputs"}
_EXECUTION_IN = {
    NodeKind.RUN: "IN_RUN",
    NodeKind.PIPELINE: "IN_PIPELINE",
    NodeKind.CONTEXT: "IN_CONTEXT",
}


def key_of(source: str, kind: NodeKind, native_id: str) -> str:
    """The key of a node: `source#kind/id`.

    The first `#` ends the source, in which `%` and `#` are escaped, so no two things share a key.
    One that is longer than an index takes has its id replaced by a SHA-256.
    """
    return _key(f"{prefix_of(source)}{kind.value}/", native_id)


def _key(prefix: str, native_id: str) -> str:
    key = prefix + clean(native_id)
    if len(key) <= KEY_BYTES // 4 or len(key.encode()) <= KEY_BYTES:
        return key
    return f"{prefix}sha256:{hashlib.sha256(key.encode()).hexdigest()}"


def indexed(text: str) -> str:
    """Text as an index takes it: a longer one is replaced by its SHA-256.

    Whatever is looked up in an index, or compared with what is in one, has this form.
    """
    if len(text) <= KEY_BYTES // 4 or len(text.encode()) <= KEY_BYTES:
        return text
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def about_of(source: str, subject: str) -> str:
    """What events say that they are about: source, and the run, job or data set.

    That of a run differs from its execution's key in the kind alone, which queries make use of.

    Args:
        source: its name.
        subject: as `RawEvent.subject`.
    """
    kind, _, name = subject.partition("/")
    prefix = prefix_of(source)
    if kind != "run":
        return _key(f"{prefix}{kind}/", name)
    execution = f"{prefix}{NodeKind.EXECUTION.value}/"
    return f"{prefix}run/{_key(execution, name).removeprefix(execution)}"


def shared_key(artifact: str) -> str:
    """The key of an artifact that all sources name the same, from its shared id."""
    return _key(f"{prefix_of(DATASETS)}{NodeKind.ARTIFACT.value}/", artifact[len(SHARED) :])


def thing_of(key: str) -> str:
    """What a key names, for people: `execution 17`."""
    return key.partition("#")[2].replace("/", " ", 1)


def prefix_of(source: str) -> str:
    """What the keys of a source begin with, and those of no other."""
    safe = clean(source).replace("%", "%25").replace("#", "%23")
    if len(safe.encode()) > KEY_BYTES // 2:
        safe = f"sha256:{hashlib.sha256(safe.encode()).hexdigest()}"
    return f"{safe}#"


def clean(text: str) -> str:
    """Text that UTF-8 can carry: lone surrogates become a backslash, `u` and four digits."""
    if text.isascii():
        return text
    return text.encode(errors="backslashreplace").decode()


def short(text: str) -> str:
    """A name that fits a caption and an index; a cut one ends in a digest of the whole."""
    text = clean(text)
    if len(text) <= NAME_CHARACTERS:
        return text
    return f"{text[: NAME_CHARACTERS - 10]}…{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def names_of(text: str) -> Row:
    """A node's name, and in full where that had to be cut."""
    name, whole = short(text), clean(text)
    return {"name": name} if name == whole else {"name": name, "full_name": whole}


class Rows:
    """Turns the records of one source into rows of the load statements."""

    def __init__(
        self,
        source: str,
        naming: Naming,
        settings: Settings,
        statistics: Statistics | None = None,
        names: Names | None = None,
    ) -> None:
        """Convert for the source of that name, which is `clean` text.

        Args:
            source: its name.
            naming: for classes.
            settings: for costs.
            statistics: where to look for features that the source does not state.
            names: which data sets have several names.
        """
        self.source = source
        self.newest = 0
        self.statistics_read = 0
        self._aside: list[SetAside] = []
        self.statistics = statistics
        self.now = time.time_ns() // 1_000_000
        self.naming = naming
        self.settings = settings
        self.recipes = settings.recipes()
        self.names = names or Names()
        self._prefixes = {kind: f"{prefix_of(source)}{kind.value}/" for kind in NodeKind}

    def key(self, kind: NodeKind, native_id: str) -> str:
        """The key of a node of this source, or of an artifact that all sources share."""
        if kind is NodeKind.ARTIFACT and native_id.startswith(SHARED):
            return shared_key(self._one_name(native_id))
        return _key(self._prefixes[kind], native_id)

    def _one_name(self, artifact: str) -> str:
        """A shared id under the one name that its data set goes by."""
        parts = parsed(artifact)
        name = self.names.resolve(parts.name)
        return artifact if name == parts.name else shared_id(name, parts.version, hint=parts.hint)

    def node(self, record: Node) -> Prepared:
        """A row for `load/create_nodes` and `load/update_nodes`.

        Raises:
            RecordError: a value makes no sense.
        """
        kind, label = _KINDS[type(record)]
        properties = native(record.properties)
        content = _content(record)
        revision = f"{_order(record)}:{digest_of(content)}"
        key = self.key(kind, record.id)
        properties |= {
            "key": key,
            "revision": revision,
            "source": self.source,
            "source_id": clean(record.id),
        }
        labels = [label]
        if isinstance(record, Execution):
            labels += [self._execution(record, properties), CHANGED]
            if record.state is State.RUNNING:
                labels.append(RUNNING)
        elif isinstance(record, Artifact):
            labels += [self._artifact(record, properties), CHANGED]
        else:
            properties |= names_of(record.name)
            properties["type"] = _text(record.type)
            if not isinstance(record, Context):
                properties["native_id"] = _text(record.native_id)
            if isinstance(record, Run):
                properties["state"] = record.state.value if record.state else None
        times = {name: _time(getattr(record, name, None), name) for name in _TIMES}
        self.note_time(max(filter(None, times.values()), default=0))
        row = {
            "key": key,
            "revision": revision,
            "labels": labels,
            "properties": {name: value for name, value in properties.items() if value is not None},
            **times,
        }
        return Prepared(row, len(content), f"{kind} {record.id}")

    def note_time(self, time: int) -> None:
        """Keep the newest time; one that lies in the future says nothing of silence."""
        if time <= self.now:
            self.newest = max(self.newest, time)

    def _execution(self, record: Execution, properties: Row) -> str:
        match = self.naming.match_operator(
            record.type, record.node, record.base_type, record.operator
        )
        operator = match.target
        cost, unit, origin = self._cost(record, operator)
        node = record.node or record.type.rpartition(".")[2]
        properties |= {
            **names_of(record.name or f"{node} {record.id}"),
            "type": clean(record.type),
            "base_type": _text(record.base_type),
            "node": _text(record.node),
            "operator": operator.value,
            "class_by": match.by.value,
            "state": record.state.value,
            "cost": cost,
            "cost_unit": unit,
            "cost_from": origin,
            "code_version": _text(record.code_version),
            "family": family_of(record.properties, self.settings.family_properties)
            if operator is OperatorClass.TRAINING
            else None,
            **self._recipe(record, operator),
            "parent": record.parent and self.key(NodeKind.EXECUTION, record.parent),
        }
        return label_of(operator)

    def _recipe(self, record: Execution, operator: OperatorClass) -> Row:
        made = self.recipes.recipe(
            record.type,
            record.node,
            operator=operator,
            state=record.state,
            code_version=record.code_version,
            properties=record.properties,
        )
        if made is None:
            return {}
        return {"recipe": made.number, "fingerprinted": made.fingerprinted or None}

    def _cost(self, record: Execution, operator: OperatorClass) -> tuple[float | None, str, str]:
        """Cost, its unit, and where it came from; what ran nothing costs nothing.

        An unknown cost has the unit that it would have, so that a graphlet's total has one.
        """
        wanted = self.settings.cost_property
        unit = record.cost_unit or (self.settings.cost_unit if wanted else "s")
        if record.state is State.CACHED or operator is OperatorClass.RESOLUTION:
            return 0.0, unit, "nothing ran"
        if wanted is not None and wanted in record.properties:
            value = record.properties[wanted]
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise RecordError(f"cost property {wanted!r} is {value!r}, no number")
            return _cost_value(value), self.settings.cost_unit, f"property {wanted}"
        if record.cost is not None:
            return _cost_value(record.cost), record.cost_unit or "s", "source"
        if record.started is not None and record.ended is not None:
            return max(record.ended - record.started, 0) / 1000, "s", "duration"
        return None, unit, "unknown"

    def _artifact(self, record: Artifact, properties: Row) -> str:
        shared = shared_parts(record.id)
        digest = None if record.digest is None else indexed(clean(record.digest))
        match = self.naming.artifact(
            record.type, record.base_type, record.artifact, shared and shared.name
        )
        properties |= {
            **names_of(record.name or f"{record.type.rpartition('.')[2]} {record.id}"),
            "type": clean(record.type),
            "base_type": _text(record.base_type),
            "artifact": match.target.value,
            "class_by": match.by.value,
            "follows_producer": match.depends_on_producer or None,
            "uri": _text(record.uri),
            "digest": digest,
            "content": content_of(properties["key"], digest),
            "version": _text(record.version),
            "size": None if record.size is None else _scalar(record.size),
            "state": _text(record.state),
            "pushed": record.pushed,
            **self._shared(record),
        }
        features = self._features(record, match.target)
        if features:
            from lineage.load.features import to_properties  # NumPy, only where there is need

            properties |= to_properties(features)
        return label_of(match.target)

    def _shared(self, record: Artifact) -> Row:
        """What an artifact has that all sources name the same."""
        if not record.id.startswith(SHARED):
            return {}
        shared = self._one_name(record.id)
        parts = parsed(shared)
        return {
            "source": DATASETS,
            "source_id": clean(shared),
            **names_of(parts.name),
            "dataset": indexed(clean(parts.name)),
            "written": UNWRITTEN if parts.version is None else None,
        }

    def _features(self, record: Artifact, target: ArtifactClass) -> list[Feature] | None:
        """Its features, else those that its statistics tell.

        The revision is of what the source said alone: files come and go, the record stays.
        """
        if record.features is not None or self.statistics is None or not record.uri:
            return record.features
        expected = target is ArtifactClass.STATISTICS
        features, problems = self.statistics.features(record.uri, expected=expected)
        self._aside += [
            SetAside(kind="features", position=f"artifact {record.id}", reason=problem)
            for problem in problems
        ]
        self.statistics_read += features is not None
        return features

    def take_aside(self) -> list[SetAside]:
        """What was set aside of records that could be used otherwise, since the last call."""
        taken, self._aside = self._aside, []
        return taken

    def event(self, record: Event) -> Prepared:
        """A row for `load/inputs`, `load/outputs` or `load/side_events`."""
        role = clean(record.role)
        name = edge_name(role, record.index)
        is_reference = record.kind is EventKind.INPUT and self.naming.is_reference(record.role)
        kind = "REFERENCE" if is_reference else record.kind.value
        self.note_time(_time(record.time, "time") or 0)
        properties: Row = {"name": name, "role": role}
        if record.index is not None:
            properties["index"] = record.index
        row = {
            "artifact": self.key(NodeKind.ARTIFACT, record.artifact),
            "execution": self.key(NodeKind.EXECUTION, record.execution),
            "type": kind,
            "name": name,
            "time": record.time,
            "properties": properties,
        }
        position = record.position or f"{record.kind} {record.execution} {record.artifact}"
        statement = _EVENT_STATEMENTS.get(kind, "load/side_events")
        shared = shared_parts(record.artifact)
        if kind == "INPUT" and shared is not None:
            statement = "load/named_inputs" if shared.version is None else "load/version_inputs"
        return Prepared(row, EDGE_BYTES + len(name), position, statement)

    def said(self, record: Event) -> str:
        """What an event says, as `load/replace` has it: a type, a space, the artifact's key."""
        prepared = self.event(record)
        named = prepared.statement == "load/named_inputs"
        kind = "NAMED_INPUT" if named else record.kind.value
        return f"{kind} {prepared.row['artifact']}"

    def membership(self, record: Membership) -> Prepared:
        """A row for one of the three `memberships` statements."""
        statement, kind = membership_type(record.member_kind, record.container_kind)
        row = {
            "member": self.key(record.member_kind, record.member),
            "container": self.key(record.container_kind, record.container),
            "type": kind,
        }
        position = record.position or f"{record.member_kind} {record.member}"
        return Prepared(row, EDGE_BYTES, position, statement)


def edge_name(role: str, index: int | None) -> str:
    """What tells an event from others between the same two: role and index as one."""
    if index is None and "[" not in role:
        return role
    return f"{role}[{'' if index is None else index}]"


def family_of(properties: Mapping[str, Value], names: Iterable[str]) -> str | None:
    """The family of the model that a training made, such as `dnn` or `boosted trees`.

    Args:
        properties: the training's own.
        names: of the properties to look at (the setting `family_properties`), the first one that
            holds a text or a number counts.
    """
    for name in names:
        value = properties.get(name)
        if isinstance(value, str | int | float) and not isinstance(value, bool):
            family = short(str(value).strip())
            if family:
                return family
    return None


def membership_type(member: NodeKind, container: NodeKind) -> tuple[str, str]:
    """The load statement of a membership, and its relationship type."""
    if container in _EXECUTION_IN:
        if member is NodeKind.EXECUTION:
            return "load/execution_memberships", _EXECUTION_IN[container]
        if member is NodeKind.ARTIFACT:
            return "load/artifact_memberships", "IN_CONTEXT"
    is_run_of = (member, container) == (NodeKind.RUN, NodeKind.PIPELINE)
    return "load/group_memberships", "OF" if is_run_of else "PART_OF"


def digest_of(content: str) -> str:
    """What tells one content of a record from another: 16 hexadecimal digits."""
    return hashlib.blake2b(content.encode(), digest_size=8).hexdigest()


def _order(record: Node) -> str:
    """What sorts the records of one thing before their content does."""
    if not isinstance(record, Context) and record.revision is not None:
        return record.revision
    return f"{max(record.updated or 0, 0):020d}"


def _content(record: Node) -> str:
    """What the revision is a hash of: everything the source said.

    The fields in `HASHED`, the properties as canonical JSON and the features, with `ABSENT` for
    what is not there; a bulk load makes the same text of whole columns at once.
    """
    parts = [_part(getattr(record, name)) for name in HASHED[type(record)]]
    parts.append(canonical(record.properties) if record.properties else ABSENT)
    if isinstance(record, Artifact):
        parts.append(_feature_part(record.features))
    return SEPARATOR.join(parts)


def _part(value: Any) -> str:
    if value is None:
        return ABSENT
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, float):  # its bits: text has many forms
        return str(struct.unpack("<q", struct.pack("<d", value))[0])
    return str(int(value))


def _feature_part(features: list[Feature] | None) -> str:
    """Names, kinds and weights, in the order of names."""
    if not features:
        return ABSENT
    ordered = sorted(features, key=lambda feature: clean(feature.name))
    lists: tuple[Iterable[str], ...] = (
        (clean(feature.name) for feature in ordered),
        (feature.kind for feature in ordered),
        (str(weight) for feature in ordered for weight in feature.weights or UNKNOWN_WEIGHTS),
    )
    return SEPARATOR.join(LIST_SEPARATOR.join(one) for one in lists)


def _time(time: int | None, name: str) -> int | None:
    """A time that the graph can hold, ms since 1970.

    Raises:
        RecordError: it lies outside the years 1 to 9999.
    """
    if time is not None and not _EARLIEST <= time <= _LATEST:
        raise RecordError(f"{name} {time} is no time between the years 1 and 9999")
    return time


def _cost_value(value: float) -> float:
    if not math.isfinite(value) or value < 0:
        raise RecordError(f"cost {value!r} is no amount")
    return float(value)


def _text(value: str | None) -> str | None:
    return None if value is None else clean(value)


def native(properties: dict[str, Value]) -> Row:
    """Native properties under `p_`, or under `json_` as JSON text where Neo4j cannot nest."""
    row: Row = {}
    for name, value in properties.items():
        safe = clean(name).replace("\0", "\\0")
        if value is None:
            continue
        if isinstance(value, list | dict):
            held = plain_json(value)
            if _is_plain_list(held):
                row[f"p_{safe}"] = [_scalar(item) for item in held]
            else:
                row[f"json_{safe}"] = _json(held)
        else:
            row[f"p_{safe}"] = _scalar(value)
    return row


def _is_plain_list(value: Value) -> bool:
    """Whether it is a list that Neo4j can store: scalars of one type."""
    if not isinstance(value, list):
        return False
    kinds = {type(item) for item in value}
    return len(kinds) <= 1 and kinds <= {bool, int, float, str}


def _scalar(value: Any) -> bool | int | float | str:
    """A value that Neo4j stores: what is beyond 64 bits, or no finite number, becomes text."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, int) and value not in _INT64:
        return str(value)
    if isinstance(value, float) and not math.isfinite(value):
        return json.dumps(value)  # no JSON has it, so no answer could show it
    return value  # type: ignore[no-any-return]


def _json(value: Any) -> str:
    """JSON text, with integers of any size and lone surrogates as escapes."""
    return clean(json.dumps(value, ensure_ascii=False, sort_keys=True, default=str))
