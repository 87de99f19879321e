"""A store of ML Metadata: the connection, its version, its tables, and the errors it can raise."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeAlias

from sqlalchemy import (
    column,
    false,
    func,
    inspect,
    literal_column,
    null,
    select,
    table,
    text,
)
from sqlalchemy.exc import DatabaseError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.sql.elements import quoted_name

from lineage.errors import ReadError, UnsupportedVersionError
from lineage_ingest.databases import engine_of, explained, missing_driver
from lineage_ingest.mlmd import sqlite
from lineage_ingest.mlmd.values import from_latin1

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from sqlalchemy import ColumnElement, Connection, Select, TableClause

    from lineage_ingest.mlmd.location import Location

OLDEST, NEWEST = 4, 10
CONNECT_SECONDS = 10
FETCH = 20
"""Rows at a time: a single value can take 20 MB."""
NODES = ("Artifact", "Execution", "Context")
NEEDED = frozenset(
    {*NODES, *(f"{name}Property" for name in NODES), "Association", "Attribution", "Event"}
    | {"EventPath", "MLMDEnv", "Type"}
)
OPTIONAL = frozenset({"ParentContext", "ParentType"})
"""Newer than version 4."""

Row: TypeAlias = tuple[Any, ...]
"""What a statement returns: its driver's values, which the other modules check."""


class Store:
    """An open store; it only ever reads.

    Each statement is a transaction of its own, so that a long read holds up no writer: what is
    read is kept together by the ids that `reader` takes at its start.

    Raises:
        ReadError: it cannot be opened, or is no store of ML Metadata.
        UnsupportedVersionError: its schema version is not read.
        MissingExtraError: the database's driver is not installed.
    """

    def __init__(self, location: Location) -> None:
        self.location = location
        if location.path is not None:
            sqlite.check(location.path)
        with self.errors():
            self._engine = engine_of(location, CONNECT_SECONDS)
            self._connection: Connection = self._engine.connect()
        self._clean: Callable[[Row], Row] = from_latin1 if self.dialect == "mysql" else tuple
        try:
            with self.errors():
                self._tables = self._find_tables()
            self.version = self._find_version()
        except BaseException:
            self.close()
            raise

    @property
    def dialect(self) -> str:
        """`sqlite`, `mysql` or `postgresql`."""
        return self._engine.dialect.name

    def close(self) -> None:
        """Let go of the connection; a second time does nothing."""
        self._connection.close()
        self._engine.dispose()

    @contextmanager
    def errors(self) -> Iterator[None]:
        """Turn a driver's error into a `ReadError` that names the store and hides the password."""
        try:
            yield
        except (ModuleNotFoundError, NoSuchModuleError) as error:
            raise missing_driver(self.location, error) from error
        except (SQLAlchemyError, sqlite3.Error, OSError) as error:
            cause = error.orig if isinstance(error, DatabaseError) else error
            reason = self.location.scrub(" ".join(str(_words(cause)).split()))
            # `from None`: a driver's own message may hold the address with the password.
            raise ReadError(f"{self.location.source}: {_explain(reason)}") from None

    def has(self, name: str, field: str | None = None) -> bool:
        """Whether the store's version has a table, or a column of it."""
        return name in self._tables and (field is None or field in self._tables[name].c)

    def table(self, name: str) -> TableClause:
        """A table by MLMD's name for it (PostgreSQL keeps it in lower case)."""
        return self._tables[name]

    def field(self, name: str, field: str) -> ColumnElement[Any]:
        """A column of a table; null where the store's version has none."""
        if self.has(name, field):
            return self._tables[name].c[field]
        return null().label(field)

    def stream(self, statement: Select[Any]) -> Generator[Row]:
        """The rows of a statement, a few at a time; read them out before the next statement."""
        options = {"stream_results": True, "max_row_buffer": FETCH}
        with self.errors(), self._connection.begin():
            result = self._connection.execute(statement, execution_options=options)
            for part in result.partitions(FETCH):
                for row in part:
                    yield self._clean(tuple(row))

    def rows(self, statement: Select[Any]) -> list[Row]:
        """All rows of a statement."""
        with self.errors(), self._connection.begin():
            return [self._clean(tuple(row)) for row in self._connection.execute(statement)]

    def number(self, statement: Select[Any]) -> int:
        """The one number that a statement returns; 0 for null."""
        found = self.rows(statement)[0][0]
        return int(found or 0)

    def count(self, name: str) -> int:
        """How many rows a table has; 0 when there is no such table."""
        if not self.has(name):
            return 0
        return self.number(select(func.count()).select_from(self._tables[name]))

    def path_order(self) -> list[ColumnElement[Any]]:
        """What keeps the steps of an event's path in the order of their writing.

        The table has no column for it. MySQL is not asked to sort: within one event its index
        returns the rows in that order.
        """
        first = self._tables["EventPath"].c.event_id
        place = {"sqlite": "rowid", "postgresql": "ctid"}.get(self.dialect)
        return [first, literal_column(place)] if place else []

    def _find_tables(self) -> dict[str, TableClause]:
        inspector = inspect(self._connection)
        actual = {name.lower(): name for name in inspector.get_table_names()}
        present = [name for name in NEEDED | OPTIONAL if name.lower() in actual]
        missing = NEEDED - set(present)
        if missing == {"MLMDEnv"}:
            raise UnsupportedVersionError(_unsupported(self.location, "older than 4"))
        if missing:
            raise ReadError(
                f"{self.location.source} is no ML Metadata store: it has no table {min(missing)}"
            )
        found = {}
        for name in present:
            there = table(quoted_name(actual[name.lower()], True))
            # Not by reflection, which stumbles over the types that MLMD declares.
            nothing = select(text("*")).select_from(there).where(false())
            fields = self._connection.execute(nothing).keys()
            found[name] = table(there.name, *(column(quoted_name(key, True)) for key in fields))
        self._connection.rollback()
        return found

    def _find_version(self) -> int:
        rows = self.rows(select(self.table("MLMDEnv").c.schema_version))
        if len(rows) != 1 or not isinstance(rows[0][0], int):
            raise UnsupportedVersionError(_unsupported(self.location, "not stated"))
        version = rows[0][0]
        if not OLDEST <= version <= NEWEST:
            raise UnsupportedVersionError(_unsupported(self.location, str(version)))
        return version


def _unsupported(location: Location, version: str) -> str:
    return (
        f"{location.source}: its ML Metadata schema version is {version}; versions {OLDEST} to "
        f"{NEWEST} are read. Upgrade an older store by opening it with a newer ml-metadata and "
        "enable_upgrade_migration"
    )


def _words(cause: BaseException | None) -> object:
    """A driver's words; MySQL's come as a number and a text."""
    match getattr(cause, "args", ()):
        case (int(), str(words)):
            return words
    return cause


def _explain(reason: str) -> str:
    told = explained(reason)
    if told == reason and ("readonly" in reason or "read-only" in reason):
        return f"its last writer died; open it once with sqlite3 to repair it ({reason})"
    return told
