"""Columns of a trace's Parquet tables as Python values, with every row marked that needs a look.

A whole batch is checked at once: a row in which anything is unusual is *marked*, and the model of
its line in `trace_lines` then says what is wrong with it, or takes it after all. So both forms of a
trace have one set of rules, and the checks here only have to miss nothing.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from lineage.records import FEATURE_BINS, FEATURE_WHOLE, Feature, FeatureKind
from lineage_ingest.compressed import MAX_LINE
from lineage_ingest.times import LATEST
from lineage_ingest.trace_json import dumps

if TYPE_CHECKING:
    from enum import StrEnum

    from numpy.typing import NDArray

__all__ = ["Columns", "cast", "document", "milliseconds", "odd_weights"]

_PER_MILLISECOND = {"us": 1_000, "ns": 1_000_000}
_MOST_SECONDS = 2**63 // 1_000 - 1
# What orjson reads as another number than it is, or refuses: too many digits. Each such text is
# read again with the rules of lines.
_LONG_NUMBER = r"[0-9]{19}"
_NESTED = re.compile(r"[\[{]")
_DEEP = 100
_KIND_NAMES = pa.array([kind.value for kind in FeatureKind], pa.string())
_FEATURE_KINDS = {kind.value: kind for kind in FeatureKind}


class Columns:
    """The columns of one batch of rows.

    Attributes:
        size: rows in the batch.
        marked: of shape (size,), whether a row needs a closer look.
        refused: why a row cannot be used, for what no line can say: text that is not UTF-8.
        raw: each column that was asked for, as JSON values.
    """

    def __init__(self, batch: pa.RecordBatch) -> None:
        self.size: int = batch.num_rows
        self.marked: NDArray[np.bool_] = np.zeros(self.size, dtype=np.bool_)
        self.refused: dict[int, str] = {}
        self.raw: dict[str, list[Any]] = {}
        self._batch = batch
        self._names = frozenset(batch.schema.names)

    def holds(self, name: str) -> bool:
        """Whether the column is there and says something."""
        return name in self._names and self._batch.column(name).null_count < self.size

    def text(self, name: str, *, required: bool = False, filled: bool = False) -> list[Any]:
        """Text, None where there is none.

        Args:
            name: of the column.
            required: mark rows where it is null.
            filled: mark rows where it is empty.
        """
        column = self._column(name, pa.string())
        if required:
            self._mark(column.is_null())
        if filled:
            self._mark(pc.equal(column, ""))
        try:
            self.raw[name] = column.to_pylist()
        except UnicodeDecodeError:
            self.raw[name] = self._decoded(name, column)
        return self.raw[name]

    def choice(self, name: str, choices: type[StrEnum], *, required: bool = False) -> list[Any]:
        """Members of an enumeration, or None; rows with another text are marked."""
        known = {member.value: member for member in choices}
        values = self.text(name, required=required)
        column = self._column(name, pa.string())
        unknown = pc.invert(pc.is_in(column, value_set=pa.array(list(known), pa.string())))
        self._mark(pc.and_(column.is_valid(), unknown))
        return [None if value is None else known.get(value) for value in values]

    def integer(self, name: str) -> list[int | None]:
        """Whole numbers, None where there is none."""
        self.raw[name] = self._column(name, pa.int64()).to_pylist()
        return self.raw[name]

    def amount(self, name: str) -> list[float | None]:
        """Numbers; rows where it is negative or not finite are marked."""
        column = self._column(name, pa.float64())
        sound = pc.and_(pc.is_finite(column), pc.greater_equal(column, 0.0))
        self._mark(pc.invert(sound))
        self.raw[name] = column.to_pylist()
        return self.raw[name]

    def flag(self, name: str) -> list[bool | None]:
        """Booleans, None where there is none."""
        self.raw[name] = self._column(name, pa.bool_()).to_pylist()
        return self.raw[name]

    def time(self, name: str) -> list[int | None]:
        """Milliseconds since 1970, None where there is none; rows where it cannot be are marked."""
        times, valid, odd = milliseconds(self._batch.column(name))
        self.marked |= odd
        self.raw[name] = pa.array(times, mask=~valid).to_pylist()
        return self.raw[name]

    def ordered(self, started: str, ended: str) -> None:
        """Mark rows that ended before they started."""
        if self.holds(started) and self.holds(ended):
            pairs = zip(self.raw[started], self.raw[ended], strict=True)
            self.marked |= np.fromiter(
                (None is not a and None is not b and b < a for a, b in pairs), np.bool_, self.size
            )

    def properties(self, name: str) -> list[dict[str, Any]]:
        """JSON objects, empty where there is none; rows that orjson may misread are marked."""
        texts = self.text(name)
        column = self._column(name, pa.string())
        self._mark(pc.match_substring_regex(column, _LONG_NUMBER))
        long = pc.greater(pc.binary_length(column), _DEEP).fill_null(fill_value=False)
        for row in np.flatnonzero(np.asarray(long)).tolist():
            text = texts[row]
            if text is not None and (len(text) >= MAX_LINE // 4 or _is_nested(text)):
                self.marked[row] = True
        return [self._object(row, text) for row, text in enumerate(texts)]

    def features(self, name: str) -> list[list[Feature] | None]:
        """The features of data sets, sorted by name; rows where one is not as it must be marked."""
        column = self._batch.column(name)
        if pa.types.is_null(column.type):
            return [None] * self.size
        counts = pc.list_value_length(column).fill_null(0).to_numpy()
        named = _Features(column.flatten())
        self.marked[np.repeat(np.arange(self.size), counts)[named.odd]] = True
        made: list[list[Feature] | None] = []
        end = 0
        for row, count in enumerate(counts.tolist()):
            start, end = end, end + count
            made.append(self._made(row, named, start, end))
        return made

    def _made(self, row: int, named: _Features, start: int, end: int) -> list[Feature] | None:
        if start == end or self.marked[row]:
            return None
        names = named.names[start:end]
        if len(set(names)) < len(names):
            self.marked[row] = True
            return None
        found = [named.feature(at) for at in range(start, end)]
        return found if names == sorted(names) else sorted(found, key=lambda one: one.name)

    def row(self, number: int) -> dict[str, Any]:
        """One row as JSON values, without nulls and properties; `number` counts from 0."""
        values = {name: column[number] for name, column in self.raw.items()}
        if "features" in self._names:
            values["features"] = _without_nulls(self._batch.column("features")[number].as_py())
        values.pop("properties", None)
        return {name: value for name, value in values.items() if value is not None}

    def _column(self, name: str, kind: pa.DataType) -> pa.Array:
        return cast(self._batch.column(name), kind)

    def _mark(self, rows: pa.BooleanArray) -> None:
        self.marked |= np.asarray(rows.fill_null(fill_value=False))

    def _decoded(self, name: str, column: pa.StringArray) -> list[str | None]:
        found: list[str | None] = []
        for row, raw in enumerate(column.cast(pa.binary()).to_pylist()):
            try:
                found.append(None if raw is None else raw.decode())
            except UnicodeDecodeError as error:
                self.marked[row] = True
                byte = raw[error.start]
                self.refused[row] = f"{name}: not UTF-8: byte 0x{byte:02x} at {error.start + 1}"
                found.append("")
        return found

    def _object(self, row: int, text: str | None) -> dict[str, Any]:
        if text is None or self.marked[row]:
            return {}
        try:
            value = orjson.loads(text)
        except orjson.JSONDecodeError:
            value = None
        if isinstance(value, dict):
            return value
        self.marked[row] = True
        return {}


class _Features:
    """All features of a batch, one behind the other."""

    def __init__(self, features: pa.StructArray) -> None:
        names = _field(features, "name", pa.string())
        kinds = _field(features, "kind", pa.string())
        weights = _field(features, "weights", pa.list_(pa.int64()))
        self.names: list[Any] = names.to_pylist()
        self._kinds: list[Any] = kinds.to_pylist()
        lengths = pc.list_value_length(weights).fill_null(0).to_numpy().astype(np.int64)
        flat = weights.flatten().fill_null(-1).to_numpy()
        self._ends = np.cumsum(lengths).tolist()
        self._weights: list[int] = flat.tolist()
        self.odd = odd_weights(lengths, flat)
        self.odd |= np.asarray(names.is_null())
        self.odd |= ~np.asarray(pc.is_in(kinds, value_set=_KIND_NAMES))

    def feature(self, at: int) -> Feature:
        """The feature at a place."""
        start = self._ends[at - 1] if at else 0
        weights = self._weights[start : self._ends[at]]
        return Feature(name=self.names[at], kind=_FEATURE_KINDS[self._kinds[at]], weights=weights)


def milliseconds(
    column: pa.Array,
) -> tuple[NDArray[np.int64], NDArray[np.bool_], NDArray[np.bool_]]:
    """Times in ms since 1970, 0 where there is none.

    Returns:
        The times, whether there is one, and whether it is one that cannot be; each (rows,).
    """
    unit = column.type.unit if pa.types.is_timestamp(column.type) else "ms"
    valid = np.asarray(column.is_valid())
    times = column.cast(pa.int64()).fill_null(0).to_numpy()
    if unit == "s":
        times = np.clip(times, -_MOST_SECONDS, _MOST_SECONDS) * 1_000
    elif unit != "ms":
        times = times // _PER_MILLISECOND[unit]
    return times, valid, (times < 0) | (times > LATEST)


def _field(features: pa.StructArray, name: str, kind: pa.DataType) -> pa.Array:
    """A field, null where the whole feature is."""
    return cast(pc.struct_field(features, name), kind)


def cast(column: pa.Array, kind: pa.DataType) -> pa.Array:
    """A column of another type that can hold the same, such as narrower numbers."""
    # Long whole numbers as floating ones lose digits, as they do in JSON.
    return column if column.type == kind else column.cast(kind, safe=kind != pa.float64())


def odd_weights(lengths: NDArray[np.int64], flat: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which features have weights that do not fill the bins; none at all are sound.

    Args:
        lengths: of shape (n,), how many weights each has.
        flat: all weights, one behind the other.
    """
    owner = np.repeat(np.arange(len(lengths)), lengths)
    sums = np.bincount(owner, weights=flat, minlength=len(lengths))
    odd: NDArray[np.bool_] = ~np.isin(lengths, (0, FEATURE_BINS)) | (
        (lengths > 0) & (sums != FEATURE_WHOLE)
    )
    odd[owner[(flat < 0) | (flat > FEATURE_WHOLE)]] = True
    return odd


def _is_nested(text: str) -> bool:
    return len(_NESTED.findall(text)) > _DEEP


def _without_nulls(value: Any) -> Any:
    """A list of features without the fields that are null."""
    if value is None:
        return None
    return [one and {name: part for name, part in one.items() if part is not None} for one in value]


def document(kind: str, values: dict[str, Any], properties: str | None) -> bytes:
    """A row as the line of JSON that says the same.

    Raises:
        ValueError: the properties are not a JSON object.
    """
    line = dumps({"kind": kind, **values})
    if properties is None:
        return line
    try:
        is_object = isinstance(json.loads(properties), dict)
    except json.JSONDecodeError:
        is_object = False
    except (ValueError, RecursionError):
        raise ValueError("properties: a number too long, or nested too deeply") from None
    if not is_object:
        shown = properties if len(properties) <= 60 else f"{properties[:57]}..."
        raise ValueError(f"properties: not a JSON object (got {shown!r})")
    return line[:-1] + b',"properties":' + properties.encode() + b"}"
