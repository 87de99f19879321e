"""What a timeline draws: a column for each graphlet, or for all of a period where they are many."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from datetime import datetime  # noqa: TC003  pydantic reads it
from statistics import median
from typing import TYPE_CHECKING

from lineage.analyses.rows import Row
from lineage.picture.calendar import step_for
from lineage.picture.model import cut
from lineage.report import units

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lineage.picture.calendar import Step

OUTCOMES = ("pushed", "not pushed", "failed", "open")
EACH = 120
"""So many graphlets of one trainer node are still seen one by one."""
_SUMS = 60  # sums side by side, where there are more
_LANES = 6
_FAILED = frozenset({"FAILED", "CANCELED", "ABANDONED"})


class Trained(Row):
    """A graphlet of the pipeline."""

    key: str
    name: str
    node: str | None
    started: datetime | None
    began: datetime | None
    ended: datetime | None
    state: str | None
    trainer: str | None
    pushed: bool
    cost: float | None
    cost_unit: str | None
    repeated: float
    repeats: int
    jaccard: float | None

    @property
    def outcome(self) -> str:
        """Pushed, not pushed, failed, or still open."""
        if self.pushed:
            return "pushed"
        if self.state == "open":
            return "open"
        return "failed" if self.trainer in _FAILED else "not pushed"

    def lines(self) -> Iterator[str]:
        """All that is known of it, a line each, visible."""
        yield cut(self.name, 120)
        yield self.outcome
        if self.started:
            yield f"trained: {units.moment(self.started)}"
        if self.began:
            yield f"its oldest data: {units.moment(self.began)}"
        if self.ended:
            yield f"ended: {units.moment(self.ended)}"
        if self.cost is not None:
            yield cut(f"cost: {units.cost(self.cost, self.cost_unit)}", 80)
        if self.repeats:
            again = cut(units.cost(self.repeated, self.cost_unit), 40)
            what = "execution" if self.repeats == 1 else "executions"
            yield f"done before: {again}, in {self.repeats:,} {what}"
        if self.jaccard is not None:
            yield f"spans in common with the one before: {self.jaccard:.2f}"
        yield f"key: {cut(self.key)}"


@dataclass(frozen=True, slots=True)
class Column:
    """One graphlet, or the sum of those of a period.

    Attributes:
        start: when it begins.
        end: when it ends.
        counts: graphlets by outcome.
        costs: their costs by outcome, in the timeline's unit.
        repeated: the part of the costs that did again what was done before.
        jaccard: spans in common with the one before; of several the median.
        lines: what is known of it.
    """

    start: datetime
    end: datetime
    counts: dict[str, int]
    costs: dict[str, float]
    repeated: float
    jaccard: float | None
    lines: tuple[str, ...]

    @property
    def cost(self) -> float:
        """All of it."""
        return sum(self.costs.values())


@dataclass(frozen=True, slots=True)
class Lane:
    """The graphlets of one trainer node, or of all but the busiest ones."""

    name: str
    columns: tuple[Column, ...]


def summing(trained: Sequence[Trained]) -> Step | None:
    """What graphlets are summed by: nothing, unless a trainer node has more than `EACH` of them.

    Then it is the shortest period, a day at least, of which 60 at most lie side by side.
    """
    times = [one.started for one in trained if one.started is not None]
    nodes = Counter(one.node for one in trained if one.started is not None)
    if max(nodes.values(), default=0) <= EACH:
        return None
    return step_for(min(times), max(times), _SUMS, named=True)


def lanes(trained: Sequence[Trained], unit: str | None, step: Step | None) -> tuple[Lane, ...]:
    """A lane for each trainer node, those with the most graphlets first, few of them together.

    Args:
        trained: the graphlets; those without a time are left out.
        unit: of the costs that count.
        step: what graphlets are summed by.
    """
    by_node: dict[str, list[Trained]] = defaultdict(list)
    for one in trained:
        if one.started is not None:
            by_node[one.node or "not named"].append(one)
    nodes = sorted(by_node.items(), key=lambda pair: (-len(pair[1]), pair[0]))
    if len(nodes) > _LANES:
        rest = [one for _, some in nodes[_LANES - 1 :] for one in some]
        name = f"{len(nodes) - _LANES + 1:,} other trainer nodes"
        nodes = [*nodes[: _LANES - 1], (name, rest)]
    return tuple(Lane(cut(name, 80), tuple(_columns(some, unit, step))) for name, some in nodes)


def _columns(some: Sequence[Trained], unit: str | None, step: Step | None) -> Iterator[Column]:
    periods: dict[datetime, list[Trained]] = defaultdict(list)
    for one in some:
        if one.started is None:
            continue
        if step is None:
            end = max(one.ended or one.started, one.started)
            yield _column([one], unit, one.started, end, tuple(one.lines()))
        else:
            periods[step.floor(one.started)].append(one)
    if step is not None:
        for start, those in sorted(periods.items()):
            column = _column(those, unit, start, step.after(start), ())
            yield replace(column, lines=tuple(_summed(column, unit)))


def _column(
    some: Sequence[Trained], unit: str | None, start: datetime, end: datetime, lines: Sequence[str]
) -> Column:
    costs: dict[str, float] = dict.fromkeys(OUTCOMES, 0.0)
    for one in some:
        if one.cost is not None and one.cost_unit == unit:
            costs[one.outcome] += one.cost
    counts = Counter(one.outcome for one in some)
    common = [one.jaccard for one in some if one.jaccard is not None]
    return Column(
        start=start,
        end=end,
        counts={outcome: counts[outcome] for outcome in OUTCOMES if counts[outcome]},
        costs={outcome: cost for outcome, cost in costs.items() if cost > 0},
        repeated=sum(one.repeated for one in some if one.cost_unit == unit),
        jaccard=median(common) if common else None,
        lines=tuple(lines),
    )


def _summed(column: Column, unit: str | None) -> Iterator[str]:
    """What is known of the graphlets of a period."""
    yield f"{units.moment(column.start)[:10]} and on: {sum(column.counts.values()):,} graphlets"
    for outcome, count in column.counts.items():
        cost = units.cost(column.costs.get(outcome, 0.0), unit)
        yield cut(f"{outcome}: {count:,}, {cost}", 80)
    if column.repeated:
        yield cut(f"done before: {units.cost(column.repeated, unit)}", 80)
    if column.jaccard is not None:
        yield f"spans in common with the one before, median: {column.jaccard:.2f}"
