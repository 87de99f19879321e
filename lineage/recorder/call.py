"""What a call is: its operator, code, parameters and inputs, and the key that they make.

Of an argument, data (frames, arrays, tables, files) and what other steps returned are inputs; the
rest has to be plain and is a parameter. In a list, tuple or dictionary both may be mixed.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lineage.errors import RecordingError
from lineage.recipes import NEVER, SEEDED
from lineage.recorder.code import code_form
from lineage.recorder.digests import File, digest_of, is_data
from lineage.recorder.formats import size_of
from lineage.recorder.known import Output
from lineage.recorder.later import Later
from lineage.records import Artifact, ArtifactClass, OperatorClass
from lineage_ingest.trace_json import canonical, typed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from lineage.recorder.handed import Handed


@dataclass(frozen=True)
class Read:
    """An input: what was read, in which role.

    Attributes:
        output: the artifact.
        parent: key of the computation that wrote it; None for what comes from outside.
    """

    role: str
    index: int | None
    output: Output
    parent: str | None


@dataclass(frozen=True)
class Operator:
    """What is the same for all calls of a step.

    Attributes:
        type: the native type, such as `preparation.clean`.
        node: the name within the pipeline.
        operator: the class.
        stated: whether the class was given, rather than found by rules.
        artifacts: classes of its outputs, in order; the last one goes on.
        reuse: whether its outputs may stand for its work; None for the rule.
    """

    type: str
    node: str
    operator: OperatorClass
    stated: bool = False
    artifacts: tuple[ArtifactClass, ...] = ()
    reuse: bool | None = None


@dataclass(frozen=True)
class Call:
    """One call of a step.

    Attributes:
        operator: of the step.
        code_version: of its code; None where that is not known.
        parameters: canonical forms by name.
        seed: of its randomness; None where that is not known.
        reads: inputs.
    """

    operator: Operator
    code_version: str | None
    parameters: dict[str, Any]
    seed: Any
    reads: tuple[Read, ...]

    @property
    def key(self) -> str:
        """The digest of what decides the result."""
        said = {
            "type": self.operator.type,
            "code": self.code_version,
            "parameters": self.parameters,
            "inputs": [[one.role, one.index, one.output.identity] for one in self.reads],
        }
        return hashlib.sha256(canonical(said).encode()).hexdigest()

    @property
    def reusable(self) -> bool:
        """Whether an earlier call of the same key may stand for this one.

        Never without a code version, and never a deployment. Else as the step says. Where it says
        nothing: not without inputs, since then it read something unknown, and a training or a
        tuning only with a seed. (The same rules by which redundancy is found in a graph.)
        """
        kind = self.operator.operator
        if self.code_version is None or kind in NEVER or self.operator.reuse is False:
            return False
        if self.operator.reuse:
            return True
        return bool(self.reads) and (kind not in SEEDED or self.seed is not None)


def make_call(
    operator: Operator,
    code_version: str | None,
    arguments: Mapping[str, Any],
    seed: str | None,
    handed: Handed,
) -> Call:
    """Take a call's arguments apart.

    Args:
        operator: of the step.
        code_version: of its code.
        arguments: by name.
        seed: the name of the argument that is the seed.
        handed: what steps returned so far.

    Raises:
        RecordingError: an argument cannot be identified.
    """
    reads: list[Read] = []
    parameters = {}
    for name, value in arguments.items():
        begun = len(reads)
        form = _form(operator, name, value, reads, handed)
        if form == {"$input": 0}:
            reads[begun] = Read(name, None, reads[begun].output, reads[begun].parent)
        else:
            parameters[name] = form
    return Call(operator, code_version, parameters, parameters.get(seed or ""), tuple(reads))


def _form(operator: Operator, name: str, value: object, reads: list[Read], handed: Handed) -> Any:
    begun = len(reads)

    def other(one: object) -> Any:
        if isinstance(one, Later) and not one.is_one:
            return typed(one.parts(), other=other)
        found = _source(one, handed)
        if found is None:
            form = code_form(one)
            if form is None:
                raise TypeError(f"it is a {type(one).__module__}.{type(one).__qualname__}")
            return form
        reads.append(Read(name, len(reads) - begun, *found))
        return {"$input": len(reads) - begun - 1}

    try:
        if isinstance(value, list | dict | set) and handed.find(value) is not None:
            return other(value)
        return typed(value, other=other)
    except TypeError as error:
        raise RecordingError(
            f"argument {name} of {operator.node} cannot be identified ({error}): let another step "
            "make it, give a File, data or plain values, or name it in `ignore`"
        ) from error


def _source(value: object, handed: Handed) -> tuple[Output, str | None] | None:
    """The artifact that a value is, and the computation that made it; None for no data."""
    if isinstance(value, Later):
        return value.output, value.key
    found = handed.find(value)
    if found is not None:
        return found
    return (_outside(value), None) if is_data(value) else None


def _outside(value: object) -> Output:
    """Data that no step made: known by its content."""
    try:
        digest = digest_of(value)
    except OSError as error:
        raise RecordingError(f"a file cannot be read: {error}") from error
    kind = type_name(value)
    if digest is None:
        raise TypeError(f"it is a {kind} with objects in it, whose content cannot be told")
    file = str(value.path) if isinstance(value, File) else None
    return Output(
        role="",
        id=digest,
        type=kind,
        artifact=ArtifactClass.SPAN,
        name=file,
        identity=digest,
        digest=digest,
        size=size_of(value),
    )


def artifact_of(one: Output) -> Artifact:
    """An output as a record."""
    return Artifact(
        id=one.id,
        type=one.type,
        name=one.name,
        artifact=one.artifact,
        uri=one.uri,
        digest=one.digest,
        size=one.size,
    )


def type_name(value: object) -> str:
    """The native type of an artifact, such as `pandas.DataFrame`."""
    kind = type(value)
    package = kind.__module__.partition(".")[0]
    return kind.__qualname__ if package == "builtins" else f"{package}.{kind.__qualname__}"


def resolve(value: Any, take: Callable[[Later], object]) -> Any:
    """A value with what was put off in it; lists, tuples and dictionaries are looked through."""
    kind = type(value)
    if kind is Later:
        return take(value)
    if kind is list:
        return [resolve(part, take) for part in value]
    if kind is tuple:
        return tuple(resolve(part, take) for part in value)
    if kind is dict:
        return {key: resolve(part, take) for key, part in value.items()}
    return value
