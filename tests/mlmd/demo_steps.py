"""The steps of the demo's story: a run's clock, durations, caches and names as TFX makes them."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from demo_writer import Kind, State, Writer, fingerprint

if TYPE_CHECKING:
    from ml_metadata.proto import metadata_store_pb2 as pb

FIRST_DAY = datetime(2026, 5, 4, tzinfo=UTC)
BUCKET = "gs://taxi-ml"
SECONDS = {
    "CsvExampleGen": (240, 540),
    "StatisticsGen": (360, 900),
    "SchemaGen": (15, 30),
    "ExampleValidator": (30, 60),
    "Transform": (900, 2400),
    "Tuner": (7200, 14400),
    "Trainer": (2400, 9000),
    "Evaluator": (480, 1200),
    "InfraValidator": (90, 180),
    "BulkInferrer": (600, 1500),
    "Pusher": (12, 40),
    "Importer": (1, 2),
    "Resolver": (0.1, 0.9),
}
CODE = {"Transform": "preprocessing", "Trainer": "model", "Tuner": "model"}
FAILED, CACHED, RUNNING = State.FAILED, State.CACHED, State.RUNNING
LATE_FIX = 9
"""From this day on the trainer's module is another version."""


@dataclass
class Run:
    """One run of a pipeline: a clock that each step moves on."""

    pipeline: str
    day: int
    clock: datetime
    id: str = ""
    contexts: list[int] = field(default_factory=list)


class Steps:
    """Puts steps into the store, one after the other on the clock of their run."""

    def __init__(self, writer: Writer, seed: int) -> None:
        self._writer, self._random = writer, random.Random(seed)
        self._steps: dict[tuple[object, ...], list[int]] = {}

    def _resolve(self, run: Run, node: str, role: str, artifact: int) -> None:
        strategy = "LatestBlessedModelStrategy" if "blessed" in node else "LatestArtifactStrategy"
        self._step(
            run, "Resolver", [], [], node=node, state=CACHED,
            rewrites=[(role, artifact, Kind.INTERNAL_OUTPUT)], strategy=strategy,
        )  # fmt: skip

    def _run(self, pipeline: str, day: int, hour: int) -> Run:
        jitter = timedelta(milliseconds=self._random.randrange(5_000, 90_000))
        run = Run(pipeline, day, FIRST_DAY + timedelta(days=day, hours=hour) + jitter)
        run.id = run.clock.strftime("%Y-%m-%dT%H:%M:%S.%f")
        now = _millis(run.clock)
        run.contexts = [
            self._writer.context("pipeline", pipeline, now),
            self._writer.context("pipeline_run", run.id, now),
        ]
        return run

    def _step(
        self,
        run: Run,
        component: str,
        reads: list[tuple[str, int, int]],
        writes: list[tuple[str, str, dict[str, Any]]],
        *,
        node: str | None = None,
        cached: bool = False,
        state: int = State.COMPLETE,
        rewrites: list[tuple[str, int, int]] | None = None,
        **properties: Any,
    ) -> list[int]:
        """One execution; from the cache it hands on what the same step of the same day wrote."""
        node = node or component
        key = (run.pipeline, run.day, node)
        if cached:
            made = self._steps[key]
            rewrites = [
                (role, id_, Kind.OUTPUT) for (role, *_), id_ in zip(writes, made, strict=True)
            ]
            state = CACHED
        if component in CODE:
            properties["module_path"] = self._module(component, run)
        span = self._take(run, component, state)
        contexts = [
            *run.contexts, self._writer.context("node", f"{run.pipeline}.{node}", span[0]),
        ]  # fmt: skip
        if component not in ("Resolver", "Importer", "Pusher"):
            entry = fingerprint(run.pipeline, node, reads, sorted(properties.items()))
            contexts.append(self._writer.context("execution_cache", entry, span[0]))
        new = [] if cached or state == RUNNING else [
            (role, self._artifact(run, node, role, kind, span, facts))
            for role, kind, facts in writes
        ]  # fmt: skip
        ids = self._writer.execution(
            component, contexts, span, state=state, properties=properties, reads=reads,
            writes=new, rewrites=rewrites or [], pending=state == FAILED,
        )  # fmt: skip
        if cached:
            return made
        if state == State.COMPLETE:
            self._steps[key] = ids
        return ids

    def _artifact(
        self, run: Run, node: str, role: str, kind: str, span: tuple[int, int],
        facts: dict[str, Any],
    ) -> pb.Artifact:  # fmt: skip
        facts = dict(facts)
        declared = facts.pop("declared", None)
        name = f"{run.pipeline}:{run.id}:{node}:{role}:0"
        uri = f"{BUCKET}/{run.pipeline}/{node}/{role}/{span[0]}"
        return self._writer.new(kind, name, uri, declared, **facts)

    def _module(self, component: str, run: Run) -> str:
        version = 2 if component != "Transform" and run.day >= LATE_FIX else 1
        digest = fingerprint(run.pipeline, CODE[component], version)
        wheel = f"tfx_user_code_{component}-0.0+{digest}-py3-none-any.whl"
        return f"{CODE[component]}@{BUCKET}/{run.pipeline}/_wheels/{wheel}"

    def _take(self, run: Run, component: str, state: int) -> tuple[int, int]:
        """Move the run's clock on; start and end of the step."""
        low, high = SECONDS[component]
        if state == CACHED:
            low, high = 0.05, 0.4
        elif state == FAILED:
            low, high = low / 10, high / 2
        elif component == "Trainer" and run.pipeline == "taxi-tips":
            low, high = low / 3, high / 3
        start = run.clock + timedelta(seconds=self._random.uniform(1, 9))
        end = start + timedelta(seconds=self._random.uniform(low, high))
        if state == RUNNING:
            end = start
        run.clock = end
        return _millis(start), _millis(end)


def _millis(time: datetime) -> int:
    return int(time.timestamp() * 1000)
