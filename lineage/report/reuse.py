"""The section that tells what was computed again."""

from __future__ import annotations

from lineage.analyses import redundancy
from lineage.report import units
from lineage.report.tables import Bars, Column, Kind, Section, Table


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
            empty="nothing, as far as is known",
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
            plots=(Bars("type", "share", "Cost of executions that repeat", by="cost_unit"),),
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
                Column("name", "first done by"),
                Column("type", "type", Kind.TYPE, 3),
                Column("pipelines", "pipelines", Kind.COUNT, 2),
                Column("repeats", "repeats", Kind.COUNT),
                Column("saved", "cost", Kind.COST),
                Column("last", "last", Kind.TIME, 5),
                Column("output", "output", rank=1),
                Column("assumed", "assumed", Kind.FLAG, 4),
                Column("witness", "see with `lineage show`", rank=6),
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
    ),
)
