"""Training on a graph, and what is kept of it: the predictor, and what its evaluation found."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from lineage.analyses.rows import Filters
from lineage.analyses.simulated import simulated
from lineage.errors import ModelFileError, WasteError
from lineage.waste.catalog import FEATURES
from lineage.waste.collect import Collected, collect
from lineage.waste.factors import Factor, Factors, factors
from lineage.waste.labels import label
from lineage.waste.results import Result
from lineage.waste.stages import STAGES, Stage
from lineage.waste.train import Training, train

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from lineage.graph import Graph
    from lineage.settings import Settings
    from lineage.waste.store import WasteModel

FACTORS = {
    "hours_since_model": 0,
    "hours_since_push": 1,
    "push_gap_share": 1,
    "jaccard": 0,
    "drift": -1,
    "drift_since_push": -1,
    "drift_window_share": -1,
    "anomalies": -1,
    "new_code": -1,
    "inputs_changed": -1,
    "checks_changed": -1,
    "warm": 0,
    "training_failed": -1,
    "failed_checks": -1,
    "blessed": 1,
}
"""What may go with a push, and whether it should go with more of them: cadence, throttling, overlap
of windows, drift, anomalies, code, shape of the workflow, failures, verdicts."""


class WasteReport(Result):
    """What is known of waste, and how well it can be avoided, at one time.

    Attributes:
        at: when it was found.
        sources: that were looked at.
        simulated: those of them that a simulation made up.
        unstarted: graphlets left out, as the start of their training is not known.
        unpriced: graphlets with executions of unknown cost or of another unit.
        undated: graphlets that were pushed at a time not known.
        spent: mean share of a graphlet's cost that is spent by each stage.
        factors: what goes with pushes; None where nothing can be said.
        training: predictors and policies.
    """

    at: datetime
    sources: tuple[str, ...]
    simulated: tuple[str, ...]
    unstarted: int
    unpriced: int
    undated: int
    spent: dict[Stage, float]
    factors: Factors | None
    training: Training


def train_waste(
    graph: Graph,
    settings: Settings,
    *,
    filters: Filters | None = None,
    max_freshness_loss: float = 0.02,
    oracle: Callable[[Collected], NDArray[np.float64]] | None = None,
    seed: int = 0,
    progress: Callable[[str, int, int], None] | None = None,
) -> WasteReport:
    """Learn from all graphlets of a graph which models are pushed; nothing is written.

    Args:
        graph: whose graphlets are cut.
        settings: `push_hours`.
        filters: the source and the pipeline to look at; times are not looked at.
        max_freshness_loss: the largest loss of freshness that a policy may have, 0 to 1.
        oracle: best possible probabilities (n, 5) of simulated graphlets.
        seed: of all random choices.
        progress: told what is done, how many steps were, and how many there are; from the threads
            that train, one at a time.

    Raises:
        MissingExtraError: scikit-learn or statsmodels is not installed.
        WasteError: an argument is wrong, or no graphlet is of that source and pipeline.
    """
    if progress is not None:
        progress("features", 0, 0)
    found = chosen(graph, filters or Filters())
    horizon = None if settings.push_hours is None else settings.push_hours * 3_600_000
    training = train(
        found.table,
        found.work,
        max_freshness_loss=max_freshness_loss,
        horizon=horizon,
        oracle=None if oracle is None else oracle(found),
        seed=seed,
        progress=progress,
    )
    sources = tuple(sorted(set(found.table.source.tolist())))
    return WasteReport(
        at=datetime.now(UTC),
        sources=sources,
        simulated=tuple(one for one in simulated(graph, Filters()) if one in sources),
        unstarted=found.unstarted,
        unpriced=found.unpriced,
        undated=found.undated,
        spent=_spent(found),
        factors=_factors(found, horizon),
        training=training,
    )


def chosen(graph: Graph, filters: Filters) -> Collected:
    """What the graph tells of a source and a pipeline, or of all.

    Raises:
        WasteError: one is named, and no graphlet is of it: a predictor is not replaced for a typo.
    """
    found = collect(graph, filters)
    named = " and ".join(
        f"{what} {name}"
        for what, name in (("source", filters.source), ("pipeline", filters.pipeline))
        if name is not None
    )
    if named and not len(found.table) and not found.unstarted:
        raise WasteError(
            f"there are no graphlets of {named}; `lineage report pipelines` lists what there is"
        )
    return found


def model_path(settings: Settings) -> Path:
    """Where the predictor is: the setting `waste_model`, else beside the local databases."""
    from lineage.server.home import data_dir

    named = settings.waste_model
    return Path(named).expanduser() if named else data_dir() / "waste-model.zip"


def save(report: WasteReport, path: Path) -> None:
    """Write the predictor to a file, and what was found beside it, as JSON.

    Raises:
        ModelFileError: a file cannot be written.
    """
    from lineage.waste import store

    beside = report_path(path)
    part = beside.with_name(f"{beside.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(report.model_dump_json(), "utf-8")
        if report.training.model is not None:
            store.save(report.training.model, path)
        else:  # an earlier one would not be what the report tells of
            path.unlink(missing_ok=True)
        part.replace(beside)
    except OSError as error:
        raise ModelFileError(
            f"cannot write {path}: {error.strerror}; choose another place"
        ) from error
    finally:
        part.unlink(missing_ok=True)


def report_path(path: Path) -> Path:
    """Where what was found is, beside the predictor."""
    return path.with_name(f"{path.name.removesuffix('.zip')}.json")


def load_report(path: Path) -> WasteReport | None:
    """What was found when the predictor was trained; None when none was.

    Raises:
        ModelFileError: the file is damaged or of another version.
    """
    try:
        return WasteReport.model_validate_json(report_path(path).read_text("utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValidationError, ValueError) as error:
        raise ModelFileError(
            f"{report_path(path)} cannot be used ({type(error).__name__}); "
            "`lineage train-waste` writes it anew"
        ) from error


def load_model(path: Path) -> tuple[WasteModel, WasteReport]:
    """The predictor, if it fits the features of this version, and what was found with it.

    Raises:
        ModelFileError: there is none, or it does not fit.
        MissingExtraError: scikit-learn or skops is not installed.
    """
    from lineage.waste import store

    report = load_report(path)
    if report is None or not path.exists():
        reason = "" if report is None else f": {_why_none(report)}"
        if path.exists():
            reason = f" that can be used: {report_path(path).name} is not beside it"
        raise ModelFileError(
            f"there is no predictor{reason}; `lineage train-waste` makes one ({path})"
        )
    return store.load(path, FEATURES), report


def check_sources(graph: Graph, report: WasteReport, path: Path) -> None:
    """Refuse a predictor that has never seen anything of this graph.

    Raises:
        ModelFileError: it was trained on other sources.
    """
    if not in_graph(graph, report):
        raise ModelFileError(
            f"{path} was trained on {', '.join(report.sources)}, none of which is in this graph; "
            "`lineage train-waste` trains on what is"
        )


def in_graph(graph: Graph, report: WasteReport) -> bool:
    """Whether one of the sources that were learned from is there."""
    return bool(graph.run("waste/learned_from", names=list(report.sources)))


def _why_none(report: WasteReport) -> str:
    return getattr(report.training.headline, "reason", "nothing was trained")


def _spent(found: Collected) -> dict[Stage, float]:
    """By stage, over graphlets that are closed and cost something."""
    table = found.table
    rows = ~table.open & (table.cost > 0)
    if not rows.any():
        return {}
    whole = table.cost[rows].sum()
    return {stage: float(table.spent[rows, stage.rank].sum() / whole) for stage in STAGES}


def _factors(found: Collected, horizon: float | None) -> Factors | None:
    usable = label(found.table, horizon).usable
    if not usable.any():
        return None
    says = {feature.name: feature for feature in FEATURES}
    given = [
        Factor(name, says[name].kind, direction, says[name].says)
        for name, direction in FACTORS.items()
    ]
    columns = {name: found.table.columns[name][usable] for name in FACTORS}
    return factors(given, columns, found.table.pushed[usable], found.table.pipelines[usable])
