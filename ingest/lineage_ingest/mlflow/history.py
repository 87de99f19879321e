"""The tag in which runs kept what models they logged, before models were things of their own."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from lineage_ingest.mlflow.model import whole

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lineage.records import Properties
    from lineage_ingest.mlflow.model import TrackedRun

HISTORY = "mlflow.log-model.history"


class OldModel:
    """A model logged before MLflow 3: a path within the artifacts of its run.

    Attributes:
        path: that path.
        uuid: its id, of the logged model where MLflow 3 wrote the tag.
        flavors: what it can be loaded as.
        size: in bytes, where known.
    """

    def __init__(self, told: dict[str, object]) -> None:
        self.path = str(told["artifact_path"])
        self.uuid = str(told.get("model_id") or told.get("model_uuid") or "")
        flavors = told.get("flavors")
        self.flavors = sorted(map(str, flavors)) if isinstance(flavors, dict) else []
        size = whole(told.get("model_size_bytes"))
        self.size = size if size is not None and size >= 0 else None

    def properties(self) -> Properties:
        """What the tag says of it."""
        return {"flavors": [*self.flavors]} if self.flavors else {}


def history(run: TrackedRun) -> Iterator[OldModel]:
    """The models in a run's tag of logged models; the last of each path."""
    try:
        told = json.loads(run.tags.get(HISTORY) or "[]")
    except (ValueError, RecursionError):
        return
    found = {}
    for one in told if isinstance(told, list) else []:
        if isinstance(one, dict) and one.get("artifact_path"):
            found[str(one["artifact_path"])] = OldModel(one)
    yield from found.values()
