"""Reads ML Metadata stores by SQL: SQLite, MySQL, PostgreSQL; schema versions 4 to 10."""

from __future__ import annotations

from lineage_ingest.mlmd.reader import MlmdReader

__all__ = ["MlmdReader"]
