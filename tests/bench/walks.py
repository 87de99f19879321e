"""The graph and the question for peers that hold a graph in memory, and what they answer.

Every rule of a graphlet is a walk of its own, over the edges that this rule follows. That is how
one uses a graph library: the walk is the library's, pruning is done once, when graphs are built.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from bench.trace import sql

if TYPE_CHECKING:
    from collections.abc import Iterable

    import duckdb
    import numpy as np
    from numpy.typing import NDArray

TRAINER, BOUNDARY, ANCESTOR, DESCENDANT, ANALYSIS = range(5)
ROLES = ("trainer", "boundary", "ancestor", "descendant", "analysis")
SPAN = "span"
"""Counted beside the roles: ancestors that are spans trained on."""

Counts = dict[str, int]


@dataclass(frozen=True, slots=True)
class Walks:
    """The graph that some graphlets are in.

    Attributes:
        trainers: the executions that anchor a graphlet.
        edges: (m, 2) from and to, for each of the walks up, clean, down and look.
        boundary: artifacts that only trainers or predictors made.
        spans: artifacts of class span.
    """

    trainers: list[int]
    edges: dict[str, NDArray[np.int64]]
    boundary: frozenset[int]
    spans: frozenset[int]

    @classmethod
    def of(cls, db: duckdb.DuckDBPyConnection, most_trainers: int | None = None) -> Walks:
        """The walks over a trace that `bench.trace.opened` holds.

        Args:
            db: the tables of the trace.
            most_trainers: take the first so many graphlets' part of the graph alone, for peers
                that cannot hold it all, or are too slow; None for the whole.
        """
        asked = trainers(db)[:most_trainers]
        last = asked[-1] if asked else 0
        for statement in db.extract_statements(sql("steps")):
            db.execute(statement)
        kept = "SELECT DISTINCT node FROM (" + sql("members") + ")"
        db.execute("CREATE OR REPLACE TEMP TABLE kept AS " + kept, {"low": 0, "high": last + 1})
        found = db.execute(sql("walks")).fetchnumpy()
        edges = {
            walk: _pairs(found, found["walk"] == walk) for walk in ("up", "clean", "down", "look")
        }
        artifacts = db.execute(sql("artifacts")).fetchnumpy()
        return cls(
            trainers=asked,
            edges=edges,
            boundary=frozenset(artifacts["id"][artifacts["boundary"]].tolist()),
            spans=frozenset(artifacts["id"][artifacts["span"]].tolist()),
        )


def trainers(db: duckdb.DuckDBPyConnection) -> list[int]:
    """The executions that anchor a graphlet, in the order of the trace."""
    return [number for (number,) in db.execute(sql("trainers")).fetchall()]


def _pairs(found: dict[str, NDArray[np.int64]], rows: NDArray[np.bool_]) -> NDArray[np.int64]:
    import numpy as np

    return np.column_stack([found["start"][rows], found["goal"][rows]]).astype(np.int64)


@dataclass(slots=True)
class Graphlet:
    """One answer: each member's role, and the spans trained on."""

    roles: dict[int, int]
    spans: set[int]


def graphlet(
    trainer: int, up: set[int], clean: set[int], down: set[int], look: set[int], walks: Walks
) -> Graphlet:
    """The first role of each node, from what the walks of the rules reached."""
    roles = dict.fromkeys(look, ANALYSIS)
    roles.update(dict.fromkeys(down, DESCENDANT))
    roles.update(dict.fromkeys(up, ANCESTOR))
    roles.update(dict.fromkeys(up & walks.boundary, BOUNDARY))
    roles[trainer] = TRAINER
    return Graphlet(roles, (clean & walks.spans) - walks.boundary)


class Peer(Protocol):
    """Something else that can answer the question, its graph in memory."""

    name: str
    version: str

    def graphlet(self, trainer: int) -> Graphlet:
        """The members of one trainer's graphlet."""


def count(peer: Peer, trainers: Iterable[int]) -> Counts:
    """How many members of each role the graphlets of some trainers have, and how many spans."""
    found: Counter[int] = Counter()
    spans = 0
    for trainer in trainers:
        one = peer.graphlet(trainer)
        found.update(one.roles.values())
        spans += len(one.spans)
    return {role: found[rank] for rank, role in enumerate(ROLES)} | {SPAN: spans}
