"""What documents say, gathered: each thing once, whichever bundles describe it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from lineage.records import SetAside
from lineage_ingest.prov.statements import Name, Statement
from lineage_ingest.prov.vocabulary import PROV

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lineage_ingest.prov.statements import Literal

ELEMENTS = frozenset({"activity", "entity", "agent"})
# Arguments of relations that name something which is then known to be there.
_NAMED = {
    "used": {"activity": "activity", "entity": "entity"},
    "wasGeneratedBy": {"activity": "activity", "entity": "entity"},
    "wasInvalidatedBy": {"entity": "entity"},
    "wasInformedBy": {"informed": "activity", "informant": "activity"},
    "wasStartedBy": {"activity": "activity"},
    "wasEndedBy": {"activity": "activity"},
    "wasDerivedFrom": {
        "generatedEntity": "entity",
        "usedEntity": "entity",
        "activity": "activity",
    },
    "specializationOf": {"specificEntity": "entity", "generalEntity": "entity"},
    "mentionOf": {"specificEntity": "entity", "generalEntity": "entity"},
    "alternateOf": {"alternate1": "entity", "alternate2": "entity"},
    "hadMember": {"collection": "entity", "entity": "entity"},
    "wasAssociatedWith": {"activity": "activity", "agent": "agent"},
    "wasAttributedTo": {"entity": "entity", "agent": "agent"},
    "actedOnBehalfOf": {"delegate": "agent", "responsible": "agent"},
}
# These tell when an activity began or ended; an agent that something else names so is none.
_WEAK = frozenset({"wasStartedBy", "wasEndedBy"})
_UNUSED = {
    "wasInfluencedBy": "an influence does not say what flowed, nor which way",
}


Values: TypeAlias = "dict[tuple[type, Literal], Name]"
"""Each value of an attribute once (1 and true are two), with the name that it was stated by."""


@dataclass(slots=True)
class Thing:
    """An activity, an entity or an agent.

    Attributes:
        name: its identifier.
        attributes: of all its statements, each pair once.
        times: `startTime` and `endTime`, where they are known.
        bundles: where it is described, or else named, in the order met; None is the document.
        declared: whether anything describes it: PROV lets relations name what nothing does.
    """

    name: Name
    attributes: dict[tuple[str, str], Values] = field(default_factory=dict)
    times: dict[str, int] = field(default_factory=dict)
    bundles: dict[str | None, None] = field(default_factory=dict)
    declared: bool = False

    @property
    def id(self) -> str:
        """Its URI."""
        return self.name.uri

    def add(self, attributes: Iterable[tuple[Name, Literal]]) -> None:
        """Take attributes on that are not there yet."""
        for name, value in attributes:
            held = self.attributes.setdefault((name.space, name.local), {})
            held.setdefault((type(value), value), name)

    def of(self, space: str, local: str) -> list[Literal]:
        """The values of one attribute."""
        return [value for _, value in self.attributes.get((space, local), ())]

    def prov(self, local: str) -> list[Literal]:
        """The values of one of PROV's own attributes."""
        return self.of(PROV, local)

    def types(self) -> list[str]:
        """Its types, short, sorted."""
        found = self.prov("type")
        return sorted({one.short if isinstance(one, Name) else str(one) for one in found})


@dataclass
class Description:
    """All that the documents of one source say.

    Attributes:
        activities: by URI; so are entities and agents.
        relations: statements by kind, in the order met.
        bundles: URIs of the bundles that hold something, in the order met.
        zoneless: how many statements had a time without zone.
    """

    activities: dict[str, Thing] = field(default_factory=dict)
    entities: dict[str, Thing] = field(default_factory=dict)
    agents: dict[str, Thing] = field(default_factory=dict)
    relations: dict[str, list[Statement]] = field(default_factory=lambda: defaultdict(list))
    bundles: dict[str, None] = field(default_factory=dict)
    zoneless: int = 0
    _starters: dict[str, list[Name]] = field(default_factory=lambda: defaultdict(list))
    _by_id: dict[tuple[str, str], Statement] = field(default_factory=dict)

    def relation(self, kind: str, uri: str) -> Statement | None:
        """The relation of that kind and identifier."""
        return self._by_id.get((kind, uri))

    def starters(self, activity: str) -> list[Literal]:
        """The activities that began this one."""
        return list(self._starters.get(activity, ()))

    def take(self, found: Iterable[Statement | SetAside]) -> Iterator[SetAside]:
        """Gather statements, and hand on what was set aside before, or is now."""
        for one in found:
            if isinstance(one, SetAside):
                yield one
                continue
            self.zoneless += one.zoneless
            if one.bundle is not None:
                self.bundles[one.bundle] = None
            if one.kind in ELEMENTS:
                yield from self._element(one)
            elif one.kind in _UNUSED:
                yield SetAside(kind=one.kind, position=one.position, reason=_UNUSED[one.kind])
            else:
                self.relations[one.kind].append(one)
                if one.id is not None:
                    self._by_id.setdefault((one.kind, one.id.uri), one)

    def settle(self) -> None:
        """Make known what is only named. Call it when all documents are taken."""
        for each in self.relations.get("wasStartedBy", ()):
            if (activity := each.names.get("activity")) and (starter := each.names.get("starter")):
                self._starters[activity.uri].append(starter)
        for kind, roles in _NAMED.items():
            for statement in self.relations.get(kind, ()):
                for argument, element in roles.items():
                    name = statement.names.get(argument)
                    if name is not None and not (kind in _WEAK and name.uri in self.agents):
                        self._named(element, name, statement.bundle)

    def things(self, kind: str) -> dict[str, Thing]:
        """Those of one kind: `activity`, `entity` or `agent`."""
        return {"activity": self.activities, "entity": self.entities, "agent": self.agents}[kind]

    def _element(self, statement: Statement) -> Iterator[SetAside]:
        if statement.id is None:
            yield SetAside(
                kind=statement.kind, position=statement.position, reason="it has no identifier"
            )
            return
        held = self.things(statement.kind).setdefault(statement.id.uri, Thing(statement.id))
        held.declared = True
        held.bundles[statement.bundle] = None
        held.add(statement.attributes)
        for which, time in statement.times.items():
            if held.times.setdefault(which, time) != time:
                reason = f"{which} is stated twice, and differently; the first is read"
                yield SetAside(kind="time", position=statement.position, reason=reason)

    def _named(self, kind: str, name: Name, bundle: str | None) -> None:
        held = self.things(kind).setdefault(name.uri, Thing(name))
        if not held.declared:
            held.bundles[bundle] = None
