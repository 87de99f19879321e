"""What to keep, and what to load or compute again; pure, without the graph."""

from lineage.reuse.dag import Dag
from lineage.reuse.plan import Plan, plan
from lineage.reuse.select import Selection, select
from lineage.reuse.versions import Stored, VersionGraph, store

__all__ = ["Dag", "Plan", "Selection", "Stored", "VersionGraph", "plan", "select", "store"]
