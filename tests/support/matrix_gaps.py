"""What is left of the logical pipeline where a source cannot say all of it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from support.matrix import DATA, Said, pipeline

from lineage.records import ArtifactClass, OperatorClass, State
from lineage_ingest.capabilities import Capability

if TYPE_CHECKING:
    from collections.abc import Iterable


def project(gaps: Iterable[Capability]) -> Said:
    """What is left of the pipeline where these things cannot be said."""
    said = Said(pipeline())
    left = set(gaps)
    for gap in Capability:  # in their order: some build on others
        if gap in left:
            _LOSSES[gap](said)
    touched = {event.artifact for event in said.events}
    said.drop(*(said.artifacts.keys() - touched))
    makers = defaultdict(set)
    for event in said.events:
        if event.kind.writes:
            makers[event.artifact].add(said.executions[event.execution].operator)
    for name in DATA & said.artifacts.keys():
        made = OperatorClass.TRANSFORMATION in makers[name]
        said.artifacts[name].artifact = ArtifactClass.TRANSFORM if made else ArtifactClass.SPAN
    return said


def _each(kind: str, **without: Any) -> Any:
    def lose(said: Said) -> None:
        held = getattr(said, kind)
        for name, one in held.items():
            held[name] = replace(one, **without)

    return lose


def _lose_runs(said: Said) -> None:
    said.memberships = []


def _lose_warm_starts(said: Said) -> None:
    said.events = [event for event in said.events if event.role != "base_model"]


def _lose_data_written(said: Said) -> None:
    kept = {ArtifactClass.MODEL, ArtifactClass.DEPLOYMENT}
    said.events = [
        e for e in said.events if not e.kind.writes or said.artifacts[e.artifact].artifact in kept
    ]


def _lose_classes(said: Said) -> None:
    kept = {ArtifactClass.SPAN, ArtifactClass.TRANSFORM, ArtifactClass.MODEL}
    for one in said.artifacts.values():
        one.artifact = one.artifact if one.artifact in kept else ArtifactClass.SPAN


def _lose_roles(said: Said) -> None:
    for event in said.events:
        event.role = ""


def _lose_shared(said: Said) -> None:
    said.artifacts["raw"].uri = None


def _lose_failures(said: Said) -> None:
    """An execution that ended, for all that is known, is complete."""
    for one in said.executions.values():
        one.state = State.COMPLETE if one.state is State.FAILED else one.state


def _lose_cached(said: Said) -> None:
    """Nobody tells of what did not run."""
    said.drop(*(one.id for one in said.executions.values() if one.state is State.CACHED))


def _lose_pushes(said: Said) -> None:
    for one in said.executions.values():
        if one.operator is OperatorClass.DEPLOYMENT:
            one.operator = OperatorClass.OTHER


def _lose_push_runs(said: Said) -> None:
    """All that is known is that the model stands under a name."""
    said.drop("deploy-2", "pushed-2")
    said.memberships = [one for one in said.memberships if one.member != "deploy-1"]
    said.artifacts["pushed-1"].version = "1"  # the number that the model has under that name
    deploy = said.executions["deploy-1"]
    said.executions["deploy-1"] = replace(
        deploy, started=None, ended=None, parent=None, cost=0.0, cost_unit="s"
    )


def _lose_refused(said: Said) -> None:
    """A push that let nothing through wrote nothing."""
    said.drop("pushed-2")


_LOSSES: dict[Capability, Any] = {
    Capability.TIMES: _each("executions", started=None, ended=None),
    Capability.PARAMETERS: _each("executions", properties={}),
    Capability.CODE: _each("executions", code_version=None),
    Capability.PARENTS: _each("executions", parent=None),
    Capability.RUNS: _lose_runs,
    Capability.WARM_STARTS: _lose_warm_starts,
    Capability.VERSIONS: _each("artifacts", version=None),
    Capability.DATA_WRITTEN: _lose_data_written,
    Capability.CLASSES: _lose_classes,
    Capability.ROLES: _lose_roles,
    Capability.DIGESTS: _each("artifacts", digest=None),
    Capability.SIZES: _each("artifacts", size=None),
    Capability.SHARED: _lose_shared,
    Capability.FAILURES: _lose_failures,
    Capability.CACHED: _lose_cached,
    Capability.PUSHES: _lose_pushes,
    Capability.PUSH_RUNS: _lose_push_runs,
    Capability.REFUSED: _lose_refused,
    Capability.COSTS: _each("executions", cost=None, cost_unit=None),
    Capability.FEATURES: _each("artifacts", features=None),
}
