"""The figures that the project promises, measured: `make bench`.

Loads a synthetic corpus over Bolt, cuts its graphlets, and does the same work with peers in the
same run: `networkx.ancestors` for each trainer, and a walk over plain Python dictionaries. Prints
speeds and ratios. Machines are shared and noisy: compare ratios, and the best of several runs.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parents[1]))

import networkx as nx
from bench.corpus import records
from support.server import own_home

from lineage import Lineage, Settings
from lineage.records import Event, Execution, Membership
from lineage.server import local

if TYPE_CHECKING:
    from collections.abc import Callable

    from lineage.server import Endpoint

TRAINER_SAMPLE = 2_000


def main() -> None:
    """Run everything and print one line for each figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pipelines", type=int, default=1000)
    parser.add_argument("--days", type=int, default=40)
    given = parser.parse_args()
    with own_home(heap_mb=None, page_cache_mb=None) as home:
        found = local.up(home, "benchmark")
        print(f"neo4j {found.version}, {given.pipelines} pipelines, {given.days} days")
        bench_load(found, given.pipelines, given.days)
        trainers = bench_segment(found)
        bench_queries(found)
    bench_peers(given.pipelines, given.days, trainers)
    bench_start()


def connect(found: Endpoint) -> Lineage:
    """The service, with default settings."""
    return Lineage.connect(
        found.uri, found.username, found.password, found.database, settings=Settings()
    )


def timed(work: Callable[[], object]) -> float:
    """Seconds of wall time."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def say(what: str, figure: str, asked: str = "") -> None:
    """One line of the result."""
    print(f"{what:<46} {figure:>22}  {asked}", flush=True)


def bench_load(found: Endpoint, pipelines: int, days: int) -> None:
    """Load the corpus; a second time, when everything is there."""
    with connect(found) as lin:
        bench_phases(lin, pipelines // 4, days)
        loaded = lin.ingest_records(records(pipelines, days), source="corpus")
        edges = loaded.read["event"] + loaded.read["membership"]
        say("executions", f"{loaded.read['execution']:,}")
        say("nodes with their relationships", f"{loaded.nodes:,} + {edges:,}")
        say("load", f"{loaded.seconds:.1f} s")
        say(
            "load, nodes/s, their relationships loaded too", f"{loaded.nodes / loaded.seconds:,.0f}"
        )
        say("load, nodes and relationships/s", f"{(loaded.nodes + edges) / loaded.seconds:,.0f}")
        again = lin.ingest_records(records(pipelines, days), source="corpus")
        say("load again, nothing new", f"{again.seconds:.1f} s, {again.written} written")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    say("Python, peak", f"{peak:.0f} MB", "asked: under 500")


def bench_phases(lin: Lineage, pipelines: int, days: int) -> None:
    """Nodes alone, then relationships alone, twice: the first time Java is still cold."""
    edges = (Event, Membership)
    for name in ("cold", "warm"):
        nodes = (one for one in records(pipelines, days) if not isinstance(one, edges))
        loaded = lin.ingest_records(nodes, source=name)
        asked = "asked: 15,000" if name == "warm" else ""
        say(f"nodes alone/s, {name}", f"{loaded.nodes / loaded.seconds:,.0f}", asked)
        joined = (one for one in records(pipelines, days) if isinstance(one, edges))
        loaded = lin.ingest_records(joined, source=name)
        say(f"relationships alone/s, {name}", f"{loaded.written / loaded.seconds:,.0f}")
        lin.forget(name)


def bench_segment(found: Endpoint) -> float:
    """Cut all graphlets; returns graphlets a second."""
    with connect(found) as lin:
        done = lin.segment()
        say("graphlets cut and written", f"{done.graphlets:,} in {done.seconds:.1f} s")
        say("graphlets/s", f"{done.graphlets / done.seconds:,.0f}", "asked: 40,000 in 30 s")
        again = lin.segment()
        say("again", f"{again.seconds:.1f} s")
    return done.graphlets / done.seconds


def bench_queries(found: Endpoint) -> None:
    """The report on the whole corpus."""
    with connect(found) as lin:
        for section in ("summary", "pipelines", "graphlets", "similarity"):
            seconds = timed(lambda name=section: lin.report([name], limit=20))  # type: ignore[misc]
            say(f"report {section}", f"{seconds:.2f} s")


def bench_peers(pipelines: int, days: int, ours: float) -> None:
    """Ancestors alone, up to the trainers of others, in memory."""
    graph = nx.DiGraph()
    trainers = []
    for record in records(pipelines, days):
        if isinstance(record, Execution) and record.type.endswith("Trainer"):
            trainers.append(record.id)
        elif isinstance(record, Event):
            edge = (record.execution, record.artifact)
            graph.add_edge(*(edge if record.kind.writes else reversed(edge)))
    sample = trainers[:: max(1, len(trainers) // TRAINER_SAMPLE)]
    networkx = len(sample) / timed(lambda: [nx.ancestors(graph, one) for one in sample])
    say(
        "networkx.ancestors alone, trainers/s",
        f"{networkx:,.0f}",
        f"ours / it: {ours / networkx:.2f}",
    )
    above = {node: list(graph.predecessors(node)) for node in graph}
    stop = set(trainers)
    plain = len(sample) / timed(lambda: [walk(above, stop, one) for one in sample])
    say("Python dictionaries, trainers/s", f"{plain:,.0f}", f"ours / it: {ours / plain:.2f}")


def walk(above: dict[str, list[str]], stop: set[str], start: str) -> set[str]:
    """Ancestors of a trainer, other trainers not entered."""
    seen: set[str] = set()
    front = list(above.get(start, ()))
    while front:
        node = front.pop()
        if node not in seen and node not in stop:
            seen.add(node)
            front.extend(above[node])
    return seen


def bench_start() -> None:
    """What the command costs before it does anything."""
    command = [str(Path(sys.executable).with_name("lineage")), "--help"]
    best = min(
        timed(lambda: subprocess.run(command, check=True, stdout=subprocess.DEVNULL))
        for _ in range(5)
    )
    say("lineage --help, best of five", f"{best:.2f} s", "asked: under 0.3")


if __name__ == "__main__":
    main()
