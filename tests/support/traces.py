"""Small traces for tests: the worked cases as records, and random traces with every oddity."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from lineage.records import (
    Artifact,
    ArtifactClass,
    Event,
    EventKind,
    Execution,
    Membership,
    NodeKind,
    OperatorClass,
    Pipeline,
    Run,
    State,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lineage.records import Record

CONFORMANCE = Path(__file__).parents[1] / "conformance"

DAY = 24 * 3600 * 1000
HORIZON = 7 * DAY
NOW = 1_700_000_000_000
"""The newest time that any random trace holds, so that all of them age alike in one load."""

T = TypeVar("T")


def conformance_cases() -> list[dict[str, Any]]:
    """The worked cases of segmentation, by name."""
    return [json.loads(path.read_text("utf-8")) for path in sorted(CONFORMANCE.glob("*.json"))]


def conformance_records(case: dict[str, Any], prefix: str = "") -> list[Record]:
    """The records of a worked case, every id behind `prefix`."""
    return list(_conformance(case, prefix))


def _conformance(case: dict[str, Any], prefix: str) -> Iterator[Record]:
    not_pushed = {
        end["artifact"]
        for execution in case["executions"]
        for end in execution["outputs"]
        if end.get("pushed") is False
    }
    for artifact in case["artifacts"]:
        yield Artifact(
            id=prefix + artifact["id"],
            type=artifact["class"],
            artifact=ArtifactClass(artifact["class"]),
            pushed=False if artifact["id"] in not_pushed else None,
        )
    for execution in case["executions"]:
        yield Execution(
            id=prefix + execution["id"],
            type=execution["class"],
            node=execution["id"],
            operator=OperatorClass(execution["class"]),
            state=State(execution["state"]),
            cost=execution["cost"],
            cost_unit="s",
        )
    for execution in case["executions"]:
        for way, kind in (("inputs", "INPUT"), ("outputs", "OUTPUT")):
            for index, end in enumerate(execution[way]):
                special = end.get("event")
                yield Event(
                    execution=prefix + execution["id"],
                    artifact=prefix + end["artifact"],
                    kind=EventKind(f"{special}_{kind}" if special else kind),
                    role=end["role"],
                    index=index,
                )


def sentinel(identity: str = "sentinel") -> Execution:
    """An execution that makes `NOW` the newest time of the source it is loaded into."""
    return Execution(
        id=identity,
        type="Clock",
        name="clock",
        operator=OperatorClass.OTHER,
        state=State.COMPLETE,
        started=NOW,
        ended=NOW,
        created=NOW,
        updated=NOW,
        cost=0.0,
        cost_unit="s",
    )


def random_traces(count: int, seed: int = 0) -> Iterator[list[Record]]:
    """Seeded random traces that share no node, of growing oddity and size."""
    for number in range(count):
        # Seeded one by one, so that a failing trace can be made again without the others.
        yield random_trace(random.Random(f"{seed}/{number}"), number)


def random_trace(rng: random.Random, number: int = 0) -> list[Record]:
    """One random trace; works with Hypothesis' `randoms()` too, which then shrinks it."""
    return list(_RandomTrace(rng, number).records())


OPERATORS = [
    (OperatorClass.TRAINING, 7),
    (OperatorClass.DEPLOYMENT, 4),
    (OperatorClass.INGESTION, 3),
    (OperatorClass.ANALYSIS, 4),
    (OperatorClass.VALIDATION, 3),
    (OperatorClass.TRANSFORMATION, 4),
    (OperatorClass.EVALUATION, 2),
    (OperatorClass.INFERENCE, 2),
    (OperatorClass.RESOLUTION, 2),
    (OperatorClass.TUNING, 1),
    (OperatorClass.OTHER, 2),
]
ARTIFACTS = [
    (ArtifactClass.SPAN, 5),
    (ArtifactClass.MODEL, 6),
    (ArtifactClass.SCHEMA, 2),
    (ArtifactClass.STATISTICS, 2),
    (ArtifactClass.TRANSFORM, 2),
    (ArtifactClass.ANOMALIES, 1),
    (ArtifactClass.EVALUATION, 1),
    (ArtifactClass.BLESSING, 1),
    (ArtifactClass.DEPLOYMENT, 2),
    (ArtifactClass.HYPERPARAMETERS, 1),
    (ArtifactClass.OTHER, 2),
]
STATES = [
    (State.COMPLETE, 14),
    (State.CACHED, 2),
    (State.FAILED, 2),
    (State.RUNNING, 2),
    (State.UNKNOWN, 3),
    (State.CANCELED, 1),
    (State.ABANDONED, 1),
]
INPUT_ROLES = [
    ("", 12),
    ("examples", 4),
    ("base_model", 2),
    ("baseline_model", 2),
    ("analyzer_cache", 1),
]
INPUT_KINDS = [(EventKind.INPUT, 20), (EventKind.INTERNAL_INPUT, 1)]
OUTPUT_KINDS = [
    (EventKind.OUTPUT, 20),
    (EventKind.INTERNAL_OUTPUT, 1),
    (EventKind.PENDING_OUTPUT, 1),
]
# What operators usually write: with it chains get long enough to be interesting.
USUAL_OUTPUT = {
    OperatorClass.TRAINING: ArtifactClass.MODEL,
    OperatorClass.INGESTION: ArtifactClass.SPAN,
    OperatorClass.ANALYSIS: ArtifactClass.STATISTICS,
    OperatorClass.VALIDATION: ArtifactClass.ANOMALIES,
    OperatorClass.TRANSFORMATION: ArtifactClass.TRANSFORM,
    OperatorClass.DEPLOYMENT: ArtifactClass.DEPLOYMENT,
}


DAILY = [
    OperatorClass.INGESTION,
    OperatorClass.ANALYSIS,
    OperatorClass.TRAINING,
    OperatorClass.EVALUATION,
    OperatorClass.DEPLOYMENT,
]


class _RandomTrace:
    """Draws one trace; every chance is taken from `rng`."""

    def __init__(self, rng: random.Random, number: int) -> None:
        self.rng = rng
        self.number = number
        size = self.weighed([(4, 3), (8, 3), (14, 2)])
        self.n_executions = rng.randint(1, size)
        self.n_artifacts = rng.randint(1, size + 2)
        # Half of the traces mostly flow forward, the other half are full of cycles.
        self.forward = self.chance(0.5)
        self.operators = [self.weighed(OPERATORS) for _ in range(self.n_executions)]
        # A third are days of one pipeline over a rolling window, with some random edges.
        self.days = rng.randint(2, 4) if self.chance(0.35) else 0
        if self.days:
            self.operators = DAILY * self.days
            self.n_executions = self.n_artifacts = len(self.operators)
        self.events: dict[tuple[int, int, str], list[tuple[str, EventKind]]] = {}

    def chance(self, probability: float) -> bool:
        return self.rng.random() < probability

    def weighed(self, choices: Sequence[tuple[T, int]]) -> T:
        pick = self.rng.randint(1, sum(weight for _, weight in choices))
        for value, weight in choices:
            pick -= weight
            if pick <= 0:
                return value
        raise AssertionError

    def id(self, letter: str, index: int) -> str:
        # Every other trace has numeric ids, the same for executions and artifacts, as MLMD does;
        # 5 and 10 sort differently as numbers and as text.
        if self.number % 2 == 0:
            return str(self.number * 100 + 5 + index)
        return f"t{self.number}-{letter}{index}"

    def records(self) -> Iterator[Record]:
        self._draw_edges()
        yield from self._pipelines()
        for index in range(self.n_artifacts):
            yield self._artifact(index)
        for index in range(self.n_executions):
            yield self._execution(index)
        for (execution, artifact, _), uses in sorted(self.events.items()):
            for place, (role, kind) in enumerate(uses):
                yield Event(
                    execution=self.id("e", execution),
                    artifact=self.id("a", artifact),
                    kind=kind,
                    role=role,
                    index=place,
                    time=NOW - self.rng.randint(0, 14) * DAY if self.chance(0.1) else None,
                )
        yield from self._memberships()

    def _draw_edges(self) -> None:
        if self.days:
            self._draw_days()
        else:
            self._draw_wild()

    def _draw_days(self) -> None:
        for day in range(self.days):
            ingest, analyse, train, evaluate, push = range(day * 5, day * 5 + 5)
            window = range(max(0, day - self.rng.randint(0, 2)), day + 1)
            reads = [(train, past * 5) for past in window]
            reads += [(analyse, ingest), (evaluate, train), (evaluate, ingest)]
            reads += [(push, train), (push, evaluate)]
            for execution, artifact in reads:
                if self.chance(0.9):
                    self._add(execution, artifact, EventKind.INPUT)
            for execution in (ingest, analyse, train, evaluate, push):
                if self.chance(0.9):
                    self._add(execution, execution, EventKind.OUTPUT)
        for _ in range(self.rng.randint(0, 3)):
            execution = self.rng.randrange(self.n_executions)
            artifact = self.rng.randrange(self.n_artifacts)
            kind = self.weighed(INPUT_KINDS if self.chance(0.7) else OUTPUT_KINDS)
            self._add(execution, artifact, kind)

    def _draw_wild(self) -> None:
        hub = self.rng.randrange(self.n_artifacts) if self.chance(0.2) else None
        for execution in range(self.n_executions):
            for _ in range(self.weighed([(0, 1), (1, 4), (2, 3), (3, 1)])):
                artifact = self._draw_artifact(execution, writing=False)
                self._add(execution, artifact, self.weighed(INPUT_KINDS))
            for _ in range(self.weighed([(0, 2), (1, 7), (2, 2), (3, 1)])):
                artifact = self._draw_artifact(execution, writing=True)
                self._add(execution, artifact, self.weighed(OUTPUT_KINDS))
            if hub is not None and self.chance(0.8):
                self._add(execution, hub, EventKind.INPUT)

    def _draw_artifact(self, execution: int, *, writing: bool) -> int:
        if not self.forward or self.chance(0.15):
            return self.rng.randrange(self.n_artifacts)
        middle = execution * self.n_artifacts // self.n_executions
        if writing:
            return self.rng.randint(middle, min(self.n_artifacts - 1, middle + 2))
        return self.rng.randint(max(0, middle - 3), middle)

    def _add(self, execution: int, artifact: int, kind: EventKind) -> None:
        uses = self.events.setdefault((execution, artifact, kind.value), [])
        role = "" if kind.writes else self.weighed(INPUT_ROLES)
        if role not in [known for known, _ in uses]:
            uses.append((role, kind))

    def _artifact(self, index: int) -> Artifact:
        kind = self.weighed(ARTIFACTS)
        writers = [e for (e, a, way) in self.events if a == index and way == "OUTPUT"]
        if writers and self.chance(0.95 if self.days else 0.7):
            kind = USUAL_OUTPUT.get(self.operators[writers[0]], kind)
        digest = None
        if kind == ArtifactClass.SPAN and self.chance(0.5):
            digest = f"d{self.rng.randint(1, 3)}"
        return Artifact(
            id=self.id("a", index),
            type=kind.value,
            artifact=kind,
            uri=f"file:///{self.number}/{index}",
            digest=digest,
            pushed=self.weighed([(None, 4), (True, 1), (False, 2)]),
        )

    def _execution(self, index: int) -> Execution:
        operator = self.operators[index]
        state = self.weighed(STATES)
        started, ended, created, updated = self._times(state)
        return Execution(
            id=self.id("e", index),
            type=operator.value,
            node=self.weighed([("Trainer", 3), ("Trainer.2", 1)])
            if operator == OperatorClass.TRAINING
            else f"{operator.value}{index % 3}",
            operator=operator,
            state=state,
            started=started,
            ended=ended,
            created=created,
            updated=updated,
            cost=self.weighed([(0.0, 2), (1.0, 2), (2.5, 2), (10.0, 2), (0.1, 1), (None, 2)]),
            cost_unit="s",
            parent=self.id("e", self.rng.randrange(index)) if index and self.chance(0.1) else None,
        )

    def _times(self, state: State) -> tuple[int | None, int | None, int | None, int | None]:
        """Start, end, creation and update, any of them missing."""
        edge = [NOW - HORIZON, NOW - HORIZON - 1, NOW - HORIZON + 1]
        # Few distinct starts, so that trainers tie and the key decides.
        started: int | None = NOW - self.rng.randint(1, 20) * DAY
        if self.chance(0.2):
            started = self.rng.choice(edge)
        assert started is not None
        created = started - 1000 if self.chance(0.5) else None
        ended = None
        if state != State.RUNNING and self.chance(0.8):
            ended = started + self.rng.randint(0, 5) * 1000
        # A sign of life after the start keeps a run that began long ago alive.
        later = min(NOW, started + self.rng.randint(1, 10) * DAY)
        updated = later if self.chance(0.2) else None
        if self.chance(0.15):
            started = None
        return started, ended, created, updated

    def _names(self) -> list[str]:
        # `b` comes first: the order in which pipelines arrive must decide nothing.
        return [f"p{self.number}-{letter}" for letter in "ba"]

    def _pipelines(self) -> Iterator[Record]:
        for name in self._names():
            yield Pipeline(id=name, name=name)
            yield Run(id=f"{name}/run", name=f"{name}/run")

    def _memberships(self) -> Iterator[Record]:
        inner, outer = self._names()
        for name in (inner, outer):
            yield _member(NodeKind.RUN, f"{name}/run", NodeKind.PIPELINE, name)
        for index in range(self.n_executions):
            for name in self.weighed([([], 1), ([inner], 4), ([outer], 3), ([inner, outer], 1)]):
                execution = self.id("e", index)
                if self.chance(0.8):
                    yield _member(NodeKind.EXECUTION, execution, NodeKind.RUN, f"{name}/run")
                else:
                    yield _member(NodeKind.EXECUTION, execution, NodeKind.PIPELINE, name)


def _member(kind: NodeKind, member: str, container_kind: NodeKind, container: str) -> Membership:
    return Membership(
        member_kind=kind, member=member, container_kind=container_kind, container=container
    )
