"""Plots of tables as SVG that stands in the page: no script, no font or file of its own.

Drawn by Vega-Lite. Text and lines have the colour of the text around them, so that they can be read
on a light and on a dark page; the fonts are the reader's.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, TypeAlias

import altair as alt
import vl_convert

from lineage.report import units
from lineage.report.tables import Bars, Histograms, Kind, Lines
from lineage.safe import html_text, visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lineage.analyses.rows import Row
    from lineage.report.tables import Plot

Spec: TypeAlias = dict[str, Any]

_WIDTH, _HEIGHT, _BAR = 280, 130, 18
_MOST_BARS, _MOST_LABELS = 20, 7
_LABEL_CHARACTERS = 24
# The reader's font is not known here: room to spare for one that is wider.
_PADDING = {"left": 15, "right": 25, "top": 5, "bottom": 5}
_COLOR = "#4c78a8"  # 4 to 1 against white and against black
_TEXT = "currentColor"
# A mark that claims to be an image of its own would have to be told in words, each.
_MARKS = re.compile(r' (?:role|aria-roledescription)="[a-z -]*"')
_CONFIG: dict[str, Any] = {
    "aria": False,  # the figure says it in words
    "background": None,
    "font": "system-ui, sans-serif",
    "view": {"stroke": None},
    "axis": {
        "labelColor": _TEXT,
        "titleColor": _TEXT,
        "titleFontWeight": "normal",
        "domainColor": _TEXT,
        "tickColor": _TEXT,
        "gridColor": _TEXT,
        "gridOpacity": 0.15,
        "labelFontSize": 11,
        "titleFontSize": 12,
    },
    "legend": {"labelColor": _TEXT, "titleColor": _TEXT, "labelFontSize": 11, "labelLimit": 0},
}


def figures(plot: Plot, rows: Sequence[Row]) -> list[str]:
    """The plot of a table's rows, as HTML elements `figure`.

    Args:
        plot: its declaration.
        rows: of the table, none of which need be drawable.
    """
    if isinstance(plot, Lines):
        return list(_lines(plot, rows))
    drawn = _histograms(plot, rows) if isinstance(plot, Histograms) else _bars(plot, rows)
    return list(drawn)


def _histograms(plot: Histograms, rows: Sequence[Row]) -> Iterator[str]:
    for row in rows:
        given = row.model_dump(include={"edges", "counts", "unit", "median", plot.title or ""})
        if not sum(given["counts"]):
            continue
        name = visible(str(given[plot.title] if plot.title else plot.name))
        unit = given.get("unit", plot.unit)
        edges, counts = given["edges"], given["counts"]
        said = _span(edges, counts, unit)
        alt_text = f"Histogram of {name}: {sum(counts):,} {plot.of}, {said}"
        if "median" in given:
            alt_text += f", median {visible(units.amount(given['median'], unit))}"
        yield figure(_capital(name), alt_text, _histogram(edges, counts, unit, plot.of))


def _span(edges: Sequence[float], counts: Sequence[int], unit: str | None) -> str:
    """What the histogram says, in words: where it lies, and its highest bin."""
    top = max(range(len(counts)), key=lambda at: counts[at])
    low, high, least, most = (
        visible(units.amount(edges[at], unit)) for at in (0, -1, top, top + 1)
    )
    return f"from {low} to {high}, most of them ({counts[top]:,}) from {least} to {most}"


def _histogram(edges: Sequence[float], counts: Sequence[int], unit: str | None, of: str) -> Spec:
    """Bins side by side, equally wide whatever they span; ticks stand at their bounds."""
    bins = [{"bin": at, "next": at + 1, "count": count} for at, count in enumerate(counts)]
    step = -(-len(edges) // _MOST_LABELS)
    labels = [_tick(edge, unit) for edge in edges]
    axis = alt.Axis(
        title=_axis_title(unit),
        values=list(range(0, len(edges), step)),
        labelExpr=f"{json.dumps(labels)}[datum.value]",
        labelFlush=False,
        grid=False,
    )
    chart: alt.Chart = (
        alt.Chart(data(bins), width=_WIDTH, height=_HEIGHT)
        .mark_rect(color=_COLOR, xOffset=0.5, x2Offset=-0.5)
        .encode(
            x=alt.X("bin:Q", axis=axis, scale=alt.Scale(domain=[0, len(counts)], nice=False)),
            x2="next",
            y=alt.Y("count:Q", title=of, axis=_count_axis(max(counts), 4)),
        )
    )
    return chart.to_dict(validate=False)


def _count_axis(most: int, ticks: int) -> alt.Axis:
    """An axis of whole numbers; Vega draws halves where it is asked for too many ticks."""
    return alt.Axis(format="~s", tickCount=max(1, min(ticks, most)), tickMinStep=1)


def _tick(value: float, unit: str | None) -> str:
    """A bound of a bin, short: `500k`, `2M`."""
    if unit == "share":
        return f"{value * 100:g} %"
    if value < 10_000 or unit in ("s", "h", "d"):
        return units.amount(value, unit)
    for size, letter in ((1e12, "T"), (1e9, "G"), (1e6, "M")):
        if value >= size:
            return f"{value / size:,g}{letter}"
    return f"{value / 1e3:,g}k"


def _axis_title(unit: str | None) -> str:
    """What the ticks of a histogram are in; they carry the unit where it changes with size."""
    named = {None: "number", "share": "share", "/d": "a day", "d": "time", "h": "time"}
    return named.get(unit, f"cost ({visible(units.named(unit))})")


def _lines(plot: Lines, rows: Sequence[Row]) -> Iterator[str]:
    """A line for each field that has values."""
    points = [
        {"x": getattr(row, plot.x), "y": getattr(row, name), "line": name}
        for row in rows
        for name in plot.ys
        if getattr(row, name) is not None
    ]
    if len({point["x"] for point in points}) < 2:
        return
    names = [name for name in plot.ys if any(point["line"] == name for point in points)]
    last = {point["line"]: point for point in points}
    said = "; ".join(
        f"{visible(name)}: {units.share(last[name]['y'])} at {units.share(last[name]['x'])}"
        for name in names
    )
    if plot.diagonal:
        ends = [min(point["x"] for point in points), max(point["x"] for point in points)]
        points += [{"x": end, "y": end, "line": "equal"} for end in ends]
        names.append("equal")
    axis = alt.Axis(format="%", tickCount=5)
    chart = (
        alt.Chart(data(points), width=2 * _WIDTH, height=2 * _HEIGHT)
        .mark_line(point=True)
        .encode(
            x=alt.X("x:Q", title=plot.x_title, axis=axis),
            y=alt.Y("y:Q", title=plot.y_title, axis=axis),
            color=alt.Color("line:N", sort=names, title=None),
            strokeDash=alt.StrokeDash("line:N", sort=names, title=None),
        )
    )
    yield figure(plot.title, f"{plot.title}: {said}", chart.to_dict(validate=False))


def _bars(plot: Bars, rows: Sequence[Row]) -> Iterator[str]:
    """A plot for each value of the field `by`, None apart; the longest bars where they are many."""
    parts = dict.fromkeys(getattr(row, plot.by) if plot.by else None for row in rows)
    for part in parts:
        some = [row for row in rows if plot.by is None or getattr(row, plot.by) == part]
        if plot.by and part is None:
            continue  # without a unit there is no cost
        bars = [(_name(row, plot), float(getattr(row, plot.value))) for row in some]
        bars = sorted(bars, key=lambda bar: -bar[1])[:_MOST_BARS]
        if not any(value for _, value in bars):
            continue
        title = plot.title if len(parts) == 1 else f"{plot.title}, {visible(str(part))}"
        labelled = [(label, value, _value(value, plot.kind, part)) for label, value in bars]
        told = ", ".join(f"{label} {said}" for label, _, said in labelled)
        yield figure(title, f"{title}: {told}", _bar_chart(labelled, plot.kind))


def _name(row: Row, plot: Bars) -> str:
    value = getattr(row, plot.label)
    return _label(units.last_part(value) if plot.label_kind is Kind.TYPE else value)


def _label(value: object) -> str:
    text = "not named" if value is None else visible(str(value))
    return text if len(text) <= _LABEL_CHARACTERS else f"{text[: _LABEL_CHARACTERS - 1]}\u2026"


def _value(value: float, kind: Kind, unit: str | None) -> str:
    if kind is Kind.COST:
        return units.amount(value, unit)
    return units.share(value) if kind is Kind.SHARE else units.plain(value)


def _bar_chart(bars: Sequence[tuple[str, float, str]], kind: Kind) -> Spec:
    """Bars from the left, each with its label before and its value after it."""
    rows = [
        {"place": place, "value": value, "said": said}
        for place, (_, value, said) in enumerate(bars)
    ]
    labels = json.dumps([label for label, _, _ in bars])
    # Bars are told apart by their place: names that were cut may be alike.
    y = alt.Y(
        "place:O",
        title=None,
        axis=alt.Axis(labelExpr=f"{labels}[datum.value]", labelLimit=0, ticks=False, domain=False),
    )
    is_share = kind is Kind.SHARE
    axis = alt.Axis(format="~%" if is_share else "~s", tickCount=3)
    if kind is Kind.COUNT:
        axis = _count_axis(int(max(value for _, value, _ in bars)), 3)
    x = alt.X(
        "value:Q",
        title="share" if is_share else "number",
        # What is written at the bars tells a time in the unit that fits; ticks could not.
        axis=None if kind is Kind.COST else axis,
    )
    base = alt.Chart(data(rows), width=_WIDTH - 60, height=_BAR * len(bars))
    bars_drawn = base.mark_bar(color=_COLOR).encode(x=x, y=y)
    values_written = base.mark_text(align="left", dx=3).encode(x=x, y=y, text="said:N")
    longest = max(len(label) for label, _, _ in bars)
    padding = _PADDING | {"left": _PADDING["left"] + longest}
    return {"padding": padding} | alt.layer(bars_drawn, values_written).to_dict(validate=False)


def data(values: list[dict[str, Any]]) -> alt.Data:
    """Values that stand in the chart itself."""
    return alt.Data(values=values)  # type: ignore[no-untyped-call]


def figure(title: str, alt_text: str, spec: Spec) -> str:
    """A chart of Vega-Lite drawn, with its title, as an HTML element `figure`."""
    config = _CONFIG | {"text": {"color": _TEXT, "fontSize": 11}}
    svg = vl_convert.vegalite_to_svg(
        {"padding": _PADDING} | spec, vl_version=_version(), config=config, allowed_base_urls=[]
    )
    svg = _MARKS.sub("", svg)
    svg = svg.replace("<svg ", f'<svg role="img" aria-label="{html_text(alt_text)}" ', 1)
    return f"<figure><figcaption>{html_text(title)}</figcaption>\n{svg}</figure>\n"


def _version() -> str:
    """The version of Vega-Lite that the charts are made for."""
    return ".".join(alt.SCHEMA_VERSION.split(".")[:2])


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
