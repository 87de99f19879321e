"""What to keep, and what to load or compute again; pure, without the graph."""

from lineage.reuse.dag import Dag
from lineage.reuse.plan import Plan, plan

__all__ = ["Dag", "Plan", "plan"]
