"""What a reader does next, where a report has little to tell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lineage.report.actions import rows
from lineage.report.cards import counts

if TYPE_CHECKING:
    from lineage.report.model import Report


@dataclass(frozen=True, slots=True)
class Step:
    """Something to do first.

    Attributes:
        says: why.
        command: of the command line; None where there is none.
    """

    says: str
    command: str | None


def next_steps(report: Report) -> list[Step]:
    """What is missing before the report can tell more; nothing where nothing is."""
    if nothing := nothing_fits(report):
        return nothing
    if _has_rows(report):
        return _missing(report)
    return _empty()


def nothing_fits(report: Report) -> list[Step]:
    """What to do where the filters let nothing through; nothing where they do, or there are none.

    Where the summary is in the report, its count of executions decides; else whether any table has
    rows.
    """
    filters = report.filters
    if not filters.model_dump(exclude_none=True):
        return []
    executions = counts(report).get("executions")
    if executions or (executions is None and _has_rows(report)):
        return []
    in_time = filters.since is not None or filters.until is not None
    what = "lies in that time" if in_time else "fits what was asked for"
    return [Step(f"Nothing in the graph {what}; this lists what is there:",
                 "lineage report pipelines")]  # fmt: skip


def _has_rows(report: Report) -> bool:
    return any(data.rows for section in report.sections for data in section.tables)


def _missing(report: Report) -> list[Step]:
    counted = counts(report)
    chosen = bool(report.filters.model_dump(exclude_none=True))
    if counted and not counted.get("executions") and not chosen:
        return _empty()
    gaps = {row.gap for row in rows(report, "summary", "gaps")}
    if "trainer not segmented yet" in gaps:
        return [Step("Some trainers are not segmented yet, so their graphlets, what they repeat "
                     "and what they wasted are missing here:", "lineage segment")]  # fmt: skip
    return []


def _empty() -> list[Step]:
    return [
        Step("The graph is empty. Load a store, a file of events or a trace:",
             "lineage ingest PATH_OR_ADDRESS"),
        Step("Then cut it into graphlets:", "lineage segment"),
        Step("Or look at the sample store first:", "lineage demo"),
    ]  # fmt: skip
