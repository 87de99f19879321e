"""Which pipeline a run is of: by its parent context, a property, or shared executions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from lineage.records import Membership, NodeKind
from lineage_ingest.mlmd.edges import container_id
from lineage_ingest.mlmd.rows import CHUNK
from lineage_ingest.mlmd.types import PIPELINE_TYPES, RUN_TYPES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Select

    from lineage.records import Record
    from lineage_ingest.mlmd.store import Store
    from lineage_ingest.mlmd.types import Types


class RunLinks:
    """Memberships of runs in pipelines, beyond those that parent contexts already say.

    Args:
        store: where from.
        types: of the store.
        newest: the greatest context id to look at.
        associations: with a cursor, only runs that got associations of greater ids.
    """

    def __init__(
        self, store: Store, types: Types, newest: int, associations: int | None = None
    ) -> None:
        self._store, self._newest, self._since = store, newest, associations
        self._runs = types.ids(RUN_TYPES)
        self._pipeline_types = types.ids(PIPELINE_TYPES)
        contexts = store.table("Context").c
        query = select(contexts.id, contexts.name).where(
            contexts.type_id.in_(self._pipeline_types), contexts.id <= newest
        )
        self._pipelines = {
            id_: container_id(NodeKind.PIPELINE, id_, name) for id_, name in store.rows(query)
        }

    def records(self) -> Iterator[Record]:
        """The memberships."""
        if not self._runs or not self._pipelines:
            return
        unlinked: set[int] = set()
        for runs in self._run_chunks():
            parents, stated = self._parents(runs), self._stated(runs)
            for run in runs:
                if run in stated:
                    yield _link(run, stated[run])
                elif run not in parents:
                    unlinked.add(run)
        if unlinked:
            yield from self._shared(unlinked)

    def _run_chunks(self) -> Iterator[list[int]]:
        contexts, links = self._store.table("Context").c, self._store.table("Association").c
        query = select(contexts.id).where(
            contexts.type_id.in_(self._runs), contexts.id <= self._newest
        )
        if self._since is not None:
            recent = select(links.context_id).where(links.id > self._since)
            query = query.where(contexts.id.in_(recent))
        query, after = query.order_by(contexts.id).limit(CHUNK), 0
        while rows := self._store.rows(query.where(contexts.id > after)):
            after = rows[-1][0]
            yield [row[0] for row in rows]

    def _parents(self, runs: list[int]) -> set[int]:
        """Those of the runs with a pipeline for a parent."""
        if not self._store.has("ParentContext"):
            return set()
        links, contexts = self._store.table("ParentContext"), self._store.table("Context")
        query = (
            select(links.c.context_id)
            .join(contexts, contexts.c.id == links.c.parent_context_id)
            .where(links.c.context_id.in_(runs), contexts.c.type_id.in_(self._pipeline_types))
        )
        return {row[0] for row in self._store.rows(query)}

    def _stated(self, runs: list[int]) -> dict[int, str]:
        """The pipelines that runs name in their property, where there are such pipelines."""
        properties = self._store.table("ContextProperty").c
        query = select(properties.context_id, properties.string_value).where(
            properties.context_id.in_(runs), properties.name == "pipeline_name"
        )
        known = set(self._pipelines.values())
        rows = self._store.rows(query.order_by(properties.context_id))
        linked = self._parents(runs)
        return {run: name for run, name in rows if name in known and run not in linked}

    def _shared(self, unlinked: set[int]) -> Iterator[Record]:
        """The pipelines that every execution of a run belongs to.

        Every one, not any one: a pipeline nested in another holds only some of the outer run's.
        """
        rows = self._store.stream(self._sizes())
        sizes = {run: size for run, size in rows if run in unlinked}
        found = [row for row in self._store.stream(self._pairs()) if row[2] == sizes.get(row[0])]
        for run, pipeline, _ in found:
            if pipeline in self._pipelines:
                yield _link(run, self._pipelines[pipeline])

    def _sizes(self) -> Select[Any]:
        links, contexts = self._store.table("Association"), self._store.table("Context")
        return (
            select(links.c.context_id, func.count())
            .join(contexts, contexts.c.id == links.c.context_id)
            .where(contexts.c.type_id.in_(self._runs))
            .group_by(links.c.context_id)
        )

    def _pairs(self) -> Select[Any]:
        one, two = (self._store.table("Association").alias(name) for name in ("one", "two"))
        runs, pipelines = (self._store.table("Context").alias(name) for name in ("r", "p"))
        return (
            select(one.c.context_id, two.c.context_id, func.count())
            .select_from(one)
            .join(runs, runs.c.id == one.c.context_id)
            .join(two, two.c.execution_id == one.c.execution_id)
            .join(pipelines, pipelines.c.id == two.c.context_id)
            .where(runs.c.type_id.in_(self._runs))
            .where(pipelines.c.type_id.in_(self._pipeline_types))
            .group_by(one.c.context_id, two.c.context_id)
            .order_by(one.c.context_id, two.c.context_id)
        )


def _link(run: int, pipeline: str) -> Membership:
    return Membership(
        member_kind=NodeKind.RUN,
        member=str(run),
        container_kind=NodeKind.PIPELINE,
        container=pipeline,
        position=f"context {run}",
    )
