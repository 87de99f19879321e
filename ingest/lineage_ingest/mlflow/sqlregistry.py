"""The registered models of a tracking store in a database."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from lineage_ingest.mlflow.model import ModelVersion, RegisteredModel, text, whole

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lineage_ingest.mlflow.sql import Database, Row

DEFAULT = "default"
"""The workspace where there are no workspaces."""


def registered(db: Database) -> Iterator[RegisteredModel]:
    """Registered models in the order of their names; none before MLflow 1.4."""
    if not db.has("registered_models"):
        return
    found: dict[str, RegisteredModel] = {}

    def model(workspace: object, name: object) -> RegisteredModel:
        full = _full(workspace, name)
        return found.setdefault(full, RegisteredModel(name=full))

    fields = "workspace", "name", "description", "creation_time", "last_updated_time"
    for workspace, name, words, created, updated in _whole(db, "registered_models", *fields):
        one = model(workspace, name)
        one.description, one.created, one.updated = text(words), whole(created), whole(updated)
    rows = _whole(db, "registered_model_tags", "workspace", "name", "key", "value")
    for workspace, name, key, value in rows:
        model(workspace, name).tags[str(key)] = str(value or "")
    rows = _whole(db, "registered_model_aliases", "workspace", "name", "alias", "version")
    for workspace, name, alias, number in rows:
        model(workspace, name).aliases[str(alias)] = str(number)
    for version in _versions(db):
        model(None, version.name).versions.append(version)
    yield from (found[name] for name in sorted(found))


def _versions(db: Database) -> Iterator[ModelVersion]:
    tags: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    for workspace, name, version, key, value in _whole(
        db, "model_version_tags", "workspace", "name", "version", "key", "value"
    ):
        tags[_full(workspace, name), str(version)][str(key)] = str(value or "")
    fields = (
        "workspace", "name", "version", "source", "storage_location", "run_id",
        "current_stage", "status", "description", "creation_time", "last_updated_time",
    )  # fmt: skip
    rows = _whole(db, "model_versions", *fields)
    for workspace, name, number, *told in sorted(rows, key=lambda row: row[1:3]):
        source, storage, run, stage, status, words, created, updated = told
        full, version = _full(workspace, name), str(number)
        # What MLflow calls a deleted version keeps its row, without its content.
        if stage != "Deleted_Internal":
            yield ModelVersion(
                name=full,
                version=version,
                source=text(source),
                storage=text(storage),
                run=text(run),
                stage=text(stage),
                status=text(status),
                description=text(words),
                created=whole(created),
                updated=whole(updated),
                tags=tags.get((full, version), {}),
            )


def _whole(db: Database, name: str, *fields: str) -> list[Row]:
    return list(db.stream(db.columns(name, *fields))) if db.has(name) else []


def _full(workspace: object, name: object) -> str:
    """A model's name; names are unique within a workspace only."""
    return str(name) if workspace in {None, DEFAULT} else f"{workspace}/{name}"
