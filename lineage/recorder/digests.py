"""Digests of content: SHA-256 over all of it, the same for the same content in every process.

Frames and tables are read column by column through Arrow, so that a frame that went through Parquet
has the digest that it had before: how it is cut into chunks, what lies under a null and how a NaN
is encoded in a pandas column do not count.
"""

from __future__ import annotations

import hashlib
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lineage_ingest.trace_json import canonical, typed

if TYPE_CHECKING:
    from collections.abc import Iterator

CHUNK = 1 << 20
_VOLATILE = ("creator", "pandas_version", "attributes")


@dataclass(frozen=True)
class File:
    """A file that is read or written as a whole: its content counts, not its name.

    A step receives it as it is; `open` and whatever else takes a path take it.
    """

    path: str | Path

    def __fspath__(self) -> str:
        return str(self.path)


def digest_of(value: object) -> str | None:
    """The digest of a value's content, as `sha256:` and hexadecimal digits.

    Args:
        value: a `File`, a pandas frame or series, a NumPy array, an Arrow table, whatever hands out
            Arrow data (a Polars frame), or a plain value.

    Returns:
        None where the content cannot be told: a model, an array of objects.

    Raises:
        OSError: a file cannot be read.
    """
    sha = hashlib.sha256()
    try:
        for part in _parts(value):
            size = part.nbytes if isinstance(part, memoryview) else len(part)
            sha.update(size.to_bytes(8, "little"))
            sha.update(part)
    except _Unknown:
        return None
    return f"sha256:{sha.hexdigest()}"


def file_digest(path: Path) -> str:
    """The digest of a file's bytes, in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def is_data(value: object) -> bool:
    """Whether it is data, an input rather than a parameter."""
    return (
        isinstance(value, File)
        or _is(value, "numpy", "ndarray")
        or _is(value, "pandas", "DataFrame")
        or _is(value, "pandas", "Series")
        or hasattr(value, "__arrow_c_stream__")
    )


class _Unknown(Exception):  # noqa: N818 (never leaves this module)
    """The content cannot be told."""


def _is(value: object, module: str, name: str) -> bool:
    """Whether a value is of a type, without importing what nobody has imported."""
    kind = getattr(sys.modules.get(module), name, None)
    return kind is not None and type(value) is kind


def _parts(value: object) -> Iterator[bytes | memoryview]:
    if isinstance(value, File):
        yield file_digest(Path(value.path)).encode()
    elif _is(value, "numpy", "ndarray"):
        yield from _array(value)
    elif _is(value, "pandas", "DataFrame"):
        yield from _frame(value)
    elif _is(value, "pandas", "Series"):
        yield b"series"
        yield from _plain(value.name)  # type: ignore[attr-defined]
        yield from _frame(value.to_frame("value"))  # type: ignore[attr-defined]
    elif hasattr(value, "__arrow_c_stream__"):
        import pyarrow as pa

        yield f"table {type(value).__qualname__}".encode()
        yield from _table(pa.table(value))
    else:
        yield from _plain(value)


def _plain(value: object) -> Iterator[bytes]:
    try:
        yield canonical({"": typed(value)}).encode()
    except TypeError as error:
        raise _Unknown from error


def _array(array: Any) -> Iterator[bytes | memoryview]:
    import numpy as np

    if array.dtype.hasobject:
        raise _Unknown
    yield f"array {array.dtype.descr if array.dtype.names else array.dtype.str}".encode()
    yield str(array.shape).encode()
    yield np.ascontiguousarray(array).reshape(-1).view("u1").data if array.nbytes else b""


def _frame(frame: Any) -> Iterator[bytes | memoryview]:
    import pyarrow as pa

    try:
        table = pa.Table.from_pandas(frame)
    except (pa.ArrowException, TypeError, ValueError) as error:
        raise _Unknown from error
    said = json.loads(table.schema.metadata[b"pandas"])
    yield b"frame"
    yield canonical({key: part for key, part in said.items() if key not in _VOLATILE}).encode()
    yield from _table(table)


def _table(table: Any) -> Iterator[bytes | memoryview]:
    yield f"{table.num_rows} rows".encode()
    for name, column in zip(table.column_names, table.columns, strict=True):
        yield name.encode()
        yield from _column(column)


def _column(column: Any) -> Iterator[bytes | memoryview]:
    """Type, which values there are, and the values."""
    import pyarrow as pa
    import pyarrow.compute as pc

    wide = _wide(column)
    yield str(wide.type).encode()
    if not len(wide):
        return
    array = pa.concat_arrays(wide.chunks)
    if array.null_count:
        yield pc.is_valid(array).to_numpy(zero_copy_only=False).tobytes()
        array = array.drop_null()
    kind = array.type
    if pa.types.is_dictionary(kind):
        yield from _column(pa.chunked_array([array.dictionary]))
        yield array.indices.to_numpy(zero_copy_only=False).astype("int64").tobytes()
    elif pa.types.is_large_string(kind) or pa.types.is_large_binary(kind):
        yield from _texts(array)
    elif pa.types.is_boolean(kind):
        yield array.to_numpy(zero_copy_only=False).tobytes()
    elif pa.types.is_primitive(kind) or pa.types.is_decimal(kind):
        width = kind.bit_width // 8
        yield _slice(array.buffers()[1], array.offset * width, len(array) * width)
    elif not pa.types.is_null(kind):
        yield repr(array.to_pylist()).encode("utf-8", "backslashreplace")


def _wide(column: Any) -> Any:
    """Text with offsets of 64 bits, however it was held, and dictionaries with one code."""
    import pyarrow as pa

    kind = column.type
    if pa.types.is_dictionary(kind):
        wide = pa.dictionary(pa.int32(), kind.value_type, kind.ordered)
        return column.cast(wide).unify_dictionaries()
    if pa.types.is_string(kind) or pa.types.is_string_view(kind):
        return column.cast(pa.large_string())
    if pa.types.is_binary(kind) or pa.types.is_binary_view(kind):
        return column.cast(pa.large_binary())
    return column


def _texts(array: Any) -> Iterator[bytes | memoryview]:
    import numpy as np

    if not len(array):
        return
    _, ends, data = array.buffers()
    offsets = np.frombuffer(ends, np.int64)[array.offset : array.offset + len(array) + 1]
    yield (offsets - offsets[0]).tobytes()
    yield _slice(data, int(offsets[0]), int(offsets[-1] - offsets[0]))


def _slice(buffer: Any, start: int, size: int) -> memoryview:
    return memoryview(buffer)[start : start + size] if buffer is not None else memoryview(b"")
