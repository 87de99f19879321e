"""Redundant computation: executions that did again what another had done, linked in the graph.

Two executions are equivalent when they have the same native type, code version and parameters, and
equivalent inputs; two artifacts are when a digest says so, or when they are the same output of
equivalent executions. The relation is the smallest one closed under these rules, a congruence
closure (Nelson and Oppen, JACM 1980; Downey, Sethi and Tarjan, JACM 1980). It is found by rounds
over what is marked: what an execution reads is added up to a signature, those that share one are
compared and linked, and what they wrote gets a name in common, which marks its readers. So a round
looks only at what the last one named.

It is not monotone: where an input, a parameter, a state or a digest changes, or where equivalents
turn out to have written different content, the class and everything derived from it is dissolved
and closed again.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from lineage.errors import QueryError

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from lineage.graph import Graph
    from lineage.settings import Settings

    Progress: TypeAlias = Callable[[int, int], None]

CLEARING_ROUNDS = 50
"""After so many rounds a class that was found unstable stays so: it may be the ground on which it
became one."""
FAILURES = 20  # rounds in which nothing could be written, before it is called an error


class Closed(BaseModel):
    """What a closure found.

    Attributes:
        repeats: executions that did again what another had done, in all.
        concurrent: executions that overlapped with one that did the same.
        rounds: how many were needed.
        seconds: wall time.
    """

    model_config = ConfigDict(frozen=True)

    repeats: int
    concurrent: int
    rounds: int
    seconds: float


def mark(graph: Graph) -> None:
    """Mark what changed since the last time; a segmentation does so before it takes its marks off.

    Raises:
        GraphError: Neo4j failed.
    """
    fresh = [row["source"] for row in graph.run("redundancy/fresh", all=False)]
    graph.run("redundancy/mark", fresh=fresh)


def close(graph: Graph, settings: Settings, *, full: bool = False) -> Closed:
    """Link what is marked to what it repeats, and go on until nothing follows from it.

    Any order and slicing of arrivals ends with the classes of one load.

    Args:
        graph: where to read and write.
        settings: for the roles that only hint.
        full: compare all anew.

    Raises:
        GraphError: Neo4j failed; a second call goes on where this one stopped.
    """
    began = time.perf_counter()
    hints = list(settings.hint_roles)
    fresh = [row["source"] for row in graph.run("redundancy/fresh", all=full)]
    if fresh:
        graph.run("redundancy/reset", sources=fresh)
        graph.run("redundancy/sign_sources", sources=fresh, hints=hints)
        graph.run("redundancy/candidates")
        graph.run("redundancy/done", sources=fresh)
    rounds = _rounds(graph, hints)
    total = graph.run("redundancy/total")[0]
    return Closed(
        repeats=total["repeats"],
        concurrent=total["concurrent"],
        rounds=rounds,
        seconds=time.perf_counter() - began,
    )


def settle(graph: Graph, settings: Settings) -> None:
    """Compare anew what is marked because something was taken out of the graph.

    Raises:
        GraphError: Neo4j failed; the next closure goes on where this one stopped.
    """
    _rounds(graph, list(settings.hint_roles))


def _rounds(graph: Graph, hints: list[str]) -> int:
    rounds = failures = 0
    while True:
        waiting = graph.run("redundancy/waiting")[0]
        if not any(waiting.values()):
            return rounds
        rounds += 1
        if waiting["undone"]:
            while graph.run("redundancy/dissolve", clear=rounds <= CLEARING_ROUNDS)[0]["dissolved"]:
                pass
        if waiting["undone"] or waiting["unsigned"]:
            graph.run("redundancy/sign", hints=hints)
        problem = graph.run("redundancy/group", hints=hints)[0]["problem"]
        failures = failures + 1 if problem else 0
        if failures == FAILURES:
            raise QueryError(f"executions could not be compared: {problem}")
