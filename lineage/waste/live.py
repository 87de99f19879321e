"""Whether the models under way will be pushed, and what stopping them would still save."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from lineage.errors import NotFoundError, WasteError
from lineage.tables import Drawn
from lineage.waste.catalog import WINDOW
from lineage.waste.collect import some
from lineage.waste.facts import Awaited
from lineage.waste.predict import Reason, predict
from lineage.waste.results import Result
from lineage.waste.stages import STAGES, Kind, Stage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lineage.graph import Graph
    from lineage.waste.store import WasteModel
    from lineage.waste.table import FeatureTable

Asked: TypeAlias = "str | tuple[Awaited, ...]"
_USUAL = 20  # models that what is still to be spent is estimated from


class PushPrediction(Drawn, Result):
    """What is expected of one model.

    Attributes:
        key: of its graphlet; of its run, where no training has begun.
        begun: whether its training has begun.
        pipeline: of its trainer; None without one.
        node: of its trainer; where that is to come, of the pipeline's last one.
        stage: the last one that it has reached, at which it is predicted.
        pushed: whether it has been pushed already; nothing is to be stopped then.
        open: whether something of it still runs.
        probability: that it will be pushed.
        threshold: under which it is to be stopped; None when nothing can be saved at this stage.
        stop: whether it is to be.
        reasons: the features that speak most for or against it, largest effect first.
        spent: cost of what is over; where a stage was asked for, by that stage.
        to_spend: cost that models of the same node usually have after this stage, less what of it
            is spent; None when none of them is known.
        cost_unit: of both.
    """

    key: str
    begun: bool = True
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
    graph: Graph, model: WasteModel, asked: Asked, stage: Stage | None = None
) -> PushPrediction:
    """Predict whether a model will be pushed that has been trained, is, or is yet to be.

    A run that is to train several is as good as the best of them: to stop it stops all.

    Args:
        graph: that holds it.
        model: from `lineage train-waste`.
        asked: key of the graphlet, or the models that a run is to train.
        stage: at which it is asked, as if nothing later were known; by default the last reached.

    Raises:
        NotFoundError: there is no such graphlet, or the start of its trainer is not known.
        WasteError: the stage was not reached.
    """
    if isinstance(asked, str):
        return _predict(graph, model, asked, stage)
    each = [_predict(graph, model, one, stage) for one in asked]
    return max(each, key=lambda one: one.probability)


def _predict(
    graph: Graph, model: WasteModel, asked: str | Awaited, stage: Stage | None
) -> PushPrediction:
    awaited = None if isinstance(asked, str) else asked
    key, near = (asked, asked) if isinstance(asked, str) else asked
    recent = graph.tuples("waste/recent", key=near, models=WINDOW, later=awaited is not None)
    table = some(graph, [key for (key,) in recent], awaited)
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
    by_stage = float(table.spent[row, at.rank])
    # Of a later stage some may be over already.
    spent = float(table.cost[row]) if stage is None and table.open[row] else by_stage
    return PushPrediction(
        key=key,
        begun=awaited is None,
        pipeline=table.pipeline[row] or None,
        node=table.node[row] or None,
        stage=at,
        pushed=pushed,
        open=bool(table.open[row]),
        probability=found.probability,
        threshold=found.threshold,
        stop=found.stop and not pushed,
        reasons=found.reasons,
        spent=spent,
        to_spend=_to_spend(table, row, at, spent - by_stage),
        cost_unit=table.cost_unit[row] or None,
    )


def model_of(graph: Graph, text: str) -> Asked:
    """The model that a text means: the key of its graphlet, or those that a run will train.

    Args:
        graph: that holds it.
        text: key, native id or name of the graphlet, its trainer or its run.

    Raises:
        NotFoundError: there is none, or there are several; the message lists them.
    """
    from lineage.find import find

    found = find(graph, text)
    if found.kind != "run":
        return found.key if found.kind == "graphlet" else find(graph, text, "graphlet").key
    keys = [row["key"] for row in graph.run("waste/of_run", run=found.key)]
    if len(keys) == 1:
        return str(keys[0])
    if keys:
        raise NotFoundError(f"{text} trains {len(keys)} models: {', '.join(keys[:10])}")
    for _, awaited in _awaited(graph, run=found.key):
        return awaited
    raise NotFoundError(
        f"{text} has begun no training, as far as `lineage segment` saw, and either is over or its "
        "pipeline has trained nothing before"
    )


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
    """Predictions for all models under way, the costliest so far first.

    Those are graphlets that something runs in, and runs in progress that have begun no training, of
    pipelines that trained models before.

    Args:
        graph: that holds them.
        model: from `lineage train-waste`.
        source: only of this source.
        pipeline: only of this pipeline.
        limit: models at most.
    """
    chosen = {"source": source, "pipeline": pipeline}
    begun = graph.run("waste/open", **chosen, limit=limit)
    asked: list[tuple[float, Asked]] = [(row["cost"], row["key"]) for row in begun]
    asked += _awaited(graph, run=None, **chosen)
    asked.sort(key=lambda one: -one[0])
    for _, one in asked[:limit]:
        try:
            yield predict_push(graph, model, one)
        except NotFoundError:  # its trainer's start is not known, or it is gone
            continue


def _awaited(
    graph: Graph, *, run: str | None, source: str | None = None, pipeline: str | None = None
) -> Iterator[tuple[float, tuple[Awaited, ...]]]:
    """What runs are to train, and what each has cost so far; costliest first."""
    rows = graph.run("waste/awaited", run=run, source=source, pipeline=pipeline)
    for (cost, key), models in groupby(rows, key=lambda row: (row["cost"], row["key"])):
        yield cost, tuple(Awaited(key, one["last"]) for one in models)


def _values(table: FeatureTable, row: int) -> dict[str, float | str | None]:
    found: dict[str, float | str | None] = {}
    for feature in table.features:
        value: Any = table.columns[feature.name][row]
        if feature.kind is Kind.CATEGORY:
            found[feature.name] = value or None
        else:
            found[feature.name] = None if np.isnan(value) else float(value)
    return found


def _to_spend(table: FeatureTable, row: int, stage: Stage, begun: float) -> float | None:
    """What models of the same node that are over cost after a stage, on average.

    Args:
        table: this model and others, also those before it.
        row: this one.
        stage: that it has reached.
        begun: what it has cost since.
    """
    alike = (table.node == table.node[row]) & ~table.open
    alike &= table.cost_unit == table.cost_unit[row]
    alike &= table.started < table.started[row]
    rest = (table.cost - table.spent[:, stage.rank])[alike][-_USUAL:]
    return max(float(np.mean(rest)) - begun, 0.0) if len(rest) else None
