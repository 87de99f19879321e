"""The demo store in the graph, loaded once for all tests that only read it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import lineage
from lineage import schema

if TYPE_CHECKING:
    from lineage import Lineage

STORE = Path(lineage.__file__).parent / "demo" / "store.sqlite"
SOURCE = "demo"
_MARK = "MATCH (m:Lineage {demo: true}) RETURN count(m) AS marks ORDER BY marks"


def demo(lin: Lineage) -> Lineage:
    """The service on a graph that holds the segmented demo store, and nothing else.

    A mark on the version node tells that it is there already; every wipe takes the mark away.
    """
    if not lin.graph.run_text(_MARK)[0]["marks"]:
        wipe(lin)
        lin.ingest(str(STORE), source=SOURCE)
        lin.segment()
        lin.graph.run_text("MATCH (m:Lineage) SET m.demo = true")
    return lin


def wipe(lin: Lineage) -> None:
    """An empty graph with the schema in place.

    The version node stays, so that what is declared is not declared anew each time.
    """
    lin.graph.run_implicit(
        "MATCH (n) WHERE NOT n:Lineage CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 5000 ROWS"
    )
    lin.graph.run_text("MATCH (m:Lineage) REMOVE m.demo")
    schema.migrate(lin.graph)
