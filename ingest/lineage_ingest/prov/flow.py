"""What was read and written: stated by usages and generations, and implied by other relations."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lineage.records import Event, EventKind, SetAside
from lineage_ingest.prov.statements import Name, Statement
from lineage_ingest.prov.vocabulary import COLLECTION, DERIVATION, OWN, PROV
from lineage_ingest.prov.wording import of_workflow
from lineage_ingest.times import why_not

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lineage_ingest.prov.description import Description

_KINDS = {"used": EventKind.INPUT, "wasGeneratedBy": EventKind.OUTPUT}
_Key = tuple[str, str, EventKind, str, int | None]


@dataclass(slots=True)
class Inferred:
    """An execution that no activity stands for.

    Attributes:
        id: made of what it wrote.
        entity: what it wrote.
        type: of the execution.
        bundle: where it is stated.
    """

    id: str
    entity: str
    type: str
    bundle: str | None


@dataclass
class Flow:
    """The edges between activities and entities, by URI.

    Attributes:
        events: each once, with the earliest of its times.
        inferred: executions for what was derived without a known activity.
        messages: artifacts that stand for communications: (id, informant, informed, bundle).
        generated: when entities were generated of which no activity is said.
        aside: relations that say too little.
    """

    events: dict[_Key, Event] = field(default_factory=dict)
    inferred: dict[str, Inferred] = field(default_factory=dict)
    messages: dict[str, tuple[str, str, str | None]] = field(default_factory=dict)
    generated: dict[str, int] = field(default_factory=dict)
    aside: list[SetAside] = field(default_factory=list)
    _reads: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    _written: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    _writers: dict[str, dict[str, None]] = field(default_factory=lambda: defaultdict(dict))

    def writers(self, entity: str) -> list[str]:
        """The executions that wrote an entity, in the order met."""
        return list(self._writers.get(entity, ()))

    def wrote(self) -> set[str]:
        """The executions that wrote something."""
        return {event.execution for event in self.events.values() if event.kind.writes}

    def touched(self) -> set[str]:
        """The entities that were read or written."""
        return {event.artifact for event in self.events.values()}

    def add(
        self,
        execution: str,
        artifact: str,
        kind: EventKind,
        position: str,
        *,
        role: str = "",
        index: int | None = None,
        time: int | None = None,
    ) -> None:
        """An edge; stated a second time it keeps the earlier time."""
        if time is not None and (reason := why_not(time)):
            self.aside.append(SetAside(kind="time", position=position, reason=reason))
            time = None
        key = (execution, artifact, kind, role, index)
        held = self.events.get(key)
        if held is None:
            self.events[key] = Event(
                execution=execution,
                artifact=artifact,
                kind=kind,
                role=role,
                index=index,
                time=time,
                position=position,
            )
            if kind.writes:
                self._writers[artifact][execution] = None
                self._written[execution].add(artifact)
            else:
                self._reads[execution].add(artifact)
        elif time is not None:
            held.time = time if held.time is None else min(held.time, time)

    def reads(self, execution: str, artifact: str) -> bool:
        """Whether an execution read it, in any role."""
        return artifact in self._reads.get(execution, ())

    def shares(self, informant: str, informed: str) -> bool:
        """Whether one read something that the other wrote."""
        wrote, read = self._written.get(informant), self._reads.get(informed)
        return wrote is not None and read is not None and not wrote.isdisjoint(read)


def flow_of(said: Description) -> Flow:
    """All edges. What is stated comes first, as it decides what needs to be inferred."""
    flow = Flow()
    for kind in _KINDS:
        for statement in said.relations.get(kind, ()):
            _stated(flow, said, statement)
    loose = [
        each for each in said.relations.get("wasDerivedFrom", ()) if not _implied(flow, said, each)
    ]
    _members(flow, said.relations.get("hadMember", ()))
    for statement in loose:
        _derived(flow, statement)
    for statement in said.relations.get("wasInformedBy", ()):
        _informed(flow, statement)
    return flow


def _stated(flow: Flow, said: Description, statement: Statement) -> None:
    activity, entity = statement.names.get("activity"), statement.names.get("entity")
    time = statement.times.get("time")
    if entity is None or (activity is None and (statement.kind == "used" or time is None)):
        _too_little(flow, statement, "no entity" if entity is None else "no activity")
        return
    if activity is None:
        if time is not None:
            flow.generated.setdefault(entity.uri, time)
        return
    role, index = _role(statement, said)
    kind = _own_kind(statement) or _KINDS[statement.kind]
    flow.add(activity.uri, entity.uri, kind, statement.position, role=role, index=index, time=time)


def _role(statement: Statement, said: Description) -> tuple[str, int | None]:
    """The role, and our own index; a workflow's roles without the path of the step."""
    found = statement.prov("role")
    role = found[0] if found else ""
    text = role.local if isinstance(role, Name) else str(role)
    activity = said.activities.get(statement.names["activity"].uri)
    if activity and of_workflow(activity):
        text = text.rpartition("/")[2]
    index = next(iter(statement.of(OWN, "index")), None)
    whole = isinstance(index, int) and not isinstance(index, bool)
    return text, int(index) if whole else None  # type: ignore[arg-type]


def _own_kind(statement: Statement) -> EventKind | None:
    """What our export says of an edge that PROV has no other word for."""
    given = next(iter(statement.of(OWN, "event")), None)
    return EventKind(given) if given in set(EventKind) else None


def _implied(flow: Flow, said: Description, statement: Statement) -> bool:
    """Whether a derivation names its activity, or what it lacks; then it needs nothing more."""
    made, used = statement.names.get("generatedEntity"), statement.names.get("usedEntity")
    if made is None or used is None:
        _too_little(flow, statement, "not both entities")
        return True
    activity = statement.names.get("activity") or _by_id(said, statement)
    if activity is None:
        return False
    if not flow.reads(activity.uri, used.uri):
        flow.add(activity.uri, used.uri, EventKind.INPUT, statement.position)
    if activity.uri not in flow.writers(made.uri):
        flow.add(activity.uri, made.uri, EventKind.OUTPUT, statement.position)
    return True


def _by_id(said: Description, statement: Statement) -> Name | None:
    """The activity of the generation or the usage that a derivation names."""
    for argument, kind in (("generation", "wasGeneratedBy"), ("usage", "used")):
        wanted = statement.names.get(argument)
        if wanted is not None and (found := said.relation(kind, wanted.uri)):
            return found.names.get("activity")
    return None


def _derived(flow: Flow, statement: Statement) -> None:
    """Infer an execution for a derivation that no activity explains."""
    made, used = statement.names["generatedEntity"], statement.names["usedEntity"]
    if any(flow.reads(writer, used.uri) for writer in flow.writers(made.uri)):
        return
    kind = _type_of_derivation(statement)
    inferred = _infer(flow, kind, made.uri, statement.bundle)
    prov = (one for one in statement.prov("type") if isinstance(one, Name) and one.space == PROV)
    role = next((one.local for one in prov), "")
    flow.add(inferred, used.uri, EventKind.INPUT, statement.position, role=role)
    flow.add(inferred, made.uri, EventKind.OUTPUT, statement.position)


def _type_of_derivation(statement: Statement) -> str:
    """What a document calls this kind of derivation; PROV's own kinds say nothing of the work."""
    for one in statement.prov("type"):
        if not (isinstance(one, Name) and one.space == PROV):
            return one.short if isinstance(one, Name) else str(one)
    return DERIVATION


def _members(flow: Flow, memberships: Sequence[Statement]) -> None:
    """A collection that nothing wrote was put together of its members; else its writer wrote them.

    So data flow through collections, whether whole or members are read further on.
    """
    pairs: dict[tuple[str, str], Statement] = {}
    for statement in memberships:
        collection, entity = statement.names.get("collection"), statement.names.get("entity")
        if collection is None or entity is None:
            _too_little(flow, statement, "not both collection and member")
        else:
            pairs.setdefault((collection.uri, entity.uri), statement)
    written = {whole: flow.writers(whole) for whole, _ in pairs}
    orphans = {member for _, member in pairs if not flow.writers(member)}
    for (whole, member), each in pairs.items():
        if not written[whole]:
            made = _infer(flow, COLLECTION, whole, each.bundle)
            flow.add(made, member, EventKind.INPUT, each.position)
            flow.add(made, whole, EventKind.OUTPUT, each.position)
        elif member in orphans:
            for writer in written[whole]:
                if not flow.reads(writer, member):
                    flow.add(writer, member, EventKind.OUTPUT, each.position)


def _infer(flow: Flow, type_: str, entity: str, bundle: str | None) -> str:
    # A list is written so that no two of them can look alike.
    id_ = f"prov:inferred:{json.dumps([type_, entity], ensure_ascii=False)}"
    flow.inferred.setdefault(id_, Inferred(id_, entity, type_, bundle))
    return id_


def _informed(flow: Flow, statement: Statement) -> None:
    """Something flowed from one activity to another: let an artifact stand for it if none does."""
    informed, informant = statement.names.get("informed"), statement.names.get("informant")
    if informed is None or informant is None:
        _too_little(flow, statement, "not both activities")
        return
    if flow.shares(informant.uri, informed.uri):
        return
    pair = json.dumps([informant.uri, informed.uri], ensure_ascii=False)
    id_ = f"prov:informed:{pair}"
    flow.messages.setdefault(id_, (informant.uri, informed.uri, statement.bundle))
    flow.add(informant.uri, id_, EventKind.OUTPUT, statement.position)
    flow.add(informed.uri, id_, EventKind.INPUT, statement.position)


def _too_little(flow: Flow, statement: Statement, lacking: str) -> None:
    reason = f"it names {lacking}"
    flow.aside.append(SetAside(kind=statement.kind, position=statement.position, reason=reason))
