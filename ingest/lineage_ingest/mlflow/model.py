"""What MLflow keeps, in the one form that its three kinds of stores are read into."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lineage.records import SetAside

OWN_TAGS = "mlflow."
"""What MLflow's own tags begin with."""

PARENT = "mlflow.parentRunId"
CONTEXT = "mlflow.data.context"
PROMPT = "mlflow.prompt.is_prompt"
"""The tag of registered models that are no models but prompts."""

MODEL_STATUS = {0: "UNSPECIFIED", 1: "PENDING", 2: "READY", 3: "FAILED"}
"""The status of a logged model, as stores number it."""

LARGEST = 1.7976931348623157e308
"""What SQL stores keep for an infinite metric."""


class DataSet(NamedTuple):
    """A data set as a run names it.

    Attributes:
        source: JSON whose keys depend on `source_type`.
        schema: JSON, as is `profile`; None where not logged.
        context: what the run read it for: `training`, `validation`, ...; may be empty.
    """

    name: str
    digest: str
    source_type: str
    source: str
    schema: str | None
    profile: str | None
    context: str


class Deleted(NamedTuple):
    """Deleted runs of an experiment: only their number is told."""

    experiment: str
    runs: int = 1


@dataclass(slots=True, kw_only=True)
class Experiment:
    """An experiment; times are in ms, None before MLflow 1.29."""

    id: str
    name: str
    deleted: bool = False
    created: int | None = None
    updated: int | None = None
    tags: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class TrackedRun:
    """A run that is not deleted, with what was logged to it.

    Attributes:
        status: MLflow's own word: `FINISHED`.
        metrics: the last value of each.
        measured: when the newest of them was logged, in ms.
        reads: ids of the logged models that are inputs.
        writes: ids of the logged models that are outputs.
    """

    id: str
    experiment: str
    name: str | None = None
    status: str | None = None
    user: str | None = None
    started: int | None = None
    ended: int | None = None
    artifacts: str | None = None
    params: dict[str, str] = field(default_factory=dict)
    metrics: dict[str, float] = field(default_factory=dict)
    measured: int | None = None
    tags: dict[str, str] = field(default_factory=dict)
    datasets: list[DataSet] = field(default_factory=list)
    reads: list[str] = field(default_factory=list)
    writes: list[str] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class LoggedModel:
    """A model of MLflow 3, which is a thing of its own.

    Attributes:
        run: the run that made it, where one did.
    """

    id: str
    name: str
    experiment: str
    run: str | None = None
    location: str | None = None
    type: str | None = None
    status: str | None = None
    created: int | None = None
    updated: int | None = None
    params: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class ModelVersion:
    """A version of a registered model.

    Attributes:
        source: where it was registered from: an address, `models:/m-...` or `runs:/...`.
        storage: where its files are.
        model: id of the logged model, where the store keeps it.
    """

    name: str
    version: str
    source: str | None = None
    storage: str | None = None
    run: str | None = None
    model: str | None = None
    stage: str | None = None
    status: str | None = None
    description: str | None = None
    created: int | None = None
    updated: int | None = None
    tags: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class RegisteredModel:
    """A registered model; `aliases` say which version each name stands for."""

    name: str
    description: str | None = None
    created: int | None = None
    updated: int | None = None
    tags: dict[str, str] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    versions: list[ModelVersion] = field(default_factory=list)


class Store(Protocol):
    """An open store of any kind. Of what is deleted it tells the number alone."""

    @property
    def source(self) -> str:
        """Its address without login."""

    @property
    def version(self) -> str:
        """Its form and version, for people."""

    def experiments(self) -> Iterator[Experiment | SetAside]:
        """All experiments, deleted ones too."""

    def parents(self) -> set[str]:
        """Ids of runs that others, deleted ones too, name as their parent."""

    def runs(self, experiments: list[str]) -> Iterator[TrackedRun | Deleted | SetAside]:
        """The runs of these experiments."""

    def models(self, experiments: list[str]) -> Iterator[LoggedModel | SetAside]:
        """The logged models of these experiments that are not deleted."""

    def registered(self) -> Iterator[RegisteredModel | SetAside]:
        """The registered models with all their versions."""

    def close(self) -> None:
        """Let go of files and connections."""


def whole(value: object) -> int | None:
    """An integer as stores keep it; None for nothing, or what is no whole number."""
    if isinstance(value, bool) or value is None:
        return None
    try:
        return int(value)  # type: ignore[call-overload,no-any-return]
    except (TypeError, ValueError, OverflowError):
        return None


def text(value: object) -> str | None:
    """A text that says something; None for nothing and for what is empty."""
    return None if value is None or value == "" else str(value)


def metric(value: float) -> float:
    """A metric's value; the largest number stands for infinity, as MLflow has it."""
    return value if abs(value) < LARGEST else value * 2


def later(entry: tuple[int, int, float]) -> tuple[int, int, bool, float]:
    """What orders a metric's entries of step, time and value; no number is the least of values."""
    step, time, value = entry
    return (step, time, False, 0.0) if math.isnan(value) else (step, time, True, value)
