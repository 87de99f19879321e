"""What every reader of a database does alike: open it, and say what is wrong with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from lineage.errors import MissingExtraError, ReadError
from lineage_ingest.mlmd import sqlite

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from lineage_ingest.mlmd.location import Location


def engine_of(location: Location, seconds: int) -> Engine:
    """An engine that only reads, with a connection for each use.

    Args:
        location: a file or a server.
        seconds: how long a server may take to answer.

    Raises:
        ReadError: it is neither.
    """
    path = location.path
    if path is not None:
        return create_engine("sqlite://", creator=lambda: sqlite.connect(path), poolclass=NullPool)
    if location.url is None:
        raise ReadError(f"{location.source} is neither a file nor an address")
    arguments = {"connect_timeout": seconds}
    return create_engine(location.url, poolclass=NullPool, connect_args=arguments)


def missing_driver(location: Location, error: Exception) -> MissingExtraError:
    """The error for a driver that is not installed, with what to install."""
    extra = location.source.partition(":")[0]
    module = getattr(error, "name", None) or "its driver"
    return MissingExtraError(
        f"{location.source} needs {module}; for the driver that this reader takes by itself: "
        f"pip install 'lineage-graphlets[{extra}]'"
    )


def explained(reason: str) -> str:
    """A driver's words, in others where those say little."""
    if "is locked" in reason:
        return f"locked by another process for more than {sqlite.BUSY_SECONDS:.0f} s; try again"
    if "malformed" in reason or "not a database" in reason:
        return f"the file is damaged ({reason})"
    return reason
