"""`recorded` and `recording`: steps that use whichever recorder is set."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, overload

from lineage.recorder.recorder import Recorder
from lineage.recorder.step import Step, make_operator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

P = ParamSpec("P")
R = TypeVar("R")

_current: list[Recorder] = []


@overload
def recorded(function: Callable[P, R], /) -> Step[P, R]: ...


@overload
def recorded(
    *,
    operator: str | None = None,
    code_version: str | None = None,
    depends: Iterable[object] = (),
    seed: str | None = None,
    ignore: Iterable[str] = (),
    artifacts: str | Iterable[str] = (),
    reuse: bool | None = None,
    recorder: Recorder | None = None,
) -> Callable[[Callable[P, R]], Step[P, R]]: ...


def recorded(
    function: Callable[P, R] | None = None,
    /,
    *,
    operator: str | None = None,
    code_version: str | None = None,
    depends: Iterable[object] = (),
    seed: str | None = None,
    ignore: Iterable[str] = (),
    artifacts: str | Iterable[str] = (),
    reuse: bool | None = None,
    recorder: Recorder | None = None,
) -> Any:
    """Have the calls of a function recorded, and skipped where their outputs are kept.

    The function should be pure: a call that is skipped changes nothing but returns what it returned
    before. Without a recorder it is the plain function.

    Args:
        function: when used without arguments.
        operator: its class, such as `training`; by default found from its name when loading.
        code_version: of its code; by default a digest of its source and of what that names.
        depends: helpers that it calls and values that its result rests on, to be part of the code's
            version.
        seed: the argument that is the seed of its randomness.
        ignore: arguments that do not matter for the result, such as `n_jobs`.
        artifacts: classes of what it returns, such as `model`; by default those that its operator
            writes.
        reuse: whether a call may be skipped; by default only with an input, for trainings and
            tunings only with a seed, never for deployments.
        recorder: by default the one that `recording` set.

    Raises:
        RecordingError: there is no such class or argument, or it is a generator or coroutine.
    """

    def make(one: Callable[P, R]) -> Step[P, R]:
        return Step(
            one,
            (lambda: recorder) if recorder is not None else current,
            make_operator(one, operator, artifacts, reuse),
            version=code_version,
            depends=depends,
            seed=seed,
            ignore=ignore,
        )

    return make if function is None else make(function)


class recording(Recorder):  # noqa: N801 (reads as the word it is)
    """Set the recorder of all `recorded` functions: for good, or for the length of a `with`.

    The arguments are those of `Recorder`.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _current.append(self)

    def close(self) -> None:
        """Close the recorder; the one that was set before is used again."""
        super().close()
        if self in _current:
            _current.remove(self)


def current() -> Recorder | None:
    """The recorder that was set last."""
    return _current[-1] if _current else None
