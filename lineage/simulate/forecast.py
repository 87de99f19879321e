"""The chance that each model of a pipeline is pushed, as its life is told."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lineage.simulate.best import NEVER, Chances
from lineage.simulate.profile import COSTS
from lineage.simulate.steps import FAILED_EARLY, GAP, RETRY, SPREAD
from lineage.simulate.waiting import NOTHING, Model, Pair, Policy, Verdicts, Waiting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from lineage.simulate.best import Best, Cases
    from lineage.simulate.plan import Plan
    from lineage.simulate.truth import Truth

PUSHED = frozenset({"blessed", "fresh", "manual"})
"""Causes of models that were pushed."""
FAILED = "evaluation failed"
"""What is against a model whose checks failed."""
_NOISE = np.arange(-4.0, 4.1, 0.5)  # where normal noise is looked at: for every half, its middle
_EDGES = np.array([NormalDist().cdf(one + 0.25) for one in _NOISE[:-1]])
_CHANCES = np.diff(_EDGES, prepend=0.0, append=1.0)
_PATIENCE = 7  # times the mean that a person takes; who has not pushed by then will not


class Run(NamedTuple):
    """What was decided of a run, stage by stage; times in ms since 1970.

    Attributes:
        number: of the run.
        start: of the run.
        looked: when its data had been looked at.
        before: what may become of a model as things are when it starts.
        data: when its data has been looked at.
        shape: when its trainers start.
        checks: operators that check a model.
    """

    number: int
    start: int
    looked: int
    before: Cases
    data: Cases
    shape: Cases
    checks: frozenset[str]


class Push(NamedTuple):
    """What a Pusher did; times in ms since 1970.

    Attributes:
        start: of it.
        end: of it, or of its second try.
        due: the same, had that not failed.
    """

    start: int
    end: int
    due: int


class Settled(NamedTuple):
    """What became of a trained model; times in ms since 1970.

    Attributes:
        verdict: when its checks ended.
        due: the same, had they not failed.
        against: why not to push it.
        shut: whether anomalies shut the gate.
        cause: why it was pushed or not, in the end.
        push: what the Pusher did, if it was to push the model.
    """

    verdict: int
    due: int
    against: str | None
    shut: bool
    cause: str
    push: Push | None


class Forecast:
    """Follows one pipeline."""

    def __init__(self, plan: Plan, best: Best, truth: Truth) -> None:
        profile = best.profile
        self._plan, self._best, self._truth = plan, best, truth
        self._waiting = Waiting(Policy.of(plan, profile))
        self._chosen = min(1.0, max(0.0, profile.manual_push)) if plan.manual else 1.0
        self._trains = 1 - profile.trainer_failure
        # Of a trainer that is tried once: many that fail are tried twice.
        given_up = profile.trainer_failure * (1 - profile.retry)
        self._trains_at_once = self._trains / (self._trains + given_up) if self._trains else 0.0
        self._attempts: list[tuple[int, int]] = []
        self._delays: dict[tuple[frozenset[str], bool], Verdicts] = {}
        self._run: Run

    @property
    def pushes(self) -> bool:
        """Whether this pipeline can push; if not, all chances are 0."""
        return "Pusher" in self._plan.operators

    def run(self, run: Run) -> None:
        """A run whose trainers start now."""
        self._run = run
        self._waiting.forget(run.start)

    def failed(self, start: int, end: int, due: int) -> Chances:
        """Of an attempt to train that failed at `end`, and would else have ended at `due`."""
        if not self.pushes:
            return NEVER
        due += max((GAP + self._usual(check) for check in self._run.checks), default=0)
        self._attempts.append((end, due))
        return self._early(start)

    def gave_up(self) -> None:
        """The last attempt of a trainer failed."""
        if self.pushes:
            known, due = self._attempts[-1]
            failed = Settled(known, due, "failed", shut=False, cause="failed", push=None)
            self._remember(failed, known, known)

    def settled(self, start: int, end: int, settled: Settled) -> Chances:
        """Of an attempt to train that went well."""
        if not self.pushes:
            return NEVER
        verdict = settled.verdict
        training = self._mean(self._run.shape, self._verdicts(end, trained=True), end)
        validation = self._through([(verdict, 1.0)], verdict, self._checked(settled))
        early = self._early(start)
        self._remember(settled, start, end)
        return early._replace(training=_rounded(training), validation=_rounded(validation))

    def _early(self, start: int) -> Chances:
        """As long as it is open whether the training, begun at `start`, goes well."""
        run, trains = self._run, self._trains
        verdicts = self._verdicts(start, trained=False)
        return Chances(
            _rounded(trains * self._spread(run.before, verdicts, run.start)),
            _rounded(trains * self._spread(run.data, verdicts, run.looked)),
            _rounded(trains * self._mean(run.shape, verdicts, start)),
            training=0.0,
            validation=0.0,
        )

    def _mean(self, cases: Cases, verdicts: Verdicts, now: int) -> float:
        """Over cases that differ for this model only."""
        passed = Pair(cases.mean_fresh, cases.mean_open * self._chosen)
        return self._best.works * self._through(verdicts, now, passed)

    def _spread(self, cases: Cases, verdicts: Verdicts, now: int) -> float:
        """Over cases that are the same for all models of the run."""
        works, number = self._best.works, self._run.number
        if not self._waiting.has_of(number):
            return self._mean(cases, verdicts, now)
        each = Pair(works * cases.fresh, works * self._chosen * cases.open)
        door = self._waiting.doors(verdicts, now, (number, each))
        return float(cases.weights @ (door.fresh * each.fresh + door.open * each.open))

    def _verdicts(self, start: int, *, trained: bool) -> Verdicts:
        """When checks may end: what begins is the training or, if it was trained, they.

        As from one execution to the next, both take longer or shorter than usual. Nothing where
        it does not matter.
        """
        if not self._waiting.policy.has_memory:
            return []
        checks = self._run.checks
        after = self._delays.get((checks, trained))
        if after is None:
            after = self._delays[checks, trained] = self._after(checks, trained=trained)
        return [(start + delay, chance) for delay, chance in after]

    def _after(self, checks: frozenset[str], *, trained: bool) -> Verdicts:
        """How long training and checks take; of all that may be, a mean for each slice."""
        took = np.zeros(1)
        chances = np.ones(1)
        for check in sorted(checks):
            took = np.maximum.outer(took, GAP + self._durations(check)).ravel()
            chances = np.outer(chances, _CHANCES).ravel()
        if not trained:
            took = np.add.outer(took, self._durations("Trainer")).ravel()
            chances = np.outer(chances, _CHANCES).ravel()
        order = np.argsort(took, kind="stable")
        took, chances = took[order], chances[order]
        place = np.searchsorted(_EDGES, np.cumsum(chances) - chances / 2)
        total = np.bincount(place, chances)
        mean = np.bincount(place, chances * took)
        return [(one / chance, chance) for one, chance in zip(mean, total, strict=True) if chance]

    def _durations(self, operator: str) -> NDArray[np.float64]:
        """How long an operator of this pipeline takes, ms, with the chances `_CHANCES`."""
        found: NDArray[np.float64] = self._usual(operator) * np.exp(
            COSTS[operator][1] * SPREAD * _NOISE
        )
        return found

    def _through(self, verdicts: Verdicts, now: int, passed: Pair) -> float:
        """The model is pushed if the door that it finds lets it through."""
        if not self._waiting.policy.has_memory:
            return float(passed.open)
        door = self._waiting.doors(verdicts, now)
        return float(door.fresh * passed.fresh + door.open * passed.open)

    def _checked(self, settled: Settled) -> Pair:
        """Chances of a model whose checks have ended."""
        works = self._best.works
        if settled.against is None:
            return Pair(works, 0.0 if settled.shut else works * self._chosen)
        return Pair(works, 0.0) if settled.against == "not blessed" else NOTHING

    def _remember(self, settled: Settled, began: int, trained: int) -> None:
        """For the models that come after, until what became of this one is known."""
        attempts = len(self._attempts) + (settled.cause != "failed")
        self._attempts.clear()
        if not self._waiting.policy.has_memory:
            return
        success = self._trains if attempts > 1 else self._trains_at_once
        push, known = settled.push, float(settled.verdict)
        push_end = soon = float(settled.due + GAP + self._usual("Pusher"))
        if push is not None:
            known, push_end = _sure(self._last_try(push), push.due), push.due
            if push.start <= settled.verdict + GAP:  # no person was waited for
                soon = push_end
        elif settled.cause == "nobody pushed":
            known += _PATIENCE * 3_600_000 * (self._waiting.policy.person_hours or 0.0)
        self._waiting.add(
            Model(
                run=self._run.number,
                verdict=settled.due,
                push_end=push_end,
                pushed=settled.cause in PUSHED,
                soon=soon,
                asks=settled.cause in {"manual", "nobody pushed"},
                known=known,
                steps=tuple(self._steps(settled, success, began, trained)),
                success=success,
            )
        )

    def _steps(
        self, settled: Settled, success: float, began: int, trained: int
    ) -> Iterator[tuple[float, Pair]]:
        """How its chances rise: who knows how long a step takes knows early that it did not fail.

        Without that, models that wait for one that is still at work would too often be expected.
        """
        works = self._best.works
        cases = self._run.shape
        passed = Pair(works * cases.mean_fresh, works * self._chosen * cases.mean_open)
        yield -math.inf, _times(success, passed)
        if settled.cause == "failed":
            return
        yield _sure(began, trained), passed
        if "Evaluator" in self._run.checks and settled.against != FAILED:
            yield _sure(trained, settled.due), _times(1 / works, passed)
        checked = self._checked(settled)
        yield settled.verdict, checked
        push = settled.push
        if push is not None and push.due - push.start > RETRY:
            again = (1 - self._best.profile.failure) / works
            yield self._last_try(push) - RETRY, _times(again, checked)

    def _last_try(self, push: Push) -> float:
        """When the Pusher started, or started again."""
        retried = push.due - push.start > RETRY
        return push.due - self._usual("Pusher") if retried else push.start

    def _usual(self, operator: str) -> int:
        """Median time of an operator of this pipeline, ms."""
        return int(1000 * COSTS[operator][0] * math.exp(self._truth.scale(self._plan, operator)))


def _times(share: float, pair: Pair) -> Pair:
    return Pair(share * pair.fresh, share * pair.open)


def _sure(start: float, end: float) -> float:
    """When an execution would have failed, if it were to fail."""
    return start + FAILED_EARLY * (end - start)


def _rounded(chance: float) -> float:
    """To what all machines agree on; it is from 0 to 1 then."""
    return round(chance, 9) + 0.0  # no -0.0
