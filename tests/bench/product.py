"""What a user waits for: simulate, load, segment, report, and one new run on top."""

from __future__ import annotations

import io
import statistics
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench import fresh
from bench.measure import GIB, timed
from bench.results import Figure
from bench.servers import COMMAND
from bench.trace import opened
from bench.walks import trainers

from lineage.report import SECTIONS, write
from lineage.simulate import simulate
from lineage_ingest.trace import TraceReader

if TYPE_CHECKING:
    from pathlib import Path

    from bench.measure import Memory
    from bench.servers import Server

    from lineage import Lineage

NEW_RUNS = 7
STARTS = 5
MARK = "+new"
"""What the ids of new runs end in."""


@dataclass(frozen=True, slots=True)
class Corpus:
    """A simulated trace and the server that holds it.

    Attributes:
        folder: of the trace; made once.
        server: of its own.
        scratch: for what is made on the way.
    """

    folder: Path
    server: Server
    scratch: Path

    @property
    def source(self) -> str:
        """What it is loaded as."""
        return TraceReader(str(self.folder)).source


def make(corpus: Corpus, pipelines: int, days: int) -> list[Figure]:
    """Simulate it, if it is not there already."""
    if corpus.folder.exists():
        return []
    made = simulate(corpus.folder, pipelines=pipelines, days=days)
    return [Figure(name="simulation", value=made.seconds, note=f"{made.models:,} models")]


def counts(corpus: Corpus) -> dict[str, int]:
    """How much is in it."""
    with opened(corpus.folder) as db:
        found = {"models": len(trainers(db))}
        for table, what in (("execution", "executions"), ("artifact", "artifacts")):
            found[what] = db.table(table).count("*").fetchall()[0][0]
    return found


def load(corpus: Corpus) -> list[Figure]:
    """Load it into the empty database of a server that is up, in bulk."""
    corpus.server.wipe()
    corpus.server.up()
    with corpus.server.memory().watched() as memory:
        seconds, _ = timed(
            lambda: corpus.server.command("ingest", "--bulk", str(corpus.folder), "--json")
        )
    return [Figure(name="bulk load", value=seconds), _memory("bulk load", memory)]


def load_over_bolt(corpus: Corpus) -> list[Figure]:
    """Load it into an empty database, over Bolt; then again, when all is there."""
    corpus.server.wipe()
    with corpus.server.connected() as lin, corpus.server.memory().watched() as memory:
        loaded = lin.ingest(str(corpus.folder))
        again = lin.ingest(str(corpus.folder))
    edges = loaded.read["event"] + loaded.read["membership"]
    rate = (loaded.nodes + edges) / loaded.seconds
    note = f"{loaded.nodes:,} nodes, {edges:,} relationships, {rate:,.0f} each second"
    return [
        Figure(name="load over Bolt", value=loaded.seconds, note=note),
        Figure(name="load over Bolt again", value=again.seconds, note=f"{again.written} written"),
        Figure(name="Python, loading over Bolt", value=memory.python / GIB, unit="GiB"),
        _memory("loading over Bolt", memory),
    ]


def segment(corpus: Corpus) -> list[Figure]:
    """Cut every graphlet, whatever was cut before."""
    with corpus.server.connected() as lin, corpus.server.memory().watched() as memory:
        done = lin.segment(full=True)
    rate = done.graphlets / done.seconds
    note = f"{done.graphlets:,} graphlets, {rate:,.0f} each second"
    return [
        Figure(name="segmentation, written", value=done.seconds, note=note),
        _memory("segmenting", memory),
    ]


def report(corpus: Corpus) -> list[Figure]:
    """The whole report as a page, the first time; then each section alone, when all is warm."""
    found = []
    with corpus.server.connected() as lin, corpus.server.memory().watched() as memory:
        page = io.StringIO()
        total, _ = timed(lambda: write(lin.graph, page, "html"))
        for section in SECTIONS:
            seconds, _ = timed(
                lambda one=section: write(lin.graph, io.StringIO(), "html", sections=[one])  # type: ignore[misc]
            )
            found.append(Figure(name=f"report, {section}", value=seconds, note="alone"))
    size = f"an HTML page of {len(page.getvalue()) / 1e6:.1f} MB"
    return [
        Figure(name="report, every section", value=total, note=size),
        *found,
        _memory("reporting", memory),
    ]


def _memory(doing: str, memory: Memory) -> Figure:
    """The most of Java and Python together."""
    return Figure(name=f"memory, {doing}", value=memory.total / GIB, unit="GiB")


def new_runs(corpus: Corpus) -> list[Figure]:
    """One new run of one pipeline loaded and segmented, several times; the first one is no figure.

    Each run is of another pipeline, and is taken out again in the end.
    """
    taken = []
    with opened(corpus.folder) as db, corpus.server.connected() as lin:
        anchors = trainers(db)
        for number in range(NEW_RUNS + 1):
            out = corpus.scratch / f"run-{number}"
            trainer = anchors[-1 - number * (len(anchors) // (NEW_RUNS + 1))]
            fresh.write(db, corpus.folder, out, trainer, corpus.source, MARK)
            taken.append(timed(lambda trace=out: _arrive(lin, trace, corpus.source)))  # type: ignore[misc]
        fresh.take_out(lin, corpus.source, MARK)
    warm = [seconds for seconds, _ in taken[1:]]
    cut = max(count for _, count in taken[1:])
    note = f"median of {len(warm)}, {min(warm):.2f} to {max(warm):.2f} s; at most {cut} cut"
    name = "one new run, loaded and segmented"
    return [Figure(name=name, value=statistics.median(warm), note=note)]


def _arrive(lin: Lineage, trace: Path, source: str) -> int:
    lin.ingest(str(trace), source=source)
    return lin.segment().graphlets


def starts() -> list[Figure]:
    """What the command costs before it does anything."""
    best = min(
        timed(lambda: subprocess.run([COMMAND, "--help"], check=True, capture_output=True))[0]
        for _ in range(STARTS)
    )
    return [Figure(name="lineage --help", value=best, note=f"best of {STARTS}")]
