"""The chance that each model of a pipeline is pushed, as its life is told."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from lineage.simulate.best import NEVER, Chances
from lineage.simulate.profile import COSTS
from lineage.simulate.steps import FAILED_EARLY, GAP
from lineage.simulate.waiting import NO_PUSH, NOTHING, Model, Pair, Policy, doors

if TYPE_CHECKING:
    from lineage.simulate.best import Best, Cases, State
    from lineage.simulate.plan import Plan
    from lineage.simulate.truth import Truth

_PATIENCE = 7  # times the mean that a person takes; who has not pushed by then will not


class Run(NamedTuple):
    """What was decided of a run, stage by stage; times in ms since 1970.

    Attributes:
        number: of the run.
        start: of the run.
        looked: when its data had been looked at.
        before: what was decided when it started.
        data: and when its data had been looked at.
        shape: and when its trainers started.
    """

    number: int
    start: int
    looked: int
    before: State
    data: State
    shape: State


class Settled(NamedTuple):
    """What became of a trained model; times in ms since 1970.

    Attributes:
        verdict: when its checks ended.
        against: why not to push it.
        shut: whether anomalies shut the gate.
        pushed: when its push ended; None if it was not pushed.
        known: from when on that was known; None when a person just let it be.
    """

    verdict: int
    against: str | None
    shut: bool
    pushed: int | None
    known: int | None


class Forecast:
    """Follows one pipeline."""

    def __init__(self, plan: Plan, best: Best, truth: Truth) -> None:
        profile = best.profile
        self._plan, self._best, self._truth = plan, best, truth
        self._policy = Policy.of(plan, profile)
        self._chosen = min(1.0, max(0.0, profile.manual_push)) if plan.manual else 1.0
        self._trains = 1 - profile.trainer_failure
        self._trains_once = self._trains * (1 + profile.trainer_failure * profile.retry)
        self._models: list[Model] = []
        self._last = NO_PUSH
        self._attempts: list[tuple[int, int]] = []
        self._run: Run

    @property
    def pushes(self) -> bool:
        """Whether this pipeline can push; if not, all chances are 0."""
        return "Pusher" in self._plan.operators

    def run(self, run: Run) -> None:
        """A run whose trainers start now."""
        self._run = run
        known = 0
        for model in self._models:
            if model.known > run.start:
                break
            known += 1
            if model.pushed:
                self._last = max(self._last, model.push_end)
        del self._models[:known]

    def failed(self, start: int, end: int) -> Chances:
        """Of an attempt to train that failed."""
        if not self.pushes:
            return NEVER
        self._attempts.append((start, end))
        return self._early(start, self._would_be_checked(start, end))

    def gave_up(self) -> None:
        """The last attempt of a trainer failed."""
        if self.pushes:
            verdict, known = self._would_be_checked(*self._attempts[0]), self._attempts[-1][1]
            self._remember(Settled(verdict, "failed", shut=False, pushed=None, known=known), known)

    def settled(self, start: int, end: int, settled: Settled) -> Chances:
        """Of an attempt to train that went well."""
        if not self.pushes:
            return NEVER
        verdict = settled.verdict
        training = self._mean(self._best.cases(self._run.shape), verdict, end)
        validation = self._through(verdict, verdict, self._checked(settled))
        early = self._early(start, verdict)
        self._attempts.append((start, end))
        self._remember(settled, end)
        return early._replace(training=_rounded(training), validation=_rounded(validation))

    def _early(self, start: int, verdict: int) -> Chances:
        """As long as it is open whether the training goes well."""
        run, best = self._run, self._best
        before = self._spread(best.cases(run.before), verdict, run.start)
        data = self._spread(best.cases(run.data), verdict, run.looked)
        shape = self._mean(best.cases(run.shape), verdict, start)
        found = (_rounded(self._trains * one) for one in (before, data, shape))
        return Chances(*found, 0.0, 0.0)

    def _mean(self, cases: Cases, verdict: int, now: int) -> float:
        """Over cases that differ for this model only."""
        passed = Pair(cases.mean_fresh, cases.mean_open * self._chosen)
        return self._best.works * self._through(verdict, now, passed)

    def _spread(self, cases: Cases, verdict: int, now: int) -> float:
        """Over cases that are the same for all models of the run."""
        works, number = self._best.works, self._run.number
        if not (self._models and self._models[-1].run == number and self._policy.has_memory):
            return self._mean(cases, verdict, now)
        each = Pair(works * cases.fresh, works * self._chosen * cases.open)
        door = doors(self._policy, self._models, self._last, verdict, now, (number, each))
        return float(cases.weights @ (door.fresh * each.fresh + door.open * each.open))

    def _through(self, verdict: int, now: int, passed: Pair) -> float:
        """The model is pushed if the door that it finds lets it through."""
        if not self._policy.has_memory:
            return float(passed.open)
        door = doors(self._policy, self._models, self._last, verdict, now)
        return float(door.fresh * passed.fresh + door.open * passed.open)

    def _checked(self, settled: Settled) -> Pair:
        """Chances of a model whose checks have ended."""
        works = self._best.works
        if settled.against is None:
            return Pair(works, 0.0 if settled.shut else works * self._chosen)
        return Pair(works, 0.0) if settled.against == "not blessed" else NOTHING

    def _remember(self, settled: Settled, trained: int) -> None:
        """For the models that come after, until what became of this one is known."""
        attempts, self._attempts = self._attempts, []
        if not self._policy.has_memory:
            return
        cases, works = self._best.cases(self._run.shape), self._best.works
        passed = Pair(works * cases.mean_fresh, works * self._chosen * cases.mean_open)
        steps = [(-math.inf, _times(self._trains_once, passed))]
        if len(attempts) > 1:
            steps.append((attempts[0][1], _times(self._trains, passed)))
        if settled.against != "failed":
            steps += [(trained, passed), (settled.verdict, self._checked(settled))]
        hours = self._policy.person_hours or 0.0
        patience = settled.verdict + _PATIENCE * hours * 3_600_000
        usual = settled.verdict + GAP + self._usual("Pusher")
        self._models.append(
            Model(
                run=self._run.number,
                verdict=settled.verdict,
                push_end=usual if settled.pushed is None else settled.pushed,
                pushed=settled.pushed is not None,
                known=patience if settled.known is None else settled.known,
                steps=tuple(steps),
                success=self._trains_once,
            )
        )

    def _would_be_checked(self, start: int, end: int) -> int:
        """When a model would have been checked whose training failed."""
        checks = self._run.shape.operators & {"Evaluator", "InfraValidator"}
        longest = max((GAP + self._usual(check) for check in checks), default=0)
        return start + int((end - start) / FAILED_EARLY) + longest

    def _usual(self, operator: str) -> int:
        """Median time of an operator of this pipeline, ms."""
        return int(1000 * COSTS[operator][0] * math.exp(self._truth.scale(self._plan, operator)))


def _times(share: float, pair: Pair) -> Pair:
    return Pair(share * pair.fresh, share * pair.open)


def _rounded(chance: float) -> float:
    """To what all machines agree on."""
    return min(1.0, max(0.0, round(chance, 9)))
