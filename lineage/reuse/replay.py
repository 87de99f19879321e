"""What a cache would have saved: a trace of repeated computations replayed with a policy.

An access asks for an item, the output of a class of equivalent computations. A miss costs what the
computation cost, and the policy may then keep the item; a hit costs what loading it costs. Where
loading is dearer it is computed again, so that a hit never costs more than a miss. What takes more
room than the whole budget is never kept; under a budget, what takes none always is.

Policies that know no future, for any order of accesses:

- `lru`: the item that was not asked for the longest goes first.
- `greedy_dual`: GreedyDual-Size (P. Cao, S. Irani, *Cost-Aware WWW Proxy Caching Algorithms*, USITS
  1997): the item of least H goes first, H = L + saving / size when it is asked for, L being the H
  of what went last, which ages those that are not asked for.
- `time_to_live`: an item goes when it was not asked for during a given time.

`lineage.reuse.hindsight` has what can be reached when the future is known.
"""

from __future__ import annotations

import heapq
from collections import OrderedDict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from lineage.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Sequence

Floats: TypeAlias = NDArray[np.float64]
Places: TypeAlias = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Saving:
    """What a policy saved.

    Attributes:
        saved: cost, in the unit of the trace.
        hits: accesses that did not have to compute.
        peak: bytes kept at most; None where it is not known.
    """

    saved: float
    hits: int
    peak: float | None = None


@dataclass(frozen=True)
class Trace:
    """Accesses in the order of time.

    Attributes:
        item: (n,) the item that each asks for, numbered from 0.
        time: (n,) seconds, not falling.
        cost: (n,) of computing it then; in the unit of `load`.
        size: (m,) bytes of each item.
        load: (m,) cost of loading each item.
    """

    item: Places
    time: Floats
    cost: Floats
    size: Floats
    load: Floats

    @classmethod
    def of(
        cls,
        item: Sequence[int] | Places,
        time: Sequence[float] | Floats,
        cost: Sequence[float] | Floats,
        size: Sequence[float] | Floats,
        load: Sequence[float] | Floats | None = None,
    ) -> Trace:
        """A trace from accesses in any order; those of one time keep theirs.

        Raises:
            SettingsError: lengths differ, an item has no size, or a number is negative or none.
        """
        items = np.asarray(item, dtype=np.int64)
        times, costs, sizes = (np.asarray(x, dtype=np.float64) for x in (time, cost, size))
        loads = np.zeros_like(sizes) if load is None else np.asarray(load, dtype=np.float64)
        if not (len(items) == len(times) == len(costs) and len(sizes) == len(loads)):
            raise SettingsError("trace: each access needs an item, a time and a cost")
        if len(items) and not 0 <= items.min() <= items.max() < len(sizes):
            raise SettingsError(f"trace: items are numbered from 0 to {len(sizes) - 1}")
        for name, values in (("cost", costs), ("size", sizes), ("load cost", loads)):
            if not (np.isfinite(values).all() and (values >= 0).all()):
                raise SettingsError(f"trace: a {name} is negative, infinite or no number")
        if not np.isfinite(times).all():
            raise SettingsError("trace: a time is infinite or no number")
        order = np.argsort(times, kind="stable")
        return cls(items[order], times[order], costs[order], sizes, loads)

    def __len__(self) -> int:
        return len(self.item)

    @cached_property
    def gain(self) -> Floats:
        """(n,) What a hit saves at each access."""
        gain: Floats = np.maximum(self.cost - self.load[self.item], 0.0)
        return gain

    @cached_property
    def following(self) -> Places:
        """(n,) The next access to the same item; n where there is none."""
        order = np.argsort(self.item, kind="stable")
        same = self.item[order][1:] == self.item[order][:-1]
        following = np.full(len(self), len(self), dtype=np.int64)
        following[order[:-1][same]] = order[1:][same]
        return following

    @cached_property
    def worth(self) -> Floats:
        """(n,) What keeping the item from each access to the next one saves; 0 at the last."""
        return np.append(self.gain, 0.0)[self.following]

    @property
    def total(self) -> float:
        """What it all costs when nothing is kept."""
        return float(self.cost.sum())

    @property
    def footprint(self) -> float:
        """Bytes of all items together: a cache of that size never has to choose."""
        return float(self.size[np.unique(self.item)].sum())


def lru(trace: Trace, budget: float) -> Saving:
    """Least recently used goes first.

    Args:
        trace: the accesses.
        budget: bytes.
    """
    sizes, gains = trace.size.tolist(), trace.gain.tolist()
    kept: OrderedDict[int, None] = OrderedDict()
    free: set[int] = set()
    room, saved, hits, least = budget, 0.0, 0, budget
    for item, gain in zip(trace.item.tolist(), gains, strict=True):
        if item in kept or item in free:
            if item in kept:
                kept.move_to_end(item)
            saved += gain
            hits += gain > 0
            continue
        size = sizes[item]
        if size > budget:
            continue
        if not size:
            free.add(item)
            continue
        while size > room:
            room += sizes[kept.popitem(last=False)[0]]
        kept[item] = None
        room -= size
        least = min(least, room)
    return Saving(saved, hits, budget - least)


def greedy_dual(trace: Trace, budget: float) -> Saving:
    """GreedyDual-Size: least saving per byte goes first, with ageing.

    The queue is put right only where it is wrong: the H of an item in it may be smaller than the
    item's own, never greater; `queued` tells which of its entries counts.

    Args:
        trace: the accesses.
        budget: bytes.
    """
    sizes = trace.size.tolist()
    gains = trace.gain.tolist()
    with np.errstate(divide="ignore", invalid="ignore"):
        density = trace.gain / trace.size[trace.item]
    kept: dict[int, float] = {}
    queued: dict[int, float] = {}
    queue: list[tuple[float, int]] = []
    room, saved, hits, least, age = budget, 0.0, 0, budget, 0.0
    for item, gain, each in zip(trace.item.tolist(), gains, density.tolist(), strict=True):
        size = sizes[item]
        priority = age + each
        if item in kept:
            saved += gain
            hits += gain > 0
            kept[item] = priority
            if size and priority < queued[item]:
                queued[item] = priority
                heapq.heappush(queue, (priority, item))
            continue
        if size > budget:
            continue
        while size > room:
            old, gone = heapq.heappop(queue)
            if queued.get(gone) != old:
                continue  # it went, or has another entry
            now = kept[gone]
            if now > old:
                queued[gone] = now
                heapq.heappush(queue, (now, gone))
                continue
            age = now
            del kept[gone], queued[gone]
            room += sizes[gone]
            priority = age + each
        kept[item] = priority
        if size:
            queued[item] = priority
            heapq.heappush(queue, (priority, item))
        room -= size
        least = min(least, room)
    return Saving(saved, hits, budget - least)


def time_to_live(trace: Trace, seconds: float) -> Saving:
    """An item stays while it is asked for within a time; the peak is the budget that takes.

    Args:
        trace: the accesses.
        seconds: after which it goes; at that very moment it is still there.
    """
    count = len(trace)
    follows = trace.following < count
    until = trace.time + seconds
    next_time = np.append(trace.time, np.inf)[trace.following]
    hit = follows & (next_time <= until)
    # Room is taken at an access, and given back when nobody asked in time; a hit hands it on.
    size = trace.size[trace.item]
    taken = np.ones(count, dtype=bool)
    taken[trace.following[hit]] = False
    given = ~hit
    # Stable, with takes first: at the moment when an item goes it is still there.
    times = np.concatenate((trace.time[taken], until[given]))
    change = np.concatenate((size[taken], -size[given]))
    held = np.cumsum(change[np.argsort(times, kind="stable")])
    saved = trace.worth[hit]
    return Saving(float(saved.sum()), int((saved > 0).sum()), float(held.max(initial=0.0)))
