"""A tracking store in a database: SQLite, MySQL or PostgreSQL, read by SQL.

MLflow's schema changes with nearly every release, mostly in tables that are not read here. So no
list of versions is kept: what is needed must be there, and what is newer may be missing.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import column, inspect, null, select, table
from sqlalchemy.exc import DatabaseError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.sql.elements import quoted_name

from lineage.errors import ReadError, UnsupportedVersionError
from lineage_ingest.databases import engine_of, explained, missing_driver
from lineage_ingest.mlmd import sqlite

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from sqlalchemy import ColumnElement, Connection, Select, TableClause

    from lineage_ingest.mlmd.location import Location

SIGNATURE = frozenset({"experiments", "runs", "alembic_version"})
NEEDED = {
    "experiments": {"experiment_id", "name", "lifecycle_stage"},
    "runs": {"run_uuid", "experiment_id", "status", "start_time", "end_time", "lifecycle_stage"},
    "params": {"key", "value", "run_uuid"},
    "metrics": {"key", "value", "timestamp", "run_uuid"},
    "tags": {"key", "value", "run_uuid"},
}
OPTIONAL = frozenset({
    "experiment_tags", "latest_metrics", "datasets", "inputs", "input_tags", "logged_models",
    "logged_model_params", "logged_model_tags", "registered_models", "registered_model_tags",
    "registered_model_aliases", "model_versions", "model_version_tags",
})  # fmt: skip
CONNECT_SECONDS = 10
FETCH = 1000

Row = tuple[Any, ...]


class Database:
    """An open database with MLflow's tables; it only ever reads, each statement by itself.

    Raises:
        ReadError: it cannot be opened, or is no tracking store.
        UnsupportedVersionError: its schema is not one that is read.
        MissingExtraError: the database's driver is not installed.
    """

    def __init__(self, location: Location, seconds: int = CONNECT_SECONDS) -> None:
        self.location = location
        if location.path is not None:
            sqlite.check(location.path)
        with self.errors():
            self._engine = engine_of(location, seconds)
            self._connection: Connection = self._engine.connect()
        try:
            with self.errors():
                self._tables = self._find_tables()
            self._check()
            self.schema = self._find_schema()
        except BaseException:
            self.close()
            raise

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
            reason = self.location.scrub(" ".join(str(cause).split()))
            # `from None`: a driver's own message may hold the address with the password.
            raise ReadError(f"{self.location.source}: {explained(reason)}") from None

    def has(self, name: str) -> bool:
        """Whether the store's version has a table."""
        return name in self._tables

    def table(self, name: str) -> TableClause:
        """One of the tables that are there."""
        return self._tables[name]

    def field(self, name: str, field: str) -> ColumnElement[Any]:
        """A column of a table; null where the store's version has none."""
        columns = self._tables[name].c
        return columns[field] if field in columns else null().label(field)

    def stream(self, statement: Select[Any]) -> Generator[Row]:
        """The rows of a statement; read them out before the next one."""
        options = {"stream_results": True, "max_row_buffer": FETCH}
        with self.errors(), self._connection.begin():
            result = self._connection.execute(statement, execution_options=options)
            for part in result.partitions(FETCH):
                yield from map(tuple, part)

    def columns(self, name: str, *fields: str) -> Select[Any]:
        """A statement for some columns of a table, null for those that it lacks."""
        return select(*(self.field(name, field) for field in fields)).select_from(self.table(name))

    def among(
        self, name: str, key: str, keys: list[str], *fields: str, **only: tuple[str, ...]
    ) -> Iterator[Row]:
        """Columns of the rows whose key is one of these; none where there is no such table.

        Args:
            name: of the table.
            key: the column that is looked up, which comes first in the rows.
            keys: its values.
            fields: the other columns.
            only: values of further columns, so that an index can be used.
        """
        if self.has(name) and keys:
            query = self.columns(name, key, *fields).where(self.table(name).c[key].in_(keys))
            for field, values in only.items():
                query = query.where(self.table(name).c[field].in_(values))
            yield from self.stream(query)

    def pairs(self, name: str, key: str, keys: list[str]) -> dict[str, dict[str, str]]:
        """The keys and values, as of tags, that each of these has."""
        return self.named(name, key, keys, ("key", "value"))

    def named(
        self, name: str, key: str, keys: list[str], fields: tuple[str, str]
    ) -> dict[str, dict[str, str]]:
        """As `pairs`, where a table has other words for key and value."""
        found: dict[str, dict[str, str]] = defaultdict(dict)
        for owner, field, value in self.among(name, key, keys, *fields):
            found[str(owner)][str(field)] = "" if value is None else str(value)
        return found

    def _find_tables(self) -> dict[str, TableClause]:
        inspector = inspect(self._connection)
        there = set(inspector.get_table_names())
        found = {}
        for name in sorted((NEEDED.keys() | OPTIONAL | SIGNATURE) & there):
            fields = (str(one["name"]) for one in inspector.get_columns(name))
            found[name] = table(name, *(column(quoted_name(field, True)) for field in fields))
        self._connection.rollback()
        return found

    def _check(self) -> None:
        """Say what is wrong with a database that lacks what is needed."""
        where = self.location.source
        missing = NEEDED.keys() - self._tables.keys()
        if missing & {"experiments", "runs"}:
            raise ReadError(f"{where} is no MLflow store: it has no table {min(missing)}")
        lacking = sorted(missing) or [
            f"{name}.{field}"
            for name, fields in sorted(NEEDED.items())
            for field in sorted(fields - set(self._tables[name].c.keys()))
        ]
        if "alembic_version" not in self._tables:
            raise UnsupportedVersionError(
                f"{where}: its schema is older than MLflow 1.0, for it has no table "
                f"alembic_version; {_UPGRADE}"
            )
        if lacking:
            raise UnsupportedVersionError(
                f"{where}: its MLflow schema has no {lacking[0]}, so it is not one that is read; "
                f"{_UPGRADE}, or read it through a tracking server: http://..."
            )

    def _find_schema(self) -> str:
        rows = list(self.stream(self.columns("alembic_version", "version_num")))
        if len(rows) != 1:
            raise UnsupportedVersionError(
                f"{self.location.source}: it states {len(rows)} schema versions instead of one, "
                f"so an upgrade was broken off; {_UPGRADE}"
            )
        return str(rows[0][0])


_UPGRADE = "upgrade a copy of it with: mlflow db upgrade ADDRESS"


def holds_store(location: Location, seconds: int) -> bool:
    """Whether a database server answers and has MLflow's tables."""
    try:
        engine = engine_of(location, seconds)
        try:
            with engine.connect() as connection:
                return set(inspect(connection).get_table_names()) >= SIGNATURE
        finally:
            engine.dispose()
    except (SQLAlchemyError, OSError, ModuleNotFoundError, ReadError):
        return False
