"""The figures that the project promises, measured on one corpus, beside peers: `make bench`.

    python -m tests.bench [--full] [--only PHASE]... [--save]

Simulates a corpus and one of a tenth of its pipelines, and times what a user waits for on both:
load, segment, report, one new run on top. Then asks peers for the members of all graphlets. Each
phase leaves its figures in the working folder, so that one can be run again alone. Machines are
shared and noisy: compare ratios.
"""

from __future__ import annotations

import argparse
import shutil
import signal
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench import against, product, recorded, redundancy, reuse, waste
from bench.measure import load, machine, versions
from bench.product import Corpus
from bench.results import FULL, KEPT, Figure, Results, number
from bench.servers import Server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parents[2]
PIPELINES, DAYS = 300, 130
TENTH = 10
PHASES = (
    "simulate",
    "bolt",
    "load",
    "segment",
    "redundancy",
    "waste",
    "waste-profiles",
    "report",
    "new-run",
    "peers",
    "start",
    "plan",
    "select",
    "recorded",
)


def main() -> None:
    """Run the phases and print one line for each figure."""
    given = _arguments()
    pipelines, days = FULL if given.full else (given.pipelines, given.days)
    folder = given.folder / f"{pipelines}x{days}"
    folder.mkdir(parents=True, exist_ok=True)
    kept = folder / "results.json"
    results = Results.read(kept, pipelines, days)
    results.machine = machine()
    results.versions = versions()
    print(f"{pipelines:,} pipelines over {days} days; {results.machine}; load {load()}")
    print(", ".join(f"{name} {number}" for name, number in results.versions.items()))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that servers are stopped
    with _corpora(folder) as (whole, tenth):
        phases = _phases(results, whole, tenth)
        failed = [name for name in given.only or PHASES if not _run(name, phases, results, kept)]
    if given.save:
        results.write(KEPT)
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")


def _run(
    name: str, phases: dict[str, Callable[[], list[Figure]]], results: Results, kept: Path
) -> bool:
    """Run a phase, print its figures and keep them; whether it came to its end."""
    print(f"\n{name}", flush=True)
    try:
        found = phases[name]()
    except Exception as error:  # noqa: BLE001 (the other phases are still to be measured)
        results.phases.pop(name, None)
        print(f"  failed: {type(error).__name__}: {error}", flush=True)
        return False
    finally:
        results.write(kept)
    results.phases[name] = found
    results.load = max(results.load, load())
    for figure in found:
        print(f"  {figure.line(full=results.full)}", flush=True)
    results.write(kept)
    return True


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pipelines", type=int, default=PIPELINES)
    parser.add_argument("--days", type=int, default=DAYS)
    parser.add_argument("--full", action="store_true", help="the size that figures are asked for")
    parser.add_argument("--only", choices=PHASES, action="append", help="run this phase alone")
    parser.add_argument("--folder", type=Path, default=ROOT / "build" / "bench")
    parser.add_argument("--save", action="store_true", help="keep the results in the repository")
    return parser.parse_args()


@contextmanager
def _corpora(folder: Path) -> Iterator[tuple[Corpus, Corpus]]:
    """The whole corpus and a tenth, each with a server of its own; both are stopped in the end."""
    scratch = folder / "scratch"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir()
    pair = tuple(
        Corpus(folder / name, Server(folder / f"{name}-neo4j"), scratch)
        for name in ("whole", "tenth")
    )
    try:
        yield pair[0], pair[1]
    finally:
        for corpus in pair:
            corpus.server.down()
        shutil.rmtree(scratch, ignore_errors=True)


def _phases(
    results: Results, whole: Corpus, tenth: Corpus
) -> dict[str, Callable[[], list[Figure]]]:
    def simulate() -> list[Figure]:
        product.make(tenth, max(1, results.pipelines // TENTH), results.days)
        found = product.make(whole, results.pipelines, results.days)
        results.corpus = product.counts(whole)
        return found or results.phases.get("simulate", [])

    def growing(work: Callable[[Corpus], list[Figure]], name: str) -> Callable[[], list[Figure]]:
        def both() -> list[Figure]:
            small = work(tenth)
            tenth.server.down()
            large = work(whole)
            return [*large, *_growth(name, small, large)]

        return both

    def peers() -> list[Figure]:
        results.peers = []
        for one in against.run(whole):
            results.peers.append(one)
            print(f"  {one.line(results.ours)}", flush=True)
        return against.figures(results.peers)

    def aside(corpus: Corpus) -> Corpus:
        corpus.server.down()  # two servers at once take more memory than there is
        return Corpus(corpus.folder, Server(corpus.scratch / "aside-neo4j"), corpus.scratch)

    def bolt() -> list[Figure]:
        found = product.load_over_bolt(tenth)
        tenth.server.down()
        return [one.model_copy(update={"name": f"{one.name}, a tenth"}) for one in found]

    return {
        "simulate": simulate,
        "bolt": bolt,
        "load": growing(product.load, "load"),
        "segment": growing(product.segment, "segmentation"),
        "redundancy": growing(redundancy.close, "redundancy"),
        "waste": lambda: waste.learn(whole),
        "waste-profiles": lambda: waste.profiles(whole.scratch.parent, aside(whole)),
        "report": growing(product.report, "report"),
        "new-run": lambda: product.new_runs(whole),
        "peers": peers,
        "start": product.starts,
        "plan": reuse.planning,
        "select": reuse.selection,
        "recorded": recorded.figures,
    }


def _growth(name: str, small: list[Figure], large: list[Figure]) -> list[Figure]:
    """How much longer the first figure took on ten times the pipelines."""
    by_name = {figure.name: figure.value for figure in small}
    total = large[0]
    note = f"{number(by_name[total.name])} s, then {number(total.value)} s"
    ratio = total.value / by_name[total.name]
    return [Figure(name=f"ten times the pipelines, {name}", value=ratio, unit="x", note=note)]


if __name__ == "__main__":
    main()
