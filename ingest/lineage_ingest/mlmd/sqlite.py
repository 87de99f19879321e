"""Opening a SQLite file without leaving a trace on it, and saying clearly why it cannot be."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING
from urllib.parse import quote

from lineage.errors import ReadError

if TYPE_CHECKING:
    from pathlib import Path

MAGIC = b"SQLite format 3\x00"
HEADER = 100
WAL_FORMAT = 2
BUSY_SECONDS = 5.0


def is_sqlite(path: Path) -> bool:
    """Whether a file begins as SQLite files do; False if unreadable."""
    try:
        with path.open("rb") as file:
            return file.read(len(MAGIC)) == MAGIC
    except OSError:
        return False


def holds_tables(path: Path, wanted: frozenset[str]) -> bool:
    """Whether a file is a SQLite database with all the wanted tables; False if unreadable."""
    try:
        if not is_sqlite(path):
            return False
        # Locks are passed over at first: a locked store is to be recognised, and then waited for.
        return wanted <= _tables(_open(path, "mode=ro&immutable=1")) or (
            _is_wal(path) and wanted <= _tables(connect(path))
        )
    except (OSError, sqlite3.Error, ReadError):
        return False


def _tables(connection: sqlite3.Connection) -> set[str]:
    """The names of the tables; closes the connection."""
    with closing(connection):
        rows = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        return {str(name) for (name,) in rows}


def check(path: Path) -> None:
    """Raise `ReadError` when the file is not there, is no SQLite database, or is cut short."""
    if path.is_dir():
        raise ReadError(f"{path} is a folder, not a SQLite file")
    try:
        with path.open("rb") as file:
            header = file.read(HEADER)
        size = path.stat().st_size
    except FileNotFoundError:
        raise ReadError(f"{path} does not exist") from None
    except OSError as error:
        raise ReadError(f"{path} cannot be read: {error.strerror}") from error
    if not size:
        raise ReadError(f"{path} is empty, so it is no ML Metadata store")
    if not header.startswith(MAGIC):
        raise ReadError(f"{path} is not a SQLite file")
    expected = _size_of(header)
    if len(header) < HEADER or size < expected:
        raise ReadError(f"{path} is cut short: {size} bytes of {max(expected, HEADER)}")


def _size_of(header: bytes) -> int:
    """The size the header promises; 0 when it does not count the pages (before SQLite 3.7)."""
    if header[24:28] != header[92:96]:
        return 0
    page = int.from_bytes(header[16:18], "big")
    return (65536 if page == 1 else page) * int.from_bytes(header[28:32], "big")


def connect(path: Path) -> sqlite3.Connection:
    r"""Connect for reading only; neither the file nor its folder changes.

    Text that is not UTF-8 is read with its bad bytes written as `\xNN`.

    Raises:
        ReadError: the last writer died and its log must be merged first.
    """
    options = "mode=ro"
    if _is_wal(path):
        log, index = path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")
        if not log.exists() or not log.stat().st_size:
            # Nobody writes, and without `immutable` reading alone would create both files.
            options = "mode=ro&immutable=1"
        elif not index.exists():
            raise ReadError(
                f"{path} has changes that are only in {log.name}; merge them first: "
                f"sqlite3 {path.name} 'PRAGMA wal_checkpoint'"
            )
    return _open(path, options)


def _open(path: Path, options: str) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"file:{quote(path.as_posix())}?{options}",
        uri=True,
        timeout=BUSY_SECONDS,
        check_same_thread=False,
        isolation_level=None,
    )
    connection.text_factory = _text
    return connection


def _is_wal(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(20)[18:20] == bytes([WAL_FORMAT, WAL_FORMAT])


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "backslashreplace")
