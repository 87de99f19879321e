"""What a run says of itself: its node, its code, its params, metrics and tags."""

from __future__ import annotations

import hashlib
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from lineage.records import SetAside
from lineage_ingest.mlflow.model import OWN_TAGS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lineage.records import Execution, Properties
    from lineage_ingest.mlflow.model import TrackedRun

LONGEST = 10_000
"""Characters of a param or tag; MLflow takes up to 8,000."""
_COMMIT, _DIRTY = "mlflow.source.git.commit", "mlflow.source.git.dirty"


def node(tags: dict[str, str]) -> str:
    """What stays the same from run to run: the project's entry point, or the script's name."""
    entry = tags.get("mlflow.project.entryPoint")
    if entry and entry != "main":
        return entry
    source = tags.get("mlflow.source.name", "").replace("\\", "/").rstrip("/")
    return PurePosixPath(source.partition("#")[0]).stem or entry or "run"


def code(tags: dict[str, str]) -> str | None:
    """The commit, unless the files had changes that it does not hold."""
    if tags.get(_DIRTY, "").lower() == "true":
        return None
    return tags.get(_COMMIT) or tags.get("mlflow.databricks.gitRepoCommit") or None


def cut(execution: Execution) -> Iterator[SetAside]:
    """Cut texts that no client of MLflow would have let pass; what is cut stays distinct."""
    for key, value in execution.properties.items():
        if isinstance(value, str) and len(value) > LONGEST:
            digest = hashlib.sha256(value.encode(errors="backslashreplace")).hexdigest()
            execution.properties[key] = f"{value[:LONGEST]}... sha256:{digest}"
            yield SetAside(
                kind="property",
                position=f"run {execution.id}",
                reason=f"{key[:80]}: of its {len(value)} characters, {LONGEST} were kept",
            )


def properties(run: TrackedRun) -> Properties:
    """Params by their own names; metrics, tags and what MLflow says by itself with a prefix."""
    found: Properties = {f"metric.{key}": value for key, value in sorted(run.metrics.items())}
    for key, value in sorted(run.tags.items()):
        if not key.startswith(OWN_TAGS):
            found[f"tag.{key}"] = value
    user = run.user or run.tags.get("mlflow.user")
    if user:
        found["user"] = user
    if code(run.tags) is None and _COMMIT in run.tags:
        found["changed_commit"] = run.tags[_COMMIT]
    hints = sorted({f"{data.context}:{data.name}#{data.digest}" for data in run.datasets})
    if hints:
        found["dataset_digest_hint"] = "; ".join(hints)
    for key, value in sorted(run.params.items()):
        found[f"param.{key}" if key in found else key] = value
    return found
