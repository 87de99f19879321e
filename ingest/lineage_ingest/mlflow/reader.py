"""The reader of MLflow's stores."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, TypeVar
from urllib.parse import unquote, urlsplit

from lineage.errors import ReadError
from lineage.records import Membership, NodeKind, Pipeline, SetAside
from lineage.safe import without_login
from lineage_ingest.mlflow import registry
from lineage_ingest.mlflow.folder import FolderStore, is_store
from lineage_ingest.mlflow.model import (
    OWN_TAGS,
    PROMPT,
    Deleted,
    Experiment,
    LoggedModel,
    RegisteredModel,
)
from lineage_ingest.mlflow.runs import Runs
from lineage_ingest.mlmd import sqlite
from lineage_ingest.mlmd.location import SCHEMES, Location

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lineage.records import Record
    from lineage_ingest.mlflow.model import Store

T = TypeVar("T")

PUSHED_STAGES = ("Production",)
PUSHED_ALIASES = ("champion", "production", "prod")
IDENTITY = 200
SERVERS = frozenset({"http", "https"})
LOOK_SECONDS = 3
"""How long a database server may take to answer whether it holds a store of MLflow."""


class MlflowReader:
    """Reads MLflow: tracking stores by SQL, `mlruns` folders, and tracking servers.

    Takes the path of a SQLite file, `sqlite:///relative/path`, `sqlite:////absolute/path`,
    `mysql://user:password@host:port/database`, `postgresql://...`; a folder such as `mlruns`, also
    as `file:` address; and a tracking server's `http://` or `https://` address, which is read by
    MLflow's own client and with its environment variables for logins. Nothing is ever written.

    What becomes what:

    - Experiments are pipelines. A run is an execution; one that is not nested is a run, too, to
      which all that are nested in it belong. Its node is the project's entry point, else the name
      of its script without the suffix, else `run`. A run that made a model is of class `training`;
      one that only read one is an `evaluation`; one that only has nested runs is `other`; the rest
      is found by names, where the script's name counts, and autologged runs have the type
      `mlflow.autolog`.
    - Params keep their names; metrics (the last value of each) are `metric.NAME`, tags `tag.NAME`;
      `param.NAME` is a param whose name is taken. MLflow's own tags are left out. The code version
      is the commit, unless the working tree was changed.
    - Data sets are artifacts of class `span`, their context (`training`, ...) the role. The id is
      the address or name with the digest, or, where a version of a Delta table is known, that of
      the version in every source. The digest is only a hint: it is no `digest`.
    - Logged models, those in the tag `mlflow.log-model.history` and versions of registered models
      are artifacts of class `model`; a version is the model that it was registered from. A
      registered model is a context, as is each alias.
    - A version whose stage or alias is one of the pushed ones was deployed: an execution that cost
      nothing, with the property `inferred`. A stage has the time of the version's last update; an
      alias has none, and says `first seen`. Prompts in the registry are left out.

    Deleted things are left out; each pipeline has their number as the property `deleted_runs`, and
    the version tells how many experiments are deleted.

    Set aside: files that are broken, metrics that are no numbers, times that cannot be, and parents
    that are not there.

    MLflow keeps no time of a run's last change, so that a later read is always of everything.

    Attributes:
        name: what `--reader` takes.

    Raises:
        ReadError: the store cannot be opened or read.
        UnsupportedVersionError: its schema is not one that is read.
        MissingExtraError: a driver, or MLflow's client, is not installed.
    """

    name: ClassVar[str] = "mlflow"

    @classmethod
    def recognises(cls, location: str) -> bool:
        """Whether it is a web address, or a database or folder with what MLflow keeps.

        A database server is asked, with few seconds to answer, for other sources live there, too.
        """
        scheme = location.partition("://")[0].partition("+")[0] if "://" in location else ""
        if scheme in SERVERS:
            return True
        folder = _folder(location)
        if folder is not None:
            return folder.is_dir() and is_store(folder)
        if scheme not in {"", "sqlite", *SCHEMES}:
            return False
        try:
            place = Location.of(location)
        except ReadError:
            return False
        from lineage_ingest.mlflow.sql import SIGNATURE, holds_store

        if place.path is None:
            return holds_store(place, LOOK_SECONDS)
        return place.path.is_file() and sqlite.holds_tables(place.path, SIGNATURE)

    @classmethod
    def resembles(cls, location: str) -> bool:
        """Whether it is a folder called or holding `mlruns`, or a database before MLflow 1.0."""
        folder = _folder(location)
        if folder is not None:
            return folder.name == "mlruns" or (folder / "mlruns").is_dir()
        if "://" in location and not location.startswith("sqlite"):
            return False
        path = Location.of(location).path
        old = frozenset({"experiments", "runs"})
        return path is not None and path.is_file() and sqlite.holds_tables(path, old)

    def __init__(
        self,
        location: str,
        *,
        pushed_stages: Iterable[str] = PUSHED_STAGES,
        pushed_aliases: Iterable[str] = PUSHED_ALIASES,
    ) -> None:
        """Open a store.

        Args:
            location: a path or address; see the class.
            pushed_stages: stages that mean that a version was pushed.
            pushed_aliases: likewise for aliases.
        """
        self._stages, self._aliases = frozenset(pushed_stages), frozenset(pushed_aliases)
        self._store = _open(location)
        try:
            self._experiments, self._aside = _experiments(self._store)
        except BaseException:
            self.close()
            raise

    @property
    def source(self) -> str:
        """The store's address without login and query."""
        return self._store.source

    @property
    def version(self) -> str:
        """`MLflow schema 7ac759974ad8, 2 deleted experiments left out`."""
        deleted = sum(one.deleted for one in self._experiments)
        words = f"{deleted} deleted experiment{'s' if deleted > 1 else ''} left out"
        return f"{self._store.version}, {words}" if deleted else self._store.version

    @property
    def simulated(self) -> bool:
        """No: MLflow has no word for it."""
        return False

    @property
    def cursor(self) -> str | None:
        """None: runs have no time of their last change."""
        return None

    def total(self) -> int | None:
        """None: stores would have to be read to be counted."""
        return None

    def identity(self) -> dict[str, int]:
        """When the oldest experiments were made.

        Returns:
            `{"pipeline/1": 1717291145196, ...}`, milliseconds, for up to 200 experiments; empty
            before MLflow 1.29, which kept no such times.
        """
        known = [one for one in self._experiments if one.created and not one.deleted]
        known.sort(key=lambda one: (one.created or 0, one.id))
        return {f"pipeline/{one.id}": one.created or 0 for one in known[:IDENTITY]}

    def records(self, since: str | None = None) -> Iterator[Record]:  # noqa: ARG002
        """Contexts and models, then runs with what they read and wrote, then pipelines and pushes.

        Raises:
            ReadError: the store cannot be read.
        """
        yield from self._aside
        experiments = [one.id for one in self._experiments if not one.deleted]
        found: list[RegisteredModel] = []
        yield from _sort_out(self._store.registered(), found)
        models = registry.Registry(one for one in found if one.tags.get(PROMPT) != "true")
        yield from models.contexts()
        makers: dict[str, str | None] = {}
        for model in self._store.models(experiments):
            if isinstance(model, LoggedModel):
                makers[model.id] = model.run
                yield registry.logged(model, models)
            else:
                yield model
        runs = Runs(models, makers, self._store.parents())
        deleted = dict.fromkeys(experiments, 0)
        for run in self._store.runs(experiments):
            if isinstance(run, Deleted):
                deleted[run.experiment] += run.runs
            elif isinstance(run, SetAside):
                yield run
            else:
                yield from runs.records(run)
        yield from runs.rest()
        yield from self._pipelines(deleted, runs.tops)
        for version in models.left():
            if models.is_left(version):
                yield registry.registered(version, models)
        yield from models.memberships()
        yield from models.pushes(self._stages, self._aliases)

    def _pipelines(self, deleted: dict[str, int], tops: dict[str, str]) -> Iterator[Record]:
        for one in self._experiments:
            if not one.deleted:
                yield _pipeline(one, deleted[one.id])
        for run, experiment in tops.items():
            yield Membership(
                member_kind=NodeKind.RUN,
                member=run,
                container_kind=NodeKind.PIPELINE,
                container=experiment,
            )

    def close(self) -> None:
        """Let go of files and connections; a second time does nothing."""
        self._store.close()


def _pipeline(experiment: Experiment, deleted: int) -> Pipeline:
    tags = sorted(experiment.tags.items())
    told = {f"tag.{key}": value for key, value in tags if not key.startswith(OWN_TAGS)}
    return Pipeline(
        id=experiment.id,
        name=experiment.name,
        type="mlflow.experiment",
        created=experiment.created,
        updated=experiment.updated,
        properties={**told, **({"deleted_runs": deleted} if deleted else {})},
    )


def _experiments(store: Store) -> tuple[list[Experiment], list[SetAside]]:
    found: list[Experiment] = []
    aside = list(_sort_out(store.experiments(), found))
    return found, aside


def _sort_out(items: Iterable[T | SetAside], found: list[T]) -> Iterator[SetAside]:
    """Keep the good ones in a list, and hand on what was set aside."""
    for item in items:
        if isinstance(item, SetAside):
            yield item
        else:
            found.append(item)


def _folder(location: str) -> Path | None:
    """The folder that a location means; None where it means something else."""
    if location.startswith("file:"):
        return Path(unquote(urlsplit(location).path))
    if "://" in location:
        return None
    path = Path(location).expanduser()
    return path if path.is_dir() else None


def _open(location: str) -> Store:
    scheme = location.partition("://")[0].partition("+")[0].lower() if "://" in location else ""
    if scheme in SERVERS:
        from lineage_ingest.mlflow.server import ServerStore

        return ServerStore(location)
    folder = _folder(location)
    if folder is not None:
        return FolderStore(folder)
    if scheme not in {"", "sqlite", *SCHEMES}:
        raise ReadError(
            f"{without_login(location)} is no address of an MLflow store; it is a file, a folder, "
            "sqlite://, mysql://, postgresql://, http:// or https://"
        )
    from lineage_ingest.mlflow.sqlstore import SqlStore

    return SqlStore(Location.of(location))
