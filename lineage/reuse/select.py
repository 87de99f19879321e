"""Which artifacts to keep under a budget of bytes.

The saving is the expected one: over all requests, uses times (cost with nothing kept - cost of the
best plan with what is kept). Nothing is counted twice: an artifact that is kept makes those above
it worth less, because every plan is made with all that is kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

import numpy as np
from pydantic import BaseModel, ConfigDict

from lineage.errors import ReuseError
from lineage.reuse import rules
from lineage.reuse.demand import Demand
from lineage.reuse.greedy import lazy
from lineage.reuse.programme import solve

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lineage.reuse.dag import Dag

Rule: TypeAlias = Literal["auto", "exact", "lazy", "collaborative", "helix", "lmg"]

EXACT_PLACES = 2_000
"""`auto` is exact up to so many nodes, counted for each request that is made from them."""

EXACT_SECONDS = 10.0


class Selection(BaseModel):
    """What to keep.

    Attributes:
        rule: that selected; `auto` names the one that it took.
        kept: nodes, ascending.
        size: bytes of them.
        budget: bytes that were allowed.
        total: expected cost of all requests with nothing kept.
        saving: how much less they cost with these kept.
        bound: no selection saves more; None for rules that prove nothing.
        unknown: nodes that some request needs and that could be loaded, but whose size is unknown:
            they were not considered.
    """

    model_config = ConfigDict(frozen=True)

    rule: Rule
    kept: tuple[int, ...]
    size: float
    budget: float
    total: float
    saving: float
    bound: float | None
    unknown: int

    @property
    def optimal(self) -> bool:
        """Whether it is proven that nothing saves more (to a millionth)."""
        return self.bound is not None and self.bound <= self.saving + 1e-6 * max(self.total, 1e-300)

    @property
    def ratio(self) -> float | None:
        """The saving by the bound, which is at least what it is by the best saving."""
        if self.bound is None:
            return None
        return min(1.0, self.saving / self.bound) if self.bound > 0 else 1.0


def select(
    dag: Dag,
    budget: float,
    rule: Rule = "auto",
    *,
    quality: Sequence[float] | None = None,
    seconds: float = EXACT_SECONDS,
) -> Selection:
    """Select what to keep.

    Args:
        dag: the workload and its requests.
        budget: bytes, from 0; infinite for all that helps.
        rule: `auto` is `exact` up to `EXACT_PLACES`, else `lazy`.
        quality: (n,) of models from 0 to 1, for `collaborative`.
        seconds: of the exact solver; when they are over, the better of what it has found and of
            what `lazy` finds is returned, with the bound that it has proven.

    Raises:
        ReuseError: the budget is negative or no number, there is no such rule, the solver failed,
            or the requests are too many.
    """
    if not budget >= 0:
        raise ReuseError(f"a budget of {budget:g} bytes: give a number from 0")
    if rule not in get_args(Rule):
        raise ReuseError(f"there is no rule {rule!r}; there are {', '.join(get_args(Rule))}")
    demand = Demand(dag, budget)
    room = min(budget, demand.weight(demand.size))
    if rule == "auto":
        places = sum(len(history.nodes) for history in demand.histories)
        rule = "exact" if places <= EXACT_PLACES else "lazy"
    bound: float | None = None
    kept: Iterable[int]
    if rule == "exact":
        kept, bound = _exact(demand, room, seconds)
    elif rule == "lazy":
        kept, bound = lazy(demand, room)
    elif rule == "collaborative":
        kept = rules.collaborative(dag, demand, room, quality)
    else:
        kept = (rules.helix if rule == "helix" else rules.lmg)(dag, demand, room)
    nodes = demand.used(kept)
    saving = demand.saving(nodes)
    return Selection(
        rule=rule,
        kept=tuple(nodes),
        size=demand.weight(nodes),
        budget=budget,
        total=demand.total,
        saving=saving,
        bound=None if bound is None else min(max(bound, saving), demand.total),
        unknown=_unknown(dag),
    )


def _exact(demand: Demand, budget: float, seconds: float) -> tuple[Iterable[int], float]:
    solved = solve(demand, budget, seconds)
    found = solved.nodes
    if found is not None and demand.weight(found) <= budget:
        if demand.saving(found) >= solved.bound - 1e-6 * demand.total:
            return found, solved.bound
    else:
        found = []  # the solver's tolerance let a little too much in, or time was short
    other = lazy(demand, budget)
    best = max((found, other.nodes), key=demand.saving)
    return best, min(solved.bound, other.bound)


def _unknown(dag: Dag) -> int:
    """Nodes above targets that can be loaded and have no known size."""
    above = np.zeros(len(dag), dtype=bool)
    above[dag.ancestors(dag.targets.tolist())] = True
    return int((above & np.isfinite(dag.load) & np.isnan(dag.size)).sum())
