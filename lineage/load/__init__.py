"""Loading: records of a reader become the graph, once each however often they come."""

from lineage.load.loader import Loader
from lineage.load.service import Ingested, ingest

__all__ = ["Ingested", "Loader", "ingest"]
