"""Which class an execution or an artifact is of, from its names.

Asked in this order, the first answer holds: the user's rules; the class that the source states;
the names that are known (`lineage.naming_tables`: TFX, Kubeflow, MLflow, Spark, dbt, Airflow); the
base type that the source's type system gives; globs on the end of the name; what types usually are
that run anything of one kind, such as SQL. What nothing matches is `other`, and is told apart from
what is known to be `other`, so that `lineage doctor` can list it.

A name is matched by its full form and by its last part (`tfx.components.trainer.component.Trainer`
and `Trainer`), the native type first and the node or task name after it: Kubeflow calls every step
`system.ContainerExecution`, so that there only the task tells. Matching minds the case, except for
the plain task names of `TASK_NAMES`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Generic, TypeVar

from lineage.errors import SettingsError
from lineage.naming_tables import (
    ARTIFACT_BASE_TYPES,
    ARTIFACT_GLOBS,
    ARTIFACT_NAMES,
    FOLLOWING,
    OPERATOR_BASE_TYPES,
    OPERATOR_DEFAULTS,
    OPERATOR_GLOBS,
    OPERATOR_NAMES,
    OPERATOR_WHOLE_NAMES,
    TASK_NAMES,
)
from lineage.records import ArtifactClass, OperatorClass

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

__all__ = ["REFERENCE_ROLES", "ArtifactMatch", "Match", "MatchedBy", "Naming", "Rule"]

REFERENCE_ROLES = frozenset({"baseline_model", "analyzer_cache"})

C = TypeVar("C", OperatorClass, ArtifactClass)
T = TypeVar("T")

# The cache is thrown away beyond this: a source may name every one of its tasks differently.
CACHED_NAMES = 100_000


class MatchedBy(StrEnum):
    """What a class was found by, in the order of asking."""

    RULE = "rule"
    GIVEN = "given"
    NAME = "name"
    BASE_TYPE = "base type"
    GLOB = "glob"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Rule(Generic[C]):
    """A user's rule: names that match the glob `pattern` are of the class `target`.

    The glob is that of `fnmatch`, with case: `*`, `?`, `[abc]`.
    """

    pattern: str
    target: C

    @classmethod
    def parse(cls, given: Mapping[str, object], classes: type[C]) -> Rule[C]:
        """A rule from its form in the settings, `{"pattern": "my.Trainer*", "class": "training"}`.

        Raises:
            SettingsError: a key is missing, unknown or empty, or the class is not one of `classes`.
        """
        pattern, target = given.get("pattern"), given.get("class")
        if set(given) != {"pattern", "class"} or not isinstance(pattern, str) or not pattern:
            raise SettingsError(f"a rule has a pattern and a class, not {dict(given)!r}")
        try:
            return cls(pattern, classes(str(target)))
        except ValueError:
            known = ", ".join(classes)
            raise SettingsError(
                f"rule {pattern!r}: no class {target!r}; there are: {known}"
            ) from None


@dataclass(frozen=True, slots=True)
class Match(Generic[C]):
    """A class and what it was found by."""

    target: C
    by: MatchedBy

    @property
    def known(self) -> bool:
        """False for the fallback: nothing matched, so `other` is only a guess."""
        return self.by is not MatchedBy.NOTHING


@dataclass(frozen=True, slots=True)
class ArtifactMatch(Match[ArtifactClass]):
    """The class of an artifact.

    Attributes:
        depends_on_producer: the class is `transform` instead when any producer of the artifact,
            a cached one included, is a transformation (TFX's `Examples`).
    """

    depends_on_producer: bool = False


@dataclass(frozen=True)
class Naming:
    """The rules in force.

    Attributes:
        operator_rules: the user's, asked first, in their order.
        artifact_rules: likewise for artifacts.
        reference_roles: roles of side inputs, read to compare or as a hint, never followed.
    """

    operator_rules: tuple[Rule[OperatorClass], ...] = ()
    artifact_rules: tuple[Rule[ArtifactClass], ...] = ()
    reference_roles: frozenset[str] = REFERENCE_ROLES
    _operators: dict[tuple[object, ...], Match[OperatorClass]] = field(
        default_factory=dict, repr=False, compare=False
    )
    _artifacts: dict[tuple[object, ...], ArtifactMatch] = field(
        default_factory=dict, repr=False, compare=False
    )

    @classmethod
    def of(
        cls,
        operators: Iterable[Mapping[str, object]] = (),
        artifacts: Iterable[Mapping[str, object]] = (),
        reference_roles: Iterable[str] = REFERENCE_ROLES,
    ) -> Naming:
        """The naming with the rules of the settings.

        Raises:
            SettingsError: a rule cannot be understood.
        """
        return cls(
            tuple(Rule.parse(rule, OperatorClass) for rule in operators),
            tuple(Rule.parse(rule, ArtifactClass) for rule in artifacts),
            frozenset(reference_roles),
        )

    def operator(
        self,
        type: str,  # noqa: A002 (the field's name in the records)
        node: str | None = None,
        base_type: str | None = None,
        given: OperatorClass | None = None,
    ) -> OperatorClass:
        """The class of an execution; the arguments are the fields of `records.Execution`."""
        return self.match_operator(type, node, base_type, given).target

    def match_operator(
        self,
        type: str,  # noqa: A002
        node: str | None = None,
        base_type: str | None = None,
        given: OperatorClass | None = None,
    ) -> Match[OperatorClass]:
        """As `operator`, with what it was found by."""
        key = (type, node, base_type, given)
        found = self._operators.get(key)
        if found is None:
            found = self._find_operator(type, node, base_type, given)
            _remember(self._operators, key, found)
        return found

    def artifact(
        self,
        type: str,  # noqa: A002
        base_type: str | None = None,
        given: ArtifactClass | None = None,
        dataset: str | None = None,
    ) -> ArtifactMatch:
        """The class of an artifact; the arguments are the fields of `records.Artifact`.

        A user's rules also match the canonical name of the data set that it is a version of.
        """
        dataset = dataset if self.artifact_rules else None  # nothing else looks at it
        key = (type, base_type, given, dataset)
        found = self._artifacts.get(key)
        if found is None:
            found = self._find_artifact(type, base_type, given, dataset)
            _remember(self._artifacts, key, found)
        return found

    def is_reference(self, role: str) -> bool:
        """Whether an input of this role is a side input."""
        return role in self.reference_roles

    def _find_operator(
        self, type_: str, node: str | None, base_type: str | None, given: OperatorClass | None
    ) -> Match[OperatorClass]:
        names = _forms(type_, node)
        steps: tuple[Callable[[], tuple[OperatorClass, MatchedBy] | None], ...] = (
            lambda: _by_rules(names, self.operator_rules),
            lambda: None if given is None else (given, MatchedBy.GIVEN),
            lambda: _by_table(names, OPERATOR_NAMES),
            lambda: _by_table(names[::2], OPERATOR_WHOLE_NAMES),
            lambda: _by_tasks(names[1::2]),
            lambda: _by_base(base_type, OPERATOR_BASE_TYPES),
            lambda: _by_globs(names, OPERATOR_GLOBS),
            lambda: _by_table(names[:2], OPERATOR_DEFAULTS),
        )
        return Match(*_first(steps, OperatorClass.OTHER))

    def _find_artifact(
        self,
        type_: str,
        base_type: str | None,
        given: ArtifactClass | None,
        dataset: str | None,
    ) -> ArtifactMatch:
        names = _forms(type_)
        steps: tuple[Callable[[], tuple[ArtifactClass, MatchedBy] | None], ...] = (
            lambda: _by_rules([*names, *_forms(dataset)], self.artifact_rules),
            lambda: None if given is None else (given, MatchedBy.GIVEN),
            lambda: _by_table(names, ARTIFACT_NAMES),
            lambda: _by_base(base_type, ARTIFACT_BASE_TYPES),
            lambda: _by_globs(names, ARTIFACT_GLOBS),
        )
        target, by = _first(steps, ArtifactClass.OTHER)
        return ArtifactMatch(target, by, by is MatchedBy.NAME and names[-1] in FOLLOWING)


def _remember(cache: dict[tuple[object, ...], T], key: tuple[object, ...], found: T) -> None:
    if len(cache) >= CACHED_NAMES:
        cache.clear()
    cache[key] = found


def _last_part(name: str) -> str:
    """What follows the last `.`, `/`, `:` or `$` (a Java class within a class)."""
    return re.split(r"[./:$]", name.rstrip("./:$"))[-1]


def _forms(*names: str | None) -> list[str]:
    """Each name in full and by its last part, in order of asking."""
    return [form for name in names if name for form in (name, _last_part(name))]


def _first(
    steps: Iterable[Callable[[], tuple[C, MatchedBy] | None]], fallback: C
) -> tuple[C, MatchedBy]:
    for step in steps:
        answer = step()
        if answer is not None:
            return answer
    return fallback, MatchedBy.NOTHING


def _by_rules(names: list[str], rules: tuple[Rule[C], ...]) -> tuple[C, MatchedBy] | None:
    for rule in rules:
        if any(fnmatchcase(name, rule.pattern) for name in names):
            return rule.target, MatchedBy.RULE
    return None


def _by_table(names: list[str], table: Mapping[str, C]) -> tuple[C, MatchedBy] | None:
    for name in names:
        if name in table:
            return table[name], MatchedBy.NAME
    return None


def _by_tasks(names: list[str]) -> tuple[OperatorClass, MatchedBy] | None:
    """Task names that people type: `train-model`, `Train Model` and `train_model_2` are one."""
    for name in names:
        plain = re.sub(r"[-_ ]", "", re.sub(r"[-_ ]?\d*$", "", name)).casefold()
        if plain in TASK_NAMES:
            return TASK_NAMES[plain], MatchedBy.NAME
    return None


def _by_base(base_type: str | None, table: Mapping[str, C]) -> tuple[C, MatchedBy] | None:
    target = table.get(_last_part(base_type)) if base_type else None
    return None if target is None else (target, MatchedBy.BASE_TYPE)


def _by_globs(names: list[str], globs: Iterable[tuple[str, C]]) -> tuple[C, MatchedBy] | None:
    for name in names:
        for pattern, target in globs:
            if fnmatchcase(name, pattern):
                return target, MatchedBy.GLOB
    return None
