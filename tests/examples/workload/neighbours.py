"""The nearest digits."""

from __future__ import annotations

from typing import Any

import pandas as pd  # noqa: TC002 (a step is looked at with its types)
from examples.workload.preparation import TARGET, evaluate, prepared

from lineage import recorded


@recorded(operator="training", seed="seed")
def train_neighbours(train: pd.DataFrame, *, neighbours: int, seed: int = 0) -> Any:
    from sklearn.neighbors import KNeighborsClassifier

    model = KNeighborsClassifier(neighbours)
    return model.fit(train.drop(columns=TARGET), train[TARGET])


def main(copies: int) -> dict[str, float]:
    train, test = prepared(copies)
    model = train_neighbours.later(train, neighbours=5)
    return evaluate.later(model, test).value()
