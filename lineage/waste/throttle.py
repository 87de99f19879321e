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
from lineage.waste.history import back

if TYPE_CHECKING:
    from lineage.waste.facts import Facts

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


class Extreme:
    """The largest value of those that count, or the smallest."""

    def __init__(self, size: int, *, smallest: bool = False) -> None:
        self.values = np.full(size, np.nan)
        self._choose = np.fmin if smallest else np.fmax

    def add(self, here: slice, values: Floats, counts: Flags) -> None:
        """Look at one model for each of some rows."""
        known = self.values[here]
        self._choose(known, values, out=known, where=counts)


def throttle(facts: Facts) -> dict[str, NDArray[Any]]:
    """The features `refused_hours`, `allowed_hours` and `forced_hours`: see the catalogue.

    Args:
        facts: of graphlets, by pipeline.
    """
    size = len(facts)
    now, judged = facts.decided[:, 0], facts.decided[:, 4]
    good = facts["blessed"] >= facts["blessings"]
    failed = (facts["state"] == "FAILED") | (facts["failed_after"] > 0)
    sound = good & ~failed & ~(facts["anomalies"] > 0)
    started, pushed_at = facts["started"], facts["pushed_at"]
    waited, since = _waited(facts, judged)
    first = np.arange(size) - WINDOW
    refused = Extreme(size)
    allowed, forced = Extreme(size, smallest=True), Extreme(size, smallest=True)
    for here, there, within in back(facts):
        pushed = pushed_at[there] < now[here]
        told = within & (started[there] < now[here]) & (judged[there] < now[here])
        # Of how long was waited only what this graphlet's own window tells.
        told &= since[there] >= first[here]
        refused.add(here, waited[there], told & sound[there] & ~pushed)
        allowed.add(here, waited[there], told & good[there] & pushed)
        forced.add(here, waited[there], told & ~good[there] & pushed)
    return {
        "refused_hours": refused.values,
        "allowed_hours": allowed.values,
        "forced_hours": forced.values,
    }


def _waited(facts: Facts, now: Floats) -> tuple[Floats, NDArray[np.int64]]:
    """Hours since the last push of a model that began before, and that one's place.

    A model that began later and was pushed sooner does not make anyone wait: runs overlap.
    """
    pushed_at = facts["pushed_at"]
    last, place = np.full(len(facts), np.nan), np.full(len(facts), -1)
    rows = np.arange(len(facts))
    for here, there, within in back(facts):
        at = pushed_at[there]
        later = within & (at < now[here]) & ~(at <= last[here])
        np.copyto(last[here], at, where=later)
        np.copyto(place[here], rows[there], where=later)
    return hours(now - last), place
