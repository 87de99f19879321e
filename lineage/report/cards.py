"""The headline: a few figures of the sections, each with the table that explains it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lineage.report import units
from lineage.report.actions import place, rows, selected

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from lineage.report.model import Report

_GAPS = 3  # that a card names


@dataclass(frozen=True, slots=True)
class Card:
    """A figure, or one for each unit of cost.

    Attributes:
        title: what it is.
        figures: of it.
        says: what they mean, or are a part of.
        table: where they are told, as an id on the page.
    """

    title: str
    figures: tuple[str, ...]
    says: str
    table: str


def cards(report: Report) -> list[Card]:
    """Those whose sections are in the report, and have something to tell."""
    made = (*_costs(report), *_redundant(report), *_payback(report), *_wasted(report))
    return [*(card for card in made if card.figures), *_complete(report)]


def counts(report: Report) -> dict[str, int]:
    """How much there is of each thing that the summary counts."""
    return {row.what: row.count for row in rows(report, "summary", "counts")}


def _costs(report: Report) -> Iterator[Card]:
    found, count = rows(report, "summary", "costs"), counts(report)
    yield Card(
        "total cost",
        tuple(units.cost(row.total, row.cost_unit) for row in found),
        f"{units.counted(count.get('executions', 0), 'execution')} of "
        f"{units.counted(count.get('pipelines', 0), 'pipeline')}",
        place("summary", "costs"),
    )
    if not count.get("graphlets", 0):  # nothing is known of them before they are cut
        return
    yield Card(
        "in graphlets",
        tuple(units.cost(row.attributed, row.cost_unit) for row in found),
        f"{units.counted(count.get('graphlets', 0), 'graphlet')}, "
        f"{count.get('graphlets pushed', 0):,} pushed",
        place("summary", "costs"),
    )


def _redundant(report: Report) -> Iterator[Card]:
    found = [row for row in rows(report, "redundancy", "totals") if row.repeats]
    yield Card(
        "redundant",
        tuple(units.cost(row.saved, row.cost_unit) for row in found),
        _each(found, lambda row: f"{units.share(row.share)} of all, {row.certainty}"),
        place("redundancy", "totals"),
    )


def _payback(report: Report) -> Iterator[Card]:
    """What the smallest budget that saves anything saves, for each unit."""
    kept = [row for _, row in selected(report)]
    yield Card(
        "materialization payback",
        tuple(units.cost(row.saving, row.cost_unit) for row in kept),
        _each(kept, lambda row: f"for {units.size(row.size)} kept"),
        place("materialization", "selections"),
    )


def _wasted(report: Report) -> Iterator[Card]:
    if not counts(report).get("graphlets", 0):
        return
    found = rows(report, "summary", "costs")
    yield Card(
        "wasted",
        tuple(units.cost(row.wasted, row.cost_unit) for row in found),
        _each(found, lambda row: f"{units.share(row.wasted_share)} of all")
        + ", on models that were never pushed",
        place("summary", "costs"),
    )


def _each(found: Sequence[Any], said: Callable[[Any], str]) -> str:
    """What is said of each row, with its unit of cost where there are several."""
    several = len({row.cost_unit for row in found}) > 1
    return "; ".join(
        f"{units.named(row.cost_unit)}: {said(row)}" if several else said(row) for row in found
    )


def _complete(report: Report) -> Iterator[Card]:
    executions = counts(report).get("executions", 0)
    if not executions:
        return
    gaps: dict[str, int] = {}
    for row in rows(report, "summary", "gaps"):
        gaps[row.gap] = gaps.get(row.gap, 0) + row.count
    known = executions - gaps.get("unknown cost", 0)
    told = [f"{count:,} \u00d7 {gap}" for gap, count in list(gaps.items())[:_GAPS]]
    more = [f"{len(gaps) - _GAPS} other gaps"] if len(gaps) > _GAPS else []
    yield Card(
        "costs known",
        (_share(known, executions),),
        "; ".join([*told, *more]) or "nothing is missing",
        place("summary", "gaps"),
    )


def _share(part: int, whole: int) -> str:
    """Rounded down, as all is not known until nothing is unknown."""
    return "100 %" if part == whole else f"{int(part / whole * 1000) / 10:.1f} %"
