"""Loading stores that still grow, again and again."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lineage.errors import GraphUnavailableError, ReadError
from lineage.safe import without_login

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lineage.api import Lineage
    from lineage.load import Ingested
    from lineage.segment import Segmented


@dataclass(frozen=True, slots=True)
class Change:
    """What one look at a store brought.

    Attributes:
        location: the store, without user and password.
        ingested: what was loaded; None when the look failed.
        segmented: the segmentation after it.
        problem: why the look failed; the next one may do better.
    """

    location: str
    ingested: Ingested | None = None
    segmented: Segmented | None = None
    problem: str | None = None

    def plain(self) -> dict[str, Any]:
        """What `--json` prints of it."""
        if self.ingested is None or self.segmented is None:
            return {"location": self.location, "problem": self.problem}
        return {
            "location": self.location,
            "ingested": self.ingested.model_dump(),
            "segmented": self.segmented.model_dump(),
        }


def follow(
    lin: Lineage, locations: list[str], how: dict[str, Any], interval: float
) -> Iterator[Change]:
    """Load what is new in each store, segment after changes, wait, and so on for ever.

    The first look at a store must succeed. Later ones may fail while its writer holds a lock or
    the server restarts: that is told, and tried again.

    Args:
        lin: the service.
        locations: paths and addresses.
        how: further arguments of `Lineage.ingest`.
        interval: seconds between two looks.

    Yields:
        Each first load, each change, each failure.
    """
    cursors: dict[str, str | None] = {}
    unsegmented = False  # outlives a failure between loading and segmenting
    while True:
        for location in locations:
            first = location not in cursors
            shown = without_login(location)
            try:
                loaded = lin.ingest(location, since=cursors.get(location), **how)
                cursors[location] = loaded.cursor
                unsegmented = unsegmented or first or loaded.written > 0
                if unsegmented:
                    segmented = lin.segment()
                    unsegmented = False
                    yield Change(location=shown, ingested=loaded, segmented=segmented)
            except (ReadError, GraphUnavailableError) as error:
                if first:
                    raise
                yield Change(location=shown, problem=str(error).replace(location, shown))
        time.sleep(interval)
