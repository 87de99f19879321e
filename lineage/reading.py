"""A graph that is read until a time: for answers that somebody waits for."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Self

from lineage import queries
from lineage.errors import GraphTimeoutError
from lineage.graph import TOO_LONG, Graph, mapped, plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    import neo4j  # noqa: TID251  (for its types alone)

    from lineage.graph import Row


class ReadingGraph(Graph):
    """A database that is read until a time; the server refuses writes.

    All that is asked through it shares one time, and nothing is tried again. Its connections are
    those of the graph that it was made of.
    """

    _end: float

    @classmethod
    def of(cls, graph: Graph, seconds: float) -> Self:
        """The same database as a graph's.

        Args:
            graph: connected.
            seconds: from now on, after which the server ends what is asked.
        """
        found = cls(graph._driver, graph._database, graph._login)
        found._end = time.monotonic() + seconds
        return found

    def stream(self, name: str, /, **parameters: Any) -> Iterator[Row]:
        """The rows of a query.

        Raises:
            GraphTimeoutError: the time is over.
        """
        for row in self._records(name, parameters):
            yield plain(row.data())

    def tuples(self, name: str, /, **parameters: Any) -> Iterator[tuple[Any, ...]]:
        """As `stream`, each row a tuple in the order of the query's columns."""
        for row in self._records(name, parameters):
            yield tuple(row)

    def close(self) -> None:
        """Leave the connections to the graph that they are of."""

    def _records(self, name: str, parameters: Row) -> Iterator[neo4j.Record]:
        query = queries.load(name)
        query.check(set(parameters))
        with self._transaction() as tx:
            yield from tx.run(query.text, parameters)

    def _run(self, text: str, parameters: Row, *, implicit: bool) -> list[Row]:  # noqa: ARG002
        with self._transaction() as tx:
            return [plain(row.data()) for row in tx.run(text, parameters)]

    @contextmanager
    def _transaction(self) -> Iterator[neo4j.Transaction]:
        left = self._end - time.monotonic()
        if left <= 0:
            raise GraphTimeoutError(TOO_LONG)
        access = self._driver.session(database=self._database, default_access_mode="READ")
        with mapped(), access as session, session.begin_transaction(timeout=left) as tx:
            yield tx
