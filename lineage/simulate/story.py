"""The life of one pipeline, run by run: what ran, read, wrote, failed, cost, and was pushed."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from lineage.simulate.plan import DAY
from lineage.simulate.steps import GAP, Done, Input, Steps

if TYPE_CHECKING:
    from lineage.simulate.plan import Plan
    from lineage.simulate.profile import Profile


@dataclass(slots=True)
class Span:
    """A span as one pipeline holds it, with what was derived from it."""

    index: int
    gen: Done
    statistics: Done | None = None


@dataclass(slots=True)
class Story(Steps):
    """What has happened so far.

    Attributes:
        spans_at: the span that each run ingests.
        trained: models, failed ones included.
    """

    spans_at: list[int] = field(default_factory=list)
    operators: frozenset[str] = frozenset()
    code: int = 0
    code_is_new: bool = False
    window: list[Span] = field(default_factory=list)
    schema: Done | None = None
    transform: tuple[tuple[object, ...], Done] | None = None
    models: dict[str, str] = field(default_factory=dict)
    blessed: str | None = None
    hyperparameters: str | None = None
    pushed_at: int | None = None
    trained: int = 0

    def tell(self) -> None:
        """Write every run of its life."""
        rows, plan = self.tables.rows, self.plan
        rows["pipelines"].append((
            plan.name, plan.name, "simulated", int(plan.runs[0]),
            f'{{"model_family":"{plan.family}","simulated":true,"team":"team-{plan.team}"}}',
        ))  # fmt: skip
        self.operators = plan.operators
        chances = plan.rng.random((len(plan.runs), 2))
        for run, start in enumerate(plan.runs.tolist()):
            self.run = run
            if run == plan.restructured:
                self.operators = self.operators ^ {"Evaluator"}
            self.code_is_new = bool(run and chances[run, 0] < self.profile.code_change)
            self.code += self.code_is_new
            end, went_well = self._one(start)
            state = "COMPLETE" if went_well else "FAILED"
            rows["runs"].append((self._id("run"), self._id("run"), state, start, end))
            rows["memberships"].append(("run", self._id("run"), "pipeline", plan.name))

    def _one(self, start: int) -> tuple[int, bool]:
        """One run; its end, and whether all of it went well."""
        span = self._ingest(start)
        if span is None:
            return start + DAY // 48, False
        self._look(span)
        if not self.window or self.window[-1].index != span.index:
            self.window = [*self.window, span][-self.plan.window :]
        else:
            self.window[-1] = span
        ready = self._transform()
        if ready is None:
            return span.gen.end + DAY // 24, False
        tuned = self._tune(ready)
        ends, well = [ready.end], True
        for number in range(self.plan.trainers):
            end, trained = self._train(f"trainer{'-abc'[number] * (number > 0)}", ready, tuned)
            ends.append(end)
            well = well and trained
        return max(ends), well

    def _ingest(self, start: int) -> Span | None:
        index = self.spans_at[self.run]
        known = self.window[-1] if self.window and self.window[-1].index == index else None
        if known is not None and self.plan.caching:
            self._cached("CsvExampleGen", "example_gen", start, [], known.gen)
            # What follows waits for this run's step, not for the one that made the data.
            return Span(index, known.gen._replace(end=start + 1000), known.statistics)
        source = self.plan.source
        fingerprint = self.truth.digest("span", source.id, index)
        done = self._execute(
            "CsvExampleGen", "example_gen", start, [],
            {"examples": "Examples"}, key=self.truth.key("span", source.id, index),
            properties=f'{{"input_base":"/simulated/{source.id}",'
            f'"input_fingerprint":"{fingerprint}","span":{index}}}',
            size=int(self.data.sizes[index]), features=index,
        )  # fmt: skip
        if done is None:
            return None
        if source.period is not None:
            self.truth.span(self.plan, index)
        return Span(index, done)

    def _look(self, span: Span) -> None:
        """Statistics, the schema when there is none yet, and validation against it."""
        if "StatisticsGen" not in self.operators:
            return
        reads = [("examples", span.gen.outputs["examples"])]
        if span.statistics is not None:
            self._cached(
                "StatisticsGen", "statistics_gen", span.gen.end + GAP, reads, span.statistics
            )
            return
        span.statistics = statistics = self._execute(
            "StatisticsGen", "statistics_gen", span.gen.end + GAP, reads,
            {"statistics": "ExampleStatistics"}, key=self.truth.key("statistics", span.gen.key),
        )  # fmt: skip
        if statistics is None:
            return
        seen = [("statistics", statistics.outputs["statistics"])]
        if self.schema is None and "SchemaGen" in self.operators:
            self.schema = self._execute(
                "SchemaGen", "schema_gen", statistics.end + GAP, seen,
                {"schema": "Schema"}, key=self.truth.key("schema", statistics.key),
            )  # fmt: skip
        if self.schema is not None and "ExampleValidator" in self.operators:
            anomalies = round(abs(float(self.data.jumps[span.index])) * 2)
            self._execute(
                "ExampleValidator", "example_validator",
                max(statistics.end, self.schema.end) + GAP,
                [*seen, ("schema", self.schema.outputs["schema"])],
                {"anomalies": "ExampleAnomalies"},
                key=self.truth.key("anomalies", statistics.key, self.schema.key),
                about=f'{{"anomalies":{anomalies}}}',
            )  # fmt: skip

    def _transform(self) -> Done | None:
        """What the trainers read: transformed examples, or the spans themselves."""
        spans = [("examples", span.gen.outputs["examples"]) for span in self.window]
        end = max(span.gen.end for span in self.window)
        if "Transform" not in self.operators:
            return Done(end, {}, 0)
        reads = spans + self._schema_input()
        end = max(end, self.schema.end if self.schema else 0)
        version = f"modules-{self.plan.index}-{self.code}"
        key = (*(span.gen.key for span in self.window), self.schema.key if self.schema else 0,
               version)  # fmt: skip
        if self.transform is not None and self.transform[0] == key and self.plan.caching:
            self._cached("Transform", "transform", end + GAP, reads, self.transform[1])
            return self.transform[1]._replace(end=end + GAP)
        done = self._execute(
            "Transform", "transform", end + GAP, reads,
            {"transform_graph": "TransformGraph", "transformed_examples": "Examples"},
            key=self.truth.key("transform", *key), version=version,
            properties=f'{{"module_file":"/simulated/{self.plan.name}/preprocessing.py"}}',
        )  # fmt: skip
        self.transform = None if done is None else (key, done)
        return done

    def _schema_input(self) -> list[Input]:
        return [] if self.schema is None else [("schema", self.schema.outputs["schema"])]

    def _training_inputs(self, ready: Done) -> list[Input]:
        if ready.outputs:
            return [
                ("examples", ready.outputs["transformed_examples"]),
                ("transform_graph", ready.outputs["transform_graph"]),
                *self._schema_input(),
            ]
        spans = [("examples", span.gen.outputs["examples"]) for span in self.window]
        return spans + self._schema_input()

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
            return ready.end
        self.hyperparameters = done.outputs["best_hyperparameters"]
        return done.end

    def _train(self, node: str, ready: Done, start: int) -> tuple[int, bool]:
        reads = self._training_inputs(ready)
        if self.hyperparameters is not None:
            reads.append(("hyperparameters", self.hyperparameters))
        if self.plan.warm and node in self.models:
            reads.append(("base_model", self.models[node]))
        tries = 1 + (self.plan.rng.random() < self.profile.retry)
        for attempt in range(tries):
            self.trained += 1
            done = self._execute(
                "Trainer", node, start + GAP, reads, {"model": "Model"},
                suffix=f"-{attempt}" if attempt else "", version=self._version(),
                properties=f'{{"model_family":"{self.plan.family}","seed":{self._seed()}}}',
                failure=self.profile.trainer_failure,
            )  # fmt: skip
            name = self._id(f"{node}{f'-{attempt}' if attempt else ''}")
            if done is not None:
                self._use(node, name, done)
                return done.end, True
            self.truth.push(self, name, pushed=False, cause="failed", logit=math.nan)
            start += DAY // 96
        return start, False

    def _use(self, node: str, trainer: str, model: Done) -> None:
        """Evaluate a model, and decide whether it is pushed."""
        jump = abs(float(self.data.jumps[self.window[-1].index])) > 0
        profile, rng = self.profile, self.plan.rng
        logit = profile.blessing + profile.blessing_drift * jump
        logit += profile.blessing_code * self.code_is_new
        logit += profile.blessing_noise * float(rng.normal())
        good = bool(rng.random() < 1 / (1 + math.exp(-logit)))
        written = model.outputs["model"]
        end, reads = self._evaluate(node, model, good=good)
        self.models[node] = written
        cause = self._decide(model.end, good=good)
        pushed = cause in {"blessed", "fresh", "manual"}
        if good:
            self.blessed = written
        if "Pusher" in self.operators and (pushed or self.plan.silent):
            done = self._execute(
                "Pusher", node.replace("trainer", "pusher"), end + GAP,
                [("model", written), *reads], {"pushed_model": "PushedModel"}, pushed=pushed,
            )  # fmt: skip
            if pushed and done is None:
                pushed, cause = False, "push failed"
            elif pushed:
                self.pushed_at = end
        if pushed and "BulkInferrer" in self.operators:
            self._execute(
                "BulkInferrer", node.replace("trainer", "bulk_inferrer"), end + GAP,
                [("examples", self.window[-1].gen.outputs["examples"]), ("model", written)],
                {"inference_result": "InferenceResult"},
            )  # fmt: skip
        self.truth.push(self, trainer, pushed=pushed, cause=cause, logit=logit)

    def _decide(self, now: int, *, good: bool) -> str:
        """Why a model is pushed, or not."""
        if "Pusher" not in self.operators:
            return "no pusher"
        waited = math.inf if self.pushed_at is None else (now - self.pushed_at) / DAY
        if self.plan.fresh and waited > self.profile.fresh_days:
            return "fresh"
        if not good:
            return "not blessed"
        if self.plan.manual:
            chosen = self.plan.rng.random() < self.profile.manual_push
            return "manual" if chosen else "nobody pushed"
        return "throttled" if waited < self.plan.throttle else "blessed"

    def _evaluate(self, node: str, model: Done, *, good: bool) -> tuple[int, list[Input]]:
        """Evaluation and a trial on a server; its end, and what a Pusher reads of it."""
        end, reads = model.end, list[Input]()
        written = model.outputs["model"]
        if "Evaluator" in self.operators:
            compared: list[Input] = []
            if self.plan.baseline and self.blessed is not None:
                self._resolve(node, end, self.blessed)
                compared = [("baseline_model", self.blessed)]
            done = self._execute(
                "Evaluator", node.replace("trainer", "evaluator"), end + GAP,
                [("examples", self.window[-1].gen.outputs["examples"]), ("model", written),
                 *compared],
                {"evaluation": "ModelEvaluation", "blessing": "ModelBlessing"},
                about=f'{{"blessed":{int(good)}}}',
            )  # fmt: skip
            if done is not None:
                end = done.end
                reads.append(("model_blessing", done.outputs["blessing"]))
        if "InfraValidator" in self.operators:
            done = self._execute(
                "InfraValidator", node.replace("trainer", "infra_validator"), model.end + GAP,
                [("model", written)], {"blessing": "InfraBlessing"},
            )  # fmt: skip
            if done is not None:
                end = max(end, done.end)
                reads.append(("infra_blessing", done.outputs["blessing"]))
        return end, reads

    def _resolve(self, node: str, at: int, found: str) -> None:
        """A resolver hands on the model to compare with."""
        name = self._id(node.replace("trainer", "resolver"))
        self._row("Resolver", name, "latest_blessed_model_resolver", "COMPLETE", (at, at + 1000))
        self.tables.rows["events"].append((name, found, "OUTPUT", "model", 0))

    def _version(self) -> str:
        return f"modules-{self.plan.index}-{self.code}"

    def _seed(self) -> int:
        return int(self.plan.rng.integers(2**31))


def spans_of(plan: Plan, profile: Profile, start: int) -> list[int]:
    """The span that each run ingests: the source's newest, or the next one, or none that is new."""
    runs = plan.runs
    if plan.source.period is not None:
        return [int(one) for one in (runs - start) // plan.source.period]
    new = plan.rng.random(len(runs)) >= profile.rerun
    new[0] = True
    return [int(one) for one in np.cumsum(new) - 1]
