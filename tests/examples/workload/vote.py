"""The forest and the linear model of the other scripts together, a third time."""

from __future__ import annotations

from typing import Any

import pandas as pd  # noqa: TC002 (a step is looked at with its types)
from examples.workload.forest import train_forest
from examples.workload.linear import train_linear
from examples.workload.preparation import TARGET, prepared

from lineage import recorded


@recorded(operator="evaluation")
def vote(models: list[Any], test: pd.DataFrame) -> dict[str, float]:
    inputs, target = test.drop(columns=TARGET), test[TARGET]
    shares = sum(model.predict_proba(inputs) for model in models)
    said = models[0].classes_[shares.argmax(axis=1)]
    return {"accuracy": float((said == target).mean())}


def main(copies: int) -> dict[str, float]:
    train, test = prepared(copies)
    models = [
        train_forest.later(train, trees=60, seed=0, jobs=2),
        train_linear.later(train, shrinkage=0.01),
    ]
    return vote.later(models, test).value()
