"""What the graph says of graphlets, as columns; see `cypher/waste/graphlets.cypher`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lineage import queries
from lineage.waste.stages import AFTER, STAGES
from lineage.waste.table import factorize

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lineage.analyses.rows import Filters
    from lineage.graph import Graph

SETTLE_HOURS = 24.0
"""Hours after a training in which its evaluations begin. What looks at a model later looks at one
that is in use: it would tell that the model was pushed."""
AWAITED = "AWAITED"
"""State of a trainer that has not begun."""
_CHUNK = 20_000  # rows that are Python objects at one time
_TEXT = frozenset(
    {"key", "source", "pipeline", "node", "family", "state", "code", "prepared_by", "cost_unit"}
)
_LISTS = {"costs": AFTER + 1, "own": AFTER + 1}
_HOUR = 3_600_000.0
_BITS = {"validation": 4, "transformation": 8, "tuning": 16, "evaluation": 32}
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Facts:
    """Graphlets whose trainer's start is known, ordered by it and by key, or as they were taken.

    Attributes:
        columns: of the query, by name: text as object arrays, all else as float64, NaN where null;
            `costs` and `own` are (n, 6).
        unstarted: graphlets that are left out, as no start is known.
    """

    columns: dict[str, NDArray[Any]]
    unstarted: int

    def __len__(self) -> int:
        return len(self.columns["key"])

    def __getitem__(self, name: str) -> NDArray[Any]:
        return self.columns[name]

    def take(self, rows: NDArray[np.int64]) -> Facts:
        """Some of the graphlets, in that order."""
        kept = {name: values[rows] for name, values in self.columns.items()}
        return Facts(kept, self.unstarted)

    @cached_property
    def pipelines(self) -> NDArray[np.int64]:
        """(n,) numbers of pipelines; a graphlet of none is one of its own."""
        source, _ = factorize(self["source"])
        name, known = factorize(self["pipeline"])
        found: NDArray[np.int64] = np.unique(source * len(known) + name, return_inverse=True)[
            1
        ].astype(np.int64)
        alone = self["pipeline"] == ""
        found[alone] = found.max(initial=0) + 1 + np.arange(alone.sum())
        return found

    @cached_property
    def nodes(self) -> NDArray[np.int64]:
        """(n,) numbers of lines of models: pipeline and node of the trainer."""
        node, known = factorize(self["node"])
        found: NDArray[np.int64] = np.unique(
            self.pipelines * len(known) + node, return_inverse=True
        )[1].astype(np.int64)
        return found

    @cached_property
    def decided(self) -> Floats:
        """(n, 5) when each stage was reached, ms; NaN where it was not."""
        began, started, trained = self["began"], self["started"], self["trained"]
        ready = np.clip(np.fmax(self["data_ready"], began), began, started)
        checked = np.fmax(trained, self["validated"])
        # Whoever is still at work may have begun no evaluation yet; what is deployed has had its.
        none = np.isnan(self["validated"]) & np.isnan(self["deployed"])
        awaited = self["state"] == AWAITED
        ready = np.where(awaited & np.isnan(self["data_ready"]), np.nan, ready)
        waiting = (self["is_open"] > 0) & ((self["checking"] > 0) | none)
        checked = np.where(waiting | np.isnan(trained), np.nan, checked)
        shaped = np.where(awaited, np.nan, started)
        found: Floats = np.stack([began, ready, shaped, trained, checked], axis=1)
        return found

    @property
    def spent(self) -> Floats:
        """(n, 5) cost of what was over by each stage, in the trainer's unit."""
        found: Floats = np.cumsum(self["costs"], axis=1)[:, : len(STAGES)]
        return found

    def has(self, column: str, operator: str) -> Floats:
        """(n,) 1 where a sum of classes, `inputs` or `checks`, has that class, else 0."""
        found: Floats = (self[column].astype(np.int64) & _BITS[operator] > 0).astype(np.float64)
        return found


class Awaited(NamedTuple):
    """A run that has begun no training; both are keys.

    Attributes:
        run: the run.
        last: the graphlet of its pipeline that began last: its model will be of the same kind.
    """

    run: str
    last: str


def facts(
    graph: Graph,
    filters: Filters,
    keys: Sequence[str] | None = None,
    awaited: Awaited | None = None,
) -> Facts:
    """Ask for all graphlets that the filters let through, or only for some of them.

    With a run that is to train another model, that is one more.
    """
    query = queries.load("waste/graphlets")
    names = [field.name for field in query.columns]
    rows = graph.tuples(
        "waste/graphlets",
        source=filters.source,
        pipeline=filters.pipeline,
        keys=None if keys is None else list(keys),
        settle_hours=SETTLE_HOURS,
    )
    if awaited is not None:
        rows = chain(rows, graph.tuples("waste/awaited_graphlet", **awaited._asdict()))
    parts = list(_parts(rows, names))
    columns = {
        name: np.concatenate([part[name] for part in parts]) if parts else _column(name, [])
        for name in names
    }
    known = ~np.isnan(columns["started"])
    order = np.lexsort((columns["key"][known].astype(str), columns["started"][known]))
    kept = {name: values[known][order] for name, values in columns.items()}
    return Facts(kept, int((~known).sum()))


def hours(milliseconds: NDArray[Any]) -> Floats:
    """Milliseconds as hours."""
    return np.asarray(milliseconds, np.float64) / _HOUR


def over(part: NDArray[Any], whole: NDArray[Any]) -> Floats:
    """(n,) quotients; NaN where the whole is unknown or not positive."""
    found: Floats = np.full(len(whole), np.nan)
    np.divide(part, whole, out=found, where=whole > 0)
    return found


def _parts(rows: Iterator[tuple[Any, ...]], names: list[str]) -> Iterator[dict[str, NDArray[Any]]]:
    while chunk := list(islice(rows, _CHUNK)):
        values = zip(*chunk, strict=True)
        yield {name: _column(name, column) for name, column in zip(names, values, strict=True)}


def _column(name: str, values: Sequence[Any]) -> NDArray[Any]:
    if name in _TEXT:
        # Texts that are often the same are kept once.
        kept: dict[str, str] = {}
        texts = np.empty(len(values), object)
        texts[:] = [kept.setdefault(one, one) for one in (value or "" for value in values)]
        return texts
    found = np.array(values, np.float64)
    return found.reshape(len(values), _LISTS[name]) if name in _LISTS else found
