"""Which of two sets of named values differ, down into nested ones."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any, TypeAlias

from lineage.analyses.rows import Row

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Path: TypeAlias = tuple[str | int, ...]

_OF_SOURCE = ("p_", "json_")


class Change(Row):
    """A value that is not the same in both.

    Attributes:
        path: names and places in lists, from the outside in.
        change: `added` (only the second has it), `removed` (only the first) or `changed`.
        a: value in the first; None where it has none.
        b: value in the second; None where it has none.
    """

    path: Path
    change: str
    a: Any
    b: Any

    @property
    def name(self) -> str:
        """The path as people write it: `train_args.num_steps`, `layers[0]`."""
        parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in self.path)
        return "".join(parts).removeprefix(".")


def parameters(properties: Mapping[str, Any]) -> dict[str, Any]:
    """The source's own properties of a node; those that hold JSON as what it says.

    Args:
        properties: of a node of the graph; the source's own begin with `p_` or `json_`.
    """
    return {
        name.removeprefix("p_").removeprefix("json_"): _nested(value)
        for name, value in properties.items()
        if name.startswith(_OF_SOURCE)
    }


def _nested(value: Any) -> Any:
    """What a text says where it is a JSON object or list: sources keep nested values so."""
    if not isinstance(value, str) or not value.lstrip().startswith(("{", "[")):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return value


def changes(a: Any, b: Any) -> list[Change]:
    """Where two values differ, sorted by path.

    Objects are compared name by name, lists of one length place by place; lists of different
    lengths have changed as a whole. NaN equals NaN, 1 equals 1.0, and true is no number.
    """
    return sorted(_walk(a, b, ()), key=lambda one: [(isinstance(p, str), p) for p in one.path])


def _walk(a: Any, b: Any, path: Path) -> Iterator[Change]:
    if isinstance(a, dict) and isinstance(b, dict):
        for name in a.keys() | b.keys():
            here = (*path, name)
            if name not in b:
                yield Change(path=here, change="removed", a=a[name], b=None)
            elif name not in a:
                yield Change(path=here, change="added", a=None, b=b[name])
            else:
                yield from _walk(a[name], b[name], here)
    elif isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
        for place, (one, other) in enumerate(zip(a, b, strict=True)):
            yield from _walk(one, other, (*path, place))
    elif not _is_same(a, b):
        yield Change(path=path, change="changed", a=a, b=b)


def _is_same(a: Any, b: Any) -> bool:
    if isinstance(a, float) and isinstance(b, float) and math.isnan(a) and math.isnan(b):
        return True
    return isinstance(a, bool) == isinstance(b, bool) and bool(a == b)
