"""Lines of a file or of standard input, plain, gzip or Zstandard, told apart by first bytes."""

from __future__ import annotations

import gzip
import io
import shutil
import sys
import tempfile
import zlib
from contextlib import suppress
from functools import partial
from typing import IO, TYPE_CHECKING

import zstandard

from lineage.errors import ReadError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from typing_extensions import Buffer

GZIP = b"\x1f\x8b"
ZSTD = b"\x28\xb5\x2f\xfd"
MAX_LINE = 64 * 1024 * 1024
"""Bytes; what is longer is cut there, so that a file without line ends fits in memory."""

_BUFFER = 1024 * 1024
_HEAD = 4096


def open_bytes(raw: IO[bytes]) -> IO[bytes] | io.BufferedReader:
    """The uncompressed bytes of a seekable binary file that stands at its start."""
    magic = raw.read(4)
    raw.seek(0)
    if magic.startswith(GZIP):
        return io.BufferedReader(_GzipFile(raw), _BUFFER)
    if magic == ZSTD:
        return io.BufferedReader(_ZstdFile(raw), _BUFFER)
    return raw


def beginning(raw: IO[bytes], size: int) -> bytes:
    """The first uncompressed bytes of a file, as many as there are before it may be cut."""
    stream = open_bytes(raw)
    found = b""
    with suppress(EOFError):
        while len(found) < size and (piece := stream.read1(size - len(found))):  # type: ignore[attr-defined]
            found += piece
    return found


def numbered_lines(raw: IO[bytes], name: str) -> Iterator[tuple[int, bytes]]:
    """The lines that are not blank, numbered from 1; at most `MAX_LINE` bytes of each.

    Raises:
        ReadError: the file ends in the middle of its compressed data, or is damaged.
    """
    stream = open_bytes(raw)
    number = 1
    try:
        for line in iter(partial(stream.readline, MAX_LINE), b""):
            if number == 1:
                line = line.removeprefix(b"\xef\xbb\xbf")  # noqa: PLW2901
            if not line.isspace() and line:
                yield number, line
            while line[-1:] != b"\n" and len(line) == MAX_LINE:
                line = stream.readline(MAX_LINE)  # noqa: PLW2901
            number += 1
    except EOFError as error:
        raise ReadError(
            f"{name} ends in the middle of its compressed data, after line {number - 1}; "
            "it was cut off when it was written or copied"
        ) from error
    except (OSError, zlib.error, zstandard.ZstdError) as error:
        raise ReadError(f"{name} cannot be read after line {number - 1}: {error}") from error


def spool_standard_input() -> IO[bytes]:
    """Standard input in a temporary file, so that it can be read more than once."""
    spool = tempfile.TemporaryFile(prefix="lineage-")  # noqa: SIM115  (the caller closes it)
    shutil.copyfileobj(sys.stdin.buffer, spool, _BUFFER)
    spool.seek(0)
    return spool


def head_of_standard_input() -> bytes:
    """The first bytes of standard input, decompressed as far as they go; they stay to be read.

    Empty where nothing comes, where it cannot be looked ahead, or where compressed data is damaged
    or comes in blocks too large to begin with.
    """
    peek = getattr(sys.stdin.buffer, "peek", None)
    head: bytes = peek(_HEAD) if peek else b""
    try:
        if head.startswith(GZIP):
            return zlib.decompressobj(wbits=31).decompress(head)
        if head.startswith(ZSTD):
            return zstandard.ZstdDecompressor().decompressobj().decompress(head)
    except (zlib.error, zstandard.ZstdError):
        return b""
    return head


def open_path(path: Path) -> IO[bytes]:
    """A file's bytes.

    Raises:
        ReadError: there is no such file, or it may not be read.
    """
    try:
        return path.open("rb")
    except OSError as error:
        raise ReadError(f"cannot open {path}: {error.strerror}") from error


class _GzipFile(io.RawIOBase):
    """Decompresses piece by piece: the library's own reader loses what comes before a cut."""

    def __init__(self, raw: IO[bytes]) -> None:
        self._file = gzip.GzipFile(fileobj=raw)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer, /) -> int:
        target = memoryview(buffer)
        piece = self._file.read1(len(target))
        target[: len(piece)] = piece
        return len(piece)


class _ZstdFile(io.RawIOBase):
    """Decompresses frame by frame: the library's own reader takes a cut file for a whole one."""

    _INPUT = 2048  # a small piece in keeps what comes out of a hostile one bounded

    def __init__(self, raw: IO[bytes]) -> None:
        self._raw = raw
        self._frame = zstandard.ZstdDecompressor().decompressobj()
        self._started = False
        self._input = b""
        self._output = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer, /) -> int:
        while not self._output:
            if not self._fill():
                return 0
        target = memoryview(buffer)
        size = min(len(target), len(self._output))
        target[:size] = self._output[:size]
        self._output = self._output[size:]
        return size

    def _fill(self) -> bool:
        if self._frame.eof:
            self._input = self._frame.unused_data
            self._frame = zstandard.ZstdDecompressor().decompressobj()
            self._started = False
        piece = self._input or self._raw.read(self._INPUT)
        self._input = b""
        if not piece:
            if self._started:
                raise EOFError
            return False
        self._started = True
        self._output = memoryview(self._frame.decompress(piece))
        return True
