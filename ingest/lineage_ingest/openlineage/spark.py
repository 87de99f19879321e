"""What Spark's events leave out: the data that passes through the driver, and saved models.

The agent tells of each job of an application what it read and what it wrote. An action that brings
its result to the driver writes nothing; what the driver holds is then written without any input.
That is how MLlib trains: jobs read the features, and the coefficients are saved later. So data sets
stand for what the driver of an application holds, and versions in time do the rest:

- `spark-driver://<application>/results`: a job that writes nothing adds to it, and what is written
  without an input comes from it;
- `spark-driver://<application>/model`: saving or loading a model writes it, and what is written
  with a column that MLlib's models add (`prediction`) reads it;
- `spark-driver://<application>/session`: the application writes it, and who saves a model reads it.
  The agent tells no end of the jobs that a fit consists of, so that their time is the
  application's own; this way it belongs to the models that were trained in it.

This says more than is true where one application does unrelated things one after the other, never
less, but for jobs that run at the same time. A schema that is inferred or rows that are shown
(`collect_limit`) train nothing and are left out.

A model is saved as a folder with a text file `metadata`, and `data` or the parts' own folders
beside it. Whoever writes `metadata` trains the model that the folder is; what tells that it was a
model and not some other part of MLlib that can be saved is in the file alone.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lineage.records import OperatorClass, State
from lineage_ingest.openlineage.state import Dataset, facet

if TYPE_CHECKING:
    from lineage_ingest.openlineage.parse import Json
    from lineage_ingest.openlineage.state import RunState

HELD = "spark.driver"
"""Type of the data sets that stand for what a driver holds."""

_SCHEME = "spark-driver://"
_METADATA = "/metadata"
_PREDICTED = frozenset({"prediction", "rawPrediction", "probability"})
_SHOWN = ".collect_limit"
_KINDS = frozenset({"APPLICATION", "SQL_JOB", "RDD_JOB"})
# What composed models save in folders of their own. Names that people give to models as well, such
# as `bestModel`, are none: a model too many is better than one that is missed.
_PART = re.compile(r"/(stages/\d+_[^/]+|estimator|evaluator|subModels)/")


def through_driver(state: RunState, job_facets: dict[str, Json], application: str | None) -> None:
    """Add to a job of Spark what passes through the driver; nothing else is changed.

    Args:
        state: a run, folded; changed in place.
        job_facets: of its job.
        application: id of the run that it is part of.
    """
    kind = _kind(job_facets)
    if kind == "APPLICATION":
        _add(state.outputs, _session(state.id))
    elif kind is not None and application is not None:
        _job(state, kind, application)


def operator_of(state: RunState, job_facets: dict[str, Json]) -> OperatorClass | None:
    """The class of a job that `through_driver` found to use a model; None for any other."""
    if _kind(job_facets) is None or not any(map(is_held, state.inputs)):
        return None
    if any(_predicted(written) for written in state.outputs.values()):
        return OperatorClass.INFERENCE
    return None


def is_held(name: str) -> bool:
    """Whether a data set of this name stands for what a driver holds."""
    return name.startswith(_SCHEME)


def _job(state: RunState, kind: str, application: str) -> None:
    if kind == "RDD_JOB" and not state.outputs:
        _ended(state)
    results = _held(application, "results")
    model = _held(application, "model")
    saved, loaded = _models(state.outputs), _models(state.inputs)
    if not state.outputs:
        if loaded:
            _add(state.outputs, model)
        elif state.inputs and _SHOWN not in state.job:
            _add(state.inputs, results)
            _add(state.outputs, results)
        return
    predicts = any(_predicted(written) for written in state.outputs.values())
    if not state.inputs:
        _add(state.inputs, results)
    if saved:
        _add(state.inputs, _session(application))
        _add(state.outputs, model)
    elif predicts:
        _add(state.inputs, model)


def _kind(job_facets: dict[str, Json]) -> str | None:
    """The type of a job of Spark that is no stream; None for any other."""
    said = facet(job_facets, "jobType")
    kind = said.get("jobType")
    if said.get("integration") != "SPARK" or said.get("processingType") == "STREAMING":
        return None
    return kind if isinstance(kind, str) and kind in _KINDS else None


def _ended(state: RunState) -> None:
    """Of a job of RDDs that writes nothing the agent tells the start alone.

    It counts as a moment, and its time as the application's own.
    """
    if state.state is State.RUNNING:
        state.state = State.UNKNOWN
        state.ended = state.started


def _held(application: str, what: str) -> Dataset:
    name = f"{_SCHEME}{application}/{what}"
    return Dataset(name)


def _session(application: str) -> Dataset:
    """Of one version that both sides state: it is there from the start."""
    found = _held(application, "session")
    found.facets["version"] = {"datasetVersion": application}
    return found


def _add(side: dict[str, Dataset], dataset: Dataset) -> None:
    side[dataset.name] = dataset


def _models(side: dict[str, Dataset]) -> list[str]:
    """The models on one side, each put in the place of its `metadata`."""
    found = []
    for dataset in list(side.values()):
        folder = dataset.name.removesuffix(_METADATA)
        if folder == dataset.name or _PART.search(dataset.name) or not _is_text(dataset):
            continue
        del side[dataset.name]
        facets = {name: one for name, one in dataset.facets.items() if name != "schema"}
        facets["datasetType"] = {"datasetType": "MODEL"}
        side[folder] = Dataset(folder, facets)
        found.append(folder)
    return found


def _is_text(dataset: Dataset) -> bool:
    """Whether it may be a text file: by its one column as read or as written, or untold."""
    return _columns(dataset) in ({"value"}, {"_1"}, set())


def _predicted(dataset: Dataset) -> bool:
    return not _PREDICTED.isdisjoint(_columns(dataset))


def _columns(dataset: Dataset) -> set[str]:
    fields = facet(dataset.facets, "schema").get("fields")
    if not isinstance(fields, list):
        return set()
    return {str(one.get("name")) for one in fields if isinstance(one, dict)}
