"""Days, weeks, months: how time is parted, for axes and for sums."""

from __future__ import annotations

from datetime import MAXYEAR, UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MONDAY = 4  # days from the epoch, a Thursday, to a Monday


class Step(NamedTuple):
    """A length of time that calendars know.

    Attributes:
        name: such as `week`.
        times: how many of the unit.
        unit: hour, day, week or month.
        shows: how its start is written.
    """

    name: str
    times: int
    unit: str
    shows: str

    def floor(self, moment: datetime) -> datetime:
        """The start of the step that a moment is in, UTC."""
        moment = moment.astimezone(UTC)
        if self.unit == "month":
            months = (moment.year * 12 + moment.month - 1) // self.times * self.times
            return datetime(months // 12, months % 12 + 1, 1, tzinfo=UTC)
        length = {"hour": 3_600, "day": 86_400, "week": 604_800}[self.unit] * self.times
        shift = _MONDAY * 86_400 if self.unit == "week" else 0
        seconds = int((moment - _EPOCH).total_seconds()) - shift
        return _EPOCH + timedelta(seconds=seconds // length * length + shift)

    def after(self, start: datetime) -> datetime:
        """The start of the next step."""
        days = {"hour": 1 / 24, "day": 1.0, "week": 7.0, "month": 31.0}[self.unit]
        try:
            return self.floor(start + timedelta(days=days * self.times))
        except (OverflowError, ValueError):  # the last year that there is
            return datetime.max.replace(tzinfo=UTC)

    def starts(self, first: datetime, last: datetime) -> Iterator[datetime]:
        """The start of each step from the one that holds `first` to the one that holds `last`."""
        start = self.floor(first)
        while start <= last and start.year < MAXYEAR:
            yield start
            start = self.after(start)


_SHORT = (
    *(Step(f"{n} hours", n, "hour", "%m-%d %H:%M") for n in (1, 3, 6, 12)),
    Step("day", 1, "day", "%m-%d"),
    Step("2 days", 2, "day", "%m-%d"),
    Step("4 days", 4, "day", "%m-%d"),
)
_LONG = (
    Step("day", 1, "day", "%m-%d"),
    Step("week", 1, "week", "%Y-%m-%d"),
    Step("month", 1, "month", "%Y-%m"),
    Step("quarter", 3, "month", "%Y-%m"),
    Step("year", 12, "month", "%Y"),
    Step("decade", 120, "month", "%Y"),
    Step("century", 1_200, "month", "%Y"),
)
_LENGTHS = {"hour": 1 / 24, "day": 1.0, "week": 7.0, "month": 30.4}


def step_for(first: datetime, last: datetime, most: int, *, named: bool = False) -> Step:
    """The shortest step of which at most so many lie between two moments.

    Args:
        first: the earlier.
        last: the later.
        most: how many steps there may be.
        named: only those that have a name: a day, a week, a month, ...
    """
    days = (last - first).total_seconds() / 86_400
    steps = _LONG if named else (*_SHORT, *_LONG[1:])
    for step in steps:
        if days / (_LENGTHS[step.unit] * step.times) <= most:
            return step
    return steps[-1]
