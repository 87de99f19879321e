"""Why two executions are equivalent, or what keeps them apart: aspect by aspect, input by input."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field

from lineage.analyses.rows import Row, fetch
from lineage.recipes import DONE, NEVER, SEEDED, plain_properties
from lineage.safe import shortened
from lineage_ingest.trace_json import canonical

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lineage.graph import Graph
    from lineage.records import Properties
    from lineage.settings import Settings

_TOLD = 60  # characters of a value


class Input(BaseModel):
    """What an execution read, and what tells its content."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    artifact: str
    title: str
    class_: str = Field(alias="class")
    content: int
    same: int | None
    assumed: bool | None
    digest: str | None
    version: str | None
    producers: tuple[str, ...]

    @property
    def identity(self) -> tuple[str, int]:
        """Equal for equivalent artifacts."""
        return self.class_, self.content if self.same is None else self.same

    @property
    def known_by_name_alone(self) -> bool:
        """Whether it may have changed between two reads."""
        return not (self.digest or self.version or self.producers)


class Compared(Row):
    """An execution; `show/comparison` says what the fields mean."""

    key: str
    name: str
    properties: dict[str, Any]
    inputs: tuple[Input, ...]


class Equivalents(Row):
    """Executions beside one; `show/equivalents` says what the fields mean."""

    relation: str
    total: int
    keys: tuple[str, ...]


QUERIES: dict[str, type[Row]] = {
    "show/comparison": Compared,
    "show/equivalents": Equivalents,
}


class Comparison(BaseModel):
    """Two executions beside each other.

    Attributes:
        left: key of one.
        right: key of the other.
        right_name: its name.
        equal: what is the same, for people.
        differs: what is not; empty where they are equivalent.
    """

    model_config = ConfigDict(frozen=True)

    left: str
    right: str
    right_name: str
    equal: tuple[str, ...]
    differs: tuple[str, ...]

    @property
    def equivalent(self) -> bool:
        """Whether nothing keeps them apart."""
        return not self.differs


def compare(graph: Graph, settings: Settings, left: str, right: str) -> Comparison:
    """Compare two executions by their keys.

    What it says of inputs is what the last comparison of all executions found
    (`Lineage.segment`).
    """
    return compare_all(graph, settings, left, [right])[0]


def compare_all(
    graph: Graph, settings: Settings, left: str, rights: Sequence[str]
) -> list[Comparison]:
    """Compare one execution with each of several, by their keys; see `compare`."""
    hints = list(settings.hint_roles)
    rows = fetch(graph, "show/comparison", Compared, keys=[left, *rights], hints=hints)
    found = {row.key: row for row in rows}
    return [_comparison(found[left], found[right], settings) for right in rights]


def _comparison(one: Compared, other: Compared, settings: Settings) -> Comparison:
    facts = [*_aspects(one, other, settings), *_inputs(one, other)]
    return Comparison(
        left=one.key,
        right=other.key,
        right_name=other.name,
        equal=tuple(said for same, said in facts if same),
        differs=tuple(said for same, said in facts if not same),
    )


def equivalents(graph: Graph, key: str, limit: int) -> list[Equivalents]:
    """What an execution repeats, what repeats it, and what nearly does."""
    return list(fetch(graph, "show/equivalents", Equivalents, key=key, limit=limit))


def _aspects(one: Compared, other: Compared, settings: Settings) -> Iterator[tuple[bool, str]]:
    mine, theirs = one.properties, other.properties
    yield _said("type", mine.get("type"), theirs.get("type"))
    yield from _code(mine, theirs)
    recipes = settings.recipes()
    told = [
        recipes.parameters(p.get("type", ""), p.get("node"), plain_properties(p))
        for p in (mine, theirs)
    ]
    names = sorted(told[0].keys() | told[1].keys())
    differing = [name for name in names if _text(told[0], name) != _text(told[1], name)]
    if not differing:
        yield True, f"the same parameters ({len(names)})"
    for name in differing:
        yield False, f"parameter {name}: {_short(told[0].get(name))}, {_short(told[1].get(name))}"
    for execution in (one, other):
        if execution.properties.get("signature") is None:
            yield False, f"{execution.name} {_why_alone(execution)}"
        elif execution.properties.get("unstable"):
            yield False, f"{execution.name} wrote other content than its equivalents"


def _text(told: Properties, name: str) -> str:
    """A parameter as recipes have it: 1 and 1.0 are two values."""
    return canonical({name: told[name]}) if name in told else ""


def _code(mine: dict[str, Any], theirs: dict[str, Any]) -> Iterator[tuple[bool, str]]:
    versions = mine.get("code_version"), theirs.get("code_version")
    if any(versions):
        yield _said("code version", *versions)
        return
    same = (mine.get("source"), mine.get("pipeline")) == (
        theirs.get("source"),
        theirs.get("pipeline"),
    )
    if same and mine.get("pipeline"):
        yield True, "code of unknown version in one pipeline, assumed to be the same"
    else:
        yield False, "code of unknown version, in two pipelines"


def _why_alone(execution: Compared) -> str:
    """Why an execution is like no other."""
    properties = execution.properties
    operator, state = properties.get("operator"), properties.get("state")
    if properties.get("recipe") is None:
        if operator in NEVER:
            return f"is of class {operator}, which never counts"
        if state not in DONE:
            return f"is {state}"
        if operator in SEEDED:
            return "trains without a known code version and seed"
        return "was loaded before executions were compared; load its source again"
    for one in execution.inputs:
        if one.known_by_name_alone:
            return f"read {one.title}, which is known by its name alone"
    return "read nothing that is known" if not execution.inputs else "was not compared yet"


def _inputs(one: Compared, other: Compared) -> Iterator[tuple[bool, str]]:
    """Inputs side by side, role by role; equal ones of a role first."""
    left, right = list(one.inputs), list(other.inputs)
    for mine in list(left):
        match = next((r for r in right if (r.name, r.identity) == (mine.name, mine.identity)), None)
        if match is not None:
            left.remove(mine)
            right.remove(match)
            yield True, f"{mine.name}: {_why(mine, match)}"
    for name in sorted({item.name for item in (*left, *right)}):
        pairs = ([item for item in side if item.name == name] for side in (left, right))
        for first, second in zip_longest(*pairs):
            yield False, f"{name}: {_content(first)}, {_content(second)}"


def _why(mine: Input, theirs: Input) -> str:
    if mine.artifact == theirs.artifact:
        return f"{mine.title}, the same artifact"
    if mine.digest and mine.digest == theirs.digest:
        return f"{mine.title} and {theirs.title} have the digest {_short(mine.digest)}"
    makers = " and ".join(_short(one.producers[0]) for one in (mine, theirs) if one.producers)
    assumed = ", as is assumed" if mine.assumed or theirs.assumed else ""
    return f"{mine.title} and {theirs.title} were written by equivalents ({makers}){assumed}"


def _content(one: Input | None) -> str:
    if one is None:
        return "nothing"
    if one.known_by_name_alone:
        return f"{one.title} (known by its name alone)"
    return f"{one.title} ({_short(one.digest)})" if one.digest else one.title


def _said(what: str, mine: Any, theirs: Any) -> tuple[bool, str]:
    if mine == theirs:
        return True, f"the same {what}: {_short(mine)}"
    return False, f"{what}: {_short(mine)}, {_short(theirs)}"


def _short(value: Any) -> str:
    text = "none" if value is None else str(value)
    return shortened(text, _TOLD)
