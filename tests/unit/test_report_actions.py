"""What stands on top of the report's page: what would save most, the headline, the next steps."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from lineage.analyses.materialization import Candidate, Kept
from lineage.analyses.redundancy import Repeated, RepeatedType
from lineage.analyses.rows import Filters
from lineage.analyses.summary import Count, Gap, Reconciliation
from lineage.analyses.waste import WastePipeline
from lineage.report import Report, SectionData, TableData
from lineage.report.actions import actions
from lineage.report.advice import next_steps
from lineage.report.cards import cards
from lineage.report.html import page
from lineage.report.pictures import Embedded
from lineage.report.sections import SECTIONS
from lineage.report.statement import literal, statement
from lineage.waste.rows import Promise

if TYPE_CHECKING:
    from lineage.analyses.rows import Row

EVIL = "</script><img src=x onerror=alert(1)>"


def cost(total: float = 1_000.0, unit: str = "EUR") -> Reconciliation:
    return Reconciliation(
        cost_unit=unit, attributed=0.9 * total, outside=0.1 * total, total=total, difference=0.0,
        wasted=0.4 * total, wasted_share=0.4, wasted_executions=3, undecided=0.0,
    )  # fmt: skip


def repeated(saved: float, certainty: str = "proven", unit: str = "EUR") -> Repeated:
    return Repeated(
        cost_unit=unit, certainty=certainty, repeats=12, saved=saved, share=saved / 1_000,
        concurrent=0, concurrent_cost=0.0,
    )  # fmt: skip


def kept(budget: float, saving: float) -> Kept:
    return Kept(budget=budget, rule="exact", kept=7, size=budget / 2, saving=saving, share=0.5,
                of_bound=1.0, cost_unit="EUR")  # fmt: skip


def candidate(name: str, *, kept: bool = False) -> Candidate:
    return Candidate(
        key=name, name=name, type="a.Tuner", pipeline="p", source="s", cost_unit="EUR", readers=1,
        rebuilds=0, uses=2, pipelines=1, last=None, every=None, size=1e6, estimated=False,
        recreation=9.0, load=0.0, saving=18.0, per_gigabyte=1.0, next_use=None, kept=kept,
    )  # fmt: skip


def wasteful(pipeline: str, wasted: float, reason: str = "rejected") -> WastePipeline:
    counts = dict.fromkeys(
        ("failed", "unchecked", "rejected", "abandoned", "throttled", "unexplained"), 0
    )
    return WastePipeline(pipeline=pipeline, source="s", models=9, pushed=1, wasted=wasted,
                         cost_unit="EUR", reason=reason, advice="", **counts)  # fmt: skip


def report(filters: Filters | None = None, **tables: tuple[Row, ...]) -> Report:
    """Of tables named `section__table`."""
    sections: dict[str, list[TableData]] = {}
    for name, rows in tables.items():
        section, _, table = name.partition("__")
        title = next(one.title for one in SECTIONS[section].tables if one.name == table)
        sections.setdefault(section, []).append(TableData(name=table, title=title, rows=rows))
    made = (
        SectionData(name=name, title=SECTIONS[name].title, tables=tuple(data))
        for name, data in sections.items()
    )
    return Report(filters=filters or Filters(), sections=tuple(made))


def whole(**more: tuple[Row, ...]) -> Report:
    """A report with something to say of everything."""
    kind = RepeatedType(operator="training", type="a.b.Transform", executions=9, repeats=3,
                        assumed=0, within=3, saved=40.0, cost_unit="EUR", share=0.1)  # fmt: skip
    given: dict[str, tuple[Row, ...]] = {
        "summary__counts": (
            Count(what="pipelines", count=2, first=None, last=None),
            Count(what="executions", count=1_000, first=None, last=None),
            Count(what="graphlets", count=30, first=None, last=None),
            Count(what="graphlets pushed", count=4, first=None, last=None),
        ),
        "summary__costs": (cost(),),
        "summary__gaps": (Gap(gap="unknown cost", what="training", count=1),),
        "redundancy__totals": (repeated(60.0), repeated(50.0, "assumed")),
        "redundancy__operators": (kind,),
        "materialization__selections": (kept(1e6, 700.0), kept(1e9, 900.0)),
        "waste__rows": (
            wasteful("a", 100.0),
            wasteful("b", 80.0, "unexplained"),
            wasteful(EVIL, 70.0, "throttled"),
            wasteful("c", 30.0),
        ),
    }
    return report(**given | more)


def test_the_three_that_save_most() -> None:
    first, second, third = actions(whole())
    assert (first.before, first.name, first.after) == (
        "Stop models of ", "a", " and of 1 more pipeline early",
    )  # fmt: skip
    assert (first.saving, first.share, first.row) == ("up to 130.00 EUR", 0.13, "waste-rows-1")
    assert (second.name, second.saving, second.row) == (EVIL, "up to 70.00 EUR", "waste-rows-3")
    assert "Keep the 7 outputs" in third.before
    assert (third.saving, third.share, third.spent) == ("700.00 EUR", 0.7, False)


def promised(saving: float | None) -> Promise:
    return Promise(
        at=datetime(2026, 5, 1, tzinfo=UTC), says="", because="", stage=saving and "before",
        saving=saving, low=saving, high=saving, freshness_loss=saving and 0.01,
        pushes_lost=saving and 0.0, simulated="",
    )  # fmt: skip


def test_what_a_predictor_saves_stands_for_what_it_would_stop() -> None:
    given = whole(waste__headline=(promised(0.5),))
    first = actions(given)[0]
    assert (first.before, first.after) == (
        "Stop models that will not be pushed", " at stage \u201cbefore\u201d",
    )  # fmt: skip
    assert (first.saving, first.share) == ("about 200.00 EUR", 0.2)
    assert not any(one.name for one in actions(given))


def test_where_nothing_can_be_saved_or_of_a_part_a_predictor_says_nothing() -> None:
    assert actions(whole(waste__headline=(promised(None),))) == actions(whole())
    part = whole(waste__headline=(promised(0.5),)).model_copy(
        update={"filters": Filters(pipeline="a")}
    )
    assert actions(part) == actions(whole())


def test_redundant_work_is_named_with_its_type() -> None:
    (found, _) = actions(whole(waste__rows=()))
    assert found.row == "redundancy-totals-1"
    assert (found.saving, found.share) == ("60.00 EUR", 0.06)
    assert "most of it Transform" in found.because
    given = whole(waste__rows=(), redundancy__totals=(repeated(50.0, "assumed"),))
    assert "most of it" not in actions(given)[0].because  # all of that type are proven


def test_without_totals_no_share_is_told() -> None:
    (found,) = actions(report(waste__rows=(wasteful("a", 100.0),)))
    assert found.share is None
    assert "would have saved <b>up to 100.00 EUR</b>." in report(
        waste__rows=(wasteful("a", 100.0),)
    ).render("html")


def test_actions_lead_to_rows_and_their_names_are_text() -> None:
    page = whole().render("html")
    assert "<img" not in page
    assert f"<bdi>{EVIL.replace('<', '&lt;').replace('>', '&gt;')}</bdi> less often</a>" in page
    leads = re.findall(r'<li><a href="#([^"]+)"', page)
    assert len(leads) == 3 + 6
    assert all(f'id="{one}"' in page for one in leads)


def test_cards_tell_what_the_sections_do() -> None:
    found = {card.title: card for card in cards(whole())}
    assert found["total cost"].figures == ("1,000.00 EUR",)
    assert found["in graphlets"].figures == ("900.00 EUR",)
    assert found["redundant"].figures == ("60.00 EUR", "50.00 EUR")
    assert found["redundant"].says == "6.0 % of all, proven; 5.0 % of all, assumed"
    assert found["materialization payback"].figures == ("700.00 EUR",)
    assert found["materialization payback"].says == "for 500 kB kept"
    assert found["wasted"].figures == ("400.00 EUR",)
    assert found["costs known"].figures == ("99.9 %",)
    assert found["costs known"].says == "1 \u00d7 unknown cost"


def test_units_are_told_apart() -> None:
    two = whole(summary__costs=(cost(), cost(7_200.0, "s")))
    found = {card.title: card for card in cards(two)}
    assert found["total cost"].figures == ("1,000.00 EUR", "2.0 h")
    assert found["wasted"].says.startswith("EUR: 40.0 % of all; time: 40.0 % of all, on")
    both = whole(redundancy__totals=(repeated(60.0), repeated(50.0, unit="s")))
    (redundant,) = (card for card in cards(both) if card.title == "redundant")
    assert redundant.says == "EUR: 6.0 % of all, proven; time: 5.0 % of all, proven"


def test_outputs_to_keep_are_named() -> None:
    rows = (candidate("Tuner 1", kept=True), candidate("other"), candidate(EVIL, kept=True))
    (keep,) = (one for one in actions(whole(materialization__rows=rows)) if not one.spent)
    assert keep.named == (
        ("Tuner 1", "materialization-rows-1"),
        (EVIL, "materialization-rows-3"),
    )
    assert keep.unnamed == 5
    page = whole(materialization__rows=rows).render("html")
    assert '. Computed by <a href="#materialization-rows-1"><bdi>Tuner 1</bdi></a>' in page
    assert " and 5 more." in page
    assert "<img" not in page


def test_the_page_says_when_it_was_made_and_from_what() -> None:
    made = datetime(2026, 1, 31, 12, tzinfo=UTC)
    shop = report(Filters(pipeline=EVIL)).model_copy(
        update={"made": made, "sources": ("a", "<b>", "c", "d", "e", "f", "g")}
    )
    page = shop.render("html")
    (line,) = re.findall(r'<p class="dim">(Made .*)</p>', page)
    assert "<b>" not in line
    assert "<img" not in line
    plain = re.sub("<[^>]*>", "", line)
    assert plain.startswith("Made 2026-01-31 12:00 UTC from a, &lt;b&gt;, c, d, e and 2 more; only")
    assert "pipeline" in plain
    assert "Only pipeline" not in page


def test_all_is_known_only_where_nothing_is_unknown() -> None:
    counts = (Count(what="executions", count=100_000, first=None, last=None),)
    nearly = report(
        summary__counts=counts,
        summary__gaps=(Gap(gap="unknown cost", what="training", count=1),),
    )
    assert cards(nearly)[-1].figures == ("99.9 %",)
    assert cards(report(summary__counts=counts))[-1].figures == ("100 %",)


@pytest.mark.parametrize(
    ("filters", "tables", "commands"),
    [
        ({}, {}, ["lineage ingest PATH_OR_ADDRESS", "lineage segment", "lineage demo"]),
        ({"pipeline": "none such"}, {}, ["lineage report pipelines"]),
        (
            {"since": "2099-01-01"},
            {"summary__counts": (Count(what="executions", count=0, first=None, last=None),)},
            ["lineage report pipelines"],
        ),
        (
            {},
            {"summary__gaps": (Gap(gap="trainer not segmented yet", what="s", count=3),)},
            ["lineage segment"],
        ),
        ({}, {"summary__costs": (cost(),)}, []),
    ],
)
def test_next_steps(filters: dict[str, str], tables: dict[str, Any], commands: list[str]) -> None:
    made = report(Filters(**filters), **tables)
    assert [step.command for step in next_steps(made)] == commands
    assert all(f"<code>{one}</code>" in made.render("html") for one in commands)


def test_a_time_in_which_nothing_lies_is_told() -> None:
    none = (Count(what="executions", count=0, first=None, last=None),)
    late = report(Filters(since="2099-01-01"), summary__counts=none)
    for form in ("text", "html"):
        assert "Nothing in the graph lies in that time" in late.render(form, width=200)
    some = report(
        Filters(since="2020-01-01"),
        summary__counts=(Count(what="executions", count=1, first=None, last=None),),
    )
    assert "Nothing in the graph" not in some.render("text") + some.render("html")


def test_a_query_stands_with_the_parameters_of_the_report() -> None:
    table = next(one for one in SECTIONS["redundancy"].tables if one.name == "windows")
    text = statement(table, Filters(pipeline="it's \\ \u202e\n", since="2026-01-31"), 20)
    assert ":param pipeline => 'it\\'s \\\\ \\u202e\\n'\n" in text
    assert ":param since => '2026-01-31T00:00:00+00:00'\n" in text
    assert ":param source => null\n" in text
    assert ":param decomposable => ['analysis', 'transformation']\n" in text
    assert text.endswith(";")


def test_names_of_pictures_are_text() -> None:
    drawn = Embedded(kind="graphlet", key=EVIL, name=EVIL, says=EVIL, svg="<svg></svg>")
    text = page(whole(), [drawn])
    assert "<img" not in text
    assert f'id="{drawn.id}"' in text
    assert "<svg></svg>" in text


def test_a_query_on_the_page_keeps_its_lines() -> None:
    text = whole().render("html")
    assert ":param source =&gt; null\n:param pipeline =&gt; null\n" in text
    assert "\u240a" not in text


def test_every_table_has_its_query() -> None:
    for section in SECTIONS.values():
        for table in section.tables:
            assert "MATCH" in statement(table, Filters(), 20)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, "null"),
        (True, "true"),
        (20, "20"),
        (0.5, "0.5"),
        ('"', "'\"'"),
        ([1, "a"], "[1, 'a']"),
    ],
)
def test_literals(value: object, written: str) -> None:
    assert literal(value) == written
