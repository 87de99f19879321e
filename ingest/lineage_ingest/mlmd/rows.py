"""Nodes with their properties, streamed in the order of their ids with bounded memory."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import or_, select

from lineage.records import SetAside
from lineage_ingest.mlmd import values

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from sqlalchemy import ColumnElement, Select

    from lineage.records import Properties, Value
    from lineage_ingest.mlmd.store import Row, Store

CHUNK = 1000
BUDGET = 16_000_000
"""A chunk ends early when its properties weigh more characters: they can be 20 MB each."""
NODE_FIELDS = (
    "id", "type_id", "name", "uri", "state", "last_known_state", "external_id",
    "create_time_since_epoch", "last_update_time_since_epoch",
)  # fmt: skip
VALUE_FIELDS = (
    "int_value", "double_value", "string_value", "proto_value", "bool_value", "byte_value",
)  # fmt: skip
READ_VALUE: tuple[Callable[[object], Value], ...] = (
    values.scalar, values.scalar, values.string, values.proto, bool, values.blob,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which nodes of one table to read.

    Attributes:
        newest: the greatest id, taken when reading began.
        after: with a cursor, nodes of greater ids are wanted ...
        changed: ... and those last updated at or after this time, in milliseconds.
    """

    newest: int
    after: int | None = None
    changed: int | None = None

    @property
    def all(self) -> bool:
        """Whether every node is wanted."""
        return self.after is None


@dataclass(slots=True)
class Node:
    """A row of `Artifact`, `Execution` or `Context` with its properties."""

    id: int
    type_id: int | None
    name: str | None
    uri: str | None
    state: Any
    external_id: str | None
    created: Any
    updated: Any
    properties: Properties


class NodeStream:
    """The wanted nodes of a table, in chunks; properties without a node are set aside.

    Args:
        store: where from.
        name: `Artifact`, `Execution` or `Context`.
        wanted: which.
    """

    def __init__(self, store: Store, name: str, wanted: Wanted) -> None:
        self._store, self._name, self._wanted = store, name, wanted
        self._kind = name.lower()
        self._nodes = store.table(name)
        self._properties = store.table(f"{name}Property")
        self._key = self._properties.c[f"{self._kind}_id"]
        self.orphans: list[SetAside] = []

    def chunks(self) -> Iterator[list[Node]]:
        """Up to `CHUNK` nodes at a time; `orphans` then holds what was found between their ids."""
        after: int | None = None
        while True:
            chunk, after = self._chunk(after)
            if not chunk:
                break
            yield chunk
        self._rest()

    def take_orphans(self) -> list[SetAside]:
        """The properties found without a node since the last call."""
        found, self.orphans = self.orphans, []
        return found

    def _chunk(self, after: int | None) -> tuple[list[Node], int | None]:
        rows = self._store.rows(self._node_query(after))
        if not rows:
            return [], after
        nodes = {row[0]: _node(row) for row in rows}
        end = self._fill(nodes, after)
        if end is None:
            return list(nodes.values()), rows[-1][0]
        return [node for node in nodes.values() if node.id <= end], end

    def _fill(self, nodes: dict[int, Node], after: int | None) -> int | None:
        """Give the nodes their properties; the id to stop at when they grow too heavy."""
        current: int | None = None
        custom: list[tuple[str, Value]] = []
        weight = 0
        with closing(self._store.stream(self._property_query(after, list(nodes)))) as rows:
            for row in rows:
                if row[0] != current:
                    _add_custom(nodes.get(current or 0), custom)
                    if weight > BUDGET:
                        return current
                    current, custom = row[0], []
                weight += self._add(nodes.get(row[0]), row, custom)
        _add_custom(nodes.get(current or 0), custom)
        return None

    def _add(self, node: Node | None, row: Row, custom: list[tuple[str, Value]]) -> int:
        name = values.text(row[1])
        if node is None:
            self._orphan(row[0], name)
            return 0
        value = _value(row)
        if row[2]:
            custom.append((name, value))
        else:
            node.properties[name] = value
        return len(value) if isinstance(value, str) else 0

    def _orphan(self, node: int, name: str) -> None:
        reason = f"{self._kind} {node} does not exist"
        position = f"property {name!r} of {self._kind} {node}"
        self.orphans.append(SetAside(kind="property", position=position, reason=reason))

    def _node_query(self, after: int | None) -> Select[Any]:
        fields = [self._store.field(self._name, field) for field in NODE_FIELDS]
        node_id = self._nodes.c.id
        query = select(*fields).where(node_id <= self._wanted.newest)
        condition = wanted_condition(self._store, self._name, self._wanted)
        if condition is not None:
            query = query.where(condition)
        if after is not None:
            query = query.where(node_id > after)
        return query.order_by(node_id).limit(CHUNK)

    def _property_query(self, after: int | None, ids: list[int]) -> Select[Any]:
        query = self._properties_in_order()
        if self._wanted.all:
            query = query.where(self._key <= ids[-1])
            return query if after is None else query.where(self._key > after)
        return query.where(self._key.in_(ids))

    def _properties_in_order(self) -> Select[Any]:
        fields = [self._store.field(f"{self._name}Property", field) for field in VALUE_FIELDS]
        columns = self._properties.c
        query = select(self._key, columns.name, columns.is_custom_property, *fields)
        return query.order_by(self._key)

    def _rest(self) -> None:
        """Properties beyond the last node; those of nodes that came meanwhile are left alone."""
        if not self._wanted.all:
            return
        last = select(self._nodes.c.id).order_by(self._nodes.c.id.desc()).limit(1)
        newest = max(self._store.rows(last), default=(0,))[0]
        columns = self._properties.c
        query = select(self._key, columns.name).where(self._key > newest)
        for row in self._store.stream(query.order_by(self._key)):
            self._orphan(row[0], values.text(row[1]))


def wanted_condition(store: Store, name: str, wanted: Wanted) -> ColumnElement[bool] | None:
    """The condition of a node's being wanted; None when all are."""
    if wanted.after is None:
        return None
    node_id = store.table(name).c.id
    if wanted.changed is None or not store.has(name, "last_update_time_since_epoch"):
        return node_id > wanted.after
    updated = store.table(name).c.last_update_time_since_epoch
    return or_(node_id > wanted.after, updated >= wanted.changed)


def _node(row: Row) -> Node:
    id_, type_id, name, uri, state, known_state, external_id, created, updated = row
    return Node(
        id=id_,
        type_id=type_id,
        name=None if name is None else values.text(name),
        uri=None if uri is None else values.text(uri),
        state=known_state if state is None else state,
        external_id=None if external_id is None else values.text(external_id),
        created=created,
        updated=updated,
        properties={},
    )


def _value(row: Row) -> Value:
    for at, read in enumerate(READ_VALUE, start=3):
        if row[at] is not None:
            return read(row[at])
    return None


def _add_custom(node: Node | None, custom: Iterable[tuple[str, Value]]) -> None:
    if node is None:
        return
    for name, value in custom:
        node.properties[free_name(node.properties, name, "custom:")] = value


def free_name(properties: Properties, name: str, prefix: str) -> str:
    """The name, or with the prefix before it when it is taken."""
    while name in properties:
        name = prefix + name
    return name


class Pairs:
    """Pairs of ids sorted by the first, 16 bytes each: a million associations take 16 MB."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self._keys, self._values = array("q"), array("q")
        for key, value in rows:
            self._keys.append(key)
            self._values.append(value)

    def of(self, key: int) -> array[int]:
        """The second ids of a first id."""
        return self._values[bisect_left(self._keys, key) : bisect_right(self._keys, key)]
