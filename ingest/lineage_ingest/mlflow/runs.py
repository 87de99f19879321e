"""Runs as executions, with what they read and wrote."""

from __future__ import annotations

import hashlib
import json
import time
from collections import defaultdict
from pathlib import PurePosixPath
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
from lineage_ingest.mlflow import datasets, registry
from lineage_ingest.mlflow.model import OWN_TAGS, PARENT, whole
from lineage_ingest.times import drop_impossible, why_not

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lineage.records import Properties, Record
    from lineage_ingest.mlflow.model import TrackedRun
    from lineage_ingest.mlflow.registry import Registry

TYPE, AUTOLOG = "mlflow.run", "mlflow.autolog"
LONGEST = 10_000
"""Characters of a param or tag; MLflow takes up to 8,000."""

HISTORY = "mlflow.log-model.history"
STATES = {
    "RUNNING": State.RUNNING,
    "SCHEDULED": State.RUNNING,
    "FINISHED": State.COMPLETE,
    "FAILED": State.FAILED,
    "KILLED": State.CANCELED,
}
_COMMIT, _DIRTY = "mlflow.source.git.commit", "mlflow.source.git.dirty"
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
        old = list(_history(run))
        execution = self._execution(run, parent, has_model=self._has_model(run, old))
        yield from drop_impossible(execution, f"run {run.id}")
        yield from _cut(execution)
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

    def _has_model(self, run: TrackedRun, old: list[_Old]) -> bool:
        return bool(run.writes or run.id in self._made or old or self._registry.of_run(run.id))

    def _execution(self, run: TrackedRun, parent: str | None, *, has_model: bool) -> Execution:
        tags = run.tags
        return Execution(
            id=run.id,
            type=AUTOLOG if "mlflow.autologging" in tags else TYPE,
            name=run.name or tags.get("mlflow.runName"),
            node=_node(tags),
            operator=self._operator(run, has_model=has_model),
            state=STATES.get(run.status or "", State.UNKNOWN),
            started=run.started or None,
            ended=run.ended or None,
            updated=self._updated(run),
            code_version=_code(tags),
            parent=parent,
            properties=_properties(run),
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

    def _outputs(self, run: TrackedRun, old: list[_Old]) -> Iterator[Record]:
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

    def _old(self, run: TrackedRun, one: _Old) -> Artifact:
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


class _Old:
    """A model logged before MLflow 3: a path within the artifacts of its run."""

    def __init__(self, told: dict[str, object]) -> None:
        self.path = str(told["artifact_path"])
        self.uuid = str(told.get("model_id") or told.get("model_uuid") or "")
        flavors = told.get("flavors")
        self.flavors = sorted(map(str, flavors)) if isinstance(flavors, dict) else []
        size = whole(told.get("model_size_bytes"))
        self.size = size if size is not None and size >= 0 else None

    def properties(self) -> Properties:
        return {"flavors": [*self.flavors]} if self.flavors else {}


def _history(run: TrackedRun) -> Iterator[_Old]:
    """The models in a run's tag of logged models; the last of each path."""
    try:
        told = json.loads(run.tags.get(HISTORY) or "[]")
    except (ValueError, RecursionError):
        return
    found = {}
    for one in told if isinstance(told, list) else []:
        if isinstance(one, dict) and one.get("artifact_path"):
            found[str(one["artifact_path"])] = _Old(one)
    yield from found.values()


def _event(execution: str, artifact: str, kind: EventKind, role: str) -> Event:
    return Event(execution=execution, artifact=artifact, kind=kind, role=role)


def _node(tags: dict[str, str]) -> str:
    """What stays the same from run to run: the project's entry point, or the script's name."""
    entry = tags.get("mlflow.project.entryPoint")
    if entry and entry != "main":
        return entry
    source = tags.get("mlflow.source.name", "").replace("\\", "/").rstrip("/")
    return PurePosixPath(source.partition("#")[0]).stem or entry or "run"


def _code(tags: dict[str, str]) -> str | None:
    """The commit, unless the files had changes that it does not hold."""
    if tags.get(_DIRTY, "").lower() == "true":
        return None
    return tags.get(_COMMIT) or tags.get("mlflow.databricks.gitRepoCommit") or None


def _cut(execution: Execution) -> Iterator[SetAside]:
    """Cut texts that no client of MLflow would have let pass; what is cut stays distinct."""
    for key, value in execution.properties.items():
        if isinstance(value, str) and len(value) > LONGEST:
            digest = hashlib.sha256(value.encode(errors="backslashreplace")).hexdigest()
            execution.properties[key] = f"{value[:LONGEST]}... sha256:{digest}"
            yield SetAside(
                kind="property",
                position=f"run {execution.id}",
                reason=f"{key[:80]}: of its {len(value)} characters, {LONGEST} were kept",
            )


def _properties(run: TrackedRun) -> Properties:
    """Params by their own names; metrics, tags and what MLflow says by itself with a prefix."""
    told: Properties = {f"metric.{key}": value for key, value in sorted(run.metrics.items())}
    for key, value in sorted(run.tags.items()):
        if not key.startswith(OWN_TAGS):
            told[f"tag.{key}"] = value
    user = run.user or run.tags.get("mlflow.user")
    if user:
        told["user"] = user
    if _code(run.tags) is None and _COMMIT in run.tags:
        told["changed_commit"] = run.tags[_COMMIT]
    hints = sorted({f"{data.context}:{data.name}#{data.digest}" for data in run.datasets})
    if hints:
        told["dataset_digest_hint"] = "; ".join(hints)
    for key, value in sorted(run.params.items()):
        told[f"param.{key}" if key in told else key] = value
    return told
