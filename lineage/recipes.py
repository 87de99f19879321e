"""What an execution computes, apart from what it reads: the part of equivalence known at loading.

Two executions are equivalent when they have the same recipe (native type, code version and
parameters) and equivalent inputs. Parameters are properties that say what is computed; those that
say when, where or by whom it was are volatile, and left out by rule. A recipe is kept as a number
on the execution, and what tells an artifact's content as a number on the artifact, so that Cypher,
which has no hash function, can compare and add them up.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from fnmatch import fnmatchcase, translate
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from lineage.errors import SettingsError
from lineage.records import OperatorClass, State
from lineage_ingest.trace_json import canonical

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from lineage.records import Properties

DIGEST = "digest:"
"""Before a digest, where an artifact may also be named by its key."""

SEPARATOR, ABSENT = "\x1f", "\0"
BITS = 60
DIGESTS = -(2**61)
"""Content that a digest tells lies below, that of a node alone is positive; between the two are
names that Cypher gives to artifacts that it finds equal."""

VOLATILE = """
    run_id run_name *_run_id run_uuid execution_id invocation_id trace_id job_id job_name task_id
    context_id context_type pod_name *_pod_name *_pod_uid hostname host user *timestamp created_at
    started_at ended_at start_time end_time state status component_id pipeline_name pipeline_id
    pipeline_root pipeline_run_id workdir work_dir tmp_dir temp_location output_path output_dir
    output_uri facet.* metric.* tag.* *_output_path *_output_dir *_output_uri log_dir log_path"""
"""Globs on the names of properties that say when, where or by whom."""

FINGERPRINTS = ("input_fingerprint", "dataset_digest", "dataset_version")
SEEDS = ("seed", "random_seed", "random_state")
GENERIC_TYPES = frozenset({
    "system.ContainerExecution", "system.Run", "PythonOperator", "BashOperator", "DockerOperator",
    "KubernetesPodOperator", "prov.activity", "wfprov:ProcessRun", "wfprov:WorkflowRun",
})  # fmt: skip
"""Native types that say nothing of the work: the node or task name stands for them."""

NEVER = frozenset({OperatorClass.DEPLOYMENT, OperatorClass.RESOLUTION})
"""Classes that take no part."""

SEEDED = frozenset({OperatorClass.TRAINING, OperatorClass.TUNING})
"""Classes that take part only with code version and seed known."""

DONE = frozenset({State.COMPLETE, State.UNKNOWN})
"""States that take part."""

_KEYS = frozenset({"pattern", "volatile", "fingerprint", "seed"})


class Recipe(NamedTuple):
    """What an execution computes, apart from its inputs.

    Attributes:
        number: the same for the same type, code and parameters; of `BITS` bits, not negative.
        fingerprinted: a parameter tells the content of what it read, so that it may be compared
            though its inputs are not known.
    """

    number: int
    fingerprinted: bool


@dataclass(frozen=True, slots=True)
class ReuseRule:
    """Which properties of some operators are volatile, fingerprints or seeds.

    Attributes:
        pattern: a glob on the native type or the node name, each in full or by its last part.
        volatile: globs on property names; these properties are left out.
        fingerprint: names of properties that tell the content of what was read.
        seed: names of properties that make a training repeatable.
    """

    pattern: str
    volatile: tuple[str, ...] = ()
    fingerprint: tuple[str, ...] = ()
    seed: tuple[str, ...] = ()

    @classmethod
    def parse(cls, given: Mapping[str, object]) -> ReuseRule:
        """A rule from the settings: `{pattern = "*ExampleGen", volatile = ["tag", "*_id"]}`.

        Raises:
            SettingsError: a key is missing or unknown, or a value is no text nor a list of texts.
        """
        pattern = given.get("pattern")
        if not isinstance(pattern, str) or not pattern or not given.keys() <= _KEYS:
            raise SettingsError(
                f"a reuse rule has a pattern, and any of volatile, fingerprint and seed, not "
                f"{dict(given)!r}"
            )
        return cls(
            pattern, *(_names(given.get(key)) for key in ("volatile", "fingerprint", "seed"))
        )


@dataclass(frozen=True)
class Recipes:
    """The rules in force.

    Attributes:
        rules: the user's; what they name is added to `VOLATILE`, `FINGERPRINTS` and `SEEDS`.
        unseeded: whether trainings whose code version or seed is unknown are compared, too.
    """

    rules: tuple[ReuseRule, ...] = ()
    unseeded: bool = False

    @classmethod
    def of(cls, rules: Iterable[Mapping[str, object]], *, unseeded: bool = False) -> Recipes:
        """From the settings.

        Raises:
            SettingsError: a rule cannot be understood.
        """
        return cls(tuple(ReuseRule.parse(rule) for rule in rules), unseeded)

    def recipe(
        self,
        type: str,  # noqa: A002 (the field's name in the records)
        node: str | None,
        *,
        operator: OperatorClass,
        state: State,
        code_version: str | None,
        properties: Properties,
    ) -> Recipe | None:
        """The recipe of an execution, from its fields; None where it can be equivalent to no other.

        Deployments and resolutions never take part, nor what is not complete, nor trainings and
        tunings unless code version and seed are known: training is seldom deterministic.
        """
        if operator in NEVER or state not in DONE:
            return None
        what = self._what(type, node or "")
        if (
            operator in SEEDED
            and not self.unseeded
            and not (code_version and _has(properties, what.seed))
        ):
            return None
        told = self.parameters(type, node, properties)
        text = SEPARATOR.join((
            f"{type}\0{node}" if type in GENERIC_TYPES else type,
            code_version or ABSENT,
            canonical(told),
        ))  # fmt: skip
        return Recipe(number_of(text), _has(properties, what.fingerprint))

    def parameters(self, type: str, node: str | None, properties: Properties) -> Properties:  # noqa: A002
        """The properties of an execution that say what it computes."""
        what = self._what(type, node or "")
        always = what.fingerprint | what.seed  # no rule hides what decides who takes part
        return {
            name: value
            for name, value in properties.items()
            if value is not None and (name in always or not what.volatile.match(name))
        }

    def _what(self, type: str, node: str) -> _What:  # noqa: A002
        return _what(self.rules, type, node)


class _What(NamedTuple):
    """What holds for one operator: a pattern of volatile names, and names of other properties."""

    volatile: re.Pattern[str]
    fingerprint: frozenset[str]
    seed: frozenset[str]


@lru_cache(maxsize=10_000)
def _what(rules: tuple[ReuseRule, ...], type_: str, node: str) -> _What:
    forms = {form for name in (type_, node) for form in (name, name.rpartition(".")[2])}
    held = [rule for rule in rules if any(fnmatchcase(form, rule.pattern) for form in forms)]
    globs = [*VOLATILE.split(), *(glob for rule in held for glob in rule.volatile)]
    return _What(
        re.compile("|".join(translate(glob) for glob in globs)),
        frozenset(FINGERPRINTS).union(*(rule.fingerprint for rule in held)),
        frozenset(SEEDS).union(*(rule.seed for rule in held)),
    )


def plain_properties(row: Mapping[str, Any]) -> Properties:
    """The source's own properties of a node of the graph, under their own names."""
    found: Properties = {}
    for name, value in row.items():
        if name.startswith("p_"):
            found[name.removeprefix("p_")] = value
        elif name.startswith("json_"):
            found[name.removeprefix("json_")] = json.loads(value)
    return found


def content_of(key: str, digest: str | None) -> int:
    """What tells an artifact's content: its digest, else the node itself, as a number."""
    return DIGESTS - number_of(digest) if digest else number_of(key) + 1


def number_of(text: str) -> int:
    """A number of `BITS` bits, the same for the same text everywhere."""
    digest = hashlib.blake2b(text.encode("utf-8", "backslashreplace"), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> (64 - BITS)


def _has(properties: Properties, names: frozenset[str]) -> bool:
    return any(properties.get(name) is not None for name in names)


def _names(given: object) -> tuple[str, ...]:
    names = (given,) if isinstance(given, str) else given or ()
    if not isinstance(names, list | tuple) or not all(isinstance(name, str) for name in names):
        raise SettingsError(f"{given!r} is no name of a property, nor a list of such")
    return tuple(names)
