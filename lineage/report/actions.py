"""What to do first: the few actions that would save most, from what the sections have found.

Every figure here is one of a table's row, rows of one table added up, or a share of one.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

from lineage.report import units
from lineage.safe import shortened, visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lineage.analyses.materialization import Kept
    from lineage.analyses.redundancy import Repeated, RepeatedType
    from lineage.analyses.waste import WastePipeline
    from lineage.report.model import Report

MOST = 3
_NAMED = 10  # outputs to keep
_NAME = 60  # characters of a name
# By the reason that a pipeline's models are not pushed for; words before and after its name. What
# nobody can explain is to be asked about, which saves nothing yet.
_BY_REASON = {
    "rejected": (
        "Stop models of ",
        " early",
        "most of it went into models that a check then rejected",
    ),
    "throttled": (
        "Train ",
        " less often",
        "most of it went into models trained soon after another was pushed",
    ),
    "failed": ("Mend the training of ", "", "most of it went into trainings that failed"),
    "unchecked": (
        "Mend the checks of ",
        "",
        "most of it went into models whose checks failed",
    ),
    "abandoned": ("Drop ", ", or record pushes", "no model was ever pushed there"),
}
_STOPPED = {"rejected", "throttled"}  # the reasons for which a predictor would stop models


@dataclass(frozen=True, slots=True)
class Action:
    """Something to do.

    Attributes:
        before: of the sentence, before a name.
        name: from a trace; empty where the sentence has none.
        after: of the sentence, after it.
        because: what was found.
        saving: with its unit.
        share: saving / total cost in that unit; None where the total is not known.
        spent: whether it would have cut what was spent, and not what is spent again otherwise.
        row: where it is told, as an id on the page.
        named: what it is about, each with its row, as an id on the page.
        unnamed: how many more.
    """

    before: str
    name: str
    after: str
    because: str
    saving: str
    share: float | None
    spent: bool
    row: str
    named: tuple[tuple[str, str], ...] = ()
    unnamed: int = 0


def actions(report: Report) -> list[Action]:
    """Those that would save the greatest shares of the cost; what cuts the bill comes first."""
    totals = {row.cost_unit: row.total for row in rows(report, "summary", "costs")}
    predicted = list(_predicted(report))
    wasted = list(_wasted(report, totals, instead=bool(predicted)))
    found = [*_repeated(report), *predicted, *wasted, *_kept(report, totals)]
    by_share = sorted(found, key=lambda one: -(one.share or 0.0))
    kept = [one for one in by_share if not one.spent][:1]
    cuts = [one for one in by_share if one.spent][: MOST - len(kept)]
    return [*cuts, *kept]


def rows(report: Report, section: str, table: str) -> Sequence[Any]:
    """Rows of a table; none where it is not in the report."""
    data = report.find(section, table)
    return () if data is None else data.rows


def place(section: str, table: str, row: int | None = None) -> str:
    """The id of a table on the page, or of one of its rows, counted from 0."""
    return f"{section}-{table}" if row is None else f"{section}-{table}-{row + 1}"


def _repeated(report: Report) -> Iterator[Action]:
    """For each unit the more costly of what is proven and what is assumed."""
    found = list(enumerate(rows(report, "redundancy", "totals")))
    for unit in dict.fromkeys(row.cost_unit for _, row in found):
        of_unit = [(at, row) for at, row in found if row.cost_unit == unit and row.saved > 0]
        if unit is None or not of_unit:
            continue
        at, row = max(of_unit, key=lambda pair: pair[1].saved)
        types = [one for one in rows(report, "redundancy", "operators") if one.cost_unit == unit]
        yield Action(
            before="Reuse what was computed before",
            name="",
            after="",
            because=_repeats(row, types),
            saving=units.cost(row.saved, unit),
            share=row.share,
            spent=True,
            row=place("redundancy", "totals", at),
        )


def _repeats(row: Repeated, types: Sequence[RepeatedType]) -> str:
    said = f"{units.count(row.repeats)} executions did again what others had done"
    assumed = row.certainty == "assumed"
    of_this = (one for one in types if one.assumed == (one.repeats if assumed else 0))
    most = max(of_this, key=lambda one: one.saved, default=None)
    if most is not None and most.saved > row.saved / 2:
        said += f", most of it {units.last_part(most.type)}"
    if assumed:
        said += ", if code of unknown version is the same within a pipeline"
    return said


def _predicted(report: Report) -> Iterator[Action]:
    """What a predictor would save of all waste, as it was tested on later models."""
    if report.filters.model_dump(exclude_none=True):
        return  # it was tested on all that there is
    costs = sorted(rows(report, "summary", "costs"), key=lambda row: -row.wasted)
    for row in rows(report, "waste", "headline"):
        if row.saving is None or row.freshness_loss is None or not costs:
            continue
        worst = costs[0]
        yield Action(
            before="Stop models that will not be pushed",
            name="",
            after=f" at stage \u201c{row.stage}\u201d",
            because=f"{units.share(row.saving)} of what was wasted, for "
            f"{units.share(row.freshness_loss)} of freshness; lineage watch tells which",
            saving=f"about {units.cost(row.saving * worst.wasted, worst.cost_unit)}",
            share=row.saving * worst.wasted_share,
            spent=True,
            row=place("waste", "headline", 0),
        )


def _wasted(report: Report, totals: dict[str, float], *, instead: bool) -> Iterator[Action]:
    """One for each reason and unit, of the pipelines in the table, the most wasteful named.

    Args:
        report: with its rows.
        totals: by unit.
        instead: whether what a predictor would stop is told already.
    """
    told = _BY_REASON.keys() - (_STOPPED if instead else set())
    found = [
        (at, row)
        for at, row in enumerate(rows(report, "waste", "rows"))
        if row.reason in told and row.cost_unit is not None and row.wasted > 0
    ]
    data = report.find("waste")
    of = f", of the {len(data.rows):,} most wasteful pipelines" if data and data.left_out else ""

    def kind(pair: tuple[int, WastePipeline]) -> tuple[str, str]:
        return pair[1].reason, pair[1].cost_unit or ""

    groups = [
        (reason, unit, sorted(pairs, key=lambda pair: -pair[1].wasted))
        for (reason, unit), pairs in groupby(sorted(found, key=kind), kind)
    ]
    sums = [sum(row.wasted for _, row in pairs) for _, _, pairs in groups]
    # The most wasteful first, for where the total is not known to compare with.
    for wasted, (reason, unit, pairs) in sorted(
        zip(sums, groups, strict=True), key=lambda one: -one[0]
    ):
        at, worst = pairs[0]
        before, after, because = _BY_REASON[reason]
        yield Action(
            before=before,
            name=shortened(visible(worst.pipeline), _NAME),
            after=_others(len(pairs) - 1, before) + after,
            because=because + of,
            saving=f"up to {units.cost(wasted, unit)}",
            share=wasted / totals[unit] if totals.get(unit) else None,
            spent=True,
            row=place("waste", "rows", at),
        )


def _others(count: int, before: str) -> str:
    """How many more pipelines than the one that is named."""
    if not count:
        return ""
    of = "of " if before.endswith("of ") else ""
    return f" and {of}{units.counted(count, 'more pipeline')}"


def selected(report: Report) -> Iterator[tuple[int, Kept]]:
    """For each unit the selection under the smallest budget that saves anything, and its place."""
    found = list(enumerate(rows(report, "materialization", "selections")))
    for unit in dict.fromkeys(row.cost_unit for _, row in found):
        of_unit = [(at, row) for at, row in found if row.cost_unit == unit and row.saving > 0]
        if of_unit and unit is not None:
            yield min(of_unit, key=lambda pair: pair[1].budget)


def _kept(report: Report, totals: dict[str, float]) -> Iterator[Action]:
    for at, row in selected(report):
        one, total = row.kept == 1, totals.get(row.cost_unit or "")
        named = tuple(_outputs(report, row.cost_unit))[:_NAMED]
        outputs = "the output that is" if one else f"the {units.count(row.kept)} outputs that are"
        yield Action(
            before=f"Keep {outputs} worth most",
            name="",
            after=f" under a budget of {units.size(row.budget)}",
            because=f"{units.size(row.size)} in all; without {'it' if one else 'them'} each use "
            f"computes {'it' if one else 'them'} again",
            saving=units.cost(row.saving, row.cost_unit),
            share=row.saving / total if total else None,
            spent=False,
            row=place("materialization", "selections", at),
            named=named,
            unnamed=max(0, row.kept - len(named)),
        )


def _outputs(report: Report, unit: str | None) -> Iterator[tuple[str, str]]:
    """Names and rows of the computations that `selected` keeps, as far as the table has them."""
    for at, row in enumerate(rows(report, "materialization", "rows")):
        if row.kept and row.cost_unit == unit:
            yield shortened(visible(row.name), _NAME), place("materialization", "rows", at)
