"""The cost curve of a cache: as a table of text, and as a page with its plot."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from lineage.report import units
from lineage.reuse.curve import Policy
from lineage.safe import html_text

if TYPE_CHECKING:
    from lineage.analyses.whatif import WhatIf, WhatIfRow

COLUMNS = ("budget", "policy", "cost", "saved", "share", "hits")
EMPTY = (
    "nothing was computed more than once, as far as is known; `lineage segment` finds out what is "
    "equivalent"
)
_WIDTH, _HEIGHT = 520, 260


def notes(found: WhatIf) -> list[str]:
    """What the curve rests on, in sentences."""
    first = (
        f"{found.accesses:,} executions computed {found.items:,} things more than once; all that "
        f"was done more than once cost {units.cost(found.cost, found.unit)}. "
        f"Kept all together, those things take {units.size(found.size)}."
    )
    told = [first]
    if found.estimated:
        told.append(
            f"Sizes of {found.estimated:,} of them are estimated, in part at least: "
            f"{units.size(found.estimated_size)} of that."
        )
    if found.overlapping:
        told.append(
            f"{found.overlapping:,} executions ran while the original did: no cache saves that."
        )
    if found.assumed:
        told.append(f"Of {found.assumed:,} the code is only assumed to be the original's.")
    if found.left_out:
        told.append(
            f"{found.left_out:,} are left out: without time or cost, or in another unit of cost."
        )
    if found.is_load_free:
        told.append(
            "Loads count nothing: the setting storage_cost_per_second says what a second costs."
        )
    told.append("What ran only once is left out: policies are taken not to keep it.")
    if any(row.policy is Policy.BOUND for row in found.rows):
        told.append("A bound is not exceeded by any policy, and need not be reached by any.")
    if found.simulated:
        told.append(f"simulated data: {', '.join(found.simulated)}")
    return told


def cells(row: WhatIfRow, unit: str | None) -> tuple[str, ...]:
    """A row for people; `COLUMNS` are its titles."""
    life = f" ({units.duration(row.seconds)})" if row.seconds else ""
    return (
        units.size(row.budget),
        f"{row.policy}{life}",
        units.cost(row.cost, unit),
        units.cost(row.saved, unit),
        units.share(row.saved_share),
        units.NOTHING if row.hits is None else units.count(row.hits),
    )


def page(found: WhatIf) -> str:
    """The plot, the table and what they rest on, as one HTML page."""
    from lineage.report.html import document

    if not found.rows:
        return document("What a cache would have saved", f"<p>{html_text(EMPTY)}</p>\n")
    head = "".join(f"<th>{name}</th>" for name in COLUMNS)
    lines = "".join(
        f"<tr>{''.join(f'<td>{html_text(cell)}</td>' for cell in cells(row, found.unit))}</tr>\n"
        for row in found.rows
    )
    told = "".join(f"<p>{html_text(note)}</p>\n" for note in notes(found))
    return document(
        "What a cache would have saved",
        f"{_plot(found)}{told}<table>\n<thead><tr>{head}</tr></thead>\n"
        f"<tbody>\n{lines}</tbody>\n</table>\n",
    )


def _plot(found: WhatIf) -> str:
    """Cost over budgets, equally far apart, a line for each policy."""
    import altair as alt

    from lineage.report.plots import data, figure

    budgets = sorted({row.budget for row in found.rows if row.policy is not Policy.NONE})
    drawn = [
        {"place": budgets.index(row.budget), "cost": row.cost, "policy": str(row.policy)}
        for row in found.rows
        if row.policy is not Policy.NONE
    ]
    if any(row.policy is Policy.NONE for row in found.rows):
        drawn += [
            {"place": place, "cost": found.cost, "policy": "none"} for place in range(len(budgets))
        ]
    labels = json.dumps([units.size(budget) for budget in budgets])
    base = alt.Chart(data(drawn), width=_WIDTH, height=_HEIGHT)
    lines = base.mark_line(point=True).encode(
        x=alt.X(
            "place:O",
            title="budget",
            axis=alt.Axis(labelExpr=f"{labels}[datum.value]", labelAngle=0),
        ),
        y=alt.Y("cost:Q", title=f"cost ({found.unit})", axis=alt.Axis(format="~s", tickCount=5)),
        color=alt.Color("policy:N", sort=list(Policy), title=None),
    )
    last = [row for row in found.rows if row.budget == max(budgets, default=0)]
    said = ", ".join(f"{row.policy} saves {units.share(row.saved_share)}" for row in last)
    alt_text = f"Cost by budget and policy; at {units.size(max(budgets, default=0))}: {said}"
    return figure("Cost over budgets", alt_text, lines.to_dict())
