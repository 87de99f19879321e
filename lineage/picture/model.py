"""A picture of a graphlet: nodes, edges and what is known of them. Every writer draws this."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from lineage.records import EventKind
from lineage.report import units
from lineage.report.units import NOTHING
from lineage.safe import visible

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

Form: TypeAlias = Literal["svg", "html", "mermaid", "dot"]

OUTSIDE = frozenset({"boundary", "outside"})
"""Roles of what a graphlet reads but does not hold, or holds without entering."""

_WELL = frozenset({None, "COMPLETE", "LIVE", "PUBLISHED", "UNKNOWN", "CACHED"})
_NO_XML = re.compile("[\ufdd0-\ufdef\ufffe\uffff]")
_MOST = 400  # characters of a value that a reader can take in


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """An execution or an artifact, or several that were folded into one.

    Attributes:
        key: its key in the graph; of several, the first one's.
        kind: `execution` or `artifact`.
        class_: class of the operator or of the artifact.
        type: native type.
        name: for people; of several, what they have in common.
        role: trainer, boundary, ancestor, descendant, analysis, or `outside`: read by a member,
            but no member itself.
        span: the model was trained on it.
        state: as the source says.
        cost: of all of them that are known, in `cost_unit`.
        holders: how many graphlets hold it: the least and the most of them.
        started: when it did, or when its record was made; of several the first.
        ended: when it did; of several the last.
        count: how many nodes it stands for.
        details: labels and texts, for whoever asks more; not yet made safe.
    """

    key: str
    kind: str
    class_: str
    type: str | None
    name: str
    role: str
    span: bool = False
    state: str | None = None
    cost: float | None = None
    cost_unit: str | None = None
    holders: tuple[int, int] = (0, 0)
    started: datetime | None = None
    ended: datetime | None = None
    count: int = 1
    details: tuple[tuple[str, str], ...] = ()

    @property
    def inside(self) -> bool:
        """Whether the graphlet holds it, its boundary not counted."""
        return self.role not in OUTSIDE

    @property
    def running(self) -> bool:
        """Whether its source says that it still runs."""
        return self.kind == "execution" and self.state == "RUNNING"

    @property
    def failed(self) -> bool:
        """Whether it is an execution that ended otherwise than it should."""
        return self.kind == "execution" and not self.running and self.state not in _WELL

    @property
    def title(self) -> str:
        """Its name, before it how many they are."""
        return f"{self.count:,} \u00d7 {self.name}" if self.count > 1 else self.name

    @property
    def shared(self) -> str | None:
        """How many graphlets hold it, where it is more than one: `35` or `1-35`."""
        least, most = self.holders
        if most <= 1:
            return None
        return f"{most:,}" if least == most else f"{least:,}-{most:,}"

    def summary(self) -> str:
        """Class, state and cost, in a few words."""
        said = ["span" if self.span else self.class_]
        if self.failed or self.running:
            said.append(str(self.state).lower())
        if self.cost is not None:
            said.append(units.cost(self.cost, self.cost_unit))
        return " · ".join(said)

    def lines(self) -> Iterator[str]:
        """All that is known of it, a line each, visible, none of them too long."""
        yield cut(self.title)
        yield cut(f"{self.kind}, {self.summary()}")
        if self.shared:
            yield f"shared by {self.shared} graphlets"
        for label, value in self.details:
            yield f"{cut(label, 60)}: {cut(value)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """Data that flows from a node to another.

    Attributes:
        start: place of the node that the data comes from, in the picture's `nodes`.
        end: place of the node that it goes to.
        type: of the relationship, such as `INPUT`.
        names: roles and indexes, such as `examples[0]`.
        count: how many relationships it stands for.
    """

    start: int
    end: int
    type: str
    names: tuple[str, ...] = ()
    count: int = 1

    @property
    def main(self) -> bool:
        """Whether it makes the graphlet: what is only compared with or hinted at does not."""
        return self.type in (EventKind.INPUT, EventKind.OUTPUT)

    def line(self) -> str:
        """What it is, in a line."""
        count = f"{self.count:,} \u00d7 " if self.count > 1 else ""
        names = f" ({cut(', '.join(self.names), 120)})" if self.names else ""
        return f"{count}{self.type}{names}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A graphlet as it is drawn.

    Attributes:
        key: the graphlet's key.
        name: the graphlet's name.
        source: the store it came from.
        simulated: a simulation made it up.
        state: `open` or `complete`.
        pushed: whether the model was deployed.
        started: the trainer's start.
        cost: of all executions in it, in `cost_unit`.
        nodes: members, boundary, and what members read from outside; folded where `depth` is given.
        edges: between `nodes`, by their places.
        members: how many nodes there are without folding.
        depth: how far around nodes was looked when they were folded, see `lineage.picture.fold`;
            None when none were.
        settled: looking farther would have told no more of them apart.
    """

    key: str
    name: str
    source: str | None
    simulated: bool
    state: str | None
    pushed: bool
    started: datetime | None
    cost: float | None
    cost_unit: str | None
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    members: int
    depth: int | None = None
    settled: bool = False

    @property
    def title(self) -> str:
        """Its heading, visible."""
        return cut(self.name, 120)

    def subtitle(self) -> str:
        """What the model came to, in a line."""
        said = ["open" if self.state == "open" else "pushed" if self.pushed else "not pushed"]
        if self.started:
            said.append(f"trained {units.moment(self.started)}")
        said.append(
            "cost " + (NOTHING if self.cost is None else units.cost(self.cost, self.cost_unit))
        )
        said.append(f"{self.members:,} executions and artifacts")
        if self.simulated:
            said.append("simulated data")
        return cut(" · ".join(said), 160)

    def folding(self) -> str | None:
        """What was folded, in a line; None when every node is there."""
        if self.depth is None:
            return None
        folded = [node for node in self.nodes if node.count > 1]
        told = sum(node.count for node in folded)
        near = {-1: "of one class and role", 0: "of one type and role"}
        alike = near.get(self.depth, f"alike {self.depth} steps around")
        return (
            f"folded: {told:,} nodes that are {'alike' if self.settled else alike} are drawn as "
            f"{len(folded):,}; costs are their sums"
        )

    def write(self, form: Form) -> str:
        """In one of the forms.

        Raises:
            PictureError: it has more nodes than can be laid out.
        """
        return {"svg": self.svg, "html": self.html, "mermaid": self.mermaid, "dot": self.dot}[
            form
        ]()

    def svg(self) -> str:
        """As an SVG image that needs nothing else.

        Raises:
            PictureError: it has more nodes than can be laid out.
        """
        from lineage.picture.svg import svg

        return svg(self)

    def html(self) -> str:
        """As a page that needs nothing else: to zoom, to search, and to follow what came of what.

        Raises:
            PictureError: it has more nodes than can be laid out.
        """
        from lineage.picture.page import page

        return page(self.title, self.svg())

    def mermaid(self) -> str:
        """As a flowchart for Mermaid."""
        from lineage.picture.text import mermaid

        return mermaid(self)

    def dot(self) -> str:
        """As a graph for Graphviz."""
        from lineage.picture.text import dot

        return dot(self)

    def _repr_svg_(self) -> str:
        return self.svg()


def plain(text: str) -> str:
    """Text made visible, and fit for XML, which has no way to write some signs."""
    return visible(_NO_XML.sub("\ufffd", text))


def cut(text: str, most: int = _MOST) -> str:
    """Text made visible, its end left out where it is too long."""
    # What is left out need not be looked at, however long it is.
    shown = plain(text[: most + 1])
    return shown if len(shown) <= most else f"{shown[: most - 1]}\u2026"
