"""Outputs that are known but not read yet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lineage.recorder.known import Known, Output
    from lineage.recorder.step import Result


class Later:
    """What a step returns from `later`: its outputs, read or computed when they are needed.

    Steps take it for an argument. A tuple or dictionary can be unpacked without reading it.
    """

    __slots__ = ("_position", "_result")

    def __init__(self, result: Result, position: int | None = None) -> None:
        self._result = result
        self._position = position

    def value(self) -> Any:
        """The value itself."""
        if self._position is not None:
            return self._result.one(self._position)
        values = [self._result.one(at) for at in range(len(self.known.outputs))]
        return self.known.assemble(values)

    @property
    def known(self) -> Known:
        """What is known of the computation."""
        return self._result.known

    @property
    def key(self) -> str:
        """The computation's key."""
        return self.known.key

    @property
    def is_one(self) -> bool:
        """Whether this is one output, rather than several."""
        return self._position is not None or self.known.shape == "one"

    @property
    def output(self) -> Output:
        """The one output that this is.

        Raises:
            TypeError: there are several.
        """
        if not self.is_one:
            raise TypeError(f"{self.known.type} has several outputs: pass one of them")
        return self.known.outputs[self._position or 0]

    def parts(self) -> tuple[Later, ...] | dict[str, Later]:
        """Each of several outputs.

        Raises:
            TypeError: there is only one.
        """
        self._several()
        every = [Later(self._result, at) for at in range(len(self.known.outputs))]
        if self.known.shape == "tuple":
            return tuple(every)
        return {one.output.role: one for one in every}

    def __len__(self) -> int:
        self._several()
        return len(self.known.outputs)

    def __iter__(self) -> Iterator[Later | str]:
        return iter(self.parts())

    def __getitem__(self, at: int | str) -> Later:
        self._several()
        if isinstance(at, str):
            at = [one.role for one in self.known.outputs].index(at)
        return Later(self._result, range(len(self.known.outputs))[at])

    def __repr__(self) -> str:
        return f"<Later {self.known.type} {self.key[:12]}>"

    def _several(self) -> None:
        if self.is_one:
            raise TypeError(f"{self.known.type} has one output: use value()")
