"""A store of two taxi pipelines over two weeks, to try everything on."""

from __future__ import annotations

from lineage.demo.demo import QUERIES, SOURCE, Demo, demo, store

__all__ = ["QUERIES", "SOURCE", "Demo", "demo", "store"]
