"""Values of a trace as JSON, in the forms in which a graph can hold them."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from typing import Any

import orjson

INT64 = 2**63


def plain(value: Any) -> Any:
    """A property's value as Neo4j can hold it: numbers beyond 64 bits or not finite as text."""
    if isinstance(value, bool):
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
