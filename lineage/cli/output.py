"""What commands print: text that cannot disturb the terminal, JSON, tables, progress."""

from __future__ import annotations

import json
import math
import os
import sys
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

NO_END = 1_000
"""Columns of what is no terminal: a file or a pipe needs nothing cut."""


def safe(text: str) -> str:
    """Text for a terminal, on one line: what a terminal would obey is shown as a sign."""
    from lineage.safe import visible

    return visible(text)


def one_line(text: str) -> str:
    """A message in one line, safe for a terminal."""
    return safe(" ".join(text.split()) if "\n" in text else text)


def say(text: str = "") -> None:
    """Print a line of our own making; names in it go through `safe` first."""
    print(text)


def dumps(value: Any) -> str:
    """JSON in ASCII, so that no name can disturb a terminal and every encoding can hold it.

    Numbers that JSON does not have are text: "NaN", "Infinity", "-Infinity".
    """
    return _json(value)


def print_json(value: Any) -> None:
    """Print a value as indented JSON."""
    print(_json(value, indent=2))


def _json(value: Any, indent: int | None = None) -> str:
    try:
        return json.dumps(value, default=str, indent=indent, allow_nan=False)
    except ValueError:
        return json.dumps(_finite(value), default=str, indent=indent, allow_nan=False)


def _finite(value: Any) -> Any:
    """The value with what JSON has no number for as text: "NaN", "Infinity", "-Infinity"."""
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return value


def table(
    headers: Sequence[str],
    rows: Iterable[Sequence[Any]],
    widest: int | None = None,
    otherwise: str = "--json",
) -> str:
    """Rows as columns of text.

    Where the terminal is narrow, texts lose their middle, the first column last; numbers stay
    whole. Columns at the end that find no room are left out, and a line tells which.

    Args:
        headers: titles of the columns.
        rows: of values.
        widest: columns of the screen; by default those of the terminal.
        otherwise: what shows all, in that line.
    """
    from lineage.cli.grid import laid_out

    return laid_out(headers, rows, width() if widest is None else widest, otherwise)


def indented(text: str) -> str:
    """Lines moved to the right by two."""
    return "\n".join(f"  {line}" for line in text.splitlines())


def csv_text(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> str:
    """Rows as CSV; what a spreadsheet would take for a formula gets a `'` before it."""
    import csv
    import io

    from lineage.safe import csv_cell

    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([csv_cell(_plain(row[column])) for column in columns])
    return out.getvalue().removesuffix("\n")


@contextmanager
def writing(path: Path | None) -> Iterator[IO[bytes]]:
    """Standard output, or a file that is there whole or not at all.

    What is no regular file (a FIFO, a device) is written to and stays what it is; a symbolic link
    stays too, and what it names is written.

    Raises:
        OSError: it cannot be written; the error names the path that was given.
    """
    if path is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    try:
        with _direct(path) if _is_special(path) else _whole(path) as file:
            yield file
    except OSError as error:
        if error.errno is None or error.filename == str(path):
            raise
        raise OSError(error.errno, error.strerror, str(path)) from error


def _is_special(path: Path) -> bool:
    """Whether something is there that a file must not take the place of."""
    return path.exists() and not path.is_file()


def _direct(path: Path) -> IO[bytes]:
    return path.open("wb")


@contextmanager
def _whole(path: Path) -> Iterator[IO[bytes]]:
    real = path.resolve()
    part = real.with_name(f".{real.name}.part")
    try:
        with part.open("wb") as file:
            yield file
        part.replace(real)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def writing_text(path: Path | None) -> Iterator[TextIO]:
    """As `writing`, for text: UTF-8 in a file."""
    if path is None:
        yield sys.stdout
        return
    import io

    with writing(path) as raw:
        out = io.TextIOWrapper(raw, "utf-8", errors="backslashreplace", newline="")
        yield out
        out.flush()
        out.detach()


def width(path: Path | None = None) -> int:
    """Columns for text: those that `COLUMNS` names, else the terminal's, else no end of them."""
    from shutil import get_terminal_size

    named = os.environ.get("COLUMNS", "")
    to_terminal = path is None and sys.stdout.isatty()
    if to_terminal or (named.isascii() and named.isdigit() and int(named)):
        return get_terminal_size().columns
    return NO_END


def color(path: Path | None = None) -> bool:
    """Whether text may be coloured: on a terminal, or where `FORCE_COLOR` says so.

    `NO_COLOR` refuses it; an empty variable counts as none.
    """
    if path is not None or os.environ.get("NO_COLOR"):
        return False
    return sys.stdout.isatty() or bool(os.environ.get("FORCE_COLOR"))


def filled(text: str, indent: str = "") -> str:
    """A sentence on lines that the terminal has room for.

    Args:
        text: already safe.
        indent: of the lines after the first.
    """
    from textwrap import fill

    return fill(text, width(), subsequent_indent=indent, break_on_hyphens=False,
                break_long_words=False)  # fmt: skip


@contextmanager
def counting(what: str, unit: str = "records") -> Iterator[Callable[[int, int | None], None]]:
    """A bar, or a running count where the end is not known; on a terminal only."""
    if not sys.stderr.isatty():
        yield lambda _done, _total: None
        return
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.completed:,.0f} {task.fields[unit]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=_stderr(), transient=True) as progress:
        task = progress.add_task(safe(what), total=None, unit=unit)
        yield lambda done, total: progress.update(task, completed=done, total=total)


@contextmanager
def stepping() -> Iterator[Callable[[str, int, int], None]]:
    """Bars for steps that say how far they are (`what, done, total`), on a terminal only."""
    if not sys.stderr.isatty():
        yield lambda _what, _done, _total: None
        return
    from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TimeElapsedColumn())
    tasks: dict[str, TaskID] = {}
    with Progress(*columns, console=_stderr(), transient=True) as progress:

        def step(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = progress.add_task(safe(what), total=total or None)
            progress.update(tasks[what], completed=done, total=total or None)

        yield step


def _stderr() -> Any:
    from rich.console import Console

    return Console(stderr=True)


def _plain(value: Any) -> Any:
    """A value as a cell: numbers and text as they are, all else as text."""
    return value if isinstance(value, str | int | float) or value is None else plain_text(value)


def plain_text(value: Any) -> str:
    """A value as text."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, dict | list | tuple):
        return json.dumps(value, default=str, ensure_ascii=False)
    return str(value)
