"""The tables of the native trace format as Parquet: a folder with one file for each kind of record.

`trace.json` says what the folder is, as the first line of a JSON Lines trace does. Columns are the
fields of the records of the same name; a file or a column that is not there has no rows or only
nulls, as long as it is not required. `properties` is a JSON object, as text.
"""

from __future__ import annotations

import pyarrow as pa

HEADER = "trace.json"

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
