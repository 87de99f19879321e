"""What a chunk of executions needs from other tables: node names, event times, parents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import case, func, or_, select

from lineage_ingest.mlmd.rows import Pairs
from lineage_ingest.mlmd.types import NODE_TYPES, PIPELINE_TYPES
from lineage_ingest.mlmd.values import millis, text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import ColumnElement

    from lineage_ingest.mlmd.store import Store
    from lineage_ingest.mlmd.types import Types

OUTPUTS = (1, 4, 7)


@dataclass(frozen=True, slots=True)
class EventTimes:
    """First and last event of an execution, and its last output; milliseconds."""

    first: int | None
    last: int | None
    last_output: int | None


class NodeNames:
    """The node of each execution, from the context that stands for it.

    TFX names them `pipeline.node` (type `node`) or `pipeline.run.node` (`component_run`, with the
    node also as a property), CMF `pipeline/stage`.

    Args:
        store: where from.
        types: of the store.
        wanted: a condition on executions; None for all.
    """

    def __init__(self, store: Store, types: Types, wanted: ColumnElement[bool] | None) -> None:
        self._store, self._types = store, types
        contexts, links = store.table("Context").c, store.table("Association").c
        named = contexts.type_id.in_(types.ids(PIPELINE_TYPES))
        self._pipelines = {text(name) for (name,) in store.rows(select(contexts.name).where(named))}
        query = select(links.execution_id, links.context_id).join(
            store.table("Context"), contexts.id == links.context_id
        )
        query = query.where(contexts.type_id.in_(types.ids(NODE_TYPES)))
        if wanted is not None:
            executions = store.table("Execution")
            query = query.join(executions, executions.c.id == links.execution_id).where(wanted)
        self._links = Pairs(store.stream(query.order_by(links.execution_id, links.context_id)))

    def of(self, executions: Iterable[int]) -> dict[int, str]:
        """The names of a chunk's nodes; executions without one are left out."""
        links = {id_: self._links.of(id_) for id_ in executions}
        names = self._context_names({context for found in links.values() for context in found})
        return {
            id_: name
            for id_, found in links.items()
            if (name := next((names[c] for c in found if c in names), None))
        }

    def _context_names(self, ids: set[int]) -> dict[int, str]:
        if not ids:
            return {}
        contexts = self._store.table("Context").c
        query = select(contexts.id, contexts.type_id, contexts.name).where(contexts.id.in_(ids))
        stated = self._stated(ids)
        return {
            id_: stated.get(id_) or self._shorten(text(name), self._types.name(type_id) or "")
            for id_, type_id, name in self._store.rows(query)
        }

    def _stated(self, ids: set[int]) -> dict[int, str]:
        properties = self._store.table("ContextProperty").c
        query = select(properties.context_id, properties.string_value).where(
            properties.context_id.in_(ids), properties.name == "component_id"
        )
        return {id_: text(value) for id_, value in self._store.rows(query) if value is not None}

    def _shorten(self, name: str, type_name: str) -> str:
        """The name without its pipeline, whose own name may hold the divider too."""
        divider = "/" if type_name == "Pipeline_Stage" else "."
        at = name.rfind(divider)
        last = name[at + 1 :]
        while type_name != "component_run" and at > 0:
            if name[:at] in self._pipelines:
                return name[at + 1 :]
            at = name.rfind(divider, 0, at)
        return last


def event_times(store: Store, executions: list[int]) -> dict[int, EventTimes]:
    """The times of the events of some executions."""
    if not executions:
        return {}
    events = store.table("Event").c
    time = events.milliseconds_since_epoch
    output = case((events.type.in_(OUTPUTS), time))
    query = (
        select(events.execution_id, func.min(time), func.max(time), func.max(output))
        .where(events.execution_id.in_(executions), or_(time > 0, time < 0))
        .group_by(events.execution_id)
    )
    return {row[0]: EventTimes(*map(_known, row[1:])) for row in store.rows(query)}


def existing(store: Store, executions: set[int]) -> set[int]:
    """Those of the ids that are executions of the store."""
    if not executions:
        return set()
    ids = store.table("Execution").c.id
    return {row[0] for row in store.rows(select(ids).where(ids.in_(executions)))}


def _known(value: Any) -> int | None:
    """A time that can be; the event itself is set aside with its own record."""
    return millis(value)[0]
