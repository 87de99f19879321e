"""A linear model of the digits."""

from __future__ import annotations

from typing import Any

import pandas as pd  # noqa: TC002 (a step is looked at with its types)
from examples.workload.preparation import TARGET, evaluate, prepared

from lineage import recorded


@recorded(operator="training", seed="seed")
def train_linear(train: pd.DataFrame, *, shrinkage: float, seed: int = 0) -> Any:
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

    model = LinearDiscriminantAnalysis(solver="eigen", shrinkage=shrinkage)
    return model.fit(train.drop(columns=TARGET), train[TARGET])


def main(copies: int) -> dict[str, float]:
    train, test = prepared(copies)
    best = {}
    for shrinkage in (0.01, 0.1):
        model = train_linear.later(train, shrinkage=shrinkage)
        found = evaluate.later(model, test).value()
        best = max(best, found, key=lambda one: one.get("accuracy", 0.0))
    return best
