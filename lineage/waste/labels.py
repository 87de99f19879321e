"""Which graphlets are known to be pushed or not, and since when.

A model that is not pushed yet may be pushed tomorrow. It is *unpushed* only when it is older, at
the end of the data, than nearly all models were when they were pushed: that age is the horizon.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lineage.errors import WasteError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lineage.waste.table import FeatureTable

HOUR = 3_600_000.0
SHARE = 99.5
"""Percentile of the push delays that is the horizon: later pushes are too rare to wait for."""


@dataclass(frozen=True, eq=False)
class Labels:
    """What became of each graphlet, as far as the data says.

    Attributes:
        pushed: (n,) bool.
        unpushed: (n,) bool: closed, and older than the horizon without a push.
        young: (n,) bool: closed, not pushed, and not older than the horizon.
        open: (n,) bool.
        usable: (n,) bool: may train and test. Pushed or unpushed, and started a horizon before the
            end; of the younger ones only those that are pushed would be known, so that they would
            look as if all were pushed.
        known_at: (n,) float64, ms since 1970 when it is settled for training: a horizon after
            the start, or at the push if that is later; infinite for what is not settled.
        seen_at: (n,) float64, ms: when one could first tell; for a pushed one, at its push.
        horizon: ms.
        given: whether the horizon was given, not estimated.
        delays: how many push delays it rests on.
        flagged: pushes with a negative or unknown delay, which counts as 0.
        end: ms since 1970, the last time in the data that is not in the future.
    """

    pushed: NDArray[np.bool_]
    unpushed: NDArray[np.bool_]
    young: NDArray[np.bool_]
    open: NDArray[np.bool_]
    usable: NDArray[np.bool_]
    known_at: NDArray[np.float64]
    seen_at: NDArray[np.float64]
    horizon: float
    given: bool
    delays: int
    flagged: int
    end: float


def label(table: FeatureTable, horizon: float | None = None) -> Labels:
    """Label all graphlets of a table.

    Args:
        table: the graphlets.
        horizon: ms after which a model without a push is unpushed; None to estimate it.

    Raises:
        WasteError: the horizon is not positive.
    """
    if horizon is not None and not horizon > 0:
        raise WasteError(f"a horizon of {horizon} ms is none; give a positive one, or leave it out")
    delay = table.pushed_at - table.started
    wrong = table.pushed & ~(delay >= 0)
    delay = np.where(wrong, 0.0, delay)
    closed = ~table.open
    delays = delay[table.pushed & closed]
    if horizon is None:
        chosen = max(HOUR, float(np.percentile(delays, SHARE))) if len(delays) else HOUR
    else:
        chosen = float(horizon)
    end = last_time(table)
    old = table.started + chosen < end
    pushed, unpushed = closed & table.pushed, closed & ~table.pushed & old
    seen = np.where(table.pushed, table.started + delay, np.inf)
    settled = table.started + chosen
    return Labels(
        pushed=pushed,
        unpushed=unpushed,
        young=closed & ~table.pushed & ~old,
        open=table.open,
        usable=(pushed | unpushed) & old,
        known_at=np.where(pushed, np.maximum(settled, seen), np.where(unpushed, settled, np.inf)),
        seen_at=np.where(table.pushed, seen, np.where(unpushed, settled, np.inf)),
        horizon=chosen,
        given=horizon is not None,
        delays=len(delays),
        flagged=int(wrong.sum()),
        end=end,
    )


def last_time(table: FeatureTable) -> float:
    """The last time in a table that is not in the future, ms since 1970; 0 when there is none.

    A clock that was wrong once must not make every model look old.
    """
    times = np.concatenate([table.started, table.decided.ravel(), table.pushed_at, table.ended])
    known = times[times <= time.time() * 1000]
    return float(known.max()) if len(known) else 0.0
