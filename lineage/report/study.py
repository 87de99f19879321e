"""The sections that characterise a corpus as the study does, by pipelines and by models.

Xin, Miao, Parameswaran, Polyzotis, "Production Machine Learning Pipelines: Empirical Analysis and
Optimization Opportunities", SIGMOD 2021 (arXiv 2103.16007).
"""

from __future__ import annotations

from lineage.analyses import corpus, models
from lineage.analyses.rows import Distribution
from lineage.report.tables import Bars, Column, Histograms, Kind, Section, Table

_DISTRIBUTION = (
    Column("measure", "measure", Kind.MEASURE),
    Column("count", "count", Kind.COUNT, 4),
    Column("mean", "mean", Kind.AMOUNT),
    Column("least", "min", Kind.AMOUNT, 1),
    Column("p10", "10 %", Kind.AMOUNT, 6),
    Column("lower", "25 %", Kind.AMOUNT, 3),
    Column("median", "median", Kind.AMOUNT),
    Column("upper", "75 %", Kind.AMOUNT, 3),
    Column("p90", "90 %", Kind.AMOUNT, 5),
    Column("p99", "99 %", Kind.AMOUNT, 2),
    Column("most", "max", Kind.AMOUNT, 1),
)

CORPUS = Section(
    "corpus",
    "Corpus",
    (
        Table(
            "distributions",
            "How pipelines differ",
            "analyses/corpus_distributions",
            Distribution,
            _DISTRIBUTION,
            empty="no execution belongs to a pipeline",
            plots=(Histograms(of="pipelines"),),
        ),
        Table(
            "operators",
            "Operators that pipelines have, and how often they fail",
            "analyses/corpus_operators",
            corpus.OperatorPresence,
            (
                Column("operator", "operator"),
                Column("pipelines", "pipelines", Kind.COUNT),
                Column("pipelines_share", "share", Kind.SHARE),
                Column("executions", "executions", Kind.COUNT),
                Column("cached", "cached", Kind.COUNT, 2),
                Column("ended", "ended", Kind.COUNT, 1),
                Column("failed", "failed", Kind.COUNT),
                Column("failed_share", "share", Kind.SHARE),
            ),
            plots=(
                Bars("operator", "pipelines_share", "Pipelines that have the operator"),
                Bars("operator", "failed_share", "Executions that failed"),
            ),
        ),
    ),
)

MODELS = Section(
    "models",
    "Models",
    (
        Table(
            "rates",
            "What became of graphlets",
            "analyses/models_rates",
            models.Rate,
            (
                Column("what", "what"),
                Column("graphlets", "graphlets", Kind.COUNT),
                Column("of", "of", Kind.COUNT),
                Column("share", "share", Kind.SHARE),
            ),
            plots=(Bars("what", "share", "Share of graphlets"),),
        ),
        Table(
            "families",
            "By family of models",
            "analyses/models_families",
            models.Family,
            (
                Column("family", "family"),
                Column("pipelines", "pipelines", Kind.COUNT, 2),
                Column("pipelines_share", "share", Kind.SHARE, 3),
                Column("models", "models", Kind.COUNT),
                Column("models_share", "share", Kind.SHARE),
                Column("failed_share", "failed", Kind.SHARE, 1),
                Column("pushed", "pushed", Kind.COUNT, 4),
                Column("pushed_share", "pushed", Kind.SHARE),
                Column("cost", "cost", Kind.COST),
                Column("cost_share", "share", Kind.SHARE),
            ),
            plots=(
                Bars("family", "models_share", "Models of the family"),
                Bars("family", "pushed_share", "Models that were pushed"),
                Bars("family", "cost_share", "Cost of its models", by="cost_unit"),
            ),
        ),
        Table(
            "distributions",
            "How graphlets differ",
            "analyses/models_distributions",
            Distribution,
            _DISTRIBUTION,
            plots=(Histograms(of="graphlets"),),
        ),
    ),
)
