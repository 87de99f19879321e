"""A tracking store in files: the folder `mlruns`.

Of a run: `EXPERIMENT/RUN/meta.yaml` and a file for each param, tag and metric; data sets lie beside
the runs of their experiment, logged models too; registered models are in `models/` at the top.
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import yaml  # type: ignore[import-untyped]

from lineage.errors import ReadError
from lineage.records import SetAside
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
    later,
    metric,
    text,
    whole,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

META = "meta.yaml"
TRASH = ".trash"
MODELS = "models"
RESERVED = frozenset({"tags", "datasets", "traces", MODELS})
RUN_STATUS = {1: "RUNNING", 2: "SCHEDULED", 3: "FINISHED", 4: "FAILED", 5: "KILLED"}
_RUN_ID = re.compile(r"[0-9a-f]{32}")
_DIGITS = re.compile(r"\d+")
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

Meta = dict[str, Any]


class _BadFileError(Exception):
    """A file cannot be used; its text says why."""


def is_store(folder: Path) -> bool:
    """Whether a folder holds experiments or registered models as MLflow lays them out."""
    try:
        return any(_is_experiment(place) for place in _folders(folder)) or any(
            (place / META).is_file() for place in _folders(folder / MODELS)
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
            for place in _folders(parent):
                if (parent == self._root and place.name == MODELS) or place.name == TRASH:
                    continue
                if _DIGITS.fullmatch(place.name) or (place / META).exists():
                    yield self._experiment(place, deleted=parent != self._root)

    def _experiment(self, place: Path, *, deleted: bool) -> Experiment | SetAside:
        try:
            meta = _meta(place, "name")
            return Experiment(
                # The folder's name, for that is where the runs are.
                id=place.name,
                name=str(meta["name"]),
                deleted=deleted or meta.get("lifecycle_stage") == "deleted",
                created=whole(meta.get("creation_time")),
                updated=whole(meta.get("last_update_time")),
                tags=_texts(place / "tags"),
            )
        except _BadFileError as error:
            return self._aside("experiment", place, error)

    def parents(self) -> set[str]:
        """Ids of runs that others name as their parent."""
        found = set()
        for experiment in _folders(self._root):
            for place in self._run_folders(experiment):
                tag = place / "tags" / PARENT
                with suppress(_BadFileError):  # which the run tells of
                    found.add(_text(tag))
        return found

    def _run_folders(self, experiment: Path) -> list[Path]:
        """Folders that are runs, or look as if they had been."""
        return [
            place
            for place in _folders(experiment)
            if place.name not in RESERVED
            and ((place / META).exists() or _RUN_ID.fullmatch(place.name))
        ]

    def runs(self, experiments: list[str]) -> Iterator[TrackedRun | Deleted | SetAside]:
        """Runs in the order of their ids."""
        for id_ in experiments:
            for place in self._run_folders(self._root / id_):
                try:
                    yield from self._run(place, id_)
                except _BadFileError as error:
                    yield self._aside("run", place, error)

    def _run(self, place: Path, experiment: str) -> Iterator[TrackedRun | Deleted | SetAside]:
        meta = _meta(place)
        if meta.get("lifecycle_stage") == "deleted":
            yield Deleted(experiment)
            return
        id_ = text(meta.get("run_id") or meta.get("run_uuid"))
        if id_ is None:
            raise _BadFileError(f"{META} has no run_id")
        run = TrackedRun(
            id=id_,
            experiment=experiment,
            name=text(meta.get("run_name") or meta.get("name")),
            status=RUN_STATUS.get(whole(meta.get("status")) or 1, text(meta.get("status"))),
            user=text(meta.get("user_id")),
            started=whole(meta.get("start_time")),
            ended=whole(meta.get("end_time")),
            artifacts=text(meta.get("artifact_uri")),
            params=_texts(place / "params"),
            tags=_texts(place / "tags"),
        )
        for key, file in _files(place / "metrics"):
            try:
                step, time, value = _last(file)
            except _BadFileError as error:
                yield self._aside("metric", file, error)
                continue
            run.metrics[key] = value
            run.measured = max(run.measured or 0, time)
        yield from self._inputs(run, place)
        yield run

    def _inputs(self, run: TrackedRun, place: Path) -> Iterator[SetAside]:
        for folder in _folders(place / "inputs"):
            try:
                meta = _meta(folder, "source_type", "source_id")
                if meta["source_type"] == "MODEL":
                    run.reads.append(str(meta["source_id"]))
                elif meta["source_type"] == "DATASET":
                    run.datasets.append(_dataset(place.parent, meta))
            except _BadFileError as error:
                yield self._aside("input", folder, error)
        run.datasets.sort()
        run.writes = [folder.name for folder in _folders(place / "outputs")]

    def models(self, experiments: list[str]) -> Iterator[LoggedModel | SetAside]:
        """Logged models in the order of experiments and ids."""
        for id_ in experiments:
            for place in _folders(self._root / id_ / MODELS):
                try:
                    found = _model(place, id_)
                except _BadFileError as error:
                    yield self._aside("model", place, error)
                    continue
                if found is not None:
                    yield found

    def registered(self) -> Iterator[RegisteredModel | SetAside]:
        """Registered models in the order of their names."""
        for place in _folders(self._root / MODELS):
            try:
                meta = _meta(place, "name")
                model = RegisteredModel(
                    name=str(meta["name"]),
                    description=text(meta.get("description")),
                    created=whole(meta.get("creation_timestamp")),
                    updated=whole(meta.get("last_updated_timestamp")),
                    tags=_texts(place / "tags"),
                    aliases=_texts(place / "aliases"),
                )
            except _BadFileError as error:
                yield self._aside("registered model", place, error)
                continue
            for folder in _folders(place):
                if folder.name.startswith("version-"):
                    yield from self._version(model, folder)
            model.versions.sort(key=lambda version: (whole(version.version) or 0, version.version))
            yield model

    def _version(self, model: RegisteredModel, place: Path) -> Iterator[SetAside]:
        try:
            version = _version(model.name, place)
        except _BadFileError as error:
            yield self._aside("model version", place, error)
            return
        if version.stage != "Deleted_Internal":
            model.versions.append(version)

    def _aside(self, kind: str, place: Path, error: Exception) -> SetAside:
        position = place.relative_to(self._root).as_posix()
        return SetAside(kind=kind, position=position, reason=str(error))


def _dataset(experiment: Path, link: Meta) -> DataSet:
    meta = _meta(experiment / "datasets" / _safe(link["source_id"]), "name", "source")
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


def _model(place: Path, experiment: str) -> LoggedModel | None:
    meta = _meta(place, "model_id", "name")
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
        params=_texts(place / "params"),
        tags=_texts(place / "tags"),
    )


def _version(name: str, place: Path) -> ModelVersion:
    meta = _meta(place, "version")
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
        tags=_texts(place / "tags"),
    )


def _safe(name: object) -> str:
    """A name that stays within its folder."""
    found = str(name)
    if not found or "/" in found or "\\" in found or found in {".", ".."}:
        raise _BadFileError(f"{found[:80]!r} is no name of a folder")
    return found


def _meta(place: Path, *needed: str) -> Meta:
    """The mapping in a folder's `meta.yaml`."""
    try:
        found = yaml.load(_text(place / META), Loader=_LOADER)  # noqa: S506 (it is a safe loader)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        where = getattr(error, "problem_mark", None)
        line = f", line {where.line + 1}" if where is not None else ""
        raise _BadFileError(f"{META} is no YAML{line}") from None
    if not isinstance(found, dict):
        raise _BadFileError(f"{META} holds no keys; it may be empty or cut short")
    missing = [name for name in needed if found.get(name) is None]
    if missing:
        raise _BadFileError(f"{META} has no {missing[0]}")
    return found


def _text(file: Path) -> str:
    try:
        return file.read_bytes().decode("utf-8", "backslashreplace")
    except FileNotFoundError:
        raise _BadFileError(f"there is no {file.name}") from None
    except OSError as error:
        raise _BadFileError(f"{file.name} cannot be read: {error.strerror}") from None


def _texts(folder: Path) -> dict[str, str]:
    """The contents of the files in a folder; a name may have slashes, and is a path then."""
    return {key: _text(file) for key, file in _files(folder)}


def _files(folder: Path) -> list[tuple[str, Path]]:
    if not folder.is_dir():
        return []
    found = (file for file in folder.rglob("*") if file.is_file())
    return sorted((file.relative_to(folder).as_posix(), file) for file in found)


def _folders(parent: Path) -> list[Path]:
    """The folders in a folder, by name; none where it is none."""
    try:
        return sorted(place for place in parent.iterdir() if place.is_dir())
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise ReadError(f"{parent} cannot be read: {error.strerror}") from None


def _last(file: Path) -> tuple[int, int, float]:
    """Step, time and value of a metric's last entry: the greatest, as MLflow has it."""
    best: tuple[int, int, float] | None = None
    for number, line in enumerate(_text(file).splitlines(), start=1):
        parts = line.split(" ")
        try:
            step = int(parts[2]) if len(parts) > 2 else 0
            entry = step, int(parts[0]), metric(float(parts[1]))
        except (ValueError, IndexError):
            raise _BadFileError(f"line {number} is no metric: {line[:40]!r}") from None
        if best is None or later(entry) > later(best):
            best = entry
    if best is None:
        raise _BadFileError("it is empty")
    return best
