"""Executions and artifacts, from activities and entities."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import fields
from typing import TYPE_CHECKING

from lineage.records import (
    Artifact,
    ArtifactClass,
    Execution,
    OperatorClass,
    SetAside,
    State,
)
from lineage_ingest.datasets import of_uri, shared_id
from lineage_ingest.prov import wording
from lineage_ingest.prov.vocabulary import ACTIVITY, COMMUNICATION, ENTITY, OWN
from lineage_ingest.times import drop_impossible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lineage.records import Properties, Record
    from lineage_ingest.prov.description import Description, Thing
    from lineage_ingest.prov.flow import Flow, Inferred

DELETED = "DELETED"


def _number(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"{value!r} is no whole number")  # noqa: TRY004 (bad data, not a bug)
    return value


def _amount(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{value!r} is no number")  # noqa: TRY004
    return float(value)


def _truth(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"{value!r} is neither true nor false")  # noqa: TRY004
    return value


_OWN: dict[str, Callable[[object], object]] = {
    "operator": lambda value: OperatorClass(str(value)),
    "artifact": lambda value: ArtifactClass(str(value)),
    "cost": _amount,
    "size": _number,
    "created": _number,
    "updated": _number,
    "pushed": _truth,
}
"""How fields are read that our export states; all others are text."""
_NEVER_OWN = frozenset({"id", "started", "ended", "properties", "features"})


class Nodes:
    """Makes executions and artifacts of what documents say."""

    def __init__(
        self, said: Description, flow: Flow, file: Callable[[str], tuple[str, int] | None]
    ) -> None:
        """Prepare.

        Args:
            said: what the documents say.
            flow: the edges.
            file: path and size of the file that holds the content of a digest, where it is there.
        """
        self._said, self._flow, self._file = said, flow, file
        self._wrote = flow.wrote()
        self._starts = _times_of(said, "wasStartedBy", earliest=True)
        self._ends = _times_of(said, "wasEndedBy", earliest=False)
        self._general = _pairs(
            said, ("specializationOf", "mentionOf"), "specificEntity", "generalEntity"
        )
        self._alternates = _pairs(said, ("alternateOf",), "alternate1", "alternate2")
        self._invalid = {
            name.uri
            for each in said.relations.get("wasInvalidatedBy", ())
            if (name := each.names.get("entity"))
        }
        self._ids = self._shared()
        self._entities: dict[str, list[str]] = defaultdict(list)
        for uri, id_ in self._ids.items():
            self._entities[id_].append(uri)

    def artifact_id(self, uri: str) -> str:
        """The id of an entity's artifact: its URI, or that of the data set at its address."""
        return self._ids.get(uri, uri)

    def execution(
        self, thing: Thing, parent: str | None, about: Properties, node: str | None
    ) -> Iterator[Record]:
        """An activity.

        Args:
            thing: it.
            parent: the activity that it is part of.
            about: what its associations say.
            node: the step of the workflow that it runs.
        """
        label = wording.label_of(thing)
        ended = thing.times.get("endTime", self._ends.get(thing.id))
        done = ended is not None or thing.id in self._wrote
        type_ = wording.type_of(thing, ACTIVITY, operator=True)
        code = about.pop("code_version", None)
        made = Execution(
            id=thing.id,
            type=type_,
            name=label,
            node=node or label,
            state=State.COMPLETE if done else State.UNKNOWN,
            started=thing.times.get("startTime", self._starts.get(thing.id)),
            ended=ended,
            code_version=code if isinstance(code, str) else None,
            parent=parent,
            properties=wording.properties_of(thing, type_) | about,
        )
        yield from _finished(made, thing)

    def inferred(self, one: Inferred) -> Execution:
        """What stands for a derivation without an activity; it says nothing of its cost, so 0."""
        operator = OperatorClass.OTHER if one.type.startswith("prov.") else None
        made = self._said.entities.get(one.entity)
        kind = one.type.removeprefix("prov.")
        return Execution(
            id=one.id,
            type=one.type,
            name=f"{kind} of {(made and wording.label_of(made)) or one.entity}",
            operator=operator,
            state=State.COMPLETE,
            cost=0.0,
            properties={"inferred": True},
        )

    def artifact(self, thing: Thing) -> Iterator[Record]:
        """An entity; of several that are one data set, the first stands for all."""
        id_ = self.artifact_id(thing.id)
        together = self._entities.get(id_, [thing.id])
        if together[0] != thing.id:
            return
        general = self._general.get(thing.id, [])
        digest = wording.digest_of(thing, general)
        path, size = (digest and self._file(digest)) or (None, None)
        type_ = wording.type_of(thing, ENTITY, operator=False)
        properties = wording.properties_of(thing, type_)
        properties |= _listed("specialization_of", general)
        properties |= _listed("alternate_of", self._alternates.get(thing.id, []))
        if id_ != thing.id:
            properties |= _listed("entity", together)
        stated = wording.size_of(thing)
        made = Artifact(
            id=id_,
            type=type_,
            name=wording.label_of(thing),
            uri=wording.location_of(thing) or path,
            digest=digest,
            version=wording.version_of(thing),
            size=size if stated is None else stated,
            state=DELETED if thing.id in self._invalid else None,
            created=self._flow.generated.get(thing.id),
            properties=properties,
        )
        yield from _finished(made, thing)

    def message(self, id_: str, informant: str, informed: str) -> Artifact:
        """What stands for something that one activity passed to another."""
        return Artifact(
            id=id_,
            type=COMMUNICATION,
            artifact=ArtifactClass.OTHER,
            properties={"inferred": True, "informant": informant, "informed": informed},
        )

    def _shared(self) -> dict[str, str]:
        """The ids of entities at an address that other sources may mean, too.

        An entity is one fixed state of what is at its address. One that a document says how it was
        made is a version, known by the version it states or else by its own URI. One that is only
        read has no version: who wrote it is another source's to say. Yet two such entities whose
        digests differ cannot be one. Entities of one version are one node, as everywhere.
        """
        at: dict[str, list[Thing]] = defaultdict(list)
        for thing in self._said.entities.values():
            location = wording.location_of(thing)
            if location and (name := of_uri(location)):
                at[name].append(thing)
        found = {}
        for name, things in at.items():
            read = [each for each in things if not self._made(each)]
            digests = {wording.digest_of(each) for each in read}
            for each in things:
                version = wording.version_of(each)
                if version is None and (self._made(each) or len(digests) > 1):
                    version = each.id
                found[each.id] = shared_id(name, version)
        return found

    def _made(self, thing: Thing) -> bool:
        return bool(self._flow.writers(thing.id)) or thing.id in self._flow.generated


def _finished(made: Execution | Artifact, thing: Thing) -> Iterator[Record]:
    """Take over the fields that our own export states, and drop times that cannot be."""
    aside: list[SetAside] = []
    for name in (each.name for each in fields(made) if each.name not in _NEVER_OWN):
        try:
            value = wording.taken(thing, name, _OWN.get(name, str))
            if name == "state" and isinstance(made, Execution) and value is not None:
                value = State(str(value))
        except ValueError as error:
            reason = f"{OWN}{name}: {error}"
            aside.append(SetAside(kind="value", position=thing.id, reason=reason))
            continue
        if value is not None:
            setattr(made, name, value)
    aside.extend(drop_impossible(made, thing.id))
    yield made
    yield from aside


def _times_of(said: Description, kind: str, *, earliest: bool) -> dict[str, int]:
    """When activities began or ended, by the relations that say so."""
    found: dict[str, int] = {}
    for each in said.relations.get(kind, ()):
        activity, time = each.names.get("activity"), each.times.get("time")
        if activity is not None and time is not None:
            held = found.get(activity.uri, time)
            found[activity.uri] = min(held, time) if earliest else max(held, time)
    return found


def _pairs(said: Description, kinds: tuple[str, ...], key: str, value: str) -> dict[str, list[str]]:
    found: dict[str, dict[str, None]] = defaultdict(dict)
    for each in (each for kind in kinds for each in said.relations.get(kind, ())):
        left, right = each.names.get(key), each.names.get(value)
        if left is not None and right is not None:
            found[left.uri][right.uri] = None
    return {left: list(rights) for left, rights in found.items()}


def _listed(name: str, found: list[str]) -> Properties:
    if not found:
        return {}
    return {name: found[0] if len(found) == 1 else sorted(found)}  # type: ignore[dict-item]
