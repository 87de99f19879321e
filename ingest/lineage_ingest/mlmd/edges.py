"""Events and memberships, streamed in the order of their ids."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, or_, select

from lineage.records import Event, Membership, NodeKind, SetAside
from lineage_ingest.mlmd import values
from lineage_ingest.mlmd.nodes import EVENT_KINDS
from lineage_ingest.mlmd.types import PIPELINE_TYPES, STAGE_TYPES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlalchemy import Select

    from lineage.records import Record
    from lineage_ingest.mlmd.store import Row, Store
    from lineage_ingest.mlmd.types import Types

CHUNK = 5000
Step = tuple[bool, int | None, str]


def container_id(kind: NodeKind, context: int, name: object) -> str:
    """A context's id as its record has it: a pipeline goes by its name."""
    if kind is not NodeKind.PIPELINE:
        return str(context)
    return (values.text(name) if name is not None else "") or f"context {context}"


def events(store: Store, after: int, newest: int) -> Iterator[Record]:
    """The events of ids in (after, newest]."""
    table, artifacts, executions = map(store.table, ("Event", "Artifact", "Execution"))
    columns = table.c
    query = (
        select(
            columns.id, columns.artifact_id, columns.execution_id, columns.type,
            columns.milliseconds_since_epoch, artifacts.c.id, executions.c.id,
        )
        .outerjoin(artifacts, artifacts.c.id == columns.artifact_id)
        .outerjoin(executions, executions.c.id == columns.execution_id)
        .order_by(columns.id)
        .limit(CHUNK)
    )  # fmt: skip
    while rows := store.rows(query.where(columns.id > after, columns.id <= newest)):
        paths = _paths(store, after, rows[-1][0])
        after = rows[-1][0]
        for row in rows:
            yield from _event(row, paths.get(row[0], []))


def memberships(
    store: Store, types: Types, member: NodeKind, after: int, newest: int
) -> Iterator[Record]:
    """The memberships of executions or artifacts, of ids in (after, newest]."""
    table_name = "Association" if member is NodeKind.EXECUTION else "Attribution"
    table, contexts = store.table(table_name), store.table("Context")
    nodes = store.table(member.capitalize())
    columns, member_id = table.c, table.c[f"{member}_id"]
    query = (
        select(
            columns.id, member_id, columns.context_id, nodes.c.id, contexts.c.id,
            contexts.c.type_id, contexts.c.name,
        )
        .outerjoin(nodes, nodes.c.id == member_id)
        .outerjoin(contexts, contexts.c.id == columns.context_id)
        .order_by(columns.id)
        .limit(CHUNK)
    )  # fmt: skip
    while rows := store.rows(query.where(columns.id > after, columns.id <= newest)):
        after = rows[-1][0]
        outer = _stage_pipelines(store, types, {row[2] for row in rows})
        for row in rows:
            yield from _membership(row, table_name.lower(), member, types, outer)


def parents(store: Store, types: Types) -> Iterator[Record]:
    """The memberships of contexts in contexts."""
    if not store.has("ParentContext"):
        return
    table, contexts = store.table("ParentContext"), store.table("Context")
    child, parent = contexts.alias("child"), contexts.alias("parent")
    one, two = table.c.context_id, table.c.parent_context_id
    query = (
        select(
            one, two, child.c.id, child.c.type_id, child.c.name, parent.c.id, parent.c.type_id,
            parent.c.name,
        )
        .outerjoin(child, child.c.id == one)
        .outerjoin(parent, parent.c.id == two)
        .order_by(one, two)
        .limit(CHUNK)
    )  # fmt: skip
    page: Select[Any] = query
    while rows := store.rows(page):
        for row in rows:
            yield _parent(row, types)
        last = rows[-1]
        page = query.where(or_(one > last[0], and_(one == last[0], two > last[1])))


def _event(row: Row, path: list[Step]) -> Iterator[Record]:
    id_, artifact, execution, type_, time, has_artifact, has_execution = row
    position = f"event {id_}"
    kind = EVENT_KINDS.get(type_) if isinstance(type_, int) else None
    if has_artifact is None or has_execution is None:
        there = [(artifact, has_artifact, "artifact"), (execution, has_execution, "execution")]
        yield _dangling("event", position, there)
        return
    if kind is None:
        reason = f"event type {type_} says neither input nor output"
        yield SetAside(kind="event", position=position, reason=reason)
        return
    role, index = _role(path)
    when, wrong = values.millis(time)
    yield Event(
        execution=str(execution), artifact=str(artifact), kind=kind, role=role, index=index,
        time=when, position=position,
    )  # fmt: skip
    if wrong:
        yield SetAside(kind="time", position=position, reason=wrong)


def _dangling(kind: str, position: str, ends: Iterable[tuple[Any, Any, str]]) -> SetAside:
    lost = " and ".join(f"{name} {id_}" for id_, found, name in ends if found is None)
    verb = "do" if " and " in lost else "does"
    return SetAside(kind=kind, position=position, reason=f"{lost} {verb} not exist")


def _paths(store: Store, after: int, last: int) -> dict[int, list[Step]]:
    columns = store.table("EventPath").c
    query = select(columns.event_id, columns.is_index_step, columns.step_index, columns.step_key)
    query = query.where(columns.event_id > after, columns.event_id <= last)
    found: dict[int, list[Step]] = {}
    for event, is_index, index, key in store.rows(query.order_by(*store.path_order())):
        step = (bool(is_index), index, "" if key is None else values.text(key))
        found.setdefault(event, []).append(step)
    return found


def _role(path: list[Step]) -> tuple[str, int | None]:
    """Keys joined by dots, the last index apart; earlier ones stay within the role as `[i]`."""
    last = max((at for at, step in enumerate(path) if step[0]), default=None)
    role = ""
    for at, (is_index, index, key) in enumerate(path):
        if at == last:
            continue
        role += f"[{index}]" if is_index else f".{key}" if role else key
    return role, None if last is None else path[last][1]


def _membership(
    row: Row, kind: str, member: NodeKind, types: Types, outer: dict[int, list[str]]
) -> Iterator[Record]:
    id_, node, context, has_node, has_context, type_id, name = row
    position = f"{kind} {id_}"
    if has_node is None or has_context is None:
        there = [(node, has_node, member.value), (context, has_context, "context")]
        yield _dangling(kind, position, there)
        return
    container = types.kind(type_id)
    places = [(container, container_id(container, context, name))]
    places += [(NodeKind.PIPELINE, pipeline) for pipeline in outer.get(context, ())]
    for place, place_id in places:
        yield Membership(
            member_kind=member, member=str(node), container_kind=place, container=place_id,
            position=position,
        )  # fmt: skip


def _parent(row: Row, types: Types) -> Record:
    one, two, child, child_type, child_name, parent, parent_type, parent_name = row
    position = f"parent {two} of context {one}"
    if child is None or parent is None:
        return _dangling("parent", position, [(one, child, "context"), (two, parent, "context")])
    inner, outer = types.kind(child_type), types.kind(parent_type)
    return Membership(
        member_kind=inner,
        member=container_id(inner, one, child_name),
        container_kind=outer,
        container=container_id(outer, two, parent_name),
        position=position,
    )


def _stage_pipelines(store: Store, types: Types, contexts: set[int]) -> dict[int, list[str]]:
    """The pipelines that the stages among some contexts are part of: CMF links only the stage."""
    stages = types.ids(STAGE_TYPES)
    if not stages or not store.has("ParentContext"):
        return {}
    links, all_contexts = store.table("ParentContext"), store.table("Context")
    stage, pipeline = all_contexts.alias("stage"), all_contexts.alias("pipeline")
    query = (
        select(links.c.context_id, pipeline.c.id, pipeline.c.name)
        .join(stage, stage.c.id == links.c.context_id)
        .join(pipeline, pipeline.c.id == links.c.parent_context_id)
        .where(links.c.context_id.in_(contexts), stage.c.type_id.in_(stages))
        .where(pipeline.c.type_id.in_(types.ids(PIPELINE_TYPES)))
        .order_by(links.c.context_id, pipeline.c.id)
    )
    found: dict[int, list[str]] = {}
    for context, id_, name in store.rows(query):
        found.setdefault(context, []).append(container_id(NodeKind.PIPELINE, id_, name))
    return found
