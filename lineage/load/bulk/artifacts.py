"""What artifacts have beside what all nodes have, for many at once; see `Rows.node`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from lineage.errors import BulkError
from lineage.load.bulk.batches import coalesce, distinct, join, text_of
from lineage.load.bulk.executions import LABEL_SEPARATOR, last_part
from lineage.load.rows import KEY_BYTES
from lineage.recipes import content_of
from lineage.records import ArtifactClass, NodeKind
from lineage.schema import label_of
from lineage_ingest.datasets import SHARED

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lineage.load.bulk.batches import Batch, Derived
    from lineage.load.rows import Rows
    from lineage.naming import ArtifactMatch

_CLASSES = {one.value: one for one in ArtifactClass}
_HELD = ("type", "base_type", "uri", "digest", "version", "state")


def artifact_columns(rows: Rows, batch: Batch, derived: Derived) -> dict[str, Any]:
    """The columns of a batch of artifacts under the importer's headers."""
    if pc.any(pc.starts_with(batch["id"], SHARED)).as_py():
        raise BulkError(
            "a bulk load takes no data sets that sources share by name (ids that begin with "
            f"{SHARED!r}); leave --bulk out"
        )
    batch.mark(pc.greater(pc.binary_length(batch["digest"]), KEY_BYTES // 4))  # an index takes less
    matches, inverse = _classes(rows, batch)
    follows = np.array([match.depends_on_producer for match in matches])[inverse]
    spans = np.array([match.target is ArtifactClass.SPAN for match in matches])[inverse]
    changed = follows & spans & derived.made
    # Behind the classes that were found: what a transformation made.
    targets = [*(match.target for match in matches), ArtifactClass.TRANSFORM]
    places = np.where(changed, len(matches), inverse)
    labels = [f"Artifact{LABEL_SEPARATOR}{label_of(target)}" for target in targets]
    columns: dict[str, Any] = {f"{name}:string": batch[name] for name in _HELD}
    columns |= {
        ":LABEL": text_of(list(labels), places),
        "name:string": coalesce(batch["name"], join(last_part(batch["type"]), " ", batch["id"])),
        "artifact:string": text_of([target.value for target in targets], places),
        "class_by:string": text_of([match.by.value for match in matches], inverse),
        "follows_producer:boolean": pa.array(follows, mask=~follows),
        "content:long": _contents(rows, batch),
        "size:long": batch["size"],
        "pushed:boolean": batch["pushed"],
    }
    _look_for_statistics(rows, batch, spans_of_statistics(matches, inverse))
    return columns | batch.features.columns()


def spans_of_statistics(
    matches: list[ArtifactMatch], inverse: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Which rows are statistics."""
    found: NDArray[np.bool_] = np.array(
        [match.target is ArtifactClass.STATISTICS for match in matches]
    )[inverse]
    return found


def _classes(rows: Rows, batch: Batch) -> tuple[list[ArtifactMatch], NDArray[np.int64]]:
    named = [batch[name] for name in ("type", "base_type", "artifact")]
    first, inverse = distinct(*named)
    matches = []
    for values in zip(*(column.take(pa.array(first)).to_pylist() for column in named), strict=True):
        kind, base_type, stated = values
        matches.append(rows.naming.artifact(kind or "", base_type, _CLASSES.get(stated)))
    return matches, inverse


def _contents(rows: Rows, batch: Batch) -> Any:
    """What tells the content of each; see `Rows`."""
    prefix = rows.key(NodeKind.ARTIFACT, "")
    keys = (prefix + (one or "") for one in batch["id"].to_pylist())
    digests = batch["digest"].to_pylist()
    return pa.array(
        (content_of(key, digest) for key, digest in zip(keys, digests, strict=True)), pa.int64()
    )


def _look_for_statistics(rows: Rows, batch: Batch, expected: NDArray[np.bool_]) -> None:
    """Call rows odd whose features lie in files, or of which something is to be said."""
    if rows.statistics is None:
        return
    bare = ~batch.odd & batch.features.absent & ~np.asarray(coalesce(batch["uri"]).is_null())
    for row in np.flatnonzero(bare).tolist():
        address = batch["uri"][row].as_py()
        found, problems = rows.statistics.features(address, expected=bool(expected[row]))
        if found is not None or problems:
            batch.odd[row] = True
