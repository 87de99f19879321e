"""Whether the models under way will be pushed, and what stopping them would still save."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lineage.errors import NotFoundError, WasteError
from lineage.waste.catalog import WINDOW
from lineage.waste.collect import some
from lineage.waste.predict import Reason, predict
from lineage.waste.results import Result
from lineage.waste.stages import STAGES, Kind, Stage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lineage.graph import Graph
    from lineage.waste.store import WasteModel
    from lineage.waste.table import FeatureTable

_USUAL = 20  # models that what is still to be spent is estimated from


class PushPrediction(Result):
    """What is expected of one model.

    Attributes:
        key: of its graphlet.
        pipeline: of its trainer; None without one.
        node: of its trainer.
        stage: the last one that it has reached, at which it is predicted.
        pushed: whether it has been pushed already; nothing is to be stopped then.
        open: whether something of it still runs.
        probability: that it will be pushed.
        threshold: under which it is to be stopped; None when nothing can be saved at this stage.
        stop: whether it is to be.
        reasons: the features that speak most for or against it, largest effect first.
        spent: cost of what is over.
        to_spend: cost that models of the same node usually have after this stage; None when none
            of them is known.
        cost_unit: of both.
    """

    key: str
    pipeline: str | None
    node: str | None
    stage: Stage
    pushed: bool
    open: bool
    probability: float
    threshold: float | None
    stop: bool
    reasons: tuple[Reason, ...]
    spent: float
    to_spend: float | None
    cost_unit: str | None


def predict_push(
    graph: Graph, model: WasteModel, key: str, stage: Stage | None = None
) -> PushPrediction:
    """Predict whether the model of a graphlet will be pushed.

    Args:
        graph: that holds it.
        model: from `lineage train-waste`.
        key: of the graphlet.
        stage: at which it is asked, as if nothing later were known; by default the last reached.

    Raises:
        NotFoundError: there is no such graphlet, or the start of its trainer is not known.
        WasteError: the stage was not reached.
    """
    asked = graph.run("waste/recent", key=key, models=WINDOW)
    table = some(graph, [row["key"] for row in asked])
    rows = np.flatnonzero(table.key == key)
    if not len(rows):
        raise NotFoundError(
            f"no graphlet {key} whose training has begun; `lineage segment` cuts what is new"
        )
    row = int(rows[0])
    reached = [one for one in STAGES if not np.isnan(table.decided[row, one.rank])]
    if stage is not None and stage not in reached:
        raise WasteError(
            f"{key} has not reached the stage {stage}; it has reached {', '.join(reached)}"
        )
    at = stage or reached[-1]
    found = predict(model, at, _values(table, row))
    pushed = bool(table.pushed[row])
    return PushPrediction(
        key=key,
        pipeline=table.pipeline[row] or None,
        node=table.node[row] or None,
        stage=at,
        pushed=pushed,
        open=bool(table.open[row]),
        probability=found.probability,
        threshold=found.threshold,
        stop=found.stop and not pushed,
        reasons=found.reasons,
        spent=float(table.spent[row, at.rank]),
        to_spend=_to_spend(table, row, at),
        cost_unit=table.cost_unit[row] or None,
    )


def graphlet_of(graph: Graph, text: str) -> str:
    """The key of the graphlet that a text means: its own, its trainer's, or that of a run.

    Raises:
        NotFoundError: there is none, or there are several; the message lists them.
    """
    from lineage.find import find

    found = find(graph, text)
    if found.kind != "run":
        return find(graph, text, "graphlet").key
    keys = [row["key"] for row in graph.run("waste/of_run", run=found.key)]
    if len(keys) == 1:
        return str(keys[0])
    if keys:
        raise NotFoundError(f"{text} trains {len(keys)} models: {', '.join(keys[:10])}")
    raise NotFoundError(f"{text} has begun no training yet, as far as `lineage segment` saw")


def stage_of(text: str | None) -> Stage | None:
    """The stage of that name.

    Raises:
        WasteError: there is none.
    """
    try:
        return None if text is None else Stage(text)
    except ValueError:
        raise WasteError(f"there is no stage {text!r}; stages are {', '.join(STAGES)}") from None


def under_way(
    graph: Graph,
    model: WasteModel,
    *,
    source: str | None = None,
    pipeline: str | None = None,
    limit: int | None = 100,
) -> Iterator[PushPrediction]:
    """Predictions for all graphlets that something runs in, the costliest so far first.

    Args:
        graph: that holds them.
        model: from `lineage train-waste`.
        source: only of this source.
        pipeline: only of this pipeline.
        limit: graphlets at most.
    """
    for row in graph.run("waste/open", source=source, pipeline=pipeline, limit=limit):
        try:
            yield predict_push(graph, model, row["key"])
        except NotFoundError:  # its trainer's start is not known, or it is gone
            continue


def _values(table: FeatureTable, row: int) -> dict[str, float | str | None]:
    found: dict[str, float | str | None] = {}
    for feature in table.features:
        value: Any = table.columns[feature.name][row]
        if feature.kind is Kind.CATEGORY:
            found[feature.name] = value or None
        else:
            found[feature.name] = None if np.isnan(value) else float(value)
    return found


def _to_spend(table: FeatureTable, row: int, stage: Stage) -> float | None:
    """What models of the same node that are over cost after a stage, on average."""
    alike = (table.node == table.node[row]) & ~table.open
    alike &= table.cost_unit == table.cost_unit[row]
    alike &= table.started < table.started[row]
    rest = (table.cost - table.spent[:, stage.rank])[alike][-_USUAL:]
    return float(np.mean(rest)) if len(rest) else None
