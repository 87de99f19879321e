"""Functions that record what they do: what is skipped, what is not, and what is told."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from lineage import File, OutputStore, Recorder, recorded, recording
from lineage.errors import QueryError, RecordingError, RecordingWarning, SettingsError

if TYPE_CHECKING:
    from lineage.recorder import Later

FRAME = pd.DataFrame({"a": [1.0, None, 3.0], "b": ["x", "y", None]})


class Counted:
    """Steps of a recorder that count how often they are really run."""

    def __init__(self, rec: Recorder) -> None:
        self.runs: list[str] = []
        runs = self.runs
        rec_step = rec.recorded

        @rec_step(code_version="1")
        def clean(frame: pd.DataFrame, *, strip: object = True) -> pd.DataFrame:
            runs.append("clean")
            return frame.dropna()

        @rec_step(code_version="1")
        def halve(frame: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
            runs.append("halve")
            return frame[:1], frame[1:]

        @rec_step(code_version="1", operator="training", seed="seed")
        def train(frame: pd.DataFrame, *, seed: int | None = None) -> set[Any]:
            runs.append("train")
            return {len(frame), seed}

        @rec_step(code_version="1", operator="evaluation")
        def evaluate(model: object, frame: pd.DataFrame) -> dict[str, float]:
            runs.append("evaluate")
            return {"rows": float(len(frame)), "model": float(len(model))}  # type: ignore[arg-type]

        self.clean, self.halve, self.train, self.evaluate = clean, halve, train, evaluate


def recorder(tmp_path: Path, **how: Any) -> Recorder:
    return Recorder(tmp_path / "outputs", tmp_path / "trace.jsonl", pipeline="p", **how)


def told(path: Path, kind: str) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    return [line for line in lines if line["kind"] == kind]


def states(path: Path) -> list[str]:
    return [one["state"] for one in told(path, "execution")]


def test_a_call_with_the_same_inputs_is_skipped(tmp_path: Path) -> None:
    for expected in (["clean"], []):
        steps = Counted(recorder(tmp_path))
        pd.testing.assert_frame_equal(steps.clean(FRAME), FRAME.dropna())
        assert steps.runs == expected
    assert states(tmp_path / "trace.jsonl") == ["COMPLETE", "CACHED"]


@pytest.mark.parametrize(
    "other",
    [1, 1.0, "True", None, [True], (True,), {"a": True}, float("nan"), np.float64(0.0), -0.0],
)
def test_another_parameter_is_another_call(tmp_path: Path, other: object) -> None:
    steps = Counted(recorder(tmp_path))
    for _ in range(2):
        steps.clean(FRAME, strip=True)
        steps.clean(FRAME, strip=other)
    assert steps.runs == ["clean", "clean"]


def test_another_content_is_another_call_also_when_changed_in_place(tmp_path: Path) -> None:
    steps = Counted(recorder(tmp_path))
    frame = FRAME.copy()
    steps.clean(frame)
    frame.loc[0, "a"] = 7.0
    assert steps.clean(frame)["a"].tolist() == [7.0]
    assert steps.runs == ["clean", "clean"]


def test_cached_outputs_are_the_artifacts_that_were_written_first(tmp_path: Path) -> None:
    for _ in range(2):
        steps = Counted(recorder(tmp_path))
        steps.evaluate([1], steps.clean(FRAME))
    path = tmp_path / "trace.jsonl"
    events = [(e["execution"], e["artifact"], e["event"], e["role"]) for e in told(path, "event")]
    first, second, third, fourth = (one["id"] for one in told(path, "execution"))
    outputs = {e[0]: e[1] for e in events if e[2] == "OUTPUT"}
    assert outputs[first] == outputs[third]
    assert outputs[second] == outputs[fourth]
    assert (second, outputs[first], "INPUT", "frame") in events
    assert (fourth, outputs[first], "INPUT", "frame") in events
    written = {one["id"]: one for one in told(path, "artifact")}[outputs[first]]
    stored = Path(written["uri"].removeprefix("file://"))
    assert pd.read_parquet(stored).equals(FRAME.dropna())
    assert written["size"] == stored.stat().st_size
    assert written["digest"].startswith("sha256:")


def test_outputs_of_steps_are_inputs_also_within_lists(tmp_path: Path) -> None:
    rec = recorder(tmp_path)
    steps = Counted(rec)

    @rec.recorded
    def join(parts: list[Any], named: dict[str, Any]) -> int:
        return len(parts) + len(named)

    first, second = steps.halve(FRAME)
    assert join([first, 3, second], {"x": first, "share": 0.5}) == 5
    path = tmp_path / "trace.jsonl"
    execution = told(path, "execution")[-1]
    reads = [
        (e["role"], e.get("index"))
        for e in told(path, "event")
        if e["execution"] == execution["id"] and e["event"] == "INPUT"
    ]
    assert reads == [("parts", 0), ("parts", 1), ("named", 0)]
    assert execution["properties"] == {
        "parts": [{"$input": 0}, 3, {"$input": 1}],
        "named": {"share": 0.5, "x": {"$input": 0}},
    }


def test_a_training_is_skipped_only_with_a_seed(tmp_path: Path) -> None:
    steps = Counted(recorder(tmp_path))
    for _ in range(2):
        steps.train(FRAME)
        assert steps.train(FRAME, seed=4) == {3, 4}
    assert steps.runs == ["train", "train", "train"]
    executions = told(tmp_path / "trace.jsonl", "execution")
    assert [one.get("properties", {}).get("seed") for one in executions] == [None, 4, None, 4]
    assert {one["operator"] for one in executions} == {"training"}


def test_without_inputs_a_call_is_skipped_only_when_that_is_said(tmp_path: Path) -> None:
    rec, runs = recorder(tmp_path), []

    @rec.recorded(code_version="1")
    def fetch(table: str) -> str:
        runs.append("fetch")
        return table

    @rec.recorded(code_version="1", reuse=True)
    def make(count: int) -> list[int]:
        runs.append("make")
        return list(range(count))

    for _ in range(2):
        fetch("t")
        assert make(2) == [0, 1]
    assert runs == ["fetch", "make", "fetch"]


@pytest.mark.parametrize("operator", ["deployment", "resolution"])
def test_a_deployment_is_never_skipped(tmp_path: Path, operator: str) -> None:
    rec, runs = recorder(tmp_path), []

    @rec.recorded(code_version="1", operator=operator, reuse=True, artifacts="deployment")
    def push(frame: pd.DataFrame) -> str:
        runs.append("push")
        return "pushed"

    push(FRAME)
    push(FRAME)
    assert len(runs) == 2


def test_what_returns_nothing_is_done_each_time(tmp_path: Path) -> None:
    rec, runs = recorder(tmp_path), []

    @rec.recorded(code_version="1")
    def draw(frame: pd.DataFrame) -> None:
        runs.append("draw")

    draw(FRAME)
    draw(FRAME)
    assert runs == ["draw", "draw"]


def test_a_failure_is_recorded_and_goes_on(tmp_path: Path) -> None:
    rec = recorder(tmp_path)

    @rec.recorded
    def clean(frame: pd.DataFrame) -> None:
        raise KeyError("no such column")

    @rec.recorded
    def stop(frame: pd.DataFrame) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyError):
        clean(FRAME)
    with pytest.raises(KeyboardInterrupt):
        stop(FRAME)
    path = tmp_path / "trace.jsonl"
    assert states(path) == ["FAILED", "CANCELED"]
    assert "no such column" in told(path, "execution")[0]["properties"]["error"]


def test_a_step_within_a_step_is_its_child_and_not_its_cost(tmp_path: Path) -> None:
    rec = recorder(tmp_path)
    clean = Counted(rec).clean

    @rec.recorded
    def outer(frame: pd.DataFrame) -> int:
        return len(clean(frame))

    assert outer(FRAME) == 1
    inner, whole = told(tmp_path / "trace.jsonl", "execution")
    assert inner["parent"] == whole["id"]
    assert inner["cost"] + whole["cost"] <= (whole["ended"] - whole["started"]) / 1000 + 0.001


def test_later_reads_only_what_is_needed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def chain(steps: Counted) -> Later:
        first, second = steps.halve.later(steps.clean.later(FRAME))
        return steps.evaluate.later(steps.train.later(first, seed=1), second)

    steps = Counted(recorder(tmp_path))
    expected = chain(steps).value()
    assert steps.runs == ["clean", "halve", "train", "evaluate"]
    again, read = Counted(recorder(tmp_path)), []
    load = OutputStore.load_one
    monkeypatch.setattr(
        OutputStore, "load_one", lambda self, *one: [read.append(one[0].type), load(self, *one)][1]
    )
    assert chain(again).value() == expected
    assert again.runs == []
    assert [one.rpartition(".")[2] for one in read] == ["evaluate"]


def test_later_computes_again_what_is_gone(tmp_path: Path) -> None:
    steps = Counted(recorder(tmp_path))
    steps.halve.later(steps.clean.later(FRAME)).value()
    for path in (tmp_path / "outputs" / "data").rglob("*.parquet"):
        path.unlink()
    again = Counted(recorder(tmp_path))
    first, second = again.halve.later(again.clean.later(FRAME))
    assert again.runs == []
    assert again.evaluate([1], second)["rows"] == 0.0
    assert again.runs == ["clean", "halve", "evaluate"]
    assert len(first.value()) == 1
    assert again.runs == ["clean", "halve", "evaluate"]


def test_another_result_made_again_is_another_input(tmp_path: Path) -> None:
    rec, runs = recorder(tmp_path), []
    answers = iter([[1], [2]])

    @rec.recorded(code_version="1")
    def draw(frame: pd.DataFrame) -> list[int]:
        return next(answers)

    @rec.recorded(code_version="1")
    def total(numbers: list[int]) -> int:
        runs.append(numbers)
        return sum(numbers)

    @rec.recorded(code_version="1")
    def double(numbers: list[int]) -> int:
        return 2 * sum(numbers)

    assert total.later(draw.later(FRAME)).value() == 1
    for path in (tmp_path / "outputs" / "data").rglob("*.json"):
        path.unlink()
    drawn = draw.later(FRAME)
    with pytest.warns(RecordingWarning, match="another result"):
        assert double(drawn) == 4
    assert total(drawn) == 2
    assert runs == [[1], [2]]


def test_what_was_changed_in_place_is_not_handed_on(tmp_path: Path) -> None:
    rec = recorder(tmp_path)
    steps = Counted(rec)

    @rec.recorded
    def spoil(frame: pd.DataFrame) -> int:
        frame["a"] = 0.0
        return len(frame)

    cleaned = steps.clean.later(FRAME)
    assert spoil(cleaned) == 1
    with pytest.warns(RecordingWarning, match="changed in place"):
        assert cleaned.value()["a"].tolist() == [1.0]


def test_without_a_recorder_it_is_the_plain_function() -> None:
    @recorded
    def clean(frame: object) -> tuple[object, int]:
        return frame, 2

    marker = object()
    assert clean(marker) == (marker, 2)
    first, second = clean.later(marker)
    assert clean(first) == (marker, 2)
    assert second.value() == 2
    assert clean.later([first]).value()[0] == [marker]


def test_recording_holds_for_the_length_of_a_with(tmp_path: Path) -> None:
    runs = []

    @recorded(code_version="1")
    def clean(frame: pd.DataFrame) -> pd.DataFrame:
        runs.append("clean")
        return frame

    with recording(tmp_path / "outputs", tmp_path / "trace.jsonl"):
        clean(FRAME)
        clean(FRAME)
        with recording(tmp_path / "others"):
            clean(FRAME)
        clean(FRAME)
    assert runs == ["clean", "clean"]
    clean(FRAME)
    assert runs == ["clean", "clean", "clean"]
    ended = told(tmp_path / "trace.jsonl", "run")[-1]
    assert ended["state"] == "COMPLETE"


def test_files_count_by_content(tmp_path: Path) -> None:
    steps = Counted(recorder(tmp_path))
    rec, runs = recorder(tmp_path), []

    @rec.recorded(code_version="1")
    def read(file: File) -> str:
        runs.append(file.path)
        return Path(file).read_text()

    one, other = tmp_path / "one", tmp_path / "other"
    one.write_text("same")
    other.write_text("same")
    assert read(File(one)) == read(File(other)) == "same"
    assert runs == [one]
    other.write_text("changed")
    assert read(File(other)) == "changed"
    with pytest.raises(RecordingError, match="cannot be read"):
        read(File(tmp_path / "none"))
    assert steps.runs == []


def test_an_argument_of_unknown_content_is_refused(tmp_path: Path) -> None:
    steps = Counted(recorder(tmp_path))
    with pytest.raises(RecordingError, match="argument model of evaluate cannot be identified"):
        steps.evaluate(object(), FRAME)
    with pytest.raises(RecordingError, match="objects in it"):
        steps.evaluate([1], pd.DataFrame({"a": [object()]}))


def test_ignored_arguments_do_not_count(tmp_path: Path) -> None:
    rec, runs = recorder(tmp_path), []

    @rec.recorded(code_version="1", ignore=("jobs", "log"))
    def clean(frame: pd.DataFrame, jobs: int = 1, log: object = None) -> int:
        runs.append(jobs)
        return len(frame)

    assert clean(FRAME, jobs=2, log=print) == clean(FRAME, jobs=1) == 3
    assert runs == [2]
    (first, _) = told(tmp_path / "trace.jsonl", "execution")
    assert "properties" not in first


@pytest.mark.parametrize("how", [{"seed": "none"}, {"ignore": ["none"]}, {"operator": "none"}])
def test_what_does_not_exist_is_refused_at_once(how: dict[str, Any]) -> None:
    with pytest.raises(RecordingError):
        recorded(**how)(lambda frame: frame)


def test_generators_are_refused() -> None:
    def rows(frame: object) -> Any:
        yield frame

    with pytest.raises(RecordingError, match="generator"):
        recorded(rows)


@recorded
def module_step(value: int) -> int:
    return value + 1


def test_a_step_can_be_sent_to_other_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, module_step.__module__, _this_module())
    assert pickle.loads(pickle.dumps(module_step)) is module_step


def _this_module() -> Any:
    class Here:
        pass

    here = Here()
    here.module_step = module_step  # type: ignore[attr-defined]
    return here


def test_a_block_is_known_from_before_with_its_code_version(tmp_path: Path) -> None:
    for known in (False, True):
        rec = recorder(tmp_path)
        with rec.execution(
            "Train", {"frame": FRAME}, {"seed": 1}, seed="seed", code_version="1"
        ) as run:
            assert run.known is known
            if not run.known:
                run.output([1, 2], "model")
                run.output({"rows": 3}, "metrics")
            else:
                with pytest.raises(RecordingError, match="is known"):
                    run.output([1, 2], "model")
        assert (run["model"], run["metrics"]) == ([1, 2], {"rows": 3})
    executions = told(tmp_path / "trace.jsonl", "execution")
    assert [(one["type"], one["state"]) for one in executions] == [
        ("Train", "COMPLETE"),
        ("Train", "CACHED"),
    ]


def test_a_block_without_a_code_version_is_done_each_time(tmp_path: Path) -> None:
    rec = recorder(tmp_path)
    for _ in range(2):
        with rec.execution("Clean", [FRAME, FRAME]) as run:
            assert not run.known
            cleaned = run.output(FRAME.dropna())
    with pytest.raises(ZeroDivisionError), rec.execution("Fail", {"frame": cleaned}):
        _ = 1 // 0
    path = tmp_path / "trace.jsonl"
    assert states(path) == ["COMPLETE", "COMPLETE", "FAILED"]
    roles = [(e["role"], e.get("index")) for e in told(path, "event") if e["event"] == "INPUT"]
    assert roles == [("input", 0), ("input", 1), ("input", 0), ("input", 1), ("frame", None)]


class FakeGraph:
    """Takes records, or is down."""

    def __init__(self) -> None:
        self.down = False
        self.records: list[Any] = []

    def ingest_records(self, records: Any, *, source: str) -> None:
        if self.down:
            raise QueryError("it is down")
        self.records += records


def test_a_graph_is_told_in_batches_and_waited_for(tmp_path: Path) -> None:
    graph = FakeGraph()
    with recorder(tmp_path, lineage=graph) as rec:
        steps = Counted(rec)
        steps.clean(FRAME)
        assert graph.records == []
        graph.down = True
        with pytest.warns(RecordingWarning, match="was not told of"):
            rec.flush()
        graph.down = False
        steps.clean(FRAME)
    assert [one.state.value for one in graph.records if type(one).__name__ == "Execution"] == [
        "COMPLETE",
        "CACHED",
    ]


def test_a_graph_needs_a_name_for_the_source() -> None:
    with pytest.raises(SettingsError, match="source="):
        Recorder(lineage=FakeGraph())


class Adviser:
    """Knows what one trace tells."""

    def __init__(self, path: Path) -> None:
        executions = told(path, "execution")
        outputs = {
            e["execution"]: e["artifact"] for e in told(path, "event") if e["event"] == "OUTPUT"
        }
        artifacts = {one["id"]: one for one in told(path, "artifact")}
        self.by_type = {one["type"]: artifacts[outputs[one["id"]]] for one in executions}
        self.asked: list[Any] = []

    def advise(self, operator: str, code: Any, parameters: Any, inputs: Any) -> Any:
        self.asked.append((operator, code, parameters, inputs))
        found = self.by_type.get(operator)
        outputs = [SimpleNamespace(uri=found["uri"], digest=found["digest"])] if found else []
        return SimpleNamespace(known=found is not None, outputs=outputs)


def test_what_another_store_holds_is_taken_by_advice(tmp_path: Path) -> None:
    first = Counted(recorder(tmp_path / "first"))
    first.clean(FRAME)
    adviser = Adviser(tmp_path / "first" / "trace.jsonl")
    steps = Counted(recorder(tmp_path / "second", advisor=adviser))
    assert steps.clean(FRAME).equals(FRAME.dropna())
    assert steps.runs == []
    (asked,) = adviser.asked
    assert asked[1:3] == ("1", {"strip": True})
    ((role, (digest,)),) = asked[3].items()
    assert role == "frame"
    assert digest.startswith("digest:")
    # Advice about something else is not believed.
    assert len(steps.clean(FRAME[:1])) == 1
    assert steps.runs == ["clean"]
