"""Every form of the report, with names that attack it."""

from __future__ import annotations

import builtins
import csv
import io
import json
import re
import sys
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any, Literal

import pytest
from rich.cells import cell_len

from lineage.analyses.graphlets import GraphletRow
from lineage.analyses.pipelines import PipelineRow
from lineage.analyses.rows import Filters, Rows
from lineage.analyses.summary import Reconciliation
from lineage.errors import MissingExtraError, NotFoundError, SettingsError
from lineage.look import digest
from lineage.report import SECTIONS, Report, SectionData, TableData, units
from lineage.report.sections import chosen
from lineage.report.tables import Column, Kind
from lineage.report.text import fit

HOSTILE = [
    "\x1b[31mred\x1b[0m\x1b]0;title\x07",
    "[red]markup[/red]",
    "=cmd()",
    "</script><script>alert(1)</script>",
    "new\nline # x",
    "# pipelines.rows",
    "\u202egnp.exe",
    "漢字の長い名前がここにありますから切られます" * 4,
    'quote " comma , semicolon ;',
    "a" * 300,
]


def pipeline(name: str, **more: Any) -> PipelineRow:
    given = {
        "source": "store",
        "pipeline": name,
        "runs": 40,
        "executions": 255,
        "models": 1234,
        "pushed": 14,
        "models_a_day": 1.024,
        "lifespan_days": 39.07,
        "cost": 225_230.0,
        "attributed_cost": 225_230.0,
        "wasted": 4_320.0,
        "cost_unit": "s",
        "last_activity": datetime(2026, 2, 9, 1, 34, tzinfo=UTC),
    }
    return PipelineRow(**given | more)


def report(*rows: PipelineRow, left_out: int = 0) -> Report:
    table = TableData(name="rows", title="By pipeline", rows=rows, left_out=left_out)
    section = SectionData(name="pipelines", title="Pipelines", tables=(table,))
    return Report(filters=Filters(), sections=(section,))


@pytest.fixture
def hostile() -> Report:
    return report(*(pipeline(name, source=name) for name in HOSTILE), left_out=1200)


@pytest.mark.parametrize("width", [40, 60, 80, 120, 200])
def test_text_fits_and_does_nothing_to_the_terminal(hostile: Report, width: int) -> None:
    text = hostile.render("text", width=width)
    lines = text.splitlines()
    assert max(map(cell_len, lines)) <= width
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", text)
    assert "… and 1,200 more" in text
    told = text.partition("not shown at")[2]
    # One line each: heading, blank, title, columns, rule, rows, what was left out.
    assert len(lines) == 6 + len(HOSTILE) + (1 + told.rstrip("\n").count("\n") if told else 0)


def test_text_keeps_markup_as_text(hostile: Report) -> None:
    assert "[red]markup[/red]" in hostile.render("text", width=200)


def test_text_numbers_are_whole_and_to_the_right() -> None:
    lines = report(pipeline("a"), pipeline("b", cost=59.0, wasted=0.0))
    one, other = lines.render("text", width=200).splitlines()[-2:]
    assert "1,234" in one
    assert one.index("2.6 d") + 5 == other.index("59 s") + 4
    assert "1.2 h" in one


def test_text_has_color_only_when_asked() -> None:
    made = report(pipeline("a"))
    assert "\x1b[" not in made.render("text")
    assert "\x1b[1m" in made.render("text", color=True)


def test_text_without_rows() -> None:
    assert "none" in report().render("text")


@pytest.mark.parametrize("form", ["text", "html"])
def test_one_reason_is_told_once(form: Literal["text", "html"]) -> None:
    waste = SECTIONS["waste"]
    tables = tuple(TableData(name=one.name, title=one.title, rows=()) for one in waste.tables)
    made = Report(
        filters=Filters(),
        sections=(SectionData(name="waste", title="Waste", tables=tables),),
    )
    text = made.render(form, width=200)
    assert text.count("no predictor yet") == 1
    assert all(text.count(one.title) == 1 for one in waste.tables)


def test_source_shows_only_where_it_differs() -> None:
    same = report(pipeline("a"), pipeline("b"))
    other = report(pipeline("a"), pipeline("b", source="another"))
    assert "source" not in same.render("text", width=200)
    assert "another" in other.render("text", width=200)


def test_fit_drops_the_highest_rank_first_and_never_cuts_numbers() -> None:
    columns = [
        Column("name", "name"),
        Column("one", "one", Kind.COUNT),
        Column("two", "two", Kind.COUNT, 1),
        Column("three", "three", Kind.COUNT, 2),
    ]
    cells = [["n" * 30, "1" * 10, "2" * 10, "3" * 10]]
    assert fit(columns, cells, 200) == (columns, [30, 10, 10, 10])
    kept, widths = fit(columns, cells, 54)
    assert [column.field for column in kept] == ["name", "one", "two"]
    assert widths == [28, 10, 10]
    kept, widths = fit(columns, cells, 40)
    assert [column.field for column in kept] == ["name", "one"]
    assert widths == [26, 10]


@pytest.mark.parametrize("width", [80, 200])
def test_names_are_whole_and_what_has_no_room_is_named(width: int) -> None:
    names = ["fraud-detection-weekly-retrain", "ranking-of-search-results-eu"]
    text = report(*(pipeline(name) for name in names)).render("text", width=width)
    assert max(map(cell_len, text.splitlines())) <= width
    assert all(f"\n{name} " in text for name in names)
    assert "…" not in text
    told = " ".join(text.split()).partition(f"not shown at {width} columns: ")[2]
    (table,) = (one for one in SECTIONS["pipelines"].tables if one.name == "rows")
    head = text.splitlines()[3]
    for column in table.columns:
        if column.field != "source":
            assert column.title in (head if width == 200 else f"{head} {told}")
    assert bool(told) is (width == 80)


def test_what_is_too_wide_lacks_its_middle() -> None:
    rows = [pipeline(f"00000000-0000-4000-8000-{n:040x}") for n in (1, 2)]
    text = report(*rows).render("text", width=80)
    assert "0001 " in text
    assert "0002 " in text
    assert max(map(cell_len, text.splitlines())) <= 80


def test_a_pipeline_without_features_is_not_asked_for() -> None:
    (table,) = [one for one in SECTIONS["similarity"].tables if one.name == "features"]
    assert "--pipeline" in table.nothing(Filters())
    assert table.nothing(Filters(pipeline="p")) == "no distributions of features are known"


def test_json(hostile: Report) -> None:
    text = hostile.render("json")
    rows = json.loads(text)["sections"]["pipelines"]["rows"]
    assert [row["pipeline"] for row in rows] == HOSTILE
    assert rows[0]["cost"] == 225_230.0
    assert rows[0]["last_activity"] == "2026-02-09T01:34:00Z"
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", text)


def test_csv_is_a_line_for_each_row(hostile: Report) -> None:
    text = hostile.render("csv")
    assert len(text.splitlines()) == 1 + len(HOSTILE)
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["runs"] for row in rows] == ["40"] * len(HOSTILE)
    assert rows[2]["pipeline"] == "'=cmd()"
    assert rows[4]["pipeline"] == "new␊line # x"
    assert rows[0]["last_activity"] == "2026-02-09T01:34:00+00:00"


def test_csv_of_several_tables() -> None:
    one = report(pipeline("# pipelines.rows", source="# x")).sections[0]
    made = Report(filters=Filters(), sections=(one, one))
    text = made.render("csv")
    marks = [line for line in text.splitlines() if line.startswith("#")]
    assert marks == ["# pipelines.rows", "# pipelines.rows"]
    first, second = text.split("\n\n")
    assert second.startswith("# pipelines.rows\n")
    assert len(list(csv.reader(io.StringIO(first)))) == 3


class Elements(HTMLParser):
    """Collects the elements of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.ids: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        self.attributes += attrs
        self.ids += [value for name, value in attrs if name == "id" and value]


def test_html_is_one_page_without_network_that_runs_its_own_scripts_alone(hostile: Report) -> None:
    page = hostile.render("html")
    elements = Elements()
    elements.feed(page)
    assert not {"link", "img", "iframe", "form"} & set(elements.seen)
    assert not [name for name, _ in elements.attributes if name == "src" or name[:2] == "on"]
    leads = [value for name, value in elements.attributes if name == "href"]
    assert all(value and value.startswith("#") for value in leads)
    assert {value[1:] for value in leads if value} <= set(elements.ids)
    assert len(elements.ids) == len(set(elements.ids))
    scripts = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    assert len(scripts) == elements.seen.count("script") == 2
    (policy,) = [value for name, value in elements.attributes if "default-src" in (value or "")]
    assert policy is not None
    assert policy.endswith("script-src " + " ".join(map(digest, scripts)))
    assert "alert(1)" not in "".join(scripts)
    assert "&lt;/script&gt;&lt;script&gt;alert(1)" in page
    assert elements.seen.count("tr") == 1 + len(HOSTILE)
    assert "… and 1,200 more" in page
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", page.replace("\t", ""))
    assert page.count("<html") == page.count("</html>") == 1


def test_html_shortens_long_names_and_isolates_those_that_run_the_other_way() -> None:
    hebrew, long = "\u05e6\u05d9\u05e0\u05d5\u05e8", "start " + "x" * 10_000 + " end"
    page = report(pipeline(hebrew), pipeline(long)).render("html")
    assert f"<bdi>{hebrew}</bdi>" in page
    (cell,) = re.findall(r'<td title="([^"]*)"><bdi>([^<]*)</bdi>', page)
    assert cell[0] == long
    assert len(cell[1]) == 100
    assert cell[1].startswith("start x")
    assert cell[1].endswith("x end")


def test_html_for_notebooks(hostile: Report) -> None:
    assert hostile._repr_html_().startswith("<section")
    rows = Rows[PipelineRow](rows=(pipeline("</td>"),))
    assert "&lt;/td&gt;" in rows._repr_html_()
    assert "none" in Rows[PipelineRow](rows=())._repr_html_()


def test_to_pandas() -> None:
    frame = report(pipeline("a"), pipeline("b")).to_pandas("pipelines")
    assert list(frame.columns) == list(PipelineRow.model_fields)
    assert list(frame["pipeline"]) == ["a", "b"]
    assert Rows[PipelineRow](rows=()).to_pandas().empty


def test_to_pandas_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = builtins.__import__

    def without(name: str, *args: Any, **kwargs: Any) -> Any:
        if name == "pandas":
            raise ImportError(name)
        return whole(name, *args, **kwargs)

    monkeypatch.delitem(sys.modules, "pandas", raising=False)
    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(MissingExtraError, match=r"pip install 'lineage-graphlets\[pandas\]'"):
        report(pipeline("a")).to_pandas("pipelines")


def test_reports_name_what_they_lack() -> None:
    with pytest.raises(NotFoundError, match=r"pipelines\.costs"):
        report().table("pipelines", "costs")
    with pytest.raises(NotFoundError, match=r"no section 'pipeline'.*summary, corpus"):
        chosen(["pipeline"])


def test_sections_come_in_the_order_of_the_report() -> None:
    assert [section.name for section in chosen(["similarity", "summary"])] == [
        "summary",
        "similarity",
    ]
    assert [section.name for section in chosen()] == list(SECTIONS)


def test_columns_are_fields() -> None:
    for section in SECTIONS.values():
        for table in section.tables:
            assert {column.field for column in table.columns} <= set(table.row.model_fields)


def test_the_reconciliation_is_said() -> None:
    row = Reconciliation(
        cost_unit="s",
        attributed=7_200.0,
        outside=60.0,
        total=7_260.0,
        difference=0.0,
        wasted=3_600.0,
        wasted_share=3_600 / 7_260,
        wasted_executions=3,
        undecided=0.0,
    )
    says = SECTIONS["summary"].tables[1].says
    assert says is not None
    assert says(row) == (
        "2.0 h attributed + 1.0 min outside graphlets = 2.0 h in all, to rounding. "
        "Wasted: 1.0 h, 49.6 %, in 3 executions."
    )
    assert "(difference -1.0 min)" in says(row.model_copy(update={"difference": -60.0}))


def test_filters_are_checked() -> None:
    assert Filters.of(since="2026-01-31").since == "2026-01-31T00:00:00+00:00"
    assert Filters.of(until="2026-01-31T01:00:00Z").until == "2026-01-31T01:00:00+00:00"
    assert Filters.of(since=datetime(2026, 1, 1)).since == "2026-01-01T00:00:00+00:00"  # noqa: DTZ001
    with pytest.raises(SettingsError, match="since: 'yesterday' is no time"):
        Filters.of(since="yesterday")


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0 s"), (0.003, "0.003 s"), (12, "12 s"), (90, "1.5 min"), (4_320, "1.2 h"),
     (293_760, "3.4 d"), (86_400_000, "1,000.0 d"), (-90, "-1.5 min")],
)  # fmt: skip
def test_durations(seconds: float, said: str) -> None:
    assert units.duration(seconds) == said


def test_costs() -> None:
    assert units.cost(1_234.5, "EUR") == "1,234.50 EUR"
    assert units.cost(1_234_567.0, "EUR") == "1.23 million EUR"
    assert units.cost(999_940.0, "EUR") == "999,940.00 EUR"
    assert units.cost(999_999_999.0, "EUR") == "1.00 billion EUR"
    assert units.cost(9_996_000.0, "EUR") == "10.0 million EUR"
    assert units.cost(-550_462_069.71, "EUR") == "-550.5 million EUR"
    assert units.cost(11_387_203_140.97, "EUR") == "11.4 billion EUR"
    assert units.cost(0.0, None) == units.NOTHING


def test_graphlet_columns_at_80() -> None:
    row = GraphletRow(
        key="k", source="s", pipeline="p" * 60, node="n", trainer="t" * 60, started=None,
        state="complete", pushed=True, executions=1, artifacts=1, spans=1, duration=None,
        cost=1e9, attributed_cost=1e9, wasted=0.0, wasted_share=0.0, cost_unit="s", jaccard=None,
    )  # fmt: skip
    table = TableData(name="rows", title="x", rows=(row,))
    section = SectionData(name="graphlets", title="Graphlets", tables=(table,))
    text = Report(filters=Filters(pipeline="p\x1b"), sections=(section,)).render("text")
    assert "11,574.1 d" in text
    assert "Only pipeline p␛" in text
    assert max(map(cell_len, text.splitlines())) <= 80
