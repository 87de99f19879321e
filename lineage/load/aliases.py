"""Equal names of data sets in the graph: what sources say, and artifacts that become one."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from lineage.load.rows import clean, indexed, names_of, prefix_of, shared_key
from lineage.recipes import content_of
from lineage_ingest.datasets import parsed, shared_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from lineage.graph import Graph
    from lineage.load.names import Names
    from lineage.load.rows import Row


def say(
    graph: Graph, names: Names, source: str, pairs: Iterable[tuple[str, str]], why: str
) -> None:
    """Write down pairs of equal names that a source tells, and take them into account."""
    rows = {}
    for one, other in pairs:
        left, right = sorted((clean(one), clean(other)))
        digest = hashlib.sha256(f"{left}\0{right}".encode()).hexdigest()
        rows[digest] = {
            "key": f"{prefix_of(source)}alias/{digest}",
            "left": left,
            "right": right,
            "why": why,
        }
        names.join(left, right)
    if rows:
        graph.run("names/say", source=source, rows=list(rows.values()))


def merge(graph: Graph, names: Names, *, every: bool = False) -> int:
    """Give what is in the graph the names that its data sets go by.

    Args:
        graph: where.
        names: what is known.
        every: look at every data set, because the rules may have changed; else at the names that
            sources told.

    Returns:
        artifacts that got another name.
    """
    known = [row["name"] for row in graph.run("names/datasets")] if every else names.moved()
    moved = {name: names.resolve(name) for name in known if names.resolve(name) != name}
    known = [indexed(clean(name)) for name in moved]
    rows = [_moved(row, moved) for row in graph.run("names/artifacts", datasets=known)]
    done = 0
    while rows:  # of several that become one, one at a time
        first = list({row["key"]: row for row in reversed(rows)}.values())
        taken = {row["was"] for row in first}
        rows = [row for row in rows if row["was"] not in taken]
        done += graph.run("names/merge", rows=first)[0]["moved"]
    return done


def _moved(row: Mapping[str, str | None], moved: Mapping[str, str]) -> Row:
    parts = parsed(row["id"] or "")
    name = moved[parts.name]
    found = shared_id(name, parts.version, hint=parts.hint)
    key = shared_key(found)
    content = content_of(key, row["digest"])
    return {
        "was": row["key"],
        "key": key,
        "id": found,
        "dataset": indexed(clean(name)),
        "content": content,
        "full_name": None,
        **names_of(name),
    }
