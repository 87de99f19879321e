"""The properties of a node as people read them: a label and a text for each."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from lineage.report import units

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# What the loader keeps for itself, and what the heading says already.
_HIDDEN = frozenset({
    "key", "name", "source", "revision", "follows_producer", "class_by", "cost_from", "recipe",
    "fingerprinted", "signature", "content", "same", "assumed", "place", "written", "dataset",
    "source_id", "feature_weights", "feature_hashes",
})  # fmt: skip


def facts(properties: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Labels and texts, the graph's own properties before the source's, not yet made safe.

    Args:
        properties: of one node; the source's own begin with `p_` or `json_`.
    """
    unit = properties.get("cost_unit")
    for name, value in sorted(properties.items(), key=lambda pair: _place(pair[0])):
        if name in _HIDDEN or name == "cost_unit" or value is None:
            continue
        label = name.removeprefix("p_").removeprefix("json_").replace("_", " ")
        if name in ("cost", "attributed_cost"):
            yield label, units.cost(value, unit)
        elif isinstance(value, datetime):
            yield label, units.moment(value)
        elif isinstance(value, bool):
            yield label, "yes" if value else "no"
        else:
            yield label, str(value)


def _place(name: str) -> tuple[bool, str]:
    """The graph's own properties come before the source's."""
    return name.startswith(("p_", "json_")), name
