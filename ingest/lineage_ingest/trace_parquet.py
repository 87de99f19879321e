"""Reads the native trace format as a folder of Parquet tables."""

from __future__ import annotations

from contextlib import contextmanager
from difflib import get_close_matches
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from lineage.errors import ReadError
from lineage_ingest.trace_batches import TableReader
from lineage_ingest.trace_header import HEADER, checked_header, json_object
from lineage_ingest.trace_tables import TABLES, why_not_columns

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lineage.records import Record
    from lineage_ingest.trace_lines import TraceLine

BATCH_ROWS = 8_192
_SUFFIX = ".parquet"


class ParquetTrace:
    """Reads one trace from its tables; see `TraceReader`.

    Each table is read in batches of `BATCH_ROWS` rows, whatever the size of its row groups.
    """

    def __init__(self, folder: Path) -> None:
        """Open a folder; looks at `trace.json` and at the columns of each table.

        Raises:
            ReadError: it is no trace, or a table cannot be read or has not the right columns.
            UnsupportedVersionError: a newer version of the format.
        """
        self._folder = folder
        self._header = _header(folder)
        _refuse_misspelt(folder)
        self._rows = {path: _checked(path) for path in tables_in(folder)}

    @classmethod
    def recognises(cls, folder: Path) -> bool:
        """Whether its `trace.json` says that it is a trace."""
        try:
            return json_object((folder / HEADER).read_bytes()).get("kind") == "trace"
        except OSError:
            return False

    @classmethod
    def resembles(cls, folder: Path) -> bool:
        """Whether it holds a `trace.json` or a table."""
        return (folder / HEADER).exists() or bool(tables_in(folder))

    @property
    def source(self) -> str:
        """The source that the trace names, else its own address."""
        return self._header.source or self._folder.resolve().as_uri()

    @property
    def simulated(self) -> bool:
        """Whether the trace says that it was made up by a simulation."""
        return self._header.simulated

    @property
    def version(self) -> str:
        """The format and its version."""
        return f"lineage trace {self._header.version}, Parquet"

    def total(self) -> int | None:
        """The rows of all tables, from what the files say of themselves."""
        return sum(self._rows.values())

    def records(self) -> Iterator[Record]:
        """Every record, table by table, nodes first.

        Raises:
            ReadError: a table is damaged further on.
        """
        for path in self._rows:
            reader = TableReader(path.stem, path.name)
            for batch in _batches(path):
                with _readable(path):
                    made = reader.records(batch)
                yield from made

    @property
    def tables(self) -> dict[str, int]:
        """How many rows each table has that is there, nodes first."""
        return {path.stem: rows for path, rows in self._rows.items()}

    def batches(
        self, table: str, rows: int, columns: list[str] | None = None
    ) -> Iterator[pa.RecordBatch]:
        """The rows of a table as they are in its file; none where there is no such table.

        Args:
            table: its name.
            rows: of a batch at most.
            columns: only these, as far as the table has them.

        Raises:
            ReadError: the table is damaged further on.
        """
        path = self._folder / f"{table}{_SUFFIX}"
        return _batches(path, rows, columns) if path in self._rows else iter(())

    def close(self) -> None:
        """Nothing is kept open between two batches' reading."""


def tables_in(folder: Path) -> list[Path]:
    """The tables of a trace that a folder holds, nodes first."""
    paths = (folder / f"{table}{_SUFFIX}" for table in TABLES)
    return [path for path in paths if path.exists()]


def _header(folder: Path) -> TraceLine:
    path = folder / HEADER
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        raise ReadError(
            f"{folder} is no trace: it has no {HEADER}, such as "
            '{"kind": "trace", "version": 1, "source": "NAME"}'
        ) from None
    except OSError as error:
        raise ReadError(f"cannot open {path}: {error.strerror}") from error
    return checked_header(raw, HEADER, str(folder))


def _refuse_misspelt(folder: Path) -> None:
    """Refuse a table whose name is nearly right; other files are the user's own.

    Raises:
        ReadError: there is one.
    """
    for path in sorted(folder.glob(f"*{_SUFFIX}")):
        if path.stem not in TABLES:
            near = get_close_matches(path.stem.lower(), TABLES, n=1, cutoff=0.8)
            if near:
                raise ReadError(f"{path} is no table of a trace; did you mean {near[0]}{_SUFFIX}?")


def _checked(path: Path) -> int:
    """How many rows a table has, once its columns are seen to be right."""
    with _readable(path), _opened(path) as file:
        schema = file.schema_arrow
        if (reason := why_not_columns(path.stem, schema)) is not None:
            raise ReadError(f"{path}: {reason}")
        rows: int = file.metadata.num_rows
        return rows


def _batches(
    path: Path, rows: int = BATCH_ROWS, columns: list[str] | None = None
) -> Iterator[pa.RecordBatch]:
    with _readable(path):
        file = _opened(path)
    with file:
        batches = file.iter_batches(batch_size=rows, columns=columns)
        while True:
            with _readable(path):
                batch = next(batches, None)
            if batch is None:
                return
            yield batch


def _opened(path: Path) -> pq.ParquetFile:
    return pq.ParquetFile(path, page_checksum_verification=True)


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    """What Arrow says of a file that it cannot read, in our words.

    Raises:
        ReadError: instead.
    """
    try:
        yield
    except UnicodeDecodeError as error:
        raise ReadError(f"{path} cannot be read: it holds text that is not UTF-8") from error
    except (pa.ArrowException, OSError) as error:
        if path.is_dir():
            raise ReadError(f"{path} is a folder; a table is one file") from error
        if path.is_file() and path.stat().st_size == 0:
            raise ReadError(
                f"{path} is empty; a table without rows still has its columns"
            ) from error
        said = " ".join(str(error).split()).rstrip(". ")
        raise ReadError(
            f"{path} cannot be read; it may be cut short or damaged: {said[:200]}"
        ) from error
