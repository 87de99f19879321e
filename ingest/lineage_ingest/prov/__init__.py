"""Reads W3C PROV: PROV-JSON, PROV-XML, PROV-N and CWLProv research objects."""

from __future__ import annotations

from lineage_ingest.prov.reader import ProvReader

__all__ = ["ProvReader"]
