"""Which times can be: the one rule of all readers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lineage.records import Execution, Run, SetAside

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lineage.records import Node

LATEST = 9_223_372_036_854
"""Milliseconds of 2262-04-11: nanoseconds since 1970 in 64 bits end there."""

_FIELDS = ("created", "updated", "started", "ended")


def why_not(time: float) -> str | None:
    """What is wrong with a time in ms since 1970; None when nothing is."""
    return None if 0 <= time <= LATEST else f"the time {time} is not within 1970 to 2262"


def ends_early(started: int | None, ended: int | None) -> str | None:
    """What is wrong when something ended before it started; None when nothing is."""
    if started is None or ended is None or ended >= started:
        return None
    return f"the end {ended} is before the start {started}"


def drop_impossible(record: Node, position: str) -> Iterator[SetAside]:
    """Make times of a record unknown that cannot be, and tell of each."""
    for field in _FIELDS:
        time = getattr(record, field, None)
        if time is not None and (reason := why_not(time)):
            setattr(record, field, None)
            yield SetAside(kind="time", position=position, reason=f"{field}: {reason}")
    if isinstance(record, Execution | Run) and (reason := ends_early(record.started, record.ended)):
        record.ended = None
        yield SetAside(kind="time", position=position, reason=reason)
