"""Writes, through the client, a store with a property of every kind: a path, or `--config JSON`."""

from __future__ import annotations

import sys

from google.protobuf import json_format, wrappers_pb2
from ml_metadata.metadata_store import metadata_store
from ml_metadata.proto import metadata_store_pb2 as pb

KINDS = {
    "whole": pb.INT, "real": pb.DOUBLE, "words": pb.STRING, "tree": pb.STRUCT, "message": pb.PROTO,
    "truth": pb.BOOLEAN,
}  # fmt: skip


def main() -> None:
    """The command."""
    config = pb.ConnectionConfig()
    if sys.argv[1] == "--config":
        json_format.Parse(sys.argv[2], config)
    else:
        config.sqlite.filename_uri = sys.argv[1]
    store = metadata_store.MetadataStore(config)
    kind = pb.ArtifactType(name="Everything", properties=KINDS)
    artifact = pb.Artifact(
        type_id=store.put_artifact_type(kind), name="one", uri="mem://é", external_id="outside",
        state=pb.Artifact.LIVE,
    )  # fmt: skip
    for values in (artifact.properties, artifact.custom_properties):
        # MySQL keeps no more than 32 bits.
        values["whole"].int_value = -(2**31)
        values["real"].double_value = 0.1
        values["words"].string_value = "größe \N{SNOWMAN}"
        values["tree"].struct_value.update(
            {"list": [1, None, True, {"deep": ["x", 2.5]}], "empty": {}, "none": []}
        )
        values["message"].proto_value.Pack(wrappers_pb2.StringValue(value="hello"))
        values["truth"].bool_value = False
    artifact.custom_properties["only_custom"].int_value = 7
    trainer = pb.ExecutionType(name="acme.Fit")
    trainer.base_type = pb.ExecutionType.TRAIN
    execution = pb.Execution(
        type_id=store.put_execution_type(trainer), last_known_state=pb.Execution.NEW
    )
    event = pb.Event(type=pb.Event.DECLARED_OUTPUT)
    for key, index in (("a", None), (None, 3), ("b", None), (None, 1)):
        step = event.path.steps.add()
        if key is None:
            step.index = index
        else:
            step.key = key
    store.put_execution(execution, [(artifact, event)], [])


if __name__ == "__main__":
    main()
