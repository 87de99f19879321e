"""When a pipeline pushed last, and how often it does: what throttling looks like from outside."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lineage.waste.catalog import WINDOW
from lineage.waste.facts import hours, over

if TYPE_CHECKING:
    from lineage.waste.facts import Facts

Floats = NDArray[np.float64]
_TIME_BITS = 43  # of ms since 1970: until the year 2248


class Pushes:
    """The pushes of all pipelines, in order of time."""

    def __init__(self, facts: Facts) -> None:
        """Those whose time is known, of graphlets by pipeline."""
        rows = np.flatnonzero(~np.isnan(facts["pushed_at"]))
        at = np.clip(facts["pushed_at"][rows], 0, 2**_TIME_BITS - 1).astype(np.int64)
        sort = np.lexsort((at, facts.pipelines[rows]))
        self._rows, self._at = rows[sort], at[sort]
        self._pipelines = facts.pipelines
        self._keys = self._pipelines[self._rows] * 2**_TIME_BITS + self._at
        self._gap = np.full(len(self._rows), np.nan)
        same = self._pipelines[self._rows[1:]] == self._pipelines[self._rows[:-1]]
        self._gap[1:][same] = hours(np.diff(self._at))[same]

    def last(self, now: Floats) -> NDArray[np.int64]:
        """For each graphlet the last push of its pipeline before a time that is not its own.

        Args:
            now: (n,) ms since 1970; NaN where nothing is asked.

        Returns:
            (n,) numbers of pushes, -1 where there is none among the last `WINDOW` models.
        """
        known = ~np.isnan(now)
        limit = np.clip(np.where(known, now, 0), 0, 2**_TIME_BITS - 1).astype(np.int64)
        found = np.searchsorted(self._keys, self._pipelines * 2**_TIME_BITS + limit) - 1
        mine = np.arange(len(now))
        for _ in range(2):  # its own push, if that came first, is not asked for
            own = (found >= 0) & (self._at_or(self._rows, found, -1) == mine)
            found = np.where(own, found - 1, found)
        row = self._at_or(self._rows, found, -1)
        good = known & (row >= 0)
        good &= self._pipelines[row] == self._pipelines
        good &= row >= mine - WINDOW
        return np.where(good, found, -1)

    def hours_since(self, now: Floats) -> Floats:
        """Hours since that push; NaN where there is none."""
        found = self.last(now)
        since = hours(now - self._at_or(self._at, found, 0))
        return np.where(found >= 0, since, np.nan)

    def gaps(self, now: Floats) -> tuple[Floats, Floats]:
        """Fewest and mean hours between two pushes of the last `WINDOW` models before a time."""
        found = self.last(now)
        least = np.full(len(now), np.nan)
        total, count = np.zeros(len(now)), np.zeros(len(now))
        first = np.arange(len(now)) - WINDOW
        asked = np.flatnonzero(found >= 0)
        step = 0
        while len(asked):
            push = found[asked] - step
            gap = self._gap[push]
            # Both pushes of a gap must lie within the window; a gap of a pipeline's first is NaN.
            before = self._at_or(self._rows, push - 1, -1)
            inside = ~np.isnan(gap) & (before >= first[asked])
            inside &= self._rows[push] >= first[asked]
            asked, gap = asked[inside], gap[inside]
            least[asked] = np.fmin(least[asked], gap)
            total[asked] += gap
            count[asked] += 1
            step += 1
        return least, over(total, count)

    def _at_or(
        self, values: NDArray[np.int64], places: NDArray[np.int64], other: int
    ) -> NDArray[np.int64]:
        if not len(values):
            return np.full(len(places), other)
        return np.where(places >= 0, values[np.clip(places, 0, None)], other)
