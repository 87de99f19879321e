"""How like the data and the code of consecutive models are, against the same worked out apart."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest

from lineage import report
from lineage.analyses import similarity
from lineage.analyses.rows import Filters
from lineage.distributions import BINS, hashes, jensen_shannon, shares
from lineage.records import (
    Artifact,
    ArtifactClass,
    Event,
    EventKind,
    Execution,
    Feature,
    FeatureKind,
    Membership,
    NodeKind,
    OperatorClass,
    Pipeline,
    Record,
    Run,
    State,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lineage import Lineage

DAY = 86_400_000
START = 1_767_225_600_000
ONE = [1000] + [0] * 15
OTHER = [0] * 15 + [1000]
HALF = [500] + [0] * 14 + [500]


def features(given: dict[str, list[int]], *categorical: str) -> list[Feature]:
    return [
        Feature(
            name=name,
            kind=FeatureKind.CATEGORICAL if name in categorical else FeatureKind.NUMERIC,
            weights=weights,
        )
        for name, weights in given.items()
    ]


class Story:
    """Models of one pipeline, one a day, each trained on a span of its own and the one before."""

    def __init__(self, pipeline: str = "p") -> None:
        self.nodes: list[Record] = [
            Pipeline(id=pipeline, name=pipeline),
            Run(id=pipeline, name=pipeline),
        ]
        self.edges: list[Record] = [
            Membership(
                member_kind=NodeKind.RUN,
                member=pipeline,
                container_kind=NodeKind.PIPELINE,
                container=pipeline,
            )
        ]
        self._pipeline = pipeline
        self._day = 0
        self._spans: list[str] = []

    def span(
        self,
        data: list[Feature] | None,
        *,
        digest: str | None = None,
        statistics: bool = False,
    ) -> None:
        """A new span; its features are its own or those of its statistics."""
        name = f"{self._pipeline}/span{len(self._spans)}"
        time = START + self._day * DAY
        own = None if statistics else data
        self._artifact(name, ArtifactClass.SPAN, features=own, digest=digest, created=time)
        self._execution(f"{name}/gen", OperatorClass.INGESTION, writes=name)
        if statistics:
            self._artifact(f"{name}/stats", ArtifactClass.STATISTICS, features=data)
            self._execution(
                f"{name}/look", OperatorClass.ANALYSIS, reads=[name], writes=f"{name}/stats"
            )
        self._spans.append(name)

    def train(self, code: str | None = None, transform: str | None = None) -> None:
        """A model trained on the last two spans, through a transformation where it has code."""
        name = f"{self._pipeline}/train{self._day}"
        read = self._spans[-2:]
        if transform is not None:
            self._artifact(f"{name}/data", ArtifactClass.TRANSFORM)
            self._execution(
                f"{name}/transform",
                OperatorClass.TRANSFORMATION,
                reads=read,
                writes=f"{name}/data",
                code=transform,
            )
            read = [f"{name}/data"]
        self._execution(name, OperatorClass.TRAINING, reads=read, code=code)
        self._day += 1

    def _artifact(self, name: str, kind: ArtifactClass, **fields: object) -> None:
        self.nodes.append(Artifact(id=name, type=kind.value, artifact=kind, **fields))  # type: ignore[arg-type]

    def _execution(
        self,
        name: str,
        kind: OperatorClass,
        reads: Sequence[str] = (),
        writes: str | None = None,
        code: str | None = None,
    ) -> None:
        self.nodes.append(
            Execution(
                id=name,
                type=kind.value,
                node=kind.value,
                operator=kind,
                state=State.COMPLETE,
                started=START + self._day * DAY,
                ended=START + self._day * DAY + 1000,
                code_version=None if code == "module" else code,
                properties={"module_path": "trainer@abc.whl"} if code == "module" else {},
            )
        )
        self.edges += [
            Event(execution=name, artifact=one, kind=EventKind.INPUT, role="in") for one in reads
        ]
        if writes:
            self.edges.append(Event(execution=name, artifact=writes, kind=EventKind.OUTPUT))
        self.edges.append(
            Membership(
                member_kind=NodeKind.EXECUTION,
                member=name,
                container_kind=NodeKind.RUN,
                container=self._pipeline,
            )
        )

    def load(self, lin: Lineage, source: str = "s") -> None:
        lin.ingest_records([*self.nodes, *self.edges], source=source)
        lin.segment()


def models(lin: Lineage, *spans: list[Feature] | None, statistics: bool = False) -> None:
    """One model for each new span."""
    story = Story()
    for data in spans:
        story.span(data, statistics=statistics)
        story.train()
    story.load(lin)


def random_spans(count: int, names: int) -> Iterator[list[Feature]]:
    """Spans that drift: (names) features of random distributions, some of which stay."""
    random = np.random.RandomState(3)
    weights = shares(random.dirichlet(np.full(BINS, 0.5), names))
    for _ in range(count):
        fresh = shares(random.dirichlet(np.full(BINS, 0.5), names))
        way = random.uniform(0, 1, (names, 1)) ** 2
        weights = shares((1 - way) * weights + way * fresh)
        yield features({f"f{place}": row.tolist() for place, row in enumerate(weights)})


@pytest.mark.parametrize("statistics", [False, True])
def test_share_of_hashes_that_agree(lin: Lineage, statistics: bool) -> None:
    spans = list(random_spans(6, 5))
    models(lin, *spans, statistics=statistics)
    weights = np.array([[feature.weights for feature in span] for span in spans])
    found = hashes(weights.reshape(-1, BINS)).reshape(6, -1)
    expected = [(one == other).mean() for one, other in pairwise(found)]
    together, row = similarity.by_data(lin.graph)
    assert (together.source, together.pipeline) == (None, None)
    assert (row.source, row.pipeline, row.pairs, row.known) == ("s", "p", 5, 5)
    for one in (together, row):
        figures = (one.mean, one.least, one.lower, one.median, one.upper, one.most)
        assert figures == pytest.approx(
            (np.mean(expected), *(np.percentile(expected, q) for q in (0, 25, 50, 75, 100)))
        )


def test_features_that_come_go_and_change_kind(lin: Lineage) -> None:
    first = features({"a": ONE, "b": ONE, "c": ONE, "n": []})
    second = features({"a": ONE, "c": ONE, "d": HALF, "n": []}, "c")
    models(lin, first, second)
    # a agrees; b and d are in one, c is another feature in each: 1 of 5. n is unknown in both.
    assert similarity.by_data(lin.graph)[0].mean == pytest.approx(1 / 5)


def test_unknown_distributions(lin: Lineage) -> None:
    models(lin, features({"a": ONE, "b": [], "c": []}), features({"a": ONE, "b": ONE, "c": []}))
    assert similarity.by_data(lin.graph)[0].mean == pytest.approx(1 / 2)


def test_nothing_known(lin: Lineage) -> None:
    models(lin, features({"a": []}), features({"a": []}), None, features({"a": ONE}))
    assert len(similarity.by_data(lin.graph)) == 0
    assert len(similarity.by_code(lin.graph)) == 0
    assert "no features are known" in report.build(lin.graph, ["similarity"]).render()


def test_some_known(lin: Lineage) -> None:
    models(lin, features({"a": ONE}), features({"a": ONE}), None)
    together, row = similarity.by_data(lin.graph)
    assert (together.pairs, together.known, together.same) == (2, 1, 1)
    assert (row.pairs, row.known, row.same) == (2, 1, 1)


def test_the_same_span_and_the_same_digest_are_the_same_data(lin: Lineage) -> None:
    story = Story()
    story.span(None)
    story.train()
    story.train()
    story.span(features({"a": ONE}), digest="x")
    story.train()
    story.span(features({"a": OTHER}), digest="x")
    story.train()
    story.load(lin)
    (together, _) = similarity.by_data(lin.graph)
    assert (together.pairs, together.known, together.same) == (3, 2, 2)


def test_filters(lin: Lineage) -> None:
    for name in ("p", "q"):
        story = Story(name)
        for weights in (ONE, ONE, OTHER):
            story.span(features({"a": weights}))
            story.train(code="1")
        story.load(lin, source=name)
    for analysis in (similarity.by_data, similarity.by_code):
        assert [row.pipeline for row in analysis(lin.graph)] == [None, "p", "q"]
        assert [row.pairs for row in analysis(lin.graph)] == [4, 2, 2]
        assert [row.pipeline for row in analysis(lin.graph, Filters(pipeline="q"))] == [None, "q"]
        assert [row.source for row in analysis(lin.graph, Filters(source="p"))] == [None, "p"]
        late = Filters.of(since="2026-01-03")
        assert [(row.pairs, row.known) for row in analysis(lin.graph, late)] == [
            (2, 2),
            (1, 1),
            (1, 1),
        ]
        early = Filters.of(until="2026-01-02")
        assert len(analysis(lin.graph, early)) == 0
    assert similarity.by_data(lin.graph, Filters.of(since="2026-01-03"))[0].most < 1


def test_code(lin: Lineage) -> None:
    story = Story()
    story.span(None)
    story.train("1", "1")
    story.train("1", "2")  # one of two
    story.train("2", None)  # the trainer changed, the transformation went: none of two
    story.train(None, "2")  # the trainer's is unknown, the transformation is new: none of one
    story.train(None, "2")  # the transformation alone
    story.train("module", None)  # the transformation went: none of one
    story.train("module", None)
    story.train(None, None)  # nothing is known
    story.load(lin)
    together, row = similarity.by_code(lin.graph)
    assert (row.pairs, row.known, row.same) == (7, 6, 2)
    assert together.mean == row.mean == pytest.approx((0.5 + 0 + 0 + 1 + 0 + 1) / 6)


def test_divergence_of_each_feature_is_exact(lin: Lineage) -> None:
    spans = list(random_spans(8, 30))
    models(lin, *spans)
    weights = np.array([[feature.weights for feature in span] for span in spans])
    exact = jensen_shannon(weights[:-1], weights[1:])
    found = {row.feature: row for row in similarity.features(lin.graph, "p")}
    assert len(found) == 30
    for place in range(30):
        row = found[f"f{place}"]
        assert (row.kind, row.pairs, row.in_one) == ("numeric", 7, 0)
        assert row.mean == pytest.approx(exact[:, place].mean())
        assert row.most == pytest.approx(exact[:, place].max())
        assert row.at is not None
        day = (int(row.at.timestamp()) * 1000 - START) // DAY
        assert day == exact[:, place].argmax() + 1
    means = [row.mean for row in similarity.features(lin.graph, "p")]
    assert means == sorted(means, key=lambda mean: -(mean or 0))
    # The hashes rank the features as the exact divergence does.
    agreeing = np.array([found[f"f{place}"].agreeing for place in range(30)])
    order = exact.mean(axis=0).argsort().argsort(), (-agreeing).argsort().argsort()
    assert np.corrcoef(*order)[0, 1] > 0.8
    assert len(similarity.features(lin.graph, "elsewhere")) == 0


def test_features_by_hand(lin: Lineage) -> None:
    models(
        lin,
        features({"a": ONE, "b": ONE, "c": [], "d": ONE}),
        features({"a": OTHER, "b": ONE, "c": [], "e": ONE}),
        features({"a": OTHER, "b": [], "c": [], "e": ONE}),
    )
    rows = similarity.features(lin.graph, "p")
    assert [(row.feature, row.pairs, row.in_one, row.mean, row.most) for row in rows] == [
        ("d", 0, 1, None, None),
        ("a", 2, 0, 0.5, 1.0),
        ("b", 1, 1, 0.0, 0.0),
        ("e", 1, 1, 0.0, 0.0),
    ]


def test_ten_thousand_features_of_odd_names(lin: Lineage) -> None:
    odd = ["", "a\nb", "\u202e[red]", "'; MATCH (n) DETACH DELETE n //"]
    names = odd + [f"f{place}" for place in range(10_000)]
    models(lin, features(dict.fromkeys(names, ONE)), features(dict.fromkeys(names[:-1], ONE)))
    assert similarity.by_data(lin.graph)[0].mean == pytest.approx(1 - 1 / len(names))
    assert len(similarity.features(lin.graph, "p")) == len(names)
    shown = report.build(lin.graph, ["similarity"], Filters(pipeline="p"), limit=5).render()
    assert "\u202e" not in shown
    assert max(len(line) for line in shown.splitlines()) <= 80
