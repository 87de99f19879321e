"""A tracking server, read by MLflow's own client."""

from __future__ import annotations

import os
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from lineage.errors import MissingExtraError, ReadError
from lineage.safe import without_login
from lineage_ingest.mlflow.model import (
    CONTEXT,
    PARENT,
    DataSet,
    Deleted,
    Experiment,
    LoggedModel,
    ModelVersion,
    RegisteredModel,
    TrackedRun,
    metric,
    text,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

PAGE = 500
EXPERIMENTS = 50
"""Experiments in one request for runs."""

RETRIES = {"MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2", "MLFLOW_HTTP_REQUEST_TIMEOUT": "60"}
"""Of MLflow's environment; by default it tries for minutes to reach what is not there."""

_LOGIN = re.compile(r"//[^/\s]*@")
_UNKNOWN = frozenset({"ENDPOINT_NOT_FOUND", "NOT_IMPLEMENTED"})
_REFUSED = frozenset({"UNAUTHENTICATED", "PERMISSION_DENIED", "CUSTOMER_UNAUTHORIZED"})


class ServerStore:
    """A tracking server; see the protocol `Store`.

    Logins come from MLflow's own environment variables, `MLFLOW_TRACKING_TOKEN` or
    `MLFLOW_TRACKING_USERNAME` and `MLFLOW_TRACKING_PASSWORD`, or stand in the address.

    Raises:
        ReadError: it does not answer, or refuses.
        MissingExtraError: MLflow's client is not installed.
    """

    def __init__(self, location: str) -> None:
        try:
            from mlflow import MlflowClient
            from mlflow.version import VERSION
        except ImportError as error:
            raise MissingExtraError(
                f"{without_login(location)} is read by MLflow's client, which cannot be imported "
                f"({error.name}): pip install 'lineage-graphlets[mlflow]'"
            ) from None
        self.source = without_login(location).partition("#")[0].rstrip("/")
        self.version = f"MLflow server, by client {VERSION}"
        self._secrets = _secrets(location)
        self._has_models = False
        # The client would put its paths behind a query.
        address = urlsplit(location)._replace(query="", fragment="").geturl()
        with self._errors():
            self._client = MlflowClient(tracking_uri=address, registry_uri=address)
            self._client.search_experiments(max_results=1)

    def close(self) -> None:
        """The client holds nothing open."""

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """Turn the client's errors into a `ReadError` without secrets, and do not try for ever."""
        from mlflow.exceptions import MlflowException

        added = {name: value for name, value in RETRIES.items() if name not in os.environ}
        os.environ.update(added)
        try:
            yield
        # The client lets through what `requests` raises, all of which are OSErrors.
        except (MlflowException, OSError) as error:
            raise self._read_error(error) from None
        finally:
            for name in added:
                os.environ.pop(name, None)

    def _read_error(self, error: Exception) -> ReadError:
        words = _LOGIN.sub("//", " ".join(str(error).split()))
        for secret in self._secrets:
            words = words.replace(secret, "***")
        _, broken, cause = words.partition("(Caused by ")
        if broken:
            reason = f"is it running, and within reach? ({_short(cause.rstrip(')'))})"
            return ReadError(f"{self.source} does not answer; {reason}")
        if getattr(error, "error_code", None) in _REFUSED or "error code 401" in words:
            hint = "set MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and _PASSWORD"
            return ReadError(f"{self.source} refuses: {hint} ({_short(words)})")
        hint = "is it an MLflow tracking server?"
        return ReadError(f"{self.source} cannot be read; {hint} ({_short(words)})")

    def _pages(self, search: Callable[..., Any], **how: Any) -> Iterator[Any]:
        """All results of a search."""
        token = None
        while True:
            with self._errors():
                page = search(**how, page_token=token)
            yield from page
            token = page.token
            if not token:
                return

    def experiments(self) -> Iterator[Experiment]:
        """All experiments."""
        from mlflow.entities import ViewType

        search = self._client.search_experiments
        for one in self._pages(search, view_type=ViewType.ALL, max_results=PAGE):
            yield Experiment(
                id=str(one.experiment_id),
                name=str(one.name),
                deleted=one.lifecycle_stage == "deleted",
                created=one.creation_time,
                updated=one.last_update_time,
                tags=dict(one.tags),
            )

    def parents(self) -> set[str]:
        """Ids of runs that others name as their parent."""
        ids = [one.id for one in self.experiments() if not one.deleted]
        nested = self._runs(ids, f"tags.`{PARENT}` != ''")
        return {run.data.tags[PARENT] for run in nested if PARENT in run.data.tags}

    def _runs(self, experiments: list[str], wanted: str = "") -> Iterator[Any]:
        from mlflow.entities import ViewType

        for at in range(0, len(experiments), EXPERIMENTS):
            yield from self._pages(
                self._client.search_runs,
                experiment_ids=experiments[at : at + EXPERIMENTS],
                filter_string=wanted,
                run_view_type=ViewType.ALL,
                max_results=PAGE,
                order_by=["attributes.start_time ASC"],
            )

    def runs(self, experiments: list[str]) -> Iterator[TrackedRun | Deleted]:
        """Runs in the order of their start."""
        for run in self._runs(experiments):
            info = run.info
            if info.lifecycle_stage == "deleted":
                yield Deleted(str(info.experiment_id))
            elif self._has_models:
                # A search leaves out which models a run read.
                with self._errors():
                    yield _run(self._client.get_run(info.run_id))
            else:
                yield _run(run)

    def models(self, experiments: list[str]) -> Iterator[LoggedModel]:
        """Logged models; none where the client or the server is older than MLflow 3."""
        from mlflow.exceptions import MlflowException

        search = getattr(self._client, "search_logged_models", None)
        if search is None:
            return
        for at in range(0, len(experiments), EXPERIMENTS):
            some = experiments[at : at + EXPERIMENTS]
            try:
                with self._errors():
                    search(experiment_ids=some, max_results=1)
            except ReadError as error:
                cause = error.__context__
                if isinstance(cause, MlflowException) and cause.error_code in _UNKNOWN:
                    return
                raise
            for one in self._pages(search, experiment_ids=some, max_results=50):
                self._has_models = True
                yield _model(one)

    def registered(self) -> Iterator[RegisteredModel]:
        """Registered models, each with its versions."""
        versions: dict[str, list[ModelVersion]] = {}
        for one in self._pages(self._client.search_model_versions, max_results=PAGE):
            if one.current_stage != "Deleted_Internal":
                versions.setdefault(str(one.name), []).append(_version(one))
        for one in self._pages(self._client.search_registered_models, max_results=PAGE):
            yield RegisteredModel(
                name=str(one.name),
                description=text(one.description),
                created=one.creation_timestamp,
                updated=one.last_updated_timestamp,
                tags=dict(one.tags),
                aliases={str(key): str(value) for key, value in _aliases(one).items()},
                versions=sorted(versions.get(str(one.name), []), key=lambda v: int(v.version)),
            )


def _short(words: str) -> str:
    return words if len(words) <= 300 else f"{words[:300]}..."


def _aliases(model: Any) -> Mapping[str, Any]:
    """None before MLflow 2.3."""
    found: Mapping[str, Any] | None = getattr(model, "aliases", None)
    return found or {}


def _run(run: Any) -> TrackedRun:
    info, data = run.info, run.data
    # The entities hold times; `data.metrics` has the values alone.
    logged = list(getattr(data, "_metric_objs", None) or ())
    inputs, outputs = run.inputs, getattr(run, "outputs", None)
    return TrackedRun(
        id=str(info.run_id),
        experiment=str(info.experiment_id),
        name=text(info.run_name),
        status=text(info.status),
        user=text(info.user_id),
        started=info.start_time,
        ended=info.end_time,
        artifacts=text(info.artifact_uri),
        params=dict(data.params),
        metrics={key: metric(float(value)) for key, value in data.metrics.items()},
        measured=max((one.timestamp for one in logged), default=None),
        tags=dict(data.tags),
        datasets=sorted(_dataset(one) for one in (inputs.dataset_inputs if inputs else ())),
        reads=[one.model_id for one in (getattr(inputs, "model_inputs", None) or ())],
        writes=[one.model_id for one in (outputs.model_outputs if outputs else ())],
    )


def _dataset(given: Any) -> DataSet:
    data = given.dataset
    context = next((tag.value for tag in given.tags if tag.key == CONTEXT), "")
    return DataSet(
        str(data.name),
        str(data.digest or ""),
        str(data.source_type or ""),
        str(data.source or ""),
        text(data.schema),
        text(data.profile),
        str(context or ""),
    )


def _model(one: Any) -> LoggedModel:
    return LoggedModel(
        id=str(one.model_id),
        name=str(one.name),
        experiment=str(one.experiment_id),
        run=text(one.source_run_id),
        location=text(one.artifact_location),
        type=text(one.model_type),
        status=text(one.status),
        created=one.creation_timestamp,
        updated=one.last_updated_timestamp,
        params=dict(one.params or {}),
        tags=dict(one.tags or {}),
    )


def _version(one: Any) -> ModelVersion:
    return ModelVersion(
        name=str(one.name),
        version=str(one.version),
        source=text(one.source),
        run=text(one.run_id),
        model=text(getattr(one, "model_id", None)),
        stage=text(one.current_stage),
        status=text(one.status),
        description=text(one.description),
        created=one.creation_timestamp,
        updated=one.last_updated_timestamp,
        tags=dict(one.tags),
    )


def _secrets(location: str) -> list[str]:
    """What must not be in messages."""
    parts = urlsplit(location)
    told = (parts.password, parts.query, os.environ.get("MLFLOW_TRACKING_TOKEN"))
    found = [*told, os.environ.get("MLFLOW_TRACKING_PASSWORD")]
    return [form for one in found if one for form in (one, unquote(one))]
