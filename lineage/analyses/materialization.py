"""What is worth keeping: outputs that are read or rebuilt again and again, and which of them fit.

A computation is an execution, or a class of equivalent ones; keeping it means keeping all that it
wrote. Its recreation cost is its own and that of all it is made from, each counted once; its uses
are the times that it was asked for beyond the first (`analyses/materialization`). What the next
months ask for is taken to be what these did.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from math import fsum
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict

from lineage.analyses.rows import Filters, Row, fetch
from lineage.analyses.whatif import median_sizes
from lineage.reuse.dag import Dag, without_cycles
from lineage.reuse.select import Selection, select
from lineage.reuse.storage import Storage, estimated_size
from lineage.tables import Drawn

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lineage.graph import Graph
    from lineage.reuse.select import Rule
    from lineage.settings import Settings

CONSIDERED = 2_000
SHARES = (0.01, 0.1, 0.5)
"""Budgets that are tried where none is given, as shares of the size of all candidates."""


class Found(Row):
    """A candidate; `analyses/materialization` says what the fields mean."""

    key: str
    name: str
    type: str
    pipeline: str | None
    source: str
    cost_unit: str | None
    readers: int
    rebuilds: int
    uses: int
    pipelines: int
    last: datetime | None
    every: float | None


class Made(Row):
    """A step of provenance; see `analyses/materialization_provenance`."""

    computation: str
    cost: float | None
    cost_unit: str | None
    ended: int | None
    own: bool
    outputs: tuple[dict[str, Any], ...]
    parents: tuple[str, ...]


class Candidate(Found):
    """Something that may be kept.

    Attributes:
        size: of all that it wrote, bytes.
        estimated: whether some of that is not known, but estimated from its kind.
        recreation: cost of computing it with nothing kept, all that it is made from included.
        load: cost of loading it.
        saving: uses times what loading saves each time, if it alone is kept.
        per_gigabyte: saving by size, for each GB.
        next_use: when it is next computed, if it goes on as it did; None where it did not recur.
        kept: whether it is kept by the selection for the budget, or without one by that for the
            smallest budget tried that saves anything.
    """

    size: float
    estimated: bool
    recreation: float
    load: float
    saving: float
    per_gigabyte: float
    next_use: datetime | None
    kept: bool = False


class Kept(Row):
    """A selection under a budget.

    Attributes:
        budget: what may be kept, bytes.
        rule: how it was selected; see `lineage.reuse.select`.
        kept: how many computations are kept.
        size: of their outputs, bytes.
        saving: cost saved over all uses, what is kept beside taken into account.
        share: of the cost of all uses with nothing kept, 0 to 1.
        of_bound: saving by what no selection can exceed, 0 to 1; None where nothing is proven.
        cost_unit: unit of the saving.
    """

    budget: float
    rule: str
    kept: int
    size: float
    saving: float
    share: float
    of_bound: float | None
    cost_unit: str | None


QUERIES: dict[str, type[Row]] = {
    "analyses/materialization": Found,
    "analyses/materialization_provenance": Made,
}


class Materialization(Drawn, BaseModel):
    """What is worth keeping.

    Attributes:
        candidates: most saving first.
        selections: for each budget.
    """

    model_config = ConfigDict(frozen=True)

    candidates: tuple[Candidate, ...]
    selections: tuple[Kept, ...]


def materialization(
    graph: Graph,
    settings: Settings,
    filters: Filters | None = None,
    *,
    budget: float | None = None,
    rule: Rule = "auto",
    considered: int = CONSIDERED,
) -> Materialization:
    """Candidates, and which of them to keep; for each unit of cost apart.

    Args:
        graph: segmented, or uses by graphlets are not seen.
        settings: for the storage.
        filters: choose candidates, by the execution that computed them first.
        budget: bytes; None tries `SHARES` of the size of all candidates.
        rule: of selection.
        considered: candidates that are looked at, the most valuable ones.

    Raises:
        ReuseError: the budget is no size.
    """
    name = "analyses/materialization"
    found = list(fetch(graph, name, Found, filters, limit=considered))
    candidates: list[Candidate] = []
    selections: list[Kept] = []
    for unit in dict.fromkeys(one.cost_unit for one in found):
        work = _Work(graph, settings, [one for one in found if one.cost_unit == unit], unit)
        some = work.candidates()
        total = fsum(one.size for one in some)
        budgets = [budget] if budget is not None else [total * share for share in SHARES]
        chosen = [select(work.dag, one, rule) for one in budgets]
        least = next((one for one in chosen if one.saving > 0), chosen[0])
        kept = {work.keys[node] for node in least.kept}
        candidates += [one.model_copy(update={"kept": one.key in kept}) for one in some]
        selections += [_kept(one, unit) for one in chosen]
    return Materialization(candidates=tuple(candidates), selections=tuple(selections))


def _kept(selection: Selection, unit: str | None) -> Kept:
    return Kept(
        budget=selection.budget,
        rule=selection.rule,
        kept=len(selection.kept),
        size=selection.size,
        saving=selection.saving,
        share=selection.saving / selection.total if selection.total else 0.0,
        of_bound=selection.ratio,
        cost_unit=unit,
    )


class _Work:
    """Candidates and all that they are made from, as a workload.

    Attributes:
        keys: of the computations, by node.
        dag: the workload; only candidates can be loaded.
    """

    def __init__(
        self, graph: Graph, settings: Settings, found: Sequence[Found], unit: str | None
    ) -> None:
        self.found = found
        self.medians = median_sizes(graph)
        storage = Storage.of(settings, unit)
        rows = _first(_rows(graph, [one.key for one in found]))
        self.keys = list(rows)
        self.nodes = {key: node for node, key in enumerate(self.keys)}
        self.sizes = {one.key: self._size(rows[one.key]) for one in found}
        uses = {one.key: one.uses for one in found}
        self.dag = Dag.build(
            compute=[(row.cost or 0.0) if row.cost_unit == unit else 0.0 for row in rows.values()],
            load=[storage.load(self.sizes[key][0]) if key in uses else None for key in rows],
            size=[self.sizes[key][0] if key in uses else None for key in rows],
            edges=self._edges(rows),
            requests=[(self.nodes[key], float(count)) for key, count in uses.items()],
            names=self.keys,
        )

    def _size(self, row: Made) -> tuple[float, bool]:
        known = [one["size"] for one in row.outputs if one["size"] is not None]
        others = [
            estimated_size(one["type"], one["class"], self.medians)
            for one in row.outputs
            if one["size"] is None
        ]
        return fsum([*known, *others]), bool(others)

    def _edges(self, rows: dict[str, Made]) -> list[tuple[int, int]]:
        """From parents to children; in a cycle, what ended before what."""
        ends = [float("inf") if row.ended is None else float(row.ended) for row in rows.values()]
        pairs = (
            (self.nodes[parent], self.nodes[key])
            for key, row in rows.items()
            for parent in row.parents
            if parent in rows
        )
        return without_cycles(pairs, list(zip(ends, rows, strict=True)))

    def candidates(self) -> list[Candidate]:
        """All of them, most saving first."""
        compute, load = self.dag.compute.tolist(), self.dag.load.tolist()
        made = []
        for one in self.found:
            node = self.nodes[one.key]
            size, estimated = self.sizes[one.key]
            recreation = fsum(compute[above] for above in self.dag.ancestors([node]))
            saving = one.uses * max(recreation - load[node], 0.0)
            made.append(
                Candidate(
                    **one.model_dump(),
                    size=size,
                    estimated=estimated,
                    recreation=recreation,
                    load=load[node],
                    saving=saving,
                    per_gigabyte=saving / max(size / 1e9, 1e-9),
                    next_use=_next(one),
                )
            )
        return sorted(made, key=lambda one: (-one.saving, one.key))


def _next(one: Found) -> datetime | None:
    if one.last is None or not one.every:
        return None
    return one.last + timedelta(seconds=one.every)


def _rows(graph: Graph, keys: list[str]) -> Iterable[Made]:
    return fetch(graph, "analyses/materialization_provenance", Made, keys=keys)


def _first(rows: Iterable[Made]) -> dict[str, Made]:
    """One row for each computation: the original's, which comes first where it is among them."""
    found: dict[str, Made] = {}
    for row in rows:
        found.setdefault(row.computation, row)
    return found
