"""Predictors of pushes: forest, boosting, logistic regression, and two plain rules.

Classes may be as uneven as 1 to 1,000. No class is given more weight in training, as that would
spoil the probabilities; the threshold is chosen on data that was held out, instead.
"""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, partial
from typing import TYPE_CHECKING, Any

import numpy as np

from lineage.errors import MissingExtraError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from numpy.typing import NDArray

    from lineage.waste.encode import Column, Matrix
    from lineage.waste.labels import Labels
    from lineage.waste.table import FeatureTable


class Family(StrEnum):
    """What predicts.

    Attributes:
        FOREST: random forest (Breiman 2001).
        BOOSTING: gradient boosting over histograms.
        LINEAR: logistic regression.
        ALWAYS: the rule that every model is pushed; it never stops one.
        LAST: the rule that a model fares as the last of its line did whose fate is known.
    """

    FOREST = "forest"
    BOOSTING = "boosting"
    LINEAR = "linear"
    ALWAYS = "always"
    LAST = "last"


MODELS = (Family.FOREST, Family.BOOSTING, Family.LINEAR)
RULES = (Family.ALWAYS, Family.LAST)

TREES = 100
ROUNDS, LEAVES = 100, 15
MANY, MORE_ROUNDS, MORE_LEAVES, COLUMNS = 100_000, 300, 31, 0.5
"""Rows from which on boosting takes more and larger trees, and half the features at each split:
with fewer rows they learn noise."""
TREE_ROWS = 15_000
"""Rows that each tree of a forest draws: more cost time and change little."""
LEAF = 20
"""Graphlets in each leaf of a forest at least; fewer where there are few in all."""
LARGEST = {Family.FOREST: 60_000, Family.BOOSTING: 200_000, Family.LINEAR: 40_000}
"""Rows that a model is trained on, if there are more: each takes some ten seconds for fifty
features, and would take minutes."""
CHUNK = 50_000
"""Rows that are predicted at once, so that memory stays bounded."""
_QUANTILES = 200


@dataclass(frozen=True, eq=False)
class Fitted:
    """A model that was trained for one stage.

    Attributes:
        family: which.
        rate: share of pushed graphlets in training; the prediction where there is no estimator,
            because the labels or the features were all the same.
        estimator: of scikit-learn.
    """

    family: Family
    rate: float
    estimator: Any

    def probabilities(self, matrix: Matrix) -> NDArray[np.float64]:
        """(n,) that each row is pushed."""
        if self.estimator is None:
            return np.full(len(matrix), self.rate)
        if self.family is Family.FOREST:
            # For a few rows, starting threads takes longer than to predict them.
            self.estimator.set_params(n_jobs=2 if len(matrix) > 5_000 else 1)
        starts = range(0, len(matrix), CHUNK)
        with one_thread():
            parts = [
                self.estimator.predict_proba(matrix[start : start + CHUNK])[:, 1]
                for start in starts
            ]
        return np.clip(np.concatenate(parts), 0.0, 1.0) if parts else np.empty(0)


def fit(
    family: Family,
    columns: tuple[Column, ...],
    matrix: Matrix,
    pushed: NDArray[np.bool_],
    seed: int = 0,
) -> Fitted:
    """Train a model of one of `MODELS`.

    Args:
        family: which.
        columns: what the matrix holds.
        matrix: (n, k) encoded features, NaN where unknown.
        pushed: (n,) labels.
        seed: of random choices.

    Raises:
        MissingExtraError: scikit-learn is not installed.
    """
    rate = float(pushed.mean()) if len(pushed) else 0.5
    varies = matrix.shape[1] and not (_same(matrix[0], matrix)).all()
    if not varies or rate in {0.0, 1.0}:
        return Fitted(family, rate, None)
    made: dict[Family, Callable[[int, int], Any]] = {
        Family.FOREST: _forest,
        Family.BOOSTING: _boosting,
        Family.LINEAR: partial(_linear, columns),
    }
    rows = _sample(pushed, LARGEST[family], seed)
    need_sklearn()
    estimator = made[family](len(rows), seed)
    with one_thread():
        estimator.fit(_filled(matrix[rows]), pushed[rows])
    return Fitted(family, rate, estimator)


@contextmanager
def quiet() -> Iterator[None]:
    """Around all training, as threads cannot have warnings of their own: not a word of it.

    Columns that are unknown throughout, and an optimum that is not reached to the last digit, are
    no reason to bother anyone.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def need_sklearn() -> Any:
    """The library that models are made with.

    Raises:
        MissingExtraError: scikit-learn is not installed.
    """
    try:
        import sklearn
    except ImportError:
        raise MissingExtraError(
            "predicting pushes needs scikit-learn, which is not installed; "
            "pip install 'lineage-graphlets[waste]'"
        ) from None
    return sklearn


def versions() -> dict[str, str]:
    """Versions of the libraries that models are made with.

    Raises:
        MissingExtraError: scikit-learn is not installed.
    """
    return {"scikit-learn": need_sklearn().__version__, "numpy": np.__version__}


def _filled(matrix: Matrix) -> Matrix:
    """Columns that are unknown throughout are constant instead: boosting fails on them."""
    return np.where(np.isnan(matrix).all(axis=0), np.float32(0), matrix)


def one_thread() -> AbstractContextManager[Any]:
    """Keep OpenMP to one thread.

    Threads of gradient boosting wait for each other after every leaf, busily: on a machine that
    has other work, two take ten times as long as one.
    """
    return _threads().limit(limits=1, user_api="openmp")  # type: ignore[no-any-return]


@cache
def _threads() -> Any:
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()  # looks for libraries, which takes milliseconds


def _same(first: Matrix, matrix: Matrix) -> NDArray[np.bool_]:
    same: NDArray[np.bool_] = (matrix == first) | (np.isnan(matrix) & np.isnan(first))
    return same


def _sample(pushed: NDArray[np.bool_], limit: int, seed: int) -> NDArray[np.int64]:
    """Rows to train on: all, or a random part that has as large a share of the pushed."""
    if len(pushed) <= limit:
        return np.arange(len(pushed))
    rng = np.random.default_rng(seed)
    chosen = []
    for value in (True, False):
        rows = np.flatnonzero(pushed == value)
        # Rare classes must not get lost: of each at least a few hundred, where there are.
        count = min(len(rows), max(round(limit * len(rows) / len(pushed)), 200))
        chosen.append(rng.choice(rows, count, replace=False))
    return np.sort(np.concatenate(chosen))


def _forest(count: int, seed: int) -> Any:
    from sklearn.ensemble import RandomForestClassifier

    return RandomForestClassifier(
        TREES,
        min_samples_leaf=max(5, min(LEAF, count // 100)),
        max_samples=TREE_ROWS if count > TREE_ROWS else None,
        n_jobs=2,
        random_state=seed,
    )


def _boosting(count: int, seed: int) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier

    # Stopping early would hold out graphlets of the same pipelines, which are too much alike.
    return HistGradientBoostingClassifier(
        max_iter=MORE_ROUNDS if count >= MANY else ROUNDS,
        learning_rate=0.08,
        max_leaf_nodes=MORE_LEAVES if count >= MANY else LEAVES,
        max_features=COLUMNS if count >= MANY else 1.0,
        min_samples_leaf=max(8, min(40, count // 50)),
        l2_regularization=5.0,
        early_stopping=False,
        random_state=seed,
    )


def _linear(columns: tuple[Column, ...], count: int, seed: int) -> Any:
    """Words one by one; numbers by their rank, as costs and sizes have long tails."""
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, QuantileTransformer, StandardScaler

    numbers = [place for place, column in enumerate(columns) if not column.words]
    words = [place for place, column in enumerate(columns) if column.words]
    ranks = make_pipeline(
        QuantileTransformer(
            n_quantiles=min(_QUANTILES, count), subsample=20_000, random_state=seed
        ),
        SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True),
        StandardScaler(),
    )
    one_hot = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    return make_pipeline(
        ColumnTransformer([("numbers", ranks, numbers), ("words", one_hot, words)]),
        LogisticRegression(C=0.3, max_iter=300),
    )


def always(count: int) -> NDArray[np.float64]:
    """(n,) probabilities of the rule that every model is pushed."""
    return np.ones(count)


def last(table: FeatureTable, labels: Labels, stage: int, rate: float) -> NDArray[np.float64]:
    """(n,) probabilities of the rule that a model fares as the last one of its line did.

    The last one is that which started last, of the others whose fate was known when it is asked.

    Args:
        table: the graphlets.
        labels: their labels, with the time when they could first be known.
        stage: rank of the stage at which it is asked.
        rate: share of pushed ones, the answer where there is none before.
    """
    count = len(table)
    order = np.lexsort((np.arange(count), table.lines))  # by line, then by start
    asked = np.minimum(table.reached[:, stage], np.nextafter(labels.seen_at, -np.inf))
    times = np.concatenate((labels.seen_at[order], asked[order]))
    # What was seen at the very moment of asking counts, so it comes first.
    later = np.repeat((0, 1), count)
    place = np.tile(np.arange(count), 2)
    merged = np.lexsort((later, times, np.tile(table.lines[order], 2)))
    seen = np.where((later == 0) & np.isfinite(times), place, -1)[merged]
    newest = np.maximum.accumulate(seen) if count else seen
    question = later[merged] == 1
    answers = np.empty(count, np.int64)
    answers[place[merged][question]] = newest[question]
    lines = table.lines[order]
    usable = (answers >= 0) & (lines[answers] == lines)
    result = np.full(count, rate)
    result[order] = np.where(usable, table.pushed[order][answers], rate)
    return result
