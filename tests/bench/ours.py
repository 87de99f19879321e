"""Our own answer to the question that peers are asked: all graphlets' members, counted by role."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from bench.walks import ROLES, SPAN

from lineage import queries
from lineage.errors import NotFoundError

if TYPE_CHECKING:
    from bench.walks import Counts

    from lineage import Lineage
    from lineage.graph import Row

NAMED = "segment/members"
_HERE = Path(__file__).parent
PERSISTED = """
MATCH (g:Graphlet)-[r:ANCHOR|BOUNDARY|ANCESTOR|SPAN|DESCENDANT|ANALYSIS]->()
RETURN type(r) AS type, count(*) AS members
ORDER BY type
"""
_ROLE_OF = {"ANCHOR": "trainer", "SPAN": "ancestor"}


def walked(lin: Lineage) -> Counts:
    """By the walks of segmentation, written nowhere."""
    found = dict.fromkeys((*ROLES, SPAN), 0)
    for row in _rows(lin):
        found[ROLES[row["rank"]]] += row["members"]
        found[SPAN] += row["spans"]
    return found


def _rows(lin: Lineage) -> list[Row]:
    try:
        queries.load(NAMED)
    except NotFoundError:
        query = queries.parse(NAMED, (_HERE / "members.cypher").read_text(encoding="utf-8"))
        return lin.graph.run_implicit(query.text, pipeline=None)
    return lin.graph.run(NAMED, pipeline=None)


def persisted(lin: Lineage) -> Counts:
    """As the last segmentation wrote them."""
    found = dict.fromkeys((*ROLES, SPAN), 0)
    for row in lin.graph.run_text(PERSISTED):
        found[_ROLE_OF.get(row["type"], row["type"].lower())] += row["members"]
        if row["type"] == "SPAN":
            found[SPAN] += row["members"]
    return found
