"""A graphlet as a W3C PROV document, in PROV-JSON.

The graphlet is a bundle, its executions are activities, its artifacts entities. What PROV has no
word for (classes, states, costs, digests) are attributes in the namespace `urn:lineage:vocabulary:`
by the names of the records' fields; the source's own properties are attributes in
`urn:lineage:property:`, their names percent-encoded, lists and mappings as JSON in
`urn:lineage:property-json:`. The PROV reader reads all of it back.
"""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from lineage.analyses.simulated import is_simulated
from lineage.errors import MissingExtraError, NotFoundError
from lineage.export import EVENT_KINDS, record_of
from lineage.records import EventKind, Execution
from lineage_ingest.prov import vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from prov.model import ProvBundle, ProvDocument

    from lineage.graph import Graph
    from lineage.records import Artifact, Properties

_NAMESPACES = {
    "lineage": vocabulary.OWN,
    "property": vocabulary.OWN_PROPERTY,
    "propertyjson": vocabulary.OWN_JSON,
    "execution": vocabulary.OWN_EXECUTION,
    "artifact": vocabulary.OWN_ARTIFACT,
    "graphlet": vocabulary.OWN_GRAPHLET,
}
_SAID_OTHERWISE = frozenset({"id", "started", "ended", "properties", "features", "parent"})
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def prov_json(graph: Graph, key: str) -> str:
    """A graphlet as PROV-JSON, the same text for the same graphlet.

    Args:
        graph: where it is.
        key: the graphlet's key.

    Raises:
        MissingExtraError: the `prov` library is not installed.
        NotFoundError: no graphlet has this key.
    """
    try:
        from prov.model import ProvDocument
    except ImportError as error:
        raise MissingExtraError(
            "writing PROV needs the prov library; install it with "
            "`pip install 'lineage-graphlets[prov]'`"
        ) from error
    found = graph.run("export/prov_graphlet", key=key)
    if not found:
        raise NotFoundError(
            f"no graphlet has the key {key!r}; `lineage report graphlets` lists them"
        )
    document = ProvDocument(namespaces=_NAMESPACES)
    about = {name: value for name, value in found[0].items() if name != "source"}
    if is_simulated(graph, found[0]["source"]):
        about["simulated"] = True
    identifier = f"graphlet:{_local(key)}"
    stated = [("prov:type", document.valid_qualified_name("prov:Bundle")), ("prov:label", key)]
    document.entity(identifier, [*stated, *_fields(about)])
    bundle = document.bundle(identifier)
    _things(bundle, graph, key)
    for row in graph.run("export/prov_edges", key=key):
        _edge(bundle, row)
    return _text(document)


def _text(document: ProvDocument) -> str:
    written = document.serialize(format="json", indent=1)
    return f"{written}\n"


def _things(bundle: ProvBundle, graph: Graph, key: str) -> None:
    rows = graph.run("export/prov_things", key=key)
    here = {row["node"]["key"] for row in rows}
    for row in rows:
        node = row["node"]
        made = record_of(row["kind"], node)
        attributes = list(_attributes(made, node, here))  # type: ignore[arg-type]
        if row["role"] is not None:
            attributes.append(("lineage:role", row["role"]))
        local = f"{row['kind']}:{_local(node['key'])}"
        if isinstance(made, Execution):
            bundle.activity(local, _moment(made.started), _moment(made.ended), attributes)
        else:
            bundle.entity(local, attributes)


def _attributes(
    made: Execution | Artifact, node: Mapping[str, Any], here: set[str]
) -> Iterator[tuple[str, Any]]:
    yield "prov:type", made.type
    if made.name:
        yield "prov:label", made.name
    about = {each.name: getattr(made, each.name) for each in fields(made)}
    if isinstance(made, Execution):
        # As the graph has it: less what children cover, where those are not all here.
        about |= {"cost": node.get("cost"), "cost_unit": node.get("cost_unit")}
        if node.get("parent") in here:
            yield "lineage:parent", f"{vocabulary.OWN_EXECUTION}{_local(node['parent'])}"
    yield from _fields(about)
    yield from _properties(made.properties)


def _fields(about: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in about.items():
        if value is not None and name not in _SAID_OTHERWISE:
            yield f"lineage:{name}", str(value) if isinstance(value, str) else value


def _properties(properties: Properties) -> Iterator[tuple[str, Any]]:
    for name, value in properties.items():
        if isinstance(value, list | dict):
            yield f"propertyjson:{_local(name)}", json.dumps(value)
        elif value is not None:
            yield f"property:{_local(name)}", value


def _edge(bundle: ProvBundle, row: Mapping[str, Any]) -> None:
    kind = EVENT_KINDS.get(row["type"]) or EventKind(row["type"])
    attributes: list[tuple[str, Any]] = []
    if row["role"]:
        attributes.append(("prov:role", row["role"]))
    if row["index"] is not None:
        attributes.append(("lineage:index", row["index"]))
    if kind not in {EventKind.INPUT, EventKind.OUTPUT}:
        attributes.append(("lineage:event", str(kind)))
    activity = f"execution:{_local(row['execution'])}"
    entity = f"artifact:{_local(row['artifact'])}"
    time = _moment(row["time"])
    if kind.writes:
        bundle.generation(entity, activity, time, other_attributes=attributes)
    else:
        bundle.usage(activity, entity, time, other_attributes=attributes)


def _local(text: str) -> str:
    """Text as the last part of a qualified name: all but plain characters percent-encoded."""
    return quote(text, safe="", errors="surrogatepass")


def _moment(time: int | None) -> datetime | None:
    return None if time is None else _EPOCH + timedelta(milliseconds=time)
