"""What predictors learn from: one row a graphlet, and the executions that cost something.

Tables are kept as arrays, because half a million graphlets with fifty features fit in memory that
way and as objects they would not.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import IO, TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from lineage.errors import WasteError
from lineage.waste.stages import AFTER, STAGES, Feature, Kind, Stage

if TYPE_CHECKING:
    import os

    from numpy.typing import NDArray

_METADATA = b"lineage.waste"
_FORMAT = 1
_TEXT = ("key", "source", "pipeline", "node", "cost_unit")
_PLAIN = ("started", "open", "pushed", "pushed_at", "ended", "cost")
_STAGED = ("decided", "spent")
_PREFIX = "feature:"


def factorize(values: NDArray[Any]) -> tuple[NDArray[np.int64], list[str]]:
    """Text as numbers from 0 in the order of first appearance, and what they stand for.

    Args:
        values: (n,) of str; None and NaN count as "".
    """
    whole = pa.array(values, pa.string(), from_pandas=True).fill_null("").dictionary_encode()
    return whole.indices.to_numpy().astype(np.int64), whole.dictionary.to_pylist()


def _numbered(values: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.asarray(np.unique(values, return_inverse=True)[1], np.int64)


@dataclass(frozen=True, eq=False)
class FeatureTable:
    """Graphlets, ordered by start of their trainer and then by key.

    Attributes:
        key: (n,) str, unique.
        source: (n,) str; "" where unknown, here and in the next two.
        pipeline: (n,) str.
        node: (n,) str, of the trainer.
        started: (n,) int64, ms since 1970.
        decided: (n, 5) float64, ms since 1970 when each stage was reached; NaN where it was not.
        open: (n,) bool: it has executions that still run.
        pushed: (n,) bool.
        pushed_at: (n,) float64, ms since 1970; NaN where it was not pushed.
        ended: (n,) float64, ms since 1970.
        cost_unit: (n,) str.
        spent: (n, 5) float64, what had been spent by each stage.
        cost: (n,) float64, of all its executions; NaN where unknown.
        columns: by name of a feature, (n,) float64, or str for a category.
        features: of each column, in order.
    """

    key: NDArray[np.object_]
    source: NDArray[np.object_]
    pipeline: NDArray[np.object_]
    node: NDArray[np.object_]
    started: NDArray[np.int64]
    decided: NDArray[np.float64]
    open: NDArray[np.bool_]
    pushed: NDArray[np.bool_]
    pushed_at: NDArray[np.float64]
    ended: NDArray[np.float64]
    cost_unit: NDArray[np.object_]
    spent: NDArray[np.float64]
    cost: NDArray[np.float64]
    columns: dict[str, NDArray[Any]]
    features: tuple[Feature, ...]

    def __post_init__(self) -> None:
        self._check_shapes()
        later = self.started[1:] < self.started[:-1]
        tied = (self.started[1:] == self.started[:-1]) & (self.key[1:] <= self.key[:-1])
        if later.any() or tied.any():
            raise WasteError(
                "graphlets of a feature table are not in order; sort them by start, then by key"
            )

    def _check_shapes(self) -> None:
        count = len(self.key)
        wanted: dict[str, tuple[int, ...]] = dict.fromkeys((*_TEXT, *_PLAIN), (count,))
        wanted |= dict.fromkeys(_STAGED, (count, len(STAGES)))
        for name, shape in wanted.items():
            if getattr(self, name).shape != shape:
                raise WasteError(
                    f"column {name} of a feature table has shape {getattr(self, name).shape}; "
                    f"give it {shape}"
                )
        for feature in self.features:
            column = self.columns.get(feature.name)
            if column is None or column.shape != (count,):
                raise WasteError(
                    f"feature {feature.name} has no column of {count} values; add it, "
                    "or leave the feature out"
                )
        names = [feature.name for feature in self.features]
        if len(set(names)) < len(names):
            raise WasteError("two features have one name; rename one of them")

    def __len__(self) -> int:
        """How many graphlets."""
        return len(self.key)

    @cached_property
    def pipelines(self) -> NDArray[np.int64]:
        """(n,) numbers of pipelines from 0; those of one source without a name are one."""
        sources, _ = factorize(self.source)
        names, known = factorize(self.pipeline)
        return _numbered(sources * len(known) + names)

    @cached_property
    def lines(self) -> NDArray[np.int64]:
        """(n,) numbers of lines of models, from 0: source, pipeline and node of the trainer."""
        nodes, known = factorize(self.node)
        return _numbered(self.pipelines * len(known) + nodes)

    @cached_property
    def reached(self) -> NDArray[np.float64]:
        """(n, 5) when each stage was decided, ms; one that was not reached, as the one before."""
        times = np.where(np.isnan(self.decided), -np.inf, self.decided)
        times[:, 0] = np.where(np.isinf(times[:, 0]), self.started, times[:, 0])
        return np.maximum.accumulate(times, axis=1)

    def to_parquet(self, path: str | os.PathLike[str] | IO[bytes]) -> None:
        """Write it to one file; what its features are is in the file's metadata."""
        columns: dict[str, Any] = {}
        for name in _TEXT:
            columns[name] = pa.array(getattr(self, name), pa.string(), from_pandas=True)
        for name in _PLAIN:
            columns[name] = pa.array(getattr(self, name))
        for stage in STAGES:
            columns[f"decided:{stage}"] = pa.array(self.decided[:, stage.rank])
            columns[f"spent:{stage}"] = pa.array(self.spent[:, stage.rank])
        for feature in self.features:
            text = feature.kind is Kind.CATEGORY
            values = self.columns[feature.name]
            columns[_PREFIX + feature.name] = (
                pa.array(values, pa.string(), from_pandas=True)
                if text
                else pa.array(values.astype(np.float64))
            )
        table = pa.table(columns).replace_schema_metadata({_METADATA: self._description()})
        pq.write_table(table, path, compression="zstd")

    def _description(self) -> bytes:
        listed = [[one.name, one.stage.value, one.kind.value, one.says] for one in self.features]
        return json.dumps({"format": _FORMAT, "features": listed}).encode()

    @classmethod
    def from_parquet(cls, path: str | os.PathLike[str]) -> FeatureTable:
        """Read what `to_parquet` wrote.

        Raises:
            WasteError: the file is no feature table, or of another format.
        """
        try:
            table = pq.read_table(path)
            said = json.loads((table.schema.metadata or {})[_METADATA])
            features = tuple(
                Feature(name, Stage(stage), Kind(kind), says)
                for name, stage, kind, says in said["features"]
            )
            if said["format"] != _FORMAT:
                raise WasteError(
                    f"{path} has format {said['format']}; this version reads {_FORMAT}: "
                    "write the table again"
                )
            return cls(**_columns(table, features), features=features)
        except (OSError, pa.ArrowException, KeyError, ValueError, TypeError) as error:
            raise WasteError(
                f"{path} is no feature table ({type(error).__name__}); "
                "give a file that to_parquet wrote"
            ) from error


def _columns(table: pa.Table, features: tuple[Feature, ...]) -> dict[str, Any]:
    found: dict[str, Any] = {name: _text(table[name]) for name in _TEXT}
    for name in _PLAIN:
        found[name] = table[name].to_numpy()
    for name in _STAGED:
        parts = [table[f"{name}:{stage}"].to_numpy() for stage in STAGES]
        found[name] = np.stack(parts, axis=1)
    found["columns"] = {
        feature.name: (_text if feature.kind is Kind.CATEGORY else _number)(
            table[_PREFIX + feature.name]
        )
        for feature in features
    }
    return found


def _text(column: pa.ChunkedArray) -> NDArray[np.object_]:
    return np.asarray(column.fill_null("").to_numpy(zero_copy_only=False), dtype=object)


def _number(column: pa.ChunkedArray) -> NDArray[np.float64]:
    return np.asarray(column.to_numpy(), dtype=np.float64)


@dataclass(frozen=True, eq=False)
class Work:
    """Executions that cost something, for the replay of a policy.

    Attributes:
        cost: (m,) float64; NaN where unknown.
        rank: (m,) int8, the stage by which it is spent: 0 before the run, 1 data, 2 shape,
            3 training, 4 validation, 5 after that.
        indptr: (m + 1,) int64, where the holders of each begin.
        indices: (k,) int32, rows of the feature table: graphlets that hold the execution.
    """

    cost: NDArray[np.float64]
    rank: NDArray[np.int8]
    indptr: NDArray[np.int64]
    indices: NDArray[np.int32]

    def __post_init__(self) -> None:
        count = len(self.cost)
        whole = (
            len(self.rank) == count
            and len(self.indptr) == count + 1
            and self.indptr[0] == 0
            and self.indptr[-1] == len(self.indices)
            and bool((np.diff(self.indptr) >= 0).all())
        )
        if not whole:
            raise WasteError("the work's holders do not fit its executions; build it anew")
        if count and (self.rank.min() < 0 or self.rank.max() > AFTER):
            raise WasteError(f"a rank of the work is not between 0 and {AFTER}; build it anew")

    def __len__(self) -> int:
        """How many executions."""
        return len(self.cost)

    def check(self, graphlets: int) -> None:
        """Whether all holders are rows of a table of so many graphlets.

        Raises:
            WasteError: one is not.
        """
        if len(self.indices) and not 0 <= self.indices.min() <= self.indices.max() < graphlets:
            raise WasteError("the work has holders that are no rows of the table; build both anew")
