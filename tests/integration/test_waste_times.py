"""What is spent and known by each stage, where a trace is less tidy than a simulated one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from lineage.analyses import waste
from lineage.errors import NotFoundError
from lineage.records import (
    Artifact,
    Event,
    EventKind,
    Execution,
    Feature,
    FeatureKind,
    Membership,
    NodeKind,
    Pipeline,
    Run,
    State,
)
from lineage.waste import live
from lineage.waste.collect import collect
from lineage.waste.predict import Prediction
from lineage.waste.stages import Stage

if TYPE_CHECKING:
    from lineage import Lineage
    from lineage.records import Record

HOUR = 3_600_000
START = 1_767_225_600_000


def ran(
    name: str, type_: str, begin: float, hours: float = 1.0, *, cost: float = 1.0,
    reads: tuple[str, ...] = (), run: str | None = None, peak: int | None = None,
    pipeline: str = "p",
) -> list[Record]:  # fmt: skip
    """An execution that began so many hours after the start, and the artifact that it made."""
    begun = START + int(begin * HOUR)
    over = begun + int(hours * HOUR)
    made = {
        "Trainer": "Model", "CsvExampleGen": "Examples", "StatisticsGen": "ExampleStatistics",
        "ExampleValidator": "ExampleAnomalies", "Transform": "TransformGraph",
        "Evaluator": "ModelEvaluation", "BulkInferrer": "InferenceResult",
        "Pusher": "PushedModel",
    }[type_]  # fmt: skip
    found: list[Record] = [
        Pipeline(id=pipeline, name=pipeline),
        Execution(id=name, type=type_, node=type_, state=State.COMPLETE, started=begun, ended=over,
                  cost=cost, cost_unit="s"),
        Artifact(id=f"{name}.out", type=made, created=over, features=features(peak)),
        Event(execution=name, artifact=f"{name}.out", kind=EventKind.OUTPUT),
        *(Event(execution=name, artifact=f"{one}.out", kind=EventKind.INPUT) for one in reads),
        member(name, pipeline, NodeKind.PIPELINE),
    ]  # fmt: skip
    if run is not None:
        found.append(member(name, run, NodeKind.RUN))
    return found


def member(name: str, container: str, kind: NodeKind) -> Membership:
    return Membership(
        member=name, member_kind=NodeKind.EXECUTION, container=container, container_kind=kind
    )


def features(peak: int | None) -> list[Feature] | None:
    if peak is None:
        return None
    weights = [1000 if place == peak else 0 for place in range(16)]
    return [Feature(name="x", kind=FeatureKind.NUMERIC, weights=weights)]


def begun(name: str, at: float) -> Run:
    return Run(id=name, name=name, started=START + int(at * HOUR))


def spent_by(lin: Lineage, records: list[Record]) -> dict[float, int]:
    """The stage by which each cost is spent, of a trace in which no two costs are the same."""
    lin.ingest_records(records, source="s")
    lin.segment()
    found = collect(lin.graph)
    assert found.work.cost.sum() == pytest.approx(
        lin.query("analyses/summary_costs", source=None, pipeline=None, since=None, until=None)[0][
            "attributed"
        ]
    )
    return dict(zip(found.work.cost.tolist(), found.work.rank.tolist(), strict=True))


@pytest.mark.parametrize("trainers", [("a",), ("a", "b")], ids=["alone", "shared"])
def test_what_is_over_by_a_stage_is_spent_by_then(lin: Lineage, trainers: tuple[str, ...]) -> None:
    data = [
        begun("earlier", 0), begun("run", 5),
        *ran("data", "CsvExampleGen", 0, cost=2, run="earlier"),
        *ran("statistics", "StatisticsGen", 5, cost=4, run="run", reads=("data",)),
        *ran("validator", "ExampleValidator", 6, 3, cost=8, run="run", reads=("statistics",)),
        *ran("transform", "Transform", 6, 1, cost=16, run="run", reads=("data",)),
    ]  # fmt: skip
    models = [
        one
        for place, name in enumerate(trainers)
        for one in ran(name, "Trainer", 10, 40, cost=32.0 + place, run="run",
                       reads=("data", "transform"))
    ]  # fmt: skip
    after = [
        *ran("evaluator", "Evaluator", 51, 4, cost=64, run="run", reads=trainers),
        *ran("inference", "BulkInferrer", 51, 1, cost=128, run="run", reads=("data", *trainers)),
        *ran("again", "StatisticsGen", 200, cost=256, reads=("data",)),
    ]
    found = spent_by(lin, [*data, *models, *after])
    own = {32.0 + place: 3 for place in range(len(trainers))}
    assert found == {2: 0, 28: 1, 192: 4, 256: 5} | own  # costs of a stage and its holders are one
    assert collect(lin.graph).table.decided[0, 4] == START + 55 * HOUR


@pytest.mark.parametrize(("after", "known"), [(60, False), (1, True)], ids=["late", "in time"])
def test_statistics_tell_nothing_before_they_are_made(
    lin: Lineage, after: float, *, known: bool
) -> None:
    records: list[Record] = []
    for place, name in enumerate(("a", "b")):
        at = 24.0 * place
        records += ran(f"{name}.data", "CsvExampleGen", at)
        records += ran(f"{name}.statistics", "StatisticsGen", at + after, reads=(f"{name}.data",),
                       peak=3 + 6 * place)  # fmt: skip
        records += ran(name, "Trainer", at + 3, reads=(f"{name}.data",))
    lin.ingest_records(records, source="s")
    lin.segment()
    table = collect(lin.graph).table
    for name in ("drift", "drift_most", "drift_window"):
        assert np.isnan(table.columns[name]).tolist() == [True, not known]
    assert np.isnan(table.columns["data_features"]).tolist() == [not known] * 2


def test_drift_of_a_run_beside_is_not_known_before_it_is_found(lin: Lineage) -> None:
    records: list[Record] = []
    # The third run has its data when the fourth has begun already.
    for place, (name, at) in enumerate((("a", 0), ("b", 24), ("c", 48), ("d", 48.5))):
        records += [begun(f"{name}.run", at)]
        records += ran(f"{name}.data", "CsvExampleGen", at, run=f"{name}.run", peak=3 + place)
        records += ran(name, "Trainer", at + 5, run=f"{name}.run", reads=(f"{name}.data",))
    lin.ingest_records(records, source="s")
    lin.segment()
    table = collect(lin.graph).table
    assert table.key[-1].endswith("/d")
    assert table.columns["drift_window"][:3].tolist() == pytest.approx([np.nan, 1, 1], nan_ok=True)
    # By then only the second one's drift was known, and nothing that it could be held against.
    before = [table.decided[row, 1] < table.decided[3, 0] for row in range(4)]
    assert before == [True, True, False, False]
    assert np.isnan(table.columns["last_drift"]).tolist() == [True, True, False, False]


def test_pushes_at_random_are_not_called_throttled(lin: Lineage) -> None:
    def pipeline(name: str, pushed: list[int]) -> list[Record]:
        records: list[Record] = []
        for place in range(60):
            model = f"{name}{place}"
            records += ran(model, "Trainer", 24.0 * place, cost=5.0, pipeline=name)
            if place in pushed:
                records += ran(f"{model}.push", "Pusher", 24.0 * place + 2, reads=(model,),
                               pipeline=name)  # fmt: skip
        return records

    tossed = np.flatnonzero(np.random.default_rng(0).random(60) < 0.5).tolist()
    records = [*pipeline("random", tossed), *pipeline("throttled", list(range(0, 60, 4)))]
    lin.ingest_records(records, source="s")
    lin.segment()
    found = {row.pipeline: row for row in waste.pipelines(lin.graph, limit=None)}
    assert found["random"].throttled < found["random"].unexplained
    assert found["random"].advice == "ask who pushes"
    assert found["throttled"].unexplained == 0
    assert found["throttled"].advice == "train less often: 1 in 4"


def test_what_a_run_has_cost_beside_its_stage_is_spent(
    lin: Lineage, monkeypatch: pytest.MonkeyPatch
) -> None:
    records: list[Record] = [
        begun("one", 0), begun("two", 24),
        *ran("data", "CsvExampleGen", 0, run="one", cost=4),
        *ran("statistics", "StatisticsGen", 1, run="one", cost=8, reads=("data",)),
        *ran("a", "Trainer", 3, run="one", cost=100, reads=("data",)),
        *ran("new", "CsvExampleGen", 24, run="two", cost=4),
    ]  # fmt: skip
    for one in ran("running", "StatisticsGen", 25.5, run="two", reads=("new",)):
        if isinstance(one, Execution):
            records.append(replace(one, state=State.RUNNING, ended=None, cost=None, cost_unit=None))
        elif not (isinstance(one, Artifact) or getattr(one, "kind", None) is EventKind.OUTPUT):
            records.append(one)
    lin.ingest_records(records, source="s")
    lin.segment()
    answer = Prediction(probability=0.5, threshold=None, stop=False, reasons=())
    monkeypatch.setattr(live, "predict", lambda *_: answer)
    model: Any = None
    (found,) = live.under_way(lin.graph, model)
    assert (found.begun, found.stage) == (False, Stage.BEFORE)
    assert (found.spent, found.to_spend) == (4, 108)


def test_a_run_that_is_over_is_asked_for_nothing(lin: Lineage) -> None:
    lin.ingest_records(
        [
            begun("dead", 0), *ran("idle", "CsvExampleGen", 0, run="dead"),
            begun("one", 24), *ran("data", "CsvExampleGen", 24, run="one"),
            *ran("a", "Trainer", 26, run="one", reads=("data",)),
            begun("waits", 48), *ran("new", "CsvExampleGen", 48, run="waits"),
        ],
        source="s",
    )  # fmt: skip
    lin.segment()
    with pytest.raises(NotFoundError, match="is over"):
        live.model_of(lin.graph, "dead")
    assert live.model_of(lin.graph, "waits") == (("s#run/waits", "s#execution/a"),)


def test_a_run_of_several_trainers_is_as_good_as_the_best(
    lin: Lineage, monkeypatch: pytest.MonkeyPatch
) -> None:
    records: list[Record] = [begun("one", 0), *ran("data", "CsvExampleGen", 0, run="one")]
    for name, at in (("a", 2), ("b", 3)):
        records += [
            replace(one, node=name) if isinstance(one, Execution) else one
            for one in ran(name, "Trainer", at, run="one", reads=("data",))
        ]
    records += [begun("two", 24), *ran("new", "CsvExampleGen", 24, run="two")]
    lin.ingest_records(records, source="s")
    lin.segment()
    asked = live.model_of(lin.graph, "two")
    assert not isinstance(asked, str)
    assert {one.last for one in asked} == {"s#execution/a", "s#execution/b"}
    told = iter([0.1, 0.9])
    monkeypatch.setattr(
        live, "predict",
        lambda *_: Prediction(probability=next(told), threshold=0.5, stop=False, reasons=()),
    )  # fmt: skip
    model: Any = None
    assert live.predict_push(lin.graph, model, asked).probability == 0.9
