"""Where a Neo4j answers, and how it came to be chosen."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from pathlib import Path

Kind = Literal["external", "container", "local"]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A Neo4j server.

    Attributes:
        uri: address for drivers, such as `bolt://127.0.0.1:7687`.
        username: its user.
        password: the user's password; never shown.
        database: its database; None means the user's home database.
        kind: which of the three ways it is: a server of the user's, a container, our own process.
        why: one sentence that says why this way was taken.
        http: address of Neo4j Browser, if known.
        password_file: the file that holds the password, if it is in one.
        version: version of Neo4j, if known.
    """

    uri: str
    username: str
    password: str = field(repr=False)
    database: str | None
    kind: Kind
    why: str
    http: str | None = None
    password_file: Path | None = None
    version: str | None = None


@dataclass(frozen=True, slots=True)
class Status:
    """What `lineage status` shows.

    Attributes:
        endpoint: the running server, None if there is none.
        pid: the process of a local server.
        home: the folder of a local server, running or not.
        log: its log.
        detail: one sentence for people.
    """

    endpoint: Endpoint | None
    pid: int | None
    home: Path | None
    log: Path | None
    detail: str
