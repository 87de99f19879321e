"""Values of a trace as JSON, in the forms in which a graph can hold them.

`plain` and `canonical` are for properties that a source states, `typed` is for Python's own values.
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from collections.abc import Callable

INT64 = 2**63


def plain(value: Any) -> Any:
    """A property's value as Neo4j can hold it: numbers beyond 64 bits or not finite as text."""
    if isinstance(value, str | bool):
        return value
    if isinstance(value, int):
        return value if -INT64 <= value < INT64 else str(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else json.dumps(value)
    if isinstance(value, list):
        return [plain(part) for part in value]
    if isinstance(value, dict):
        return {key: plain(part) for key, part in value.items()}
    return value


def utf8(text: str) -> str:
    """Text with halves of surrogate pairs written out, as UTF-8 cannot hold them."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode("utf-8")


def canonical(properties: dict[str, Any]) -> str:
    """Properties as JSON text, the same for the same properties: keys sorted, no blanks."""
    held = plain(properties)
    try:
        return orjson.dumps(held, option=orjson.OPT_SORT_KEYS).decode()
    except TypeError:  # surrogate halves, deep nesting
        return json.dumps(
            escape_surrogates(held), sort_keys=True, separators=(",", ":"), ensure_ascii=False
        )


def dumps(value: dict[str, Any]) -> bytes:
    """JSON for what orjson refuses: surrogate halves escaped, deep nesting."""
    plain_value = escape_surrogates(value)
    return json.dumps(plain_value, separators=(",", ":"), default=_fields).encode("ascii")


def _fields(value: Any) -> dict[str, Any]:
    """A feature as JSON has it."""
    fields: dict[str, Any] = escape_surrogates(asdict(value))
    return fields


def escape_surrogates(value: Any) -> Any:
    """Halves of surrogate pairs written out as text, since no store of UTF-8 can hold them."""
    if isinstance(value, str):
        return utf8(value)
    if isinstance(value, list):
        return [escape_surrogates(part) for part in value]
    if isinstance(value, dict):
        return {escape_surrogates(key): escape_surrogates(part) for key, part in value.items()}
    return value


def typed(value: Any, *, exact: bool = False, other: Callable[[Any], Any] | None = None) -> Any:
    """A Python value as JSON that tells apart whatever Python tells apart: the canonical form.

    With `canonical` on top, two values have the same text exactly when they are the same. `1`,
    `1.0`, `True` and `"1"` differ, so do `0.0` and `-0.0`, a list and a tuple; the order of a
    dictionary or a set does not count, and NaN is itself. What JSON has no form for becomes an
    object of one key that starts with `$`, such as `{"$float": "nan"}` or `{"$tuple": [1, 2]}`.

    Args:
        value: None, booleans, numbers, text, bytes, dates, paths, enumerations, NumPy scalars (they
            count as the Python numbers that they equal), and lists, tuples, sets and dictionaries.
        exact: for `untyped` to restore: orders are kept, NumPy scalars stay what they are, and only
            what can be restored is taken.
        other: gives the form of a value that has none here.

    Raises:
        TypeError: the value, or a part of it, has no canonical form, or holds itself.
    """
    try:
        return _typed(value, exact, other)
    except RecursionError:
        raise TypeError("nested too deeply, or in itself") from None


def _typed(value: Any, exact: bool, other: Callable[[Any], Any] | None) -> Any:
    kind = type(value)
    if kind in _CONTAINERS:
        return _CONTAINERS[kind](value, exact, other)
    if kind in _SCALARS:
        return _SCALARS[kind](value)
    if kind.__module__ == "numpy" and hasattr(value, "dtype") and value.shape == ():
        return _numpy_scalar(value, exact)
    if not exact:
        for base, form in _TEXTS:
            if isinstance(value, base):
                return {f"${base.__name__.lower()}": form(value)}
    if other is not None:
        return other(value)
    raise TypeError(f"a {kind.__module__}.{kind.__qualname__} has no canonical form")


def _text(value: str) -> Any:
    if value.isascii():
        return value
    try:
        value.encode()
    except UnicodeEncodeError:
        return {"$str": value.encode("utf-8", "surrogatepass").hex()}
    return value


def _sequence(value: Any, exact: bool, other: Callable[[Any], Any] | None) -> list[Any]:
    return [_typed(part, exact, other) for part in value]


def _set(value: Any, exact: bool, _: object) -> dict[str, Any]:
    # What `other` gives may depend on the order, which a set has not.
    parts = [_typed(part, exact, None) for part in value]
    return {f"${type(value).__name__}": sorted(parts, key=_order)}


def _dict(value: Any, exact: bool, other: Callable[[Any], Any] | None) -> dict[str, Any]:
    pairs = [(_typed(key, exact, None), part) for key, part in value.items()]
    if not exact:
        pairs.sort(key=lambda pair: _order(pair[0]))
    held = [(key, _typed(part, exact, other)) for key, part in pairs]
    if all(type(key) is str and not key.startswith("$") for key, _ in held):
        return dict(held)
    return {"$dict": [list(pair) for pair in held]}


def _order(form: Any) -> str:
    return canonical({"": form})


def _numpy_scalar(value: Any, exact: bool) -> Any:
    if exact:
        if value.dtype.hasobject or not value.dtype.isbuiltin:
            raise TypeError(f"a NumPy {value.dtype} cannot be restored")
        return {"$numpy": [value.dtype.str, value.tobytes().hex()]}
    if value.dtype.kind in "biufSU" and type(value.item()) in _SCALARS:
        return _typed(value.item(), exact, None)
    if value.dtype.kind in "mMc":
        return {"$numpy": [value.dtype.str, str(value)]}
    raise TypeError(f"a NumPy {value.dtype} has no canonical form")


_SCALARS: dict[type, Callable[[Any], Any]] = {
    type(None): lambda value: value,
    bool: lambda value: value,
    int: lambda value: value if -INT64 <= value < INT64 else {"$int": hex(value)},
    float: lambda value: value if math.isfinite(value) else {"$float": str(value)},
    str: _text,
    bytes: lambda value: {"$bytes": value.hex()},
}
_CONTAINERS: dict[type, Callable[[Any, bool, Callable[[Any], Any] | None], Any]] = {
    list: _sequence,
    tuple: lambda value, exact, other: {"$tuple": _sequence(value, exact, other)},
    set: _set,
    frozenset: _set,
    dict: _dict,
}
_TEXTS: tuple[tuple[type, Callable[[Any], str]], ...] = (
    (Enum, lambda value: f"{type(value).__module__}.{type(value).__qualname__}.{value.name}"),
    (datetime, lambda value: f"{value.isoformat()} {value.tzinfo or ''}".rstrip()),
    (date, lambda value: value.isoformat()),
    (timedelta, lambda value: f"{value.days}:{value.seconds}:{value.microseconds}"),
    (Decimal, str),
    (PurePath, str),
)


def untyped(form: Any) -> Any:
    """The value that `typed` with `exact` was given.

    Raises:
        ValueError: no such form.
    """
    if isinstance(form, list):
        return [untyped(part) for part in form]
    if not isinstance(form, dict):
        return form
    if not any(key.startswith("$") for key in form):
        return {key: untyped(part) for key, part in form.items()}
    (tag, held), *more = form.items()
    if more or tag not in _RESTORED:
        raise ValueError(f"no value has the form {form!r:.60}")
    return _RESTORED[tag](held)


def _restored_scalar(held: list[str]) -> Any:
    import numpy as np

    dtype, raw = held
    return np.frombuffer(bytes.fromhex(raw), dtype=np.dtype(dtype))[0]


_RESTORED: dict[str, Callable[[Any], Any]] = {
    "$int": lambda held: int(held, 16),
    "$float": float,
    "$str": lambda held: bytes.fromhex(held).decode("utf-8", "surrogatepass"),
    "$bytes": bytes.fromhex,
    "$tuple": lambda held: tuple(untyped(held)),
    "$set": lambda held: set(untyped(held)),
    "$frozenset": lambda held: frozenset(untyped(held)),
    "$dict": lambda held: {untyped(key): untyped(part) for key, part in held},
    "$numpy": _restored_scalar,
}
