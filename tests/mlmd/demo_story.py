"""What happens in the demo store, day by day."""

from __future__ import annotations

from typing import Any

from demo_steps import BUCKET, FAILED, RUNNING, Run, Steps
from demo_writer import Kind, State, Writer

DAYS = 14


class Story(Steps):
    """What happens, day by day."""

    def __init__(self, writer: Writer, seed: int) -> None:
        super().__init__(writer, seed)
        self._spans: dict[int, int] = {}
        self._latest: dict[tuple[str, str], int] = {}
        self._windows: dict[str, list[int]] = {"taxi-fares": [], "taxi-tips": []}

    def tell(self) -> None:
        """All of it."""
        for day in range(DAYS):
            self._fares(day, hour=2)
            if day % 2:
                self._tips(day, hour=9)
            self._fares_again(day, hour=14)
            if day in (5, 6, 12):
                self._fares_again(day, hour=19)

    def _fares(self, day: int, hour: int) -> None:
        run = self._run("taxi-fares", day, hour)
        span = self._ingest(run)
        schema = self._analyse(run, span)
        if day == 4:
            self._transform(run, span, schema, state=FAILED)
            return
        if day == 13:
            # Saturated cluster: the last morning's run was put off to the afternoon.
            return
        self._model(run, span, schema)
        if day in (6, 13):
            model = self._latest.get((run.pipeline, "blessed"))
            reads = [("examples", 0, span), ("model", 0, model)]
            self._step(run, "BulkInferrer", reads, [("inference_result", "InferenceResult", {})])

    def _fares_again(self, day: int, hour: int) -> None:
        """The same span once more, with other training arguments; most steps come from a cache."""
        run = self._run("taxi-fares", day, hour)
        again = day in (2, 7, 11)
        span = self._ingest(run, cached=not again)
        schema = self._analyse(run, span, cached=not again)
        state = {8: FAILED, 13: RUNNING}.get(day, State.COMPLETE)
        # On these two days the morning left nothing in the cache.
        cached = not again and day not in (4, 13)
        self._model(run, span, schema, cached=cached, steps=20000, state=state)

    def _tips(self, day: int, hour: int) -> None:
        """Another team: it reads the spans of the first pipeline, and does its analysis anew."""
        run = self._run("taxi-tips", day, hour)
        span = self._spans[day]
        self._resolve(run, "span_resolver", "examples", span)
        schema = self._analyse(run, span)
        if day == 5:
            self._transform(run, span, schema, state=FAILED)
            return
        self._model(run, span, schema, state=FAILED if day == 11 else State.COMPLETE)

    def _ingest(self, run: Run, *, cached: bool = False) -> int:
        size = 58_988_000 + 1_000 * run.day
        check = 1_777_852_800 + 86_400 * run.day
        print_ = (
            f"split:single_split,num_files:24,total_bytes:{size},"
            f"xor_checksum:{check},sum_checksum:{check * 24}"
        )
        declared = {"span": run.day, "version": 0, "split_names": '["train", "eval"]'}
        custom = {"input_fingerprint": print_, "payload_format": "FORMAT_TF_EXAMPLE"}
        made = self._step(
            run, "CsvExampleGen", [], [("examples", "Examples", {"declared": declared, **custom})],
            cached=cached, input_base=f"{BUCKET}/rides/span-{run.day}", span=run.day, version=0,
            input_fingerprint=print_,
        )  # fmt: skip
        if not cached:
            self._spans.setdefault(run.day, made[0])
        return made[0]

    def _analyse(self, run: Run, span: int, *, cached: bool = False) -> int:
        split = {"declared": {"span": run.day, "split_names": '["train", "eval"]'}}
        statistics = self._step(
            run, "StatisticsGen", [("examples", 0, span)],
            [("statistics", "ExampleStatistics", split)], cached=cached, exclude_splits="[]",
        )[0]  # fmt: skip
        schema = self._latest.get(("taxi-fares", "Schema"))
        if schema is None:
            schema = self._step(
                run, "SchemaGen", [("statistics", 0, statistics)], [("schema", "Schema", {})],
                exclude_splits="[]", infer_feature_shape=1,
            )[0]  # fmt: skip
            self._latest["taxi-fares", "Schema"] = schema
        else:
            self._step(
                run, "Importer", [], [], node="schema_importer",
                rewrites=[("result", schema, Kind.OUTPUT)], reimport=0,
                artifact_uri=self._writer.artifacts[schema].uri,
            )  # fmt: skip
        self._step(
            run, "ExampleValidator", [("statistics", 0, statistics), ("schema", 0, schema)],
            [("anomalies", "ExampleAnomalies", split)], cached=cached, exclude_splits="[]",
        )  # fmt: skip
        return schema

    def _transform(
        self, run: Run, span: int, schema: int, *, cached: bool = False,
        state: int = State.COMPLETE,
    ) -> list[int]:  # fmt: skip
        reads = [("examples", 0, span), ("schema", 0, schema)]
        cache = self._latest.get((run.pipeline, "TransformCache"))
        if cache is not None and not cached:
            self._resolve(run, "cache_resolver", "analyzer_cache", cache)
            reads.append(("analyzer_cache", 0, cache))
        examples = {"declared": {"span": run.day, "split_names": '["train", "eval"]'}}
        writes = [
            ("transform_graph", "TransformGraph", {}),
            ("transformed_examples", "Examples", examples),
            ("updated_analyzer_cache", "TransformCache", {}),
        ]
        made = self._step(run, "Transform", reads, writes, cached=cached, state=state,
                          force_tf_compat_v1=0)  # fmt: skip
        if made and not cached and state == State.COMPLETE:
            self._latest[run.pipeline, "TransformCache"] = made[2]
            self._windows[run.pipeline].append(made[1])
        return made

    def _model(
        self, run: Run, span: int, schema: int, *, cached: bool = False,
        state: int = State.COMPLETE, steps: int = 10000,
    ) -> None:  # fmt: skip
        graph = self._transform(run, span, schema, cached=cached)[0]
        window = self._windows[run.pipeline][-3 if run.pipeline == "taxi-fares" else -2 :]
        reads = [("examples", at, id_) for at, id_ in enumerate(window)]
        reads += [("transform_graph", 0, graph), ("schema", 0, schema)]
        hyper = self._tune(run, window, graph)
        if hyper is not None:
            reads.append(("hyperparameters", 0, hyper))
        base = self._latest.get((run.pipeline, "Model"))
        if base is not None:
            self._resolve(run, "latest_model_resolver", "model", base)
            reads.append(("base_model", 0, base))
        written = [("model", "Model", {}), ("model_run", "ModelRun", {})]
        made = self._step(
            run, "Trainer", reads, written, state=state,
            train_args=f'{{"num_steps": {steps}}}', eval_args='{"num_steps": 500}',
        )  # fmt: skip
        if state == State.COMPLETE:
            self._latest[run.pipeline, "Model"] = made[0]
            self._judge(run, made[0], span)

    def _tune(self, run: Run, window: list[int], graph: int) -> int | None:
        key = (run.pipeline, "HyperParameters")
        if run.pipeline == "taxi-fares" and run.day in (3, 10) and run.clock.hour < 12:
            reads = [("examples", at, id_) for at, id_ in enumerate(window)]
            made = self._step(
                run, "Tuner", [*reads, ("transform_graph", 0, graph)],
                [("best_hyperparameters", "HyperParameters", {}),
                 ("tuner_results", "TunerResults", {})],
                tune_args='{"num_parallel_trials": 4}',
            )  # fmt: skip
            self._latest[key] = made[0]
        return self._latest.get(key)

    def _judge(self, run: Run, model: int, span: int) -> None:
        """Evaluation against the latest blessed model; a blessed one may be pushed."""
        baseline = self._latest.get((run.pipeline, "blessed"))
        reads = [("examples", 0, span), ("model", 0, model)]
        facts: dict[str, Any] = {"current_model_id": model}
        if baseline is not None:
            self._resolve(run, "latest_blessed_model_resolver", "model", baseline)
            reads.append(("baseline_model", 0, baseline))
            facts["baseline_model_id"] = baseline
        chance = 0.6 if run.pipeline == "taxi-fares" else 0.3
        blessed = baseline is None or self._random.random() < chance
        blessing = self._step(
            run, "Evaluator", reads,
            [("evaluation", "ModelEvaluation", {}),
             ("blessing", "ModelBlessing", {"blessed": int(blessed), **facts})],
            eval_config='{"metrics_specs": [{"metrics": [{"class_name": "MeanAbsoluteError"}]}]}',
            fairness_indicator_thresholds="null",
        )[1]  # fmt: skip
        if run.pipeline == "taxi-fares":
            self._step(
                run, "InfraValidator", [("model", 0, model), ("examples", 0, span)],
                [("blessing", "InfraBlessing", {"blessed": 1})], node="InfraValidator",
                serving_spec='{"tensorflow_serving": {"tags": ["latest"]}}',
            )  # fmt: skip
        if blessed:
            self._latest[run.pipeline, "blessed"] = model
            self._push(run, model, blessing)

    def _push(self, run: Run, model: int, blessing: int) -> None:
        if run.pipeline == "taxi-tips" and run.day > 3:
            return
        # The serving cluster was frozen twice: the step ran and pushed nothing.
        pushed = int(run.day not in (6, 10))
        facts: dict[str, Any] = {"pushed": pushed}
        if pushed:
            version = str(int(run.clock.timestamp()))
            facts["pushed_version"] = version
            facts["pushed_destination"] = f"{BUCKET}/serving/{run.pipeline}/{version}"
        destination = f'{{"filesystem": {{"base_directory": "{BUCKET}/serving/{run.pipeline}"}}}}'
        self._step(
            run, "Pusher", [("model", 0, model), ("model_blessing", 0, blessing)],
            [("pushed_model", "PushedModel", facts)], push_destination=destination,
        )  # fmt: skip
