"""What a cache of the outputs would have saved: the graph's repeated work replayed with policies.

An access is an execution that repeats another, or is repeated; the item that it asks for is what
the class of equivalent executions wrote. What ran only once is left out, as nothing could have
saved it: policies that know no future are taken not to keep it, which flatters them. What is
computed again counts as kept from the start of that execution.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from lineage.analyses.rows import Row, Rows, fetch
from lineage.analyses.simulated import simulated
from lineage.errors import SettingsError
from lineage.reuse.curve import SHARES, Policy, curve
from lineage.reuse.replay import Trace
from lineage.reuse.storage import Storage, estimated_size

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lineage.graph import Graph
    from lineage.reuse.curve import Point
    from lineage.settings import Settings


class AccessRow(Row):
    """A class of equivalent executions; `analyses/whatif_accesses` says what the fields mean."""

    original: str
    unit: str | None
    times: tuple[int, ...]
    costs: tuple[float, ...]
    overlapping: int
    overlapping_cost: float
    assumed: int
    untold: int
    size: int
    unsized: tuple[dict[str, str | None], ...]


class SizeRow(Row):
    """How large artifacts of one type are; `analyses/whatif_sizes` says what the fields mean."""

    type: str | None
    known: int
    size: float


class WhatIfRow(Row):
    """One policy with one budget.

    Attributes:
        budget: bytes.
        policy: `none`; `ttl`, the longest of a list that fits; `lru`; `cost` (GreedyDual-Size);
            `offline`, a plan that fits, by one who knows the future; `optimum`, the best such plan,
            of small traces; `bound`, which no plan exceeds, though none may reach it.
        seconds: time to live, where the policy is one.
        cost: of all accesses.
        saved: against computing each.
        saved_share: of the cost without a cache.
        hits: accesses that loaded; None of a bound.
        peak: bytes kept at most, where known.
    """

    budget: int
    policy: Policy
    seconds: float | None
    cost: float
    saved: float
    saved_share: float
    hits: int | None
    peak: float | None


class WhatIf(Rows[WhatIfRow]):
    """The cost curve, and what it rests on.

    Attributes:
        rows: by budget, then by policy.
        unit: of the costs; the most frequent one where there are several.
        cost: of everything that was computed more than once, overlapping work included.
        accesses: executions that were replayed.
        items: classes of equivalent executions.
        size: bytes of all items together.
        estimated: items whose size is estimated, in part at least.
        estimated_size: bytes of these.
        overlapping: executions that overlapped with their original: no cache saves their cost.
        assumed: executions whose code is only assumed to be that of their original.
        left_out: executions without a time or a cost, or with a cost in another unit.
        is_load_free: loads count nothing; the settings tell no cost of a second of loading.
        simulated: sources in the graph that a simulation made up.
    """

    unit: str | None
    cost: float
    accesses: int
    items: int
    size: float
    estimated: int
    estimated_size: float
    overlapping: int
    assumed: int
    left_out: int
    is_load_free: bool
    simulated: tuple[str, ...]


QUERIES: dict[str, type[Row]] = {
    "analyses/whatif_accesses": AccessRow,
    "analyses/whatif_sizes": SizeRow,
}


def whatif(
    graph: Graph,
    settings: Settings,
    budgets: Sequence[int] | None = None,
    policies: Iterable[str] | None = None,
) -> WhatIf:
    """Replay what was computed more than once, with each policy and each budget.

    Args:
        graph: the graph, segmented.
        settings: how fast kept outputs are loaded.
        budgets: bytes; by default shares of what all items take.
        policies: names; by default all.

    Raises:
        SettingsError: a budget is negative, or there is no such policy.
    """
    wanted = _policies(policies)
    if any(budget < 0 for budget in budgets or ()):
        raise SettingsError(f"budgets: {min(budgets or ())} is negative; a budget is in bytes")
    rows = list(fetch(graph, "analyses/whatif_accesses", AccessRow))
    unit = _usual_unit(rows)
    apart = [row for row in rows if row.unit == unit]
    used = [row for row in apart if len(row.times) > 1]
    sizes = _sizes(graph, used)
    storage = Storage.of(settings, unit)
    trace = _trace(used, sizes, storage)
    estimated = [size for row, size in zip(used, sizes, strict=True) if row.unsized]
    cost = sum(sum(row.costs) + row.overlapping_cost for row in apart)
    chosen = [round(trace.footprint * share) for share in SHARES] if budgets is None else budgets
    told = curve(trace, sorted(set(chosen)), wanted) if len(trace) else ()
    return WhatIf(
        rows=tuple(_row(point, cost) for point in told),
        unit=unit,
        cost=cost,
        accesses=len(trace),
        items=len(used),
        size=trace.footprint,
        estimated=len(estimated),
        estimated_size=sum(estimated),
        overlapping=sum(row.overlapping for row in apart),
        assumed=sum(row.assumed for row in apart),
        left_out=sum(row.untold for row in rows)
        + sum(len(row.times) + row.overlapping for row in rows if row.unit != unit),
        is_load_free=storage.cost_per_second == 0,
        simulated=simulated(graph),
    )


def _policies(names: Iterable[str] | None) -> list[Policy]:
    if names is None:
        return list(Policy)
    try:
        return [Policy(name) for name in names]
    except ValueError as error:
        known = ", ".join(Policy)
        raise SettingsError(f"policies: {error}; there are {known}") from None


def _usual_unit(rows: Iterable[AccessRow]) -> str | None:
    """The unit of most executions; the first in the alphabet of several."""
    counts: Counter[str] = Counter()
    for row in rows:
        if row.unit is not None:
            counts[row.unit] += len(row.times)
    return min(counts, key=lambda unit: (-counts[unit], unit), default=None)


def _sizes(graph: Graph, rows: Sequence[AccessRow]) -> list[float]:
    """Bytes of each item: what is known, and estimates for the rest."""
    medians: dict[str | None, float] = {}
    if any(row.unsized for row in rows):
        medians = median_sizes(graph)
    return [
        row.size
        + sum(estimated_size(one["type"], one["class"] or "other", medians) for one in row.unsized)
        for row in rows
    ]


def median_sizes(graph: Graph) -> dict[str | None, float]:
    """The median size of artifacts by native type, bytes, where sizes are known."""
    return {row.type: row.size for row in fetch(graph, "analyses/whatif_sizes", SizeRow)}


def _trace(rows: Sequence[AccessRow], sizes: Sequence[float], storage: Storage) -> Trace:
    counts = [len(row.times) for row in rows]
    return Trace.of(
        item=np.repeat(np.arange(len(rows)), counts),
        time=np.array([time for row in rows for time in row.times], dtype=np.float64) / 1000,
        cost=np.array([cost for row in rows for cost in row.costs], dtype=np.float64),
        size=np.array(sizes, dtype=np.float64),
        load=[storage.load(size) for size in sizes],
    )


def _row(point: Point, cost: float) -> WhatIfRow:
    saving = point.saving
    return WhatIfRow(
        budget=point.budget,
        policy=point.policy,
        seconds=point.seconds,
        cost=cost - saving.saved,
        saved=saving.saved,
        saved_share=saving.saved / cost if cost else 0.0,
        hits=None if point.policy is Policy.BOUND else saving.hits,
        peak=saving.peak,
    )
