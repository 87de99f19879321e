"""The family of a model, told by the properties of its training."""

from __future__ import annotations

from typing import Any

import pytest

from lineage import Settings
from lineage.load.rows import Rows, family_of
from lineage.records import Execution, OperatorClass

NAMES = Settings().family_properties


@pytest.mark.parametrize(
    ("properties", "family"),
    [
        ({"estimator": "LinearSVC", "model_type": "svm"}, "svm"),
        ({"model_type": "  ", "estimator": " Ridge "}, "Ridge"),
        ({"model_family": None, "model_type": ["a"], "estimator": 7}, "7"),
        ({"model_family": True}, None),
        ({"family": "dnn"}, None),
        ({}, None),
        ({"model_family": "\ud800"}, "\\ud800"),
    ],
)
def test_the_first_property_that_names_one_counts(
    properties: dict[str, Any], family: str | None
) -> None:
    assert family_of(properties, NAMES) == family


def test_a_long_name_is_cut() -> None:
    assert len(family_of({"model_type": "x" * 5000}, NAMES) or "") <= 200


def test_only_trainings_have_one() -> None:
    def stored(operator: OperatorClass, settings: Settings) -> Any:
        record = Execution(id="e", type="T", operator=operator, properties={"model_family": "dnn"})
        row = Rows("s", settings.naming(), settings).node(record).row
        return row["properties"].get("family")

    assert stored(OperatorClass.TRAINING, Settings()) == "dnn"
    assert stored(OperatorClass.TUNING, Settings()) is None
    assert stored(OperatorClass.TRAINING, Settings(family_properties=("kind",))) is None


def test_other_properties_derive_anew() -> None:
    assert Settings(family_properties=("kind",)).derivation() != Settings().derivation()
