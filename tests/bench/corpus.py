"""A corpus of TFX-like pipelines as records, of any size, for benchmarks.

Each pipeline runs once a day: it ingests a span, looks at it, transforms a rolling window, trains
with a warm start, evaluates against the last model, and pushes every third one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lineage.records import (
    Artifact,
    Event,
    EventKind,
    Execution,
    Membership,
    NodeKind,
    Pipeline,
    Run,
    State,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lineage.records import Record

START = 1_767_225_600_000
DAY = 86_400_000
WINDOW = 3
COMPONENT = "tfx.components.{}.component.{}"
STEPS = {
    "CsvExampleGen": ("example_gen", 300),
    "StatisticsGen": ("statistics_gen", 200),
    "SchemaGen": ("schema_gen", 10),
    "ExampleValidator": ("example_validator", 20),
    "Transform": ("transform", 900),
    "Trainer": ("trainer", 3600),
    "Evaluator": ("evaluator", 600),
    "Pusher": ("pusher", 30),
}


def records(pipelines: int, days: int) -> Iterator[Record]:
    """Nodes of all pipelines, then their events and memberships."""
    for number in range(pipelines):
        yield from _nodes(f"p{number}", days)
    for number in range(pipelines):
        yield from _edges(f"p{number}", days)


def _nodes(name: str, days: int) -> Iterator[Record]:
    yield Pipeline(id=name, name=name)
    for day in range(days):
        yield Run(id=f"{name}/{day}", name=f"{name} day {day}", state=State.COMPLETE)
        clock = START + day * DAY
        for step in _steps(day):
            package, seconds = STEPS[step]
            yield Execution(
                id=f"{name}/{day}/{step}",
                type=COMPONENT.format(package, step),
                node=step,
                state=State.COMPLETE,
                started=clock,
                ended=clock + seconds * 1000,
                created=clock,
                updated=clock + seconds * 1000,
                properties={"module_file": f"{name}.py", "span": day, "run_id": f"{name}/{day}"},
            )
            clock += seconds * 1000
        for artifact, kind in _artifacts(day):
            yield Artifact(
                id=f"{name}/{day}/{artifact}",
                type=kind,
                uri=f"/pipelines/{name}/{artifact}/{day}",
                created=clock,
                updated=clock,
                properties={"split_names": '["train", "eval"]', "span": day},
            )


def _steps(day: int) -> list[str]:
    skipped = {"SchemaGen"} if day else set()
    return [step for step in STEPS if step not in skipped and (step != "Pusher" or day % 3 == 0)]


def _artifacts(day: int) -> list[tuple[str, str]]:
    made = [
        ("examples", "Examples"),
        ("statistics", "ExampleStatistics"),
        ("anomalies", "ExampleAnomalies"),
        ("graph", "TransformGraph"),
        ("transformed", "Examples"),
        ("model", "Model"),
        ("evaluation", "ModelEvaluation"),
        ("blessing", "ModelBlessing"),
    ]
    return (
        made
        + ([("schema", "Schema")] if day == 0 else [])
        + ([("pushed", "PushedModel")] if day % 3 == 0 else [])
    )


def _edges(name: str, days: int) -> Iterator[Record]:
    for day in range(days):
        here = f"{name}/{day}"
        for step in _steps(day):
            yield Membership(
                member_kind=NodeKind.EXECUTION,
                member=f"{here}/{step}",
                container_kind=NodeKind.RUN,
                container=here,
            )
        yield Membership(
            member_kind=NodeKind.RUN,
            member=here,
            container_kind=NodeKind.PIPELINE,
            container=name,
        )
        for step, read, written in _flow(name, day, days):
            for index, (role, artifact) in enumerate(read):
                yield Event(
                    execution=f"{here}/{step}",
                    artifact=artifact,
                    kind=EventKind.INPUT,
                    role=role,
                    index=index,
                )
            for artifact in written:
                yield Event(
                    execution=f"{here}/{step}",
                    artifact=f"{here}/{artifact}",
                    kind=EventKind.OUTPUT,
                    role=artifact,
                    index=0,
                )


def _flow(name: str, day: int, days: int) -> list[tuple[str, list[tuple[str, str]], list[str]]]:
    here, schema = f"{name}/{day}", f"{name}/0/schema"
    window = [
        ("examples", f"{name}/{d}/examples") for d in range(max(0, day - WINDOW + 1), day + 1)
    ]
    last = f"{name}/{day - 1}/model"
    warm = [("base_model", last)] if day else []
    flow: list[tuple[str, list[tuple[str, str]], list[str]]] = [
        ("CsvExampleGen", [], ["examples"]),
        ("StatisticsGen", [("examples", f"{here}/examples")], ["statistics"]),
        (
            "ExampleValidator",
            [("statistics", f"{here}/statistics"), ("schema", schema)],
            ["anomalies"],
        ),
        ("Transform", [*window, ("schema", schema)], ["graph", "transformed"]),
        (
            "Trainer",
            [
                ("examples", f"{here}/transformed"),
                ("transform_graph", f"{here}/graph"),
                ("schema", schema),
                *warm,
            ],
            ["model"],
        ),
        (
            "Evaluator",
            [
                ("examples", f"{here}/examples"),
                ("model", f"{here}/model"),
                *[("baseline_model", model) for _, model in warm],
            ],
            ["evaluation", "blessing"],
        ),
    ]
    if day == 0:
        flow.append(("SchemaGen", [("statistics", f"{here}/statistics")], ["schema"]))
    if day % 3 == 0:
        reads = [("model", f"{here}/model"), ("blessing", f"{here}/blessing")]
        flow.append(("Pusher", reads, ["pushed"]))
    return flow
