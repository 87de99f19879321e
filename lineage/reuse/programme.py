"""The exact selection, as a mixed integer programme for SCIP.

Binary z says what is kept; for each request and each node above it, y loads it and x computes it,
between 0 and 1:

    least   sum of uses * (load * y + compute * x)
    where   x(child) <= x(node) + y(node)      a computed child has the node at hand
            1 <= x(target) + y(target)
            y(node) <= z(node),  sum of size * z <= budget

With z given the rest is a minimum cut, so that x and y need not be declared integer.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from ortools.math_opt.python import mathopt

from lineage.errors import ReuseError

if TYPE_CHECKING:
    from ortools.math_opt.python.variables import Variable

    from lineage.reuse.demand import Demand, History


class Solved(NamedTuple):
    """What the solver found.

    Attributes:
        nodes: what is kept, ascending; None when time ran out before there was anything.
        bound: no selection saves more.
    """

    nodes: list[int] | None
    bound: float


def solve(demand: Demand, budget: float, seconds: float) -> Solved:
    """Select exactly, within a time limit.

    Raises:
        ReuseError: the solver failed.
    """
    unit = demand.total or 1.0  # so that its tolerances are relative
    model = mathopt.Model(name="selection")
    kept = {node: model.add_binary_variable(name=f"z{node}") for node in demand.above}
    terms = []
    for history in demand.histories:
        terms += _request(model, history, kept, history.uses / unit)
    room = [(demand.size[node] / budget if budget else 0.0) * z for node, z in kept.items()]
    model.add_linear_constraint(mathopt.fast_sum(room) <= 1)
    model.minimize(mathopt.fast_sum(terms))
    limits = mathopt.SolveParameters(
        time_limit=timedelta(seconds=seconds), relative_gap_tolerance=1e-9
    )
    result = mathopt.solve(model, mathopt.SolverType.GSCIP, params=limits)
    reason = result.termination.reason
    ended = mathopt.TerminationReason
    if reason not in {ended.OPTIMAL, ended.FEASIBLE, ended.NO_SOLUTION_FOUND}:
        raise ReuseError(f"the exact selection failed: {result.termination.detail or reason}")
    bound = unit * (1.0 - max(result.dual_bound(), 0.0)) if demand.total else 0.0
    if not result.has_primal_feasible_solution():
        return Solved(None, bound)
    values = result.variable_values()
    return Solved(sorted(node for node, z in kept.items() if values[z] > 0.5), bound)


def _request(
    model: mathopt.Model, history: History, kept: dict[int, Variable], weight: float
) -> list[mathopt.LinearTerm]:
    """Its variables and constraints; the terms of its cost."""
    made = [model.add_variable(lb=0, ub=1) for _ in history.nodes]
    at_hand: list[mathopt.LinearBase] = list(made)
    terms = [weight * cost * x for cost, x in zip(history.compute, made, strict=True)]
    for node, local in history.local.items():
        read = model.add_variable(lb=0, ub=1)
        model.add_linear_constraint(read <= kept[node])
        at_hand[local] = made[local] + read
        terms.append(weight * history.load[local] * read)
    for child, parents in enumerate(history.parents):
        for parent in parents:
            model.add_linear_constraint(made[child] - at_hand[parent] <= 0)
    model.add_linear_constraint(at_hand[-1] >= 1)
    return terms
