"""Small stores made by SQL, for what the real client would refuse to write."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

NODES = ("Artifact", "Execution", "Context")
KINDS = {"Execution": 0, "Artifact": 1, "Context": 2}
TIMES = (
    ", create_time_since_epoch INT NOT NULL DEFAULT 0"
    ", last_update_time_since_epoch INT NOT NULL DEFAULT 0"
)
OWN = {
    "Artifact": ", uri TEXT, state INT, name VARCHAR(255)",
    "Execution": ", last_known_state INT, name VARCHAR(255)",
    "Context": ", name VARCHAR(255)",
}
NEW_VALUES = ", byte_value BLOB, proto_value BLOB, bool_value BOOLEAN"
MILLIS = 1_777_860_000_000
"""A time in May 2026."""


class Store:
    """A store in the making; `add_*` return ids. Version 4 has no states, times and parents."""

    def __init__(self, path: Path, version: int = 10) -> None:
        self.path, self.version = path, version
        self.sql = sqlite3.connect(path)
        self.sql.execute("PRAGMA synchronous = OFF")
        self.sql.executescript(";".join(_tables(version)))
        self.sql.execute("INSERT INTO MLMDEnv VALUES (?)", (version,))
        self.sql.commit()
        self._types: dict[tuple[str, str], int] = {}

    def close(self) -> Path:
        self.sql.commit()
        self.sql.close()
        return self.path

    def insert(self, table: str, **values: Any) -> int:
        marks = ", ".join("?" * len(values))
        statement = f"INSERT INTO {table} ({', '.join(values)}) VALUES ({marks})"
        return int(self.sql.execute(statement, tuple(values.values())).lastrowid or 0)

    def type(self, node: str, name: str, base: str | None = None) -> int:
        if (node, name) not in self._types:
            made = self.insert("Type", name=name, type_kind=KINDS[node])
            self._types[node, name] = made
            if base is not None:
                self.insert("ParentType", type_id=made, parent_type_id=self.type(node, base))
        return self._types[node, name]

    def node(
        self, node: str, type_name: str, properties: dict[str, Any] | None = None, **values: Any
    ) -> int:
        values.setdefault("type_id", self.type(node, type_name))
        if self.version > 5:
            values.setdefault("create_time_since_epoch", MILLIS)
            values.setdefault("last_update_time_since_epoch", MILLIS + 1000)
        id_ = self.insert(node, **values)
        for name, value in (properties or {}).items():
            self.property(node, id_, name, value)
        return id_

    def execution(self, type_name: str = "Trainer", **values: Any) -> int:
        return self.node("Execution", type_name, **values)

    def artifact(self, type_name: str = "Model", **values: Any) -> int:
        return self.node("Artifact", type_name, **values)

    def context(self, type_name: str, name: str, **values: Any) -> int:
        return self.node("Context", type_name, name=name, **values)

    def property(
        self, node: str, id_: int, name: str, value: Any, *, custom: bool = False,
        column: str | None = None,
    ) -> None:  # fmt: skip
        guess = {int: "int_value", float: "double_value"}.get(type(value), "string_value")
        key = f"{node.lower()}_id"
        values = {key: id_, "name": name, "is_custom_property": custom, column or guess: value}
        self.insert(f"{node}Property", **values)

    def event(self, execution: int, artifact: int, type_: int | None = 3, *path: str | int,
              time: Any = MILLIS) -> int:  # fmt: skip
        id_ = self.insert("Event", artifact_id=artifact, execution_id=execution, type=type_,
                          milliseconds_since_epoch=time)  # fmt: skip
        for step in path:
            is_index = isinstance(step, int)
            self.insert("EventPath", event_id=id_, is_index_step=is_index,
                        step_index=step if is_index else None,
                        step_key=None if is_index else step)  # fmt: skip
        return id_

    def associate(self, execution: int, *contexts: int) -> None:
        for context in contexts:
            self.insert("Association", context_id=context, execution_id=execution)

    def attribute(self, artifact: int, *contexts: int) -> None:
        for context in contexts:
            self.insert("Attribution", context_id=context, artifact_id=artifact)


def _tables(version: int) -> list[str]:
    old = version < 6
    found = ["CREATE TABLE MLMDEnv (schema_version INTEGER PRIMARY KEY)"]
    for node in NODES:
        own = {"Artifact": ", uri TEXT", "Context": OWN["Context"]}.get(node, "") if old else ""
        own = own if old else OWN[node] + TIMES
        if version >= 9:
            own += ", external_id VARCHAR(255) UNIQUE"
        key, more = f"{node.lower()}_id", NEW_VALUES if version >= 9 else ""
        found += [
            f"CREATE TABLE {node} (id INTEGER PRIMARY KEY AUTOINCREMENT, type_id INT{own})",
            (
                f"CREATE TABLE {node}Property ({key} INT NOT NULL, name VARCHAR(255) NOT NULL,"
                " is_custom_property TINYINT(1) NOT NULL, int_value INT, double_value DOUBLE,"
                f" string_value TEXT{more}, PRIMARY KEY ({key}, name, is_custom_property))"
            ),
        ]
    if version >= 5:
        found += [
            (
                "CREATE TABLE ParentType (type_id INT NOT NULL, parent_type_id INT NOT NULL,"
                " PRIMARY KEY (type_id, parent_type_id))"
            ),
            (
                "CREATE TABLE ParentContext (context_id INT NOT NULL,"
                " parent_context_id INT NOT NULL,"
                " PRIMARY KEY (context_id, parent_context_id))"
            ),
        ]
    return [
        *found,
        (
            "CREATE TABLE Type (id INTEGER PRIMARY KEY AUTOINCREMENT, name VARCHAR(255) NOT NULL,"
            " type_kind TINYINT(1) NOT NULL, input_type TEXT, output_type TEXT)"
        ),
        (
            "CREATE TABLE TypeProperty (type_id INT NOT NULL, name VARCHAR(255) NOT NULL,"
            " data_type INT, PRIMARY KEY (type_id, name))"
        ),
        (
            "CREATE TABLE Event (id INTEGER PRIMARY KEY AUTOINCREMENT, artifact_id INT NOT NULL,"
            " execution_id INT NOT NULL, type INT, milliseconds_since_epoch INT)"
        ),
        (
            "CREATE TABLE EventPath (event_id INT NOT NULL, is_index_step TINYINT(1) NOT NULL,"
            " step_index INT, step_key TEXT)"
        ),
        (
            "CREATE TABLE Association (id INTEGER PRIMARY KEY AUTOINCREMENT,"
            " context_id INT NOT NULL,"
            " execution_id INT NOT NULL, UNIQUE(context_id, execution_id))"
        ),
        (
            "CREATE TABLE Attribution (id INTEGER PRIMARY KEY AUTOINCREMENT,"
            " context_id INT NOT NULL,"
            " artifact_id INT NOT NULL, UNIQUE(context_id, artifact_id))"
        ),
    ]
