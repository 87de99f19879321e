"""What the standard facets must look like, as far as anything here depends on it.

A facet that breaks its schema (openlineage.io/spec/facets) is flagged and left out; the event that
carries it is kept whole. Facets that are not listed are kept as they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lineage_ingest.openlineage.parse import Json

LARGEST = 1_000_000
"""Bytes of JSON; a larger facet stays in its event and is left out of the graph's properties."""

SYMLINKS = 1_000
"""Other names that a facet can give to a data set; further ones are left out."""

_TEXT, _NUMBER, _LIST, _OBJECT = (str,), (int, float), (list,), (dict,)
_Fields = dict[str, tuple[type, ...]]

_REQUIRED: Mapping[str, _Fields] = {
    "nominalTime": {"nominalStartTime": _TEXT},
    "parent": {"run": _OBJECT, "job": _OBJECT},
    "errorMessage": {"message": _TEXT, "programmingLanguage": _TEXT},
    "externalQuery": {"externalQueryId": _TEXT, "source": _TEXT},
    "processing_engine": {"version": _TEXT},
    "jobType": {"processingType": _TEXT, "integration": _TEXT},
    "sourceCode": {"language": _TEXT, "sourceCode": _TEXT},
    "sourceCodeLocation": {"type": _TEXT, "url": _TEXT},
    "sql": {"query": _TEXT},
    "documentation": {"description": _TEXT},
    "version": {"datasetVersion": (str, int)},
    "dataSource": {},
    "lifecycleStateChange": {"lifecycleStateChange": _TEXT},
    "storage": {"storageLayer": _TEXT},
    "datasetType": {"datasetType": _TEXT},
    "columnLineage": {"fields": _OBJECT},
    "dataQualityMetrics": {"columnMetrics": _OBJECT},
    "dataQualityAssertions": {"assertions": _LIST},
}
_OPTIONAL: Mapping[str, _Fields] = {
    "schema": {"fields": _LIST},
    "symlinks": {"identifiers": _LIST},
    "ownership": {"owners": _LIST},
    "outputStatistics": {"rowCount": _NUMBER, "size": _NUMBER, "fileCount": _NUMBER},
    "inputStatistics": {"rowCount": _NUMBER, "size": _NUMBER, "fileCount": _NUMBER},
    "executionParameters": {"parameters": _LIST},
    "nominalTime": {"nominalEndTime": _TEXT},
    "sourceCodeLocation": {"version": _TEXT},
    "jobType": {"jobType": _TEXT},
    "lineage": {"entries": _LIST, "inputs": _LIST, "fields": _OBJECT},
}


def problem(name: str, facet: Json) -> str | None:
    """What breaks the schema of a facet; None when nothing does, or its schema is not known."""
    for field, kinds in _REQUIRED.get(name, {}).items():
        if not _fits(facet.get(field), kinds):
            return f"facet {name}: {field} is {_said(facet.get(field))}"
    for field, kinds in _OPTIONAL.get(name, {}).items():
        if facet.get(field) is not None and not _fits(facet[field], kinds):
            return f"facet {name}: {field} is {_said(facet[field])}"
    return None


def sound(facets: dict[str, Json], flags: set[str]) -> dict[str, Json]:
    """The facets that keep to their schemas; why the others do not is added to the flags."""
    kept = {}
    for name, facet in facets.items():
        found = problem(name, facet)
        if found is None:
            kept[name] = facet
        else:
            flags.add(found)
    others = kept.get("symlinks", {}).get("identifiers") or ()
    if len(others) > SYMLINKS:
        flags.add(f"facet symlinks: has {len(others)} names, of which {SYMLINKS} are used")
    return kept


def plain(facet: Json) -> Json:
    """A facet without what the format says of itself."""
    return {name: value for name, value in facet.items() if name not in {"_producer", "_schemaURL"}}


def _fits(value: Any, kinds: tuple[type, ...]) -> bool:
    return isinstance(value, kinds) and not (isinstance(value, bool) and bool not in kinds)


def _said(value: Any) -> str:
    return "missing" if value is None else f"a {type(value).__name__}"
