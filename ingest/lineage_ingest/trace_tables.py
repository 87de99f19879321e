"""The tables of the native trace format as Parquet: a folder with one file for each kind of record.

`trace.json` says what the folder is, as the first line of a JSON Lines trace does. Columns are the
fields of the records of the same name; a file or a column that is not there has no rows or only
nulls, as long as it is not required. `properties` is a JSON object, as text.
"""

from __future__ import annotations

import sys
from difflib import get_close_matches
from typing import TYPE_CHECKING

import pyarrow as pa
from pyarrow import types

if TYPE_CHECKING:
    from collections.abc import Callable

_TIME = pa.timestamp("ms", tz="UTC")
_TEXT = pa.string()


def _table(*columns: tuple[str, pa.DataType] | str) -> pa.Schema:
    """Columns; a name that ends in `!` is required, one without a type is text."""
    fields = []
    for column in columns:
        name, kind = (column, _TEXT) if isinstance(column, str) else column
        fields.append(pa.field(name.removesuffix("!"), kind, nullable=not name.endswith("!")))
    return pa.schema(fields)


_DATES = (("created", _TIME), ("updated", _TIME))
_FEATURE = pa.struct([("name", _TEXT), ("kind", _TEXT), ("weights", pa.list_(pa.int16()))])

TABLES: dict[str, pa.Schema] = {
    "pipelines": _table("id!", "name", "type", "native_id", *_DATES, "properties"),
    "runs": _table(
        "id!",
        "name",
        "type",
        "native_id",
        "state",
        ("started", _TIME),
        ("ended", _TIME),
        *_DATES,
        "properties",
    ),
    "contexts": _table("id!", "name", "type", *_DATES, "properties"),
    "executions": _table(
        "id!",
        "type!",
        "name",
        "base_type",
        "node",
        "operator",
        "state",
        ("started", _TIME),
        ("ended", _TIME),
        ("cost", pa.float64()),
        "cost_unit",
        "code_version",
        "parent",
        *_DATES,
        "properties",
    ),
    "artifacts": _table(
        "id!",
        "type!",
        "name",
        "base_type",
        "artifact",
        "uri",
        "digest",
        "version",
        ("size", pa.int64()),
        "state",
        ("pushed", pa.bool_()),
        ("features", pa.list_(_FEATURE)),
        *_DATES,
        "properties",
    ),
    "events": _table(
        "execution!", "artifact!", "event!", "role", ("index", pa.int64()), ("time", _TIME)
    ),
    "memberships": _table("member_kind!", "member!", "container_kind!", "container!"),
}


_LISTS = (types.is_list, types.is_large_list, types.is_fixed_size_list)
_TEXTS = (types.is_string, types.is_large_string, types.is_string_view)
_KINDS = {
    pa.timestamp("ms").id: (types.is_timestamp,),
    pa.float64().id: (types.is_floating, types.is_integer),
    pa.bool_().id: (types.is_boolean,),
}


def why_not_columns(table: str, found: pa.Schema) -> str | None:
    """What is wrong with the columns of a table; None when nothing is.

    Text may be dictionary-encoded or large, numbers narrower, times in any unit; times without a
    zone are UTC.

    Args:
        table: its name.
        found: the columns that it has.
    """
    wanted = TABLES[table]
    for name in found.names:
        if name not in wanted.names:
            near = get_close_matches(name.lower(), wanted.names, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else f"; known: {', '.join(wanted.names)}"
            return f"the column {name!r} is not known{hint}"
        if found.names.count(name) > 1:
            return f"there are two columns {name!r}"
    for field in wanted:
        if field.name not in found.names:
            if not field.nullable:
                return f"the column {field.name!r} is missing"
        elif not _fits(found.field(field.name).type, field.type):
            kind = found.field(field.name).type
            return f"the column {field.name!r} is {kind}, but {field.type} is wanted"
    return None


def _fits(found: pa.DataType, wanted: pa.DataType) -> bool:
    """Whether each value of one type can be read as one of the other."""
    if types.is_null(found):
        return True
    if types.is_list(wanted):
        return _is(found, _LISTS) and _fits(found.value_type, wanted.value_type)
    if types.is_struct(wanted):
        return types.is_struct(found) and _fits_struct(found, wanted)
    if types.is_string(wanted):
        return _is(found.value_type if types.is_dictionary(found) else found, _TEXTS)
    if types.is_integer(wanted):
        return types.is_integer(found) and not types.is_uint64(found)
    return _is(found, _KINDS[wanted.id])


def _is(found: pa.DataType, kinds: tuple[Callable[[pa.DataType], bool], ...]) -> bool:
    return any(kind(found) for kind in kinds)


def _fits_struct(found: pa.StructType, wanted: pa.StructType) -> bool:
    names = {field.name for field in wanted}
    return {field.name for field in found} == names and all(
        _fits(found.field(name).type, wanted.field(name).type) for name in names
    )


def listing() -> str:
    """The columns of each table, as a table in Markdown."""
    lines = ["| table | columns |", "| --- | --- |"]
    for table, schema in TABLES.items():
        columns = (
            f"`{field.name}`{'' if types.is_string(field.type) else f' {field.type}'}"
            f"{'' if field.nullable else ', required'}"
            for field in schema
        )
        lines.append(f"| `{table}.parquet` | {'; '.join(columns)} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(listing())
