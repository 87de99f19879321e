"""What becomes of the data of a run: models, their evaluation, and whether they are pushed."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from lineage.simulate.best import effect, log_odds
from lineage.simulate.forecast import FAILED, PUSHED, Forecast, Push, Settled
from lineage.simulate.plan import DAY
from lineage.simulate.steps import GAP, RETRY, Done, History, Input, Steps
from lineage.simulate.truth import Decision

if TYPE_CHECKING:
    from lineage.simulate.best import Chances


@dataclass(slots=True)
class Span:
    """A span as one pipeline holds it, with what was derived from it."""

    index: int
    gen: Done
    statistics: Done | None = None
    validation: Done | None = None
    anomalies: int = 0


class Verdict(NamedTuple):
    """What the checks of a model say.

    Attributes:
        end: of the checks, ms since 1970.
        reads: what a Pusher reads of it.
        against: why not to push.
        due: when they would have ended, had none failed.
    """

    end: int
    reads: list[Input]
    against: str | None
    due: int


@dataclass(slots=True)
class Models(Steps):
    """Trains and pushes.

    Attributes:
        operators: that the pipeline has now.
        window: the spans that are trained on, oldest first.
        code: the number of the version of the user's modules.
        code_is_new: whether this run is the first with it.
        settling: runs that a change of structure is still felt.
        schema: of the data; one for all spans.
        models: of each trainer.
        blessed: models that were.
        hyperparameters: as tuned.
        pushes: when models were pushed.
        trained: models, failed ones included.
        jump: the largest between the spans of the window, or into its newest, in bins.
        forecast: how likely each push was.
    """

    operators: frozenset[str] = frozenset()
    window: list[Span] = field(default_factory=list)
    code: int = 0
    code_is_new: bool = False
    settling: int = 0
    schema: Done | None = None
    models: dict[str, History] = field(default_factory=dict)
    blessed: History = field(default_factory=History)
    hyperparameters: History = field(default_factory=History)
    pushes: History = field(default_factory=History)
    trained: int = 0
    jump: float = 0.0
    forecast: Forecast = field(init=False)

    def __post_init__(self) -> None:
        self.forecast = Forecast(self.plan, self.best, self.truth)

    def _training_inputs(self, ready: Done) -> list[Input]:
        if ready.outputs:
            return [
                ("examples", ready.outputs["transformed_examples"]),
                ("transform_graph", ready.outputs["transform_graph"]),
                *self._schema_input(),
            ]
        spans = [("examples", span.gen.outputs["examples"]) for span in self.window]
        return spans + self._schema_input()

    def _schema_input(self) -> list[Input]:
        return [] if self.schema is None else [("schema", self.schema.outputs["schema"])]

    def _tune(self, ready: Done) -> int:
        """Search hyperparameters now and then; when that ends."""
        if not self.plan.tuning or self.run % self.profile.tuning_every:
            return ready.end
        done = self._execute(
            "Tuner", "tuner", ready.end + GAP, self._training_inputs(ready),
            {"best_hyperparameters": "HyperParameters"},
            properties=f'{{"seed":{self._seed()}}}', version=self._version(),
        )  # fmt: skip
        if done is None:
            return self.failed_at
        self.hyperparameters.add(done.end, done.outputs["best_hyperparameters"])
        return done.end

    def _train(self, node: str, ready: Done, start: int) -> None:
        """Train a model, with a second try at times, and decide what becomes of it."""
        start += GAP
        reads = self._training_inputs(ready)
        tuned = self.hyperparameters.as_of(start)
        if tuned is not None:
            reads.append(("hyperparameters", tuned))
        earlier = self.models.setdefault(node, History())
        base = earlier.as_of(start) if self.plan.warm else None
        if base is not None:
            reads.append(("base_model", base))
        for suffix in ("", "-1") if self.plan.rng.random() < self.profile.retry else ("",):
            self.trained += 1
            done = self._attempt(
                "Trainer", node, start, reads, {"model": "Model"},
                suffix=suffix, version=self._version(),
                properties=f'{{"model_family":"{self.plan.family}","seed":{self._seed()}}}',
                failure=self.profile.trainer_failure,
            )  # fmt: skip
            name = self._id(node + suffix)
            if done is not None:
                earlier.add(done.end, done.outputs["model"])
                self._settle(node, name, start, done)
                return
            chances = self.forecast.failed(start, self.failed_at, self.due)
            self._note(name, "failed", None, chances)
            start = self.failed_at + RETRY
        self.forecast.gave_up()
        self.broken = True

    def _settle(self, node: str, trainer: str, began: int, model: Done) -> None:
        """Evaluate a model, push it or not, and note why."""
        odds = self._log_odds()
        good = bool(self.plan.rng.random() < 1 / (1 + math.exp(-odds)))
        verdict = self._evaluate(node, model, good=good)
        cause = self._decide(verdict)
        pushed = cause in PUSHED
        push = None
        # Without its verdict a Pusher does not run; with it, one may run and push nothing.
        runs = pushed or (self.plan.silent and verdict.against != FAILED)
        if "Pusher" in self.operators and runs:
            start = verdict.end + GAP
            if cause == "manual":
                start += int(self.plan.rng.exponential(self.profile.manual_hours) * DAY / 24)
            done = self._execute(
                "Pusher", node.replace("trainer", "pusher"), start,
                [("model", model.outputs["model"]), *verdict.reads],
                {"pushed_model": "PushedModel"}, pushed=pushed,
            )  # fmt: skip
            if pushed and done is None:
                pushed, cause = False, "push failed"
                push = Push(start, self.failed_at, self.due)
            elif pushed and done is not None:
                self.pushes.add(done.end, trainer)
                push = Push(start, done.end, done.end)
        if pushed and "BulkInferrer" in self.operators:
            self._execute(
                "BulkInferrer", node.replace("trainer", "bulk_inferrer"), verdict.end + GAP,
                [("examples", self.window[-1].gen.outputs["examples"]),
                 ("model", model.outputs["model"])],
                {"inference_result": "InferenceResult"},
            )  # fmt: skip
        settled = Settled(
            verdict.end, verdict.due, verdict.against, self._gate_is_shut(), cause, push
        )
        chances = self.forecast.settled(began, model.end, settled)
        self._note(trainer, cause, odds, chances, pushed=pushed)

    def _note(
        self,
        trainer: str,
        cause: str,
        odds: float | None,
        chances: Chances,
        *,
        pushed: bool = False,
    ) -> None:
        decision = Decision(
            pushed, cause, None if odds is None else round(odds, 4),
            round(self.jump, 3), self.code_is_new, self.settling > 0,
        )  # fmt: skip
        self.truth.push(trainer, self.plan.name, decision, chances)

    def _log_odds(self) -> float:
        """Of a good model, by what a trace shows before it is trained, and noise."""
        felt = effect(self.jump)
        mean = log_odds(self.profile, felt, self.code_is_new, self.settling > 0)
        return mean + self.profile.blessing_noise * float(self.plan.rng.normal())

    def _gate_is_shut(self) -> bool:
        return self.plan.gate and self.window[-1].anomalies >= self.profile.anomalies

    def _decide(self, verdict: Verdict) -> str:
        """Why a model is pushed, or not."""
        if "Pusher" not in self.operators:
            return "no pusher"
        last = self.pushes.time_as_of(verdict.end)
        waited = math.inf if last is None else (verdict.end - last) / DAY
        fresh = self.plan.fresh and waited > self.profile.fresh_days
        if fresh and verdict.against in {None, "not blessed"}:
            return "fresh"
        if verdict.against is not None:
            return verdict.against
        if self._gate_is_shut():
            return "anomalies"
        if not self.plan.manual:
            return "throttled" if waited < self.plan.throttle else "blessed"
        chosen = self.plan.rng.random() < self.profile.manual_push
        return "manual" if chosen else "nobody pushed"

    def _evaluate(self, node: str, model: Done, *, good: bool) -> Verdict:
        """Evaluation and a trial on a server, where the pipeline has them."""
        checks = []
        if "Evaluator" in self.operators:
            checks.append(self._evaluation(node, model, good=good))
        if "InfraValidator" in self.operators:
            checks.append(self._trial(node, model))
        reads = [read for check in checks for read in check.reads]
        against = next((check.against for check in checks if check.against), None)
        end = max([model.end, *(check.end for check in checks)])
        return Verdict(end, reads, against, max([end, *(check.due for check in checks)]))

    def _evaluation(self, node: str, model: Done, *, good: bool) -> Verdict:
        start = model.end + GAP
        reads = [
            ("examples", self.window[-1].gen.outputs["examples"]),
            ("model", model.outputs["model"]),
        ]
        baseline = self.blessed.as_of(model.end) if self.plan.baseline else None
        if baseline is not None:
            resolver = self._id(node.replace("trainer", "resolver"))
            self._row(
                "Resolver", resolver, "latest_blessed_model_resolver", "COMPLETE",
                (model.end, model.end + 1000),
            )  # fmt: skip
            self.tables.rows["events"].append((resolver, baseline, "OUTPUT", "model", 0))
            reads.append(("baseline_model", baseline))
        done = self._execute(
            "Evaluator", node.replace("trainer", "evaluator"), start, reads,
            {"evaluation": "ModelEvaluation", "blessing": "ModelBlessing"},
            about=f'{{"blessed":{int(good)}}}',
        )  # fmt: skip
        if done is None:
            return Verdict(self.failed_at, [], FAILED, self.due)
        if good:
            self.blessed.add(done.end, model.outputs["model"])
        blessing = [("model_blessing", done.outputs["blessing"])]
        return Verdict(done.end, blessing, None if good else "not blessed", done.end)

    def _trial(self, node: str, model: Done) -> Verdict:
        serves = bool(self.plan.rng.random() < self.profile.servable)
        done = self._execute(
            "InfraValidator", node.replace("trainer", "infra_validator"), model.end + GAP,
            [("model", model.outputs["model"])], {"blessing": "InfraBlessing"},
            about=f'{{"blessed":{int(serves)}}}',
        )  # fmt: skip
        if done is None:
            return Verdict(self.failed_at, [], FAILED, self.due)
        blessing = [("infra_blessing", done.outputs["blessing"])]
        return Verdict(done.end, blessing, None if serves else "not servable", done.end)

    def _version(self) -> str:
        return f"modules-{self.plan.index}-{self.code}"

    def _seed(self) -> int:
        return int(self.plan.rng.integers(2**31))
