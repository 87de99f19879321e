"""How long ago the last push was, when pushes of earlier models are still to come.

A pipeline may throttle its pushes, or push anything when the last is too old. Whether a model is
let through then depends on models before it, which may not be decided yet: trainers of one run
work side by side, and runs overlap. So the time of the last push has a distribution, followed from
model to model in the order of the simulator. What is known by then is evidence on what is not: a
model that was pushed in spite of a throttle says that none was pushed just before it.

Times are those that the simulator drew, or the usual ones for what did not happen, as if durations
were known beforehand. For a throttle of days that matters little; it makes the bound generous.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from lineage.simulate.plan import DAY

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from lineage.simulate.plan import Plan
    from lineage.simulate.profile import Profile

    Chance = float | NDArray[np.float64]

NO_PUSH = -math.inf
"""Time of the last push when there was none."""
FRESH, OPEN, SHUT = range(3)
"""The last push is too old, so push anything; old enough; too young."""


class Pair(NamedTuple):
    """Chance of a push when the last one is too old, and when it is just old enough."""

    fresh: Chance
    open: Chance


NOTHING = Pair(0.0, 0.0)
_CERTAIN = (Pair(1.0, 0.0), Pair(0.0, 1.0), NOTHING)  # by door


class Model(NamedTuple):
    """A trained model as those after it see it. Times in ms since 1970.

    Attributes:
        run: in which it was trained.
        verdict: when its checks ended, or would have.
        push_end: when its push ended, or would have.
        pushed: whether it was.
        asked: from when on only a person may still push it, as long as that is not known.
        known: from when on it is known; of a push, when it would have failed if it were to fail.
        steps: from when on which chances held, oldest first.
        success: chance of its training, seen from before it starts.
    """

    run: int
    verdict: float
    push_end: float
    pushed: bool
    asked: float
    known: float
    steps: tuple[tuple[float, Pair], ...]
    success: float

    def chances(self, now: float) -> Pair:
        """Of its push, as long as nothing is known of that."""
        found = self.steps[0][1]
        for since, pair in self.steps:
            if since > now:
                break
            found = pair
        return found


@dataclass(frozen=True, slots=True)
class Policy:
    """When a pipeline pushes.

    Attributes:
        fresh_days: after which anything is pushed; infinite when the pipeline has no such policy.
        throttle: days that must pass; minus infinity where a person decides.
        person_hours: mean hours that a person takes to decide; None where none does.
    """

    fresh_days: float
    throttle: float
    person_hours: float | None

    @classmethod
    def of(cls, plan: Plan, profile: Profile) -> Policy:
        """That of a pipeline."""
        # Who was never pushed has waited for ever, which is longer than any number of days.
        fresh = profile.fresh_days if plan.fresh else math.nan
        if plan.manual:
            return cls(fresh, -math.inf, profile.manual_hours)
        return cls(fresh, plan.throttle, None)

    @property
    def has_memory(self) -> bool:
        """Whether earlier pushes matter at all."""
        return self.person_hours is None or not math.isnan(self.fresh_days)

    def door(self, verdict: float, last: float) -> int:
        """What the time of the last push means at the time of a verdict.

        Of runs that overlap, that push may be later; even without a throttle it is then too young.
        """
        waited = (verdict - last) / DAY
        if waited > self.fresh_days:
            return FRESH
        return SHUT if waited < self.throttle else OPEN

    def still(self, model: Model, now: float) -> float:
        """Chance that a person who will push a model has not done so yet."""
        hours = (now - model.asked) / DAY * 24
        return math.exp(-max(0.0, hours) / self.person_hours) if self.person_hours else 1.0


class Waiting:
    """The pushes of one pipeline, as far as they matter to the models that come."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self._models: list[Model] = []
        self._last = NO_PUSH

    def add(self, model: Model) -> None:
        """A model, of which those after it may not know yet whether it is pushed."""
        self._models.append(model)

    def forget(self, now: int) -> None:
        """Keep of the models that are known by now no more than the last push."""
        known = 0
        for model in self._models:
            if model.known > now:
                break
            known += 1
            if model.pushed:
                self._last = max(self._last, model.push_end)
        del self._models[:known]

    def has_of(self, run: int) -> bool:
        """Whether there are models of that run, the newest."""
        return bool(self._models) and self._models[-1].run == run

    def doors(self, verdict: float, now: float, same_run: tuple[int, Pair] | None = None) -> Pair:
        """Chance that a model finds the last push too old, and just old enough.

        Args:
            verdict: when its checks end, ms since 1970.
            now: by when what happened is known, ms since 1970.
            same_run: that run, and chances of a trained model in it in each case that may be; then
                the answers have the shape (cases,).
        """
        if not self._models:
            return _CERTAIN[self.policy.door(verdict, self._last)]
        earliest = latest = self._last
        for model in self._models:
            if model.known > now:
                latest = max(latest, model.push_end)
            elif model.pushed:
                earliest = max(earliest, model.push_end)
        door = self.policy.door(verdict, earliest)
        if door == SHUT or door == self.policy.door(verdict, max(earliest, latest)):
            return _CERTAIN[door]
        found: list[Chance] = [0.0, 0.0, 0.0]
        for at, weight in self._follow(now, same_run).items():
            found[self.policy.door(verdict, at)] += weight
        total = found[0] + found[1] + found[2]
        return Pair(found[0] / total, found[1] / total)

    def _follow(self, now: float, same_run: tuple[int, Pair] | None) -> dict[float, Chance]:
        """Weights of the times at which the last push may have been, after all these models."""
        states: dict[float, Chance] = {self._last: 1.0}
        for model in self._models:
            chances = model.chances(now)
            if same_run is not None and model.run == same_run[0]:
                fresh, good = same_run[1]
                chances = Pair(model.success * fresh, model.success * good)
            after: dict[float, Chance] = {}
            known = model.known <= now
            # That nobody has pushed it yet is evidence: the last push was not too old, and the
            # longer it takes, the less likely somebody will.
            asks = model.asked < now and not known
            still = self.policy.still(model, now) if asks else 1.0
            for at, weight in states.items():
                door = self.policy.door(model.verdict, at)
                pushed = (*chances, 0.0)[door]
                then = max(at, model.push_end)
                if not (known and not model.pushed) and not (asks and door == FRESH):
                    after[then] = after.get(then, 0.0) + weight * pushed * still
                if not (known and model.pushed):
                    after[at] = after.get(at, 0.0) + weight * (1 - pushed)
            if known or asks:
                # Else the weights of a long line of models would come to nothing.
                total = sum(after.values())
                after = {at: weight / total for at, weight in after.items()}
            states = after
        return states
