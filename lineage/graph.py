"""The only module that talks to the Neo4j driver.

Statements come from `lineage.queries`; every exception of the driver leaves as one of ours.
"""

from __future__ import annotations

import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Self

import neo4j.time  # noqa: TID251
from neo4j import exceptions as driver_errors  # noqa: TID251

from lineage import queries
from lineage.errors import (
    GraphAuthError,
    GraphError,
    GraphReadOnlyError,
    GraphTimeoutError,
    GraphUnavailableError,
    QueryError,
    SettingsError,
    TransactionMemoryError,
)
from lineage.safe import without_login

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Row = dict[str, Any]

RETRY_SECONDS = 30
"""How long the driver tries a transaction again whose server went away."""

_RETRIES = 5
TOO_LONG = "the graph took too long; ask for less, or again later"
_TIMEOUT = "Neo.ClientError.Transaction.TransactionTimedOut"  # how its codes begin
_READ_ONLY_CODES = (
    "Neo.ClientError.General.ForbiddenOnReadOnlyDatabase",
    "Neo.ClientError.General.WriteOnReadOnlyAccessDatabase",
    "Neo.ClientError.Statement.AccessMode",
    "Neo.ClientError.Security.Forbidden",
)


class Graph:
    """A database of a Neo4j server.

    Connections are pooled and safe to share between threads.
    """

    def __init__(
        self,
        driver: neo4j.Driver,
        database: str | None = None,
        login: tuple[str, str] | None = None,
    ) -> None:
        self._driver = driver
        self._database = database
        self._login = login

    @classmethod
    def connect(
        cls, uri: str, username: str | None, password: str | None, database: str | None = None
    ) -> Self:
        """Connect and check that the server answers.

        Raises:
            GraphUnavailableError: nothing answers there.
            GraphAuthError: the user or the password is wrong.
            SettingsError: the address is none of a Neo4j.
        """
        login = None if password is None else (username or "neo4j", password)
        return cls(_checked_driver(uri, login), database, login)

    def reconnect(self, uri: str) -> None:
        """Go on with the same server after it was started again, perhaps on another port.

        Raises:
            GraphUnavailableError: nothing answers there.
        """
        self._driver.close()
        self._driver = _checked_driver(uri, self._login)

    @property
    def address(self) -> str:
        """The host and port that answer."""
        with mapped():
            info = self._driver.get_server_info()
        return f"{info.address[0]}:{info.address[1]}"

    def server(self) -> str:
        """The server's agent string, such as `Neo4j/5.26.12`."""
        with mapped():
            return str(self._driver.get_server_info().agent)

    def run(self, name: str, /, **parameters: Any) -> list[Row]:
        """Run a query of `cypher/` to its end, and return its rows.

        It runs in one transaction that is tried again on transient errors, or, where the header
        says `:auto`, in the transactions that it makes itself.

        Raises:
            QueryError: the statement failed or its parameters are not those declared.
            GraphUnavailableError: the server went away.
        """
        query = queries.load(name)
        query.check(set(parameters))
        return self._run(query.text, parameters, implicit=query.implicit)

    def run_text(self, text: str, /, **parameters: Any) -> list[Row]:
        """Run a statement that is not in `cypher/`: a user's own, or a test's."""
        return self._run(text, parameters, implicit=False)

    def run_implicit(self, text: str, /, **parameters: Any) -> list[Row]:
        """As `run_text`, for a statement that makes its own transactions."""
        return self._run(text, parameters, implicit=True)

    def stream(self, name: str, /, **parameters: Any) -> Iterator[Row]:
        """The rows of a reading query, one at a time, in bounded memory."""
        query = queries.load(name)
        query.check(set(parameters))
        with mapped(), self._session() as session:
            for record in session.run(query.text, parameters):
                yield plain(record.data())

    def tuples(self, name: str, /, **parameters: Any) -> Iterator[tuple[Any, ...]]:
        """As `stream`, each row a tuple in the order of the query's columns.

        For hundreds of thousands of rows of numbers, texts and lists: a tenth of the work. Times
        are left as the driver has them, so ask for milliseconds.
        """
        query = queries.load(name)
        query.check(set(parameters))
        with mapped(), self._session() as session:
            for record in session.run(query.text, parameters):
                yield tuple(tuple.__iter__(record))  # a record's own looks at each value

    def write(self, work: Callable[[Transaction], Any]) -> Any:
        """Run several statements in one transaction, again from the start on transient errors.

        A node that another transaction made first is no error either: the second try finds it.
        """
        with mapped(), self._session() as session:
            for attempt in range(_RETRIES):
                try:
                    return session.execute_write(lambda tx: work(Transaction(tx)))
                except driver_errors.ConstraintError:
                    if attempt == _RETRIES - 1:
                        raise
        raise AssertionError  # the loop returns or raises

    def explain(self, text: str, /, **parameters: Any) -> tuple[dict[str, Any], list[str]]:
        """The plan of a statement, and the server's warnings about it, without running it."""
        with (
            mapped(),
            self._driver.session(
                database=self._database, notifications_min_severity="INFORMATION"
            ) as session,
        ):
            summary = session.run("EXPLAIN " + text, parameters).consume()
        found = [
            f"{status.gql_status}: {status.status_description}"
            for status in summary.gql_status_objects
            if status.is_notification
        ]
        return dict(summary.plan or {}), found

    def close(self) -> None:
        """Close every connection; one that another thread still uses just ends."""
        with suppress(BufferError):  # from the driver, in the midst of that thread's message
            self._driver.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _session(self) -> neo4j.Session:
        return self._driver.session(database=self._database)

    def _run(self, text: str, parameters: Row, *, implicit: bool) -> list[Row]:
        with mapped(), self._session() as session:
            if implicit:
                return _implicit(session, text, parameters)
            return session.execute_write(
                lambda tx: [plain(record.data()) for record in tx.run(text, parameters)]
            )


class Transaction:
    """One transaction of `Graph.write`."""

    def __init__(self, tx: neo4j.ManagedTransaction) -> None:
        self._tx = tx
        self.relationships_created = 0

    def run(self, name: str, /, **parameters: Any) -> list[Row]:
        """Run a query of `cypher/` within the transaction."""
        query = queries.load(name)
        query.check(set(parameters))
        result = self._tx.run(query.text, parameters)
        rows = [plain(record.data()) for record in result]
        self.relationships_created += result.consume().counters.relationships_created
        return rows

    def run_text(self, text: str) -> None:
        """Run a statement that is made from a declaration in the code."""
        self._tx.run(text).consume()


def _checked_driver(uri: str, login: tuple[str, str] | None) -> neo4j.Driver:
    """A driver for a server that answers; see `Graph.connect`."""
    shown = without_login(uri)
    try:
        driver = neo4j.GraphDatabase.driver(
            uri,
            auth=login,
            connection_timeout=10,
            max_transaction_retry_time=RETRY_SECONDS,
            notifications_min_severity="OFF",
            user_agent="lineage-graphlets",
        )
    except (driver_errors.DriverError, ValueError) as error:
        reason = _first_line(error).replace(uri, shown)
        raise SettingsError(f"Neo4j cannot be at {shown!r}: {reason}") from None
    try:
        with mapped(shown):
            driver.verify_connectivity()
    except GraphError:
        driver.close()
        raise
    return driver


def _implicit(session: neo4j.Session, text: str, parameters: Row) -> list[Row]:
    """Run a statement that commits as it goes.

    Such statements are written to be repeatable, so a transient error runs them again.
    """
    for attempt in range(_RETRIES):
        try:
            return [plain(record.data()) for record in session.run(text, parameters)]
        except driver_errors.TransientError as error:
            if attempt == _RETRIES - 1 or _is_out_of_memory(error):
                raise
            time.sleep(0.2 * 2**attempt)
    raise AssertionError  # the loop returns or raises


def plain(value: Any) -> Any:
    """The driver's temporal values as Python's own."""
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if not isinstance(value, neo4j.time.DateTime):
        return value
    try:
        return value.to_native()
    except ValueError:  # a year that Python's own does not have
        return value.iso_format()


@contextmanager
def mapped(uri: str = "the server") -> Iterator[None]:
    """Turn the driver's exceptions into ours."""
    try:
        yield
    except driver_errors.AuthError as error:
        raise GraphAuthError(
            f"Neo4j at {uri} refused the user or password ({_first_line(error)}); "
            "check NEO4J_USERNAME and NEO4J_PASSWORD"
        ) from error
    except (driver_errors.ServiceUnavailable, driver_errors.SessionExpired) as error:
        raise GraphUnavailableError(
            f"Neo4j at {uri} does not answer ({_first_line(error)}); "
            "`lineage up` starts one, `lineage status` tells more"
        ) from error
    except driver_errors.Neo4jError as error:
        if error.code in _READ_ONLY_CODES:
            raise GraphReadOnlyError(
                f"the database takes no writes ({_first_line(error)}); "
                "use an account and a database that may be written"
            ) from error
        if (error.code or "").startswith(_TIMEOUT):
            raise GraphTimeoutError(TOO_LONG) from error
        if _is_out_of_memory(error):
            raise TransactionMemoryError(
                f"a transaction is too large for the server's memory ({_first_line(error)}); "
                "give the server a larger heap"
            ) from error
        raise QueryError(f"Neo4j refused a statement: {_first_line(error)}") from error
    except (driver_errors.DriverError, OSError, ValueError, OverflowError) as error:
        raise GraphError(f"the Neo4j driver failed: {_first_line(error)}") from error


def _is_out_of_memory(error: driver_errors.Neo4jError) -> bool:
    return (error.code or "").endswith("OutOfMemoryError")


def _first_line(error: Exception) -> str:
    said = error.message if isinstance(error, driver_errors.Neo4jError) else None
    text = said or str(error)
    return text.strip().splitlines()[0] if text.strip() else type(error).__name__
