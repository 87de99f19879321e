"""How values are kept in files: Parquet, NumPy's own format, JSON, and copies of files.

None of these runs code when it is read. What does, joblib, is in `lineage.recorder.pickles`.
"""

from __future__ import annotations

import json
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lineage.recorder.digests import File, digest_of
from lineage_ingest.trace_json import typed, untyped

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True)
class Format:
    """One way to keep values.

    Attributes:
        suffix: of the files.
        write: writes a value to a path.
        read: reads it back.
    """

    suffix: str
    write: Callable[[Any, Path], None]
    read: Callable[[Path], Any]


def format_of(value: object) -> str | None:
    """The name of the format that a value is kept in; None where there is none for it."""
    kind = type(value)
    name = f"{kind.__module__.partition('.')[0]}.{kind.__qualname__}"
    if name in _BY_TYPE:
        return _BY_TYPE[name]
    try:
        typed(value, exact=True)
    except TypeError:
        return None
    return "json"


def comes_back(value: object, read: object, digest: str | None) -> bool:
    """Whether a value that was read is the one that was written."""
    if type(read) is not type(value):
        return False
    if hasattr(value, "equals") and not value.equals(read):
        return False
    return digest_of(read) == digest


def _write_frame(frame: Any, path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.Table.from_pandas(frame), path, compression="zstd")


def _read_frame(path: Path) -> Any:
    return _read_table(path).to_pandas()


def _write_series(series: Any, path: Path) -> None:
    frame = series.to_frame("value")
    frame.columns = [json.dumps(typed(series.name, exact=True))]
    _write_frame(frame, path)


def _read_series(path: Path) -> Any:
    series = _read_frame(path).iloc[:, 0]
    return series.rename(untyped(json.loads(series.name)))


def _write_table(table: Any, path: Path) -> None:
    import pyarrow.parquet as pq

    pq.write_table(table, path, compression="zstd")


def _read_table(path: Path) -> Any:
    import pyarrow.parquet as pq

    # One file, read with one thread's order of columns; not a data set of a folder.
    return pq.ParquetFile(path).read()


def _write_polars(frame: Any, path: Path) -> None:
    _write_table(frame.to_arrow(), path)


def _read_polars(path: Path) -> Any:
    import polars as pl

    return pl.from_arrow(_read_table(path))


def _write_array(array: Any, path: Path) -> None:
    import numpy as np

    np.save(path, array, allow_pickle=False)


def _read_array(path: Path) -> Any:
    import numpy as np

    return np.load(path, allow_pickle=False)


def _write_json(value: Any, path: Path) -> None:
    path.write_text(json.dumps(typed(value, exact=True)), encoding="utf-8")


def _read_json(path: Path) -> Any:
    return untyped(json.loads(path.read_text(encoding="utf-8")))


def _write_file(file: File, path: Path) -> None:
    shutil.copyfile(file.path, path)


FORMATS: dict[str, Format] = {
    "frame": Format(".parquet", _write_frame, _read_frame),
    "series": Format(".parquet", _write_series, _read_series),
    "table": Format(".parquet", _write_table, _read_table),
    "polars": Format(".parquet", _write_polars, _read_polars),
    "array": Format(".npy", _write_array, _read_array),
    "json": Format(".json", _write_json, _read_json),
    "file": Format("", _write_file, File),
}
_BY_TYPE = {
    "pandas.DataFrame": "frame",
    "pandas.Series": "series",
    "pyarrow.Table": "table",
    "polars.DataFrame": "polars",
    "numpy.ndarray": "array",
    "lineage.File": "file",
}


def size_of(value: object) -> int | None:
    """About how many bytes a value takes; None where that cannot be told."""
    if isinstance(value, File):
        return Path(value.path).stat().st_size
    usage = getattr(value, "memory_usage", None)
    if usage is not None and type(value).__module__.startswith("pandas"):
        total = usage(index=True)
        return int(total if isinstance(total, int) else total.sum())
    size = getattr(value, "nbytes", None)
    if isinstance(size, int):
        return size
    return sys.getsizeof(value) if format_of(value) == "json" else None
