"""How to have an artifact at hand again at least cost: what to load, what to compute, what to skip.

The provenance of the artifact is the workload: its executions are computed, its artifacts loaded
from where they, or equals that others wrote, are kept. See `lineage.reuse.plan` for the rules.
"""

from __future__ import annotations

from math import fsum, inf
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict

from lineage.advise import GONE
from lineage.analyses.rows import Row, fetch
from lineage.analyses.whatif import median_sizes
from lineage.errors import NotFoundError
from lineage.reuse.dag import Dag, without_cycles
from lineage.reuse.plan import plan
from lineage.reuse.storage import Storage, estimated_size
from lineage.tables import Drawn

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from lineage.graph import Graph
    from lineage.reuse.plan import Plan
    from lineage.settings import Settings


class Upstream(Row):
    """An execution that an artifact is made by; `reuse/upstream` says what the fields mean."""

    key: str
    name: str
    type: str
    state: str
    cost: float | None
    cost_unit: str | None
    ended: int | None
    inputs: tuple[str, ...]
    raw: tuple[dict[str, Any], ...]
    outputs: tuple[dict[str, Any], ...]


QUERIES: dict[str, type[Row]] = {"reuse/upstream": Upstream}


class Step(BaseModel):
    """Something to do.

    Attributes:
        do: load an artifact, or compute an execution.
        key: of it.
        name: for people.
        cost: of doing it.
        size: bytes to load; None for a computation.
        estimated: whether that size is only an estimate.
        instead: key of the equal artifact that is loaded, where it is another.
    """

    model_config = ConfigDict(frozen=True)

    do: Literal["load", "compute"]
    key: str
    name: str
    cost: float
    size: float | None = None
    estimated: bool = False
    instead: str | None = None


class ReusePlan(Drawn, BaseModel):
    """How to have an artifact at hand.

    Attributes:
        target: its key.
        steps: in order.
        skipped: executions of its provenance that need not run.
        cost: of all steps, in `cost_unit`; the least there is.
        linear: of the plan of the linear-time rule.
        everything: of computing all of its provenance.
        unknown: executions whose cost is not known (or in another unit) and counts as 0.
        cost_unit: of the execution that wrote it.
    """

    model_config = ConfigDict(frozen=True)

    target: str
    steps: tuple[Step, ...]
    skipped: int
    cost: float
    linear: float
    everything: float
    unknown: int
    cost_unit: str | None


def plan_artifact(
    graph: Graph,
    settings: Settings,
    key: str,
    *,
    kept: Collection[str] | None = None,
    lost: Collection[str] = (),
) -> ReusePlan:
    """Plan how to have an artifact at hand again.

    Args:
        graph: the graph; equals are known where it was segmented.
        settings: for the storage.
        key: of the artifact, which itself counts as lost.
        kept: keys of the artifacts that can be loaded; None means all that their sources do not
            say were deleted.
        lost: keys of artifacts that cannot.

    Raises:
        NotFoundError: no execution made it, so that nothing is known of how to make it again.
    """
    rows = {row.key: row for row in fetch(graph, "reuse/upstream", Upstream, keys=[key])}
    makers = [row for row in rows.values() if any(one["key"] == key for one in row.outputs)]
    if not makers:
        raise NotFoundError(f"no execution that the graph holds wrote {key}: it can only be kept")
    work = _Work(rows, settings, median_sizes(graph), makers[0].cost_unit)
    work.keep(kept, {key, *lost})
    everything = fsum(work.compute)
    gone = work.forbid({*lost})
    exact, linear = (
        plan(work.dag(), [work.nodes[key]], work.loadable, rule) for rule in ("exact", "linear")
    )
    needed = [gone[node] for node in exact.computed if node in gone]
    if needed:
        raise NotFoundError(
            f"{key} cannot be had again: {', '.join(needed)} is gone, and no execution that the "
            "graph holds wrote it"
        )
    return ReusePlan(
        target=key,
        steps=tuple(work.steps(exact)),
        skipped=len(rows) - sum(node < len(rows) for node in exact.computed),
        cost=exact.cost,
        linear=linear.cost,
        everything=everything,
        unknown=sum(row.cost is None or row.cost_unit != work.unit for row in rows.values()),
        cost_unit=work.unit,
    )


class _Work:
    """Executions, then artifacts, as nodes of a workload."""

    def __init__(
        self,
        rows: dict[str, Upstream],
        settings: Settings,
        medians: dict[str | None, float],
        unit: str | None,
    ) -> None:
        self.rows = rows
        self.unit = unit
        self.medians = medians
        self.storage = Storage.of(settings, unit)
        self.artifacts = {one["key"]: one for row in rows.values() for one in row.outputs}
        self.producer = {one["key"]: row for row in rows.values() for one in row.outputs}
        self.nodes = {key: node for node, key in enumerate([*rows, *self.artifacts])}
        self.instead: dict[str, str | None] = {}
        known = (row.cost if row.cost_unit == unit else None for row in rows.values())
        self.compute = [cost or 0.0 for cost in known] + [0.0] * len(self.artifacts)

    def keep(self, kept: Collection[str] | None, lost: Collection[str]) -> None:
        """Note which artifacts can be loaded, and which equal stands for one that is lost."""
        for key, one in self.artifacts.items():
            there = one["state"] not in GONE if kept is None else key in kept
            if there and key not in lost:
                self.instead[key] = None
                continue
            equals = (
                other
                for other in one["also"]
                if other not in lost and (kept is None or other in kept)
            )
            if (other := next(equals, None)) is not None:
                self.instead[key] = other

    def forbid(self, lost: Collection[str]) -> dict[int, str]:
        """Make dearer than all else what reads something that is gone and that nobody wrote.

        Returns:
            The name of that something, by node.
        """
        found = {
            self.nodes[key]: one["name"]
            for key, row in self.rows.items()
            for one in row.raw
            if one["key"] in lost or one["state"] in GONE
        }
        least = (
            1.0
            + fsum(self.compute)
            + fsum(self.storage.load(self.size(key)[0]) for key in self.instead)
        )
        for node in found:
            self.compute[node] = least
        return found

    @property
    def loadable(self) -> list[int]:
        return [self.nodes[key] for key in self.instead]

    def size(self, key: str) -> tuple[float, bool]:
        one = self.artifacts[key]
        if one["size"] is not None:
            return float(one["size"]), False
        return estimated_size(one["type"], one["class"], self.medians), True

    def dag(self) -> Dag:
        sizes = [self.size(key)[0] for key in self.artifacts]
        loads = [
            self.storage.load(size) if key in self.instead else None
            for key, size in zip(self.artifacts, sizes, strict=True)
        ]
        none = [None] * len(self.rows)
        return Dag.build(
            compute=self.compute,
            load=[*none, *loads],
            size=[*none, *sizes],
            edges=list(self._edges()),
            names=list(self.nodes),
        )

    def _edges(self) -> Iterator[tuple[int, int]]:
        """A link back in a cycle is left out: what was read then was there before."""
        pairs = [
            (self.nodes[maker.key], self.nodes[key])
            for key, row in self.rows.items()
            for read in row.inputs
            if (maker := self.producer.get(read)) is not None
        ]
        kept = set(without_cycles(pairs, [_order(row) for row in self.rows.values()]))
        for key, row in self.rows.items():
            for one in row.outputs:
                yield self.nodes[key], self.nodes[one["key"]]
            for read in row.inputs:
                maker = self.producer.get(read)
                if maker and (self.nodes[maker.key], self.nodes[key]) in kept:
                    yield self.nodes[read], self.nodes[key]

    def steps(self, made: Plan) -> Iterator[Step]:
        """Loads first, then computations in order."""
        keys = list(self.nodes)
        for node in made.loaded:
            key = keys[node]
            size, estimated = self.size(key)
            yield Step(
                do="load",
                key=key,
                name=self.artifacts[key]["name"],
                cost=self.storage.load(size),
                size=size,
                estimated=estimated,
                instead=self.instead[key],
            )
        for node in made.computed:
            if node < len(self.rows):
                row = self.rows[keys[node]]
                yield Step(do="compute", key=row.key, name=row.name, cost=self.compute[node])


def _order(row: Upstream) -> tuple[float, str]:
    return (inf if row.ended is None else float(row.ended), row.key)
