"""From rows to the records of nodes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lineage.records import (
    Artifact,
    Context,
    EventKind,
    Execution,
    NodeKind,
    Pipeline,
    Properties,
    Run,
    SetAside,
    State,
)
from lineage_ingest.mlmd import values
from lineage_ingest.mlmd.rows import free_name
from lineage_ingest.times import ends_early

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lineage.records import Record
    from lineage_ingest.mlmd.nodenames import EventTimes
    from lineage_ingest.mlmd.rows import Node
    from lineage_ingest.mlmd.types import Types

STATES = {
    0: State.UNKNOWN,
    # Registered and not yet started. It keeps what it belongs to open, as running does, and like
    # running it may stay for ever, which the loader's horizon then reads as abandoned.
    1: State.RUNNING,
    2: State.RUNNING,
    3: State.COMPLETE,
    4: State.FAILED,
    5: State.CACHED,
    6: State.CANCELED,
}
STATE_WORDS = {
    "new": State.RUNNING,
    "running": State.RUNNING,
    "complete": State.COMPLETE,
    "completed": State.COMPLETE,
    "failed": State.FAILED,
    "cached": State.CACHED,
    "canceled": State.CANCELED,
    "cancelled": State.CANCELED,
}
"""Before version 6 the state is the execution property `state`."""
ARTIFACT_STATES = {
    1: "PENDING", 2: "LIVE", 3: "MARKED_FOR_DELETION", 4: "DELETED", 5: "ABANDONED", 6: "REFERENCE",
}  # fmt: skip
EVENT_KINDS = {
    1: EventKind.OUTPUT,
    2: EventKind.INPUT,
    3: EventKind.INPUT,
    4: EventKind.OUTPUT,
    5: EventKind.INTERNAL_INPUT,
    6: EventKind.INTERNAL_OUTPUT,
    7: EventKind.PENDING_OUTPUT,
}
"""1 and 2 are the declared ones; 0 says nothing."""
MD5_DIGITS = 32


class Times:
    """The times of one node: those that cannot be are set aside, and read as unknown."""

    def __init__(self, position: str) -> None:
        self._position = position
        self.aside: list[SetAside] = []

    def read(self, value: Any, what: str) -> int | None:
        """Milliseconds, or None when not known."""
        found, wrong = values.millis(value)
        if wrong:
            self.reject(f"{what}: {wrong}")
        return found

    def reject(self, reason: str) -> None:
        """Note a time that is not used."""
        self.aside.append(SetAside(kind="time", position=self._position, reason=reason))


class NodeRecords:
    """Makes the records of a store's nodes."""

    def __init__(self, types: Types) -> None:
        self._types = types

    def context(self, row: Node) -> Iterator[Record]:
        """A pipeline, run or other context."""
        kind = self._types.kind(row.type_id)
        times = Times(f"context {row.id}")
        created, updated = _created_updated(row, times)
        type_ = self._type(row, "context", times)
        name, properties = row.name or f"context {row.id}", _properties(row)
        if kind is NodeKind.PIPELINE:
            yield Pipeline(
                id=name, name=name, type=type_, native_id=str(row.id), created=created,
                updated=updated, properties=properties,
            )  # fmt: skip
        elif kind is NodeKind.RUN:
            yield Run(
                id=str(row.id), name=name, type=type_, started=created, created=created,
                updated=updated, properties=properties,
            )  # fmt: skip
        else:
            yield Context(
                id=str(row.id), name=name, type=type_, created=created, updated=updated,
                properties=properties,
            )  # fmt: skip
        yield from times.aside

    def artifact(self, row: Node) -> Iterator[Record]:
        """An artifact."""
        times = Times(f"artifact {row.id}")
        created, updated = _created_updated(row, times)
        properties = row.properties
        yield Artifact(
            id=str(row.id),
            type=self._type(row, "artifact", times),
            name=row.name or _word(properties, "display_name") or _word(properties, "name"),
            base_type=self._types.base(row.type_id),
            uri=row.uri,
            digest=_digest(row),
            version=_word(properties, "version"),
            size=_size(properties),
            state=ARTIFACT_STATES.get(row.state) if isinstance(row.state, int) else None,
            pushed=_pushed(properties.get("pushed")),
            created=created,
            updated=updated,
            properties=_properties(row),
        )
        yield from times.aside

    def execution(
        self, row: Node, node: str | None, parent: str | None, seen: EventTimes | None
    ) -> Iterator[Record]:
        """An execution.

        Args:
            row: its row.
            node: the node or task that its contexts name, if any.
            parent: the execution it is part of, known to exist.
            seen: the times of its events, where they were asked for.
        """
        times = Times(f"execution {row.id}")
        created, updated = _created_updated(row, times)
        state = state_of(row)
        started, ended = _span(state, created, updated, seen, times)
        properties = row.properties
        yield Execution(
            id=str(row.id),
            type=self._type(row, "execution", times),
            name=row.name or _word(properties, "display_name"),
            base_type=self._types.base(row.type_id),
            node=node or task_of(properties),
            state=state,
            started=started,
            ended=ended,
            code_version=_word(properties, "Git_Start_Commit"),
            parent=parent,
            created=created,
            updated=updated,
            properties=_properties(row),
        )
        yield from times.aside

    def _type(self, row: Node, kind: str, times: Times) -> str:
        found = self._types.name(row.type_id)
        if found is not None:
            return found
        reason = f"type {row.type_id} does not exist"
        times.aside.append(SetAside(kind="type", position=f"{kind} {row.id}", reason=reason))
        return f"type {row.type_id}"


def state_of(row: Node) -> State:
    """An execution's state: its column's, else its property's, else unknown."""
    if isinstance(row.state, int) and row.state in STATES and row.state:
        return STATES[row.state]
    word = row.properties.get("state")
    return STATE_WORDS.get(word.lower(), State.UNKNOWN) if isinstance(word, str) else State.UNKNOWN


def task_of(properties: Properties) -> str | None:
    """The node or task name among an execution's own properties: TFX's, then Kubeflow's."""
    names = ("component_id", "task_name", "display_name")
    return next((word for name in names if (word := _word(properties, name))), None)


def parent_of(row: Node) -> int | None:
    """The execution that this one says it is part of: Kubeflow's `parent_dag_id`."""
    word = _word(row.properties, "parent_dag_id") or ""
    found = int(word) if word.isascii() and word.isdecimal() else 0
    return found if found != row.id and found in range(1, 2**63) else None


def _created_updated(row: Node, times: Times) -> tuple[int | None, int | None]:
    return times.read(row.created, "creation"), times.read(row.updated, "last update")


def _span(
    state: State,
    created: int | None,
    updated: int | None,
    seen: EventTimes | None,
    times: Times,
) -> tuple[int | None, int | None]:
    """Start and end of an execution.

    It started when it was created, and ended when it was last updated, once its state says that
    it ended. Of one in no known state the last output is the end. Where there are no such times
    (before version 6), those of its events stand for them.
    """
    started, ended = created, None
    if state is State.UNKNOWN:
        ended = seen.last_output if seen else None
    elif state is not State.RUNNING:
        ended = updated or (seen.last if seen else None)
    if started is None and seen:
        started = seen.first
    if reason := ends_early(started, ended):
        times.reject(reason)
        ended = None
    return started, ended


def _properties(row: Node) -> Properties:
    if row.external_id:
        name = free_name(row.properties, "external_id", "mlmd:")
        row.properties[name] = row.external_id
    return row.properties


def _word(properties: Properties, name: str) -> str | None:
    """A text or whole number property as text; None when absent or empty."""
    found = properties.get(name)
    if isinstance(found, bool) or not isinstance(found, str | int):
        return None
    return str(found) or None


def _digest(row: Node) -> str | None:
    """CMF's: an artifact's URI is the digest of its content, which it also keeps as `Commit`.

    TFX's `input_fingerprint` stays a property: it is of what an artifact was made from.
    """
    commit = row.properties.get("Commit")
    if not isinstance(commit, str) or not commit or commit != row.uri:
        return None
    plain = commit.removesuffix(".dir")
    is_md5 = len(plain) == MD5_DIGITS and not set(plain.lower()) - set("0123456789abcdef")
    return f"md5:{commit}" if is_md5 else commit


def _size(properties: Properties) -> int | None:
    for name in ("size_bytes", "byte_size", "content_length"):
        found = properties.get(name)
        if isinstance(found, int) and not isinstance(found, bool) and found >= 0:
            return found
    return None


def _pushed(value: object) -> bool | None:
    if isinstance(value, bool | int):
        return bool(value)
    return {"true": True, "false": False}.get(value.lower()) if isinstance(value, str) else None
