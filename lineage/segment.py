"""Segmentation: every trained model's graphlet, cut by Cypher and kept in the graph.

The idea is from Xin, Miao, Parameswaran, Polyzotis, "Production Machine Learning Pipelines:
Empirical Analysis and Optimization Opportunities", SIGMOD 2021 (arXiv 2103.16007); segmentation of
provenance in Neo4j was done before by Miao and Deshpande, ICDE 2019 (arXiv 1810.04599).
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

if TYPE_CHECKING:
    from lineage.graph import Graph


class Segmented(BaseModel):
    """What a segmentation did.

    Attributes:
        graphlets: how many were cut and written.
        removed: graphlets whose trainer is gone or trains no more.
        seconds: wall time.
    """

    model_config = ConfigDict(frozen=True)

    graphlets: int
    removed: int
    seconds: float


def segment(graph: Graph, pipeline: str | None = None) -> Segmented:
    """Cut and write the graphlets of the whole graph, or of one pipeline.

    Running it again gives the same graphlets.

    Raises:
        GraphError: Neo4j failed; what was written before is whole, and a second run completes it.
    """
    began = time.perf_counter()
    removed = graph.run("segment/stale")[0]["removed"]
    cut = graph.run("segment/graphlets", pipeline=pipeline)[0]["graphlets"]
    graph.run("segment/pushed", pipeline=pipeline)
    # Over all pipelines: a trainer that is gone, or counts for another, leaves a gap elsewhere.
    graph.run("segment/moved")
    graph.run("segment/order")
    graph.run("segment/holders")
    return Segmented(graphlets=cut, removed=removed, seconds=time.perf_counter() - began)
