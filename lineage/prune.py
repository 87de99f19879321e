"""Retention: taking old runs and their graphlets out of the graph, and keeping them out.

What is meant, all of it decided here, since no specification has it:

- A graphlet is old when its trainer started before the given time; an open one is not.
- Graphlets that stay, stay as they are. So everything in them is kept, and what shaped them without
  being in them: whatever wrote an artifact in one, which is how a warm start is told from data.
- An execution that ended before the time, and that none of these has need of, goes; so do
  artifacts that nothing else touches, and runs and contexts that are left empty, when they are as
  old. What still runs stays, and so do pipelines, and the records of loads and of what they set
  aside.
- A source remembers the time as its horizon. When it is loaded again, an execution that is older
  and not in the graph is skipped with its events; what is in the graph is updated as ever.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from lineage.errors import NotFoundError, SettingsError
from lineage.segment import segment

if TYPE_CHECKING:
    from lineage.graph import Graph

_AGO = re.compile(r"(\d{1,6})\s*d(?:ays?)?", re.IGNORECASE)
_ROUNDS = ("prune/mark_executions", "prune/mark_groups")


class Pruned(BaseModel):
    """What was removed, or would be.

    Attributes:
        before: the time, ISO 8601.
        sources: whose nodes were looked at.
        dry_run: nothing was removed.
        graphlets: of models that were trained before that time.
        executions: that nothing newer needs.
        costs: what the executions cost, by unit.
    """

    model_config = ConfigDict(frozen=True)

    before: str
    sources: list[str]
    dry_run: bool
    graphlets: int
    executions: int
    artifacts: int
    runs: int
    contexts: int
    costs: dict[str, float]


def prune(
    graph: Graph, before: str | datetime, source: str | None = None, *, dry_run: bool = False
) -> Pruned:
    """Remove what is older than a time and not needed by what is newer.

    The graph is segmented first where changes wait for it, so that it is known what newer models
    need. A call that was stopped is completed by the next one.

    Args:
        graph: where.
        before: a time, as ISO 8601 text or relative (`90d`); without an offset it is UTC.
        source: only this source; by default all.
        dry_run: only count, exactly, what would be removed.

    Raises:
        SettingsError: the time cannot be understood, or lies in the future.
        NotFoundError: no source of that name was loaded.
    """
    time = moment(before).isoformat()
    sources = [row["source"] for row in graph.run("forget/sources")]
    if source is not None and source not in sources:
        raise NotFoundError(f"no source is called {source!r}; loaded are: {', '.join(sources)}")
    segment(graph)
    graph.run("prune/unmark")
    which = {"source": source, "before": time}
    if not dry_run:
        graph.run("prune/horizon", **which)
    graph.run("prune/mark_graphlets", **which)
    for query in ("prune/mark_executions", "prune/mark_artifacts", "prune/mark_groups"):
        while graph.run(query, **which)[0]["marked"] and query in _ROUNDS:
            pass  # what has parts, or is a group of groups, may be next
    counts: dict[str, int] = {}
    costs: dict[str, float] = {}
    for row in graph.run("prune/marked"):
        counts[row["kind"]] = counts.get(row["kind"], 0) + row["count"]
        if row["cost_unit"] is not None:
            costs[row["cost_unit"]] = round(row["cost"], 6)
    if dry_run:
        graph.run("prune/unmark")
    else:
        graph.run("prune/graphlets")
        graph.run("segment/order")
        graph.run("prune/nodes")
    return Pruned(
        before=time,
        sources=[source] if source is not None else sources,
        dry_run=dry_run,
        graphlets=counts.get("Graphlet", 0),
        executions=counts.get("Execution", 0),
        artifacts=counts.get("Artifact", 0),
        runs=counts.get("Run", 0),
        contexts=counts.get("Context", 0),
        costs=costs,
    )


def moment(before: str | datetime) -> datetime:
    """A time in the past, from ISO 8601 text or a number of days (`90d`).

    Raises:
        SettingsError: it is neither, or lies in the future.
    """
    now = datetime.now(UTC)
    try:
        if isinstance(before, str) and (ago := _AGO.fullmatch(before.strip())):
            time = now - timedelta(days=int(ago[1]))
        else:
            time = datetime.fromisoformat(before) if isinstance(before, str) else before
    except (ValueError, OverflowError):
        raise SettingsError(
            f"{before!r} is no time; write it as 2026-01-31, 2026-01-31T12:00:00+00:00 or 90d"
        ) from None
    time = time if time.tzinfo else time.replace(tzinfo=UTC)
    if time > now:
        raise SettingsError(f"{before} lies in the future; nothing can be older than that")
    return time
