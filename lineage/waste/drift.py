"""How far the data of a model has moved: from the span before, within its window, since a push.

Distance is the Jensen-Shannon divergence (J. Lin, 1991; bits) between the distributions of one
feature, on average over the features of both spans; one that only one of them has counts 1.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lineage.distributions import BINS, jensen_shannon
from lineage.waste.facts import hours
from lineage.waste.history import First, Mean, back

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lineage.analyses.rows import Filters
    from lineage.graph import Graph
    from lineage.waste.facts import Awaited, Facts

Floats = NDArray[np.float64]
MOST_FEATURES = 64
"""Features of a span that are compared, the first by name: memory is bounded so."""
_AT_ONCE = 100_000  # features compared in one step


@dataclass(frozen=True, eq=False)
class Spans:
    """The spans of graphlets.

    Attributes:
        of: numbers of each graphlet's spans by its key, the newest last.
        made: when the newest was, ms since 1970, by key of the graphlet; NaN where unknown.
        names: of the features of each span of which they are known, by its number.
        weights: likewise, (features, BINS).
        told: likewise, when they were known, ms since 1970; without an entry, with the span.
    """

    of: dict[str, tuple[int, ...]] = field(default_factory=dict)
    made: dict[str, float] = field(default_factory=dict)
    names: dict[int, tuple[str, ...]] = field(default_factory=dict)
    weights: dict[int, NDArray[np.int16]] = field(default_factory=dict)
    told: dict[int, float] = field(default_factory=dict)


def spans(
    graph: Graph,
    filters: Filters,
    keys: Sequence[str] | None = None,
    awaited: Awaited | None = None,
) -> Spans:
    """Ask for the spans of all graphlets that the filters let through, or only of some.

    With a run that is to train another model, also for those of that one.
    """
    found = Spans()
    numbers: dict[str, int] = {}
    kept: dict[tuple[str, ...], tuple[str, ...]] = {}
    asked = graph.tuples(
        "waste/spans",
        source=filters.source,
        pipeline=filters.pipeline,
        keys=None if keys is None else list(keys),
    )
    if awaited is not None:
        asked = chain(asked, graph.tuples("waste/awaited_spans", **awaited._asdict()))
    for key, listed, made, names, weights, told in asked:
        these = tuple(numbers.setdefault(one, len(numbers)) for one in listed)
        found.of[key] = these
        found.made[key] = np.nan if made is None else made
        if names and these[-1] not in found.names:
            features = tuple(names[:MOST_FEATURES])
            found.names[these[-1]] = kept.setdefault(features, features)
            flat = np.array(weights[: len(features) * BINS], np.int16)
            found.weights[these[-1]] = flat.reshape(len(features), BINS)
            if told is not None:
                found.told[these[-1]] = told
    return found


def drift(facts: Facts, found: Spans) -> dict[str, NDArray[Any]]:
    """The features that tell of data: see the catalogue.

    Args:
        facts: of graphlets, by pipeline.
        found: their spans.
    """
    size = len(facts)
    nodes, decided = facts.nodes, facts.decided[:, 1]
    of = [found.of.get(key, ()) for key in facts["key"]]
    newest = np.array([one[-1] if one else -1 for one in of], np.int64)
    pairs = _Pairs(found)
    into, within = _steps(nodes, of, pairs)
    pushed = _last_pushed(facts, nodes, decided)
    to_push = np.full(size, -1)
    for row in np.flatnonzero((pushed >= 0) & (newest >= 0)):
        if newest[pushed[row]] >= 0:
            to_push[row] = pairs.add(int(newest[row]), int(newest[pushed[row]]))
    mean, most = pairs.measure()
    told = pairs.told()
    widest = np.full(size, np.nan)
    if within:
        at, step = np.array(within).T
        np.fmax.at(widest, at, np.where(told[step] <= decided[at], mean[step], np.nan))
    into[_take(told, into) > decided] = -1  # statistics that were still to be made
    to_push[_take(told, to_push) > decided] = -1
    drifted = _take(mean, into)
    usual, before = _usual(facts, nodes, drifted, widest)
    made = np.array([found.made.get(key, np.nan) for key in facts["key"]], np.float64)
    features = [
        len(found.names.get(one, ())) or np.nan if not found.told.get(one, 0) > at else np.nan
        for one, at in zip(newest.tolist(), decided.tolist(), strict=True)
    ]
    return {
        "spans": np.array([len(one) for one in of], np.float64),
        "data_hours": hours(decided - made),
        "data_features": np.array(features, np.float64),
        "drift": drifted,
        "drift_most": _take(most, into),
        "drift_share": drifted / usual,
        "drift_window": widest,
        "drift_window_share": widest / usual,
        "drift_since_push": _take(mean, to_push),
        "last_drift": before,
    }


def _steps(
    nodes: NDArray[np.int64], of: list[tuple[int, ...]], pairs: _Pairs
) -> tuple[NDArray[np.int64], list[tuple[int, int]]]:
    """The step into each graphlet's newest span, and the steps between the spans of its window.

    The step into a span is from the newest one of the model before, the first time that a model of
    the node has it.
    """
    into = np.full(len(of), -1)
    within: list[tuple[int, int]] = []
    known: dict[int, tuple[int, dict[int, int]]] = {}
    for row, (node, held) in enumerate(zip(nodes.tolist(), of, strict=True)):
        if not held:
            continue
        newest = held[-1]
        current, steps = known.get(node, (-1, {}))
        if newest != current and newest not in steps and current >= 0:
            steps[newest] = pairs.add(newest, current)
        known[node] = (newest, steps)
        into[row] = steps.get(newest, -1)
        felt = held[1:] or held  # the step into the oldest is not within the window
        within += [(row, steps[one]) for one in felt if one in steps]
    return into, within


def _usual(
    facts: Facts, nodes: NDArray[np.int64], drifted: Floats, widest: Floats
) -> tuple[Floats, Floats]:
    """How far data of the same node usually moves, and how far it had, by that, the last time.

    As far as that was known when a run began: runs overlap.
    """
    now, known = facts.decided[:, 0], facts.decided[:, 1]
    usual, last = Mean(len(nodes), 20), First(len(nodes))
    with np.errstate(divide="ignore"):
        logs = np.log(np.where(drifted > 0, drifted, np.nan))
    for here, there, within in back(facts):
        same = within & (nodes[here] == nodes[there]) & (known[there] < now[here])
        usual.add(here, logs[there], same)
        last.add(here, widest[there], same)
    mean = np.exp(usual.mean())
    return mean, last.values / mean


def _last_pushed(facts: Facts, nodes: NDArray[np.int64], now: Floats) -> NDArray[np.int64]:
    """(n,) the nearest model before of the same node that was pushed by then, -1 without any."""
    found = np.full(len(facts), -1)
    pushed_at = facts["pushed_at"]
    rows = np.arange(len(facts))
    for here, there, within in back(facts):
        fresh = within & (found[here] < 0) & (nodes[here] == nodes[there])
        np.copyto(found[here], rows[there], where=fresh & (pushed_at[there] < now[here]))
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

    def told(self) -> Floats:
        """When the features of both spans of each pair were known, ms since 1970."""
        told = self._found.told
        return np.array(
            [max(told.get(one, 0.0), told.get(other, 0.0)) for one, other in self._numbers],
            np.float64,
        )

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
