"""Advice in time: has this been computed, where is its output, what would it cost again?"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict

from lineage.analyses.rows import Row, fetch
from lineage.errors import SettingsError
from lineage.load.rows import clean, indexed, key_of
from lineage.recipes import DIGEST, SEEDED, content_of
from lineage.records import NodeKind, OperatorClass, State
from lineage.tables import Drawn

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from lineage.graph import Graph
    from lineage.recipes import Recipe
    from lineage.records import Properties
    from lineage.settings import Settings

LOOKED_AT = 2_000  # executions, to tell an unknown type in time; all of a small graph
NEVER = (
    "nothing that was compared did this before; type, parameters and inputs are compared as they "
    "were recorded"
)
GONE = frozenset({"DELETED", "MARKED_FOR_DELETION", "ABANDONED"})


class Output(BaseModel):
    """What an execution wrote.

    Attributes:
        name: role and index.
        key: of the artifact.
        kept: whether it is still there, as far as its source says; None where it says nothing.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    key: str
    uri: str | None
    digest: str | None
    size: int | None
    kept: bool | None


class Read(BaseModel):
    """An input that was asked about.

    Attributes:
        role: as given.
        key: of the artifact, where it was named.
        name: of it; None where the graph does not hold it.
        kept: whether it is still there; None where its source says nothing.
    """

    model_config = ConfigDict(frozen=True)

    role: str
    key: str | None
    name: str | None
    uri: str | None
    kept: bool | None


class Advice(Drawn, BaseModel):
    """What the graph knows of a computation.

    Attributes:
        known: it was done before, and its output can be used.
        assumed: the match rests on code of unknown version.
        why: in words.
        execution: key of the one that did it first.
        name: its name.
        pipeline: its pipeline.
        ended: when.
        cost: what it cost, which is what doing it again would, in `cost_unit`.
        outputs: what it wrote.
        inputs: what was asked about, as the graph knows it.
    """

    model_config = ConfigDict(frozen=True)

    known: bool
    assumed: bool = False
    why: str
    execution: str | None = None
    name: str | None = None
    pipeline: str | None = None
    ended: datetime | None = None
    cost: float | None = None
    cost_unit: str | None = None
    outputs: tuple[Output, ...] = ()
    inputs: tuple[Read, ...] = ()


class Answer(Row):
    """What the graph says; `reuse/advise` says what the fields mean."""

    read: tuple[dict[str, Any], ...]
    found: tuple[dict[str, Any], ...]


class Types(Row):
    """How native types are written; `reuse/types` says what the fields mean."""

    types: tuple[str, ...]
    known: bool
    all: bool


QUERIES: dict[str, type[Row]] = {"reuse/advise": Answer, "reuse/types": Types}


def advise(
    graph: Graph,
    settings: Settings,
    operator: str,
    *,
    code_version: str | None = None,
    parameters: Properties | None = None,
    inputs: Mapping[str, str | Sequence[str]] | None = None,
    node: str | None = None,
    pipeline: str | None = None,
    source: str | None = None,
    thorough: bool = False,
) -> Advice:
    """Ask whether a computation was done before; see `Lineage.advise`."""
    match = settings.naming().match_operator(operator, node)
    recipe = settings.recipes().recipe(
        operator,
        node,
        operator=match.target,
        state=State.COMPLETE,
        code_version=code_version,
        properties=parameters or {},
    )
    asked = list(_asked(inputs or {}, source, frozenset(settings.hint_roles)))
    (answer,) = fetch(
        graph,
        "reuse/advise",
        Answer,
        recipe=None if recipe is None else recipe.number,
        asker=pipeline,
        known=bool(code_version),
        inputs=asked,
        hints=list(settings.hint_roles),
    )
    read = tuple(
        Read(role=one["role"], key=one["key"], name=one["name"], uri=one["uri"], kept=_kept(one))
        for one in answer.read
    )
    against = _against(recipe, match.target, answer.read, pipeline if not code_version else "any")
    if against is not None:
        unknown = _unknown_type(graph, operator, thorough=thorough)
        why = against if unknown is None else f"{against}; {unknown}"
        return Advice(known=False, why=why, inputs=read)
    found = [one for one in answer.found if _same(answer.read, one["inputs"])]
    if not found:
        why = _unknown_type(graph, operator, thorough=thorough) or NEVER
        return Advice(known=False, why=why, inputs=read)
    best = min(found, key=lambda one: (one["ended"] is None, one["ended"], one["key"]))
    if best["unstable"]:
        why = f"{best['name']} did this, and others wrote different content from the same inputs"
        return Advice(known=False, why=why, inputs=read)
    assumed = not code_version or _rests(answer.read, best["inputs"])
    return _known(best, read, assumed=assumed)


def _unknown_type(graph: Graph, operator: str, *, thorough: bool) -> str | None:
    """Say that no execution is of a type, and how types look; None where one may be."""
    most = None if thorough else LOOKED_AT
    (found,) = fetch(graph, "reuse/types", Types, type=operator, most=most)
    if found.known or not found.all or not found.types:
        return None
    like = [one for one in found.types if one.endswith(operator)] or found.types
    return f"no execution has the type {operator!r}; types are like {', '.join(like)}"


def _known(best: dict[str, Any], read: tuple[Read, ...], *, assumed: bool) -> Advice:
    outputs = tuple(
        Output(
            name=one["name"], key=one["key"], uri=one["uri"], digest=one["digest"],
            size=one["size"], kept=_kept(one),
        )
        for one in best["outputs"]
    )  # fmt: skip
    gone = [one.name for one in outputs if one.kept is False]
    why = f"{best['name']} did this"
    if assumed:
        why += ", if code of unknown version is the same"
    if gone:
        why += f"; of what it wrote, {', '.join(gone)} was deleted"
    return Advice(
        known=bool(outputs) and not gone,
        assumed=assumed,
        why=why,
        execution=best["key"],
        name=best["name"],
        pipeline=best["pipeline"],
        ended=best["ended"],
        cost=best["cost"],
        cost_unit=best["cost_unit"],
        outputs=outputs,
        inputs=read,
    )


def _asked(
    inputs: Mapping[str, str | Sequence[str]], source: str | None, hints: frozenset[str]
) -> Iterable[dict[str, Any]]:
    """The inputs as the query takes them, in the order of each role."""
    for role, given in inputs.items():
        if role in hints:
            continue
        if not isinstance(given, str | list | tuple):
            raise SettingsError(f"input {role}: {given!r} is no artifact; give its key or digest")
        for text in [given] if isinstance(given, str) else given:
            if text.startswith(DIGEST):
                number = content_of("", indexed(clean(text.removeprefix(DIGEST))))
                yield {"role": role, "key": None, "content": number}
                continue
            if "#" not in text and source is None:
                raise SettingsError(
                    f"input {role}: {text!r} is no key of an artifact; give its key, its digest as "
                    f"{DIGEST}..., or the source of which it is the native id"
                )
            key = text if "#" in text else key_of(source or "", NodeKind.ARTIFACT, text)
            yield {"role": role, "key": key, "content": None}


def _against(
    recipe: Recipe | None,
    operator: OperatorClass,
    read: Sequence[dict[str, Any]],
    scope: str | None,
) -> str | None:
    """Why it cannot be equivalent to anything; None where it can."""
    if recipe is None:
        never = f"executions of class {operator} are never compared"
        return (
            "trainings are compared only with code version and seed known"
            if operator in SEEDED
            else never
        )
    missing = [one["key"] for one in read if one["content"] is None]
    alone = [one["name"] for one in read if one["alone"]]
    reasons = (
        (missing, f"the graph holds no artifact {', '.join(missing)}"),
        (scope is None, "code of unknown version is compared only within a pipeline; name it"),
        (alone and not recipe.fingerprinted,
         f"{', '.join(alone)} is known by name alone, and may have changed"),
        (not read and not recipe.fingerprinted, "it reads nothing that is known"),
    )  # fmt: skip
    return next((said for holds, said in reasons if holds), None)


def _same(mine: Sequence[dict[str, Any]], theirs: Sequence[dict[str, Any]]) -> bool:
    """Whether both read the same, role by role, in order where there is one."""
    roles = {one["role"] for one in (*mine, *theirs)}
    for role in roles:
        left = [one for one in mine if one["role"] == role]
        right = [one for one in theirs if one["role"] == role]
        if any(one["index"] is None for one in right):
            left, right = (sorted(side, key=lambda one: one["content"]) for side in (left, right))
        if [one["content"] for one in left] != [one["content"] for one in right]:
            return False
        if any(a["class"] not in (None, b["class"]) for a, b in zip(left, right, strict=True)):
            return False
    return True


def _rests(mine: Sequence[dict[str, Any]], theirs: Sequence[dict[str, Any]]) -> bool:
    """Whether inputs are equal only by an assumption: as other artifacts than were read then."""
    read = {one["key"] for one in theirs}
    others = [one for one in mine if one["key"] not in read]
    return bool(others) and any(one["assumed"] for one in (*others, *theirs))


def _kept(one: Mapping[str, Any]) -> bool | None:
    return None if one["state"] is None else one["state"] not in GONE
