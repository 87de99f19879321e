"""Features as numbers: the same way when a model is trained, tested, and asked.

Categories become codes in the order of how often their graphlets were pushed in training, so that
trees can split them as numbers. What is unknown, in training or later, becomes NaN, which all
models take for a value of its own.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from lineage.errors import WasteError
from lineage.waste.stages import Feature, Kind, Stage
from lineage.waste.table import factorize

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lineage.waste.table import FeatureTable

Matrix: TypeAlias = NDArray[np.float32]

WORDS = 40
"""Most frequent words that a category is told apart by; rarer ones are as good as unknown."""
SMOOTHING = 20.0
"""Graphlets at the average push rate that are added to those of each word, so that the order of
rare words does not tell the training labels."""
_LARGEST = 1e30  # well within float32, so that differences do not overflow


@dataclass(frozen=True, slots=True)
class Column:
    """How a feature becomes a number.

    Attributes:
        feature: which.
        words: of a category, in the order of their codes.
        usual: the value that stands for "as usual" when a prediction is explained: the median in
            training, or the most frequent value; None where that is unknown.
    """

    feature: Feature
    words: tuple[str, ...]
    usual: float | str | None

    def code(self, value: object) -> float:
        """One value as a number; NaN for what is unknown.

        Raises:
            WasteError: it is no value of this kind.
        """
        if value is None:
            return math.nan
        if self.feature.kind is Kind.CATEGORY:
            if not isinstance(value, str):
                raise WasteError(f"{self.feature.name} is a category; give text, not {value!r:.40}")
            return float(self.words.index(value)) if value in self.words else math.nan
        if isinstance(value, str) or not hasattr(value, "__float__"):
            raise WasteError(f"{self.feature.name} is a number; give one, not {value!r:.40}")
        return float(np.clip(float(value), -_LARGEST, _LARGEST))

    def codes(self, values: NDArray[Any]) -> Matrix:
        """(n,) values as numbers."""
        if self.feature.kind is not Kind.CATEGORY:
            return np.clip(values.astype(np.float64), -_LARGEST, _LARGEST).astype(np.float32)
        numbers, found = factorize(values)
        places = {word: float(place) for place, word in enumerate(self.words)}
        known = np.array([places.get(word, math.nan) for word in found] + [math.nan])
        return known[numbers].astype(np.float32)


@dataclass(frozen=True, slots=True)
class Encoder:
    """How all features become a matrix: those of earlier stages come first.

    Attributes:
        columns: in the order of the matrix.
    """

    columns: tuple[Column, ...]

    def width(self, stage: Stage) -> int:
        """How many columns are known at a stage: the first ones."""
        return sum(column.feature.stage.rank <= stage.rank for column in self.columns)

    def until(self, stage: Stage) -> tuple[Column, ...]:
        """The columns that are known at a stage."""
        return self.columns[: self.width(stage)]

    def matrix(self, table: FeatureTable) -> Matrix:
        """(n, width of the last stage), NaN where unknown.

        Raises:
            WasteError: the table lacks a feature.
        """
        whole = np.empty((len(table), len(self.columns)), np.float32)
        for place, column in enumerate(self.columns):
            values = table.columns.get(column.feature.name)
            if values is None:
                raise WasteError(
                    f"the table has no feature {column.feature.name}, which the model was trained "
                    "with; build the table with it, or train again"
                )
            whole[:, place] = column.codes(values)
        return whole

    def row(self, stage: Stage, values: Mapping[str, object]) -> Matrix:
        """(width,) of one graphlet; what is not given is unknown.

        Raises:
            WasteError: a value is not of its feature's kind.
        """
        return np.array(
            [column.code(values.get(column.feature.name)) for column in self.until(stage)],
            np.float32,
        )


def learn(table: FeatureTable, rows: NDArray[np.bool_], pushed: NDArray[np.bool_]) -> Encoder:
    """An encoder for what is seen in some rows of a table.

    Args:
        table: with all features.
        rows: (n,) those to train on.
        pushed: (n,) their labels.
    """
    ordered = sorted(table.features, key=lambda feature: feature.stage.rank)
    return Encoder(tuple(_column(one, table.columns[one.name], rows, pushed) for one in ordered))


def _column(
    feature: Feature, values: NDArray[Any], rows: NDArray[np.bool_], pushed: NDArray[np.bool_]
) -> Column:
    if feature.kind is Kind.CATEGORY:
        return _category(feature, values[rows], pushed[rows])
    known = values[rows].astype(np.float64)
    known = known[np.isfinite(known)]
    if not len(known):
        return Column(feature, (), None)
    if feature.kind is Kind.FLAG:
        return Column(feature, (), float(known.mean() > 0.5))
    return Column(feature, (), float(np.median(known)))


def _category(feature: Feature, values: NDArray[Any], pushed: NDArray[np.bool_]) -> Column:
    numbers, found = factorize(values)
    counts = np.bincount(numbers, minlength=len(found))
    hits = np.bincount(numbers, weights=pushed, minlength=len(found))
    rate = (hits + SMOOTHING * pushed.mean()) / (counts + SMOOTHING) if len(values) else hits
    frequent = sorted(range(len(found)), key=lambda one: (-counts[one], found[one]))
    kept = [one for one in frequent if found[one]][:WORDS]
    words = sorted(kept, key=lambda one: (rate[one], found[one]))
    usual = found[frequent[0]] or None if frequent else None
    return Column(feature, tuple(found[one] for one in words), usual)
