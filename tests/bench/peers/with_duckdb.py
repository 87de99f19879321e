"""DuckDB: recursive queries over tables of integers, in process, on two threads.

The walks go from execution to execution (`sql/steps.sql`); artifacts are joined at the end, so a
walk has half as many rounds. One statement answers for many trainers at once (`sql/members.sql`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb
from bench.trace import sql
from bench.walks import ROLES, SPAN, Graphlet

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bench.walks import Counts

# One round reads all steps, so few large batches are best, as long as one fits in memory.
BATCHES = (1_000_000, 400_000)
"""Executions in one statement that are tried, besides all of them."""


class DuckDB:
    """The question as SQL."""

    name = "DuckDB"
    version = duckdb.__version__

    def __init__(self, db: duckdb.DuckDBPyConnection) -> None:
        """Ask a database that `bench.trace.opened` made."""
        self._db = db
        (self._executions,) = db.execute("SELECT count(*) FROM execution").fetchall()[0]

    def steps(self) -> None:
        """Make the tables of steps; a part of each answer."""
        for statement in self._db.extract_statements(sql("steps")):
            self._db.execute(statement)

    def batches(self) -> list[int | None]:
        """The sizes to try; None is everything at once."""
        return [None, *(size for size in BATCHES if size < self._executions)]

    def count(self, batch: int | None = None) -> Counts:
        """How many members of each role all graphlets have, and how many spans.

        Args:
            batch: executions in one statement; None for all.
        """
        self.steps()
        found = dict.fromkeys((*ROLES, SPAN), 0)
        for low, high in self._ranges(batch):
            self._add(found, low, high, None)
        return found

    def count_of(self, trainers: Sequence[int]) -> Counts:
        """The same for some graphlets only, to hold other peers' samples against."""
        self.steps()
        found = dict.fromkeys((*ROLES, SPAN), 0)
        self._add(found, 0, self._executions, list(trainers))
        return found

    def graphlets(self) -> dict[int, Graphlet]:
        """All members of all graphlets: for small traces."""
        self.steps()
        found: dict[int, Graphlet] = {}
        rows = self._db.execute(sql("members"), {"low": 0, "high": self._executions}).fetchall()
        for trainer, node, rank, span in rows:
            one = found.setdefault(trainer, Graphlet({}, set()))
            one.roles[node] = rank
            if span:
                one.spans.add(node)
        return found

    def _ranges(self, batch: int | None) -> Iterator[tuple[int, int]]:
        size = batch or max(1, self._executions)
        for low in range(0, self._executions, size):
            yield low, low + size

    def _add(self, found: Counts, low: int, high: int, trainers: list[int] | None) -> None:
        text = sql("counts").replace("-- members", sql("members"))
        given = {"low": low, "high": high, "trainers": trainers}
        for rank, members, spans in self._db.execute(text, given).fetchall():
            found[ROLES[rank]] += members
            found[SPAN] += spans
