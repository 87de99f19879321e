"""From nothing to graphlets: a server, the shipped store, segmentation."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from lineage.load import Ingested
from lineage.segment import Segmented

if TYPE_CHECKING:
    from lineage.api import Lineage
    from lineage.load.service import Progress

SOURCE = "demo"
QUERIES = (
    "explore/latest_pushed_model",
    "explore/most_shared_span",
    "explore/shared_work",
)


class Demo(BaseModel):
    """What the demo did.

    Attributes:
        ingested: the load of the shipped store; nothing is written from the second time on.
        segmented: its graphlets.
    """

    model_config = ConfigDict(frozen=True)

    ingested: Ingested
    segmented: Segmented


def store() -> Path:
    """The shipped store, written by the `ml-metadata` client."""
    return Path(__file__).with_name("store.sqlite")


def demo(lin: Lineage, progress: Progress | None = None) -> Demo:
    """Load the shipped store under the name `demo` and cut its graphlets.

    Doing it again changes nothing; `Lineage.forget("demo")` takes it out again.

    Args:
        lin: the service.
        progress: told how many records were read, and how many there are.

    Raises:
        GraphError: Neo4j failed; a second call completes what was begun.
    """
    ingested = lin.ingest(str(store()), source=SOURCE, progress=progress)
    return Demo(ingested=ingested, segmented=lin.segment())
