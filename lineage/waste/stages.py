"""The stages of a graphlet at which one may ask whether its model will be pushed.

At each stage more is known and more has been spent, as in D. Xin et al., SIGMOD 2021, who predict
from ever more of a graphlet. What is known at a stage is what had happened by its time; the
features of a stage are its own and those of all stages before it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Stage(StrEnum):
    """When it is asked.

    Attributes:
        BEFORE: the run begins: what model it trains, and how models before it fared.
        DATA: spans are ingested and looked at.
        SHAPE: what is to be trained on is ready: all operators before the trainer, and the code.
        TRAINING: the trainer has ended.
        VALIDATION: the model was evaluated and validated; only deployment is left.
    """

    BEFORE = "before"
    DATA = "data"
    SHAPE = "shape"
    TRAINING = "training"
    VALIDATION = "validation"

    @property
    def rank(self) -> int:
        """Its place in the order, from 0."""
        return STAGES.index(self)


STAGES = tuple(Stage)
AFTER = len(STAGES)
"""Rank of what is spent when all stages are over: deployment, and use of the model."""


class Kind(StrEnum):
    """What a feature's values are: all are kept as float64, NaN where unknown."""

    NUMBER = "number"
    FLAG = "flag"
    CATEGORY = "category"


@dataclass(frozen=True, slots=True)
class Feature:
    """What a predictor may look at.

    Attributes:
        name: of its column.
        stage: from when on it is known.
        kind: of its values; a category's column is text.
        says: what it is, with its unit.
    """

    name: str
    stage: Stage
    kind: Kind
    says: str
