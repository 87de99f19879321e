"""One node and what is around it: a graphlet, an execution, an artifact, a pipeline or a run."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, get_args

from pydantic import BaseModel, ConfigDict, Field

from lineage.analyses.rows import Row, fetch
from lineage.analyses.simulated import is_simulated
from lineage.compare import compare_all, equivalents
from lineage.drawing import drawn, html_text_lines
from lineage.facts import facts
from lineage.find import QUERIES as FIND_QUERIES
from lineage.find import Kind, find, joined_by
from lineage.report import units
from lineage.safe import json_text, visible
from lineage.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.tree import Tree

    from lineage.compare import Comparison
    from lineage.graph import Graph

_JOINED = "joined because"
NEAR = 3  # executions that one is compared with


class Node(Row):
    """All properties of a node."""

    properties: dict[str, Any]


class Item(BaseModel):
    """A node in a branch, and what is known of it there."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    kind: str
    key: str | None
    name: str | None
    role: str | None = None
    class_: str | None = Field(None, alias="class")
    state: str | None = None
    started: datetime | None = None
    cost: float | None = None
    cost_unit: str | None = None
    holders: int | None = None
    span: bool | None = None
    pushed: bool | None = None
    jaccard: float | None = None
    why: str | None = None
    uri: str | None = None
    models: int | None = None
    models_pushed: int | None = None
    executions: int | None = None

    def details(self) -> Iterator[str]:
        """What is known, for people."""
        yield from (text for text in (self.role, self.class_, self.state) if text)
        if self.span:
            yield "span"
        if self.started:
            yield units.moment(self.started)
        if self.cost is not None:
            yield units.cost(self.cost, self.cost_unit)
        if self.pushed is not None:
            yield "pushed" if self.pushed else "not pushed"
        if self.jaccard is not None:
            yield f"{self.jaccard:.2f} of the spans in common"
        if self.holders is not None and self.holders > 1:
            yield f"shared by {self.holders:,} graphlets"
        if self.models is not None:
            yield f"{self.models:,} models, {self.models_pushed or 0:,} pushed"
        if self.executions is not None:
            yield f"{self.executions:,} executions"
        if self.why:
            yield self.why


class Branch(Row):
    """Items that are the same to the node; more of them may be there than are listed."""

    branch: str
    total: int
    items: tuple[Item, ...]

    @property
    def more(self) -> int:
        """How many are not listed."""
        return self.total - len(self.items)


QUERIES: dict[str, type[Row]] = {
    **FIND_QUERIES,
    "show/node": Node,
    **{f"show/{kind}": Branch for kind in get_args(Kind)},
}


class Shown(BaseModel):
    """A node, its properties, and what is around it.

    Attributes:
        kind: graphlet, execution, artifact, pipeline or run.
        key: its key.
        name: for people.
        source: the store it came from.
        simulated: a simulation made it up.
        properties: what the graph knows of it; the source's own begin with `p_` or `json_`.
        branches: what is around it.
    """

    model_config = ConfigDict(frozen=True)

    kind: Kind
    key: str
    name: str
    source: str | None
    simulated: bool
    properties: dict[str, Any]
    branches: tuple[Branch, ...]

    def branch(self, name: str) -> Branch:
        """One branch; an empty one when there is nothing of that kind."""
        empty = Branch(branch=name, total=0, items=())
        return next((one for one in self.branches if one.branch == name), empty)

    def to_json(self) -> str:
        """As JSON, safe to print in a terminal."""
        text = self.model_dump_json(indent=2, by_alias=True, exclude_none=True)
        return json_text(text)

    def tree(self) -> Tree:
        """As a tree for rich, safe to print in a terminal."""
        from rich.text import Text
        from rich.tree import Tree

        # A graphlet's name says what it is.
        said = "" if self.name.startswith(self.kind) else f"{self.kind} "
        heading = Text.assemble((said, "bold cyan"), (visible(self.name), "bold"))
        tree = Tree(heading, guide_style="dim")
        tree.add(Text(f"key: {visible(self.key)}"))
        if self.source is not None:
            made_up = " (simulated data)" if self.simulated else ""
            tree.add(Text(f"source: {visible(self.source)}{made_up}"))
        for label, value in facts(self.properties):
            tree.add(Text(f"{visible(label)}: {visible(value)}"))
        for branch in self.branches:
            limb = tree.add(Text(f"{branch.branch} ({branch.total:,})", style="bold"))
            for item in branch.items:
                limb.add(_leaf(item))
            if branch.more > 0:
                limb.add(Text(f"\u2026 and {branch.more:,} more", style="italic"))
        return tree

    def text(self, width: int = 80, *, color: bool = False) -> str:
        """As text for a terminal of this width."""
        return drawn(self.tree(), width, color=color)

    def _repr_html_(self) -> str:
        return f"<pre>{html_text_lines(self.text(width=120))}</pre>"


def show(
    graph: Graph,
    key: str,
    *,
    kind: Kind | None = None,
    limit: int = 20,
    settings: Settings | None = None,
) -> Shown:
    """A node and what is around it.

    Args:
        graph: the graph.
        key: its key, native id or name, or what one of them begins with.
        kind: which kind of node; without it a trainer's key means its graphlet.
        limit: items of each branch at most.
        settings: for how executions are compared.

    Raises:
        NotFoundError: there is no such node, or there are several; the message lists them.
        SettingsError: a rule for the names of data sets cannot be understood.
    """
    settings = settings or Settings()
    found = find(graph, key, kind, settings=settings, newest=True)
    rows = fetch(graph, "show/node", Node, label=found.kind.capitalize(), key=found.key)
    properties = next(iter(rows)).properties
    branches = list(fetch(graph, f"show/{found.kind}", Branch, key=found.key, limit=limit))
    if found.kind == "graphlet" and not properties.get("pushed"):
        branches = [_not_this(branch) for branch in branches]
    if found.kind == "execution":
        branches += _compared(graph, settings, found.key, limit)
    if found.dataset is not None:
        branches = _joined(branches, joined_by(graph, settings, found.dataset))
    source = properties.get("source")
    return Shown(
        kind=found.kind,
        key=found.key,
        name=found.name or found.key,
        source=source,
        simulated=source is not None and is_simulated(graph, source),
        properties=properties,
        branches=tuple(branches),
    )


def _joined(branches: list[Branch], patterns: list[str]) -> list[Branch]:
    """Say which rules of the settings joined names, before what sources told."""
    if not patterns:
        return branches
    said = [Item(kind="rule", key=None, name=f"by dataset_rules {one!r}") for one in patterns]
    told = next((one for one in branches if one.branch == _JOINED), None)
    items = (*said, *(told.items if told else ()))
    total = len(said) + (told.total if told else 0)
    others = [one for one in branches if one is not told]
    return [*others, Branch(branch=_JOINED, total=total, items=items)]


def _compared(graph: Graph, settings: Settings, key: str, limit: int) -> Iterator[Branch]:
    """What an execution repeats and why, what repeats it, and what keeps near misses apart."""
    for found in equivalents(graph, key, min(limit, NEAR)):
        told = compare_all(graph, settings, key, found.keys)
        if found.relation == "near":
            items = [
                _execution(one, "differs in " + "; ".join(one.differs))
                for one in told
                if one.differs
            ]
            yield Branch(branch="nearly the same", total=len(items), items=tuple(items))
        elif found.relation in ("repeats", "ran beside"):
            facts = tuple(Item(kind="fact", key=None, name=fact) for fact in told[0].equal)
            title = f"{found.relation} {told[0].right_name}"
            yield Branch(branch=title, total=len(facts), items=facts)
        else:
            items = [_execution(one) for one in told]
            yield Branch(branch=found.relation, total=found.total, items=tuple(items))


def _execution(one: Comparison, why: str | None = None) -> Item:
    return Item(kind="execution", key=one.right, name=one.right_name, why=why)


def _not_this(branch: Branch) -> Branch:
    """Say of deployments that pushed something that it was not this model."""
    if branch.branch != "deployments":
        return branch
    items = tuple(
        item.model_copy(update={"why": "pushed, but not this model"})
        if item.why == "pushed a model"
        else item
        for item in branch.items
    )
    return branch.model_copy(update={"items": items})


def _leaf(item: Item) -> Any:
    from rich.text import Text

    name = visible(item.name or item.key or units.NOTHING)
    details = ", ".join(visible(detail) for detail in item.details())
    return Text.assemble((name, "bold" if item.kind == "graphlet" else ""), (f"  {details}", "dim"))
