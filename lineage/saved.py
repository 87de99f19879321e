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

    Browser names a favourite by the first line of its file, which is the question of the header.
    """
    root, held = queries.folder(), io.BytesIO()
    with ZipFile(held, "w", ZIP_DEFLATED) as archive:
        for name in names():
            text = (root / f"{name}.cypher").read_bytes()
            entry = ZipInfo(f"{FOLDER}/{name.rpartition('/')[2]}.cypher", _ALWAYS)
            entry.compress_type = ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, text)
    return held.getvalue()


def names() -> list[str]:
    """The queries that are in it: those that run as they are."""
    return [name for name in queries.names() if name.startswith("explore/")]
