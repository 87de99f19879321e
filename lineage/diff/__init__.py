"""What is different between two graphlets: data, code, parameters, operators, cost, outcome."""

from lineage.diff.diff import QUERIES, diff
from lineage.diff.models import GraphletDiff

__all__ = ["QUERIES", "GraphletDiff", "diff"]
