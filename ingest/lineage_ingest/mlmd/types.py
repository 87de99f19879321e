"""The types of a store: their names, the base types behind them, and what contexts mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from lineage.records import NodeKind
from lineage_ingest.mlmd.values import text

if TYPE_CHECKING:
    from lineage_ingest.mlmd.store import Store

BASE_PREFIX = "mlmd."
PIPELINE_TYPES = frozenset({"pipeline", "system.Pipeline", "Parent_Context"})
RUN_TYPES = frozenset({"pipeline_run", "run", "system.PipelineRun", "system.Run", "KfpRun"})
STAGE_TYPES = frozenset({"Pipeline_Stage"})
"""CMF's: its executions belong to a pipeline only through their stage."""
NODE_TYPES = frozenset({"node", "component_run"}) | STAGE_TYPES
"""Contexts that tell an execution's node."""


class Types:
    """What the tables `Type` and `ParentType` say, in memory: stores have tens of types."""

    def __init__(self, store: Store) -> None:
        types = store.table("Type")
        self._names = {
            id_: text(name) for id_, name in store.rows(select(types.c.id, types.c.name))
        }
        self._parents: dict[int, list[int]] = {}
        if store.has("ParentType"):
            parents = store.table("ParentType").c
            query = select(parents.type_id, parents.parent_type_id)
            for child, parent in store.rows(query.order_by(*query.selected_columns)):
                self._parents.setdefault(child, []).append(parent)
        self._bases = {id_: self._find_base(id_) for id_ in self._names}

    def name(self, type_id: int | None) -> str | None:
        """A type's name; None when the store has no such type."""
        return None if type_id is None else self._names.get(type_id)

    def base(self, type_id: int | None) -> str | None:
        """A type's base type without its prefix, as `Train` for `mlmd.Train`."""
        return None if type_id is None else self._bases.get(type_id)

    def kind(self, type_id: int | None) -> NodeKind:
        """What a context of this type becomes."""
        name = self.name(type_id)
        if name in PIPELINE_TYPES:
            return NodeKind.PIPELINE
        return NodeKind.RUN if name in RUN_TYPES else NodeKind.CONTEXT

    def ids(self, names: frozenset[str]) -> list[int]:
        """The types of these names, every version of them."""
        return sorted(id_ for id_, name in self._names.items() if name in names)

    def _find_base(self, type_id: int) -> str | None:
        """The nearest ancestor that is MLMD's own, else the nearest of any name."""
        queue, seen = [type_id], set()
        nearest = None
        while queue:
            current = queue.pop(0)
            if current in seen:
                continue
            seen.add(current)
            name = self._names.get(current, "")
            if name.startswith(BASE_PREFIX):
                return name.removeprefix(BASE_PREFIX)
            if current != type_id:
                nearest = nearest or name or None
            queue += self._parents.get(current, [])
        return nearest
