"""Models, the versions they are registered as, and the pushes that names of versions stand for."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from lineage.records import (
    Artifact,
    ArtifactClass,
    Context,
    Event,
    EventKind,
    Execution,
    Membership,
    NodeKind,
    OperatorClass,
    SetAside,
    State,
)
from lineage.safe import without_login
from lineage_ingest.mlflow.model import OWN_TAGS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lineage.records import Properties, Record, Value
    from lineage_ingest.mlflow.model import LoggedModel, ModelVersion, RegisteredModel

ROLE = "model"
LOGGED, OLD, VERSION = "mlflow.logged_model", "mlflow.model", "mlflow.model_version"
REGISTERED, ALIAS, STAGE = "mlflow.registered_model", "mlflow.alias", "mlflow.stage"
MISSING = "MISSING"
NO_STAGE = frozenset({None, "None", ""})


class Registry:
    """The registered models of a store, and which artifact each of their versions is."""

    def __init__(self, models: Iterable[RegisteredModel]) -> None:
        self.models = list(models)
        self._artifact_of: dict[tuple[str, str], str] = {}
        self._by_model: dict[str, list[ModelVersion]] = defaultdict(list)
        self._by_place: dict[str, list[ModelVersion]] = defaultdict(list)
        self._by_run: dict[str, list[ModelVersion]] = defaultdict(list)
        for version in (version for model in self.models for version in model.versions):
            if version.model:
                self._by_model[version.model].append(version)
            for place in {_place(version.source), _place(version.storage)} - {""}:
                self._by_place[place].append(version)
            if version.run:
                self._by_run[version.run].append(version)

    def of_run(self, run: str) -> list[ModelVersion]:
        """The versions that were registered from a run."""
        return self._by_run.get(run, [])

    def claim(self, artifact: str, *places: str | None, model: str | None = None) -> _Versions:
        """The versions of the model that is at these places, which from now on are this artifact.

        Args:
            artifact: the id of the artifact.
            places: addresses at which the model is.
            model: its id as a logged model.
        """
        found = list(self._by_model.get(model, ())) if model else []
        for place in map(_place, places):
            found += (one for one in self._by_place.get(place, ()) if one not in found)
        mine = [
            one for one in found if self._artifact_of.setdefault(_key(one), artifact) == artifact
        ]
        return _Versions(mine)

    def left(self, run: str | None = None) -> list[ModelVersion]:
        """Versions that are no artifact yet: of a run, or all."""
        versions = (
            (version for model in self.models for version in model.versions)
            if run is None
            else iter(self.of_run(run))
        )
        return [version for version in versions if self.is_left(version)]

    def is_left(self, version: ModelVersion) -> bool:
        """Whether a version is no artifact yet."""
        return _key(version) not in self._artifact_of

    def contexts(self) -> Iterator[Record]:
        """A context for each registered model and each alias."""
        for model in self.models:
            told: Properties = {"description": model.description}
            told |= {f"tag.{key}": value for key, value in sorted(model.tags.items())}
            yield Context(
                id=model.name,
                name=model.name,
                type=REGISTERED,
                created=model.created,
                updated=model.updated,
                properties=_some(told),
            )
            for alias in sorted(model.aliases):
                name = f"{model.name}@{alias}"
                yield Context(id=f"alias:{name}", name=name, type=ALIAS)

    def memberships(self) -> Iterator[Membership]:
        """Models belong to what they are registered as, and to their aliases."""
        for model in self.models:
            for version in model.versions:
                yield _in_context(self._artifact_of[_key(version)], model.name)
            for alias, number in sorted(model.aliases.items()):
                artifact = self._artifact_of.get((model.name, number))
                if artifact is not None:
                    yield _in_context(artifact, f"alias:{model.name}@{alias}")

    def pushes(self, stages: frozenset[str], aliases: frozenset[str]) -> Iterator[Record]:
        """A deployment for each version that stands under one of these names."""
        for model in self.models:
            for alias, number in sorted(model.aliases.items()):
                artifact = self._artifact_of.get((model.name, number))
                if alias in aliases and artifact is None:
                    reason = f"it names version {number}, which is not there"
                    yield SetAside(kind="alias", position=f"{model.name}@{alias}", reason=reason)
                elif alias in aliases and artifact is not None:
                    yield from _push(model.name, number, f"@{alias}", artifact, None)
            for version in model.versions:
                if version.stage in stages:
                    artifact = self._artifact_of[_key(version)]
                    name, at = f"/{version.stage}", version.updated
                    yield from _push(model.name, version.version, name, artifact, at)


class _Versions(list["ModelVersion"]):
    """The versions of one model."""

    def properties(self) -> Properties:
        """What the registry says of them."""
        if not self:
            return {}
        told: list[Value] = [
            _some(
                {
                    "name": version.name,
                    "version": version.version,
                    "stage": None if version.stage in NO_STAGE else version.stage,
                    "status": version.status,
                    "description": version.description,
                    "tags": dict(sorted(version.tags.items())) or None,
                }
            )
            for version in self
        ]
        return {"versions": told, "registered": [f"{one.name}/{one.version}" for one in self]}

    def updated(self, *others: int | None) -> int | None:
        """When the newest of them changed, or something else did."""
        times = [*others, *(one.created for one in self), *(one.updated for one in self)]
        return max((time for time in times if time is not None), default=None)


def logged(model: LoggedModel, registry: Registry) -> Artifact:
    """The artifact of a logged model."""
    versions = registry.claim(model.id, model.location, f"models:/{model.id}", model=model.id)
    told: Properties = {"model_type": model.type}
    told |= {f"param.{key}": value for key, value in sorted(model.params.items())}
    told |= {
        f"tag.{key}": value
        for key, value in sorted(model.tags.items())
        if not key.startswith(OWN_TAGS)
    }
    return Artifact(
        id=model.id,
        type=LOGGED,
        name=model.name,
        artifact=ArtifactClass.MODEL,
        uri=without_login(model.location) if model.location else None,
        state=model.status,
        created=model.created,
        updated=versions.updated(model.updated),
        properties=_some(told) | versions.properties(),
    )


def missing(model: str, registry: Registry) -> Artifact:
    """The artifact of a logged model that is named and that the store no longer has."""
    versions = registry.claim(model, f"models:/{model}", model=model)
    return Artifact(
        id=model,
        type=LOGGED,
        artifact=ArtifactClass.MODEL,
        state=MISSING,
        updated=versions.updated(),
        properties=versions.properties(),
    )


def registered(version: ModelVersion, registry: Registry) -> Artifact:
    """The artifact of a version whose model is known in no other way."""
    id_ = f"models:/{version.name}/{version.version}"
    versions = registry.claim(id_, version.storage, version.source)
    place = version.storage or version.source
    return Artifact(
        id=id_,
        type=VERSION,
        name=version.name,
        artifact=ArtifactClass.MODEL,
        uri=without_login(place) if place else None,
        updated=versions.updated(),
        properties=versions.properties(),
    )


def _push(model: str, number: str, name: str, artifact: str, at: int | None) -> Iterator[Record]:
    """A deployment that nobody recorded as one; aliases do not even say when.

    Without a time the record is the same at every reading, so that a second load changes nothing.
    """
    is_stage = name.startswith("/")
    type_ = STAGE if is_stage else ALIAS
    id_ = f"models:/{model}{name}#{number}"
    told: Properties = {
        "inferred": True,
        "time_from": "last update of the version" if at is not None else "first seen",
        "model": model,
        "version": number,
    }
    yield Execution(
        id=id_,
        type=type_,
        name=f"{model}{name} = {number}",
        node=name[1:],
        operator=OperatorClass.DEPLOYMENT,
        state=State.COMPLETE,
        started=at,
        ended=at,
        updated=at,
        cost=0.0,
        cost_unit="s",
        properties=told,
    )
    yield Artifact(
        id=id_,
        type=type_,
        name=f"{model}{name}",
        artifact=ArtifactClass.DEPLOYMENT,
        uri=f"models:/{model}{name}",
        version=number,
        pushed=True,
        properties={"inferred": True},
    )
    yield Event(execution=id_, artifact=artifact, kind=EventKind.INPUT, role=ROLE)
    yield Event(execution=id_, artifact=id_, kind=EventKind.OUTPUT, role="deployment")
    yield Membership(
        member_kind=NodeKind.EXECUTION,
        member=id_,
        container_kind=NodeKind.CONTEXT,
        container=model,
    )


def _in_context(artifact: str, context: str) -> Membership:
    return Membership(
        member_kind=NodeKind.ARTIFACT,
        member=artifact,
        container_kind=NodeKind.CONTEXT,
        container=context,
    )


def _key(version: ModelVersion) -> tuple[str, str]:
    return version.name, version.version


def _place(address: str | None) -> str:
    return (address or "").rstrip("/")


def _some(told: Properties) -> Properties:
    return {key: value for key, value in told.items() if value is not None}
