"""An upper bound of what can be saved, and good sets to begin with, by a price per byte.

Lagrangian decomposition (M. Guignard, S. Kim, 1987). Let every request pay for its own share of the
bytes that it loads. For any price and any shares that add up to no more than an artifact's size,

    saving <= price * budget + sum over requests of the most that it saves less what it pays,

because a set that fits pays no more than price * budget, and each request left to itself does at
least as well. What a request saves at most is a minimum cut with the payments added to the costs of
loading. The objective is not submodular (two artifacts may save together what neither saves alone),
so bounds of submodular maximisation do not hold for it; this one holds whatever the objective is.
What requests load at a price is a set that belongs together, which a greedy rule would not see.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lineage.reuse.demand import Demand


class Prices:
    """Shares of the bytes by request, and what they prove.

    Attributes:
        bound: the least upper bound of the saving that was found.
        found: sets that requests loaded together, by price, the last one for each price.
    """

    def __init__(self, demand: Demand, budget: float) -> None:
        """Begin with shares by how often requests are expected."""
        self.bound = math.inf
        self.found: dict[float, frozenset[int]] = {}
        self._demand = demand
        self._budget = budget
        uses = {
            node: sum(demand.histories[index].uses for index in above)
            for node, above in demand.above.items()
        }
        self._shares: list[dict[int, float]] = [
            {node: history.uses / uses[node] for node in history.local}
            for history in demand.histories
        ]
        self._loaders: dict[int, list[int]] = {}

    def ask(self, price: float) -> float:
        """What requests load at a price per byte.

        Returns:
            The bytes of the shares that are paid for: more than the budget when the price is low.
        """
        self._loaders = {}
        saved, paid = [], []
        for index, history in enumerate(self._demand.histories):
            load = list(history.load)
            shares = self._shares[index]
            for node, local in history.local.items():
                share = shares.get(node, 0.0)
                load[local] += price * share * self._demand.size[node] / history.uses
            loaded, computed = history.plan(load)
            cost = sum(load[v] for v in loaded) + sum(history.compute[v] for v in computed)
            saved.append(history.uses * (history.total - cost))
            for local in loaded:
                node = history.nodes[local]
                self._loaders.setdefault(node, []).append(index)
                paid.append(shares.get(node, 0.0) * self._demand.size[node])
        self.found[price] = frozenset(self._loaders)
        self.bound = min(self.bound, price * self._budget + math.fsum(saved))
        return math.fsum(paid)

    def balance(self, rounds: int) -> float:
        """Search the price at which the budget is just spent; the price."""
        if self.ask(0.0) <= self._budget:
            return 0.0
        low, high = 0.0, self.bound / max(self._budget, 1e-9)
        for _ in range(rounds):
            price = math.sqrt(low * high) if low else high / 16
            if self.ask(price) > self._budget:
                low = price
            else:
                high = price
            if high - low < 1e-6 * high:
                break
        return high

    def share(self, step: float) -> None:
        """Move shares towards the requests that loaded an artifact at the last price."""
        for node, loaders in self._loaders.items():
            above = self._demand.above[node]
            uses = sum(self._demand.histories[index].uses for index in loaders)
            given = set(loaders)
            for index in above:
                history = self._demand.histories[index]
                wanted = history.uses / uses if index in given else 0.0
                shares = self._shares[index]
                shares[node] += step * (wanted - shares[node])
