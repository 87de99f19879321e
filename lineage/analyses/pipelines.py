"""What each pipeline ran, trained, deployed, cost and wasted."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003  pydantic reads it
from typing import TYPE_CHECKING

from lineage.analyses.rows import Filters, Row, Rows, fetch

if TYPE_CHECKING:
    from lineage.graph import Graph


class PipelineRow(Row):
    """One pipeline and unit of cost; `analyses/pipelines` says what the fields mean."""

    source: str
    pipeline: str | None
    runs: int
    executions: int
    models: int
    pushed: int
    models_a_day: float
    lifespan_days: float
    cost: float
    attributed_cost: float
    wasted: float
    cost_unit: str | None
    last_activity: datetime | None


QUERIES: dict[str, type[Row]] = {"analyses/pipelines": PipelineRow}


def pipelines(graph: Graph, filters: Filters | None = None) -> Rows[PipelineRow]:
    """Every pipeline, most expensive first."""
    return Rows(rows=tuple(fetch(graph, "analyses/pipelines", PipelineRow, filters)))
