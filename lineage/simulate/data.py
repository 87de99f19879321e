"""The data that pipelines ingest: features whose distributions drift from span to span."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lineage.records import FEATURE_BINS, FEATURE_WHOLE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lineage.simulate.plan import Source
    from lineage.simulate.profile import Profile


JUMP = 2.5
"""Sigma of how far data jumps, in bins."""


@dataclass(frozen=True, slots=True)
class Data:
    """The spans of a source, in their order.

    Attributes:
        names: of the features, sorted.
        kinds: of each, `numeric` or `categorical`.
        weights: (spans, features, bins), thousandths.
        jumps: (spans,), how far the data jumped, in bins; mostly 0.
        sizes: (spans,), bytes.
    """

    names: list[str]
    kinds: list[str]
    weights: NDArray[np.int16]
    jumps: NDArray[np.float64]
    sizes: NDArray[np.int64]


def make(profile: Profile, source: Source, spans: int) -> Data:
    """So many spans of a source."""
    first, walk, jump, size, kind = (
        np.random.default_rng([*source.seed, stream]) for stream in range(5)
    )
    drawn = first.lognormal(np.log(profile.features), profile.features_spread)
    features = max(1, round(min(profile.most_features, drawn)))
    kinds = np.where(kind.random(features) < profile.categorical, "categorical", "numeric")
    jumps = np.where(jump.random(spans) < profile.shock, jump.normal(0, JUMP, spans), 0.0)
    jumps[0] = 0.0
    steps = walk.normal(0, profile.drift, (spans, features)) + jumps[:, None]
    steps[0] = 0.0
    centre = first.uniform(4, 12, features) + np.cumsum(steps, axis=0)
    width = first.uniform(0.7, 2.2, features)
    # A logistic curve over the bins; categories are scattered, as hashes of words are.
    edges = np.arange(FEATURE_BINS + 1)
    below = 1 / (1 + np.exp(-(edges - centre[:, :, None] % FEATURE_BINS) / width[:, None]))
    masses = np.diff(below, axis=2)
    scatter = np.argsort(first.random((features, FEATURE_BINS)), axis=1)
    for number in np.flatnonzero(kinds == "categorical"):
        masses[:, number, :] = masses[:, number, scatter[number]]
    masses /= masses.sum(axis=2, keepdims=True)
    weights = np.floor(masses * FEATURE_WHOLE).astype(np.int16)
    rest = (FEATURE_WHOLE - weights.sum(axis=2)).astype(np.int16)
    largest = weights.argmax(axis=2)[:, :, None]
    np.put_along_axis(
        weights, largest, np.take_along_axis(weights, largest, 2) + rest[:, :, None], 2
    )
    bytes_of = size.lognormal(np.log(2e8), 1.0) * size.lognormal(0, 0.1, spans)
    return Data(
        [f"feature_{number:02d}" for number in range(features)],
        [str(one) for one in kinds],
        weights,
        jumps,
        bytes_of.astype(np.int64),
    )
