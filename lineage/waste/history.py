"""How the models before each one fared, as it was known when its run began.

Every figure is of the last `WINDOW` models of the same pipeline whose training had begun by then.
What became of them counts only as far as it had happened: one that was pushed later counts as not
pushed. Looking back step by step, all graphlets at once, takes a few seconds for half a million.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lineage.waste.catalog import WINDOW
from lineage.waste.facts import hours, over
from lineage.waste.table import factorize

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lineage.waste.facts import Facts

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


class Tally:
    """A share of models: how many of those that count had something."""

    def __init__(self, size: int, most: int = WINDOW) -> None:
        """Of the `most` nearest that count."""
        self.of = np.zeros(size, np.int32)
        self.had = np.zeros(size, np.int32)
        self._most = most

    def add(self, rows: NDArray[np.int64], counts: Flags, had: Flags) -> None:
        """Look at one model for each of some rows."""
        counts = counts & (self.of[rows] < self._most)
        self.of[rows] += counts
        self.had[rows] += counts & had

    def share(self) -> Floats:
        """NaN where none counts."""
        return over(self.had, self.of)


class Mean:
    """A mean over the nearest models of which something is known."""

    def __init__(self, size: int, most: int) -> None:
        self._sum = np.zeros(size)
        self._of = np.zeros(size, np.int32)
        self._most = most

    def add(self, rows: NDArray[np.int64], values: Floats, counts: Flags) -> None:
        """Look at one model for each of some rows."""
        counts = counts & ~np.isnan(values) & (self._of[rows] < self._most)
        self._of[rows] += counts
        self._sum[rows] += np.where(counts, values, 0.0)

    def mean(self) -> Floats:
        """NaN where nothing is known."""
        return over(self._sum, self._of)


class First:
    """The value of the nearest model of which it is known."""

    def __init__(self, size: int) -> None:
        self.values = np.full(size, np.nan)

    def add(self, rows: NDArray[np.int64], values: Floats, counts: Flags) -> None:
        """Look at one model for each of some rows."""
        fresh = counts & np.isnan(self.values[rows])
        self.values[rows[fresh]] = values[fresh]


class Run:
    """How many models in a row, from the nearest on, are alike."""

    def __init__(self, size: int, like: Floats | None = None) -> None:
        """Like the nearest one, or like a value of each row's own."""
        self.length = np.zeros(size, np.int32)
        self._like = np.full(size, np.nan) if like is None else like.copy()
        self._over = np.zeros(size, bool)

    def add(self, rows: NDArray[np.int64], values: Floats, counts: Flags) -> None:
        """Look at one model for each of some rows."""
        self._like[rows] = np.where(counts & np.isnan(self._like[rows]), values, self._like[rows])
        self._over[rows] |= counts & (values != self._like[rows])
        self.length[rows] += counts & ~self._over[rows]


@dataclass(frozen=True, eq=False)
class Order:
    """Graphlets by pipeline, in each by their trainer's start.

    Attributes:
        rows: (n,), rows of the facts in that order.
        place: (n,), where each row stands in it.
        pipelines: (n,), by row.
    """

    rows: NDArray[np.int64]
    place: NDArray[np.int64]
    pipelines: NDArray[np.int64]

    @classmethod
    def of(cls, facts: Facts) -> Order:
        """The order of all of them."""
        pipelines = facts.pipelines
        rows = np.argsort(pipelines, kind="stable")
        place = np.empty_like(rows)
        place[rows] = np.arange(len(rows))
        return cls(rows, place, pipelines)

    def back(self) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
        """Rows, and for each the row one, two, three ... models before it in its pipeline."""
        for step in range(1, min(WINDOW, len(self.rows) - 1) + 1):
            here, there = self.rows[step:], self.rows[:-step]
            same = self.pipelines[here] == self.pipelines[there]
            if not same.any():
                return
            yield here[same], there[same]


def history(facts: Facts, order: Order) -> dict[str, NDArray[Any]]:
    """Features of stage `before`, and what later stages compare with.

    Returns:
        Columns by the names of the catalogue, and under `_` names: the same node's last classes of
        inputs and of checks, and the mean hours of its trainings.
    """
    size = len(facts)
    nodes, decided = facts.nodes, facts.decided
    now, judged = decided[:, 0], decided[:, 4]
    pushed_at, started, trained = facts["pushed_at"], facts["started"], facts["trained"]
    failed = facts["state"] == "FAILED"
    verdicts, good = facts["blessings"] > 0, facts["blessed"] >= facts["blessings"]
    structure = facts["inputs"] * 128 + facts["checks"]
    tallies = {
        name: Tally(size, most)
        for name, most in {
            "push_rate": WINDOW, "push_rate_20": 20, "push_rate_5": 5, "node_push_rate": 20,
            "blessed_rate": 20, "pushed_of_blessed": WINDOW, "pushed_of_rejected": WINDOW,
            "pushed_of_anomalous": WINDOW, "deployment_rate": WINDOW, "failure_rate": 20,
            "node_share": WINDOW,
        }.items()
    }  # fmt: skip
    firsts = {
        name: First(size)
        for name in (
            "last_pushed", "last_blessed", "before", "inputs", "checks", "evaluated", "code",
        )
    }  # fmt: skip
    gaps, training, verdict = Mean(size, 20), Mean(size, 20), Mean(size, 20)
    code = _codes(facts)
    since, change, unchanged = np.full(size, np.nan), Run(size), Run(size, like=code)
    steps = np.zeros(size)
    evaluated = facts.has("checks", "evaluation")
    lasted, apart = hours(trained - started), _since_before(facts, order)
    for rows, there in order.back():
        begun = started[there] < now[rows]
        pushed = pushed_at[there] < now[rows]
        over = judged[there] < now[rows]
        same = begun & (nodes[there] == nodes[rows])
        steps[rows] += begun
        told = begun & over & verdicts[there]
        of = {
            "push_rate": begun, "push_rate_20": begun, "push_rate_5": begun, "node_push_rate": same,
            "pushed_of_blessed": told & good[there], "pushed_of_rejected": told & ~good[there],
            "pushed_of_anomalous": begun & (facts["anomalies"][there] > 0),
        }  # fmt: skip
        for name, counts in of.items():
            tallies[name].add(rows, counts, pushed)
        tallies["blessed_rate"].add(rows, told, good[there])
        tallies["deployment_rate"].add(rows, begun & over, facts["deployed"][there] < now[rows])
        tallies["failure_rate"].add(rows, begun & (trained[there] < now[rows]), failed[there])
        tallies["node_share"].add(rows, begun, same)
        firsts["last_pushed"].add(rows, pushed.astype(float), same)
        firsts["last_blessed"].add(rows, good[there].astype(float), same & told)
        firsts["before"].add(rows, started[there], begun)
        firsts["inputs"].add(rows, facts["inputs"][there], same)
        firsts["checks"].add(rows, facts["checks"][there], same & over)
        firsts["evaluated"].add(rows, evaluated[there], same & over)
        change.add(rows, structure[there], same & over)
        # Whose training began before has code that is known.
        node = nodes[there] == nodes[rows]
        unchanged.add(rows, code[there], node)
        firsts["code"].add(rows, code[there], node)
        verdict.add(rows, hours(judged - now)[there], same & over)
        training.add(rows, lasted[there], same & (trained[there] < now[rows]))
        gaps.add(rows, apart[there], begun)
        since[rows] = np.where(pushed & np.isnan(since[rows]), steps[rows], since[rows])
    columns: dict[str, NDArray[Any]] = {name: tally.share() for name, tally in tallies.items()}
    columns |= {
        "family": facts["family"],
        "models": steps,
        "last_pushed": firsts["last_pushed"].values,
        "last_blessed": firsts["last_blessed"].values,
        "models_since_push": since,
        "hours_since_model": hours(now - firsts["before"].values),
        "hours_between_models": gaps.mean(),
        "evaluated_before": firsts["evaluated"].values,
        "models_since_change": np.where(steps > 0, change.length, np.nan),
        "hours_to_verdict": verdict.mean(),
        "new_code": _differs(code, firsts["code"].values),
        "models_since_code": np.where(np.isnan(code), np.nan, unchanged.length),
        "_inputs": firsts["inputs"].values,
        "_checks": firsts["checks"].values,
        "_training": training.mean(),
    }
    return columns


def _codes(facts: Facts) -> Floats:
    """Numbers of the versions of code that models were made with; NaN where none is known."""
    trainer, _ = factorize(facts["code"])
    prepared, known = factorize(facts["prepared_by"])
    silent = (facts["code"] == "") & (facts["prepared_by"] == "")
    return np.where(silent, np.nan, trainer * len(known) + prepared)


def _differs(mine: Floats, other: Floats) -> Floats:
    """1 where two values are known and not the same, NaN where one is not known."""
    return np.where(np.isnan(mine) | np.isnan(other), np.nan, mine != other)


def _since_before(facts: Facts, order: Order) -> Floats:
    """Hours from the start of the model before in the pipeline; NaN for its first."""
    found = np.full(len(facts), np.nan)
    here, there = order.rows[1:], order.rows[:-1]
    same = order.pipelines[here] == order.pipelines[there]
    found[here[same]] = hours(facts["started"][here[same]] - facts["started"][there[same]])
    return found
