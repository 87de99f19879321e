"""Values as ML Metadata stores them: structs and protos as encoded Protocol Buffers, times, text.

MLMD writes a struct as `mlmd-struct::` and the base64 of a serialized `google.protobuf.Struct` in
the string column, and a proto as a serialized `google.protobuf.Any`, in base64 except on
PostgreSQL. Both messages are simple enough to be read here, so that no Protocol Buffers library is
needed.
"""

from __future__ import annotations

import base64
import binascii
import struct
from contextlib import suppress
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from lineage_ingest.times import why_not

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lineage.records import Value

STRUCT_PREFIX = "mlmd-struct::"
INT64 = range(-(2**63), 2**63)
MAX_DEPTH = 64
VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
WireValue = int | bytes


def text(value: object) -> str:
    r"""Any column's value as text; bytes that are not UTF-8 are written as `\xNN`."""
    if isinstance(value, str):
        return value
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).decode("utf-8", "backslashreplace")
    return str(value)


def from_latin1(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """A row from MySQL with its texts as they were meant.

    ML Metadata's own client sends UTF-8 over a connection that says latin1 (in MySQL: Windows
    1252), so a server hands out `Ã©` for `é`. Text that cannot have come about in this way is left
    alone.
    """
    return tuple(_meant(value) if isinstance(value, str) else value for value in row)


def _meant(given: str) -> str:
    if given.isascii():
        return given
    try:
        return b"".join(map(_latin1, given)).decode("utf-8")
    except UnicodeError:
        return given


def _latin1(character: str) -> bytes:
    """A character's byte; MySQL keeps the five that Windows 1252 leaves out as they are."""
    code = ord(character)
    return bytes([code]) if code < 0xA0 else character.encode("cp1252")


def scalar(value: object) -> Value:
    """A number, text or truth value as the drivers give it; integers beyond 64 bits as text."""
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, int):
        return value if value in INT64 else str(value)
    if isinstance(value, Decimal):
        whole = value.is_finite() and value == value.to_integral_value()
        return scalar(int(value)) if whole else str(value)
    return text(value)


def string(value: object) -> Value:
    """The value of a string column: text, or the struct that it encodes."""
    found = text(value)
    if not found.startswith(STRUCT_PREFIX):
        return found
    try:
        return _struct(base64.b64decode(found[len(STRUCT_PREFIX) :], validate=True), 0)
    except (ValueError, struct.error):
        return found


def proto(value: object) -> Value:
    """The value of a proto column, `{"type_url": ..., "value": base64}`; base64 if it is none."""
    raw = _raw(value)
    with suppress(binascii.Error):
        raw = base64.b64decode(raw, validate=True)
    try:
        fields = dict(_fields(raw))
        kind, content = fields.get(1, b""), fields.get(2, b"")
        return {"type_url": text(_bytes(kind)), "value": _base64(_bytes(content))}
    except ValueError:
        return _base64(raw)


def blob(value: object) -> Value:
    """The value of a bytes column, in base64."""
    return _base64(_raw(value))


def millis(value: object) -> tuple[int | None, str | None]:
    """A time column's value as (milliseconds, None), or (None, why it cannot be one).

    Zero and null say that the time is not known: (None, None).
    """
    if value is None or value == 0:
        return None, None
    if not isinstance(value, int | float | Decimal):
        return None, f"the time {text(value)[:40]!r} is no number"
    reason = why_not(value if isinstance(value, int) else float(value))
    return (None, reason) if reason else (int(value), None)


def _raw(value: object) -> bytes:
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value)
    return text(value).encode()


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")


def _fields(data: bytes) -> Iterator[tuple[int, WireValue]]:
    """The fields of a message: (number, integer or bytes)."""
    at = 0
    while at < len(data):
        tag, at = _varint(data, at)
        kind = tag & 7
        if kind == VARINT:
            value, at = _varint(data, at)
            yield tag >> 3, value
            continue
        if kind == BYTES:
            size, at = _varint(data, at)
        elif kind in (FIXED64, FIXED32):
            size = 8 if kind == FIXED64 else 4
        else:
            raise ValueError(f"wire type {kind}")
        if at + size > len(data):
            raise ValueError("cut short")
        yield tag >> 3, data[at : at + size]
        at += size


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while at < len(data) and shift < 70:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        shift, at = shift + 7, at + 1
        if byte < 0x80:
            return value, at
    raise ValueError("cut short")


def _bytes(value: WireValue) -> bytes:
    if isinstance(value, int):
        raise ValueError("a number where bytes belong")  # noqa: TRY004 (malformed data, not a bug)
    return value


def _struct(data: bytes, depth: int) -> Value:
    """A `google.protobuf.Struct`: field 1 holds the entries, (1 key, 2 value)."""
    found: dict[str, Value] = {}
    for number, entry in _fields(data):
        if number == 1:
            parts = dict(_fields(_bytes(entry)))
            found[text(_bytes(parts.get(1, b"")))] = _value(_bytes(parts.get(2, b"")), depth + 1)
    # Serializers write the entries in an order that differs from run to run.
    return dict(sorted(found.items()))


def _value(data: bytes, depth: int) -> Value:
    """A `google.protobuf.Value`."""
    if depth > MAX_DEPTH:
        raise ValueError("too deep")
    found: Value = None
    for number, content in _fields(data):
        if number == 2:
            found = float(struct.unpack("<d", _bytes(content))[0])
        elif number == 3:
            found = text(_bytes(content))
        elif number == 4:
            found = bool(content)
        elif number == 5:
            found = _struct(_bytes(content), depth)
        elif number == 6:
            parts = (item for key, item in _fields(_bytes(content)) if key == 1)
            found = [_value(_bytes(item), depth + 1) for item in parts]
    return found
