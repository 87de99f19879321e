"""Numbers for people: durations, costs, shares, times, sizes."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from lineage.errors import SettingsError

if TYPE_CHECKING:
    from datetime import datetime

NOTHING = "\u2013"
_SECONDS = {"s": 1.0, "h": 3_600.0, "d": 86_400.0}
_SIZE = re.compile(
    r"(?P<number>\d+(?:\.\d*)?|\.\d+)\s*(?:(?P<step>[kmgtpe])(?P<two>i?))?b?", re.IGNORECASE
)
_SIZES = "kmgtpe"
_LARGE = ((1e9, "billion"), (1e6, "million"))
_STEPS = ((86_400.0, "d"), (3_600.0, "h"), (60.0, "min"))


def duration(seconds: float) -> str:
    """Such as `12 s`, `3.4 min`, `1.2 h` or `3.4 d`."""
    size = abs(seconds)
    for step, unit in _STEPS:
        if size >= step:
            return f"{seconds / step:,.1f} {unit}"
    return f"{seconds:.0f} s" if size >= 10 or size == 0 else f"{seconds:.2g} s"


def cost(value: float, unit: str | None) -> str:
    """Seconds as a duration, anything else with its unit: `12.30 EUR`, `1.23 million EUR`."""
    if unit is None:
        return NOTHING
    if unit == "s":
        return duration(value)
    for step, word in _LARGE:
        many = value / step
        if abs(many) >= 0.99995:  # else that many of the step below, rounded, would be 1,000.0
            return f"{many:,.{1 if abs(many) >= 9.995 else 2}f} {word} {unit}"
    return f"{value:,.2f} {unit}"


def named(unit: str | None) -> str:
    """The unit of a cost as people say it: seconds are time."""
    return "time" if unit == "s" else unit or "no unit"


def amount(value: float, unit: str | None) -> str:
    """A number of any size: times as durations, `share` as percent, others without their unit."""
    if unit == "share":
        return share(value)
    if unit in _SECONDS:
        return duration(value * _SECONDS[unit])
    return plain(value)


def is_told(unit: str | None) -> bool:
    """Whether `amount` tells the unit, so that nothing else has to."""
    return unit is None or unit == "share" or unit in _SECONDS


def plain(value: float) -> str:
    """Three digits at least where it is no whole number: `1,234`, `12.3`, `0.0123`."""
    size = abs(value)
    if size >= 1_000 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.{2 if size < 10 else 1}f}" if size >= 0.1 or size == 0 else f"{value:.2g}"


def last_part(name: str) -> str:
    """Of a native type: `Trainer` of `tfx.components.trainer.component.Trainer`."""
    return name.rpartition(".")[2] or name


def count(value: int) -> str:
    """Such as `1,234`."""
    return f"{value:,}"


def counted(value: int, what: str) -> str:
    """Such as `1 graphlet` and `2 graphlets`."""
    return f"{value:,} {what}{'' if value == 1 else 's'}"


def share(value: float) -> str:
    """Such as `12.3 %`."""
    return f"{value * 100:.1f} %"


def moment(value: datetime) -> str:
    """Such as `2026-01-31 12:00`."""
    return value.strftime("%Y-%m-%d %H:%M")


def size(value: float) -> str:
    """Bytes in powers of ten, such as `12 B`, `3.4 kB` or `500 GB`; `parse_size` reads it again."""
    power = 0
    while abs(value) >= 999.5 and power < len(_SIZES):
        value, power = value / 1000, power + 1
    if not power:
        return f"{value:.0f} B"
    letter = _SIZES[power - 1]
    shown = f"{value:.3g}" if abs(value) < 1000 else f"{value:.0f}"
    return f"{shown} {letter if letter == 'k' else letter.upper()}B"


def parse_size(text: str) -> int:
    """Bytes from what people write: `500GB` and `1.5 T` are powers of ten, `2TiB` of two.

    Raises:
        SettingsError: it is no size.
    """
    match = _SIZE.fullmatch(text.strip())
    if match is None:
        raise SettingsError(f"{text!r} is no size; write it as 500GB, 1.5TB or 2TiB")
    step = match["step"]
    power = 0 if step is None else _SIZES.index(step.lower()) + 1
    value = float(match["number"]) * float(1024 if match["two"] else 1000) ** power
    if not math.isfinite(value):
        raise SettingsError(f"{text!r} is too large a size; write it as 500GB, 1.5TB or 2TiB")
    return round(value)
