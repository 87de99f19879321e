"""What a store knows of a computation: what it cost, what it wrote, and where that is."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from lineage.records import ArtifactClass


class Output(BaseModel):
    """One output of a computation.

    Attributes:
        role: of the output.
        index: among those of its role.
        id: of the artifact, in the trace that first told of it.
        type: native, such as `pandas.DataFrame`.
        artifact: its class.
        name: for people.
        identity: what stands for its content in keys: its digest, else what it was derived from.
        digest: of its content; None where that cannot be told.
        size: in bytes, of the file, else about what it takes in memory.
        uri: of the file.
        format: how it is kept; None when it is not.
        file: below the store's folder.
        check: SHA-256 of the file; for joblib its keyed digest.
    """

    model_config = ConfigDict(frozen=True)

    role: str
    index: int | None = None
    id: str
    type: str
    artifact: ArtifactClass | None = None
    name: str | None = None
    identity: str
    digest: str | None = None
    size: int | None = None
    uri: str | None = None
    format: str | None = None
    file: str | None = None
    check: str | None = None


class Known(BaseModel):
    """A computation that was done.

    Attributes:
        version: of this form.
        key: digest of what it is: code, parameters, inputs.
        type: the native type of the execution.
        execution: id of the execution that did it.
        seconds: that it took.
        load_seconds: that reading its outputs takes.
        bytes: that the outputs take in the store.
        shape: whether the outputs are one value, a tuple or a dictionary.
        parents: keys of the computations whose outputs it read.
        outputs: in order.
    """

    model_config = ConfigDict(frozen=True)

    version: Literal[1] = 1
    key: str
    type: str
    execution: str
    seconds: float
    load_seconds: float = 0.0
    bytes: int = 0
    shape: Literal["one", "tuple", "dict"] = "one"
    parents: tuple[str, ...] = ()
    outputs: tuple[Output, ...] = ()

    def assemble(self, values: list[object]) -> object:
        """The value that was returned, from those of its outputs."""
        if self.shape == "tuple":
            return tuple(values)
        if self.shape == "dict":
            return {one.role: value for one, value in zip(self.outputs, values, strict=True)}
        return values[0] if values else None


Shape = Literal["one", "tuple", "dict"]
Role = tuple[str, int | None]


def split(value: object) -> tuple[Shape, list[Role], list[object]]:
    """The outputs that a returned value is: its shape, their roles and indexes, their values.

    A tuple is one output for each part, so is a dictionary by name that holds more than plain
    values.
    """
    from lineage.recorder.formats import format_of

    if type(value) is tuple and value:
        return "tuple", [("output", index) for index in range(len(value))], list(value)
    named = type(value) is dict and value and all(type(key) is str for key in value)
    if named and isinstance(value, dict) and format_of(value) != "json":
        return "dict", [(key, None) for key in value], list(value.values())
    return "one", [("output", None)], [value]
