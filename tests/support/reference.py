"""Segmentation, waste and order by brute force: the oracle that the Cypher is compared with.

Written from the page that defines graphlets and from nothing else: plain sets and loops over one
source's records, the classes given. It favours being obviously right over being fast.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import pairwise
from math import fsum
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
    Pipeline,
    State,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lineage.records import Record

REFERENCE_ROLES = frozenset({"baseline_model", "analyzer_cache"})
HORIZON = 7 * 24 * 3600 * 1000
"""Milliseconds without a sign of life after which a running execution is abandoned."""

ROLES = ("trainer", "boundary", "ancestor", "descendant", "analysis")
NOT_ENTERED_BACKWARD = {OperatorClass.TRAINING, OperatorClass.INFERENCE}
NOT_ENTERED_FORWARD = {OperatorClass.TRAINING, OperatorClass.INGESTION, OperatorClass.RESOLUTION}
ANALYSING = {OperatorClass.ANALYSIS, OperatorClass.VALIDATION}

Edges = dict[str, set[str]]


@dataclass
class Graphlet:
    """One model's story; `executions` and `artifacts` give each member's role."""

    trainer: str
    pipeline: str | None
    executions: dict[str, str]
    artifacts: dict[str, str]
    spans: set[str]
    pushed: bool
    pushed_at: int | None
    state: str
    cost: float
    attributed_cost: float


@dataclass
class Answer:
    """What the page says about one trace. `order` holds (earlier, later, jaccard)."""

    graphlets: dict[str, Graphlet]
    order: list[tuple[str, str, float]]
    total_cost: float
    outside_cost: float
    wasted_cost: float
    wasted_by_pipeline: dict[str | None, float]


@dataclass
class Trace:
    """The records of one source, indexed; edges are execution to artifacts and the reverse."""

    reference_roles: frozenset[str] = REFERENCE_ROLES
    executions: dict[str, Execution] = field(default_factory=dict)
    artifacts: dict[str, Artifact] = field(default_factory=dict)
    relationships: set[tuple[str, str, str]] = field(default_factory=set)
    reads: Edges = field(default_factory=lambda: defaultdict(set))
    writes: Edges = field(default_factory=lambda: defaultdict(set))
    consumers: Edges = field(default_factory=lambda: defaultdict(set))
    producers: Edges = field(default_factory=lambda: defaultdict(set))
    pipelines: dict[str, Pipeline] = field(default_factory=dict)
    containers: dict[tuple[NodeKind, str], set[tuple[NodeKind, str]]] = field(
        default_factory=lambda: defaultdict(set)
    )
    last_sign: dict[str, int] = field(default_factory=dict)


def build(records: Iterable[Record], reference_roles: frozenset[str] = REFERENCE_ROLES) -> Trace:
    """Index records, nodes first whatever order they come in."""
    trace = Trace(reference_roles)
    records = list(records)
    for record in records:
        if isinstance(record, Execution):
            trace.executions[record.id] = record
        elif isinstance(record, Artifact):
            trace.artifacts[record.id] = record
        elif isinstance(record, Pipeline):
            trace.pipelines[record.id] = record
    for record in records:
        if isinstance(record, Event):
            _add_event(trace, record)
        elif isinstance(record, Membership):
            member = (record.member_kind, record.member)
            trace.containers[member].add((record.container_kind, record.container))
    _add_signs_of_life(trace, records)
    return trace


def _add_event(trace: Trace, event: Event) -> None:
    execution, artifact = event.execution, event.artifact
    kind = relationship(event, trace.executions[execution], trace.reference_roles)
    trace.relationships.add((execution, artifact, kind))
    if kind == "INPUT":
        trace.reads[execution].add(artifact)
        trace.consumers[artifact].add(execution)
    elif kind == "OUTPUT":
        trace.writes[execution].add(artifact)
        trace.producers[artifact].add(execution)


def relationship(event: Event, execution: Execution, reference_roles: frozenset[str]) -> str:
    """The type of the edge that an event becomes; only INPUT and OUTPUT are ever followed."""
    if event.kind == EventKind.INPUT and event.role in reference_roles:
        return "REFERENCE"
    if event.kind == EventKind.OUTPUT and hands_on(execution):
        return "REPUBLISHED"
    return event.kind.value


def hands_on(execution: Execution) -> bool:
    """Whether an execution only handed on what existed; it costs nothing and is in no graphlet."""
    return execution.state == State.CACHED or execution.operator == OperatorClass.RESOLUTION


def _add_signs_of_life(trace: Trace, records: list[Record]) -> None:
    signs: dict[str, list[int | None]] = defaultdict(list)
    for execution in trace.executions.values():
        signs[execution.id] += [execution.created, execution.started]
        signs[execution.id] += [execution.ended, execution.updated]
    for record in records:
        if isinstance(record, Event):
            signs[record.execution].append(record.time)
    for identity, times in signs.items():
        known = [time for time in times if time is not None]
        if known:
            trace.last_sign[identity] = max(known)


def newest(records: Iterable[Record]) -> int | None:
    """The newest sign of life of a source."""
    return max(build(records).last_sign.values(), default=None)


def state_of(trace: Trace, execution: Execution, now: int | None, horizon: int) -> State:
    """The state as it is read: abandoned after the horizon, UNKNOWN with outputs complete."""
    if execution.state == State.RUNNING:
        last = trace.last_sign.get(execution.id)
        # Without any time nothing says that it is old: it runs.
        if last is not None and now is not None and now - last > horizon:
            return State.ABANDONED
    if execution.state == State.UNKNOWN and trace.writes[execution.id]:
        return State.COMPLETE
    return execution.state


def cost_of(trace: Trace, execution: Execution) -> float:
    """The stated cost, else the duration in seconds less what children cover."""
    if hands_on(execution):
        return 0.0
    if execution.cost is not None:
        return execution.cost
    if execution.started is None or execution.ended is None:
        return 0.0
    covered = 0
    end = execution.started
    for start, stop in sorted(_child_intervals(trace, execution)):
        fresh, until = max(start, end), min(stop, execution.ended)
        if until > fresh:
            covered += until - fresh
            end = until
    return max(0, execution.ended - execution.started - covered) / 1000


def _child_intervals(trace: Trace, execution: Execution) -> list[tuple[int, int]]:
    return [
        (child.started, child.ended)
        for child in trace.executions.values()
        if child.parent == execution.id and child.started is not None and child.ended is not None
    ]


def ancestors(trace: Trace, trainer: str, stop: set[ArtifactClass]) -> tuple[set[str], set[str]]:
    """Rule 2: executions and artifacts upstream; artifacts of a class in `stop` end the walk."""
    executions: set[str] = set()
    artifacts: set[str] = set()
    todo = list(trace.reads[trainer])
    while todo:
        artifact = todo.pop()
        if artifact in artifacts:
            continue
        artifacts.add(artifact)
        if trace.artifacts[artifact].artifact in stop:
            continue
        for producer in trace.producers[artifact]:
            if trace.executions[producer].operator not in NOT_ENTERED_BACKWARD:
                executions.add(producer)
                todo.extend(trace.reads[producer])
    return executions, artifacts


def descendants(trace: Trace, trainer: str) -> tuple[set[str], set[str]]:
    """Rule 3: executions and artifacts downstream."""
    executions: set[str] = set()
    artifacts: set[str] = set()
    todo = list(trace.writes[trainer])
    while todo:
        artifact = todo.pop()
        if artifact in artifacts:
            continue
        artifacts.add(artifact)
        if trace.artifacts[artifact].artifact == ArtifactClass.SPAN:
            continue
        for consumer in trace.consumers[artifact]:
            execution = trace.executions[consumer]
            if execution.operator in NOT_ENTERED_FORWARD or execution.state == State.CACHED:
                continue
            executions.add(consumer)
            todo.extend(trace.writes[consumer])
    return executions, artifacts


def analysis(trace: Trace, start: set[str]) -> tuple[set[str], set[str]]:
    """Rule 4: what analysed the artifacts in `start`, and what that wrote; `start` left out."""
    executions: set[str] = set()
    artifacts: set[str] = set()
    todo = list(start)
    seen: set[str] = set()
    while todo:
        artifact = todo.pop()
        if artifact in seen:
            continue
        seen.add(artifact)
        # A schema is reached and kept, wherever it was reached from, and not followed.
        if trace.artifacts[artifact].artifact == ArtifactClass.SCHEMA:
            continue
        for consumer in trace.consumers[artifact]:
            execution = trace.executions[consumer]
            if execution.operator in ANALYSING and execution.state != State.CACHED:
                executions.add(consumer)
                artifacts |= trace.writes[consumer]
                todo.extend(trace.writes[consumer])
    return executions, artifacts


def is_boundary(trace: Trace, artifact: str) -> bool:
    """Whether an artifact that rule 2 reached has producers, all trainers or predictors."""
    producers = trace.producers[artifact]
    return bool(producers) and all(
        trace.executions[producer].operator in NOT_ENTERED_BACKWARD for producer in producers
    )


def segment(trace: Trace, trainer: str, now: int | None, horizon: int) -> Graphlet:
    """The graphlet of one trainer, its attributed cost still to be found."""
    up, upstream = ancestors(trace, trainer, set())
    boundary = {artifact for artifact in upstream if is_boundary(trace, artifact)}
    down, downstream = descendants(trace, trainer)
    side, sideline = analysis(trace, upstream - boundary)
    executions = _first_role([{trainer}, set(), up, down, side])
    artifacts = _first_role([set(), boundary, upstream, downstream, sideline])
    states = {
        identity: state_of(trace, trace.executions[identity], now, horizon)
        for identity in executions
    }
    pushes = _pushes(trace, states, model_line(trace, trainer, down))
    return Graphlet(
        trainer=trainer,
        pipeline=pipeline_of(trace, trainer),
        executions=executions,
        artifacts=artifacts,
        spans=_spans(trace, trainer, boundary),
        pushed=bool(pushes),
        pushed_at=min((end for end in pushes if end is not None), default=None),
        state="open" if State.RUNNING in states.values() else "complete",
        cost=fsum(cost_of(trace, trace.executions[identity]) for identity in executions),
        attributed_cost=0.0,
    )


def _first_role(found: list[set[str]]) -> dict[str, str]:
    roles: dict[str, str] = {}
    for role, members in zip(ROLES, found, strict=True):
        for member in members:
            roles.setdefault(member, role)
    return roles


def _spans(trace: Trace, trainer: str, boundary: set[str]) -> set[str]:
    _, reached = ancestors(trace, trainer, {ArtifactClass.SCHEMA})
    return {
        artifact
        for artifact in reached - boundary
        if trace.artifacts[artifact].artifact == ArtifactClass.SPAN
    }


def model_line(trace: Trace, trainer: str, down: set[str]) -> set[str]:
    """The trainer's outputs, and the models that rule 3's executions made of the line."""
    line = set(trace.writes[trainer])
    grown = True
    while grown:
        grown = False
        for execution in down:
            if not trace.reads[execution] & line:
                continue
            for artifact in trace.writes[execution] - line:
                if trace.artifacts[artifact].artifact == ArtifactClass.MODEL:
                    line.add(artifact)
                    grown = True
    return line


def _pushes(trace: Trace, states: dict[str, State], line: set[str]) -> list[int | None]:
    """When each deployment ended that pushed a model of the line."""
    found = []
    for identity, state in states.items():
        if trace.executions[identity].operator != OperatorClass.DEPLOYMENT:
            continue
        if state != State.COMPLETE or not trace.reads[identity] & line:
            continue
        written = [trace.artifacts[artifact] for artifact in trace.writes[identity]]
        if any(artifact.pushed is not False for artifact in written):
            found.append(trace.executions[identity].ended)
    return found


def pipeline_of(trace: Trace, execution: str) -> str | None:
    """The outermost pipeline of an execution, then the one of the smallest name."""
    found = {i for kind, i in _around(trace, (NodeKind.EXECUTION, execution)) if kind == "pipeline"}
    outermost = {
        pipeline
        for pipeline in found
        if not _around(trace, (NodeKind.PIPELINE, pipeline))
        & {(NodeKind.PIPELINE, other) for other in found - {pipeline}}
    }
    return min((trace.pipelines[pipeline].name for pipeline in outermost or found), default=None)


def _around(trace: Trace, member: tuple[NodeKind, str]) -> set[tuple[NodeKind, str]]:
    """Everything that contains a member, at any remove."""
    found: set[tuple[NodeKind, str]] = set()
    todo = list(trace.containers[member])
    while todo:
        container = todo.pop()
        if container not in found:
            found.add(container)
            todo.extend(trace.containers[container])
    return found


def natural(identity: str) -> tuple[int, int, str]:
    """A sort key that takes numeric ids as numbers, before all others."""
    if re.fullmatch(r"[0-9]+", identity):
        return (0, int(identity), identity)
    return (1, 0, identity)


def order(trace: Trace, graphlets: dict[str, Graphlet]) -> list[tuple[str, str, float]]:
    """Consecutive graphlets of one pipeline and trainer node, with the overlap of their spans."""
    families: dict[tuple[str, str | None], list[str]] = defaultdict(list)
    for trainer, graphlet in graphlets.items():
        if graphlet.pipeline is not None:
            families[graphlet.pipeline, trace.executions[trainer].node].append(trainer)
    links = []
    for family in families.values():
        family.sort(key=lambda trainer: (*_start(trace, trainer), *natural(trainer)))
        for earlier, later in pairwise(family):
            one, other = graphlets[earlier].spans, graphlets[later].spans
            links.append((earlier, later, jaccard(trace, one, other)))
    return sorted(links)


def _start(trace: Trace, trainer: str) -> tuple[bool, int]:
    started = trace.executions[trainer].started
    return (started is None, started or 0)


def jaccard(trace: Trace, one: set[str], other: set[str]) -> float:
    """The overlap of two sets of spans, by content where a digest is known."""
    first, second = ({_content(trace, span) for span in spans} for spans in (one, other))
    return len(first & second) / len(first | second) if first | second else 1.0


def _content(trace: Trace, span: str) -> tuple[str, str]:
    digest = trace.artifacts[span].digest
    return ("digest", digest) if digest is not None else ("identity", span)


def answer(
    records: Iterable[Record],
    *,
    now: int | None = None,
    horizon: int = HORIZON,
    reference_roles: frozenset[str] = REFERENCE_ROLES,
) -> Answer:
    """Everything the page says about a trace of one source.

    Args:
        records: all records of the source, classes given.
        now: the newest time of the source, milliseconds; by default that of these records.
        horizon: milliseconds.
        reference_roles: the roles of side inputs.
    """
    trace = build(records, reference_roles)
    if now is None:
        now = max(trace.last_sign.values(), default=None)
    graphlets = {
        identity: segment(trace, identity, now, horizon)
        for identity, execution in trace.executions.items()
        if execution.operator == OperatorClass.TRAINING and execution.state != State.CACHED
    }
    holders: dict[str, list[Graphlet]] = defaultdict(list)
    for graphlet in graphlets.values():
        for identity in graphlet.executions:
            holders[identity].append(graphlet)
    costs = {identity: cost_of(trace, one) for identity, one in trace.executions.items()}
    for graphlet in graphlets.values():
        graphlet.attributed_cost = fsum(costs[i] / len(holders[i]) for i in graphlet.executions)
    wasted = {identity for identity, held_by in holders.items() if _is_wasted(held_by)}
    by_pipeline: dict[str | None, list[float]] = defaultdict(list)
    for identity in wasted:
        for graphlet in holders[identity]:
            share = costs[identity] / len(holders[identity])
            by_pipeline[graphlet.pipeline].append(share)
    return Answer(
        graphlets=graphlets,
        order=order(trace, graphlets),
        total_cost=fsum(costs.values()),
        outside_cost=fsum(cost for identity, cost in costs.items() if identity not in holders),
        wasted_cost=fsum(costs[identity] for identity in wasted),
        wasted_by_pipeline={name: fsum(shares) for name, shares in by_pipeline.items()},
    )


def _is_wasted(held_by: list[Graphlet]) -> bool:
    """In at least one complete graphlet, and in none that is pushed or open."""
    return all(graphlet.state == "complete" and not graphlet.pushed for graphlet in held_by)
