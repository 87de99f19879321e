"""A workload of scripts that share what they do first, run without and with reuse.

    python -m tests.bench.recorded [COPIES]

The scripts are in `tests/examples/workload`. They run one after the other, and then all once more:
without reuse; with our store unlimited, and at the shares of all artifacts that Collaborative
Optimizer was measured with (8 and 16 of 130 GB, SIGMOD 2020); with a plain joblib cache. Each way
has a process of its own, whose start is not counted; they take turns script by script, so that
what else runs on the machine slows all of them. The answers have to be the same.
"""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import tempfile
import time
import warnings
from contextlib import ExitStack, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.results import Figure, number

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

COPIES = 3
SCRIPTS = ("linear", "forest", "boosting", "neighbours", "vote", "drift")
PUBLISHED = 16 / 130, 8 / 130
NONE, STORE, JOBLIB = "none", "store", "joblib"
PACKAGE = "examples.workload"
TIMES = ("first", "second")


def figures(copies: int = COPIES) -> list[Figure]:
    """The workload's time with reuse as a share of that without, first and second time."""
    with tempfile.TemporaryDirectory(prefix="lineage-recorded-") as scratch, ExitStack() as stack:
        folder = Path(scratch)
        with Way(STORE, copies, folder / "size") as sizing:
            for script in SCRIPTS:
                sizing.run(0, script)
            every = sizing.bytes
        ways = {
            "without reuse": Way(NONE, copies, folder / NONE),
            "all kept": Way(STORE, copies, folder / "all"),
            **{
                f"{share:.0%} kept": Way(STORE, copies, folder / f"{share:.3f}", int(share * every))
                for share in PUBLISHED
            },
            "a joblib cache": Way(JOBLIB, copies, folder / JOBLIB),
        }
        for way in ways.values():
            stack.enter_context(way)
        for at in range(len(TIMES)):
            for turn, script in enumerate(SCRIPTS):
                order = list(ways.values())
                for way in order[turn % len(order) :] + order[: turn % len(order)]:
                    way.run(at, script)
        without = ways.pop("without reuse")
        first = Figure(name="workload, without reuse", value=without.wall[0], note="once")
        return [first, *(one for name, way in ways.items() for one in way.shares(name, without))]


class Way:
    """A process that runs the scripts in one way, one at a time.

    Attributes:
        wall: seconds of the first and the second time.
        processor: seconds of processor time.
        answers: of the scripts.
        bytes: that outputs took in the end of the first time.
    """

    def __init__(self, way: str, copies: int, folder: Path, limit: int | None = None) -> None:
        path = os.pathsep.join(one for one in sys.path if one)
        # One thread: those that wait for each other would be measured on a busy machine.
        self._environment = {**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1"}
        self._command = [
            sys.executable,
            __file__,
            way,
            str(copies),
            str(folder),
            json.dumps(limit),
        ]
        self.wall, self.processor = [0.0, 0.0], [0.0, 0.0]
        self.answers: list[Any] = []
        self.bytes = 0

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            self._command,
            env=self._environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def run(self, at: int, script: str) -> None:
        """Run a script, the first or the second time."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(script, file=self._process.stdin, flush=True)
        found = json.loads(self._process.stdout.readline() or "null")
        if found is None:
            raise RuntimeError(f"{script} failed; see above")
        self.wall[at] += found["wall"]
        self.processor[at] += found["processor"]
        self.answers.append(found["answer"])
        if at == 0:
            self.bytes = found["bytes"]

    def shares(self, name: str, without: Way) -> Iterator[Figure]:
        """This way's time as a share of that without reuse."""
        if self.answers != without.answers:
            raise AssertionError(f"{name}: other answers than without reuse: {self.answers}")
        for at, time_ in enumerate(TIMES):
            value = self.wall[at] / without.wall[at]
            processor = without.processor[at] / self.processor[at]
            note = f"{number(1 / value)} times as fast, {number(processor)} by processor time"
            if at == 0:
                note += f"; {self.bytes / 1e6:.1f} MB kept"
            yield Figure(name=f"workload, {time_} time, {name}", value=value, unit="x", note=note)


def serve(way: str, copies: int, folder: Path, limit: int | None) -> None:
    """Run the scripts that are named on standard input, and tell what that took."""
    modules = {name: importlib.import_module(f"{PACKAGE}.{name}") for name in SCRIPTS}
    _import_libraries()
    if way == JOBLIB:
        _cache(folder)
    for line in sys.stdin:
        name = line.strip()
        began, processor = time.perf_counter(), time.process_time()
        with _recorder(way, name, folder, limit):
            answer = modules[name].main(copies)
        found = {
            "wall": time.perf_counter() - began,
            "processor": time.process_time() - processor,
            "answer": answer,
            "bytes": _bytes(folder / "store"),
        }
        print(json.dumps(found), flush=True)


def _recorder(
    way: str, name: str, folder: Path, limit: int | None
) -> AbstractContextManager[object]:
    if way != STORE:
        return nullcontext()
    from lineage import OutputStore, recording

    store = OutputStore(folder / "store", limit, joblib=True, key_file=folder / "key")
    return recording(store, folder / "trace.jsonl", pipeline=name)


def _cache(folder: Path) -> None:
    """Have joblib cache the function of every step."""
    from joblib import Memory

    from lineage.recorder import Step

    memory = Memory(folder / "store", verbose=0)
    loaded = [module for name, module in sys.modules.items() if name.startswith(PACKAGE)]
    steps = {id(one): one for module in loaded for one in vars(module).values()}
    for step in steps.values():
        if isinstance(step, Step):
            step._function = memory.cache(step._function, ignore=list(step._ignore))


def _import_libraries() -> None:
    """Import what the scripts do, which else would count for the first of them."""
    for name in ("decomposition", "discriminant_analysis", "ensemble", "impute", "neighbors"):
        importlib.import_module(f"sklearn.{name}")
    for name in ("datasets", "feature_selection", "pipeline", "preprocessing"):
        importlib.import_module(f"sklearn.{name}")
    importlib.import_module("pyarrow.parquet")


def _bytes(store: Path) -> int:
    """Bytes of what is kept, without what our store knows beside it."""
    kept = [store / "data", store / "joblib"] if (store / "known").exists() else [store]
    return sum(path.stat().st_size for one in kept for path in one.rglob("*") if path.is_file())


def main() -> None:
    """Measure all ways, or serve as the process of one."""
    if len(sys.argv) > 2:
        way, copies, folder, limit = sys.argv[1:]
        warnings.simplefilter("error")
        serve(way, int(copies), Path(folder), json.loads(limit))
        return
    for figure in figures(*map(int, sys.argv[1:])):
        print(f"  {figure.line(full=False)}", flush=True)


if __name__ == "__main__":
    main()
