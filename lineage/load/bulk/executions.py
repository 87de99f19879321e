"""What executions have beside what all nodes have, for many at once; see `Rows.node`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from lineage.load.bulk.batches import coalesce, distinct, join, text_of
from lineage.records import NodeKind, OperatorClass, State
from lineage.schema import CHANGED, RUNNING, label_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lineage.load.bulk.batches import Batch, Derived
    from lineage.load.bulk.native import Native
    from lineage.load.rows import Rows
    from lineage.naming import Match

LABEL_SEPARATOR = "\x1f"
_CLASSES = {one.value: one for one in OperatorClass}
_STATES = {one.value: one for one in State}
_HELD = ("type", "base_type", "node", "state", "code_version")


def execution_columns(rows: Rows, batch: Batch, native: Native, derived: Derived) -> dict[str, Any]:
    """The columns of a batch of executions under the importer's headers."""
    matches, inverse = operators(rows, batch)
    targets = [match.target for match in matches]
    node = pc.coalesce(coalesce(batch["node"], last_part(batch["type"])), "")
    resolving = np.array([one is OperatorClass.RESOLUTION for one in targets])[inverse]
    training = np.array([one is OperatorClass.TRAINING for one in targets])[inverse]
    families = native.families(rows.settings.family_properties)
    parents = join(pa.scalar(rows.key(NodeKind.EXECUTION, "")), batch["parent"])
    columns: dict[str, Any] = {f"{name}:string": batch[name] for name in _HELD}
    columns |= _costs(rows, batch, native, resolving)
    columns |= _recipes(rows, batch, native, targets, inverse)
    columns |= {
        "name:string": coalesce(batch["name"], join(node, " ", batch["id"])),
        "operator:string": text_of([one.value for one in targets], inverse),
        "class_by:string": text_of([match.by.value for match in matches], inverse),
        "family:string": pc.if_else(pa.array(training), families, pa.scalar(None, pa.string())),
        "parent:string": parents,
        "pipeline:string": derived.names.take(pa.array(derived.pipelines)),
    }
    from_times = pc.equal(columns["cost_from:string"], "duration")
    waiting = derived.parents & np.asarray(from_times)  # for what its children cover
    running = np.asarray(pc.equal(batch["state"], State.RUNNING.value))
    columns[":LABEL"] = _labels(targets, inverse, running, waiting)
    return columns


def operators(rows: Rows, batch: Batch) -> tuple[list[Match[OperatorClass]], NDArray[np.int64]]:
    """The distinct classes of a batch of executions, and which one each row has."""
    named = [batch[name] for name in ("type", "node", "base_type", "operator")]
    first, inverse = distinct(*named)
    matches = []
    for values in zip(*(column.take(pa.array(first)).to_pylist() for column in named), strict=True):
        kind, node, base_type, stated = values
        given = _CLASSES.get(stated)  # a row that states another is odd
        matches.append(rows.naming.match_operator(kind or "", node, base_type, given))
    return matches, inverse


def hands_on(batch: Batch, matches: list[Match[OperatorClass]], inverse: NDArray[np.int64]) -> Any:
    """Which executions put out what existed before: cached ones, and resolutions."""
    resolving = np.array([one.target is OperatorClass.RESOLUTION for one in matches])[inverse]
    cached: NDArray[np.bool_] = np.asarray(pc.equal(batch["state"], State.CACHED.value))
    return resolving | cached


def last_part(types: Any) -> Any:
    """What follows the last point of each type."""
    encoded = types.dictionary_encode()
    parts = [kind.rpartition(".")[2] for kind in encoded.dictionary.to_pylist()]
    return pa.array(parts, pa.string()).take(encoded.indices)


def _labels(
    targets: list[OperatorClass],
    inverse: NDArray[np.int64],
    running: NDArray[np.bool_],
    waiting: NDArray[np.bool_],
) -> Any:
    made = [
        LABEL_SEPARATOR.join(["Execution", label_of(target), *marks])
        for target in targets
        for marks in ([], [RUNNING], [CHANGED], [RUNNING, CHANGED])
    ]
    return text_of(list(made), inverse * 4 + running + 2 * waiting)


def _recipes(
    rows: Rows,
    batch: Batch,
    native: Native,
    targets: list[OperatorClass],
    inverse: NDArray[np.int64],
) -> dict[str, Any]:
    """What each computes, worked out once for rows that say the same; see `Rows`."""
    named = [batch[name] for name in ("type", "node", "state", "code_version")]
    _, kinds = distinct(*named)
    same = (kinds * (native.count + 1) + native.codes) * len(targets) + inverse
    _, first, place = np.unique(same, return_index=True, return_inverse=True)
    values = zip(*(column.take(pa.array(first)).to_pylist() for column in named), strict=True)
    made = [
        rows.recipes.recipe(
            kind or "",
            node,
            operator=targets[inverse[row]],
            state=_STATES.get(state, State.RUNNING),
            code_version=version,
            properties=native.properties(row),
        )
        for row, (kind, node, state, version) in zip(first.tolist(), values, strict=True)
    ]  # fmt: skip
    numbers = [one and one.number for one in made]
    told = [True if one and one.fingerprinted else None for one in made]
    places = pa.array(place)
    return {
        "recipe:long": pa.array(numbers, pa.int64()).take(places),
        "fingerprinted:boolean": pa.array(told, pa.bool_()).take(places),
    }


def _costs(
    rows: Rows, batch: Batch, native: Native, resolving: NDArray[np.bool_]
) -> dict[str, Any]:
    """Cost, its unit, and where it came from; see `Rows`."""
    wanted = rows.settings.cost_property
    nothing = resolving | np.asarray(pc.equal(batch["state"], State.CACHED.value))
    stated = batch["cost"]
    both = batch.valid["started"] & batch.valid["ended"]
    took = (batch.times["ended"] - batch.times["started"]) / 1000
    if wanted is None:
        there, amounts = np.zeros(batch.size, np.bool_), np.zeros(batch.size)
    else:
        there, amounts = native.amounts(wanted)
        batch.odd |= ~nothing & there & ~np.isfinite(amounts)
    ways = [nothing, there, np.asarray(stated.is_valid()), both]
    way = np.select(ways, range(4), 4)
    known = stated.fill_null(0.0).to_numpy()
    cost = np.select(ways, [np.zeros(batch.size), amounts, known, took], 0.0)
    origins = ["nothing ran", f"property {wanted}", "source", "duration", "unknown"]
    usual = rows.settings.cost_unit if wanted else "s"
    given = coalesce(batch["cost_unit"], pa.scalar("s"))
    units = np.select([way == 1, way == 3], [1, 2], np.where((way == 2) | (wanted is None), 0, 3))
    return {
        "cost:double": pa.array(cost, mask=way == 4),
        "cost_unit:string": pc.choose(
            pa.array(units),
            given,
            pa.scalar(rows.settings.cost_unit),
            pa.scalar("s"),
            coalesce(batch["cost_unit"], pa.scalar(usual)),
        ),
        "cost_from:string": text_of(list(origins), way.astype(np.int64)),
    }
