"""Which inputs made which outputs, where a run says so.

The lineage facet (openlineage.io/spec/facets/1-0-0/LineageFacet.json) says it, on the job for
several data sets or on a data set for itself, as a whole or by field; nothing stands for all inputs
then. An output that no such facet tells of was made from all inputs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lineage_ingest.openlineage.state import facet, named

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lineage_ingest.openlineage.parse import Json
    from lineage_ingest.openlineage.state import RunState


@dataclass(frozen=True, slots=True)
class Group:
    """Outputs that were made from the same inputs; canonical names, sorted."""

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


def groups_of(state: RunState, job_facets: dict[str, Json]) -> list[Group]:
    """The outputs of a run by what they were made from; one group where nothing is said.

    What only the facet names is added to the run's inputs and outputs.
    """
    said: dict[str, set[str]] = {}
    for entry in facet(job_facets, "lineage").get("entries") or ():
        if isinstance(entry, dict) and entry.get("type") == "DATASET":
            target = named(entry)
            if target is not None:
                state.outputs.setdefault(target.name, target)
                said.setdefault(target.name, set()).update(_sources(entry, state))
    for name, written in state.outputs.items():
        own = written.facets.get("lineage")
        if own is not None:
            said.setdefault(name, set()).update(_sources(own, state))
    every = frozenset(state.inputs)
    grouped: dict[frozenset[str], list[str]] = {}
    for name in sorted(state.outputs):
        inputs = frozenset(said[name]) if name in said else every
        grouped.setdefault(inputs, []).append(name)
    if len(grouped) <= 1 and not said:
        return []
    return sorted(
        (Group(tuple(sorted(inputs)), tuple(names)) for inputs, names in grouped.items()),
        key=lambda group: group.outputs,
    )


def _sources(said: Json, state: RunState) -> set[str]:
    found = set()
    for source in _inputs(said):
        dataset = named(source) if source.get("type") == "DATASET" else None
        if dataset is not None:
            state.inputs.setdefault(dataset.name, dataset)
            found.add(dataset.name)
    return found


def _inputs(said: Json) -> Iterator[Json]:
    lists: list[Any] = [said.get("inputs")]
    fields = said.get("fields")
    if isinstance(fields, dict):
        lists += [one.get("inputs") for one in fields.values() if isinstance(one, dict)]
    for inputs in lists:
        if isinstance(inputs, list):
            yield from (one for one in inputs if isinstance(one, dict))
