"""Sources that a simulation made up, so that no report passes them off as real."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lineage.analyses.rows import Filters, Row, fetch

if TYPE_CHECKING:
    from lineage.graph import Graph


class SimulatedRow(Row):
    """A simulated source."""

    source: str


QUERIES: dict[str, type[Row]] = {"analyses/simulated": SimulatedRow}


def is_simulated(graph: Graph, source: str) -> bool:
    """Whether a simulation made up what was loaded under that name."""
    return bool(simulated(graph, Filters(source=source)))


def simulated(graph: Graph, filters: Filters | None = None) -> tuple[str, ...]:
    """The simulated sources among those that the filters let through, by name."""
    return tuple(row.source for row in fetch(graph, "analyses/simulated", SimulatedRow, filters))
