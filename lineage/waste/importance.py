"""What each feature is worth to a model: what is lost when it is shuffled.

L. Breiman, *Random Forests*, Machine Learning 45(1), 2001; here on a test part.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lineage.waste.evaluate import auc, balanced
from lineage.waste.models import Family
from lineage.waste.results import Importance

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lineage.waste.encode import Column, Matrix
    from lineage.waste.models import Fitted
    from lineage.waste.stages import Stage

ROWS = 8_000
FOREST_ROWS = 4_000
"""Forests answer an order of magnitude slower."""
REPEATS = 5
"""Of a small test part, to even out the luck of the shuffle."""


def importances(
    stage: Stage,
    fitted: Fitted,
    columns: tuple[Column, ...],
    matrix: Matrix,
    *,
    pushed: NDArray[np.bool_],
    threshold: float,
    seed: int = 0,
) -> tuple[Importance, ...]:
    """Permutation importance of every feature, the most important first.

    Args:
        stage: at which the model is asked.
        fitted: the model.
        columns: what the matrix holds.
        matrix: (n, k) of the test part; a sample is drawn from it.
        pushed: (n,) labels.
        threshold: with the best balanced accuracy.
        seed: of random choices.
    """
    if fitted.estimator is None or pushed.all() or not pushed.any():
        return ()
    rng = np.random.default_rng(seed)
    limit = FOREST_ROWS if fitted.family is Family.FOREST else ROWS
    if len(matrix) > limit:
        rows = rng.choice(len(matrix), limit, replace=False)
        matrix, pushed = matrix[rows], pushed[rows]
    repeats = max(1, min(REPEATS, limit // max(len(matrix), 1)))
    scores = fitted.probabilities(matrix)
    whole = (balanced(scores, pushed, threshold), auc(scores, pushed) or 0.5)
    found = []
    for place, column in enumerate(columns):
        drops = np.zeros(2)
        for _ in range(repeats):
            shuffled = matrix.copy()
            rng.shuffle(shuffled[:, place])
            if np.array_equal(shuffled[:, place], matrix[:, place], equal_nan=True):
                continue
            scores = fitted.probabilities(shuffled)
            drops += (
                whole[0] - balanced(scores, pushed, threshold),
                whole[1] - (auc(scores, pushed) or 0.5),
            )
        drop, area = (drops / repeats).tolist()
        found.append(
            Importance(stage=stage, feature=column.feature.name, balanced_accuracy=drop, auc=area)
        )
    return tuple(sorted(found, key=lambda one: (-one.auc, one.feature)))
