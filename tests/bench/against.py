"""The same question on the same corpus: us first, then each peer; one that fails says so.

The question is the members of every graphlet under all rules, with their roles, counted by role.
Every answer is held against DuckDB's, and DuckDB's against ours. Bringing the graph into a peer's
own form is not counted, nor is our loading; DuckDB's tables of steps are, as they are made by the
rules. Peers that take long answer for a sample; its time is scaled by the number of members.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from bench import ours
from bench.measure import timed
from bench.peers import with_mlmd
from bench.peers.plain import Plain
from bench.peers.with_duckdb import DuckDB
from bench.peers.with_networkx import NetworkX
from bench.peers.with_rustworkx import Rustworkx
from bench.results import Figure, PeerResult
from bench.trace import opened
from bench.walks import ROLES, Walks, count

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import duckdb
    from bench.product import Corpus
    from bench.walks import Counts

    from lineage import Lineage

REPEATS = 3
SAMPLE = 20_000
"""Graphlets whose part of the graph the libraries hold in memory, and answer for."""
MLMD_PIPELINES, MLMD_TRAINERS = 10, 200


def run(corpus: Corpus) -> Iterator[PeerResult]:
    """Ask everyone, us first."""
    with opened(corpus.folder, scratch=corpus.scratch) as db:
        question = _Question(corpus, db)
        with corpus.server.connected() as lin:
            yield _result("Neo4j, Cypher, read only", lambda: question.ours(lin, ours.walked))
            yield _result("Neo4j, as written", lambda: question.ours(lin, ours.persisted))
        # Down while others are measured: it would take memory, and a core now and then.
        corpus.server.down()
        yield _result(f"DuckDB {DuckDB.version}", question.duckdb)
        for peer in (Plain, Rustworkx, NetworkX):
            name = f"{peer.name} {peer.version}"
            yield _result(name, lambda kind=peer: question.in_memory(kind))  # type: ignore[misc]
        yield _result("ML Metadata", question.mlmd)


def figures(found: list[PeerResult]) -> list[Figure]:
    """The ratios that are asked for: our time by theirs."""
    whole = {peer.name.partition(" ")[0]: peer.whole for peer in found[1:]}
    us = found[0].whole
    return [
        Figure(name=f"members, our time / {name}", value=us / other, unit="x")
        for name, other in (("DuckDB's", whole.get("DuckDB")), ("MLMD's", whole.get("ML")))
        if us is not None and other is not None
    ]


def _result(name: str, ask: Callable[[], dict[str, Any]]) -> PeerResult:
    """What came of it, whatever happens: the others are still to be measured."""
    try:
        return PeerResult(name=name, **ask())
    except Exception as error:  # noqa: BLE001
        text = str(error).strip().splitlines() or [""]
        return PeerResult(name=name, failure=f"{type(error).__name__}: {text[0]}")


@dataclass
class _Question:
    """The corpus, and its tables."""

    corpus: Corpus
    db: duckdb.DuckDBPyConnection

    @cached_property
    def wanted(self) -> Counts:
        """The answer that all others are held against."""
        return DuckDB(self.db).count()

    @cached_property
    def sample(self) -> Walks:
        """The part that the libraries answer for."""
        return Walks.of(self.db, SAMPLE)

    def ours(self, lin: Lineage, answer: Callable[[Lineage], Counts]) -> dict[str, Any]:
        """By Cypher."""
        seconds, counts = _best(lambda: answer(lin))
        return self._whole(seconds, counts, f"best of {REPEATS}")

    def duckdb(self) -> dict[str, Any]:
        """The best of several sizes of batches."""
        asked = DuckDB(self.db)
        tries = [(*_best(lambda one=size: asked.count(one)), size) for size in asked.batches()]  # type: ignore[misc]
        seconds, counts, size = min(tries, key=lambda one: one[0])
        how = "in one statement" if size is None else f"{size:,} executions in a statement"
        return self._whole(seconds, counts, f"best of {REPEATS}, {how}, two threads")

    def in_memory(self, kind: type[Plain | NetworkX | Rustworkx]) -> dict[str, Any]:
        """One pass over the sample, in a graph of its own."""
        walks = self.sample
        prepare, peer = timed(lambda: kind(walks))
        seconds, counts = timed(lambda: count(peer, walks.trainers))
        return {
            "seconds": seconds,
            "graphlets": len(walks.trainers),
            "members": _members(counts),
            "prepare": prepare,
            "agrees": counts == DuckDB(self.db).count_of(walks.trainers),
            "whole": seconds * _members(self.wanted) / _members(counts),
            "note": f"from {len(walks.trainers):,} graphlets",
        }

    def mlmd(self) -> dict[str, Any]:
        """One trainer after another, the faster of two forms."""
        found = with_mlmd.ask(
            self.db, self.corpus.folder, self.corpus.scratch, MLMD_PIPELINES, MLMD_TRAINERS
        )
        form, best = min(found["forms"].items(), key=lambda one: one[1]["seconds"])
        return {
            "seconds": best["seconds"],
            "graphlets": found["trainers"],
            "members": best["nodes"],
            "prepare": found["write_seconds"],
            "whole": best["seconds"] / found["trainers"] * self.wanted["trainer"],
            "note": f"{found['version']}, SQLite, {form}, from {found['trainers']} trainers",
        }

    def _whole(self, seconds: float, counts: Counts, note: str) -> dict[str, Any]:
        return {
            "seconds": seconds,
            "graphlets": counts["trainer"],
            "members": _members(counts),
            "agrees": counts == self.wanted,
            "whole": seconds,
            "note": note,
        }


def _best(work: Callable[[], Counts]) -> tuple[float, Counts]:
    """The least seconds of several tries: the first warms what can be warmed."""
    tries = [timed(work) for _ in range(REPEATS)]
    return min(seconds for seconds, _ in tries), tries[0][1]


def _members(counts: Counts) -> int:
    return sum(counts[role] for role in ROLES)
