"""The figures of a corpus, against the same worked out from the records by other means."""

from __future__ import annotations

import random
from bisect import bisect_right
from collections import Counter, defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from support import reference
from support.traces import random_traces, sentinel

from lineage import report
from lineage.analyses import corpus, models, similarity
from lineage.analyses.rows import Distribution, Filters
from lineage.records import (
    Artifact,
    ArtifactClass,
    Event,
    Execution,
    Feature,
    FeatureKind,
    OperatorClass,
    Record,
    State,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lineage import Lineage

DAY, HOUR = 86_400_000, 3_600_000
FAMILIES = ["dnn", "linear", "boosted trees", None]
BOUNDS = [0.0, *(round(m * 10.0**k, 3) for k in range(-3, 9) for m in (1, 2, 5))]
TENTHS = [number / 10 for number in range(10)]
TRACES = 60


def decorated(traces: Iterable[list[Record]], seed: int) -> Iterator[Record]:
    """The records, with families of models, and with features of some data."""
    rng = random.Random(seed)
    for record in (record for trace in traces for record in trace):
        if isinstance(record, Execution) and record.operator is OperatorClass.TRAINING:
            family = rng.choice(FAMILIES)
            record.properties = {"model_family": family} if family else {}
        if isinstance(record, Artifact) and rng.random() < 0.7:
            record.features = [
                Feature(name=f"f{number}", kind=rng.choice(list(FeatureKind)))
                for number in range(rng.randint(1, 30))
            ]
        yield record


class Expected:
    """Everything that the report says, by loops over the records and over reference graphlets."""

    def __init__(self, records: list[Record], pipeline: str | None, since: int | None) -> None:
        self.trace = reference.build(records)
        self.answer = reference.answer(records)
        self.events = [record for record in records if isinstance(record, Event)]
        self.home = {one: reference.pipeline_of(self.trace, one) for one in self.trace.executions}
        self.pipeline, self.since = pipeline, since
        self.executions = [
            one
            for one in self.trace.executions.values()
            if self._chosen(one, one.started if one.started is not None else one.created)
        ]
        self.graphlets = {
            key: one
            for key, one in self.answer.graphlets.items()
            if self._chosen(self.trace.executions[key], self.start(key))
        }

    def _chosen(self, execution: Execution, time: int | None) -> bool:
        within = self.pipeline is None or self.home[execution.id] == self.pipeline
        return within and (self.since is None or (time is not None and time >= self.since))

    def start(self, trainer: str) -> int | None:
        return self.trace.executions[trainer].started

    def family(self, trainer: str) -> Any:
        return self.trace.executions[trainer].properties.get("model_family")

    def by_pipeline(self) -> dict[str, list[Execution]]:
        found = defaultdict(list)
        for one in self.executions:
            if self.home[one.id] is not None:
                found[self.home[one.id]].append(one)
        return found

    def pipelines(self) -> dict[str, list[float]]:
        values: dict[str, list[float]] = defaultdict(list)
        data = self._data()
        for name, executions in self.by_pipeline().items():
            starts = [one.started for one in executions if one.started is not None]
            ends = [
                one.ended if one.ended is not None else one.started
                for one in executions
                if one.ended is not None or one.started is not None
            ]
            # Whole seconds, as the graph counts them.
            days = (max(ends) - min(starts)) // 1000 / 86_400 if starts else None
            held = [one for one in self.graphlets.values() if one.pipeline == name]
            decided = [one for one in held if one.pushed or one.state != "open"]
            if days is not None:
                values["lifespan"].append(days)
            values["models"].append(len(held))
            values["models a day"].append(len(held) / max(days or 0, 1))
            if decided:
                values["pushed"].append(sum(one.pushed for one in decided) / len(decided))
            ids = {one.id for one in executions}
            touched = {event.artifact for event in self.events if event.execution in ids}
            values["trace size"].append(len(ids) + len(touched))
            if data[name]:
                values["features"].append(np.mean([len(one) for one in data[name]]))
                shares = [np.mean([f.kind == "categorical" for f in one]) for one in data[name]]
                values["categorical"].append(np.mean(shares))
        return values

    def _data(self) -> dict[str | None, list[list[Feature]]]:
        chosen = {one.id for one in self.executions}
        found: dict[str | None, list[list[Feature]]] = defaultdict(list)
        for one in self.trace.artifacts.values():
            if not one.features or one.artifact not in (
                ArtifactClass.SPAN,
                ArtifactClass.STATISTICS,
            ):
                continue
            touching = self.trace.producers[one.id] or self.trace.consumers[one.id]
            for name in {self.home[near] for near in touching if near in chosen}:
                found[name].append(one.features)
        return found

    def models(self) -> dict[str, list[float]]:
        values: dict[str, list[float]] = defaultdict(list)
        for one in self.graphlets.values():
            values["nodes"].append(len(one.executions) + len(one.artifacts))
            values["spans"].append(len(one.spans))
            values["cost"].append(one.cost)
            inside = [self.trace.executions[member] for member in one.executions]
            starts = [member.started for member in inside if member.started is not None]
            ends = [member.ended for member in inside if member.ended is not None]
            if starts and ends and max(ends) >= min(starts):
                values["duration"].append((max(ends) - min(starts)) / HOUR)
        for before, after, _ in self.answer.order:
            start, end = self.start(before), self.start(after)
            if after in self.graphlets and start is not None and end is not None:
                values["model to model"].append((end - start) / HOUR)
        lines = defaultdict(list)
        for key, one in self.answer.graphlets.items():
            if one.pushed and one.pipeline is not None and self.start(key) is not None:
                lines[one.pipeline, self.trace.executions[key].node].append(self.start(key))
        for (name, _), times in lines.items():
            for start, end in pairwise(sorted(times)):
                if (self.pipeline in (None, name)) and (self.since is None or end >= self.since):
                    values["push to push"].append((end - start) / HOUR)
        return values


def check(found: Iterable[Distribution], expected: dict[str, list[float]]) -> None:
    """Each distribution, its percentiles by NumPy, its histogram by a search of fixed bounds."""
    rows = {row.measure: row for row in found}
    assert set(rows) == {measure for measure, values in expected.items() if values}
    for measure, row in rows.items():
        values = np.array(expected[measure], dtype=float)
        assert row.count == len(values), measure
        wanted = [values.mean(), *np.percentile(values, [0, 10, 25, 50, 75, 90, 99, 100])]
        got = [row.mean, row.least, row.p10, row.lower, row.median, row.upper]
        assert [*got, row.p90, row.p99, row.most] == pytest.approx(wanted, abs=1e-9), measure
        bounds = TENTHS if row.unit == "share" else BOUNDS
        # A rounding may put a value that lies on a bound on either side of it, here or there.
        bins = Counter(bounds[bisect_right(bounds, value) - 1] for value in values)
        filled = {e: n for e, n in zip(row.edges, row.counts, strict=False) if n}
        assert filled == pytest.approx(dict(bins)), measure
        assert len(row.edges) == len(row.counts) + 1
        assert list(row.edges) == sorted(row.edges)


@pytest.fixture(scope="module")
def records() -> list[Record]:
    return [*decorated(random_traces(TRACES, seed=11), seed=11), sentinel()]


@pytest.fixture(scope="module")
def loaded(connected: Lineage, records: list[Record]) -> Lineage:
    from support.demo import wipe

    wipe(connected)
    connected.ingest_records(records, source="random")
    connected.segment()
    return connected


def cases(records: list[Record]) -> list[tuple[Filters, Expected]]:
    now = max(one.started or 0 for one in records if isinstance(one, Execution))
    middle = now - 8 * DAY
    since = str(np.datetime64(middle, "ms")) + "+00:00"
    first = next(name for name in reference.build(records).pipelines if name.endswith("-a"))
    return [
        (Filters(), Expected(records, None, None)),
        (Filters(pipeline=first), Expected(records, first, None)),
        (Filters.of(since=since, source="random"), Expected(records, None, middle)),
    ]


def test_distributions(loaded: Lineage, records: list[Record]) -> None:
    for filters, expected in cases(records):
        check(corpus.corpus(loaded.graph, filters).distributions, expected.pipelines())
        check(models.models(loaded.graph, filters).distributions, expected.models())


def test_operators(loaded: Lineage, records: list[Record]) -> None:
    for filters, expected in cases(records):
        total = len(expected.by_pipeline())
        rows = corpus.corpus(loaded.graph, filters).operators
        assert {row.operator for row in rows} == {one.operator for one in expected.executions}
        for row in rows:
            some = [one for one in expected.executions if one.operator == row.operator]
            within = {expected.home[one.id] for one in some} - {None}
            ended = [one for one in some if one.state not in (State.CACHED, State.RUNNING)]
            failed = sum(one.state is State.FAILED for one in some)
            assert (row.executions, row.ended, row.failed) == (len(some), len(ended), failed)
            assert row.cached == sum(one.state is State.CACHED for one in some)
            assert row.pipelines == len(within)
            assert row.pipelines_share == pytest.approx(len(within) / total)
            assert row.failed_share == pytest.approx(failed / len(ended) if ended else 0)


def test_rates(loaded: Lineage, records: list[Record]) -> None:
    for filters, expected in cases(records):
        held = expected.graphlets
        state = {key: expected.trace.executions[key].state for key in held}
        undecided = sum(one.state == "open" and not one.pushed for one in held.values())
        failed = sum(
            any(
                expected.trace.executions[member].state is State.FAILED for member in one.executions
            )
            for one in held.values()
        )
        wanted = {
            "pushed": (sum(one.pushed for one in held.values()), len(held) - undecided),
            "trainer failed": (
                sum(one is State.FAILED for one in state.values()),
                sum(one is not State.RUNNING for one in state.values()),
            ),
            "something in it failed": (failed, len(held)),
            "started from another model": (
                sum("boundary" in one.artifacts.values() for one in held.values()),
                len(held),
            ),
            "open": (sum(one.state == "open" for one in held.values()), len(held)),
        }
        rows = models.models(loaded.graph, filters).rates
        assert {row.what: (row.graphlets, row.of) for row in rows} == {
            what: counts for what, counts in wanted.items() if counts[1]
        }
        assert all(row.share == row.graphlets / row.of for row in rows)


def test_families(loaded: Lineage, records: list[Record]) -> None:
    for filters, expected in cases(records):
        held = expected.graphlets
        total = sum(one.attributed_cost for one in held.values())
        named = {one.pipeline for one in held.values()} - {None}
        rows = models.models(loaded.graph, filters).families
        assert {row.family for row in rows} == {expected.family(key) for key in held}
        for row in rows:
            some = {key: one for key, one in held.items() if expected.family(key) == row.family}
            states = [expected.trace.executions[key].state for key in some]
            decided = [one for one in some.values() if one.pushed or one.state != "open"]
            pushed = sum(one.pushed for one in some.values())
            within = {one.pipeline for one in some.values()} - {None}
            cost = sum(one.attributed_cost for one in some.values())
            ended = sum(state is not State.RUNNING for state in states)
            assert (row.models, row.pushed, row.pipelines) == (len(some), pushed, len(within))
            assert row.failed == states.count(State.FAILED)
            assert row.failed_share == pytest.approx(row.failed / ended if ended else 0)
            assert row.models_share == pytest.approx(len(some) / len(held))
            assert row.pipelines_share == pytest.approx(len(within) / len(named))
            assert row.pushed_share == pytest.approx(pushed / len(decided) if decided else 0)
            assert row.cost == pytest.approx(cost)
            if row.cost_unit is not None:
                assert row.cost_share == pytest.approx(cost / total)


def test_overlap_of_spans(loaded: Lineage, records: list[Record]) -> None:
    for filters, expected in cases(records):
        values = [
            jaccard for _, after, jaccard in expected.answer.order if after in expected.graphlets
        ]
        rows = similarity.similarity(loaded.graph, filters, together=True)
        assert [row.pairs for row in rows] == ([len(values)] if values else [])
        for row in rows:
            bins = Counter(bisect_right(TENTHS, value) - 1 for value in values)
            assert row.counts == tuple(bins[place] for place in range(10))
            assert row.median == pytest.approx(np.median(values))
            assert row.mean == pytest.approx(np.mean(values))


def test_report_in_every_form(loaded: Lineage) -> None:
    made = report.build(loaded.graph, ["corpus", "models"], limit=20)
    assert max(map(len, made.render("text").splitlines())) <= 80
    page = made.render("html")
    assert page.count("<figure>") == page.count("<svg ") == page.count("</svg>")
    plots = sum(len(made.table(name, "distributions").rows) for name in ("corpus", "models"))
    assert page.count("<figure>") > plots > 10
    row = made.table("models", "distributions").rows[0]
    assert isinstance(row, Distribution)
    assert f"Histogram of nodes: {row.count:,} graphlets" in page


def test_an_empty_graph_has_no_figures(lin: Lineage) -> None:
    made = report.build(lin.graph, ["corpus", "models"])
    assert not any(table.rows for section in made.sections for table in section.tables)
    assert "no execution belongs to a pipeline" in made.render("text")
    assert "<svg" not in made.render("html")
