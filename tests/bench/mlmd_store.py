"""Makes a large store of ML Metadata by direct SQL, to measure reading.

    python tests/bench/mlmd_store.py 100000 /tmp/large.sqlite

The first number is of executions. Ten of them make a run; each reads two artifacts, writes one and
has eight properties. The tables and indexes are those of the demo store, so of the real client.
With `--read` the store is read as well, and the speed and the memory are printed.
"""

from __future__ import annotations

import argparse
import resource
import sqlite3
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

DEMO = Path(__file__).parents[2] / "lineage" / "demo" / "store.sqlite"
START = 1_600_000_000_000
NODES = (
    "CsvExampleGen", "StatisticsGen", "ExampleValidator", "Transform", "Trainer", "Evaluator",
    "InfraValidator", "Pusher", "BulkInferrer", "Tuner",
)  # fmt: skip
RUNS_OF_A_PIPELINE = 20
ARTIFACT, EXECUTION, PIPELINE, RUN, NODE = 1, 2, 3, 4, 5


def make(executions: int, path: Path) -> None:
    """Make the store; a file already there is replaced."""
    path.unlink(missing_ok=True)
    with sqlite3.connect(path) as store:
        store.execute("PRAGMA synchronous = OFF")
        indexes = _make_tables(store)
        _types(store)
        _contexts(store, executions)
        _put(store, "Execution", 7, (
            (id_, EXECUTION + 100 * (id_ % 10), 3, None, None, START + id_ * 1000,
             START + id_ * 1000 + 900) for id_ in range(1, executions + 1)
        ))  # fmt: skip
        _put(store, "Artifact", 8, (
            (id_, ARTIFACT, f"gs://bench/{id_}", 2, f"artifact:{id_}", None, START + id_ * 1000,
             START + id_ * 1000 + 900) for id_ in range(1, executions + 1)
        ))  # fmt: skip
        for table, count in (("Execution", 8), ("Artifact", 5)):
            _put(store, f"{table}Property", 9, (
                (id_, f"property_{at}", at % 2, None if at % 3 else id_, None,
                 f"value {at} of {id_}" if at % 3 else None, None, None, None)
                for id_ in range(1, executions + 1) for at in range(count)
            ))  # fmt: skip
        _events(store, executions)
        for index in indexes:
            store.execute(index)
    store.close()


def _make_tables(store: sqlite3.Connection) -> list[str]:
    demo = sqlite3.connect(f"file:{DEMO}?mode=ro", uri=True)
    made = demo.execute(
        "SELECT type, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'"
    ).fetchall()
    demo.close()
    for kind, statement in made:
        if kind == "table":
            store.execute(statement)
    store.execute("INSERT INTO MLMDEnv VALUES (10)")
    return [statement for kind, statement in made if kind == "index"]


def _types(store: sqlite3.Connection) -> None:
    types = [(ARTIFACT, "Examples", 1), (PIPELINE, "pipeline", 2), (RUN, "pipeline_run", 2),
             (NODE, "node", 2)]  # fmt: skip
    types += [
        (EXECUTION + 100 * at, f"tfx.components.{name.lower()}.component.{name}", 0)
        for at, name in enumerate(NODES)
    ]
    store.executemany("INSERT INTO Type (id, name, type_kind) VALUES (?, ?, ?)", types)


def _contexts(store: sqlite3.Connection, executions: int) -> None:
    """Contexts and what belongs to them: pipelines, then nodes, then runs."""
    runs = executions // 10 + 1
    pipelines = runs // RUNS_OF_A_PIPELINE + 1
    nodes = pipelines * len(NODES)

    def rows() -> Iterator[tuple[object, ...]]:
        for at in range(pipelines):
            yield at + 1, PIPELINE, f"p{at}", None, START, START
        for at in range(nodes):
            name = f"p{at // 10}.{NODES[at % 10]}"
            yield pipelines + at + 1, NODE, name, None, START, START
        for at in range(runs):
            yield pipelines + nodes + at + 1, RUN, f"run {at}", None, START, START

    def links() -> Iterator[tuple[object, ...]]:
        for id_ in range(1, executions + 1):
            run = id_ // 10
            pipeline = run // RUNS_OF_A_PIPELINE
            node = pipelines + pipeline * 10 + id_ % 10 + 1
            for context in (pipeline + 1, node, pipelines + nodes + run + 1):
                yield None, context, id_

    _put(store, "Context", 6, rows())
    _put(store, "Association", 3, links())
    _put(store, "Attribution", 3, links())


def _events(store: sqlite3.Connection, executions: int) -> None:
    def rows() -> Iterator[tuple[object, ...]]:
        for id_ in range(1, executions + 1):
            for artifact, kind in ((id_ - 1, 3), (id_ - 2, 3), (id_, 4)):
                if artifact > 0:
                    yield None, artifact, id_, kind, START + id_ * 1000

    _put(store, "Event", 5, rows())
    store.execute("INSERT INTO EventPath SELECT id, 0, NULL, 'examples' FROM Event")
    store.execute("INSERT INTO EventPath SELECT id, 1, 0, NULL FROM Event")


def _put(
    store: sqlite3.Connection, table: str, width: int, rows: Iterable[tuple[object, ...]]
) -> None:
    store.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * width)})", rows)


def read(path: Path) -> None:
    """Read the store and print how that went."""
    from lineage_ingest.mlmd import MlmdReader

    reader = MlmdReader(str(path))
    start = time.perf_counter()
    count = sum(1 for _ in reader.records())
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{count} records in {seconds:.1f} s: {count / seconds:,.0f}/s, at most {peak} MB")
    start = time.perf_counter()
    again = sum(1 for _ in reader.records(reader.cursor))
    print(f"{again} records again in {time.perf_counter() - start:.2f} s")
    reader.close()


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("executions", type=int)
    parser.add_argument("path", type=Path)
    parser.add_argument("--read", action="store_true", help="only read a store made before")
    given = parser.parse_args()
    if given.read:
        read(given.path)
    else:
        make(given.executions, given.path)


if __name__ == "__main__":
    main()
