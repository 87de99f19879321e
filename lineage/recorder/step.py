"""Functions whose calls are recorded, and blocks that are."""

from __future__ import annotations

import functools
import importlib
import inspect
from typing import TYPE_CHECKING, Any, Generic, ParamSpec, TypeVar

from lineage.errors import RecordingError
from lineage.naming import Naming
from lineage.recorder.call import Operator, make_call, resolve
from lineage.recorder.code import code_version, qualified_name
from lineage.recorder.known import Known, Output, split
from lineage.recorder.later import Later
from lineage.records import ArtifactClass, OperatorClass

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from lineage.recorder.call import Call
    from lineage.recorder.recorder import Recorder
    from lineage.recorder.store import OutputStore

P = ParamSpec("P")
R = TypeVar("R")


class Step(Generic[P, R]):
    """A function whose calls are recorded, and skipped where their outputs are kept.

    Called as the function is. Without a recorder, that is all it does.
    """

    def __init__(
        self,
        function: Callable[P, R],
        recorder: Callable[[], Recorder | None],
        operator: Operator,
        *,
        version: str | None = None,
        depends: Iterable[object] = (),
        seed: str | None = None,
        ignore: Iterable[str] = (),
    ) -> None:
        """Made by `recorded`, which says what the arguments are."""
        functools.update_wrapper(self, function)
        self._function = function
        self._signature = inspect.signature(function)
        self._recorder = recorder
        self._operator = operator
        self._version = version
        self._depends = tuple(depends)
        self._seed = seed
        self._ignore = frozenset(ignore)
        self._check()

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """As the function; an argument may also be what `later` of a step returned.

        Raises:
            RecordingError: an argument or the code cannot be identified.
        """
        recorder = self._recorder()
        if recorder is None:
            args, kwargs = resolve((args, kwargs), Later.value)
            return self._function(*args, **kwargs)
        returned: R = self._run(recorder, args, kwargs, put_off=False)
        return returned

    def later(self, *args: Any, **kwargs: Any) -> Later:
        """As a call, but what is known already is read only when it is needed.

        In a chain of steps nothing is read or computed that what comes last does not need. Steps
        take what this returns for an argument; `value()` gives the value.
        """
        recorder = self._recorder()
        if recorder is None:
            return _done(self._operator.type, self(*args, **kwargs))
        returned: Later = self._run(recorder, args, kwargs, put_off=True)
        return returned

    def __reduce__(self) -> tuple[Any, ...]:
        # By name, as functions are pickled: so it can be sent to other processes.
        return _named, (self._function.__module__, self._function.__qualname__)

    def call(self, recorder: Recorder, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Call:
        """What a call with these arguments is.

        Raises:
            RecordingError: an argument or the code cannot be identified.
        """
        bound = self._signature.bind(*args, **kwargs)
        bound.apply_defaults()
        arguments = {
            name: value for name, value in bound.arguments.items() if name not in self._ignore
        }
        version = self._version or code_version(self._function, self._depends)
        return make_call(self._operator, version, arguments, self._seed, recorder.handed)

    def compute(
        self, recorder: Recorder, call: Call, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[Known, list[object], object]:
        """Do what the function does, and record it."""
        changed: list[Later] = []

        def take(one: Later) -> object:
            before = one.known.outputs
            value = one.value()
            if [o.identity for o in one.known.outputs] != [o.identity for o in before]:
                changed.append(one)
            return value

        args, kwargs = resolve(args, take), resolve(kwargs, take)
        if changed:  # made again with another result: this is another computation
            call = self.call(recorder, args, kwargs)
        with recorder.running(call) as running:
            returned = self._function(*args, **kwargs)
        shape, roles, values = split(returned)
        return recorder.done(call, running, shape, roles, values), values, returned

    def _run(
        self, recorder: Recorder, args: tuple[Any, ...], kwargs: dict[str, Any], *, put_off: bool
    ) -> Any:
        call = self.call(recorder, args, kwargs)

        def again() -> tuple[Known, list[object]]:
            return self.compute(recorder, call, args, kwargs)[:2]

        found = recorder.find(call)
        if found is not None:
            known, store = found
            if put_off:
                recorder.skipped(call, known, store)
                return Later(Result(known, store, (), again, recorder))
            values = recorder.load(known, store) if store.holds(known) else None
            if values is not None:
                recorder.skipped(call, known, store)
                return known.assemble(values)
        known, values, returned = self.compute(recorder, call, args, kwargs)
        if put_off:
            return Later(Result(known, recorder.store, values, again, recorder))
        return returned

    def _check(self) -> None:
        for kind in (
            inspect.iscoroutinefunction,
            inspect.isgeneratorfunction,
            inspect.isasyncgenfunction,
        ):
            if kind(self._function):
                raise RecordingError(
                    f"{self._operator.node} is a generator or a coroutine, which is not recorded: "
                    "record a function that returns what it makes"
                )
        named = self._ignore | ({self._seed} if self._seed else set())
        unknown = named - set(self._signature.parameters)
        if unknown:
            raise RecordingError(
                f"{self._operator.node} has no argument {', '.join(sorted(unknown))}, which seed "
                "or ignore names"
            )


class Result:
    """The outputs of one computation: read, or made again, when they are asked for.

    Attributes:
        known: what is known of the computation.
    """

    def __init__(
        self,
        known: Known,
        store: OutputStore | None,
        values: Sequence[object],
        again: Callable[[], tuple[Known, list[object]]] | None = None,
        recorder: Recorder | None = None,
    ) -> None:
        """Hold on to values, none for those of the store, and to how to make them again."""
        self.known = known
        self._store = store
        self._values = dict(enumerate(values))
        self._again = again
        self._recorder = recorder

    def one(self, position: int) -> object:
        """One output."""
        if self._recorder is None or self._again is None:
            return self._values[position]
        if position in self._values:
            value = self._values[position]
            if self._recorder.unchanged(self.known, position, value):
                return value
            del self._values[position]
        if self._store is not None and self._store.holds(self.known):
            read = self._recorder.load(self.known, self._store, position)
            if read is not None:
                self._values[position] = read[0]
                return read[0]
        self.known, values = self._again()
        self._values = dict(enumerate(values))
        self._store = self._recorder.store
        return self._values[position]


def _done(kind: str, returned: object) -> Later:
    """What was computed without a recorder."""
    shape, roles, values = split(returned)
    outputs = tuple(
        Output(role=role, index=index, id="", type="", identity="") for role, index in roles
    )
    known = Known(key="", type=kind, execution="", seconds=0.0, shape=shape, outputs=outputs)
    return Later(Result(known, None, values))


def make_operator(
    function: Callable[..., Any] | str,
    operator: str | None,
    artifacts: str | Iterable[str],
    reuse: bool | None,
) -> Operator:
    """What a step or a block is.

    Raises:
        RecordingError: there is no such class.
    """
    name = function if isinstance(function, str) else qualified_name(function)
    node = name.rpartition(".")[2]
    classes = (artifacts,) if isinstance(artifacts, str) else tuple(artifacts)
    try:
        stated = None if operator is None else OperatorClass(operator)
        writes = tuple(ArtifactClass(one) for one in classes)
    except ValueError as error:
        known = ", ".join((*OperatorClass, *ArtifactClass))
        raise RecordingError(f"{node}: {error}; classes are {known}") from None
    found = stated or Naming().operator(name, node)
    return Operator(name, node, found, stated is not None, writes, reuse)


def _named(module: str, name: str) -> Any:
    return functools.reduce(getattr, name.split("."), importlib.import_module(module))
