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
RETURN a.key AS start, type(r) AS type, b.key AS end, properties(r) AS properties
"""


def snapshot(lin: Lineage) -> tuple[list[Any], list[Any]]:
    """Every node and relationship, but for what loads leave of themselves."""
    # As the driver has them: our own rows, of a large graph, take half as long again.
    with lin.graph._session() as session:
        nodes = [(sorted(labels), sorted(_texts(had))) for labels, had in session.run(_NODES)]
        relationships = [
            repr((start, type_, end, sorted(_texts(had))))
            for start, type_, end, had in session.run(_RELATIONSHIPS)
        ]
    return sorted(nodes), sorted(relationships)


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
