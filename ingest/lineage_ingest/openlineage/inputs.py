"""Inputs that a run tells of in facets of its outputs alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lineage_ingest.openlineage.state import facet, named

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lineage_ingest.openlineage.parse import Json
    from lineage_ingest.openlineage.state import RunState


def told_inputs(state: RunState) -> None:
    """Add what the facets of a run's outputs say was read, where its inputs do not.

    A data set that got a new name was made from the one that had the old name. What a column was
    made from was read, too: dbt names a seed there alone.
    """
    for written in list(state.outputs.values()):
        before = facet(written.facets, "lifecycleStateChange").get("previousIdentifier")
        for said in (before, *_columns_from(facet(written.facets, "columnLineage"))):
            found = named(said)
            if found is not None and found.name != written.name:
                state.inputs.setdefault(found.name, found)


def _columns_from(lineage: Json) -> Iterator[Any]:
    fields = lineage.get("fields")
    lists = [one.get("inputFields") for one in _objects(fields)] + [lineage.get("dataset")]
    for sources in lists:
        if isinstance(sources, list):
            yield from sources


def _objects(fields: Any) -> list[Json]:
    found = fields.values() if isinstance(fields, dict) else ()
    return [one for one in found if isinstance(one, dict)]
