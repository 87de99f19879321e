"""A forest of the digits."""

from __future__ import annotations

from typing import Any

import pandas as pd  # noqa: TC002 (a step is looked at with its types)
from examples.workload.preparation import TARGET, evaluate, prepared

from lineage import recorded


@recorded(operator="training", seed="seed", ignore=("jobs",))
def train_forest(train: pd.DataFrame, *, trees: int, seed: int, jobs: int = 1) -> Any:
    from sklearn.ensemble import RandomForestClassifier

    model = RandomForestClassifier(trees, random_state=seed, n_jobs=jobs)
    return model.fit(train.drop(columns=TARGET), train[TARGET])


def main(copies: int) -> dict[str, float]:
    train, test = prepared(copies)
    model = train_forest.later(train, trees=60, seed=0)
    return evaluate.later(model, test).value()
