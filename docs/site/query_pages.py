"""A page for each folder of `cypher/`: what each query asks, takes and returns, and its text."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from docs.site.markdown import code, paragraphs, plain, table
from lineage import queries

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lineage.queries import Field, Query

SAYS = {
    "explore": "Questions to ask in Neo4j Browser; each runs as it is.",
    "analyses": "What the report's tables are made of; see "
    "[what the figures mean](../report.md).",
    "show": "What `lineage show` and `lineage diff` ask.",
    "reuse": "What `lineage advise` and `lineage plan` ask.",
    "waste": "What predictors of pushes learn from.",
    "export": "What `lineage export` writes.",
    "load": "How records are written to the graph. They write: they are shown to be read, and "
    "need batches of rows that the loader makes.",
    "settle": "What is made good after a load: what records say of each other.",
    "segment": "How graphlets are cut.",
    "redundancy": "How equivalent executions are found.",
    "names": "How data sets of several names are joined.",
    "prune": "How old runs are removed.",
    "forget": "How a source is taken out.",
    "schema": "How the schema is kept up to date.",
}  # fmt: skip
_HEAD = """\
# Queries

Every question that `lineage` asks Neo4j is a file of Cypher with a header. `lineage query --list`
lists them, `lineage query NAME` runs one, `lineage query NAME --cypher` prints it to paste into
Neo4j Browser, and `lin.query(NAME, parameter=value)` runs it from Python. Those that write are here
to be read: run commands instead.
"""


def pages() -> dict[str, str]:
    """Each page by its path in the site."""
    loaded = [queries.load(name) for name in queries.names()]
    folders = {
        folder: list(group)
        for folder, group in groupby(loaded, lambda one: one.name.partition("/")[0])
    }
    order = [*(name for name in SAYS if name in folders), *sorted(folders.keys() - SAYS.keys())]
    rows = [(f"[{name}]({name}.md)", str(len(folders[name])), _said(name, "")) for name in order]
    made = {"queries/index.md": f"{_HEAD}\n{table(('folder', 'queries', 'says'), rows)}\n"}
    for name in order:
        parts = [f"# {name}", _said(name, ""), *(_query(one) for one in folders[name])]
        made[f"queries/{name}.md"] = "\n\n".join(part for part in parts if part) + "\n"
    return made


def _said(folder: str, otherwise: str) -> str:
    return SAYS.get(folder, otherwise)


def _query(one: Query) -> str:
    parts = [f"## {one.name.partition('/')[2]}", plain(one.title)]
    if one.description:
        parts.append(paragraphs(one.description))
    if one.parameters:
        parts.append(_fields("parameter", "$", one.parameters))
    if one.columns:
        parts.append(_fields("column", "", one.columns))
    lines = "\n".join((*one.preamble, f"{one.text};"))
    parts.append(f"```cypher\n{lines}\n```")
    return "\n\n".join(parts)


def _fields(title: str, sign: str, fields: Sequence[Field]) -> str:
    return table(
        (title, "type", "says"),
        ((code(sign + one.name), code(one.type), plain(one.meaning)) for one in fields),
    )
