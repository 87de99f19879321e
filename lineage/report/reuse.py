"""The sections that tell what was computed again, and what is worth keeping."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lineage.analyses import materialization, redundancy
from lineage.report import units
from lineage.report.tables import Bars, Column, Kind, Section, Table

if TYPE_CHECKING:
    from lineage.report.tables import Asked


def _said(row: redundancy.Repeated) -> str:
    line = f"{units.count(row.repeats)} executions did again what another had done before: "
    line += f"{units.cost(row.saved, row.cost_unit)}, {units.share(row.share)} of all cost"
    if row.certainty == "assumed":
        line += ", if code of unknown version is the same within a pipeline"
    return line + "."


def _merges(row: redundancy.Windows) -> str:
    what = units.last_part(row.type)
    return (
        f"{what}: saved if its cost grows with the number of spans, and results for single spans "
        "are kept and merged."
    )


REDUNDANCY = Section(
    "redundancy",
    "Redundancy",
    (
        Table(
            "totals",
            "What was computed again",
            "analyses/redundancy_totals",
            redundancy.Repeated,
            (
                Column("certainty", "certainty"),
                Column("repeats", "repeats", Kind.COUNT),
                Column("saved", "cost", Kind.COST),
                Column("share", "share", Kind.SHARE),
                Column("concurrent", "at the same time", Kind.COUNT, 1),
                Column("concurrent_cost", "cost", Kind.COST, 2),
            ),
            says=_said,
            empty="nothing, as far as `lineage segment` has compared",
            whole=True,
        ),
        Table(
            "operators",
            "By type of operator",
            "analyses/redundancy_operators",
            redundancy.RepeatedType,
            (
                Column("operator", "operator", rank=2),
                Column("type", "type", Kind.TYPE),
                Column("executions", "compared", Kind.COUNT, 3),
                Column("repeats", "repeats", Kind.COUNT),
                Column("assumed", "assumed", Kind.COUNT, 4),
                Column("within", "same pipeline", Kind.COUNT, 1),
                Column("saved", "cost", Kind.COST),
                Column("share", "share", Kind.SHARE),
            ),
            plots=(
                Bars(
                    "type",
                    "share",
                    "Cost of executions that repeat",
                    by="cost_unit",
                    label_kind=Kind.TYPE,
                ),
            ),
        ),
        Table(
            "pipelines",
            "By pipeline: who did again what whom had done",
            "analyses/redundancy_pipelines",
            redundancy.RepeatedBetween,
            (
                Column("pipeline", "pipeline"),
                Column("source", "source", rank=3),
                Column("original_pipeline", "had been done by"),
                Column("repeats", "repeats", Kind.COUNT),
                Column("assumed", "assumed", Kind.COUNT, 2),
                Column("saved", "cost", Kind.COST),
            ),
            given={"limit": 20},
        ),
        Table(
            "worst",
            "The twenty computations repeated at the highest cost",
            "analyses/redundancy_worst",
            redundancy.RepeatedComputation,
            (
                Column("name", "first done by", key="original", of="execution"),
                Column("type", "type", Kind.TYPE, 3),
                Column("pipelines", "pipelines", Kind.COUNT, 2),
                Column("repeats", "repeats", Kind.COUNT),
                Column("saved", "cost", Kind.COST),
                Column("last", "last", Kind.TIME, 5),
                Column("output", "output", rank=1),
                Column("assumed", "assumed", Kind.FLAG, 4),
                Column("witness", "see with `lineage show`", rank=6, key="witness", of="execution"),
            ),
            given={"limit": 20},
        ),
        Table(
            "windows",
            "Sliding windows: work on spans that the last window had done",
            "analyses/redundancy_windows",
            redundancy.Windows,
            (
                Column("type", "type", Kind.TYPE),
                Column("executions", "executions", Kind.COUNT),
                Column("overlapping", "overlap", Kind.COUNT, 2),
                Column("spans", "spans", Kind.RATIO, 1),
                Column("overlap", "shared", Kind.SHARE),
                Column("saved", "would save", Kind.COST),
            ),
            given={"decomposable": list(redundancy.DECOMPOSABLE)},
            says=_merges,
        ),
        Table(
            "unstable",
            "Not counted: wrote different content from the same inputs",
            "analyses/redundancy_unstable",
            redundancy.UnstableType,
            (
                Column("type", "type", Kind.TYPE),
                Column("executions", "executions", Kind.COUNT),
                Column("computations", "computations", Kind.COUNT, 1),
                Column("cost", "cost", Kind.COST),
                Column("example", "example", rank=2),
            ),
        ),
        Table(
            "clashes",
            "To look into: the same digest, different sizes",
            "analyses/redundancy_clashes",
            redundancy.Clash,
            (
                Column("digest", "digest"),
                Column("kind", "class"),
                Column("artifacts", "artifacts", Kind.COUNT, 1),
                Column("repeats", "repeats", Kind.COUNT),
                Column("example", "example", rank=2),
            ),
            given={"limit": 20},
        ),
    ),
)


def _materialization(asked: Asked) -> materialization.Materialization:
    return asked.once(
        "materialization",
        lambda: materialization.materialization(
            asked.graph, asked.settings, asked.filters, budget=asked.budget
        ),
    )


def _selected(row: materialization.Kept) -> str:
    line = f"{units.size(row.budget)}: {units.count(row.kept)} kept by the rule `{row.rule}`"
    if row.of_bound is None:
        return line + "; how far that is from the best is not known."
    if row.of_bound > 0.999999:
        return line + ", the best there is."
    return line + f", at least {units.share(row.of_bound)} of the best there is."


MATERIALIZATION = Section(
    "materialization",
    "Materialization",
    (
        Table(
            "selections",
            "What keeping outputs would save, by budget (--budget)",
            "analyses/materialization",
            materialization.Kept,
            (
                Column("budget", "budget", Kind.SIZE),
                Column("kept", "kept", Kind.COUNT),
                Column("size", "size", Kind.SIZE),
                Column("saving", "saving", Kind.COST),
                Column("share", "share", Kind.SHARE),
                Column("rule", "rule", rank=1),
            ),
            says=_selected,
            empty="nothing was asked for twice at a known cost, as far as `lineage segment` saw",
            made=lambda asked: _materialization(asked).selections,
            whole=True,
        ),
        Table(
            "rows",
            "Outputs that are worth keeping, most saving first",
            "analyses/materialization",
            materialization.Candidate,
            (
                Column("name", "computed by", key="key", of="execution"),
                Column("type", "type", Kind.TYPE, 6),
                Column("pipeline", "pipeline", rank=7),
                Column("kept", "kept", Kind.FLAG),
                Column("uses", "uses", Kind.COUNT),
                Column("rebuilds", "rebuilt", Kind.COUNT, 2),
                Column("readers", "readers", Kind.COUNT, 9),
                Column("size", "size", Kind.SIZE),
                Column("recreation", "recreation", Kind.COST, 3),
                Column("load", "load", Kind.COST, 8),
                Column("saving", "saving", Kind.COST),
                Column("per_gigabyte", "per GB", Kind.COST, 4),
                Column("next_use", "next", Kind.TIME, 5),
            ),
            plots=(
                Bars(
                    "name", "saving", "Saving of each, if it alone is kept", Kind.COST, "cost_unit"
                ),
            ),
            made=lambda asked: _materialization(asked).candidates,
        ),
    ),
)
