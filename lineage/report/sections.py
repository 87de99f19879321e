"""The sections of the report, declared: a new one needs an entry here and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lineage.analyses import graphlets, pipelines, similarity, summary
from lineage.errors import NotFoundError
from lineage.report import units
from lineage.report.reuse import MATERIALIZATION, REDUNDANCY
from lineage.report.study import CORPUS, MODELS
from lineage.report.tables import Bars, Column, Histograms, Kind, Section, Table
from lineage.report.waste import WASTE

if TYPE_CHECKING:
    from collections.abc import Iterable


def _reconciled(row: summary.Reconciliation) -> str:
    unit = row.cost_unit
    attributed, outside, total, gap = (
        units.cost(value, unit)
        for value in (row.attributed, row.outside, row.total, row.difference)
    )
    line = f"{attributed} attributed + {outside} outside graphlets = {total} in all"
    line += f" (difference {gap})." if row.difference else ", to rounding."
    line += f" Wasted: {units.cost(row.wasted, unit)}, {units.share(row.wasted_share)}"
    line += f", in {units.count(row.wasted_executions)} executions."
    if row.undecided:
        line += f" Not decided, because still open: {units.cost(row.undecided, unit)}."
    return line


_SUMMARY = Section(
    "summary",
    "Summary",
    (
        Table(
            "counts",
            "What there is",
            "analyses/summary_counts",
            summary.Count,
            (
                Column("what", "what"),
                Column("count", "count", Kind.COUNT),
                Column("first", "first", Kind.TIME),
                Column("last", "last", Kind.TIME),
            ),
            whole=True,
        ),
        Table(
            "costs",
            "Costs and waste",
            "analyses/summary_costs",
            summary.Reconciliation,
            (
                Column("cost_unit", "unit"),
                Column("attributed", "attributed", Kind.COST),
                Column("outside", "outside", Kind.COST),
                Column("total", "total", Kind.COST),
                Column("difference", "difference", Kind.COST, 1),
                Column("wasted", "wasted", Kind.COST),
                Column("wasted_share", "share", Kind.SHARE),
                Column("undecided", "undecided", Kind.COST, 2),
            ),
            says=_reconciled,
            empty="no cost is known",
            whole=True,
        ),
        Table(
            "operators",
            "Cost by class of operator",
            "analyses/summary_operators",
            summary.OperatorCost,
            (
                Column("operator", "operator"),
                Column("executions", "executions", Kind.COUNT),
                Column("in_graphlets", "in graphlets", Kind.COUNT, 1),
                Column("cost", "cost", Kind.COST),
                Column("share", "share", Kind.SHARE),
                Column("cost_in_graphlets", "inside", Kind.COST, 2),
                Column("cost_outside", "outside", Kind.COST),
            ),
            plots=(Bars("operator", "share", "Share of the cost", by="cost_unit"),),
        ),
        Table(
            "gaps",
            "What is not known",
            "analyses/summary_gaps",
            summary.Gap,
            (Column("gap", "gap"), Column("what", "what"), Column("count", "count", Kind.COUNT)),
            empty="nothing is missing",
            whole=True,
        ),
    ),
)

_PIPELINES = Section(
    "pipelines",
    "Pipelines",
    (
        Table(
            "rows",
            "What each pipeline ran, trained, deployed, cost and wasted",
            "analyses/pipelines",
            pipelines.PipelineRow,
            (
                Column("pipeline", "pipeline", key="pipeline", of="pipeline"),
                Column("source", "source", rank=1),
                Column("runs", "runs", Kind.COUNT, 3),
                Column("models", "models", Kind.COUNT),
                Column("pushed", "pushed", Kind.COUNT),
                Column("models_a_day", "a day", Kind.RATIO, 4),
                Column("lifespan_days", "lifespan", Kind.DAYS, 5),
                Column("cost", "cost", Kind.COST),
                Column("attributed_cost", "attributed", Kind.COST, 2),
                Column("wasted", "wasted", Kind.COST),
                Column("last_activity", "last activity", Kind.TIME, 6),
            ),
            plots=(
                Bars("pipeline", "cost", "Cost of pipelines", Kind.COST, "cost_unit"),
                Bars("pipeline", "wasted", "Wasted by pipelines", Kind.COST, "cost_unit"),
            ),
        ),
    ),
)

_GRAPHLETS = Section(
    "graphlets",
    "Graphlets",
    (
        Table(
            "rows",
            "One model's story each, most expensive first",
            "analyses/graphlets",
            graphlets.GraphletRow,
            (
                Column("trainer", "trainer", key="key"),
                Column("pipeline", "pipeline"),
                Column("source", "source", rank=5),
                Column("node", "node", rank=9),
                Column("started", "started", Kind.TIME, 4),
                Column("state", "state", rank=3),
                Column("pushed", "pushed", Kind.FLAG),
                Column("executions", "exec.", Kind.COUNT, 8),
                Column("artifacts", "art.", Kind.COUNT, 8),
                Column("spans", "spans", Kind.COUNT, 7),
                Column("duration", "duration", Kind.SECONDS, 6),
                Column("cost", "cost", Kind.COST),
                Column("attributed_cost", "attributed", Kind.COST, 1),
                Column("wasted_share", "wasted", Kind.SHARE),
                Column("jaccard", "like last", Kind.RATIO, 2),
            ),
            given={"sort": "cost"},
            limited=True,
            total=graphlets.total,
            plots=(Bars("trainer", "attributed_cost", "Attributed cost", Kind.COST, "cost_unit"),),
        ),
    ),
)

_OVERLAP = (
    Column("pairs", "pairs", Kind.COUNT),
    Column("sharing_share", "share spans", Kind.SHARE),
    Column("mean", "mean", Kind.RATIO),
    Column("least", "min", Kind.RATIO, 2),
    Column("lower", "25 %", Kind.RATIO, 1),
    Column("median", "median", Kind.RATIO),
    Column("upper", "75 %", Kind.RATIO, 1),
    Column("most", "max", Kind.RATIO, 2),
)

_LIKENESS = (
    Column("pipeline", "pipeline"),
    Column("source", "source", rank=3),
    Column("pairs", "pairs", Kind.COUNT),
    Column("known", "known", Kind.COUNT, 1),
    Column("same", "same", Kind.COUNT),
    Column("mean", "mean", Kind.RATIO),
    Column("least", "min", Kind.RATIO, 2),
    Column("lower", "25 %", Kind.RATIO, 1),
    Column("median", "median", Kind.RATIO),
    Column("upper", "75 %", Kind.RATIO, 1),
    Column("most", "max", Kind.RATIO, 2),
)

_SIMILARITY = Section(
    "similarity",
    "Similarity",
    (
        Table(
            "all",
            "Overlap (Jaccard) of the spans of consecutive models, all pairs",
            "analyses/similarity",
            similarity.SimilarityRow,
            _OVERLAP,
            given={"together": True},
            empty="no trainer node has two models yet",
            plots=(
                Histograms(of="pairs", title=None, name="overlap of their spans", unit="share"),
            ),
        ),
        Table(
            "rows",
            "By pipeline",
            "analyses/similarity",
            similarity.SimilarityRow,
            (Column("pipeline", "pipeline"), Column("source", "source", rank=3), *_OVERLAP),
            given={"together": False},
            plots=(Bars("pipeline", "mean", "Mean overlap of spans"),),
        ),
        Table(
            "data",
            "By data: hashes of distributions that agree, all pairs first",
            "analyses/similarity_data",
            similarity.LikenessRow,
            _LIKENESS,
            empty="no features are known of the spans of two consecutive models",
        ),
        Table(
            "code",
            "By code: trainers and transformations whose code is the same, all pairs first",
            "analyses/similarity_code",
            similarity.LikenessRow,
            _LIKENESS,
            empty="no code versions are known of two consecutive models",
        ),
        Table(
            "features",
            "Features of a pipeline (--pipeline) whose distribution changes most, in bits",
            "analyses/similarity_features",
            similarity.FeatureRow,
            (
                Column("feature", "feature"),
                Column("source", "source", rank=3),
                Column("kind", "kind", rank=2),
                Column("pairs", "pairs", Kind.COUNT),
                Column("in_one", "in one", Kind.COUNT, 1),
                Column("mean", "mean", Kind.RATIO),
                Column("most", "max", Kind.RATIO),
                Column("at", "max at", Kind.TIME, 1),
                Column("agreeing", "hashes agree", Kind.SHARE, 2),
            ),
            empty="none; they are told of one pipeline, named with --pipeline",
            empty_of_one="no distributions of features are known",
        ),
    ),
)

SECTIONS: dict[str, Section] = {
    section.name: section
    for section in (
        _SUMMARY,
        CORPUS,
        MODELS,
        _PIPELINES,
        _GRAPHLETS,
        _SIMILARITY,
        REDUNDANCY,
        MATERIALIZATION,
        WASTE,
    )
}


def chosen(names: Iterable[str] | None = None) -> list[Section]:
    """The sections of these names, in the order of the report; none named means all.

    Raises:
        NotFoundError: there is no such section.
    """
    wanted = list(names or SECTIONS)
    for name in wanted:
        if name not in SECTIONS:
            raise NotFoundError(f"the report has no section {name!r}; it has {', '.join(SECTIONS)}")
    return [section for name, section in SECTIONS.items() if name in wanted]
