"""What all scripts of the workload do first: handwritten digits, made many, dirty, and clean again.

Every function is a step. With a recorder set (`lineage.recording`) a script skips what it, or any
other script, did before; without one these are plain functions.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from lineage import recorded

COLUMNS = [f"pixel_{number}" for number in range(64)]
TARGET = "digit"


@recorded(operator="ingestion", reuse=True)  # its parameters decide what it makes
def load(copies: int, seed: int) -> pd.DataFrame:
    """scikit-learn's digits, several times over with noise, and some values lost."""
    from sklearn.datasets import load_digits

    found = load_digits()
    random = np.random.default_rng(seed)
    pixels = np.tile(found.data, (copies, 1))
    pixels += random.normal(0, 1, pixels.shape)
    pixels[random.random(pixels.shape) < 0.02] = np.nan
    frame = pd.DataFrame(pixels, columns=COLUMNS)
    frame[TARGET] = np.tile(found.target, copies)
    return frame


@recorded(operator="transformation")
def clean(frame: pd.DataFrame, *, neighbours: int = 3) -> pd.DataFrame:
    """Lost values filled in from digits that look alike."""
    from sklearn.impute import KNNImputer

    filled = frame.copy()
    imputer = KNNImputer(n_neighbors=neighbours).fit(frame[COLUMNS].head(2_000))
    filled[COLUMNS] = imputer.transform(frame[COLUMNS])
    return filled


@recorded(operator="transformation")
def featurise(frame: pd.DataFrame, *, components: int = 16) -> pd.DataFrame:
    """Products of the main components, evenly spread."""
    from sklearn.decomposition import PCA
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import PolynomialFeatures, QuantileTransformer

    pipeline = make_pipeline(
        PCA(components, random_state=0),
        PolynomialFeatures(2, include_bias=False),
        QuantileTransformer(n_quantiles=200, random_state=0),
    )
    values = pipeline.fit_transform(frame[COLUMNS])
    features = pd.DataFrame(values, columns=[f"f{number}" for number in range(values.shape[1])])
    features[TARGET] = frame[TARGET]
    return features


@recorded(operator="analysis")
def relevance(features: pd.DataFrame, *, rows: int = 1_200) -> pd.Series:
    """How much each feature tells of the digit."""
    from sklearn.feature_selection import mutual_info_classif

    sample = features.sample(rows, random_state=0)
    inputs = sample.drop(columns=TARGET)
    told = mutual_info_classif(inputs, sample[TARGET], random_state=0)
    return pd.Series(told, index=inputs.columns, name="relevance")


@recorded(operator="transformation")
def select(features: pd.DataFrame, told: pd.Series, *, count: int) -> pd.DataFrame:
    """The features that tell most."""
    return features[[*told.nlargest(count).index, TARGET]]


@recorded(operator="transformation")
def split(frame: pd.DataFrame, *, share: float = 0.75, seed: int) -> tuple[Any, Any]:
    """Rows to train on and rows to test on."""
    order = np.random.default_rng(seed).permutation(len(frame))
    cut = int(len(frame) * share)
    return (
        frame.iloc[order[:cut]].reset_index(drop=True),
        frame.iloc[order[cut:]].reset_index(drop=True),
    )


@recorded(operator="evaluation")
def evaluate(model: Any, test: pd.DataFrame) -> dict[str, float]:
    """How often the model is right, and how sure it is when it is not."""
    inputs, target = test.drop(columns=TARGET), test[TARGET]
    said = model.predict(inputs)
    sure = model.predict_proba(inputs).max(axis=1)
    wrong = said != target
    return {
        "accuracy": float((~wrong).mean()),
        "sure_when_wrong": float(sure[wrong].mean()) if wrong.any() else 0.0,
    }


def prepared(copies: int, count: int = 60) -> Any:
    """Training and test rows, as every script wants them; nothing is read before it is needed."""
    features = featurise.later(clean.later(load.later(copies, seed=1)))
    chosen = select.later(features, relevance.later(features), count=count)
    return split.later(chosen, seed=2)
