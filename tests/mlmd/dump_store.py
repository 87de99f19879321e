"""Prints what the `ml-metadata` client reads from a SQLite store, as JSON; upgrades the store."""

from __future__ import annotations

import base64
import json
import sys
from typing import Any

from google.protobuf import json_format
from ml_metadata import errors
from ml_metadata.metadata_store import metadata_store
from ml_metadata.proto import metadata_store_pb2 as pb


def main(path: str) -> None:
    """The command."""
    config = pb.ConnectionConfig()
    config.sqlite.filename_uri = path
    store = metadata_store.MetadataStore(config, enable_upgrade_migration=True)
    contexts, executions = store.get_contexts(), store.get_executions()
    artifacts = store.get_artifacts()
    events = store.get_events_by_execution_ids([node.id for node in executions])
    found = {
        "artifacts": [_node(node) for node in artifacts],
        "executions": [_node(node) for node in executions],
        "contexts": [_node(node) for node in contexts],
        "events": [_event(event) for event in events],
        "associations": [
            [node.id, context.id]
            for node in executions
            for context in _contexts(store.get_contexts_by_execution, node.id)
        ],
        "attributions": [
            [node.id, context.id]
            for node in artifacts
            for context in _contexts(store.get_contexts_by_artifact, node.id)
        ],
        "parents": [
            [context.id, parent.id]
            for context in contexts
            for parent in store.get_parent_contexts_by_context(context.id)
        ],
    }
    json.dump(found, sys.stdout)


def _contexts(ask: Any, id_: int) -> list[Any]:
    """The client raises for a node without contexts when the store was upgraded."""
    try:
        return list(ask(id_))
    except errors.NotFoundError:
        return []


def _node(node: Any) -> dict[str, Any]:
    return {
        "id": node.id,
        "type": node.type,
        "name": node.name or None,
        "uri": getattr(node, "uri", "") or None,
        "external_id": node.external_id or None,
        "properties": {name: _value(value) for name, value in node.properties.items()},
        "custom": {name: _value(value) for name, value in node.custom_properties.items()},
        "created": node.create_time_since_epoch,
        "updated": node.last_update_time_since_epoch,
        "state": getattr(node, "last_known_state", None),
    }


def _value(value: pb.Value) -> Any:
    kind = value.WhichOneof("value")
    if kind == "struct_value":
        return json_format.MessageToDict(value.struct_value)
    if kind == "proto_value":
        packed = value.proto_value
        return {
            "type_url": packed.type_url,
            "value": base64.b64encode(packed.value).decode("ascii"),
        }
    return None if kind is None else getattr(value, kind)


def _event(event: pb.Event) -> dict[str, Any]:
    steps = [
        step.key if step.WhichOneof("value") == "key" else step.index for step in event.path.steps
    ]
    return {
        "artifact": event.artifact_id,
        "execution": event.execution_id,
        "type": pb.Event.Type.Name(event.type),
        "time": event.milliseconds_since_epoch,
        "path": steps,
    }


if __name__ == "__main__":
    main(sys.argv[1])
