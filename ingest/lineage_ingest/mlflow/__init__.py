"""Reads MLflow: tracking stores by SQL, `mlruns` folders, and tracking servers."""

from __future__ import annotations

from lineage_ingest.mlflow.reader import MlflowReader

__all__ = ["MlflowReader"]
