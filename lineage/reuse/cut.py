"""What to load and what to compute, exactly: a minimum cut.

Helix (D. Xin et al., VLDB 2018) proves that the choice is a project selection problem. This is the
same network with fewer arcs. A node has two places, `at hand` and `computed`:

    source -> at hand (of what is asked for)     unbounded
    at hand -> computed                          cost of loading; unbounded if it cannot be loaded
    computed -> sink                             cost of computing
    computed -> at hand (of each parent)         unbounded

What lies on the source's side of a minimum cut is at hand or computed, and what is at hand and not
computed is loaded: the cut is what that costs. Arcs that decide nothing are never made: what has to
be computed anyway is the source itself, and nothing above a node is looked at when loading it costs
no more than computing it with its parents for free.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from ortools.graph.python.max_flow import SimpleMaxFlow

from lineage.errors import ReuseError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

RESOLUTION_BITS = 52
"""Costs are whole multiples of 2^-52 of what loading all that is open would cost: a cost is off
by no more than it would be as a number of double precision."""

_SOURCE, _SINK = 0, 1
_UNBOUNDED = 1 << (RESOLUTION_BITS + 1)


class _Known(NamedTuple):
    """What has to be at hand in any case, by what is known of it."""

    loaded: list[int]
    computed: list[int]
    open: list[int]


def cut(
    parents: Sequence[Sequence[int]],
    compute: Sequence[float],
    load: Sequence[float],
    targets: Iterable[int],
) -> tuple[list[int], list[int]]:
    """The cheapest way to have the targets at hand.

    Args:
        parents: of each node.
        compute: cost of each node; finite and not negative.
        load: cost of each node; infinite where it is not kept. Of equal plans the one that loads
            is taken.
        targets: nodes that have to be at hand.

    Returns:
        What is loaded and what is computed; each node once.
    """
    known = _forced(parents, compute, load, targets)
    if known.open:
        _decide(parents, compute, load, known)
    return known.loaded, known.computed


def _forced(
    parents: Sequence[Sequence[int]],
    compute: Sequence[float],
    load: Sequence[float],
    targets: Iterable[int],
) -> _Known:
    stack = list(targets)
    seen = set(stack)
    loaded, computed, open_ = list[int](), list[int](), list[int]()
    while stack:
        node = stack.pop()
        if load[node] <= compute[node]:
            loaded.append(node)
        elif load[node] == math.inf or not parents[node]:
            computed.append(node)
            for parent in parents[node]:
                if parent not in seen:
                    seen.add(parent)
                    stack.append(parent)
        else:
            open_.append(node)
    return _Known(loaded, computed, open_)


def _decide(
    parents: Sequence[Sequence[int]],
    compute: Sequence[float],
    load: Sequence[float],
    known: _Known,
) -> None:
    """Sort what is open, and what is above it, into what is loaded and what is computed."""
    open_ = known.open
    settled = {*known.loaded, *known.computed, *open_}
    place = {node: 2 + index for index, node in enumerate(open_)}  # of `computed`, or of both
    tails, heads = [_SOURCE] * len(open_), [place[node] for node in open_]
    capacities = [load[node] for node in open_]
    stack = list(open_)
    at_hand: dict[int, int] = {}
    places = 2 + len(open_)
    while stack:
        node = stack.pop()
        here = place[node]
        tails.append(here)
        heads.append(_SINK)
        capacities.append(compute[node])
        for parent in parents[node]:
            if parent in settled:
                continue
            if parent not in at_hand:
                at_hand[parent] = places
                cost = load[parent]
                if cost <= compute[parent]:
                    tails.append(places)
                    heads.append(_SINK)
                    capacities.append(cost)
                else:
                    if cost < math.inf and parents[parent]:
                        tails.append(places)
                        places += 1
                        heads.append(places)
                        capacities.append(cost)
                    place[parent] = places
                    stack.append(parent)
                places += 1
            tails.append(here)
            heads.append(at_hand[parent])
            capacities.append(math.inf)
    side = _source_side(tails, heads, capacities, len(open_))
    _read(parents, side, place, known)


def _source_side(
    tails: list[int], heads: list[int], capacities: list[float], first: int
) -> frozenset[int]:
    """The smallest source side of a minimum cut; the first arcs leave the source."""
    costs = np.array(capacities)
    top = float(costs[:first].sum())
    scale = math.ldexp(1.0, RESOLUTION_BITS - math.frexp(top)[1])
    with np.errstate(over="ignore"):
        whole = np.minimum(np.rint(costs * scale), _UNBOUNDED).astype(np.int64)
    flow = SimpleMaxFlow()
    flow.add_arcs_with_capacity(
        np.array(tails, dtype=np.int32), np.array(heads, dtype=np.int32), whole
    )
    status = flow.solve(_SOURCE, _SINK)
    if status != SimpleMaxFlow.OPTIMAL:
        raise ReuseError(f"the minimum cut of {len(tails)} arcs could not be found: {status}")
    return frozenset(flow.get_source_side_min_cut())


def _read(
    parents: Sequence[Sequence[int]], side: frozenset[int], place: dict[int, int], known: _Known
) -> None:
    """Walk up from what is open; what no computed node needs is not looked at."""
    stack = list(known.open)
    seen = {*known.loaded, *known.computed, *known.open}
    while stack:
        node = stack.pop()
        if place.get(node) not in side:
            known.loaded.append(node)
            continue
        known.computed.append(node)
        for parent in parents[node]:
            if parent not in seen:
                seen.add(parent)
                stack.append(parent)
