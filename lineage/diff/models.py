"""The diff of two graphlets, `a` and `b`: what `b` has more is added, what it lacks removed."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003  pydantic reads it
from typing import TYPE_CHECKING, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict

from lineage.analyses.rows import Row, frame
from lineage.diff.values import Change  # noqa: TC001  pydantic reads it
from lineage.safe import json_text
from lineage.show import Branch  # noqa: TC001  pydantic reads it

if TYPE_CHECKING:
    import pandas as pd

Where: TypeAlias = Literal["both", "a", "b"]


class Side(Row):
    """One of the two graphlets.

    Attributes:
        key: its key.
        name: for people.
        source: the store it came from.
        simulated: a simulation made it up.
        pipeline: of its trainer.
        node: its trainer's.
        family: of its model, where known.
        started: the trainer's start.
        duration: seconds from the first start to the last end in it; None where one is unknown.
        state: `open` while something in it runs, else `complete`.
        pushed: whether the model was deployed.
        cost: of all its executions, in `cost_unit`.
        cost_unit: the trainer's.
        executions: how many.
        artifacts: how many.
    """

    key: str
    name: str
    source: str | None
    simulated: bool
    pipeline: str | None
    node: str | None
    family: str | None
    started: datetime | None
    duration: float | None
    state: str | None
    pushed: bool | None
    cost: float | None
    cost_unit: str | None
    executions: int
    artifacts: int


class SpanDiff(Row):
    """The spans that the models were trained on.

    Attributes:
        jaccard: spans of both over spans of either, as on NEXT; 1 where neither has any.
        shared: spans of both, the first of them listed, as of the two other branches.
        added: spans of `b` only.
        removed: spans of `a` only.
    """

    jaccard: float
    shared: Branch
    added: Branch
    removed: Branch


class FeatureDiff(Row):
    """One feature of the newest spans.

    Attributes:
        feature: its name.
        kind: `numeric` or `categorical`.
        where: which of the two has it and knows its distribution.
        divergence: Jensen-Shannon, in bits, 0 to 1, where both do.
        agreeing: share of the locality-sensitive hashes that agree, where both do.
    """

    feature: str
    kind: str
    where: Where
    divergence: float | None
    agreeing: float | None


class DataDiff(Row):
    """The newest span of each.

    Attributes:
        a: its key; None without spans.
        b: likewise.
        is_same: one span, or one digest; None where one has no span.
        similarity: 1 where it is the same, else the mean of `agreeing`, 0 for a feature of one
            only, as in the report's section `similarity`; None where features are unknown.
        features: where it is not the same, the most different first.
    """

    a: str | None
    b: str | None
    is_same: bool | None
    similarity: float | None
    features: tuple[FeatureDiff, ...]


class Fact(Row):
    """What an evaluation, blessing or deployment says of one or both models.

    Attributes:
        type: native type of the artifact that says it.
        name: of the number or truth value.
        a: of the first model; None where nothing is said.
        b: of the second.
    """

    type: str
    name: str
    a: bool | int | float | None
    b: bool | int | float | None


class NodeSide(Row):
    """What ran of one node in one graphlet.

    Attributes:
        node: its name.
        type: native type of its newest execution.
        operator: its operator class.
        executions: how many.
        states: how many in each state.
        code: code version of the newest execution, None where unknown.
        codes: how many different ones are known.
        costs: by unit, of the executions whose cost is known.
    """

    node: str
    type: str | None
    operator: str
    executions: int
    states: dict[str, int]
    code: str | None
    codes: int
    costs: dict[str, float]


class NodeDiff(Row):
    """One node; matched by name, else by type where only one on each side is left.

    Attributes:
        node: its name, the second one's where they differ.
        where: which of the graphlets it is in.
        a: what ran in the first.
        b: what ran in the second.
        code_changed: of the newest executions; None where it is not known of both.
        parameters: of the newest executions, where they differ and both are there.
    """

    node: str
    where: Where
    a: NodeSide | None
    b: NodeSide | None
    code_changed: bool | None
    parameters: tuple[Change, ...]


class GraphletDiff(BaseModel):
    """What is different between two graphlets."""

    model_config = ConfigDict(frozen=True, ser_json_inf_nan="strings")

    a: Side
    b: Side
    outcome: tuple[Fact, ...]
    spans: SpanDiff
    data: DataDiff
    nodes: tuple[NodeDiff, ...]

    def to_json(self) -> str:
        """As JSON, safe to print in a terminal."""
        return json_text(self.model_dump_json(indent=2, by_alias=True))

    def text(self, width: int = 80, *, color: bool = False) -> str:
        """As text for a terminal of this width."""
        from lineage.diff.text import tree
        from lineage.drawing import drawn

        return drawn(tree(self), width, color=color)

    def to_pandas(self) -> pd.DataFrame:
        """A data frame with a row for each node.

        Raises:
            MissingExtraError: pandas is not installed.
        """
        return frame(self.nodes)

    def _repr_html_(self) -> str:
        from lineage.drawing import html_text_lines

        return f"<pre>{html_text_lines(self.text(width=120))}</pre>"
