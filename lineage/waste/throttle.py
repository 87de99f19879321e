"""How long after a push a pipeline pushes nothing, as far as its models before tell.

Few tools record why a good model was not pushed. That its pipeline waits some time between two
pushes shows in how long had been waited when models were pushed, and when good ones were not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lineage.waste.catalog import WINDOW
from lineage.waste.facts import hours

if TYPE_CHECKING:
    from lineage.waste.facts import Facts
    from lineage.waste.history import Order

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


class Extreme:
    """The largest value of those that count, or the smallest."""

    def __init__(self, size: int, *, smallest: bool = False) -> None:
        self.values = np.full(size, np.nan)
        self._choose = np.fmin if smallest else np.fmax

    def add(self, rows: NDArray[np.int64], values: Floats, counts: Flags) -> None:
        """Look at one model for each of some rows."""
        chosen = np.where(counts, values, np.nan)
        self.values[rows] = self._choose(self.values[rows], chosen)


def throttle(facts: Facts, order: Order) -> dict[str, NDArray[Any]]:
    """The features `refused_hours`, `allowed_hours` and `forced_hours`: see the catalogue."""
    size = len(facts)
    now, judged = facts.decided[:, 0], facts.decided[:, 4]
    good = facts["blessed"] >= facts["blessings"]
    failed = (facts["state"] == "FAILED") | (facts["failed_after"] > 0)
    sound = good & ~failed & ~(facts["anomalies"] > 0)
    waited, since = _waited(facts, order, judged)
    refused = Extreme(size)
    allowed, forced = Extreme(size, smallest=True), Extreme(size, smallest=True)
    for rows, there in order.back():
        pushed = facts["pushed_at"][there] < now[rows]
        told = (facts["started"][there] < now[rows]) & (judged[there] < now[rows])
        # Of how long was waited only what this graphlet's own window tells.
        told &= since[there] >= order.place[rows] - WINDOW
        refused.add(rows, waited[there], told & sound[there] & ~pushed)
        allowed.add(rows, waited[there], told & good[there] & pushed)
        forced.add(rows, waited[there], told & ~good[there] & pushed)
    return {
        "refused_hours": refused.values,
        "allowed_hours": allowed.values,
        "forced_hours": forced.values,
    }


def _waited(facts: Facts, order: Order, now: Floats) -> tuple[Floats, NDArray[np.int64]]:
    """Hours since the last push of a model that began before, and that one's place.

    A model that began later and was pushed sooner does not make anyone wait: runs overlap.
    """
    pushed_at = facts["pushed_at"]
    last, place = np.full(len(facts), np.nan), np.full(len(facts), -1)
    for rows, there in order.back():
        at = pushed_at[there]
        later = (at < now[rows]) & ~(at <= last[rows])
        last[rows[later]] = at[later]
        place[rows[later]] = order.place[there[later]]
    return hours(now - last), place
