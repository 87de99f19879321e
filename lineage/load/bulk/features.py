"""Features of many data sets as columns for the importer; see `lineage.load.features`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from lineage.distributions import BINS, HASHES, hashes
from lineage.load.rows import LIST_SEPARATOR
from lineage.recipes import SEPARATOR
from lineage.records import FeatureKind
from lineage_ingest.trace_columns import cast, odd_weights

if TYPE_CHECKING:
    from numpy.typing import NDArray

ARRAY_SEPARATOR = "\x1f"
_KINDS = pa.array([kind.value for kind in FeatureKind], pa.string())
_CONTROL = "[\x00-\x1f]"


class Features:
    """The column `features` of a batch.

    Attributes:
        odd: of shape (rows,), rows with a feature that is not as it must be, or not in its order.
        absent: of shape (rows,), rows without any.
    """

    def __init__(
        self, counts: NDArray[np.int64], names: Any, kinds: Any, weights: NDArray[np.int64]
    ) -> None:
        self._counts = counts
        self._names, self._kinds, self._weights = names, kinds, weights
        self.odd: NDArray[np.bool_] = np.zeros(len(counts), np.bool_)
        self.absent: NDArray[np.bool_] = counts == 0

    @classmethod
    def none(cls, rows: int) -> Self:
        """No features in any row."""
        nothing = pa.array([], pa.string())
        return cls(np.zeros(rows, np.int64), nothing, nothing, np.zeros((0, BINS), np.int64))

    @classmethod
    def of(cls, column: pa.ListArray) -> Self:
        """The features that a column holds."""
        counts = pc.list_value_length(column).fill_null(0).to_numpy().astype(np.int64)
        flat = column.flatten()
        names = cast(pc.struct_field(flat, "name"), pa.string())
        kinds = cast(pc.struct_field(flat, "kind"), pa.string())
        lists = cast(pc.struct_field(flat, "weights"), pa.list_(pa.int64()))
        lengths = pc.list_value_length(lists).fill_null(0).to_numpy().astype(np.int64)
        shares = lists.flatten().fill_null(-1).to_numpy()
        odd = odd_weights(lengths, shares)
        odd |= np.asarray(pc.or_(names.is_null(), pc.invert(pc.is_in(kinds, value_set=_KINDS))))
        odd |= np.asarray(pc.match_substring_regex(names, _CONTROL).fill_null(fill_value=True))
        odd |= np.asarray(pc.equal(names, "").fill_null(fill_value=True))
        odd |= _unordered(counts, names)
        weights = np.zeros((len(lengths), BINS), np.int64)
        full = lengths == BINS
        weights[full] = shares[np.repeat(full, lengths)].reshape(-1, BINS)
        made = cls(counts, names, kinds, weights)
        made.odd[np.repeat(np.arange(len(counts)), counts)[odd]] = True
        return made

    def columns(self) -> dict[str, Any]:
        """The columns under the importer's headers; nothing where no row has features."""
        if not len(self._names):
            return {}
        return {
            "feature_names:string[]": self._joined(self._names, 1, ARRAY_SEPARATOR),
            "feature_kinds:string[]": self._joined(self._kinds, 1, ARRAY_SEPARATOR),
            "feature_weights:long[]": self._numbers(self._weights, ARRAY_SEPARATOR),
            "feature_hashes:long[]": self._numbers(hashes(self._weights), ARRAY_SEPARATOR),
        }

    def content(self) -> Any:
        """What a revision says of features; null where there are none."""
        return pc.binary_join_element_wise(
            self._joined(self._names, 1, LIST_SEPARATOR),
            self._joined(self._kinds, 1, LIST_SEPARATOR),
            self._numbers(self._weights, LIST_SEPARATOR),
            SEPARATOR,
        )

    def _numbers(self, values: NDArray[np.int64], separator: str) -> Any:
        width = values.shape[1]
        texts = pa.array(values.ravel()).cast(pa.string())
        return self._joined(texts, width, separator)

    def _joined(self, values: Any, width: int, separator: str) -> Any:
        """The values of each row in one text; null where there are none."""
        ends = np.cumsum(self._counts * width)
        offsets = pa.array(np.concatenate(([0], ends)), pa.int32())
        lists = pa.ListArray.from_arrays(offsets, values, mask=pa.array(self.absent))
        return pc.binary_join(lists, separator)


def _unordered(counts: NDArray[np.int64], names: Any) -> NDArray[np.bool_]:
    """Which features do not come after the one before them in the same data set."""
    unordered = np.zeros(len(names), np.bool_)
    if len(names) > 1:
        behind = pc.greater(names[1:], names[:-1]).fill_null(fill_value=False)
        unordered[1:] = ~np.asarray(behind)
    firsts = np.cumsum(counts)[:-1]
    unordered[firsts[firsts < len(names)]] = False
    return unordered


__all__ = ["HASHES", "Features"]
