"""How long ago the last push was, when pushes of earlier models are still to come.

A pipeline may throttle its pushes, or push anything when the last is too old. Whether a model is
let through then depends on models before it, which may not be decided yet: trainers of one run
work side by side, and runs overlap. So the time of the last push has a distribution, followed from
model to model in the order of the simulator. What is known by then is evidence on what is not: a
model that was pushed in spite of a throttle says that none was pushed just before it.

A verdict knows of pushes that have ended. When that of the model in question will come is not known
before; it is given as times that it may come at. All other times are those that the simulator
drew, or the usual ones for what did not happen, as if durations were known beforehand, which makes
the bound a little generous.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np

from lineage.simulate.plan import DAY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from lineage.simulate.plan import Plan
    from lineage.simulate.profile import Profile

    Chance = float | NDArray[np.float64]

Verdicts: TypeAlias = list[tuple[float, float]]
"""When a verdict may come, ms since 1970, sorted, and with what chance."""
Pushes: TypeAlias = tuple[float, ...]
"""Times at which pushes ended, ms since 1970, sorted."""
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
        soon: when its push would end if nobody had to be asked.
        asks: whether a person is asked instead; known from then on.
        known: from when on it is known; of a push, when it would have failed if it were to fail.
        steps: from when on which chances held, oldest first.
        success: chance of its training, seen from before it starts.
    """

    run: int
    verdict: float
    push_end: float
    pushed: bool
    soon: float
    asks: bool
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
        return self.throttle > 0 or not math.isnan(self.fresh_days)

    def door(self, verdict: float, last: float) -> int:
        """What the time of the last push before a verdict means at the time of it."""
        waited = (verdict - last) / DAY
        if waited > self.fresh_days:
            return FRESH
        return SHUT if waited < self.throttle else OPEN

    def still(self, model: Model, now: float) -> float:
        """Chance that a person who will push a model has not done so yet."""
        if now <= model.soon:
            return 1.0
        hours = (now - model.soon) / DAY * 24
        return math.exp(-hours / self.person_hours) if self.person_hours else 0.0


class Waiting:
    """The pushes of one pipeline, as far as they matter to the models that come."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self._models: list[Model] = []
        self._pushes: Pushes = ()

    def add(self, model: Model) -> None:
        """A model, of which those after it may not know yet whether it is pushed."""
        self._models.append(model)

    def forget(self, now: int) -> None:
        """Keep of the models that are known by now no more than pushes that others ask for."""
        known = 0
        for model in self._models:
            if model.known > now:
                break
            known += 1
            if model.pushed:
                self._pushes = (*self._pushes, model.push_end)
        if known:
            del self._models[:known]
            asks = [*(model.verdict for model in self._models), now]
            late = (at for at in self._pushes if at > now)
            self._pushes = tuple(sorted({*_asked(self._pushes, asks), *late}))

    def has_of(self, run: int) -> bool:
        """Whether there are models of that run, the newest."""
        return bool(self._models) and self._models[-1].run == run

    def doors(
        self,
        verdicts: Verdicts,
        now: float,
        same_run: tuple[int, Pair] | None = None,
    ) -> Pair:
        """Chance that a model finds the last push too old, and just old enough.

        Args:
            verdicts: when its checks may end.
            now: by when what happened is known, ms since 1970.
            same_run: that run, and chances of a trained model in it in each case that may be; then
                the answers have the shape (cases,).
        """
        (first, _), (last, _) = verdicts[0], verdicts[-1]
        if not self._models and _last(self._pushes, last) <= first:
            # The longer the wait, the wider the door.
            door = self.policy.door(first, _last(self._pushes, first))
            if door == self.policy.door(last, _last(self._pushes, last)):
                return _CERTAIN[door]
        fresh: Chance = 0.0
        opened: Chance = 0.0
        for verdict, chance in verdicts:
            found = self._doors(verdict, now, same_run)
            fresh, opened = fresh + chance * found.fresh, opened + chance * found.open
        return Pair(fresh, opened)

    def _doors(self, verdict: float, now: float, same_run: tuple[int, Pair] | None) -> Pair:
        if not self._models:
            return _CERTAIN[self.policy.door(verdict, _last(self._pushes, verdict))]
        earliest = latest = _last(self._pushes, verdict)
        for model in self._models:
            if model.known <= now:
                if model.pushed and model.push_end <= verdict:
                    earliest = max(earliest, model.push_end)
            elif model.soon <= verdict:
                # A person may be as late as the verdict.
                end = model.soon if self.policy.person_hours is None else verdict
                latest = max(latest, end)
        door = self.policy.door(verdict, earliest)
        if door == SHUT or door == self.policy.door(verdict, max(earliest, latest)):
            return _CERTAIN[door]
        found: list[Chance] = [0.0, 0.0, 0.0]
        for pushes, weight in self._follow(verdict, now, same_run).items():
            found[self.policy.door(verdict, _last(pushes, verdict))] += weight
        total = found[0] + found[1] + found[2]
        return Pair(found[0] / total, found[1] / total)

    def _follow(
        self, verdict: float, now: float, same_run: tuple[int, Pair] | None
    ) -> dict[Pushes, Chance]:
        """Weights of the times at which models may have been pushed, after all of them.

        Of the times, only those that one of the verdicts still to come may ask for.
        """
        states: dict[Pushes, Chance] = {self._pushes: 1.0}
        for place, model in enumerate(self._models):
            chances = model.chances(now)
            if same_run is not None and model.run == same_run[0]:
                fresh, good = same_run[1]
                chances = Pair(model.success * fresh, model.success * good)
            ask = [*(one.verdict for one in self._models[place + 1 :]), verdict]
            after: dict[Pushes, Chance] = {}
            for pushes, weight in states.items():
                door = self.policy.door(model.verdict, _last(pushes, model.verdict))
                chance = (*chances, 0.0)[door]
                for push, share in self._ends(model, door, chance, verdict, now):
                    then = _asked(pushes if push is None else (*pushes, push), ask)
                    after[then] = after.get(then, 0.0) + weight * share
            if model.soon < now or model.known <= now:
                after = _scaled(after)
            states = after or states
        return states

    def _ends(
        self, model: Model, door: int, chance: Chance, verdict: float, now: float
    ) -> Iterator[tuple[float | None, Chance]]:
        """What may have become of a model by a verdict: when it was pushed, or None; weights.

        What is known by now is evidence, also that a person has not pushed it yet: the last push
        was not too old then, and the longer it takes, the less likely somebody will.
        """
        if model.known <= now:
            yield (model.push_end, chance) if model.pushed else (None, 1 - chance)
        elif door == OPEN and self.policy.person_hours is not None:
            still, then = self.policy.still(model, now), self.policy.still(model, verdict)
            yield max(model.soon, now), chance * (still - then)
            yield None, 1 - chance + chance * then
        else:
            if not (door == FRESH and model.asks and model.soon < now):
                yield model.soon, chance
            yield None, 1 - chance


def _scaled(states: dict[Pushes, Chance]) -> dict[Pushes, Chance]:
    """To a sum of 1: else the weights of a long line of models would come to nothing.

    Durations are not known exactly, so that evidence may seem impossible: it then says nothing.
    """
    total = sum(states.values())
    if not np.all(total > 0):
        return {}
    return {at: weight / total for at, weight in states.items()}


def _last(pushes: Pushes, verdict: float) -> float:
    """The last of some pushes that ended before a verdict: it knows of no other."""
    return max((at for at in pushes if at <= verdict), default=NO_PUSH)


def _asked(pushes: Pushes, verdicts: list[float]) -> Pushes:
    """Those of some pushes that are the last before one of the verdicts."""
    found = {_last(pushes, verdict) for verdict in verdicts}
    return tuple(sorted(found - {NO_PUSH}))
