"""Exports: graphlets as JSON objects, and one source as records of the native trace format."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lineage.analyses.simulated import simulated
from lineage.errors import NotFoundError
from lineage.load.rows import prefix_of
from lineage.recipes import plain_properties
from lineage.records import (
    Artifact,
    ArtifactClass,
    Context,
    Event,
    EventKind,
    Execution,
    Membership,
    NodeKind,
    OperatorClass,
    Pipeline,
    Run,
    State,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lineage.graph import Graph
    from lineage.records import Node, Record

_KINDS: dict[str, type[Node]] = {
    "pipeline": Pipeline,
    "run": Run,
    "context": Context,
    "execution": Execution,
    "artifact": Artifact,
}
EVENT_KINDS = {"REFERENCE": EventKind.INPUT, "REPUBLISHED": EventKind.OUTPUT}
"""What the graph calls by another type than the source did."""

_STATED_COSTS = ("source", "property")


def graphlets(graph: Graph, pipeline: str | None = None) -> Iterator[dict[str, Any]]:
    """Every graphlet with its members, ordered by key; costs are in the trainer's unit."""
    made_up = set(simulated(graph))
    for row in graph.stream("export/graphlets", pipeline=pipeline):
        yield row | {"simulated": row["source"] in made_up}


def redundancy(graph: Graph, source: str | None = None) -> Iterator[dict[str, Any]]:
    """Every computation that was repeated, ordered by the original's key.

    Args:
        graph: the graph.
        source: only originals of this source.
    """
    made_up = set(simulated(graph))
    for row in graph.stream("export/redundancy", source=source):
        yield row | {"simulated": row["original"]["source"] in made_up}


def trace(graph: Graph, source: str) -> Iterator[Record]:
    """One source as records, nodes first: what a reader of it would yield, with classes given."""
    prefix = prefix_of(source)
    for row in graph.stream("export/trace_nodes", prefix=prefix):
        yield record_of(row["kind"], row["node"])
    for row in graph.stream("export/trace_events", prefix=prefix):
        kind = EVENT_KINDS.get(row["type"]) or EventKind(row["type"])
        yield Event(
            execution=row["execution"],
            artifact=row["artifact"],
            kind=kind,
            role=row["role"],
            index=row["index"],
            time=row["time"],
        )
    for row in graph.stream("export/trace_memberships", prefix=prefix):
        yield Membership(
            member_kind=NodeKind(row["member_kind"].lower()),
            member=row["member"],
            container_kind=NodeKind(row["container_kind"].lower()),
            container=row["container"],
        )


def source_of(graph: Graph, source: str | None) -> str:
    """The named source, or the only one that there is.

    Raises:
        NotFoundError: there is none, or several to choose from.
    """
    known = [row["source"] for row in graph.run("forget/sources")]
    if source is not None and source in known:
        return source
    if source is None and len(known) == 1:
        return str(known[0])
    said = f"no source is called {source!r}" if source else "name one with --source"
    raise NotFoundError(f"{said}; loaded are: {', '.join(known) or 'none'}")


def record_of(kind: str, node: dict[str, Any]) -> Node:
    """A node of the graph as the record that it came from, its class given.

    Args:
        kind: pipeline, run, context, execution or artifact.
        node: its properties, times in ms since 1970.
    """
    record = _KINDS[kind]
    fields = {name: node[name] for name in record.__slots__ if node.get(name) is not None}
    fields.pop("revision", None)  # the graph's is of more than the record's
    fields |= {"id": node["source_id"], "properties": _properties(node)}
    fields["name"] = node.get("full_name", node["name"])
    if record is Execution:
        _restore_execution(fields, node)
    elif record is Artifact:
        from lineage.load.features import from_properties  # NumPy, only where there is need

        fields["artifact"] = ArtifactClass(node["artifact"])
        fields["features"] = from_properties(node)
    if "state" in fields and record is not Artifact:
        fields["state"] = State(fields["state"])
    return record(**fields)


def _restore_execution(fields: dict[str, Any], node: dict[str, Any]) -> None:
    """Give back what was derived in the graph: classes stay, costs only where they were stated."""
    fields["operator"] = OperatorClass(node["operator"])
    if not node["cost_from"].startswith(_STATED_COSTS):
        fields.pop("cost", None)
        fields.pop("cost_unit", None)
    if "parent" in fields:
        fields["parent"] = fields["parent"].partition("#execution/")[2]


def _properties(node: dict[str, Any]) -> dict[str, Any]:
    return dict(sorted(plain_properties(node).items()))
