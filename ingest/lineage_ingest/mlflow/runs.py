"""Runs as executions, with what they read and wrote."""

from __future__ import annotations

import time
from collections import defaultdict
from typing import TYPE_CHECKING

from lineage.records import (
    Artifact,
    ArtifactClass,
    Event,
    EventKind,
    Execution,
    Membership,
    NodeKind,
    OperatorClass,
    Run,
    SetAside,
    State,
)
from lineage.safe import without_login
from lineage_ingest.mlflow import datasets, registry, told
from lineage_ingest.mlflow.history import OldModel, history
from lineage_ingest.mlflow.model import PARENT
from lineage_ingest.times import drop_impossible, why_not

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lineage.records import Record
    from lineage_ingest.mlflow.model import TrackedRun
    from lineage_ingest.mlflow.registry import Registry

TYPE, AUTOLOG = "mlflow.run", "mlflow.autolog"

STATES = {
    "RUNNING": State.RUNNING,
    "SCHEDULED": State.RUNNING,
    "FINISHED": State.COMPLETE,
    "FAILED": State.FAILED,
    "KILLED": State.CANCELED,
}
_EVALUATES = frozenset({"genai_evaluate"})


class Runs:
    """Turns the runs of a store into records, one after the other.

    A nested run waits until its parent was there, so that nothing names what does not exist.

    Attributes:
        tops: the experiment of each run that is not nested.
    """

    def __init__(
        self, registry: Registry, models: dict[str, str | None], parents: set[str]
    ) -> None:
        """Prepare.

        Args:
            registry: the registered models.
            models: the run that made each logged model.
            parents: ids of runs that have nested ones.
        """
        self.tops: dict[str, str] = {}
        self._registry, self._models, self._parents = registry, models, parents
        self._made: dict[str, list[str]] = defaultdict(list)
        for model, run in models.items():
            if run:
                self._made[run].append(model)
        self._top_of: dict[str, str] = {}
        self._waiting: dict[str, list[TrackedRun]] = defaultdict(list)
        self._seen: set[int] = set()  # hashes: schemas can be long
        self._now = time.time_ns() // 1_000_000

    def records(self, run: TrackedRun) -> Iterator[Record]:
        """The records of a run, and of those that waited for it."""
        parent = run.tags.get(PARENT)
        if parent and parent not in self._top_of:
            self._waiting[parent].append(run)
        else:
            yield from self._release(run, parent)

    def rest(self) -> Iterator[Record]:
        """The records of the runs whose parents never came."""
        while self._waiting:
            waiting = {run.id: run for runs in self._waiting.values() for run in runs}
            missing = sorted(self._waiting.keys() - waiting.keys())
            if missing:
                parent, runs = missing[0], self._waiting.pop(missing[0])
                reason = f"its parent run {parent} is deleted or missing"
            else:
                runs = [_in_circle(waiting)]
                parent = runs[0].tags[PARENT]
                self._waiting[parent].remove(runs[0])
                reason = f"its parent run {parent} is nested in it"
            for run in runs:
                yield SetAside(kind="parent", position=f"run {run.id}", reason=reason)
                yield from self._release(run, None)
            self._waiting = defaultdict(list, {k: v for k, v in self._waiting.items() if v})

    def _release(self, run: TrackedRun, parent: str | None) -> Iterator[Record]:
        ready = [(run, parent)]
        while ready:
            run, parent = ready.pop()
            top = self._top_of[parent] if parent else run.id
            self._top_of[run.id] = top
            yield from self._run(run, parent, top)
            ready += ((child, run.id) for child in self._waiting.pop(run.id, ()))

    def _run(self, run: TrackedRun, parent: str | None, top: str) -> Iterator[Record]:
        old = list(history(run))
        execution = self._execution(run, parent, has_model=self._has_model(run, old))
        yield from drop_impossible(execution, f"run {run.id}")
        yield from told.cut(execution)
        if parent is None:
            self.tops[run.id] = run.experiment
            yield Run(
                id=run.id,
                name=execution.name or run.id,
                type=TYPE,
                state=execution.state,
                started=execution.started,
                ended=execution.ended,
                updated=execution.updated,
            )
        yield execution
        yield Membership(
            member_kind=NodeKind.EXECUTION,
            member=run.id,
            container_kind=NodeKind.RUN,
            container=top,
        )
        yield from self._inputs(run)
        yield from self._outputs(run, old)

    def _has_model(self, run: TrackedRun, old: list[OldModel]) -> bool:
        return bool(run.writes or run.id in self._made or old or self._registry.of_run(run.id))

    def _execution(self, run: TrackedRun, parent: str | None, *, has_model: bool) -> Execution:
        tags = run.tags
        return Execution(
            id=run.id,
            type=AUTOLOG if "mlflow.autologging" in tags else TYPE,
            name=run.name or tags.get("mlflow.runName"),
            node=told.node(tags),
            operator=self._operator(run, has_model=has_model),
            state=STATES.get(run.status or "", State.UNKNOWN),
            started=run.started or None,
            ended=run.ended or None,
            updated=self._updated(run),
            code_version=told.code(tags),
            parent=parent,
            properties=told.properties(run),
        )

    def _operator(self, run: TrackedRun, *, has_model: bool) -> OperatorClass | None:
        if has_model:
            return OperatorClass.TRAINING
        if run.reads or run.tags.get("mlflow.runType") in _EVALUATES:
            return OperatorClass.EVALUATION
        # The frame around a sweep trains nothing itself, though its script is called `train`.
        return OperatorClass.OTHER if run.id in self._parents else None

    def _updated(self, run: TrackedRun) -> int | None:
        """The last that is known to have happened to a run; MLflow keeps no such time."""
        versions = self._registry.of_run(run.id)
        times = [run.started, run.ended, run.measured, *(one.created for one in versions)]
        known = (at for at in times if at and why_not(at) is None and at <= self._now)
        return max(known, default=None)

    def _inputs(self, run: TrackedRun) -> Iterator[Record]:
        for data in run.datasets:
            read = datasets.artifact(data)
            # The same id may come with another schema; which one stays is the loader's choice.
            if self._first((read.id, data._replace(context=""))):
                yield read
            yield _event(run.id, read.id, EventKind.INPUT, data.context)
        for model in dict.fromkeys(run.reads):
            yield from self._missing(model)
            yield _event(run.id, model, EventKind.INPUT, registry.ROLE)

    def _outputs(self, run: TrackedRun, old: list[OldModel]) -> Iterator[Record]:
        for model in dict.fromkeys([*run.writes, *sorted(self._made.get(run.id, ()))]):
            yield from self._missing(model)
            yield _event(run.id, model, EventKind.OUTPUT, registry.ROLE)
        for one in old:
            if one.uuid not in self._models:  # MLflow 3 keeps both
                made = self._old(run, one)
                yield made
                yield _event(run.id, made.id, EventKind.OUTPUT, registry.ROLE)
        for version in self._registry.left(run.id):
            # An earlier one of the same place may have taken this one along.
            if self._registry.is_left(version):
                made = registry.registered(version, self._registry)
                yield made
                yield _event(run.id, made.id, EventKind.OUTPUT, registry.ROLE)

    def _old(self, run: TrackedRun, one: OldModel) -> Artifact:
        place = f"{run.artifacts or ''}/{one.path}"
        id_ = f"{run.id}/{one.path}"
        versions = self._registry.claim(id_, place, f"runs:/{run.id}/{one.path}")
        return Artifact(
            id=id_,
            type=registry.OLD,
            name=one.path,
            artifact=ArtifactClass.MODEL,
            uri=without_login(place) if run.artifacts else f"runs:/{run.id}/{one.path}",
            size=one.size,
            updated=versions.updated(),
            properties=one.properties() | versions.properties(),
        )

    def _missing(self, model: str) -> Iterator[Artifact]:
        if model not in self._models and self._first(model):
            yield registry.missing(model, self._registry)

    def _first(self, what: object) -> bool:
        if hash(what) in self._seen:
            return False
        self._seen.add(hash(what))
        return True


def _in_circle(runs: dict[str, TrackedRun]) -> TrackedRun:
    """One of the runs in a circle of parents, when every parent is among the runs."""
    at, seen = min(runs), set[str]()
    while at not in seen:
        seen.add(at)
        at = runs[at].tags[PARENT]
    return runs[at]


def _event(execution: str, artifact: str, kind: EventKind, role: str) -> Event:
    return Event(execution=execution, artifact=artifact, kind=kind, role=role)
