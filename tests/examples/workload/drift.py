"""Whether rows to train on and rows to test on can be told apart: they should not be."""

from __future__ import annotations

from typing import Any

import pandas as pd
from examples.workload.forest import train_forest
from examples.workload.preparation import TARGET, evaluate, prepared

from lineage import recorded


@recorded(operator="transformation")
def labelled(train: pd.DataFrame, test: pd.DataFrame) -> pd.DataFrame:
    both = pd.concat([train.assign(**{TARGET: 0}), test.assign(**{TARGET: 1})])
    return both.sample(frac=0.5, random_state=0, ignore_index=True)


@recorded(operator="transformation")
def halves(frame: pd.DataFrame) -> tuple[Any, Any]:
    return frame[::2].reset_index(drop=True), frame[1::2].reset_index(drop=True)


def main(copies: int) -> dict[str, float]:
    train, test = prepared(copies)
    known, unknown = halves.later(labelled.later(train, test))
    model = train_forest.later(known, trees=20, seed=0)
    return evaluate.later(model, unknown).value()
