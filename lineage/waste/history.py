"""How the models before each one fared, as it was known when its run began.

Every figure is of the last `WINDOW` models of the same pipeline whose training had begun by then.
What became of them counts only as far as it had happened: one that was pushed later counts as not
pushed. Looking back step by step, all graphlets at once, takes a few seconds for half a million:
they stand by pipeline, so that a step back is a slice of every column.
"""

from __future__ import annotations

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

    def add(self, here: slice, counts: Flags, had: Flags) -> None:
        """Look at one model for each of some rows."""
        counts = counts & (self.of[here] < self._most)
        self.of[here] += counts
        self.had[here] += counts & had

    def share(self) -> Floats:
        """NaN where none counts."""
        return over(self.had, self.of)


class Mean:
    """A mean over the nearest models of which something is known."""

    def __init__(self, size: int, most: int) -> None:
        self._sum = np.zeros(size)
        self._of = np.zeros(size, np.int32)
        self._most = most

    def add(self, here: slice, values: Floats, counts: Flags) -> None:
        """Look at one model for each of some rows."""
        counts = counts & ~np.isnan(values) & (self._of[here] < self._most)
        self._of[here] += counts
        self._sum[here] += np.where(counts, values, 0.0)

    def mean(self) -> Floats:
        """NaN where nothing is known."""
        return over(self._sum, self._of)


class First:
    """The value of the nearest model of which it is known."""

    def __init__(self, size: int) -> None:
        self.values = np.full(size, np.nan)

    def add(self, here: slice, values: Floats, counts: Flags) -> None:
        """Look at one model for each of some rows."""
        known = self.values[here]
        np.copyto(known, values, where=counts & np.isnan(known))


class Run:
    """How many models in a row, from the nearest on, are alike."""

    def __init__(self, size: int, like: Floats | None = None) -> None:
        """Like the nearest one, or like a value of each row's own."""
        self.length = np.zeros(size, np.int32)
        self._like = np.full(size, np.nan) if like is None else like.copy()
        self._over = np.zeros(size, bool)

    def add(self, here: slice, values: Floats, counts: Flags) -> None:
        """Look at one model for each of some rows."""
        like = self._like[here]
        np.copyto(like, values, where=counts & np.isnan(like))
        self._over[here] |= counts & (values != like)
        self.length[here] += counts & ~self._over[here]


def back(facts: Facts) -> Iterator[tuple[slice, slice, Flags]]:
    """Rows, the rows one, two, three ... before them, and which of these are of one pipeline."""
    pipelines = facts.pipelines
    for step in range(1, min(WINDOW, len(facts) - 1) + 1):
        here, there = slice(step, None), slice(None, -step)
        within = pipelines[here] == pipelines[there]
        if not within.any():
            return
        yield here, there, within


def history(facts: Facts) -> dict[str, NDArray[Any]]:
    """Features of stage `before`, and what later stages compare with.

    Args:
        facts: of graphlets, by pipeline.

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
    deployed, anomalous = facts["deployed"], facts["anomalies"] > 0
    inputs, checks = facts["inputs"], facts["checks"]
    lasted, apart, late = hours(trained - started), _since_before(facts), hours(judged - now)
    for here, there, within in back(facts):
        begun = within & (started[there] < now[here])
        pushed = within & (pushed_at[there] < now[here])
        over = judged[there] < now[here]
        node = within & (nodes[there] == nodes[here])
        same = begun & node
        steps[here] += begun
        told = begun & over & verdicts[there]
        of = {
            "push_rate": begun, "push_rate_20": begun, "push_rate_5": begun, "node_push_rate": same,
            "pushed_of_blessed": told & good[there], "pushed_of_rejected": told & ~good[there],
            "pushed_of_anomalous": begun & anomalous[there],
        }  # fmt: skip
        for name, counts in of.items():
            tallies[name].add(here, counts, pushed)
        tallies["blessed_rate"].add(here, told, good[there])
        tallies["deployment_rate"].add(here, begun & over, deployed[there] < now[here])
        tallies["failure_rate"].add(here, begun & (trained[there] < now[here]), failed[there])
        tallies["node_share"].add(here, begun, same)
        firsts["last_pushed"].add(here, pushed.astype(float), same)
        firsts["last_blessed"].add(here, good[there].astype(float), same & told)
        firsts["before"].add(here, started[there], begun)
        firsts["inputs"].add(here, inputs[there], same)
        firsts["checks"].add(here, checks[there], same & over)
        firsts["evaluated"].add(here, evaluated[there], same & over)
        change.add(here, structure[there], same & over)
        # Whose training began before has code that is known.
        unchanged.add(here, code[there], node)
        firsts["code"].add(here, code[there], node)
        verdict.add(here, late[there], same & over)
        training.add(here, lasted[there], same & (trained[there] < now[here]))
        gaps.add(here, apart[there], begun)
        np.copyto(since[here], steps[here], where=pushed & np.isnan(since[here]))
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


def _since_before(facts: Facts) -> Floats:
    """Hours from the start of the model before in the pipeline; NaN for its first."""
    found = np.full(len(facts), np.nan)
    same = facts.pipelines[1:] == facts.pipelines[:-1]
    np.copyto(found[1:], hours(np.diff(facts["started"])), where=same)
    return found
