"""Features and costs of all graphlets, from the graph: what predictors learn from."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from lineage.analyses.rows import Filters
from lineage.waste.catalog import FEATURES
from lineage.waste.drift import drift, spans
from lineage.waste.facts import SETTLE_HOURS, facts, hours, over
from lineage.waste.history import history
from lineage.waste.pushes import Pushes
from lineage.waste.table import FeatureTable, Work
from lineage.waste.throttle import throttle

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from lineage.graph import Graph
    from lineage.waste.drift import Spans
    from lineage.waste.facts import Awaited, Facts

_MADE_BY = {"validated_data": "validation", "transformed": "transformation", "tuned": "tuning"}


@dataclass(frozen=True, eq=False)
class Collected:
    """What a graph tells.

    Attributes:
        table: a row for each graphlet whose trainer's start is known.
        work: what they cost, in `unit`.
        unit: of cost: the one that most was spent in; "" where nothing is known.
        unstarted: graphlets left out, as no start is known.
        unpriced: graphlets with executions whose cost is not known or in another unit.
        undated: graphlets that were pushed, nobody knows when.
    """

    table: FeatureTable
    work: Work
    unit: str
    unstarted: int
    unpriced: int
    undated: int


def collect(graph: Graph, filters: Filters | None = None) -> Collected:
    """Features of all graphlets that the filters let through, and what they cost.

    Half a million graphlets take one or two minutes and some gigabytes.
    """
    filters = filters or Filters()
    with ThreadPoolExecutor(1, thread_name_prefix="lineage-waste") as pool:
        # What is left to the server takes two cores; what Python makes of it, one.
        asked = pool.submit(lambda: (_shared(graph, filters), spans(graph, filters)))
        told = facts(graph, filters)
        shared, data = asked.result()
    table = features(told, data)
    unit = _unit(told)
    return Collected(
        table=table,
        work=_work(told, shared, unit),
        unit=unit,
        unstarted=told.unstarted,
        unpriced=int((told["unknown"] > 0).sum()),
        undated=int(((told["pushed"] > 0) & np.isnan(told["pushed_at"])).sum()),
    )


def some(graph: Graph, keys: Sequence[str], awaited: Awaited | None = None) -> FeatureTable:
    """Features of some graphlets, as far as these alone tell: history is of those among them.

    With a run that is to train another model, also of that one, by the run's key.
    """
    with ThreadPoolExecutor(1, thread_name_prefix="lineage-waste") as pool:
        data = pool.submit(spans, graph, Filters(), keys, awaited)
        told = facts(graph, Filters(), keys, awaited)
        return features(told, data.result())


def features(told: Facts, found: Spans) -> FeatureTable:
    """The table of features, from what the graph said."""
    order = np.argsort(told.pipelines, kind="stable")
    columns = _columns(told.take(order), found)
    place = np.argsort(order)
    return FeatureTable(
        key=told["key"],
        source=told["source"],
        pipeline=told["pipeline"],
        node=told["node"],
        started=told["started"].astype(np.int64),
        decided=told.decided,
        open=told["is_open"] > 0,
        pushed=told["pushed"] > 0,
        pushed_at=told["pushed_at"],
        ended=told["ended"],
        cost_unit=told["cost_unit"],
        spent=told.spent,
        cost=told["costs"].sum(axis=1),
        columns={feature.name: columns[feature.name][place] for feature in FEATURES},
        features=FEATURES,
    )


def _columns(told: Facts, found: Spans) -> dict[str, NDArray[Any]]:
    """By name of the feature, of graphlets by pipeline."""
    pushes = Pushes(told)
    columns = history(told) | throttle(told) | drift(told, found)
    columns |= _pushes(told, pushes, columns)
    columns |= _shape(told, columns) | _after(told, pushes, columns)
    columns["jaccard"], columns["anomalies"] = told["jaccard"], told["anomalies"]
    return columns


def _pushes(
    told: Facts, pushes: Pushes, columns: dict[str, NDArray[Any]]
) -> dict[str, NDArray[Any]]:
    now = told.decided[:, 0]
    since = pushes.hours_since(now)
    least, mean = pushes.gaps(now)
    due = since + columns["hours_to_verdict"]
    return {
        "due_hours": due,
        "due_past_allowed": due - columns["allowed_hours"],
        "due_past_refused": due - columns["refused_hours"],
        "hours_since_push": since,
        "least_push_gap": least,
        "mean_push_gap": mean,
        "push_gap_share": over(since, least),
    }


def _shape(told: Facts, columns: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    found: dict[str, NDArray[Any]] = {
        name: told.has("inputs", operator) for name, operator in _MADE_BY.items()
    }
    before = columns["_inputs"]
    found["inputs_changed"] = np.where(np.isnan(before), np.nan, told["inputs"] != before)
    found["warm"] = told["warm"]
    found["failed_inputs"] = told["failed_before"]
    found["hours_to_training"] = hours(told["started"] - told["began"])
    return found


def _after(
    told: Facts, pushes: Pushes, columns: dict[str, NDArray[Any]]
) -> dict[str, NDArray[Any]]:
    lasted = hours(told["trained"] - told["started"])
    usual = columns["_training"]
    verdicts = told["blessings"]
    since = pushes.hours_since(told.decided[:, 4])
    least = columns["least_push_gap"]
    before = columns["_checks"]
    return {
        "training_failed": (told["state"] == "FAILED").astype(float),
        "training_hours": lasted,
        "training_share": over(lasted, usual),
        "evaluated": told.has("checks", "evaluation"),
        "verdicts": verdicts,
        "blessed": over(told["blessed"], verdicts),
        "failed_checks": told["failed_after"],
        "checks_changed": np.where(np.isnan(before), np.nan, told["checks"] != before),
        "hours_since_push_now": since,
        "push_gap_share_now": over(since, least),
        "past_allowed_now": since - columns["allowed_hours"],
        "past_refused_now": since - columns["refused_hours"],
    }


def _unit(told: Facts) -> str:
    totals: dict[str, float] = {}
    for unit in np.unique(told["cost_unit"].astype(str)):
        totals[str(unit)] = float(told["costs"][told["cost_unit"] == unit].sum())
    return max(totals, key=lambda unit: totals[unit], default="")


def _shared(graph: Graph, filters: Filters) -> list[tuple[Any, ...]]:
    rows = graph.tuples(
        "waste/shared",
        source=filters.source,
        pipeline=filters.pipeline,
        settle_hours=SETTLE_HOURS,
    )
    return list(rows)


def _work(told: Facts, shared: list[tuple[Any, ...]], unit: str) -> Work:
    """Executions of that unit; those of one graphlet alone are one for each stage."""
    here = told["cost_unit"] == unit
    own = np.where(here[:, None], told["own"], 0.0)
    row, stage = np.nonzero(own > 0)
    numbers = {key: number for number, key in enumerate(told["key"])}
    summed: dict[tuple[int, tuple[int, ...]], float] = {}
    for cost, of, rank, holders in shared:
        held = tuple(numbers.get(key, -1) for key in holders)
        # A holder that is not in the table survives any policy, and with it what it needs.
        if of == unit and -1 not in held:
            summed[rank, held] = summed.get((rank, held), 0.0) + cost
    lengths = np.concatenate([np.ones(len(row)), [len(held) for _, held in summed]])
    return Work(
        cost=np.concatenate([own[row, stage], list(summed.values())]),
        rank=np.concatenate([stage, [rank for rank, _ in summed]]).astype(np.int8),
        indptr=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        indices=np.concatenate([row, [one for _, held in summed for one in held]]).astype(np.int32),
    )
