"""The whole graph as one comparable value."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lineage import Lineage

_NODES = """
MATCH (n)
WHERE NOT n:Load AND NOT n:Lineage
RETURN labels(n) AS labels, properties(n) AS properties
"""
_RELATIONSHIPS = """
MATCH (a)-[r]->(b)
WHERE NOT a:Load
RETURN a.key AS start, type(r) AS type, properties(r) AS properties,
       b.key AS end
"""


def snapshot(lin: Lineage) -> tuple[list[Any], list[Any]]:
    """Every node and relationship, but for what loads leave of themselves."""
    nodes = lin.graph.run_text(_NODES)
    relationships = lin.graph.run_text(_RELATIONSHIPS)
    return (
        sorted([(sorted(n["labels"]), sorted(_texts(n["properties"]))) for n in nodes]),
        sorted([*map(repr, (_flat(r) for r in relationships))]),
    )


def differences(one: tuple[list[Any], list[Any]], other: tuple[list[Any], list[Any]]) -> list[str]:
    """What only one of two snapshots has: a hundred thousand lines are too many for pytest."""
    found = []
    for mine, theirs in zip(one, other, strict=True):
        left, right = Counter(map(repr, mine)), Counter(map(repr, theirs))
        found += [f"- {line}" for line in sorted(left - right)]
        found += [f"+ {line}" for line in sorted(right - left)]
    return found


def _texts(properties: dict[str, Any]) -> list[tuple[str, str]]:
    return [(name, repr(value)) for name, value in properties.items() if name != "cursor"]


def _flat(row: dict[str, Any]) -> tuple[Any, ...]:
    return (
        row["start"],
        row["type"],
        row["end"],
        sorted(_texts(row["properties"])),
    )
