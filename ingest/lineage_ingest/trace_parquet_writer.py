"""Writes the native trace format as a folder of Parquet tables."""

from __future__ import annotations

import errno
import os
import shutil
from contextlib import ExitStack
from itertools import chain
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from lineage.errors import RecordError
from lineage_ingest.trace_batches import RECORDS
from lineage_ingest.trace_header import HEADER, header
from lineage_ingest.trace_json import canonical, utf8
from lineage_ingest.trace_tables import TABLES, why_not_columns

if TYPE_CHECKING:
    from types import TracebackType

    from lineage.records import Feature, Record

__all__ = ["ROW_GROUP", "ParquetTraceWriter"]

ROW_GROUP = 16_384
"""Rows that are kept in memory, of each table, until they are written."""

_TABLE_OF = {record: table for table, record in RECORDS.items()}
_ATTRIBUTES = {("events", "event"): "kind"}


class ParquetTraceWriter:
    """Writes a trace to a folder that is there whole or not at all.

    The tables are written to a folder beside it, which takes its name in the end.

    Examples:
        >>> with ParquetTraceWriter("trace", "warehouse") as writer:
        ...     writer.write(Execution(id="1", type="Trainer"))
        True

    Attributes:
        part: the folder while it is written; more files may be put there, readers ignore them.
        written: how many rows.
    """

    def __init__(
        self, folder: str | os.PathLike[str], source: str | None = None, *, simulated: bool = False
    ) -> None:
        """Make the folder that is written to.

        Args:
            folder: where the trace is to be; not there yet, or empty.
            source: the name of the store that the records came from.
            simulated: whether they were made up by a simulation.

        Raises:
            OSError: it cannot be made, or there is something already.
        """
        self._folder = Path(folder).resolve()
        _refuse_occupied(self._folder, str(folder))
        self.part = self._folder.with_name(f".{self._folder.name}.{os.getpid()}.part")
        self.part.mkdir()
        self.written = 0
        said = header(None if source is None else utf8(source), simulated=simulated)
        (self.part / HEADER).write_bytes(orjson.dumps(said) + b"\n")
        self._rows: dict[str, list[Any]] = {table: [] for table in TABLES}
        self._files = ExitStack()
        self._tables = {
            table: self._files.enter_context(
                pq.ParquetWriter(
                    self.part / f"{table}.parquet",
                    schema,
                    compression="zstd",
                    write_page_checksum=True,
                )
            )
            for table, schema in TABLES.items()
        }

    def write(self, record: Record) -> bool:
        """Write a record; False for one that was set aside, of which there is nothing to write.

        Raises:
            RecordError: a value does not fit its column; named when its row group is written.
        """
        table = _TABLE_OF.get(type(record))
        if table is None:
            return False
        rows = self._rows[table]
        rows.append(record)
        self.written += 1
        if len(rows) >= ROW_GROUP:
            self._flush(table)
        return True

    def write_table(self, name: str, table: pa.Table | pa.RecordBatch) -> None:
        """Write many rows of one table at once, without looking at their values.

        Args:
            name: of the table.
            table: its columns, in any order; those that are not required may be left out.

        Raises:
            RecordError: the columns are not those of the table, or a value does not fit.
        """
        if (reason := why_not_columns(name, table.schema)) is not None:
            raise RecordError(f"{name}: {reason}")
        self._flush(name)
        columns = [
            _cast(name, field, table.column(field.name))
            if field.name in table.schema.names
            else pa.nulls(table.num_rows, field.type)
            for field in TABLES[name]
        ]
        made = pa.Table.from_arrays(columns, schema=TABLES[name])
        self._tables[name].write_table(made, row_group_size=ROW_GROUP)
        self.written += table.num_rows

    def close(self) -> None:
        """Write what is left, and give the folder its name.

        Raises:
            OSError: it cannot be written, or something is there by now.
        """
        try:
            for table in TABLES:
                self._flush(table)
            self._files.close()
            _refuse_occupied(self._folder, str(self._folder))
            if self._folder.exists():
                self._folder.rmdir()
            self.part.rename(self._folder)
        except BaseException:
            self.abandon()
            raise

    def abandon(self) -> None:
        """Leave nothing of what was written."""
        self._files.close()
        shutil.rmtree(self.part, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None:
            self.close()
        else:
            self.abandon()

    def _flush(self, table: str) -> None:
        rows, self._rows[table] = self._rows[table], []
        if rows:
            columns = [_column(table, field, rows) for field in TABLES[table]]
            self._tables[table].write_batch(
                pa.RecordBatch.from_arrays(columns, schema=TABLES[table])
            )


def _refuse_occupied(folder: Path, said: str) -> None:
    """Refuse to write over anything.

    Raises:
        FileExistsError: something is there.
    """
    if folder.is_dir() and not any(folder.iterdir()):
        return
    if folder.exists():
        raise FileExistsError(
            errno.EEXIST, "is there already; remove it or name another folder", said
        )


def _column(table: str, field: pa.Field, records: list[Any]) -> pa.Array:
    """One field of many records of one type.

    Raises:
        RecordError: a value does not fit.
    """
    values = list(map(attrgetter(_ATTRIBUTES.get((table, field.name), field.name)), records))
    if field.name == "properties":
        values = [canonical(value) if value else None for value in values]
    try:
        if field.name == "features":
            return _features(values, field.type)
        return pa.array(values, field.type)
    except UnicodeEncodeError:
        return pa.array([None if one is None else utf8(one) for one in values], field.type)
    except (OverflowError, pa.ArrowException) as error:
        raise RecordError(f"{table}: {field.name} cannot be written: {error}") from error


def _features(values: list[list[Feature] | None], kind: pa.ListType) -> pa.ListArray:
    """The features of many data sets, from flat arrays: Arrow takes long over nested objects."""
    features = list(chain.from_iterable(value for value in values if value))
    weights = [feature.weights for feature in features]
    texts = [pa.array([utf8(one.name) for one in features], pa.string())]
    texts.append(pa.array([one.kind.value for one in features], pa.string()))
    flat = np.fromiter(chain.from_iterable(weights), np.int16, sum(map(len, weights)))
    lists = pa.ListArray.from_arrays(_offsets(map(len, weights)), pa.array(flat))
    structs = pa.StructArray.from_arrays([*texts, lists], fields=list(kind.value_type))
    offsets = _offsets(len(value or ()) for value in values)
    none = pa.array([not value for value in values], pa.bool_())
    return pa.ListArray.from_arrays(offsets, structs, type=kind, mask=none)


def _offsets(lengths: Any) -> pa.Int32Array:
    return pa.array(np.cumsum([0, *lengths]), pa.int32())


def _cast(table: str, field: pa.Field, column: Any) -> Any:
    """A column of another type that can hold the same, such as narrower numbers.

    Raises:
        RecordError: a value does not fit.
    """
    try:
        found = column.cast(field.type)
    except pa.ArrowException as error:
        raise RecordError(f"{table}: {field.name} cannot be written: {error}") from error
    if found.null_count and not field.nullable:
        raise RecordError(f"{table}: {field.name} is null in {found.null_count} rows")
    return found
