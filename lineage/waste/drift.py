"""How far the data of a model has moved: from the span before, within its window, since a push.

Distance is the Jensen-Shannon divergence (J. Lin, 1991; bits) between the distributions of one
feature, on average over the features of both spans; one that only one of them has counts 1.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lineage.distributions import BINS, jensen_shannon
from lineage.waste.facts import hours
from lineage.waste.history import First, Mean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lineage.analyses.rows import Filters
    from lineage.graph import Graph
    from lineage.waste.facts import Facts
    from lineage.waste.history import Order

Floats = NDArray[np.float64]
MOST_FEATURES = 64
"""Features of a span that are compared, the first by name: memory is bounded so."""
_AT_ONCE = 100_000  # features compared in one step


@dataclass
class Spans:
    """The spans of graphlets.

    Attributes:
        numbers: of spans by key, counted on.
        newest: by row of the facts, its newest span; -1 without any.
        others: by row, the spans between the oldest and the newest, the oldest left out.
        made: by row, when the newest was, ms since 1970.
        count: by row.
        names: of the features of each span that is known, by its number.
        weights: likewise, (features, BINS).
    """

    newest: NDArray[np.int64]
    made: Floats
    count: NDArray[np.int64]
    others: dict[int, tuple[int, ...]] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)
    names: dict[int, tuple[str, ...]] = field(default_factory=dict)
    weights: dict[int, NDArray[np.int16]] = field(default_factory=dict)


def spans(graph: Graph, facts: Facts, filters: Filters, keys: Sequence[str] | None = None) -> Spans:
    """Ask for the spans of graphlets."""
    rows = {key: row for row, key in enumerate(facts["key"])}
    size = len(facts)
    found = Spans(np.full(size, -1), np.full(size, np.nan), np.zeros(size, np.int64))
    kept: dict[tuple[str, ...], tuple[str, ...]] = {}
    asked = graph.tuples(
        "waste/spans",
        source=filters.source,
        pipeline=filters.pipeline,
        keys=None if keys is None else list(keys),
    )
    for key, listed, made, names, weights in asked:
        row = rows.get(key)
        if row is None:
            continue
        numbers = [found.numbers.setdefault(one, len(found.numbers)) for one in listed]
        newest = numbers[-1]
        found.newest[row], found.count[row] = newest, len(numbers)
        found.made[row] = np.nan if made is None else made
        if len(numbers) > 1:
            found.others[row] = tuple(numbers[1:])
        if names and newest not in found.names:
            these = tuple(names[:MOST_FEATURES])
            found.names[newest] = kept.setdefault(these, these)
            flat = np.array(weights[: len(these) * BINS], np.int16)
            found.weights[newest] = flat.reshape(len(these), BINS)
    return found


def drift(facts: Facts, order: Order, found: Spans) -> dict[str, NDArray[Any]]:
    """The features that tell of data: see the catalogue."""
    size = len(facts)
    decided = facts.decided[:, 1]
    pairs = _Pairs(found)
    into = np.full(size, -1)
    window: list[tuple[int, int]] = []
    since: dict[int, tuple[int, dict[int, int]]] = {}
    nodes = facts.nodes
    for row in order.rows:
        newest = int(found.newest[row])
        if newest < 0:
            continue
        current, steps = since.get(int(nodes[row]), (-1, {}))
        if newest != current and newest not in steps and current >= 0:
            steps[newest] = pairs.add(newest, current)
        since[int(nodes[row])] = (newest, steps)
        into[row] = steps.get(newest, -1)
        for one in found.others.get(int(row), (newest,)):
            step = steps.get(one, -1)
            if step >= 0:
                window.append((int(row), step))
    pushed = _last_pushed(facts, order, nodes, decided)
    to_push = np.full(size, -1)
    for row in np.flatnonzero((pushed >= 0) & (found.newest >= 0)):
        other = int(found.newest[pushed[row]])
        if other >= 0:
            to_push[row] = pairs.add(int(found.newest[row]), other)
    mean, most = pairs.measure()
    widest = np.full(size, np.nan)
    if window:
        at, step = np.array(window).T
        np.fmax.at(widest, at, mean[step])
    drifted = _take(mean, into)
    usual, before = _usual(order, nodes, drifted, widest)
    return {
        "drift_share": drifted / usual,
        "drift_window_share": widest / usual,
        "last_drift": before,
        "spans": found.count.astype(float),
        "data_hours": hours(decided - found.made),
        "data_features": np.array(
            [len(found.names.get(int(one), ())) or np.nan for one in found.newest], np.float64
        ),
        "drift": drifted,
        "drift_most": _take(most, into),
        "drift_window": widest,
        "drift_since_push": _take(mean, to_push),
    }


def _usual(
    order: Order, nodes: NDArray[np.int64], drifted: Floats, widest: Floats
) -> tuple[Floats, Floats]:
    """How far data of the same node usually moves, and how far it had, by that, the last time."""
    usual, last = Mean(len(nodes), 20), First(len(nodes))
    with np.errstate(divide="ignore"):
        logs = np.log(np.where(drifted > 0, drifted, np.nan))
    for rows, there in order.back():
        same = nodes[rows] == nodes[there]
        usual.add(rows, logs[there], same)
        last.add(rows, widest[there], same)
    mean = np.exp(usual.mean())
    return mean, last.values / mean


def _last_pushed(
    facts: Facts, order: Order, nodes: NDArray[np.int64], now: Floats
) -> NDArray[np.int64]:
    """(n,) the nearest model before of the same node that was pushed by then, -1 without any."""
    found = np.full(len(facts), -1)
    pushed_at = facts["pushed_at"]
    for rows, there in order.back():
        fresh = (found[rows] < 0) & (nodes[rows] == nodes[there]) & (pushed_at[there] < now[rows])
        found[rows[fresh]] = there[fresh]
    return found


def _take(values: Floats, places: NDArray[np.int64]) -> Floats:
    if not len(values):
        return np.full(len(places), np.nan)
    return np.where(places >= 0, values[np.clip(places, 0, None)], np.nan)


class _Pairs:
    """Pairs of spans that are to be compared, each once."""

    def __init__(self, found: Spans) -> None:
        self._found = found
        self._numbers: dict[tuple[int, int], int] = {}

    def add(self, one: int, other: int) -> int:
        """The number of a pair."""
        pair = (one, other) if one < other else (other, one)
        return self._numbers.setdefault(pair, len(self._numbers))

    def measure(self) -> tuple[Floats, Floats]:
        """Mean and largest divergence of each pair; NaN where one's features are not known."""
        mean = np.full(len(self._numbers), np.nan)
        most = np.full(len(self._numbers), np.nan)
        left: list[NDArray[np.int16]] = []
        right: list[NDArray[np.int16]] = []
        at: list[int] = []
        waiting = 0
        for (one, other), number in self._numbers.items():
            if one == other:
                mean[number] = most[number] = 0.0
                continue
            names, others = self._found.names.get(one), self._found.names.get(other)
            if names is None or others is None:
                continue
            if names == others:
                left.append(self._found.weights[one])
                right.append(self._found.weights[other])
                at.append(number)
                waiting += len(names)
            else:
                mean[number], most[number] = self._by_name(one, other)
            if waiting >= _AT_ONCE:
                _compare(left, right, at, mean, most)
                left, right, at, waiting = [], [], [], 0
        _compare(left, right, at, mean, most)
        return mean, most

    def _by_name(self, one: int, other: int) -> tuple[float, float]:
        mine = dict(zip(self._found.names[one], self._found.weights[one], strict=True))
        theirs = dict(zip(self._found.names[other], self._found.weights[other], strict=True))
        both = sorted(mine.keys() & theirs.keys())
        found = np.ones(len(mine.keys() | theirs.keys()))
        if both:
            found[: len(both)] = jensen_shannon(
                np.stack([mine[name] for name in both]), np.stack([theirs[name] for name in both])
            )
        known = found[~np.isnan(found)]
        return (float(known.mean()), float(known.max())) if len(known) else (np.nan, np.nan)


def _compare(
    left: list[NDArray[np.int16]],
    right: list[NDArray[np.int16]],
    at: list[int],
    mean: Floats,
    most: Floats,
) -> None:
    if not at:
        return
    lengths = np.array([len(one) for one in left])
    begin = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    bits = jensen_shannon(np.concatenate(left), np.concatenate(right))
    known = ~np.isnan(bits)
    total = np.add.reduceat(np.where(known, bits, 0.0), begin)
    count = np.add.reduceat(known.astype(np.int64), begin)
    largest = np.maximum.reduceat(np.where(known, bits, -1.0), begin)
    places = np.array(at)
    mean[places] = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    most[places] = np.where(count > 0, largest, np.nan)
