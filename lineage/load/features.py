"""The features of a data set as lists that a node can hold, and back; needs NumPy."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from lineage.distributions import BINS, WHOLE, hashes
from lineage.errors import RecordError
from lineage.load.rows import clean
from lineage.records import Feature, FeatureKind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def to_properties(features: Sequence[Feature]) -> dict[str, list[Any]]:
    """Names, kinds, weights and hashes of features, in the order of their names.

    Returns:
        `feature_names` and `feature_kinds` (n), `feature_weights` (n * BINS, a feature's one after
        the other, all zero where unknown), `feature_hashes` (n * HASHES); nothing without features.

    Raises:
        RecordError: two features have one name, or weights are not whole.
    """
    if not features:
        return {}
    ordered = sorted(features, key=lambda feature: clean(feature.name))
    names = [clean(feature.name) for feature in ordered]
    for one, other in pairwise(names):
        if one == other:
            raise RecordError(f"two features are called {one!r}")
    weights = np.array([_weights(feature) for feature in ordered], dtype=np.int64)
    return {
        "feature_names": names,
        "feature_kinds": [FeatureKind(feature.kind).value for feature in ordered],
        "feature_weights": weights.ravel().tolist(),
        "feature_hashes": hashes(weights).ravel().tolist(),
    }


def from_properties(node: Mapping[str, Any]) -> list[Feature] | None:
    """The features that a node of the graph has; None when it has none."""
    if "feature_names" not in node:
        return None
    weights = node["feature_weights"]
    rows = (weights[at : at + BINS] for at in range(0, len(weights), BINS))
    return [
        Feature(name=name, kind=FeatureKind(kind), weights=row if any(row) else [])
        for name, kind, row in zip(node["feature_names"], node["feature_kinds"], rows, strict=True)
    ]


def _weights(feature: Feature) -> list[int]:
    weights = feature.weights
    if not weights:
        return [0] * BINS
    if len(weights) != BINS or min(weights) < 0 or sum(weights) != WHOLE:
        raise RecordError(
            f"feature {feature.name!r}: weights are {BINS} thousandths that add up to {WHOLE}"
        )
    return weights
