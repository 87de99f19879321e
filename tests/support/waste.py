"""Feature tables with a known probability of each push, and the work that goes with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lineage.waste.stages import STAGES, Feature, Kind, Stage
from lineage.waste.table import FeatureTable, Work

if TYPE_CHECKING:
    from numpy.typing import NDArray

HOUR = 3_600_000
DAY = 24 * HOUR
START = 1_767_225_600_000

FEATURES = (
    Feature("family", Stage.BEFORE, Kind.CATEGORY, "kind of model"),
    Feature("history", Stage.BEFORE, Kind.NUMBER, "share of pushes before"),
    Feature("drift", Stage.DATA, Kind.NUMBER, "jump of the data, in bins"),
    Feature("new_code", Stage.SHAPE, Kind.FLAG, "whether the code is new"),
    Feature("cost", Stage.TRAINING, Kind.NUMBER, "of training, machine seconds"),
    Feature("blessed", Stage.VALIDATION, Kind.FLAG, "whether it was found good"),
)


class Corpus(NamedTuple):
    """A table, its work, and (n, 5) the best possible probability at each stage."""

    table: FeatureTable
    work: Work
    best: NDArray[np.float64]


def objects(values: object) -> NDArray[np.object_]:
    """An array of Python objects."""
    return np.asarray(values, dtype=object)


def table(
    started: object,
    pushed: object,
    *,
    pipeline: object = None,
    delay: object = 0.5 * HOUR,
    features: tuple[Feature, ...] = (),
    columns: dict[str, NDArray[np.object_]] | None = None,
    **given: object,
) -> FeatureTable:
    """A table of closed graphlets; stages are ten minutes apart and cost 1 each."""
    starts = np.asarray(started, np.int64)
    count = len(starts)
    was = np.asarray(pushed, bool)
    decided = starts[:, None] + np.array([-30, -20, -10, 60, 70]) * 60_000.0
    values: dict[str, object] = {
        "key": objects([f"g{number:06}" for number in range(count)]),
        "source": objects(["s"] * count),
        "pipeline": objects(["p"] * count if pipeline is None else pipeline),
        "node": objects(["trainer"] * count),
        "started": starts,
        "decided": decided,
        "open": np.zeros(count, bool),
        "pushed": was,
        "pushed_at": np.where(was, starts + np.asarray(delay, float), np.nan),
        "ended": starts + 2.0 * HOUR,
        "cost_unit": objects(["machine seconds"] * count),
        "spent": np.tile(np.arange(5.0), (count, 1)),
        "cost": np.full(count, 5.0),
        "columns": columns or {},
        "features": features,
    }
    return FeatureTable(**{**values, **given})  # type: ignore[arg-type]


def work(holders: list[list[int]], cost: object, rank: object) -> Work:
    """Executions with their holders."""
    sizes = [len(one) for one in holders]
    return Work(
        np.asarray(cost, float),
        np.asarray(rank, np.int8),
        np.concatenate(([0], np.cumsum(sizes))).astype(np.int64),
        np.array([row for one in holders for row in one], np.int32),
    )


def own_work(count: int, costs: tuple[float, ...] = (1, 2, 5, 1, 1)) -> Work:
    """One execution a graphlet and rank that nobody shares."""
    return work(
        [[row] for row in range(count) for _ in costs],
        np.tile(costs, count),
        np.tile(np.arange(1, len(costs) + 1), count),
    )


def corpus(
    count: int = 4_000,
    *,
    pipelines: int = 40,
    seed: int = 0,
    effect: float = 3.0,
    base: float = 0.5,
    certain: bool = False,
    days: float = 60,
) -> Corpus:
    """Graphlets whose push depends on drift (data), code (shape) and a blessing (validation).

    Args:
        effect: log odds by a bin of drift and by new code; with 0 pushes are pure chance.
        base: log odds of a push without either.
        certain: drift alone decides, without chance.
    """
    rng = np.random.default_rng(seed)
    started = START + np.sort(rng.integers(0, int(days * DAY), count))
    owner = rng.integers(0, pipelines, count)
    drift = np.abs(rng.normal(size=count)) * (rng.random(count) < 0.6)
    code = rng.random(count) < 0.2
    odds = base - effect * drift - effect * code
    chance = 1 / (1 + np.exp(-odds))
    if certain:
        chance = (drift < 0.7).astype(float)
    pushed = rng.random(count) < chance
    best = _best(chance, drift, code, base, effect)
    if certain:
        best[:, 1:] = chance[:, None]
    best[:, 4] = best[:, 3] if effect == 0 else pushed
    blessed = pushed if effect else rng.random(count) < 0.5
    columns = {
        "family": objects(rng.choice(["dnn", "tree", "linear"], count)),
        "history": rng.random(count),
        "drift": drift,
        "new_code": code.astype(float),
        "cost": rng.lognormal(size=count),
        "blessed": blessed.astype(float),
    }
    made = table(
        started,
        pushed,
        pipeline=[f"p{one}" for one in owner],
        delay=rng.uniform(0.2, 2.0, count) * HOUR,
        features=FEATURES,
        columns=columns,  # type: ignore[arg-type]
    )
    return Corpus(made, own_work(count), best)


def _best(
    chance: NDArray[np.float64],
    drift: NDArray[np.float64],
    code: NDArray[np.bool_],
    base: float,
    effect: float,
) -> NDArray[np.float64]:
    """What is not known at a stage is averaged over, as it is independent of what is."""
    best = np.empty((len(chance), len(STAGES)))
    best[:, 0] = chance.mean()
    with_code = 1 / (1 + np.exp(-(base - effect * drift - effect)))
    without = 1 / (1 + np.exp(-(base - effect * drift)))
    best[:, 1] = 0.2 * with_code + 0.8 * without
    best[:, 2:] = chance[:, None]
    return best
