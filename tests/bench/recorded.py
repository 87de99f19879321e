"""A workload of scripts that share what they do first, run without and with reuse.

    python -m tests.bench.recorded [COPIES]

The scripts are in `tests/examples/workload`. They run one after the other, and then all once more:
without reuse; with our store unlimited, and at the shares of all artifacts that Collaborative
Optimizer was measured with (8 and 16 of 130 GB, SIGMOD 2020); with a plain joblib cache. Each way
has a process of its own, whose start is not counted. The answers have to be the same.
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
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.results import Figure, number

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

COPIES = 4
SCRIPTS = ("linear", "forest", "boosting", "neighbours", "vote", "drift")
PUBLISHED = 16 / 130, 8 / 130
NONE, STORE, JOBLIB = "none", "store", "joblib"
PACKAGE = "examples.workload"


def figures(copies: int = COPIES) -> list[Figure]:
    """The workload's time with reuse as a share of that without, first and second time."""
    with tempfile.TemporaryDirectory(prefix="lineage-recorded-") as scratch:
        folder = Path(scratch)
        without = _run(NONE, copies, folder / NONE)
        every = _run(STORE, copies, folder / "all")
        found = [("all kept", every)]
        for share in PUBLISHED:
            limit = int(share * every["bytes"])
            limited = _run(STORE, copies, folder / f"{share:.3f}", limit)
            found.append((f"{share:.0%} kept", limited))
        found.append(("a joblib cache", _run(JOBLIB, copies, folder / JOBLIB)))
    return [
        Figure(name="workload, without reuse", value=sum(without["seconds"]), note="run twice"),
        *(one for name, ways in found for one in _shares(name, ways, without)),
    ]


def _shares(name: str, ways: dict[str, Any], without: dict[str, Any]) -> Iterator[Figure]:
    if ways["answers"] != without["answers"]:
        raise AssertionError(f"{name}: the answers are not those without reuse: {ways['answers']}")
    for at, time_ in enumerate(("first", "second")):
        value = ways["seconds"][at] / without["seconds"][at]
        processor = ways["processor"][at] / without["processor"][at]
        note = f"{number(1 / value)} times as fast, {number(1 / processor)} by processor time"
        if at == 0:
            note += f"; {ways['bytes'] / 1e6:.1f} MB kept"
        yield Figure(name=f"workload, {time_} time, {name}", value=value, unit="x", note=note)


def _run(way: str, copies: int, folder: Path, limit: int | None = None) -> dict[str, Any]:
    """Run the scripts twice in a process of their own; what that measured."""
    command = [sys.executable, __file__, way, str(copies), str(folder), json.dumps(limit)]
    path = os.pathsep.join(one for one in sys.path if one)
    # One thread: those that wait for each other would be measured on a busy machine.
    environment = {**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, env=environment)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def measure(way: str, copies: int, folder: Path, limit: int | None) -> dict[str, Any]:
    """Run all scripts twice in this process."""
    modules = [importlib.import_module(f"{PACKAGE}.{name}") for name in SCRIPTS]
    _import_libraries()
    if way == JOBLIB:
        _cache(folder)
    found: dict[str, Any] = {"seconds": [], "processor": [], "answers": []}
    for _ in range(2):
        began, processor = time.perf_counter(), time.process_time()
        for module in modules:
            with _recorder(way, module.__name__, folder, limit):
                found["answers"].append(module.main(copies))
        found["seconds"].append(time.perf_counter() - began)
        found["processor"].append(time.process_time() - processor)
    found["bytes"] = _bytes(folder)
    return found


def _recorder(
    way: str, name: str, folder: Path, limit: int | None
) -> AbstractContextManager[object]:
    if way != STORE:
        return nullcontext()
    from lineage import OutputStore, recording

    store = OutputStore(folder / "store", limit, joblib=True, key_file=folder / "key")
    return recording(store, folder / "trace.jsonl", pipeline=name.rpartition(".")[2])


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


def _bytes(folder: Path) -> int:
    """Bytes of what is kept, without what our store knows beside it."""
    store = folder / "store"
    kept = [store / "data", store / "joblib"] if (store / "known").exists() else [store]
    return sum(path.stat().st_size for one in kept for path in one.rglob("*") if path.is_file())


def main() -> None:
    """Measure one way for the parent process, else all of them."""
    if len(sys.argv) > 2:
        way, copies, folder, limit = sys.argv[1:]
        warnings.simplefilter("error")
        found = measure(way, int(copies), Path(folder), json.loads(limit))
        sys.stdout.write(json.dumps(found))
        return
    for figure in figures(*map(int, sys.argv[1:])):
        print(f"  {figure.line(full=False)}", flush=True)


if __name__ == "__main__":
    main()
