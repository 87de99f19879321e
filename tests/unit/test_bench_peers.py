"""Every peer of the benchmark gives the members, roles and spans of the reference."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest
from bench.peers.plain import Plain
from bench.peers.with_duckdb import DuckDB
from bench.peers.with_networkx import NetworkX
from bench.peers.with_rustworkx import Rustworkx
from bench.trace import opened
from bench.walks import ROLES, SPAN, Walks, count
from support import reference
from support.traces import conformance_cases, conformance_records, random_traces

from lineage.records import Event, Membership
from lineage_ingest.trace_parquet_writer import ParquetTraceWriter

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import duckdb
    from bench.walks import Graphlet

    from lineage.records import Record

TRACES = 400
Answer = dict[str, tuple[dict[str, str], set[str]]]
IN_MEMORY = (Plain, NetworkX, Rustworkx)


@pytest.fixture(scope="module")
def traces() -> list[list[Record]]:
    """Random traces, and the worked cases, all in one source."""
    found = list(random_traces(TRACES, seed=11))
    cases = conformance_cases()
    return found + [conformance_records(case, f"{case['name']}/") for case in cases]


@pytest.fixture(scope="module")
def folder(traces: list[list[Record]], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The traces as one Parquet trace."""
    folder = tmp_path_factory.mktemp("peers") / "trace"
    rows = [record for trace in traces for record in trace]
    with ParquetTraceWriter(folder, "random") as writer:
        for record in sorted(rows, key=lambda one: isinstance(one, Event | Membership)):
            writer.write(record)
    return folder


@pytest.fixture(scope="module")
def db(folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The tables of that trace."""
    with opened(folder, memory_mb=512) as db:
        yield db


@pytest.fixture(scope="module")
def expected(traces: list[list[Record]]) -> Answer:
    """What the reference says, by trainer; artifacts and executions may share their ids."""
    return {
        trainer: (
            {f"e {one}": role for one, role in graphlet.executions.items()}
            | {f"a {one}": role for one, role in graphlet.artifacts.items()},
            {f"a {span}" for span in graphlet.spans},
        )
        for trace in traces
        for trainer, graphlet in reference.answer(trace).graphlets.items()
    }


def named(db: duckdb.DuckDBPyConnection, graphlets: dict[int, Graphlet]) -> Answer:
    """An answer with native ids."""
    names = dict(db.execute("SELECT id, 'e ' || native FROM execution").fetchall())
    names |= dict(db.execute("SELECT id, 'a ' || native FROM artifact").fetchall())
    return {
        names[trainer].removeprefix("e "): (
            {names[node]: ROLES[rank] for node, rank in one.roles.items()},
            {names[span] for span in one.spans},
        )
        for trainer, one in graphlets.items()
    }


def test_duckdb(db: duckdb.DuckDBPyConnection, expected: Answer) -> None:
    assert named(db, DuckDB(db).graphlets()) == expected


@pytest.mark.parametrize("peer", IN_MEMORY)
def test_in_memory(
    peer: type[Plain | NetworkX | Rustworkx], db: duckdb.DuckDBPyConnection, expected: Answer
) -> None:
    walks = Walks.of(db)
    asked = peer(walks)
    assert named(db, {one: asked.graphlet(one) for one in walks.trainers}) == expected


def test_counts_do_not_depend_on_batches(db: duckdb.DuckDBPyConnection, expected: Answer) -> None:
    roles = [role for members, _ in expected.values() for role in members.values()]
    wanted = {role: roles.count(role) for role in ROLES}
    wanted[SPAN] = sum(len(spans) for _, spans in expected.values())
    asked = DuckDB(db)
    assert asked.count() == asked.count(batch=77) == wanted


@pytest.mark.parametrize("peer", IN_MEMORY)
def test_a_part_of_the_graph_gives_the_same_as_the_whole(
    peer: type[Plain | NetworkX | Rustworkx], db: duckdb.DuckDBPyConnection
) -> None:
    walks = Walks.of(db, most_trainers=100)
    some = random.Random(0).sample(walks.trainers, 40)
    assert count(peer(walks), some) == DuckDB(db).count_of(some)
