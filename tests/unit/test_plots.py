"""Plots in the page: drawn without script or network, with words for those who do not see them."""

from __future__ import annotations

import html
import re
import subprocess
import sys
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from lineage.analyses.models import Family
from lineage.analyses.rows import Distribution, Filters
from lineage.analyses.similarity import SimilarityRow
from lineage.report import SECTIONS, Report, SectionData, TableData, units
from lineage.report.plots import figures
from lineage.report.tables import Bars, Histograms, Kind, Lines, shown, written

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = ['"]; alert(1); ["', "</svg><script>alert(1)</script>", "\u202egnp", "a" * 300, "\\", "'"]


def distribution(**more: Any) -> Distribution:
    given: dict[str, Any] = dict.fromkeys(
        ("mean", "least", "p10", "lower", "median", "upper", "p90", "p99", "most"), 3.0
    )
    given |= {"measure": "duration", "unit": "h", "count": 9}
    return Distribution(**given | {"edges": (1.0, 2.0, 5.0, 10.0), "counts": (2, 6, 1)} | more)


def family(name: str | None, **more: Any) -> Family:
    given: dict[str, Any] = {
        "family": name, "pipelines": 1, "pipelines_share": 0.5, "models": 3, "models_share": 0.25,
        "failed": 0, "failed_share": 0.0, "pushed": 1, "pushed_share": 1 / 3, "cost": 5.0,
        "cost_unit": "s", "cost_share": 0.5,
    }  # fmt: skip
    return Family(**given | more)


def drawing(figure: str) -> ET.Element:
    """The one SVG of a figure; that it is well-formed is part of every test."""
    found = ET.fromstring(figure.replace("&nbsp;", " ")).find(f"{SVG}svg")
    assert found is not None
    return found


def texts(figure: str) -> list[str]:
    return ["".join(text.itertext()) for text in drawing(figure).iter(f"{SVG}text")]


def bars(figure: str) -> list[ET.Element]:
    """The filled shapes."""
    return [one for one in drawing(figure).iter(f"{SVG}path") if one.get("fill", "")[:1] == "#"]


def test_a_histogram_has_its_bins_titles_and_units() -> None:
    (figure,) = figures(Histograms(of="graphlets"), [distribution()])
    assert "<figcaption>Duration</figcaption>" in figure
    assert len(bars(figure)) == 3
    assert {"1.0 h", "2.0 h", "5.0 h", "10.0 h", "time", "graphlets"} <= set(texts(figure))


@pytest.mark.parametrize("most", [1, 2, 3, 4, 5, 7, 30])
def test_counts_have_whole_numbers_at_their_axis(most: int) -> None:
    row = distribution(unit=None, edges=(1.0, 2.0, 5.0), counts=(most, 1))
    (drawn,) = figures(Histograms(of="pipelines"), [row])
    ticks = [one for one in texts(drawn) if one[:1].isdigit()]
    assert {"0", "1", "2", "5"} <= set(ticks)
    assert all(tick.isdigit() for tick in ticks)


def test_a_plot_is_told_in_words() -> None:
    (figure,) = figures(Histograms(of="graphlets"), [distribution()])
    svg = drawing(figure)
    assert svg.get("role") == "img"
    assert svg.get("aria-label") == (
        "Histogram of duration: 9 graphlets, from 1.0 h to 10.0 h, "
        "most of them (6) from 2.0 h to 5.0 h, median 3.0 h"
    )
    (figure,) = figures(Bars("family", "models_share", "Models"), [family("dnn"), family(None)])
    assert drawing(figure).get("aria-label") == "Models: dnn 25.0 %, not named 25.0 %"


def test_a_fixed_name_where_no_field_says_it() -> None:
    row = SimilarityRow(
        source=None, pipeline=None, pairs=3, sharing=1, sharing_share=0.3, mean=0.4, least=0.0,
        lower=0.1, median=0.5, upper=0.9, most=1.0, edges=(0.0, 0.5, 1.0), counts=(1, 2),
    )  # fmt: skip
    (plot,) = SECTIONS["similarity"].tables[0].plots
    (figure,) = figures(plot, [row])
    assert "<figcaption>Overlap of their spans</figcaption>" in figure
    assert {"0 %", "50 %", "100 %", "share", "pairs"} <= set(texts(figure))


def test_nothing_is_drawn_of_nothing() -> None:
    assert figures(Histograms(of="graphlets"), []) == []
    assert figures(Histograms(of="graphlets"), [distribution(counts=(0, 0, 0))]) == []
    assert figures(Bars("family", "cost_share", "Cost"), [family("a", cost_share=0.0)]) == []


def test_bars_are_sorted_and_the_shortest_left_out() -> None:
    rows = [family(f"f{number:02d}", models_share=number / 100) for number in range(1, 31)]
    (figure,) = figures(Bars("family", "models_share", "Models"), rows)
    assert len(bars(figure)) == 20
    labels = [text for text in texts(figure) if text.startswith("f")]
    assert labels == [f"f{number:02d}" for number in range(30, 10, -1)]


def test_units_of_cost_have_a_plot_each() -> None:
    rows = [family("a"), family("b", cost_unit="EUR"), family("c", cost_unit=None, cost_share=0.0)]
    drawn = figures(Bars("family", "cost_share", "Cost", by="cost_unit"), rows)
    assert [re.findall("<figcaption>(.*)</figcaption>", one) for one in drawn] == [
        ["Cost, s"],
        ["Cost, EUR"],
    ]


@pytest.mark.parametrize("name", HOSTILE)
def test_names_stay_text(name: str) -> None:
    drawn = [
        *figures(Bars("family", "models_share", "Models"), [family(name), family("b")]),
        *figures(Histograms(of="graphlets"), [distribution(measure=name, unit=name)]),
    ]
    assert len(drawn) == 2
    for figure in drawn:
        assert not {one.tag for one in drawing(figure).iter()} & {f"{SVG}script", f"{SVG}image"}
        assert "\u202e" not in figure
    assert any(text.startswith(name[:5]) for text in texts(drawn[0])) or name == "\u202egnp"


def test_plots_suit_the_policy_of_the_page_and_any_colours() -> None:
    drawn = [
        *figures(Histograms(of="graphlets"), [distribution(), distribution()]),
        *figures(Bars("family", "models_share", "Models"), [family("a"), family("b")]),
    ]
    for figure in drawn:
        # Nothing that a policy without network and script would stop, or that two plots share.
        assert not re.search(r"\b(href|src|id|on\w+)=|url\(|@import|<style|<script", figure)
        assert {text.get("fill") for text in drawing(figure).iter(f"{SVG}text")} == {"currentColor"}
        assert {text.get("font-family") for text in drawing(figure).iter(f"{SVG}text")} == {
            "system-ui, sans-serif"
        }


def test_the_page_holds_them_and_the_text_does_not_load_what_draws() -> None:
    code = (
        "import sys\n"
        "from lineage.report import Report, Filters\n"
        "from lineage.report.sections import SECTIONS\n"
        "Report(filters=Filters(), sections=()).render('text')\n"
        "print([name for name in ('altair', 'vl_convert') if name in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    table = TableData(name="distributions", title="How graphlets differ", rows=(distribution(),))
    section = SectionData(name="models", title="Models", tables=(table,))
    page = Report(filters=Filters(), sections=(section,)).render("html")
    assert page.count("<figure>") == 1
    assert "default-src 'none'; style-src 'unsafe-inline'" in html.unescape(page)


def test_every_plot_names_fields_of_its_rows() -> None:
    plots = [
        (table, plot)
        for section in SECTIONS.values()
        for table in section.tables
        for plot in table.plots
    ]
    assert len(plots) > 5
    for table, plot in plots:
        if isinstance(plot, Lines):
            assert {plot.x, *plot.ys} <= set(table.row.model_fields)
            continue
        named = {plot.title} if isinstance(plot, Histograms) else {plot.label, plot.value, plot.by}
        assert named - {None} <= set(table.row.model_fields)
        if isinstance(plot, Histograms):
            assert plot.of
        else:
            assert plot.kind in (Kind.SHARE, Kind.COUNT, Kind.COST)
            assert plot.kind is not Kind.COST or plot.by == "cost_unit"


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [(0.123, "share", "12.3 %"), (36, "h", "1.5 d"), (0.5, "d", "12.0 h"), (90, "s", "1.5 min"),
     (1234567.8, "EUR", "1,234,568"), (0, None, "0"), (12.345, None, "12.3"),
     (1.25, "/d", "1.25"), (0.0123, None, "0.012"), (40.0, None, "40")],
)  # fmt: skip
def test_amounts(value: float, unit: str | None, said: str) -> None:
    assert units.amount(value, unit) == said


def test_units_that_amounts_do_not_tell_are_told_once() -> None:
    table = SECTIONS["models"].tables[2]
    measure = table.columns[0]
    assert written(distribution(), measure) == "duration"
    assert written(distribution(measure="cost", unit="EUR"), measure) == "cost (EUR)"
    columns = SECTIONS["models"].tables[1].columns
    assert [one.title for one in shown(columns, [family("a")])].count("unit") == 0
    titles = [one.title for one in shown(columns, [family("a"), family("b", cost_unit="EUR")])]
    assert titles.index("unit") == titles.index("cost") - 1
