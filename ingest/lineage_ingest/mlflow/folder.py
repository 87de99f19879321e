"""A tracking store in files: the folder `mlruns`.

Of a run: `EXPERIMENT/RUN/meta.yaml` and a file for each param, tag and metric; data sets lie beside
the runs of their experiment, logged models too; registered models are in `models/` at the top.
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING

from lineage.errors import ReadError
from lineage.records import SetAside
from lineage_ingest.mlflow.files import (
    META,
    OUTSIDE,
    BadFileError,
    Tree,
    inside,
)
from lineage_ingest.mlflow.model import (
    CONTEXT,
    MODEL_STATUS,
    PARENT,
    DataSet,
    Deleted,
    Experiment,
    LoggedModel,
    ModelVersion,
    RegisteredModel,
    TrackedRun,
    text,
    whole,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lineage_ingest.mlflow.files import Meta

TRASH = ".trash"
MODELS = "models"
RESERVED = frozenset({"tags", "datasets", "traces", MODELS})
RUN_STATUS = {1: "RUNNING", 2: "SCHEDULED", 3: "FINISHED", 4: "FAILED", 5: "KILLED"}
_RUN_ID = re.compile(r"[0-9a-f]{32}")
_DIGITS = re.compile(r"\d+")


def is_store(folder: Path) -> bool:
    """Whether a folder holds experiments or registered models as MLflow lays them out."""
    tree = Tree(folder.resolve())
    try:
        return any(_is_experiment(place) for place in tree.folders(folder)) or any(
            (place / META).is_file() for place in tree.folders(folder / MODELS)
        )
    except OSError:
        return False


def _is_experiment(place: Path) -> bool:
    """Whether a folder is an experiment's: it says so, or at least one of its runs does."""
    try:
        with (place / META).open(encoding="utf-8", errors="replace") as file:
            return "experiment_id" in file.read(10_000)
    except OSError:
        return False


class FolderStore:
    """A store in files; see the protocol `Store`.

    Raises:
        ReadError: the folder cannot be read, or is no tracking store.
    """

    version = "MLflow files"

    def __init__(self, folder: Path) -> None:
        self._root = folder.expanduser().resolve()
        self._tree = Tree(self._root)
        if not self._root.is_dir():
            raise ReadError(f"{folder} is no folder")
        if not is_store(self._root):
            inner = self._root / "mlruns"
            hint = f"; name the folder in it, {inner}" if inner.is_dir() else ""
            raise ReadError(
                f"{folder} is no MLflow store: no folder in it has an experiment's {META}{hint}"
            )

    @property
    def source(self) -> str:
        """`file:///absolute/path`."""
        return self._root.as_uri()

    def close(self) -> None:
        """Nothing is held open."""

    def experiments(self) -> Iterator[Experiment | SetAside]:
        """All experiments, then those in the trash."""
        for parent in (self._root, self._root / TRASH):
            for place in self._tree.folders(parent):
                if (parent == self._root and place.name == MODELS) or place.name == TRASH:
                    continue
                if _DIGITS.fullmatch(place.name) or (place / META).exists():
                    yield self._experiment(place, deleted=parent != self._root)

    def _experiment(self, place: Path, *, deleted: bool) -> Experiment | SetAside:
        try:
            meta = self._tree.meta_of(place, "name")
            return Experiment(
                # The folder's name, for that is where the runs are.
                id=place.name,
                name=str(meta["name"]),
                deleted=deleted or meta.get("lifecycle_stage") == "deleted",
                created=whole(meta.get("creation_time")),
                updated=whole(meta.get("last_update_time")),
                tags=self._tree.contents(place / "tags"),
            )
        except BadFileError as error:
            return self._aside("experiment", place, error)

    def parents(self) -> set[str]:
        """Ids of runs that others name as their parent."""
        found = set()
        for experiment in self._tree.folders(self._root):
            for place in self._run_folders(experiment):
                tag = place / "tags" / PARENT
                with suppress(BadFileError):  # which the run tells of
                    found.add(self._tree.content(tag))
        return found

    def _run_folders(self, experiment: Path) -> list[Path]:
        """Folders that are runs, or look as if they had been."""
        return [
            place
            for place in self._tree.folders(experiment)
            if place.name not in RESERVED
            and ((place / META).exists() or _RUN_ID.fullmatch(place.name))
        ]

    def runs(self, experiments: list[str]) -> Iterator[TrackedRun | Deleted | SetAside]:
        """Runs in the order of their ids, then links that were not followed."""
        for id_ in experiments:
            for place in self._run_folders(self._root / id_):
                try:
                    yield from self._run(place, id_)
                except BadFileError as error:
                    yield self._aside("run", place, error)
        for place in self._tree.links:
            yield self._aside("link", place, BadFileError(f"it {OUTSIDE}"))

    def _run(self, place: Path, experiment: str) -> Iterator[TrackedRun | Deleted | SetAside]:
        meta = self._tree.meta_of(place)
        if meta.get("lifecycle_stage") == "deleted":
            yield Deleted(experiment)
            return
        id_ = text(meta.get("run_id") or meta.get("run_uuid"))
        if id_ is None:
            raise BadFileError(f"{META} has no run_id")
        run = TrackedRun(
            id=id_,
            experiment=experiment,
            name=text(meta.get("run_name") or meta.get("name")),
            status=RUN_STATUS.get(whole(meta.get("status")) or 1, text(meta.get("status"))),
            user=text(meta.get("user_id")),
            started=whole(meta.get("start_time")),
            ended=whole(meta.get("end_time")),
            artifacts=text(meta.get("artifact_uri")),
            params=self._tree.contents(place / "params"),
            tags=self._tree.contents(place / "tags"),
        )
        for key, file in self._tree.files(place / "metrics"):
            try:
                _, time, value = self._tree.last_metric(file)
            except BadFileError as error:
                yield self._aside("metric", file, error)
                continue
            run.metrics[key] = value
            run.measured = max(run.measured or 0, time)
        yield from self._inputs(run, place)
        yield run

    def _inputs(self, run: TrackedRun, place: Path) -> Iterator[SetAside]:
        for folder in self._tree.folders(place / "inputs"):
            try:
                meta = self._tree.meta_of(folder, "source_type", "source_id")
                if meta["source_type"] == "MODEL":
                    run.reads.append(str(meta["source_id"]))
                elif meta["source_type"] == "DATASET":
                    run.datasets.append(_dataset(self._tree, place.parent, meta))
            except BadFileError as error:
                yield self._aside("input", folder, error)
        run.datasets.sort()
        run.writes = [folder.name for folder in self._tree.folders(place / "outputs")]

    def models(self, experiments: list[str]) -> Iterator[LoggedModel | SetAside]:
        """Logged models in the order of experiments and ids."""
        for id_ in experiments:
            for place in self._tree.folders(self._root / id_ / MODELS):
                try:
                    found = _model(self._tree, place, id_)
                except BadFileError as error:
                    yield self._aside("model", place, error)
                    continue
                if found is not None:
                    yield found

    def registered(self) -> Iterator[RegisteredModel | SetAside]:
        """Registered models in the order of their names."""
        for place in self._tree.folders(self._root / MODELS):
            try:
                meta = self._tree.meta_of(place, "name")
                model = RegisteredModel(
                    name=str(meta["name"]),
                    description=text(meta.get("description")),
                    created=whole(meta.get("creation_timestamp")),
                    updated=whole(meta.get("last_updated_timestamp")),
                    tags=self._tree.contents(place / "tags"),
                    aliases=self._tree.contents(place / "aliases"),
                )
            except BadFileError as error:
                yield self._aside("registered model", place, error)
                continue
            for folder in self._tree.folders(place):
                if folder.name.startswith("version-"):
                    yield from self._version(model, folder)
            model.versions.sort(key=lambda version: (whole(version.version) or 0, version.version))
            yield model

    def _version(self, model: RegisteredModel, place: Path) -> Iterator[SetAside]:
        try:
            version = _version(self._tree, model.name, place)
        except BadFileError as error:
            yield self._aside("model version", place, error)
            return
        if version.stage != "Deleted_Internal":
            model.versions.append(version)

    def _aside(self, kind: str, place: Path, error: Exception) -> SetAside:
        position = place.relative_to(self._root).as_posix()
        return SetAside(kind=kind, position=position, reason=str(error))


def _dataset(tree: Tree, experiment: Path, link: Meta) -> DataSet:
    meta = tree.meta_of(experiment / "datasets" / inside(link["source_id"]), "name", "source")
    tags = link.get("tags")
    return DataSet(
        str(meta["name"]),
        str(meta.get("digest") or ""),
        str(meta.get("source_type") or ""),
        str(meta["source"]),
        text(meta.get("schema")),
        text(meta.get("profile")),
        str(tags.get(CONTEXT) or "") if isinstance(tags, dict) else "",
    )


def _model(tree: Tree, place: Path, experiment: str) -> LoggedModel | None:
    meta = tree.meta_of(place, "model_id", "name")
    if meta.get("lifecycle_stage") == "deleted":
        return None
    return LoggedModel(
        id=str(meta["model_id"]),
        name=str(meta["name"]),
        experiment=experiment,
        run=text(meta.get("source_run_id")),
        location=text(meta.get("artifact_location")),
        type=text(meta.get("model_type")),
        status=MODEL_STATUS.get(whole(meta.get("status")) or 0),
        created=whole(meta.get("creation_timestamp")),
        updated=whole(meta.get("last_updated_timestamp")),
        params=tree.contents(place / "params"),
        tags=tree.contents(place / "tags"),
    )


def _version(tree: Tree, name: str, place: Path) -> ModelVersion:
    meta = tree.meta_of(place, "version")
    return ModelVersion(
        name=name,
        version=str(meta["version"]),
        source=text(meta.get("source")),
        storage=text(meta.get("storage_location")),
        run=text(meta.get("run_id")),
        model=text(meta.get("model_id")),
        stage=text(meta.get("current_stage")),
        status=text(meta.get("status")),
        description=text(meta.get("description")),
        created=whole(meta.get("creation_timestamp")),
        updated=whole(meta.get("last_updated_timestamp")),
        tags=tree.contents(place / "tags"),
    )
