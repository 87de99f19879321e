"""The protocol of a reader, and how readers are found.

A reader lives in a package of its own and registers under the entry point group
`lineage.readers`; its name there is what `--reader` takes.
"""

from __future__ import annotations

from importlib.metadata import entry_points
from inspect import signature
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from lineage.errors import ReadError, UnknownSourceError
from lineage.safe import without_login
from lineage_ingest.compressed import head_of_standard_input

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lineage.records import Record

GROUP = "lineage.readers"
STANDARD_INPUT = "-"


class RecordSource(Protocol):
    """Something that is open and yields records; what a load needs to know of it."""

    name: ClassVar[str]

    @property
    def source(self) -> str:
        """The source's default name: its URI without user, password or query."""

    @property
    def version(self) -> str:
        """The format and its version, for people: `MLMD schema 10`."""

    @property
    def simulated(self) -> bool:
        """Whether its records were made up by a simulation, as reports then say."""

    def identity(self) -> dict[str, int]:
        """Creation times (ms) of the oldest things, by `kind/id`; empty where there are none.

        They tell a store that was made anew under a known name, with its ids used again.
        """

    def total(self) -> int | None:
        """How many records `records` will yield, for a progress bar; None if not known."""

    def records(self, since: str | None = None) -> Iterator[Record]:
        """Every record, nodes before what names them; with `since`, those after that cursor."""

    @property
    def cursor(self) -> str | None:
        """Where a later read can go on, valid once `records` is exhausted; None if it cannot."""

    def close(self) -> None:
        """Let go of files and connections."""


class Reader(RecordSource, Protocol):
    """Reads one native format.

    Opening a reader checks the source (readable, right format, known version) and raises
    `ReadError`; it reads no records yet.
    """

    @classmethod
    def recognises(cls, location: str) -> bool:
        """Whether this reader takes a path or address, from its look and first bytes."""

    @classmethod
    def resembles(cls, location: str) -> bool:
        """Whether it seems meant for this reader, though it is not recognised.

        Then opening it tells what is wrong with it.
        """

    def __init__(self, location: str, **settings: Any) -> None:
        """Open the source; further parameters are settings of that name."""


def reader_names() -> list[str]:
    """The names of the installed readers, sorted."""
    return sorted({point.name for point in entry_points(group=GROUP)})


def reader_class(name: str) -> type[Reader]:
    """The reader registered under a name.

    Raises:
        UnknownSourceError: no such reader is installed.
    """
    for point in entry_points(group=GROUP, name=name):
        loaded: type[Reader] = point.load()
        return loaded
    raise UnknownSourceError(
        f"no reader is called {name!r}; there are: {', '.join(reader_names())}"
    )


def open_reader(
    location: str, name: str | None = None, settings: Mapping[str, Any] | None = None
) -> Reader:
    """Open a source with the named reader, or with the first that recognises it.

    Args:
        location: a path or address.
        name: of the reader; by default the one that recognises it.
        settings: by name; each reader is given those that it takes.

    Raises:
        UnknownSourceError: no reader takes it.
        ReadError: it cannot be read.
    """
    if name is not None:
        return _open(reader_class(name), location, settings)
    candidates = [reader_class(candidate) for candidate in reader_names()]
    if location == STANDARD_INPUT:
        return _open(_of_standard_input(candidates), location, settings)
    _must_exist(location)
    for found in candidates:
        if found.recognises(location):
            return _open(found, location, settings)
    for found in candidates:
        if found.resembles(location):
            return _open(found, location, settings)
    if "://" not in location and Path(location).expanduser().is_dir():
        raise ReadError(f"{location} is a folder, and no trace; name the files in it")
    raise _unknown(repr(without_login(location)))


def _unknown(what: str) -> UnknownSourceError:
    return UnknownSourceError(
        f"no reader recognises {what}; readers are {', '.join(reader_names())}: one that is named "
        "with --reader says what it finds wrong"
    )


def _of_standard_input(candidates: list[type[Reader]]) -> type[Reader]:
    """The reader that recognises the first bytes of standard input, which stay there.

    Raises:
        UnknownSourceError: none does.
    """
    head = head_of_standard_input()
    if not head:  # empty, or not to be looked into: opening it tells
        return reader_class("trace")
    with TemporaryDirectory(prefix="lineage-") as folder:
        path = Path(folder) / "input"
        path.write_bytes(head)
        for found in candidates:
            if found.recognises(str(path)):
                return found
    raise _unknown("standard input")


def _open(found: type[Reader], location: str, settings: Mapping[str, Any] | None) -> Reader:
    taken = signature(found).parameters.keys() & (settings or {}).keys()
    return found(location, **{name: settings[name] for name in taken if settings})


def _must_exist(location: str) -> None:
    """Say what is wrong with a path before any reader looks at it.

    Raises:
        ReadError: nothing is there, or an empty file.
    """
    if "://" in location:
        return
    path = Path(location).expanduser()
    if not path.exists():
        raise ReadError(f"{location} does not exist")
    if path.is_file() and path.stat().st_size == 0:
        raise ReadError(f"{location} is empty")
