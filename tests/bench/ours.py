"""Our own answer to the question that peers are asked: all graphlets' members, counted by role."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.walks import ROLES, SPAN

if TYPE_CHECKING:
    from bench.walks import Counts

    from lineage import Lineage

PERSISTED = """
MATCH (g:Graphlet)-[r:ANCHOR|BOUNDARY|ANCESTOR|SPAN|DESCENDANT|ANALYSIS]->()
RETURN type(r) AS type, count(*) AS members
ORDER BY type
"""
_ROLE_OF = {"ANCHOR": "trainer", "SPAN": "ancestor"}


def walked(lin: Lineage) -> Counts:
    """By the walks of segmentation, written nowhere."""
    found = dict.fromkeys((*ROLES, SPAN), 0)
    for row in lin.graph.run("segment/members", pipeline=None):
        found[ROLES[row["rank"]]] += row["members"]
        found[SPAN] += row["spans"]
    return found


def persisted(lin: Lineage) -> Counts:
    """As the last segmentation wrote them."""
    found = dict.fromkeys((*ROLES, SPAN), 0)
    for row in lin.graph.run_text(PERSISTED):
        found[_ROLE_OF.get(row["type"], row["type"].lower())] += row["members"]
        if row["type"] == "SPAN":
            found[SPAN] += row["members"]
    return found
