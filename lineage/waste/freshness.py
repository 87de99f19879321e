"""How old deployed models are, under the record and when some pushes do not happen.

The age of a pipeline's deployed model at time t is t minus the training start of the newest model
whose push has happened. Its mean over time is L/2 minus the mean of those training starts, both
counted from the begin of a period of length L, so that a policy costs one pass over the pushes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lineage.waste.labels import Labels
    from lineage.waste.splits import Part
    from lineage.waste.table import FeatureTable

_DAY = 86_400_000.0


@dataclass(frozen=True, eq=False)
class Freshness:
    """Pushes of one part, ready to leave some out.

    Attributes:
        pipeline: (p,) numbers, in the table, of the pipelines that have a deployed model.
        length: (p,) days over which each is looked at.
        age: (p,) mean age in days under the record.
        row: (k,) graphlet of each push, -1 for the model that is deployed at the begin.
        place: (k,) its pipeline's place in `pipeline`.
        begins: (k,) days from the begin of its pipeline's period to the push.
        rank: (k,) place of its training start among all, by pipeline and then by time.
        starts: (k,) those training starts, ordered; days from the begin of the period.
    """

    pipeline: NDArray[np.int64]
    length: NDArray[np.float64]
    age: NDArray[np.float64]
    row: NDArray[np.int64]
    place: NDArray[np.int64]
    begins: NDArray[np.float64]
    rank: NDArray[np.int64]
    starts: NDArray[np.float64]

    def ages(self, lost: NDArray[np.bool_]) -> NDArray[np.float64]:
        """(p,) mean ages in days when some pushes do not happen.

        Args:
            lost: (n,) graphlets whose push does not.
        """
        kept = np.flatnonzero((self.row < 0) | ~lost[self.row])
        place, begins = self.place[kept], self.begins[kept]
        newest = self.starts[np.maximum.accumulate(self.rank[kept])]
        ends = self.length[place]
        same = place[1:] == place[:-1]
        ends[:-1] = np.where(same, begins[1:], ends[:-1])
        held = np.bincount(place, newest * (ends - begins), minlength=len(self.length))
        result: NDArray[np.float64] = self.length / 2 - held / self.length
        return result

    def losses(self, lost: NDArray[np.bool_]) -> NDArray[np.float64]:
        """(p,) 1 - A0/A1 of each pipeline: 0 as fresh as the record, 1 infinitely older."""
        after = self.ages(lost)
        return 1.0 - np.divide(self.age, after, out=np.ones_like(after), where=after > 0)

    def loss(self, lost: NDArray[np.bool_]) -> float:
        """The mean of the pipelines' losses, weighted by their time; 0 where there are none."""
        total = float(self.length.sum())
        return float((self.losses(lost) * self.length).sum()) / total if total else 0.0


@dataclass(frozen=True, eq=False)
class _Periods:
    """By pipeline of the table: when it is looked at, and the model that is deployed then."""

    begin: NDArray[np.float64]
    end: NDArray[np.float64]
    deployed: NDArray[np.float64]
    counts: NDArray[np.bool_]


def freshness(table: FeatureTable, labels: Labels, part: Part) -> Freshness:
    """Prepare the pushes of a part.

    A pipeline is looked at from its first graphlet, or the begin of the part, to the last thing
    that happened in it, or the end of the part.

    Args:
        table: all graphlets.
        labels: theirs.
        part: whose pushes may be lost.
    """
    periods = _periods(table, labels, part)
    pipeline = np.flatnonzero(periods.counts)
    place_of = np.full(len(periods.counts), -1)
    place_of[pipeline] = np.arange(len(pipeline))
    begin = periods.begin[table.pipelines]
    inside = (labels.seen_at > begin) | part.rows
    pushes = table.pushed & inside & (labels.seen_at <= periods.end[table.pipelines])
    row = np.flatnonzero(pushes & periods.counts[table.pipelines])
    first = periods.begin[pipeline]
    place = np.concatenate((np.arange(len(pipeline)), place_of[table.pipelines[row]]))
    begins = np.concatenate(
        (np.zeros(len(pipeline)), np.maximum(labels.seen_at[row] - begin[row], 0.0) / _DAY)
    )
    trained = np.concatenate((periods.deployed[pipeline] - first, table.started[row] - begin[row]))
    row = np.concatenate((np.full(len(pipeline), -1), row))
    order = np.lexsort((row >= 0, begins, place))
    by_start = np.lexsort((trained[order], place[order]))
    rank = np.empty_like(by_start)
    rank[by_start] = np.arange(len(by_start))
    found = Freshness(
        pipeline=pipeline,
        length=(periods.end[pipeline] - first) / _DAY,
        age=np.zeros(len(pipeline)),
        row=row[order],
        place=place[order],
        begins=begins[order],
        rank=rank,
        starts=trained[order][by_start] / _DAY,
    )
    found.age[:] = found.ages(np.zeros(len(table) + 1, bool))
    return found


def _periods(table: FeatureTable, labels: Labels, part: Part) -> _Periods:
    pipelines = table.pipelines
    count = int(pipelines.max(initial=-1)) + 1
    first, last = np.full(count, np.inf), np.full(count, -np.inf)
    np.minimum.at(first, pipelines, table.started)
    pushed_at = np.where(table.pushed, labels.seen_at, -np.inf)
    active = np.fmax(np.fmax(table.started, table.ended), pushed_at)
    np.maximum.at(last, pipelines, active)
    begin, end = np.maximum(first, part.begin), np.minimum(last, part.end)
    known = table.pushed & (labels.seen_at <= part.end)
    starts, where = table.started[known].astype(np.float64), pipelines[known]
    pushes = np.bincount(where, minlength=count)
    oldest, newest = np.full(count, np.inf), np.full(count, -np.inf)
    np.minimum.at(oldest, where, starts)
    np.maximum.at(newest, where, starts)
    span = np.where(pushes > 1, newest - oldest, 0.0) / np.maximum(pushes - 1, 1)
    # One push, or several at one time, have no interval between them: its life stands for it.
    interval = np.where(span > 0, span, end - first)
    before = known & (labels.seen_at <= begin[pipelines]) & ~part.rows
    deployed = np.full(count, -np.inf)
    np.maximum.at(deployed, pipelines[before], table.started[before])
    deployed = np.where(np.isinf(deployed), begin - interval, deployed)
    held = np.bincount(pipelines[part.rows], minlength=count) > 0
    return _Periods(begin, end, deployed, held & (end > begin) & (pushes > 0))
