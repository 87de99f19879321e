"""Features as lists of a node, and back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineage.distributions import BINS, HASHES, shares
from lineage.errors import RecordError
from lineage.load.features import from_properties, to_properties
from lineage.load.rows import Rows
from lineage.records import Artifact, Feature, FeatureKind
from lineage.settings import Settings

EVEN = [63] * 8 + [62] * 8


def numeric(name: str, weights: list[int] | None = None) -> Feature:
    return Feature(
        name=name, kind=FeatureKind.NUMERIC, weights=EVEN if weights is None else weights
    )


def test_lists_in_the_order_of_names() -> None:
    found = to_properties([numeric("b"), Feature(name="a", kind=FeatureKind.CATEGORICAL)])
    assert found["feature_names"] == ["a", "b"]
    assert found["feature_kinds"] == ["categorical", "numeric"]
    assert found["feature_weights"] == [0] * BINS + EVEN
    assert found["feature_hashes"][:HASHES] == [0] * HASHES
    assert min(found["feature_hashes"][HASHES:]) > 0


def test_none_are_no_properties() -> None:
    assert to_properties([]) == {}
    assert from_properties({}) is None


@given(
    st.dictionaries(
        st.text(), st.lists(st.integers(0, 9), min_size=BINS, max_size=BINS), min_size=1
    )
)
def test_there_and_back(given: dict[str, list[int]]) -> None:
    features = [
        numeric(name, shares(np.array([masses], dtype=float))[0].tolist() if any(masses) else [])
        for name, masses in given.items()
    ]
    ordered = sorted(features, key=lambda feature: feature.name)
    assert from_properties(to_properties(features)) == ordered


@pytest.mark.parametrize(
    "features",
    [
        [numeric("a", [500, 500])],
        [numeric("a", [100] * BINS)],
        [numeric("a", [-1, 1001] + [0] * 14)],
        [numeric("a"), numeric("a")],
        [numeric("\ud800"), numeric("\\ud800")],
    ],
)
def test_what_makes_no_sense_is_refused(features: list[Feature]) -> None:
    rows = Rows("s", Settings().naming(), Settings())
    with pytest.raises(RecordError, match="feature"):
        rows.node(Artifact(id="1", type="Examples", features=features))


def test_ten_thousand_features_with_odd_names() -> None:
    odd = ["", " ", "\0", "a\nb", "\u202e", "\ud800", "x" * 100_000, "'; MATCH (n) DETACH DELETE n"]
    features = [numeric(name) for name in [*odd, *(f"f{number}" for number in range(10_000))]]
    rows = Rows("s", Settings().naming(), Settings())
    row = rows.node(Artifact(id="1", type="Examples", features=features)).row
    assert len(row["properties"]["feature_names"]) == len(features)
    assert all(name.encode() is not None for name in row["properties"]["feature_names"])
    assert len(row["properties"]["feature_hashes"]) == HASHES * len(features)
