"""The questions of `cypher/explore/` as a set of saved queries, for Neo4j Browser's favourites."""

from __future__ import annotations

import io
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from lineage import queries

FOLDER = "Lineage"
"""What Browser calls the folder of favourites that it makes for them."""

_ALWAYS = (2026, 1, 1, 0, 0, 0)


def saved_queries() -> bytes:
    """A ZIP file that Browser takes when it is dropped on its page; the same bytes each time.

    Browser names a favourite by the first line of its text and has room for some twenty letters, so
    that line is the query's name.
    """
    held = io.BytesIO()
    with ZipFile(held, "w", ZIP_DEFLATED) as archive:
        for name in names():
            entry = ZipInfo(f"{FOLDER}/{name.rpartition('/')[2]}.cypher", _ALWAYS)
            entry.compress_type = ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, saved(name))
    return held.getvalue()


def saved(name: str) -> str:
    """A query as a favourite: a line with its name, then its file as it is."""
    text = (queries.folder() / f"{name}.cypher").read_text("utf-8")
    return f"// {title(name)}\n//\n{text}"


def title(name: str) -> str:
    """What a query is called in Browser."""
    return name.rpartition("/")[2].replace("_", " ")


def names() -> list[str]:
    """The queries that are in it: those that run as they are."""
    return [name for name in queries.names() if name.startswith("explore/")]
