"""The store of outputs: whole or not there, within its size, and nothing is run unasked."""

from __future__ import annotations

import json
import multiprocessing
import os
import resource
import shutil
import subprocess
import sys
import warnings
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lineage import OutputStore, Recorder
from lineage.errors import RecordingWarning, SettingsError
from lineage.recorder.eviction import recreation, victims
from lineage.recorder.known import Known

if TYPE_CHECKING:
    from collections.abc import Callable

FRAME = pd.DataFrame({"a": np.arange(100.0)})
ROOT = Path(__file__).parents[2]


class Model:
    """Something that only joblib can keep."""

    def __init__(self, weight: float) -> None:
        self.weight = weight

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Model) and other.weight == self.weight

    __hash__ = None  # type: ignore[assignment]


class Work:
    """A step, how often it was run, and where its outputs are kept."""

    def __init__(self, tmp_path: Path, made: object = None, **how: Any) -> None:
        self.folder = tmp_path / "outputs"
        self.key = tmp_path / "private" / "key"
        self.store = OutputStore(self.folder, key_file=self.key, **how)
        self.trace = tmp_path / "trace.jsonl"
        self.runs = 0

        def work(frame: pd.DataFrame, number: int) -> object:
            self.runs += 1
            return frame + number if made is None else made

        rec = Recorder(self.store, self.trace, pipeline="p")
        self.step: Callable[..., Any] = rec.recorded(code_version="1")(work)

    def files(self, folder: str = "data") -> list[Path]:
        return sorted(path for path in (self.folder / folder).rglob("*") if path.is_file())


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def empty(path: Path) -> None:
    path.write_bytes(b"")


@pytest.mark.parametrize("damage", [flip, truncate, empty])
def test_a_damaged_output_is_computed_again_and_mended(
    tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    Work(tmp_path).step(FRAME, 1)
    (file,) = Work(tmp_path).files()
    damage(file)
    again = Work(tmp_path)
    with pytest.warns(RecordingWarning, match="is not what was written"):
        assert again.step(FRAME, 1).equals(FRAME + 1)
    assert again.step(FRAME, 1).equals(FRAME + 1)
    assert again.runs == 1


@pytest.mark.parametrize("damage", [truncate, empty, lambda path: path.write_text("{}")])
def test_what_is_known_may_be_damaged_too(tmp_path: Path, damage: Callable[[Path], object]) -> None:
    Work(tmp_path).step(FRAME, 1)
    again = Work(tmp_path)
    (file,) = (path for path in again.files("known") if path.suffix == ".json")
    damage(file)
    with pytest.warns(RecordingWarning, match="is damaged"):
        assert again.step(FRAME, 1).equals(FRAME + 1)
    last = Work(tmp_path)
    last.step(FRAME, 1)
    assert (again.runs, last.runs) == (1, 0)


def test_an_output_that_is_gone_is_computed_again(tmp_path: Path) -> None:
    Work(tmp_path).step(FRAME, 1)
    for file in Work(tmp_path).files():
        file.unlink()
    again = Work(tmp_path)
    again.step(FRAME, 1)
    again.step(FRAME, 1)
    assert again.runs == 1


def test_what_is_known_names_no_file_outside_of_the_store(tmp_path: Path) -> None:
    work = Work(tmp_path)
    work.step(FRAME, 1)
    secret = tmp_path / "secret.parquet"
    shutil.copy(work.files()[0], secret)
    (file,) = (path for path in work.files("known") if path.suffix == ".json")
    said = json.loads(file.read_text())
    said["outputs"][0]["file"] = "../secret.parquet"
    file.write_text(json.dumps(said))
    again = Work(tmp_path)
    with pytest.warns(RecordingWarning, match="outside of the store"):
        again.step(FRAME, 1)
    assert again.runs == 1


def test_objects_are_kept_with_joblib_alone_and_said(tmp_path: Path) -> None:
    work = Work(tmp_path, Model(2.0))
    with pytest.warns(RecordingWarning, match="needs joblib=True"):
        work.step(FRAME, 1)
    work.step(FRAME, 1)  # said once
    assert work.runs == 2
    assert work.files("joblib") == []
    asked = Work(tmp_path, Model(2.0), joblib=True)
    assert asked.step(FRAME, 1) == asked.step(FRAME, 1) == Model(2.0)
    assert asked.runs == 1
    (file,) = asked.files("joblib")
    assert file.suffix == ".joblib"
    assert asked.key.stat().st_mode & 0o777 == 0o600
    assert asked.key.stat().st_uid == os.getuid()
    unasked = Work(tmp_path, Model(2.0))
    with pytest.warns(RecordingWarning, match="needs joblib=True"):
        unasked.step(FRAME, 1)
    assert unasked.runs == 1


class Bomb:
    """Leaves a mark when it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (self.mark,))


def planted(file: Path, tmp_path: Path) -> None:
    """What an attacker who can write to the store would put there."""
    import joblib

    joblib.dump(Bomb(tmp_path / "ran"), file)


def test_a_foreign_pickle_is_not_run(tmp_path: Path) -> None:
    work = Work(tmp_path, Model(2.0), joblib=True)
    work.step(FRAME, 1)
    (file,) = work.files("joblib")
    planted(file, tmp_path)
    again = Work(tmp_path, Model(2.0), joblib=True)
    with pytest.warns(RecordingWarning, match="was not written with the key"):
        assert again.step(FRAME, 1) == Model(2.0)
    assert again.runs == 1
    assert not (tmp_path / "ran").exists()


def test_a_plain_output_cannot_be_turned_into_a_pickle(tmp_path: Path) -> None:
    """With the digest of the file made to fit, but no key."""
    import hashlib

    work = Work(tmp_path, joblib=True)
    work.step(FRAME, 1)
    (known,) = (path for path in work.files("known") if path.suffix == ".json")
    said = json.loads(known.read_text())
    (file,) = work.files()
    planted(file, tmp_path)
    check = hashlib.sha256(file.read_bytes()).hexdigest()
    for form in ("joblib", "frame", "none"):
        said["outputs"][0] |= {"format": form, "check": check}
        known.write_text(json.dumps(said))
        again = Work(tmp_path, joblib=True)
        with pytest.warns(RecordingWarning, match="damaged"):
            assert again.step(FRAME, 1).equals(FRAME + 1)
        planted(again.files()[0], tmp_path)
    assert not (tmp_path / "ran").exists()


def test_a_pickle_does_not_stand_for_another(tmp_path: Path) -> None:
    """It was written with the key, and its keyed digest is copied too."""
    work = Work(tmp_path, Model(1.0), joblib=True)
    work.step(FRAME, 1)
    work.step(FRAME, 2)
    one, other = (path for path in work.files("known") if path.suffix == ".json")
    said, others = json.loads(one.read_text()), json.loads(other.read_text())
    said["outputs"][0]["check"] = others["outputs"][0]["check"]
    one.write_text(json.dumps(said))
    files = [work.folder / known["outputs"][0]["file"] for known in (said, others)]
    shutil.copy(files[1], files[0])
    again = Work(tmp_path, Model(1.0), joblib=True)
    with pytest.warns(RecordingWarning, match="was not written with the key"):
        assert [again.step(FRAME, number) for number in (1, 2)] == [Model(1.0)] * 2
    assert again.runs == 1


def test_a_key_that_others_may_read_is_not_used(tmp_path: Path) -> None:
    work = Work(tmp_path, Model(1.0), joblib=True)
    work.step(FRAME, 1)
    work.key.chmod(0o644)
    again = Work(tmp_path, Model(1.0), joblib=True)
    with pytest.warns(RecordingWarning, match="others may read") as said:
        assert again.step(FRAME, 1) == Model(1.0)
    assert len(said) == 2  # neither read nor written
    assert again.runs == 1


def test_the_key_does_not_lie_in_the_store(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="must not lie in the store"):
        OutputStore(tmp_path, key_file=tmp_path / "key")
    (tmp_path / "link").symlink_to(tmp_path)
    with pytest.raises(SettingsError, match="must not lie in the store"):
        OutputStore(tmp_path, key_file=tmp_path / "link" / "key")
    with pytest.raises(SettingsError, match="max_bytes"):
        OutputStore(tmp_path, -1)


FULL = """
import resource, signal, sys, warnings
import numpy as np
from lineage import Recorder
rec = Recorder(sys.argv[1], pipeline="p")
@rec.recorded
def double(array): return array * 2
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
with warnings.catch_warnings(record=True) as said:
    warnings.simplefilter("always")
    for _ in range(2):
        assert double(np.ones(10_000)).sum() == 20_000
print([str(one.message) for one in said])
"""


def run(code: str, *arguments: str) -> str:
    path = os.pathsep.join([str(ROOT), str(ROOT / "ingest")])
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


@pytest.mark.skipif(not hasattr(resource, "RLIMIT_FSIZE"), reason="no limit of file sizes here")
def test_a_full_disk_is_said_and_the_work_is_done(tmp_path: Path) -> None:
    folder = tmp_path / "outputs"

    assert "is not kept: OSError" in run(FULL, str(folder), "2000")
    assert [path for path in folder.rglob("*") if path.suffix == ".npy"] == []
    assert run(FULL, str(folder), "1000000") == "[]\n"


def test_a_store_that_cannot_be_made_is_said_and_the_work_is_done(tmp_path: Path) -> None:
    (tmp_path / "outputs").write_text("a file, where the folder should be")
    work = Work(tmp_path)
    with pytest.warns(RecordingWarning, match="is not kept"):
        assert work.step(FRAME, 1).equals(FRAME + 1)


def test_a_trace_that_cannot_be_written_is_said_and_the_work_is_done(tmp_path: Path) -> None:
    work = Work(tmp_path)
    work.trace.mkdir()
    with pytest.warns(RecordingWarning, match="the trace .* cannot be written"):
        assert work.step(FRAME, 1).equals(FRAME + 1)


def test_half_a_line_costs_no_other(tmp_path: Path) -> None:
    work = Work(tmp_path)
    work.step(FRAME, 1)
    whole = work.trace.read_text()
    work.trace.write_text(whole + '{"kind":"execution","id":')
    work.step(FRAME, 2)
    lines = work.trace.read_text().splitlines()
    damaged = [number for number, line in enumerate(lines) if not _is_json(line)]
    assert damaged == [len(whole.splitlines())]
    assert sum(json.loads(line)["kind"] == "trace" for line in lines if _is_json(line)) == 1


def _is_json(line: str) -> bool:
    try:
        json.loads(line)
    except ValueError:
        return False
    return True


def one_process(folder: Path, start: Any, answers: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        work = Work(folder, joblib=True)
        tuples = Work(folder, (FRAME, Model(3.0)), joblib=True)
        tuples.step.__wrapped__.__qualname__ = "tuples"
        start.wait()
        total = sum(float(work.step(FRAME, number)["a"].sum()) for number in range(5))
        answers.put((total, tuples.step(FRAME, 99)[1].weight))


def test_processes_that_do_the_same_at_once_agree(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    start, answers = context.Barrier(3), context.Queue()
    processes = [
        context.Process(target=one_process, args=(tmp_path, start, answers)) for _ in range(3)
    ]
    for process in processes:
        process.start()
    found = {answers.get(timeout=120) for _ in processes}
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0, 0]
    assert found == {(5 * 4950.0 + 10 * 100, 3.0)}
    work = Work(tmp_path, joblib=True)
    assert len(list((work.folder / "data").iterdir())) == 6
    assert len(work.files("joblib")) == 1
    assert list((work.folder / "scratch").iterdir()) == []
    lines = [json.loads(line) for line in work.trace.read_text().splitlines()]
    executions = [line for line in lines if line["kind"] == "execution"]
    assert len({one["id"] for one in executions}) == len(executions) == 18
    assert sum(line["kind"] == "trace" for line in lines) == 1
    for number in range(5):
        work.step(FRAME, number)
    assert work.runs == 0


def test_what_is_kept_takes_no_more_than_it_may(tmp_path: Path) -> None:
    whole = Work(tmp_path / "whole")
    for number in range(6):
        whole.step(FRAME, number)
    limit = whole.store.size // 2
    work = Work(tmp_path / "part", max_bytes=limit)
    for number in range(6):
        work.step(FRAME, number)
        assert sum(path.stat().st_size for path in work.files()) <= limit
    assert 0 < work.store.size <= limit
    nothing = Work(tmp_path / "nothing", max_bytes=0)
    nothing.step(FRAME, 1)
    nothing.step(FRAME, 1)
    assert (nothing.runs, nothing.store.size) == (2, 0)


@st.composite
def graphs(draw: st.DrawFn) -> tuple[dict[str, Known], set[str]]:
    """Computations in an order in which each reads earlier ones, and which of them are held."""
    count = draw(st.integers(1, 6))
    made: dict[str, Known] = {}
    for number in range(count):
        parents = draw(st.sets(st.sampled_from(sorted(made)))) if made else set()
        made[str(number)] = Known(
            key=str(number),
            type="t",
            execution=str(number),
            seconds=draw(st.integers(1, 9)),
            load_seconds=draw(st.integers(0, 9)) / 10,
            bytes=draw(st.integers(1, 5)),
            parents=tuple(sorted(parents)),
        )
    return made, draw(st.sets(st.sampled_from(sorted(made)), min_size=1))


def cheapest(target: str, made: dict[str, Known], held: set[str]) -> float:
    """Seconds to make one again: over all sets of computations that suffice, the cheapest.

    What is held is read where it is needed, as `recreation` has it.
    """
    best = float("inf")
    for size in range(1, len(made) + 1):
        for chosen in combinations(sorted(made), size):
            group = set(chosen)
            needed = {parent for one in group for parent in made[one].parents} - group
            if target in group and not (group - {target}) & held and needed <= held:
                seconds = sum(made[one].seconds for one in group)
                best = min(best, seconds + sum(made[one].load_seconds for one in needed))
    return best


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(graphs())
def test_recreation_counts_what_is_needed_once(given: tuple[dict[str, Known], set[str]]) -> None:
    made, held = given
    for target in made:
        kept = {key: made[key] for key in held}
        assert recreation(made[target], kept, made.get) == pytest.approx(
            cheapest(target, made, held)
        )


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(graphs(), st.integers(0, 20))
def test_the_least_benefit_for_each_byte_goes_first(
    given: tuple[dict[str, Known], set[str]], limit: int
) -> None:
    made, held = given
    left = {key: made[key] for key in held}
    for gone in victims(left, made.get, int, limit):
        assert sum(one.bytes for one in left.values()) > limit

        def benefit(key: str, left: dict[str, Known] = left) -> float:
            saved = recreation(left[key], left, made.get) - left[key].load_seconds
            return (1 + int(key)) * max(0.0, saved) / left[key].bytes

        assert benefit(gone) == pytest.approx(min(map(benefit, left)))
        del left[gone]
    assert sum(one.bytes for one in left.values()) <= limit
