"""Pictures on pages: drawn where they are not too large to be drawn while somebody waits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lineage.errors import PictureError
from lineage.picture import picture, timeline

if TYPE_CHECKING:
    from lineage.graph import Graph
    from lineage.picture import Form

MEMBERS = 5_000
"""A graphlet with more of them has no picture here; nor has a pipeline with more graphlets."""


def drawn(graph: Graph, kind: str, key: str, form: Form) -> str:
    """A graphlet, or a pipeline's graphlets over time.

    Raises:
        NotFoundError: there is no such node.
        PictureError: it is too large.
    """
    if kind == "graphlet":
        rows = graph.run("pages/graphlet_members", key=key, skip=0, limit=0, most=0)
        size, what = (rows[0]["total"] if rows else 0), "members"
        draw = picture
    else:
        nodes = graph.run("pages/pipeline_nodes", key=key, limit=MEMBERS, most=MEMBERS + 1)
        size, what = sum(row["models"] for row in nodes), "models"
        draw = timeline  # type: ignore[assignment]
    if size > MEMBERS:
        raise PictureError(
            f"it has more than {MEMBERS:,} {what}, too many to draw here; "
            "`lineage show --format svg` draws it"
        )
    return draw(graph, key).write(form)
