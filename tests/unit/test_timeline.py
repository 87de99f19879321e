"""Timelines without a server: what is summed, where bars stand, what is said."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from support.pictures import EVIL, titles

from lineage.errors import PictureError
from lineage.picture import Timeline
from lineage.picture.calendar import step_for
from lineage.picture.columns import EACH, Trained

START = datetime(2026, 1, 1, 6, tzinfo=UTC)


def trained(at: int, hours: float = 6, **other: Any) -> Trained:
    """The graphlet that was begun after so many steps of some hours."""
    started = START + timedelta(hours=hours * at)
    known: dict[str, Any] = {
        "key": f"x#execution/{at}", "name": f"graphlet {at}", "node": "Trainer",
        "started": started, "began": started, "ended": started + timedelta(hours=2),
        "state": "complete", "trainer": "COMPLETE", "pushed": at % 3 == 0, "cost": 60.0 + at,
        "cost_unit": "s", "repeated": 0.0, "repeats": 0, "jaccard": 0.5 if at else None,
    }  # fmt: skip
    return Trained(**(known | other))


def timeline(*some: Trained, name: str = "daily") -> Timeline:
    return Timeline(key="x#pipeline/daily", name=name, source="x", simulated=False, trained=some)


def test_outcomes() -> None:
    assert trained(0).outcome == "pushed"
    assert trained(1).outcome == "not pushed"
    assert trained(1, trainer="FAILED").outcome == "failed"
    assert trained(1, state="open", trainer="RUNNING").outcome == "open"


def test_few_are_seen_one_by_one() -> None:
    found = timeline(*(trained(at) for at in range(5)))
    assert found.period is None
    said = titles(found.svg())
    assert [one.splitlines()[0] for one in said] == [f"graphlet {at}" for at in range(5)]
    assert "5 graphlets · 2 pushed · 3 not pushed" in found.svg()
    (lane,) = found.lanes()
    assert [column.jaccard for column in lane.columns] == [None, 0.5, 0.5, 0.5, 0.5]


def test_many_are_summed() -> None:
    found = timeline(*(trained(at) for at in range(2_000)))
    assert found.period == "month"
    (lane,) = found.lanes()
    assert sum(sum(column.counts.values()) for column in lane.columns) == 2_000
    assert sum(column.cost for column in lane.columns) == sum(60.0 + at for at in range(2_000))
    assert len(lane.columns) <= 61
    assert "summed by month" in found.svg()
    assert len(found.svg()) < 100_000
    busy = [trained(at, hours=0.1) for at in range(EACH + 1)]
    assert timeline(*busy).period == "day"


def test_a_lane_for_each_trainer_node() -> None:
    nodes = [trained(at, node=f"node {at % 9}") for at in range(40)]
    names = [lane.name for lane in timeline(*nodes).lanes()]
    assert names == [*(f"node {at}" for at in range(5)), "4 other trainer nodes"]


def test_what_was_done_before_is_marked() -> None:
    svg = timeline(trained(0, repeated=30.0, repeats=2), trained(1)).svg()
    assert "done before: 30 s, in 2 executions" in svg
    assert svg.count('class="again"') == 2  # one bar, and the legend
    assert 'class="again"' not in timeline(trained(0)).svg()


def test_what_is_not_known_is_said() -> None:
    svg = timeline(
        trained(0), trained(1), trained(2, cost=5.0, cost_unit="gpu h"), trained(3, started=None)
    ).svg()
    assert "1 have no time and are not drawn" in svg
    assert "costs in another unit than s are not drawn" in svg
    assert ET.fromstring(timeline(trained(0, started=None)).svg()) is not None
    assert ET.fromstring(timeline(trained(0, cost=None, ended=None)).svg()) is not None


def test_what_names_hold_is_only_text() -> None:
    svg = timeline(
        trained(0, name=EVIL, node=EVIL, key=EVIL, cost_unit=EVIL, repeats=1, repeated=9.0),
        name=EVIL,
    ).svg()
    root = ET.fromstring(svg)
    assert not [one for one in root.iter() if one.tag.rpartition("}")[2] == "script"]
    assert len(svg) < 10_000


def test_other_forms_are_refused() -> None:
    found = timeline(trained(0))
    assert found.write("svg") == found._repr_svg_()
    assert found.svg() in found.write("html")
    with pytest.raises(PictureError, match="no form mermaid"):
        found.write("mermaid")


@pytest.mark.parametrize(
    ("days", "name"),
    [(0, "1 hours"), (0.4, "1 hours"), (3, "6 hours"), (10, "day"), (20, "2 days"), (50, "week"),
     (300, "month"), (1_000, "quarter"), (3_000, "year"), (300_000, "century")],
)  # fmt: skip
def test_steps(days: float, name: str) -> None:
    end = START + timedelta(days=days)
    step = step_for(START, end, 12)
    assert step.name == name
    starts = list(step.starts(START, end))
    assert starts[0] <= START
    assert 1 <= len(starts) <= 14
    assert all(step.floor(start) == start for start in starts)


def test_the_last_year_that_there_is() -> None:
    end = datetime.max.replace(tzinfo=UTC)
    assert ET.fromstring(timeline(trained(0), trained(1, started=end, ended=end)).svg()) is not None
    assert step_for(START, end, 60, named=True).name == "century"


def test_weeks_begin_on_monday() -> None:
    week = step_for(START, START + timedelta(days=60), 12)
    assert week.floor(START).isoformat() == "2025-12-29T00:00:00+00:00"
    assert {start.weekday() for start in week.starts(START, START + timedelta(days=60))} == {0}
