"""Writes the native trace format as JSON Lines."""

from __future__ import annotations

import dataclasses
from typing import IO, TYPE_CHECKING, Any

import orjson

from lineage.records import Artifact, Context, Event, Execution, Membership, Pipeline, Run
from lineage_ingest.trace_header import header
from lineage_ingest.trace_json import dumps, plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from lineage.records import Record


class TraceWriter:
    """Writes a trace to a binary file.

    Args:
        file: open for writing bytes.
        source: the name of the store that the records came from.
        simulated: whether they were made up by a simulation.
    """

    def __init__(
        self, file: IO[bytes], source: str | None = None, *, simulated: bool = False
    ) -> None:
        self._write = file.write
        self._line(header(source, simulated=simulated))

    def write(self, record: Record) -> bool:
        """Write a record; False for one that was set aside, of which there is nothing to write."""
        form = _FORMS.get(type(record))
        if form is None:
            return False
        self._line(form(record))
        return True

    def _line(self, values: dict[str, Any]) -> None:
        try:
            text = orjson.dumps(values)
        except TypeError:
            text = dumps(values)
        self._write(text + b"\n")


def _form(kind: str, record: type[Any]) -> Callable[[Any], dict[str, Any]]:
    """How to turn records of a type into lines: every field that is not at its default."""
    fields = [
        ("event" if kind == "event" and field.name == "kind" else field.name, field.name, default)
        for field in dataclasses.fields(record)
        if field.name not in {"position", "properties", "revision"}
        for default in [None if field.default is dataclasses.MISSING else field.default]
    ]

    def form(one: Any) -> dict[str, Any]:
        values: dict[str, Any] = {"kind": kind}
        for name, attribute, default in fields:
            value = getattr(one, attribute)
            if value is not None and value != default:
                values[name] = value
        if properties := getattr(one, "properties", None):
            values["properties"] = plain(properties)
        return values

    return form


_FORMS: dict[type[Any], Callable[[Any], dict[str, Any]]] = {
    record: _form(record.__name__.lower(), record)
    for record in (Pipeline, Run, Context, Execution, Artifact, Event, Membership)
}


def dump(
    records: Iterable[Record],
    file: IO[bytes],
    source: str | None = None,
    *,
    simulated: bool = False,
) -> int:
    """Write records as a trace.

    Returns:
        How many were written; those that were set aside are not.
    """
    writer = TraceWriter(file, source, simulated=simulated)
    return sum(writer.write(record) for record in records)
