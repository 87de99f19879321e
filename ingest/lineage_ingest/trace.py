"""The native trace format: JSON Lines, one record a line, or a folder of Parquet tables.

`python -m lineage_ingest.trace` prints the JSON Schema of a line; `python -m
lineage_ingest.trace_tables` lists the columns of the tables.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, ClassVar, Protocol

from lineage.errors import ReadError
from lineage_ingest.trace_header import HEADER, path_of
from lineage_ingest.trace_jsonl import JsonLinesTrace
from lineage_ingest.trace_lines import json_schema
from lineage_ingest.trace_writer import TraceWriter, dump

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lineage.records import Record
    from lineage_ingest.trace_parquet import ParquetTrace

__all__ = ["TraceReader", "TraceWriter", "dump", "json_schema"]

_TABLE = ".parquet"


class _Form(Protocol):
    """An open trace in one of the two forms."""

    @property
    def source(self) -> str: ...
    @property
    def simulated(self) -> bool: ...
    @property
    def version(self) -> str: ...
    def total(self) -> int | None: ...
    def records(self) -> Iterator[Record]: ...
    def close(self) -> None: ...


class TraceReader:
    """Reads one trace, in either form; see the protocol in `lineage.readers`."""

    name: ClassVar[str] = "trace"

    def __init__(self, location: str) -> None:
        """Open a trace and check what it says of itself.

        Args:
            location: a path or `file:` address of a file of lines, of a folder of tables or of the
                `trace.json` in it; or `-` for lines on standard input.

        Raises:
            ReadError: it cannot be opened, or is no trace.
            UnsupportedVersionError: a newer version of the format.
        """
        self._form = _open(location)

    @classmethod
    def recognises(cls, location: str) -> bool:
        """Whether its first line, or the `trace.json` in the folder, says that it is a trace."""
        folder = _folder(location)
        if folder is None:
            return JsonLinesTrace.recognises(location)
        if location.endswith(_TABLE):
            return False
        from lineage_ingest.trace_parquet import ParquetTrace

        return ParquetTrace.recognises(folder)

    @classmethod
    def resembles(cls, location: str) -> bool:
        """Whether it may have been meant as a trace: JSON, compressed text, tables, or its name."""
        folder = _folder(location)
        if folder is None:
            return JsonLinesTrace.resembles(location)
        from lineage_ingest.trace_parquet import ParquetTrace

        return ParquetTrace.resembles(folder)

    @property
    def source(self) -> str:
        """The source that the trace names, else its own address."""
        return self._form.source

    @property
    def simulated(self) -> bool:
        """Whether the trace says that it was made up by a simulation."""
        return self._form.simulated

    @property
    def version(self) -> str:
        """The format and its version."""
        return self._form.version

    def identity(self) -> dict[str, int]:
        """Nothing: a trace is a copy, and creation times are checked node by node."""
        return {}

    @property
    def cursor(self) -> str | None:
        """None: a trace is always read whole."""
        return None

    def total(self) -> int | None:
        """The rows of all tables; None for lines, which are not counted beforehand."""
        return self._form.total()

    def records(self, since: str | None = None) -> Iterator[Record]:  # noqa: ARG002
        """Every record, all nodes first.

        Raises:
            ReadError: the trace is damaged further on.
        """
        return self._form.records()

    @property
    def parquet(self) -> ParquetTrace | None:
        """The trace as tables, where it has that form."""
        from lineage_ingest.trace_parquet import ParquetTrace

        return self._form if isinstance(self._form, ParquetTrace) else None

    def close(self) -> None:
        """Let go of files, and of the copy of standard input."""
        self._form.close()


def _open(location: str) -> _Form:
    folder = _folder(location)
    if folder is None:
        return JsonLinesTrace(location)
    if location.endswith(_TABLE):
        raise ReadError(f"{location} is one table of a trace; name its folder, {folder}")
    from lineage_ingest.trace_parquet import ParquetTrace

    return ParquetTrace(folder)


def _folder(location: str) -> Path | None:
    """The folder of tables that a location means; None where it means a file of lines."""
    try:
        path = path_of(location)
    except ReadError:
        return None
    if path.is_dir():
        return path
    # A file of that name may also be a trace in lines.
    if path.suffix == _TABLE or (path.name == HEADER and any(path.parent.glob(f"*{_TABLE}"))):
        from lineage_ingest.trace_parquet import tables_in

        return path.parent if tables_in(path.parent) else None
    return None


if __name__ == "__main__":
    sys.stdout.write(json.dumps(json_schema(), indent=2) + "\n")
