"""A block of code as one execution: for notebooks and scripts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

from lineage.errors import RecordingError
from lineage.recorder.call import make_call
from lineage.recorder.later import Later
from lineage.recorder.step import make_operator

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager
    from types import TracebackType

    from lineage.recorder.known import Known
    from lineage.recorder.recorder import Recorder, Running
    from lineage.recorder.store import OutputStore

T = TypeVar("T")


class Block:
    """A block under way; `Recorder.execution` makes it.

    Attributes:
        known: whether it was done before, so that `run["role"]` has its outputs.
    """

    def __init__(
        self,
        recorder: Recorder,
        name: str,
        inputs: Mapping[str, Any] | Sequence[Any],
        parameters: Mapping[str, Any],
        *,
        operator: str | None,
        code_version: str | None,
        seed: str | None,
        reuse: bool | None,
    ) -> None:
        named = dict(inputs) if isinstance(inputs, Mapping) else {"input": list(inputs)}
        both = set(named) & set(parameters)
        if both:
            raise RecordingError(f"{name}: {', '.join(sorted(both))} is both input and parameter")
        if seed is not None and seed not in parameters:
            raise RecordingError(f"{name}: the seed {seed} is none of its parameters")
        if any(isinstance(one, Later) for one in named.values()):
            raise RecordingError(f"{name}: give the block values; call value() on what is put off")
        kind = make_operator(name, operator, (), reuse)
        arguments = {**named, **parameters}
        self._recorder = recorder
        self._call = make_call(kind, code_version, arguments, seed, recorder.handed)
        self._outputs: dict[str, object] = {}
        self._found: tuple[Known, OutputStore] | None = None
        self._values: list[Any] = []
        self._context: AbstractContextManager[Running] | None = None
        self._running: Running | None = None
        self.known = False

    def output(self, value: T, role: str = "output") -> T:
        """Say that a value is an output; returns it.

        Raises:
            RecordingError: the role has an output already, or all of them are known.
        """
        name = self._call.operator.node
        if self.known:
            raise RecordingError(f'{name} is known: read run["{role}"] where run.known is true')
        if role in self._outputs:
            raise RecordingError(f"{name} has an output in the role {role} already")
        self._outputs[role] = value
        return value

    def __getitem__(self, role: str) -> Any:
        if self._found is None or not self.known:
            return self._outputs[role]
        return dict(zip((o.role for o in self._found[0].outputs), self._values, strict=True))[role]

    def __enter__(self) -> Self:
        self._found = self._recorder.find(self._call)
        if self._found is not None and self._found[1].holds(self._found[0]):
            values = self._recorder.load(*self._found)
            self.known = values is not None
            self._values = values or []
        if not self.known:
            self._context = self._recorder.running(self._call)
            self._running = self._context.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._context is None or self._running is None:
            if self._found is not None:
                self._recorder.skipped(self._call, *self._found)
            return
        self._context.__exit__(kind, error, trace)
        if kind is None:
            roles = [(role, None) for role in self._outputs]
            values = list(self._outputs.values())
            self._recorder.done(self._call, self._running, "dict", roles, values)
