"""Which graphlets train, which choose thresholds, and which test: by time, and by pipeline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lineage.waste.labels import Labels
    from lineage.waste.table import FeatureTable

SHARES = (0.5, 0.75)
"""Where training ends and testing begins."""


@dataclass(frozen=True, eq=False)
class Part:
    """Graphlets that thresholds are chosen or tested on.

    Attributes:
        rows: (n,) bool; all of them usable.
        begin: ms since 1970, from which on the record is looked at; -inf for all of it.
        end: ms since 1970; inf for all of it.
    """

    rows: NDArray[np.bool_]
    begin: float = -np.inf
    end: float = np.inf


@dataclass(frozen=True, eq=False)
class Split:
    """Three parts of the graphlets that share none.

    Attributes:
        name: "time" or "pipeline".
        train: (n,) bool.
        choose: what thresholds are chosen on.
        test: what is reported.
    """

    name: str
    train: NDArray[np.bool_]
    choose: Part
    test: Part


def by_time(table: FeatureTable, labels: Labels) -> Split:
    """The first half trains, the next quarter chooses, the last one tests, by start.

    What was not settled when the next part began cannot have been learned, and is left out.
    """
    started = table.started
    times = started[labels.usable]
    count = len(times)
    first, second = (float(times[min(int(share * count), count - 1)]) for share in SHARES)
    train = labels.usable & (started < first) & (labels.known_at <= first)
    middle = (started >= first) & (started < second) & (labels.known_at <= second)
    return Split(
        "time",
        train,
        Part(labels.usable & middle, first, second),
        Part(labels.usable & (started >= second), second),
    )


def by_pipeline(table: FeatureTable, labels: Labels, seed: int = 0) -> Split:
    """Half of the pipelines train, a quarter chooses, a quarter tests."""
    pipelines = np.unique(table.pipelines[labels.usable])
    shuffled = np.random.default_rng(seed).permutation(pipelines)
    first, second = (round(share * len(shuffled)) for share in SHARES)
    place = np.full(int(table.pipelines.max(initial=-1)) + 1, 3)
    place[shuffled] = np.searchsorted((first, second), np.arange(len(shuffled)), side="right")
    part = place[table.pipelines]
    train, choose, test = (labels.usable & (part == number) for number in range(3))
    return Split("pipeline", train, Part(choose), Part(test))
