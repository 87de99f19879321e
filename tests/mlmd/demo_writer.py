"""Writes executions through the real `ml-metadata` client, and notes when each took place.

The client stamps every node with the present, so the times of the story are written into the
SQLite file afterwards, by SQL (`Writer.set_times`).
"""

from __future__ import annotations

import hashlib
import sqlite3
from typing import Any

from ml_metadata.metadata_store import metadata_store
from ml_metadata.proto import metadata_store_pb2 as pb

TFX_VERSION = "1.16.0"
TYPES = {
    "CsvExampleGen": (
        "tfx.components.example_gen.csv_example_gen.component",
        pb.ExecutionType.PROCESS,
    ),
    "StatisticsGen": ("tfx.components.statistics_gen.component", pb.ExecutionType.PROCESS),
    "SchemaGen": ("tfx.components.schema_gen.component", pb.ExecutionType.PROCESS),
    "ExampleValidator": ("tfx.components.example_validator.component", pb.ExecutionType.PROCESS),
    "Transform": ("tfx.components.transform.component", pb.ExecutionType.TRANSFORM),
    "Tuner": ("tfx.components.tuner.component", None),
    "Trainer": ("tfx.components.trainer.component", pb.ExecutionType.TRAIN),
    "Evaluator": ("tfx.components.evaluator.component", pb.ExecutionType.EVALUATE),
    "InfraValidator": ("tfx.components.infra_validator.component", None),
    "BulkInferrer": ("tfx.components.bulk_inferrer.component", None),
    "Pusher": ("tfx.components.pusher.component", pb.ExecutionType.DEPLOY),
    "Importer": ("tfx.dsl.components.common.importer", None),
    "Resolver": ("tfx.dsl.components.common.resolver", None),
}
ARTIFACT_BASES = {
    "Examples": pb.ArtifactType.DATASET,
    "ExampleStatistics": pb.ArtifactType.STATISTICS,
    "Model": pb.ArtifactType.MODEL,
    "PushedModel": pb.ArtifactType.MODEL,
}
DECLARED = {
    "Examples": {"span": pb.INT, "version": pb.INT, "split_names": pb.STRING},
    "ExampleStatistics": {"span": pb.INT, "split_names": pb.STRING},
    "ExampleAnomalies": {"span": pb.INT, "split_names": pb.STRING},
}
State = pb.Execution
Kind = pb.Event


class Writer:
    """Puts one execution at a time; every method returns ids as the store gave them."""

    def __init__(self, config: pb.ConnectionConfig) -> None:
        self._store = metadata_store.MetadataStore(config)
        self._types: dict[tuple[str, str], int] = {}
        self._contexts: dict[tuple[str, str], int] = {}
        self.execution_times: dict[int, tuple[int, int]] = {}
        self.artifact_times: dict[int, list[int]] = {}
        self.context_times: dict[int, list[int]] = {}
        self.artifacts: dict[int, pb.Artifact] = {}

    def context(self, kind: str, name: str, time: int) -> int:
        """The context of a type and name, made when first asked for."""
        if (kind, name) not in self._contexts:
            type_id = self._type("context", kind, lambda: pb.ContextType(name=kind))
            made = self._store.put_contexts([pb.Context(type_id=type_id, name=name)])
            self._contexts[kind, name] = made[0]
            self.context_times[made[0]] = [time, time]
        found = self._contexts[kind, name]
        self.context_times[found][1] = max(self.context_times[found][1], time)
        return found

    def execution(
        self,
        component: str,
        contexts: list[int],
        span: tuple[int, int],
        *,
        state: int = State.COMPLETE,
        properties: dict[str, Any],
        reads: list[tuple[str, int, int]] = (),
        writes: list[tuple[str, pb.Artifact]] = (),
        rewrites: list[tuple[str, int, int]] = (),
        pending: bool = False,
    ) -> list[int]:
        """Put one execution and its artifacts; the ids of what it wrote.

        Args:
            component: a key of `TYPES`.
            contexts: what it belongs to.
            span: start and end, milliseconds.
            state: as MLMD counts them.
            properties: its parameters.
            reads: (role, index, artifact).
            writes: (role, new artifact).
            rewrites: (role, artifact, event type) of what existed before.
            pending: what it writes never came about.
        """
        type_id = self._execution_type(component)
        execution = pb.Execution(type_id=type_id, last_known_state=state)
        for name, value in properties.items():
            _set(execution.custom_properties[name], value)
        pairs = [
            (self.artifacts[id_], _event(Kind.INPUT, role, span[0], index))
            for role, index, id_ in reads
        ]
        kind = Kind.PENDING_OUTPUT if pending else Kind.OUTPUT
        for _, made in writes:
            made.state = pb.Artifact.ABANDONED if pending else pb.Artifact.LIVE
        pairs += [(made, _event(kind, role, span[1])) for role, made in writes]
        pairs += [
            (self.artifacts[id_], _event(event, role, span[1])) for role, id_, event in rewrites
        ]
        handles = [pb.Context(id=id_) for id_ in contexts]
        full = self._store.get_contexts_by_id([handle.id for handle in handles])
        id_, artifact_ids, _ = self._store.put_execution(execution, pairs, full)
        self.execution_times[id_] = span
        made_ids = artifact_ids[len(reads) : len(reads) + len(writes)]
        for made_id, (_, made) in zip(made_ids, writes, strict=True):
            made.id = made_id
            self.artifacts[made_id] = made
            self.artifact_times[made_id] = [span[0], span[1]]
        return made_ids

    def new(self, kind: str, name: str, uri: str, declared: dict[str, Any] | None = None,
            **custom: Any) -> pb.Artifact:  # fmt: skip
        """An artifact that is not in the store yet."""
        made = pb.Artifact(type_id=self._artifact_type(kind), name=name, uri=uri)
        for key, value in (declared or {}).items():
            _set(made.properties[key], value)
        for key, value in {**custom, "tfx_version": TFX_VERSION}.items():
            _set(made.custom_properties[key], value)
        return made

    def set_times(self, path: str) -> None:
        """Write the times of the story into the SQLite file, and shrink it."""
        columns = "create_time_since_epoch = ?, last_update_time_since_epoch = ?"
        with sqlite3.connect(path) as connection:
            for table, times in (
                ("Execution", self.execution_times),
                ("Artifact", self.artifact_times),
                ("Context", self.context_times),
            ):
                rows = [(first, last, id_) for id_, (first, last) in times.items()]
                connection.executemany(f"UPDATE {table} SET {columns} WHERE id = ?", rows)
            _put_in_order(connection)
        connection.execute("VACUUM")
        connection.close()

    def _execution_type(self, component: str) -> int:
        module, base = TYPES[component]

        def make() -> pb.ExecutionType:
            made = pb.ExecutionType(name=f"{module}.{component}")
            if base is not None:
                made.base_type = base
            return made

        return self._type("execution", component, make)

    def _artifact_type(self, kind: str) -> int:
        def make() -> pb.ArtifactType:
            made = pb.ArtifactType(name=kind)
            if kind in ARTIFACT_BASES:
                made.base_type = ARTIFACT_BASES[kind]
            for key, data_type in DECLARED.get(kind, {}).items():
                made.properties[key] = data_type
            return made

        return self._type("artifact", kind, make)

    def _type(self, node: str, name: str, make: Any) -> int:
        if (node, name) not in self._types:
            put = getattr(self._store, f"put_{node}_type")
            self._types[node, name] = put(make())
        return self._types[node, name]


def _put_in_order(connection: sqlite3.Connection) -> None:
    """Undo the order of a hash, different in every process, in which the client wrote some rows."""
    for table in ("Type", "Artifact", "Execution", "Context"):
        _rewrite(connection, f"{table}Property", "SELECT * FROM {} ORDER BY 1, 2, 3")
    for table in ("Association", "Attribution"):
        member = {"Association": "execution_id", "Attribution": "artifact_id"}[table]
        number = f"row_number() OVER (ORDER BY {member}, context_id)"
        query = f"SELECT {number}, context_id, {member} FROM {{}} ORDER BY 1"
        _rewrite(connection, table, query)


def _rewrite(connection: sqlite3.Connection, table: str, query: str) -> None:
    rows = connection.execute(query.format(table)).fetchall()
    connection.execute(f"DELETE FROM {table}")
    if rows:
        marks = ", ".join("?" * len(rows[0]))
        connection.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)


def fingerprint(*parts: object) -> str:
    """A stable hexadecimal digest, as TFX names its cache entries."""
    return hashlib.sha256("|".join(map(str, parts)).encode()).hexdigest()


def _event(kind: int, role: str, time: int, index: int = 0) -> pb.Event:
    event = pb.Event(type=kind, milliseconds_since_epoch=time)
    event.path.steps.add().key = role
    event.path.steps.add().index = index
    return event


def _set(value: pb.Value, given: Any) -> None:
    if isinstance(given, int):
        value.int_value = int(given)
    elif isinstance(given, float):
        value.double_value = given
    else:
        value.string_value = str(given)
