"""Up and down the data flow from a node, step by step, hubs cut."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lineage.serve.pages.model import Step, Walk
from lineage.show import Item

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lineage.graph import Graph
    from lineage.serve.pages.model import Way

EACH = 20
"""Neighbours of a node that are looked at."""

MOST = 300
"""Nodes of a walk."""

_QUERIES: Mapping[Way, str] = {"upstream": "pages/upstream", "downstream": "pages/downstream"}


def walk(graph: Graph, key: str, way: Way, depth: int) -> Walk:
    """What a node was made from, or what was made of it.

    A step leads from an execution to what it read or wrote, or from an artifact to who wrote or
    read it. Each node is met once, where it is nearest.

    Args:
        graph: to be asked, once for each step.
        key: of an execution or artifact.
        way: `upstream` or `downstream`.
        depth: steps at most.
    """
    seen, border = {key}, [key]
    steps: list[Step] = []
    more: dict[str, int] = {}
    for level in range(1, depth + 1):
        if not border:
            break
        found = {row["key"]: row for row in graph.stream(_QUERIES[way], keys=border, limit=EACH)}
        border = []
        for at in (one for one in _order(steps, key, level) if one in found):
            new = _taken(found[at], seen, MOST - len(steps), more)
            steps += [Step(item=one, parent=at, depth=level) for one in new]
            border += [str(one.key) for one in new]
    told = [one.model_copy(update={"more": more.get(str(one.item.key), 0)}) for one in steps]
    return Walk(
        way=way, depth=depth, steps=tuple(told), more=more.get(key, 0), cut=any(more.values())
    )


def _order(steps: list[Step], key: str, level: int) -> list[str]:
    """The nodes that the last level led to, in order."""
    if level == 1:
        return [key]
    return [str(one.item.key) for one in steps if one.depth == level - 1]


def _taken(row: dict[str, Any], seen: set[str], room: int, more: dict[str, int]) -> list[Item]:
    """The neighbours that are new, no more than there is room for; notes how many are left out."""
    new = [one for one in row["items"] if one["key"] not in seen]
    kept = new[: max(0, room)]
    seen.update(one["key"] for one in kept)
    # Two relationships to one neighbour are one step: where all were looked at, none is missing.
    unseen = row["total"] - EACH if row["total"] > EACH else 0
    more[row["key"]] = unseen + len(new) - len(kept)
    return [Item(**one) for one in kept]
