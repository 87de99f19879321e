"""The reader of ML Metadata stores."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from sqlalchemy import func, select

from lineage.records import NodeKind, SetAside, State
from lineage_ingest.mlmd import sqlite
from lineage_ingest.mlmd.cursor import TABLES, Cursor
from lineage_ingest.mlmd.edges import events, memberships, parents
from lineage_ingest.mlmd.location import SCHEMES, Location
from lineage_ingest.mlmd.nodenames import NodeNames, event_times, existing
from lineage_ingest.mlmd.nodes import NodeRecords, parent_of, state_of
from lineage_ingest.mlmd.rows import Node, NodeStream, Wanted, wanted_condition
from lineage_ingest.mlmd.runs import RunLinks
from lineage_ingest.mlmd.store import NODES, Store
from lineage_ingest.mlmd.types import RUN_TYPES, Types
from lineage_ingest.mlmd.values import millis

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Select

    from lineage.records import Record

SIGNATURE = frozenset({"Artifact", "Execution", "Event", "Association", "Attribution", "Type"})
IDENTITY_NODES = 200
# Servers hand out ids and times before they commit, so that a smaller one can show up after a
# greater one was read. A later read goes back this far; what is read twice changes nothing.
OVERLAP_IDS = 1000
OVERLAP_MS = {"sqlite": 1000, "mysql": 60_000, "postgresql": 60_000}


class MlmdReader:
    r"""Reads a store of ML Metadata, schema versions 4 to 10, by SQL.

    Takes the path of a SQLite file, `sqlite:///relative/path`, `sqlite:////absolute/path`,
    `mysql://user:password@host:port/database` and `postgresql://...` (also `mariadb://` and
    `postgres://`, and `+driver` after any of them). Nothing is ever written, and no transaction
    is held for longer than a thousand rows.

    What becomes what:

    - Contexts of type `pipeline` (Kubeflow's `system.Pipeline`, CMF's `Parent_Context`) are
      pipelines, known by their name; `pipeline_run`, `run` (`system.PipelineRun`) are runs; all
      others stay contexts. A run's pipeline is its parent context, else the one its property
      `pipeline_name` names, else the one that all its executions belong to.
    - An execution's node is told by its context of type `node`, `component_run` or
      `Pipeline_Stage`, else by its property `component_id`, `task_name` or `display_name`. State
      `NEW` is read as `RUNNING`: it will run, and what it belongs to is not finished.
    - It started when it was created and ended when last updated, once its state says that it
      ended; in no known state it ended with its last output. Before version 6 there are no such
      times: those of its events stand for them.
    - Events: declared inputs and outputs are inputs and outputs. The role is the path's keys joined
      by dots, the index its last index.
    - Properties keep their names; a custom one whose name is taken is `custom:NAME`, and an
      external id is the property `external_id`. Structs are mappings, protos are
      `{"type_url", "value"}` with the bytes in base64. Text that is not UTF-8 is kept with its bad
      bytes written as `\xNN`.
    - `pushed` is TFX's property of that name; `digest` is known for CMF only.

    Set aside: events of unknown kind, whatever names a missing node, and times that cannot be
    (negative, past 2262, an end before its start): there the node stays and the time is unknown.

    `records(since=cursor)` yields nodes that are new or were updated at or after the cursor's
    newest update, events and memberships of greater ids, and all parent contexts when their number
    changed. Versions 4 and 5 keep no update times: there only what is new is seen.

    Raises:
        ReadError: the store cannot be opened or read.
        UnsupportedVersionError: its schema version is not read.
        MissingExtraError: the database's driver is not installed.
    """

    name: ClassVar[str] = "mlmd"

    @classmethod
    def recognises(cls, location: str) -> bool:
        """Whether it is a MySQL or PostgreSQL address, or a SQLite file with MLMD's tables."""
        scheme = location.partition("://")[0] if "://" in location else "sqlite"
        scheme = scheme.partition("+")[0]
        if scheme in SCHEMES:
            return True
        if scheme != "sqlite":
            return False
        path = Location.of(location).path
        return path is not None and path.is_file() and sqlite.holds_tables(path, SIGNATURE)

    @classmethod
    def resembles(cls, location: str) -> bool:
        """Whether it is a SQLite file or address, whatever is in it."""
        if "://" in location:
            return location.startswith("sqlite")
        path = Path(location)
        return path.is_file() and sqlite.is_sqlite(path)

    def __init__(self, location: str) -> None:
        self._location = Location.of(location)
        self._store = Store(self._location)
        self._cursor: Cursor | None = None

    @property
    def source(self) -> str:
        """`sqlite:////absolute/path`, or `mysql://host/database` without user and query."""
        return self._location.source

    @property
    def simulated(self) -> bool:
        """No: MLMD has no word for it."""
        return False

    @property
    def version(self) -> str:
        """`MLMD schema 10`."""
        return f"MLMD schema {self._store.version}"

    @property
    def cursor(self) -> str | None:
        """Where a later read goes on; None before `records` was read to its end."""
        return None if self._cursor is None else str(self._cursor)

    def total(self) -> int:
        """About how many records there are: rows of nodes, events and memberships."""
        parents = self._store.count("ParentContext")
        rows = sum(self._store.count(name) for name in TABLES)
        # Each run gets a pipeline: from the parents, or else from `RunLinks`.
        return rows + (parents or self._store.number(self._runs()))

    def _runs(self) -> Select[Any]:
        contexts = self._store.table("Context").c
        runs = Types(self._store).ids(RUN_TYPES)
        return select(func.count()).where(contexts.type_id.in_(runs))

    def identity(self) -> dict[str, int]:
        """When the oldest nodes were made, to tell a store that was made anew under its old name.

        Returns:
            `{"execution/1": 1717291145196, ...}`, milliseconds, for the 200 lowest ids of
            executions, artifacts and contexts each; nodes without a creation time are left out,
            so it is empty before version 6.
        """
        found: dict[str, int] = {}
        for name in NODES:
            if self._store.has(name, "create_time_since_epoch"):
                columns = self._store.table(name).c
                query = select(columns.id, columns.create_time_since_epoch)
                for id_, time in self._store.rows(query.order_by(columns.id).limit(IDENTITY_NODES)):
                    created = millis(time)[0]
                    if created is not None:
                        found[f"{name.lower()}/{id_}"] = created
        return found

    def records(self, since: str | None = None) -> Iterator[Record]:
        """Contexts, executions, artifacts, then memberships and events; see the class.

        Raises:
            ReadError: the store cannot be read, or `since` is no cursor of this reader.
        """
        then = None if since is None else Cursor.parse(since)
        now = Cursor.now(self._store)
        self._cursor = None
        if then != now or self._store.dialect != "sqlite":
            yield from _Reading(self._store, now, then).records()
        self._cursor = now

    def close(self) -> None:
        """Let go of the connection; a second time does nothing."""
        self._store.close()


class _Reading:
    """One pass over a store, from a cursor (or the beginning) to where it stood when it began."""

    def __init__(self, store: Store, now: Cursor, then: Cursor | None) -> None:
        self._store, self._now = store, now
        self._then = None if then is None else self._back(then)
        self._parents_changed = then is None or then.parents != now.parents
        self._types = Types(store)
        self._make = NodeRecords(self._types)

    def records(self) -> Iterator[Record]:
        yield from self._contexts()
        yield from self._executions()
        yield from self._artifacts()
        if self._parents_changed:
            yield from parents(self._store, self._types)
        then, now = self._then or Cursor(), self._now
        since = None if self._then is None else then.association
        yield from RunLinks(self._store, self._types, now.context, since).records()
        for kind, after, newest in (
            (NodeKind.EXECUTION, then.association, now.association),
            (NodeKind.ARTIFACT, then.attribution, now.attribution),
        ):
            yield from memberships(self._store, self._types, kind, after, newest)
        yield from events(self._store, then.event, now.event)

    def _back(self, then: Cursor) -> Cursor:
        overlap = OVERLAP_MS[self._store.dialect]
        found = replace(then, updated=max(then.updated - overlap, 0))
        if self._store.dialect == "sqlite":
            return found
        ids = {name.lower(): max(getattr(then, name.lower()) - OVERLAP_IDS, 0) for name in TABLES}
        return replace(found, **ids)

    def _wanted(self, name: str) -> Wanted:
        newest = getattr(self._now, name.lower())
        if self._then is None:
            return Wanted(newest)
        return Wanted(newest, getattr(self._then, name.lower()), self._then.updated or None)

    def _contexts(self) -> Iterator[Record]:
        stream = NodeStream(self._store, "Context", self._wanted("Context"))
        for chunk in stream.chunks():
            for row in chunk:
                yield from self._make.context(row)
            yield from stream.take_orphans()
        yield from stream.take_orphans()

    def _artifacts(self) -> Iterator[Record]:
        stream = NodeStream(self._store, "Artifact", self._wanted("Artifact"))
        for chunk in stream.chunks():
            for row in chunk:
                yield from self._make.artifact(row)
            yield from stream.take_orphans()
        yield from stream.take_orphans()

    def _executions(self) -> Iterator[Record]:
        wanted = self._wanted("Execution")
        condition = wanted_condition(self._store, "Execution", wanted)
        names = NodeNames(self._store, self._types, condition)
        stream = NodeStream(self._store, "Execution", wanted)
        for chunk in stream.chunks():
            yield from self._execution_chunk(chunk, names)
            yield from stream.take_orphans()
        yield from stream.take_orphans()

    def _execution_chunk(self, chunk: list[Node], names: NodeNames) -> Iterator[Record]:
        nodes = names.of([row.id for row in chunk])
        timeless = [row.id for row in chunk if _needs_events(row)]
        seen = event_times(self._store, timeless)
        claimed = {row.id: parent for row in chunk if (parent := parent_of(row)) is not None}
        there = existing(self._store, set(claimed.values()))
        for row in chunk:
            parent = claimed.get(row.id)
            known = str(parent) if parent in there else None
            yield from self._make.execution(row, nodes.get(row.id), known, seen.get(row.id))
            if parent is not None and known is None:
                reason = f"its parent execution {parent} does not exist"
                yield SetAside(kind="parent", position=f"execution {row.id}", reason=reason)


def _needs_events(row: Node) -> bool:
    """Whether the events tell more of an execution's times than its own row."""
    return state_of(row) is State.UNKNOWN or millis(row.created)[0] is None
