"""The rows of a tracking store in a database, as things of MLflow."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from lineage.records import SetAside
from lineage_ingest.mlflow.model import (
    CONTEXT,
    MODEL_STATUS,
    PARENT,
    DataSet,
    Deleted,
    Experiment,
    LoggedModel,
    TrackedRun,
    later,
    metric,
    text,
    whole,
)
from lineage_ingest.mlflow.sql import Database
from lineage_ingest.mlflow.sqlregistry import registered

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lineage_ingest.mlflow.model import RegisteredModel
    from lineage_ingest.mlmd.location import Location

BATCH = 200
"""Runs at a time: SQLite before 3.32 takes 999 values in one statement."""


class SqlStore:
    """A store in a database; see the protocol `Store`."""

    def __init__(self, location: Location) -> None:
        self._location = location
        self._db = Database(location)

    @property
    def source(self) -> str:
        """`sqlite:////absolute/path`, or `mysql://host/database`."""
        return self._location.source

    @property
    def version(self) -> str:
        """`MLflow schema 7ac759974ad8`."""
        return f"MLflow schema {self._db.schema}"

    def close(self) -> None:
        """Let go of the connection."""
        self._db.close()

    def experiments(self) -> Iterator[Experiment]:
        """All experiments."""
        fields = "experiment_id", "name", "lifecycle_stage", "creation_time", "last_update_time"
        order = self._db.table("experiments").c.experiment_id
        rows = list(self._db.stream(self._db.columns("experiments", *fields).order_by(order)))
        for part in _parts(rows):
            tags = self._db.pairs("experiment_tags", "experiment_id", [row[0] for row in part])
            for id_, name, stage, created, updated in part:
                yield Experiment(
                    id=str(id_),
                    name=str(name),
                    deleted=stage == "deleted",
                    created=whole(created),
                    updated=whole(updated),
                    tags=tags.get(str(id_), {}),
                )

    def parents(self) -> set[str]:
        """Ids of runs that others name as their parent."""
        tags = self._db.table("tags").c
        query = select(tags.value).where(tags.key == PARENT).distinct()
        return {str(value) for (value,) in self._db.stream(query)}

    def runs(self, experiments: list[str]) -> Iterator[TrackedRun | Deleted | SetAside]:
        """Runs in the order of their start."""
        wanted = set(experiments)
        for experiment, number in self._deleted():
            if experiment in wanted:
                yield Deleted(experiment, number)
        runs = self._db.table("runs").c
        query = select(runs.run_uuid, runs.experiment_id)
        # Unknown is not deleted, whatever SQL makes of a comparison with nothing.
        query = query.where(func.coalesce(runs.lifecycle_stage, "active") != "deleted")
        rows = self._db.stream(query.order_by(runs.start_time, runs.run_uuid))
        ids = [str(run) for run, experiment in rows if str(experiment) in wanted]
        for part in _parts(ids):
            yield from self._some_runs(part)

    def _deleted(self) -> list[tuple[str, int]]:
        runs = self._db.table("runs").c
        query = select(runs.experiment_id, func.count()).where(runs.lifecycle_stage == "deleted")
        rows = self._db.stream(query.group_by(runs.experiment_id).order_by(runs.experiment_id))
        return [(str(experiment), int(number)) for experiment, number in rows]

    def _some_runs(self, ids: list[str]) -> Iterator[TrackedRun | SetAside]:
        fields = (
            "experiment_id", "name", "status", "user_id", "start_time", "end_time", "artifact_uri",
            "source_name", "source_version", "source_type", "entry_point_name",
        )  # fmt: skip
        found: dict[str, TrackedRun] = {}
        tags = self._db.pairs("tags", "run_uuid", ids)
        for row in self._db.among("runs", "run_uuid", ids, *fields):
            id_, experiment, name, status, user, started, ended, artifacts, *old = row
            found[str(id_)] = TrackedRun(
                id=str(id_),
                experiment=str(experiment),
                name=text(name),
                status=text(status),
                user=text(user),
                started=whole(started),
                ended=whole(ended),
                artifacts=text(artifacts),
                tags=_old_tags(*old) | tags.get(str(id_), {}),
            )
        for id_, params in self._db.pairs("params", "run_uuid", ids).items():
            if id_ in found:
                found[id_].params = params
        yield from self._metrics(found)
        self._inputs(found)
        yield from (found[id_] for id_ in ids if id_ in found)

    def _metrics(self, runs: dict[str, TrackedRun]) -> Iterator[SetAside]:
        """The last value of each metric: of the greatest step, then time, then value."""
        name = "latest_metrics" if self._db.has("latest_metrics") else "metrics"
        last: dict[tuple[str, str], tuple[int, int, float]] = {}
        rows = self._db.among(
            name, "run_uuid", list(runs), "key", "value", "timestamp", "step", "is_nan"
        )
        for id_, key, value, time, step, is_nan in rows:
            where = str(id_), str(key)
            number = _number(value, is_nan)
            if number is None:
                yield SetAside(
                    kind="metric",
                    position=f"run {id_} metric {key}",
                    reason=f"its value {str(value)[:40]!r} is no number",
                )
                continue
            # Not a number compares as less than all others, as MLflow has it.
            entry = whole(step) or 0, whole(time) or 0, number
            if where not in last or later(entry) > later(last[where]):
                last[where] = entry
        for (id_, key), (_, time, number) in sorted(last.items()):
            runs[id_].metrics[key] = number
            runs[id_].measured = max(runs[id_].measured or 0, time)

    def _inputs(self, runs: dict[str, TrackedRun]) -> None:
        ids = list(runs)
        kinds = "RUN_INPUT", "RUN_OUTPUT"
        fields = "source_type", "destination_id"
        for id_, kind, model in self._db.among(
            "inputs", "source_id", ids, *fields, source_type=kinds
        ):
            run = runs[str(id_)]
            (run.reads if kind == "RUN_INPUT" else run.writes).append(str(model))
        only = {"destination_type": ("RUN",), "source_type": ("DATASET",)}
        fields = "input_uuid", "source_id"
        read = [
            (str(run_id), str(input_), str(dataset))
            for run_id, input_, dataset in self._db.among(
                "inputs", "destination_id", ids, *fields, **only
            )
        ]
        tags: dict[str, dict[str, str]] = {}
        for inputs in _parts([input_ for _, input_, _ in read]):
            tags |= self._db.named("input_tags", "input_uuid", inputs, ("name", "value"))
        datasets = self._datasets(sorted({dataset for _, _, dataset in read}))
        for run_id, input_, dataset in read:
            if dataset in datasets:
                context = tags.get(input_, {}).get(CONTEXT, "")
                runs[run_id].datasets.append(datasets[dataset]._replace(context=context))
        for run in runs.values():
            run.datasets.sort()

    def _datasets(self, ids: list[str]) -> dict[str, DataSet]:
        fields = (
            "name", "digest", "dataset_source_type", "dataset_source", "dataset_schema",
            "dataset_profile",
        )  # fmt: skip
        found = {}
        for part in _parts(ids):
            for id_, *told in self._db.among("datasets", "dataset_uuid", part, *fields):
                name, digest, kind, source = (str(value or "") for value in told[:4])
                schema, profile = text(told[4]), text(told[5])
                found[str(id_)] = DataSet(name, digest, kind, source, schema, profile, "")
        return found

    def models(self, experiments: list[str]) -> Iterator[LoggedModel]:
        """Logged models in the order of their ids; none before MLflow 3."""
        if not self._db.has("logged_models"):
            return
        fields = (
            "model_id", "name", "experiment_id", "source_run_id", "artifact_location", "model_type",
            "status", "creation_timestamp_ms", "last_updated_timestamp_ms", "lifecycle_stage",
        )  # fmt: skip
        order = self._db.table("logged_models").c.model_id
        wanted = set(experiments)
        rows = [
            row
            for row in self._db.stream(self._db.columns("logged_models", *fields).order_by(order))
            if str(row[2]) in wanted and row[9] != "deleted"
        ]
        for part in _parts(rows):
            ids = [str(row[0]) for row in part]
            keys = ("param_key", "param_value"), ("tag_key", "tag_value")
            params = self._db.named("logged_model_params", "model_id", ids, keys[0])
            tags = self._db.named("logged_model_tags", "model_id", ids, keys[1])
            for id_, name, experiment, run, location, type_, status, created, updated, _ in part:
                yield LoggedModel(
                    id=str(id_),
                    name=str(name),
                    experiment=str(experiment),
                    run=text(run),
                    location=text(location),
                    type=text(type_),
                    status=MODEL_STATUS.get(whole(status) or 0),
                    created=whole(created),
                    updated=whole(updated),
                    params=params.get(str(id_), {}),
                    tags=tags.get(str(id_), {}),
                )

    def registered(self) -> Iterator[RegisteredModel]:
        """Registered models in the order of their names; none before MLflow 1.4."""
        return registered(self._db)


def _old_tags(name: object, commit: object, kind: object, entry: object) -> dict[str, str]:
    """What was a column of a run before MLflow 1.0 and a tag ever after."""
    told = {
        "mlflow.source.name": name,
        "mlflow.source.git.commit": commit,
        "mlflow.source.type": None if kind == "UNKNOWN" else kind,
        "mlflow.project.entryPoint": entry,
    }
    return {key: str(value) for key, value in told.items() if value}


def _number(value: object, is_nan: object) -> float | None:
    if is_nan:
        return float("nan")
    try:
        return metric(float(value))  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None


def _parts(items: Iterable[Any]) -> Iterator[list[Any]]:
    walk = iter(items)
    while part := list(islice(walk, BATCH)):
        yield part
