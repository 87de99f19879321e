"""Redundant computation by brute force, worked cases as records, and random traces for both.

Written from the definition, not from the queries: union and find over all artifacts until nothing
follows, and executions that wrote different content found by trying which set of them agrees with
what follows from it.
"""

from __future__ import annotations

import itertools
import json
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

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
    import random
    from collections.abc import Hashable, Iterable, Iterator

    from lineage.records import Record

CASES = Path(__file__).parents[1] / "conformance" / "redundancy"
Trace = list["Record"]
_SEEDED = {OperatorClass.TRAINING, OperatorClass.TUNING}
_NEVER = {OperatorClass.DEPLOYMENT, OperatorClass.RESOLUTION}


@dataclass(frozen=True)
class Group:
    """Executions that computed the same, as the worked cases write it."""

    original: str
    repeats: tuple[str, ...]
    concurrent: tuple[str, ...]
    assumed: bool


@dataclass(frozen=True)
class Answer:
    """What is redundant in a trace."""

    groups: frozenset[Group]
    unstable: frozenset[str]


def cases() -> list[dict[str, Any]]:
    """The worked cases, by name."""
    return [json.loads(path.read_text("utf-8")) for path in sorted(CASES.glob("*.json"))]


def case_answer(case: dict[str, Any]) -> Answer:
    """What a worked case expects."""
    groups = (
        Group(
            g["original"], tuple(sorted(g["repeats"])), tuple(sorted(g["concurrent"])), g["assumed"]
        )
        for g in case["groups"]
    )
    return Answer(frozenset(groups), frozenset(case["unstable"]))


def case_records(case: dict[str, Any]) -> Trace:
    """The records of a worked case."""
    return list(_case_records(case))


def _case_records(case: dict[str, Any]) -> Iterator[Record]:
    for name in sorted({one["pipeline"] for one in case["executions"]}):
        yield Pipeline(id=name, name=name)
    for one in case["artifacts"]:
        yield Artifact(
            id=one["id"],
            type=one["class"],
            artifact=ArtifactClass(one["class"]),
            digest=one["digest"],
            version=None if one["known_by_name_alone"] or one["digest"] else "1",
        )
    for one in case["executions"]:
        told = {"seed": one["seed"], "input_fingerprint": one["fingerprint"]}
        yield Execution(
            id=one["id"],
            type=one["type"],
            operator=OperatorClass(one["class"]),
            state=State(one["state"]),
            code_version=one["code_version"],
            started=one["start"] * 1000,
            ended=one["end"] * 1000,
            properties=one["parameters"] | {k: v for k, v in told.items() if v is not None},
        )
    for one in case["executions"]:
        yield Membership(
            member_kind=NodeKind.EXECUTION,
            member=one["id"],
            container_kind=NodeKind.PIPELINE,
            container=one["pipeline"],
        )
        for way, kind in (("inputs", EventKind.INPUT), ("outputs", EventKind.OUTPUT)):
            for end in one[way]:
                yield Event(
                    execution=one["id"],
                    artifact=end["artifact"],
                    kind=kind,
                    role=end["role"],
                    index=end["index"],
                )


class _Story:
    """A trace, by id."""

    def __init__(self, trace: Iterable[Record]) -> None:
        self.artifacts: dict[str, Artifact] = {}
        self.executions: dict[str, Execution] = {}
        self.pipeline: dict[str, str] = {}
        self.reads: dict[str, list[Event]] = defaultdict(list)
        self.writes: dict[str, list[Event]] = defaultdict(list)
        self.made: set[str] = set()
        for record in trace:
            if isinstance(record, Artifact):
                self.artifacts[record.id] = record
            elif isinstance(record, Execution):
                self.executions[record.id] = record
            elif isinstance(record, Membership):
                self.pipeline[record.member] = record.container
            elif isinstance(record, Event):
                self._event(record)

    def _event(self, event: Event) -> None:
        if event.kind is EventKind.INPUT and event not in self.reads[event.execution]:
            self.reads[event.execution].append(event)
        cached = self.executions[event.execution].state is State.CACHED
        resolves = self.executions[event.execution].operator is OperatorClass.RESOLUTION
        if event.kind is EventKind.OUTPUT and not cached and not resolves:
            self.writes[event.execution].append(event)
            self.made.add(event.artifact)

    def takes_part(self, name: str) -> bool:
        one = self.executions[name]
        if one.operator in _NEVER or one.state is not State.COMPLETE:
            return False
        if one.operator in _SEEDED and not (one.code_version and "seed" in one.properties):
            return False
        if not one.code_version and name not in self.pipeline:
            return False
        if "input_fingerprint" in one.properties:
            return True
        known = [self._known(event.artifact) for event in self.reads[name]]
        return bool(known) and all(known)

    def _known(self, name: str) -> bool:
        one = self.artifacts[name]
        return bool(one.digest or one.version or name in self.made)

    def places(self, name: str) -> dict[Hashable, str]:
        """The artifact at each place that can be told from the others."""
        writes = self.writes[name]
        roles = Counter((w.role, w.index) for w in writes)
        names = Counter((self._class(w), self.artifacts[w.artifact].name) for w in writes)
        found: dict[Hashable, str] = {}
        for write in writes:
            title = self.artifacts[write.artifact].name
            if roles[write.role, write.index] == 1:
                found["role", self._class(write), write.role, write.index] = write.artifact
            elif title is not None and names[self._class(write), title] == 1:
                found["name", self._class(write), title] = write.artifact
        return found

    def _class(self, event: Event) -> Any:
        return self.artifacts[event.artifact].artifact


class _Closure:
    """The smallest relation, where some executions are held to write what cannot be foretold."""

    def __init__(self, story: _Story, unstable: frozenset[str]) -> None:
        self.story = story
        self.unstable = unstable
        self.parent = {name: name for name in story.artifacts}
        self.conflicts: set[frozenset[str]] = set()
        seen: dict[Any, str] = {}
        for name, one in story.artifacts.items():
            if one.digest:
                self._join(name, seen.setdefault((one.digest, one.artifact), name))
        while self._round():
            pass

    def find(self, name: str) -> str:
        while self.parent[name] != name:
            name = self.parent[name]
        return name

    def _join(self, one: str, other: str) -> bool:
        mine, theirs = self.find(one), self.find(other)
        self.parent[mine] = theirs
        return mine != theirs

    def groups(self) -> list[list[str]]:
        found: dict[Any, list[str]] = defaultdict(list)
        for name, one in self.story.executions.items():
            if self.story.takes_part(name):
                scope = None if one.code_version else self.story.pipeline.get(name)
                what = json.dumps(one.properties, sort_keys=True)
                found[one.type, one.code_version, what, scope, self.inputs(name)].append(name)
        return [members for members in found.values() if len(members) > 1]

    def inputs(self, name: str, assumed: frozenset[str] = frozenset()) -> Any:
        """What an execution read; what is only assumed to be equal counts as itself."""
        return tuple(sorted(
            (e.role, -1 if e.index is None else e.index,
             str(self.story.artifacts[e.artifact].artifact),
             f"itself {e.artifact}" if e.artifact in assumed else self.find(e.artifact))
            for e in self.story.reads[name]
        ))  # fmt: skip

    def outputs(self, members: list[str]) -> list[set[str]]:
        found: dict[Any, set[str]] = defaultdict(set)
        for name in members:
            for place, artifact in self.story.places(name).items():
                found[place].add(artifact)
        return list(found.values())

    def digests(self, names: set[str]) -> set[str]:
        return {d for name in names if (d := self.story.artifacts[name].digest)}

    def clashes(self, members: list[str]) -> bool:
        return any(len(self.digests(names)) > 1 for names in self.outputs(members))

    def _round(self) -> bool:
        changed = False
        for members in self.groups():
            if self.clashes(members):
                self.conflicts.add(frozenset(members))
            elif not self.unstable.intersection(members):
                for names in self.outputs(members):
                    first = min(names)
                    for name in names:
                        changed |= self._join(name, first)
        return changed

    @property
    def agrees(self) -> bool:
        """Whether just those that were held to be unstable are."""
        clashing = {n for members in self.groups() if self.clashes(members) for n in members}
        held = not any(not self.unstable.issuperset(one) for one in self.conflicts)
        digests: dict[str, set[str]] = defaultdict(set)
        for name, one in self.story.artifacts.items():
            if one.digest:
                digests[self.find(name)].add(one.digest)
        return held and clashing == self.unstable and all(len(d) == 1 for d in digests.values())


def answer(trace: Iterable[Record]) -> Answer | None:
    """What is redundant; None where instability is its own ground, so that nothing follows."""
    story = _Story(trace)
    units: set[frozenset[str]] = set()
    held: frozenset[str] = frozenset()
    while True:
        found = _Closure(story, held)
        fresh = found.conflicts - units
        if not fresh:
            break
        units |= fresh
        held = held.union(*fresh)
    agreed = {}
    for size in range(min(len(units), 6) + 1):
        for chosen in itertools.combinations(sorted(units, key=sorted), size):
            closure = _Closure(story, frozenset().union(*chosen))
            if closure.agrees:
                agreed[closure.unstable] = closure
    if len(agreed) != 1:
        return None
    ((unstable, closure),) = agreed.items()
    groups = [m for m in closure.groups() if not unstable.intersection(m)]
    return Answer(
        frozenset(_group(closure, m, _assumed(closure, groups)) for m in groups), unstable
    )


def _assumed(closure: _Closure, groups: list[list[str]]) -> frozenset[str]:
    """The artifacts that are only assumed to equal others."""
    found: frozenset[str] = frozenset()
    while True:
        more = {
            name
            for members in groups
            if _is_assumed(closure, members, found)
            for names in closure.outputs(members)
            if len(names) > 1
            for name in names
            if not closure.story.artifacts[name].digest
        }
        if more <= found:
            return found
        found |= more


def _is_assumed(closure: _Closure, members: list[str], assumed: frozenset[str]) -> bool:
    unknown = not closure.story.executions[members[0]].code_version
    return unknown or len({closure.inputs(name, assumed) for name in members}) > 1


def _group(closure: _Closure, members: list[str], assumed: frozenset[str]) -> Group:
    executions = closure.story.executions

    def order(name: str) -> tuple[float, float, str]:
        one = executions[name]
        late = float("inf")
        return (
            late if one.ended is None else one.ended,
            late if one.started is None else one.started,
            name,
        )

    original, *others = sorted(members, key=order)
    end = executions[original].ended
    repeats = {
        name
        for name in others
        if end is not None and (start := executions[name].started) is not None and start >= end
    }
    return Group(
        original,
        tuple(sorted(repeats)),
        tuple(sorted(set(others) - repeats)),
        _is_assumed(closure, members, assumed),
    )


def random_trace(rng: random.Random, prefix: str) -> Trace:
    """Copies of one small workflow, each a little different, over data that they share."""
    steps = [_step(rng, number, prefix) for number in range(rng.randint(2, 5))]
    records: Trace = [Pipeline(id=f"{prefix}{name}", name=f"{prefix}{name}") for name in "pq"]
    edges: Trace = []
    shared = [f"{prefix}s{number}" for number in range(3)]
    for name in shared:
        records.append(
            Artifact(
                id=name, type="Data", artifact=ArtifactClass.SPAN,
                digest=rng.choice([None, f"{prefix}d", f"{prefix}e"]),
                version=rng.choice([None, "1", "1", "1"]),
                updated=1,
            )
        )  # fmt: skip
    for copy in range(rng.randint(2, 4)):
        _copy(rng, prefix, copy, steps, shared, records, edges)
    return records + edges


@dataclass
class _Step:
    """A step of a workflow: what it reads (numbers of steps, -1 and below are shared data)."""

    type: str
    operator: OperatorClass
    reads: list[tuple[int, int, str, int | None]]
    writes: list[tuple[str, int | None, str | None]]
    code: str | None
    parameters: dict[str, Any]


def _step(rng: random.Random, number: int, prefix: str) -> _Step:
    operator = rng.choice([
        *[OperatorClass.TRANSFORMATION] * 4, OperatorClass.ANALYSIS, OperatorClass.TRAINING,
        OperatorClass.EVALUATION, OperatorClass.DEPLOYMENT, OperatorClass.INGESTION,
    ])  # fmt: skip
    parameters: dict[str, Any] = {"k": rng.choice([1, 1, 2.5])}
    if operator is OperatorClass.TRAINING and rng.random() < 0.7:
        parameters["seed"] = 7
    if operator is OperatorClass.INGESTION:
        parameters["input_fingerprint"] = f"{prefix}f"
    low = -3
    high = number if rng.random() < 0.15 else number - 1  # a cycle now and then
    reads = [
        (rng.randint(low, max(high, low)), rng.randrange(2), rng.choice("ab"),
         rng.choice([None, None, 0, 1]))
        for _ in range(rng.randint(0 if operator is OperatorClass.INGESTION else 1, 3))
    ]  # fmt: skip
    writes = [
        (rng.choice(["out", "out", "more"]), rng.choice([None, None, 0, 1]),
         rng.choice([None, "x", "y"]))
        for _ in range(rng.randint(1, 2))
    ]  # fmt: skip
    code = rng.choice(["v1", "v1", "v1", None])
    return _Step(rng.choice("ABC"), operator, reads, writes, code, parameters)


def _copy(
    rng: random.Random,
    prefix: str,
    copy: int,
    steps: list[_Step],
    shared: list[str],
    records: Trace,
    edges: Trace,
) -> None:
    pipeline = prefix + rng.choice("ppq")
    clock = rng.randrange(5) + copy * rng.choice([0, 20])
    known = rng.random() < 0.5
    for number, step in enumerate(steps):
        name = f"{prefix}{copy}.{number}"
        for place, (_, _, title) in enumerate(step.writes):
            told = (known and rng.random() < 0.5) or rng.random() < 0.15
            content = f"{number}.{place}" + ("!" if rng.random() < 0.12 else "")
            records.append(
                Artifact(
                    id=f"{name}:{place}", type="Data", name=title,
                    artifact=rng.choice([ArtifactClass.OTHER] * 9 + [ArtifactClass.MODEL]),
                    digest=f"{prefix}{content}" if told else None,
                    updated=1,
                )
            )  # fmt: skip
        clock += rng.randrange(3)
        end = clock + rng.randint(1, 3)
        records.append(
            Execution(
                id=name,
                type=step.type if rng.random() > 0.04 else "Z",
                operator=step.operator,
                state=rng.choice(
                    [State.COMPLETE] * 12 + [State.FAILED, State.CACHED, State.RUNNING]
                ),
                started=clock * 1000 if rng.random() > 0.03 else None,
                ended=end * 1000 if rng.random() > 0.03 else None,
                code_version=step.code if rng.random() > 0.05 else None,
                properties=step.parameters | ({"k": 9} if rng.random() < 0.05 else {}),
                updated=1,
            )
        )
        clock = end
        edges.append(
            Membership(
                member_kind=NodeKind.EXECUTION, member=name,
                container_kind=NodeKind.PIPELINE, container=pipeline,
            )
        )  # fmt: skip
        for read, output, role, index in step.reads:
            if read < 0:
                artifact = shared[read + 3]
            else:
                artifact = f"{prefix}{copy}.{read}:{output % len(steps[read].writes)}"
            if rng.random() < 0.05:
                role = "c"  # noqa: PLW2901
            edges.append(_event(name, artifact, EventKind.INPUT, role, index))
        for place, (role, index, _) in enumerate(step.writes):
            edges.append(_event(name, f"{name}:{place}", EventKind.OUTPUT, role, index))
        if number and rng.random() < 0.06:  # a second producer
            other = f"{prefix}{copy}.{number - 1}:0"
            edges.append(_event(name, other, EventKind.OUTPUT, "again", None))


def changed(rng: random.Random, trace: Trace) -> Trace:
    """The same trace as its source tells it later: other digests, parameters, states and times."""
    return [_changed(rng, record) if rng.random() < 0.15 else record for record in trace]


def _changed(rng: random.Random, record: Record) -> Record:
    if isinstance(record, Artifact):
        digests = [None, record.digest, f"{record.id.partition('_')[0]}_{rng.choice('de')}"]
        return replace(record, digest=rng.choice(digests), updated=2)
    if isinstance(record, Execution):
        other = {"k": rng.choice([1, 9])} if rng.random() < 0.3 else {}
        return replace(
            record,
            state=rng.choice([record.state, State.COMPLETE, State.FAILED]),
            code_version=rng.choice([record.code_version, "v1", None]),
            properties=record.properties | other,
            started=rng.choice([record.started, 3000]),
            updated=2,
        )
    return record


def _event(execution: str, artifact: str, kind: EventKind, role: str, index: int | None) -> Event:
    return Event(execution=execution, artifact=artifact, kind=kind, role=role, index=index)
