"""The picture that a key means: of a graphlet, or of a pipeline's graphlets over time."""

from __future__ import annotations

from shlex import quote
from typing import TYPE_CHECKING

from lineage.errors import PictureError
from lineage.find import find
from lineage.picture.collect import picture
from lineage.picture.timeline import timeline

if TYPE_CHECKING:
    from lineage.find import Kind
    from lineage.graph import Graph
    from lineage.picture.model import Form
    from lineage.settings import Settings


def draw(
    graph: Graph,
    settings: Settings,
    key: str,
    form: Form,
    *,
    kind: Kind | None = None,
    everything: bool = False,
) -> str:
    """What a key means, drawn.

    Args:
        graph: the graph.
        settings: with the rules that name data sets.
        key: its key, native id or name, or what one of them begins with.
        form: svg, html, mermaid or dot.
        kind: which kind of node; without it a trainer's key means its graphlet.
        everything: draw every node of a graphlet.

    Raises:
        NotFoundError: there is no such node, or there are several; the message lists them.
        PictureError: there is no picture of such a node in that form, or it is too large.
    """
    found = find(graph, key, kind, settings=settings, newest=True)
    if found.kind == "graphlet":
        return picture(graph, found.key, everything=everything).write(form)
    if found.kind == "pipeline":
        return timeline(graph, found.key).write(form)
    raise PictureError(
        f"there are pictures of graphlets and of pipelines, none of a single {found.kind}; "
        f"`lineage show {quote(found.key)}` lists the graphlets that hold it"
    )
