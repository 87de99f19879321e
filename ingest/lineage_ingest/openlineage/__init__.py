"""OpenLineage: run, job and dataset events, and the records that they add up to."""

from lineage_ingest.openlineage.reader import OpenLineageReader

__all__ = ["OpenLineageReader"]
