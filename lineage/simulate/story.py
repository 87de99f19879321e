"""The life of one pipeline, run by run: what it ingests, looks at, transforms and trains on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from lineage.simulate.best import CHANGING, State, anomalies, effect, is_loud
from lineage.simulate.forecast import Run
from lineage.simulate.models import Models, Span
from lineage.simulate.steps import GAP, Done

if TYPE_CHECKING:
    from lineage.simulate.plan import Plan
    from lineage.simulate.profile import Profile


@dataclass(slots=True)
class Story(Models):
    """Tells a pipeline.

    Attributes:
        spans_at: the span that each run ingests.
        transform: the newest, with what it was made of.
    """

    spans_at: list[int] = field(default_factory=list)
    transform: tuple[tuple[object, ...], Done] | None = None

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
            self.run, self.last, self.broken = run, start, False
            before = self._before(start) if self.forecast.pushes else None
            if run:
                self._change(*chances[run].tolist())
            self._one(start, before)
            state = "FAILED" if self.broken else "COMPLETE"
            rows["runs"].append((self._id("run"), self._id("run"), state, start, self.last))
            rows["memberships"].append(("run", self._id("run"), "pipeline", plan.name))

    def _change(self, code: float, structure: float) -> None:
        """New code, or another structure, by chance."""
        self.code_is_new = code < self.profile.code_change
        self.code += self.code_is_new
        self.settling = max(0, self.settling - 1)
        if structure < self.profile.restructure:
            self.operators ^= {str(self.plan.rng.choice(CHANGING))}
            self.settling = self.profile.settling

    def _one(self, start: int, before: State | None) -> None:
        """One run; what depends on something that failed does not run."""
        span = self._ingest(start)
        if span is None:
            return
        self._look(span)
        if not self.window or self.window[-1].index != span.index:
            self.window = [*self.window, span][-self.plan.window :]
        else:
            self.window[-1] = span
        self.jump = self._largest(self.window)
        ready = None
        if self.schema is not None or "SchemaGen" not in self.operators:
            ready = self._transform()
        if ready is None:
            return
        if before is not None:
            self._foresee((start, ready.end), before, span)
        tuned = self._tune(ready)
        for number in range(1, self.plan.trainers + 1):
            self._train(f"trainer_{number}" if number > 1 else "trainer", ready, tuned)

    def _before(self, start: int) -> State:
        """What is decided of this run, and bears on its models, before it starts."""
        operators, window, index = self.operators, self.window, self.spans_at[self.run]
        known = window[-1] if window and window[-1].index == index else None
        comes = known is None and index > 0
        felt = self.jump
        if known is None:
            # The oldest falls out, and what it jumped by is not felt between those that stay.
            kept = window[max(0, len(window) + 1 - self.plan.window) :]
            felt = self._largest(kept) if len(kept) > 1 else 0.0
        return State(
            operators=operators,
            settling=self.settling > 1,
            effect=effect(felt),
            comes=comes,
            undecided=self.run > 0,
            code=False,
            validates=None,
            shuts=self._shuts(start, known, comes=comes) if self.plan.gate else (0.0, 0.0),
            cached=self._transform_is_kept(known),
        )

    def _largest(self, window: list[Span]) -> float:
        """The largest jump between spans; of a single one, into it."""
        felt = window[1:] or window
        return max(abs(float(self.data.jumps[span.index])) for span in felt)

    def _shuts(self, start: int, known: Span | None, *, comes: bool) -> tuple[float, float]:
        """Chance that anomalies shut the gate, with the validation of examples and without."""
        kept, works = 0.0, self.best.works
        looks = 1.0 if self.schema is None else works  # without a schema, no trainer would start
        if known is not None and self.plan.caching and known.gen.end <= start:
            kept = float(known.anomalies >= self.profile.anomalies)
            if known.validation is not None:
                return kept, kept
            looks = looks if known.statistics is None else 1.0
        if "StatisticsGen" not in self.operators or (
            self.schema is None and "SchemaGen" not in self.operators
        ):
            return kept, kept
        loud = comes or is_loud(self.profile, float(self.data.jumps[self.spans_at[self.run]]))
        return looks * works * loud, kept

    def _transform_is_kept(self, known: Span | None) -> bool:
        """Whether this run would not compute the transform again with the same code."""
        if known is None or self.transform is None or not self.plan.caching:
            return False
        made_of = tuple(span.gen.key for span in self.window)
        schema = self.schema.key if self.schema else 0
        return self.transform[0] == (*made_of, schema, self._version())

    def _foresee(self, between: tuple[int, int], before: State, span: Span) -> None:
        """Tell the forecast what is decided of this run, whose data is ingested."""
        shut = float(self._gate_is_shut())
        looks = [one.end for one in (span.gen, span.statistics, span.validation) if one]
        start, ready = between
        looked = min(max(looks), ready)  # trainers do not wait for the validation
        seen = None
        if "StatisticsGen" in self.operators and span.statistics and self.schema:
            seen = "ExampleValidator" in self.operators
        data = before._replace(
            effect=effect(self.jump), comes=False, shuts=(shut, shut), validates=seen
        )
        shape = data._replace(
            operators=self.operators, settling=self.settling > 0,
            undecided=False, code=self.code_is_new, validates=None, cached=False,
        )  # fmt: skip
        chances = self.best.cases
        checks = self.operators & {"Evaluator", "InfraValidator"}
        run = Run(
            self.run, start, looked, chances(before), chances(data), chances(shape), checks
        )  # fmt: skip
        self.forecast.run(run)

    def _ingest(self, start: int) -> Span | None:
        index = self.spans_at[self.run]
        known = self.window[-1] if self.window and self.window[-1].index == index else None
        if known is not None and self.plan.caching and known.gen.end <= start:
            self._cached("CsvExampleGen", "example_gen", start, [], known.gen)
            # What follows waits for this run's step, not for the one that made the data.
            gen = known.gen._replace(end=start + 1000)
            return Span(index, gen, known.statistics, known.validation, known.anomalies)
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
        start = span.gen.end + GAP
        if span.statistics is not None and span.statistics.end <= start:
            self._cached("StatisticsGen", "statistics_gen", start, reads, span.statistics)
            span.statistics = span.statistics._replace(end=start + 1000)
        else:
            span.statistics = self._execute(
                "StatisticsGen", "statistics_gen", start, reads,
                {"statistics": "ExampleStatistics"},
                key=self.truth.key("statistics", span.gen.key),
            )  # fmt: skip
        if span.statistics is None:
            return
        if self.schema is None and "SchemaGen" in self.operators:
            self.schema = self._execute(
                "SchemaGen", "schema_gen", span.statistics.end + GAP,
                [("statistics", span.statistics.outputs["statistics"])],
                {"schema": "Schema"}, key=self.truth.key("schema", span.statistics.key),
            )  # fmt: skip
        if self.schema is not None and "ExampleValidator" in self.operators:
            self._validate(span, span.statistics, self.schema)

    def _validate(self, span: Span, statistics: Done, schema: Done) -> None:
        start = max(statistics.end, schema.end) + GAP
        reads = [
            ("statistics", statistics.outputs["statistics"]),
            ("schema", schema.outputs["schema"]),
        ]
        if span.validation is not None and span.validation.end <= start:
            self._cached("ExampleValidator", "example_validator", start, reads, span.validation)
            return
        found = anomalies(float(self.data.jumps[span.index]))
        span.validation = self._execute(
            "ExampleValidator", "example_validator", start, reads,
            {"anomalies": "ExampleAnomalies"},
            key=self.truth.key("anomalies", statistics.key, schema.key),
            about=f'{{"anomalies":{found}}}',
        )  # fmt: skip
        span.anomalies = 0 if span.validation is None else found

    def _transform(self) -> Done | None:
        """What the trainers read: transformed examples, or the spans themselves."""
        spans = [("examples", span.gen.outputs["examples"]) for span in self.window]
        end = max(span.gen.end for span in self.window)
        if self.schema is not None:
            end = max(end, self.schema.end)
        if "Transform" not in self.operators:
            return Done(end, {}, 0)
        reads, version = spans + self._schema_input(), self._version()
        made_of = [span.gen.key for span in self.window]
        key = (*made_of, self.schema.key if self.schema else 0, version)
        start = end + GAP
        if self.transform is not None and self.transform[0] == key and self.plan.caching:
            earlier = self.transform[1]
            if earlier.end <= start:
                self._cached("Transform", "transform", start, reads, earlier)
                return earlier._replace(end=start + 1000)
        done = self._execute(
            "Transform", "transform", start, reads,
            {"transform_graph": "TransformGraph", "transformed_examples": "Examples"},
            key=self.truth.key("transform", *key), version=version,
            properties=f'{{"module_file":"/simulated/{self.plan.name}/preprocessing.py"}}',
        )  # fmt: skip
        self.transform = None if done is None else (key, done)
        return done


def spans_of(plan: Plan, profile: Profile, start: int) -> list[int]:
    """The span that each run ingests: the source's newest, or the next one, or none that is new."""
    runs = plan.runs
    if plan.source.period is not None:
        return [int(one) for one in (runs - start) // plan.source.period]
    new = plan.rng.random(len(runs)) >= profile.rerun
    new[0] = True
    return [int(one) for one in np.cumsum(new) - 1]
