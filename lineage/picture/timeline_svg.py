"""A timeline as SVG: bars as high as the cost, below them how much of the data stayed the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lineage.picture.calendar import step_for
from lineage.picture.canvas import (
    fitted,
    heading,
    legend,
    number,
    svg_document,
    text_of,
    titled,
    unique,
)
from lineage.picture.columns import OUTCOMES
from lineage.report import units

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from lineage.picture.columns import Column, Lane
    from lineage.picture.timeline import Timeline

_LEFT, _RIGHT, _WIDTH = 78.0, 26.0, 1_100.0
_BARS, _DRIFT, _GAP = 150.0, 44.0, 36.0
_HEAD = 40.0  # a lane's name, and the marks above the highest bar
_LEAST = 5.0  # pixels: the narrowest bar that is still seen
_COLORS = {
    "pushed": ("#2e7d32", "#66bb6a"),
    "not pushed": ("#78828c", "#98a2ac"),
    "failed": ("#c62828", "#ef5350"),
    "open": ("#b8901a", "#f2c230"),
}
# Told apart by their shape too: a triangle, a dot, a cross, a diamond; 10 pixels wide.
_SHAPES = {
    "pushed": "M0-5L5 4H-5z",
    "not pushed": "M-3 0a3 3 0 1 0 6 0a3 3 0 1 0-6 0",
    "failed": "M-4-4L4 4M4-4L-4 4",
    "open": "M0-5L5 0L0 5L-5 0z",
}
_NAMES = {outcome: f"o{place}" for place, outcome in enumerate(OUTCOMES)}
_STYLE = (
    """
.lin .axis{stroke:var(--rule);stroke-width:1;fill:none}
.lin .grid{stroke:var(--rule);opacity:.3}
.lin .line{stroke:var(--soft);fill:none;stroke-width:1.2}.lin .dot{fill:var(--ink)}
.lin .mark{stroke-width:1.8}.lin .n .area{stroke:var(--paper);stroke-width:.5}
.lin .o2.mark,.lin .o3.mark{fill:none}
.lin .again{fill-opacity:1}.lin .hatch{stroke:#fff;stroke-width:2.2}
.lin .n:hover .area{filter:brightness(1.2)}.lin .dim{opacity:.15}
"""
    + "".join(
        f".lin .{_NAMES[outcome]}{{fill:{light};stroke:{light}}}\n"
        for outcome, (light, _) in _COLORS.items()
    )
    + "@media(prefers-color-scheme:dark){"
    + "".join(
        f".lin .{_NAMES[outcome]}{{fill:{dark};stroke:{dark}}}"
        for outcome, (_, dark) in _COLORS.items()
    )
    + ".lin .o2.mark,.lin .o3.mark{fill:none}}\n"
)


def svg(timeline: Timeline) -> str:
    """A timeline as an SVG image."""
    return _Drawing(timeline).document()


class _Drawing:
    """One image: its scales and its elements."""

    def __init__(self, timeline: Timeline) -> None:
        self.timeline, self.lanes = timeline, timeline.lanes()
        self.id = unique(timeline.key, len(timeline.trained))
        columns = [column for lane in self.lanes for column in lane.columns]
        self.any = bool(columns)
        self.first = min((column.start for column in columns), default=None)
        self.last = max((column.end for column in columns), default=None)
        self.highest = max((column.cost for column in columns), default=0.0) or 1.0

    def document(self) -> str:
        """The whole image."""
        timeline = self.timeline
        head, top = heading(timeline.title, [timeline.subtitle(), *timeline.notes()], _WIDTH)
        content = [f"<defs>{self._hatch()}</defs>\n", *head]
        for lane in self.lanes:
            content += self._lane(lane, top)
            top += _HEAD + _BARS + _DRIFT + _GAP
        if self.first is not None and self.last is not None:
            content += self._time(self.first, self.last, top - 12)
        signs, bottom = legend(list(self._legend()), _WIDTH, top + 14)
        label = f"{timeline.title}: {timeline.subtitle()}"
        return svg_document(_WIDTH, bottom, label, _STYLE, [*content, *signs])

    def _hatch(self) -> str:
        return (
            f'<pattern id="{self.id}" width="6" height="6" patternUnits="userSpaceOnUse" '
            'patternTransform="rotate(45)"><path class="hatch" d="M0 0V6"/></pattern>'
        )

    def _x(self, moment: datetime) -> float:
        if self.first is None or self.last is None or self.last == self.first:
            return _LEFT
        share = (moment - self.first) / (self.last - self.first)
        return _LEFT + share * (_WIDTH - _LEFT - _RIGHT - _LEAST)

    def _lane(self, lane: Lane, top: float) -> Iterator[str]:
        floor = top + _HEAD + _BARS
        if len(self.lanes) > 1 or lane.name:
            yield f'<text class="s" x="22" y="{number(top + 14)}">{text_of(lane.name)}</text>\n'
        yield from self._heights(floor)
        yield from (self._column(column, floor) for column in lane.columns)
        yield from self._drift(lane, floor + 14)

    def _heights(self, floor: float) -> Iterator[str]:
        """Lines for no cost, half of the highest, and the highest."""
        for share in (0.0, 0.5, 1.0):
            y = number(floor - share * _BARS)
            said = fitted(units.cost(share * self.highest, self.timeline.unit), 10)
            right = number(_WIDTH - _RIGHT)
            yield f'<path class="axis grid" d="M{number(_LEFT)} {y}H{right}"/>'
            yield f'<text class="r" x="{number(_LEFT - 8)}" y="{y}" dy="4">{text_of(said)}</text>\n'

    def _column(self, column: Column, floor: float) -> str:
        x, y = self._x(column.start), floor
        wide = max(self._x(column.end) - x - 1, _LEAST)
        parts = []
        for outcome, cost in column.costs.items():
            high = cost / self.highest * _BARS
            y -= high
            parts.append(_area(f"area {_NAMES[outcome]}", (x, y, wide, high)))
        if column.repeated > 0:
            high = min(column.repeated / self.highest * _BARS, floor - y)
            hatched = f'fill="url(#{self.id})"'
            parts.append(_area("again", (x, floor - high, wide, high), hatched))
        parts.append(self._sign(column, x + wide / 2, y))
        return f'<g class="n">{titled(column.lines)}{"".join(parts)}</g>\n'

    def _sign(self, column: Column, x: float, y: float) -> str:
        """What came of a graphlet, or how many they are."""
        count = sum(column.counts.values())
        if self.timeline.period is not None:
            return f'<text class="m" x="{number(x)}" y="{number(y - 4)}">{count:,}</text>'
        ((outcome, _),) = column.counts.items()
        return _mark(outcome, x, y - 9)

    def _drift(self, lane: Lane, top: float) -> Iterator[str]:
        """How much of its spans each has in common with the one before it: all at the top."""
        points = [
            (self._x(column.start) + _LEAST / 2, top + (1 - column.jaccard) * _DRIFT)
            for column in lane.columns
            if column.jaccard is not None
        ]
        if not points:
            return
        for share, said in ((1, "same spans"), (0, "none")):
            y = number(top + (1 - share) * _DRIFT)
            yield f'<path class="axis grid" d="M{number(_LEFT)} {y}H{number(_WIDTH - _RIGHT)}"/>'
            yield f'<text class="r" x="{number(_LEFT - 8)}" y="{y}" dy="4">{said}</text>\n'
        path = "L".join(f"{number(x)} {number(y)}" for x, y in points)
        yield f'<path class="line" d="M{path}"/>\n'
        yield from (
            f'<circle class="dot" cx="{number(x)}" cy="{number(y)}" r="2"/>' for x, y in points
        )

    def _time(self, first: datetime, last: datetime, top: float) -> Iterator[str]:
        step = step_for(first, last, 12)
        place: Callable[[datetime], float] = self._x
        for start in step.starts(first, last):
            if start < first:
                continue
            x = number(place(start))
            yield f'<path class="axis" d="M{x} {number(top)}v5"/>'
            yield f'<text class="m" x="{x}" y="{number(top + 17)}">{start:{step.shows}}</text>\n'
        end = number(_WIDTH - _RIGHT)
        yield f'<path class="axis" d="M{number(_LEFT)} {number(top)}H{end}"/>\n'

    def _legend(self) -> Iterator[tuple[str, str]]:
        counts = self.timeline.counts()
        for outcome, count in counts.items():
            yield _mark(outcome, 13, 7), f"{outcome} ({count:,})"
        if any(one.repeats for one in self.timeline.trained):
            plain = _area(_NAMES["not pushed"], (0, 1, 26, 12))
            over = _area("again", (0, 1, 26, 12), f'fill="url(#{self.id})"')
            yield f"{plain}{over}", "cost of what had been done before: reuse would have saved it"
        if any(one.jaccard is not None for one in self.timeline.trained):
            dots = (
                '<path class="line" d="M2 10L13 4L24 8"/><circle class="dot" cx="13" cy="4" r="2"/>'
            )
            yield dots, "spans in common with the one before"


def _mark(outcome: str, x: float, y: float) -> str:
    return (
        f'<path class="mark {_NAMES[outcome]}" transform="translate({number(x)} {number(y)})" '
        f'd="{_SHAPES[outcome]}"/>'
    )


def _area(name: str, box: tuple[float, float, float, float], more: str = "") -> str:
    x, y, width, height = map(number, box)
    return f'<rect class="{name}" x="{x}" y="{y}" width="{width}" height="{height}" {more}/>'
