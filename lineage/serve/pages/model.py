"""What is on the pages; the JSON of a page is its model as it is."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003  (pydantic reads it)
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from lineage.analyses.rows import Row
from lineage.find import Kind
from lineage.show import Item

__all__ = [
    "Count", "Found", "Image", "Link", "Listed", "NodePage", "PipelineRow", "Pipelines",
    "Prediction", "Problem", "SourceRow", "Start", "Step", "TrainerNode", "Walk", "Waste",
]  # fmt: skip

Way = Literal["upstream", "downstream"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Listed(_Part):
    """Items that are the same to a node, or some of them.

    Attributes:
        title: what they are to it.
        items: those that are listed.
        total: how many there are; None where they were not counted.
        more: whether there are more than are listed here and on the pages before.
        earlier: address of the page before; None where there is none.
        later: address of the next page; None where there is none, or where it is not paged.
    """

    title: str
    items: tuple[Item, ...]
    total: int | None = None
    more: bool = False
    earlier: str | None = None
    later: str | None = None


class Step(_Part):
    """A node on the way up or down from another.

    Attributes:
        item: the node.
        parent: key of the node that it was reached from first.
        depth: steps from the beginning.
        more: neighbours of it that were left out.
    """

    item: Item
    parent: str
    depth: int
    more: int = 0


class Walk(_Part):
    """What a node was made from, or what was made of it.

    Attributes:
        way: which of these.
        depth: steps at most.
        steps: the nodes, each once, those that are near first.
        more: neighbours of the first node that were left out.
        cut: whether anything was left out.
    """

    way: Way
    depth: int
    steps: tuple[Step, ...]
    more: int = 0
    cut: bool = False


class Image(_Part):
    """An image that is loaded by itself.

    Attributes:
        address: of the image.
        says: what is on it.
        page: address of the same to zoom and search; None where there is none.
    """

    address: str
    says: str
    page: str | None = None


class Link(_Part):
    """A link to another page."""

    address: str
    says: str


class TrainerNode(Row):
    """A trainer node of a pipeline; `pages/pipeline_nodes` says what fields mean."""

    node: str | None
    models: int
    pushed: int
    running: int
    cost: float
    unpushed: float
    cost_unit: str | None


class Waste(Row):
    """What was spent in vain lately; `pages/pipeline_waste` says what fields mean."""

    models: int
    unpushed: int
    wasted: float
    cost_unit: str
    whole: bool


class NodePage(_Part):
    """A pipeline, run, graphlet, execution or artifact, and what is around it.

    Attributes:
        kind: which of these.
        key: its key.
        name: for people.
        source: the store it came from.
        simulated: a simulation made it up.
        properties: what the graph knows of it.
        images: of it.
        nodes: trainer nodes, of a pipeline.
        waste: of a pipeline, by unit of cost.
        lists: what is around it.
        walks: up and down the data flow, of an execution or artifact.
        links: to more.
    """

    kind: Kind
    key: str
    name: str
    source: str | None
    simulated: bool
    properties: dict[str, Any]
    images: tuple[Image, ...] = ()
    nodes: tuple[TrainerNode, ...] = ()
    waste: tuple[Waste, ...] = ()
    lists: tuple[Listed, ...] = ()
    walks: tuple[Walk, ...] = ()
    links: tuple[Link, ...] = ()


class Count(Row):
    """How many of a kind there are."""

    what: str
    count: int


class SourceRow(Row):
    """A source that was loaded; `pages/loads` says what fields mean."""

    name: str
    status: str | None
    started: datetime | None


class Start(_Part):
    """What there is.

    Attributes:
        counts: nodes by kind.
        sources: the stores that were loaded, the first of them.
    """

    counts: tuple[Count, ...]
    sources: tuple[SourceRow, ...]


class PipelineRow(Row):
    """A pipeline; `pages/pipelines` says what fields mean."""

    kind: Literal["pipeline"]
    key: str
    name: str | None
    source: str | None
    runs: int
    models: int
    pushed: int
    last: datetime | None


class Pipelines(_Part):
    """A page of the pipelines.

    Attributes:
        pipelines: in the order of their keys.
        most: models of each that are counted; there may be more.
        later: address of the next page; None where there is none.
    """

    pipelines: tuple[PipelineRow, ...]
    most: int
    later: str | None = None


class Found(_Part):
    """What a text may mean.

    Attributes:
        wanted: the text.
        items: best first.
        more: whether there may be more.
    """

    wanted: str
    items: tuple[Item, ...]
    more: bool = False


class Prediction(_Part):
    """Whether the model of a graphlet will be pushed.

    Attributes:
        key: of the graphlet.
        prediction: as `lineage waste predict` gives it.
    """

    key: str
    prediction: dict[str, Any]


class Problem(_Part):
    """Why there is no page."""

    status: int
    title: str
    detail: str
