"""What to do about one graphlet that is under way, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lineage.errors import WasteError
from lineage.waste.results import Result

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lineage.waste.stages import Stage
    from lineage.waste.store import WasteModel

REASONS = 5
_LEAST = 1e-6  # keeps log odds finite


class Reason(Result):
    """What one feature does to a prediction.

    Attributes:
        feature: its name.
        value: what it is; None where it is unknown.
        effect: log odds of a push that it adds to those with the usual value in its place.
    """

    feature: str
    value: float | str | None
    effect: float


class Prediction(Result):
    """What is expected of a graphlet.

    Attributes:
        probability: that its model will be pushed.
        threshold: under which it is to be stopped; None when nothing can be saved at this stage.
        stop: whether it is to be.
        reasons: the features with the largest effects, largest first.
    """

    probability: float
    threshold: float | None
    stop: bool
    reasons: tuple[Reason, ...]


def predict(model: WasteModel, stage: Stage, row: Mapping[str, float | str | None]) -> Prediction:
    """Predict whether the model of one graphlet will be pushed.

    Args:
        model: that was trained.
        stage: that the graphlet has reached.
        row: its features; those of later stages are not looked at, missing ones are unknown.

    Raises:
        WasteError: the model knows no such stage, or a value is not of its feature's kind.
    """
    asked = model.stages.get(stage)
    if asked is None:
        raise WasteError(f"the model has no answer at stage {stage}; train again")
    columns = model.encoder.until(stage)
    actual = model.encoder.row(stage, row)
    # One row as it is, and one for each feature with its usual value: a single call for all.
    rows = np.tile(actual, (len(columns) + 1, 1))
    usual = [column.code(column.usual) for column in columns]
    rows[np.arange(1, len(rows)), np.arange(len(columns))] = usual
    raw = asked.fitted.probabilities(rows)
    found = np.clip(raw, _LEAST, 1 - _LEAST)
    odds = np.log(found / (1 - found))
    effects = odds[0] - odds[1:]
    largest = np.argsort(-np.abs(effects), kind="stable")[:REASONS]
    reasons = tuple(
        Reason(
            feature=columns[place].feature.name,
            value=row.get(columns[place].feature.name),
            effect=float(effects[place]),
        )
        for place in largest.tolist()
        if effects[place]
    )
    probability = float(raw[0])
    return Prediction(
        probability=probability,
        threshold=asked.threshold,
        stop=asked.threshold is not None and probability < asked.threshold,
        reasons=reasons,
    )
