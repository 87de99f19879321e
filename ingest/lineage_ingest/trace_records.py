"""Lines of a trace as records; the rows of a Parquet table that need a closer look, too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lineage.records import (
    Artifact,
    Context,
    Event,
    Execution,
    Feature,
    Membership,
    Pipeline,
    Run,
    SetAside,
)
from lineage_ingest.times import drop_impossible, why_not
from lineage_ingest.trace_lines import (
    ArtifactLine,
    EventLine,
    ExecutionLine,
    MembershipLine,
    RunLine,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lineage.records import Node, Record
    from lineage_ingest.trace_lines import AnyLine

SHORT = frozenset({"inputs", "outputs", "run", "pipeline"})
"""Fields of lines that are short for other lines."""


def records_of(line: AnyLine | SetAside, position: str) -> Iterator[Record]:
    """The record that a line says, without what its short forms imply; first what is wrong."""
    if isinstance(line, SetAside):
        yield line
    elif isinstance(line, EventLine):
        values = _values(line)
        event = Event(kind=values.pop("event"), position=position, **values)
        if event.time is not None and (reason := why_not(event.time)):
            event.time = None
            yield SetAside(kind="time", position=position, reason=reason)
        yield event
    elif isinstance(line, MembershipLine):
        yield Membership(position=position, **_values(line))
    else:
        node = _node(line)
        yield from drop_impossible(node, position)
        yield node


def _values(line: AnyLine) -> dict[str, Any]:
    values = line.__dict__.copy()
    del values["kind"]
    return values


def _node(line: AnyLine) -> Node:
    values = _values(line)
    if isinstance(line, ExecutionLine):
        for name in SHORT:
            del values[name]
        return Execution(**values)
    if isinstance(line, ArtifactLine):
        values["features"] = _features(line)
        return Artifact(**values)
    if values["name"] is None:
        values["name"] = values["id"]
    if isinstance(line, RunLine):
        del values["pipeline"]
        return Run(**values)
    return Pipeline(**values) if line.kind == "pipeline" else Context(**values)


def _features(line: ArtifactLine) -> list[Feature] | None:
    """The features of a data set; one that has none is one of which none is known."""
    return [Feature(**one.__dict__) for one in line.features or ()] or None
