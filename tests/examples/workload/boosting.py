"""Boosted trees of the digits, on fewer features."""

from __future__ import annotations

from typing import Any

import pandas as pd  # noqa: TC002 (a step is looked at with its types)
from examples.workload.preparation import TARGET, evaluate, prepared

from lineage import recorded


@recorded(operator="training", seed="seed")
def train_boosting(train: pd.DataFrame, *, rounds: int, seed: int) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier

    model = HistGradientBoostingClassifier(max_iter=rounds, random_state=seed)
    return model.fit(train.drop(columns=TARGET), train[TARGET])


def main(copies: int) -> dict[str, float]:
    train, test = prepared(copies, count=20)
    model = train_boosting.later(train, rounds=20, seed=0)
    return evaluate.later(model, test).value()
