"""Which of the three ways to a server is taken, and why: external, container, local."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Literal

from lineage.errors import ServerError
from lineage.safe import without_login
from lineage.server.endpoint import Endpoint
from lineage.server.home import DEFAULT_LINE, ServerHome, current_file, read_json, write_json

if TYPE_CHECKING:
    from lineage.server.endpoint import Status
    from lineage.server.jars import Progress

Way = Literal["auto", "external", "container", "local"]


def _silent(_what: str, _done: int, _total: int) -> None:
    """Shows nothing; a twin of `jars.silent`, without what that imports."""


def external(
    uri: str | None = None,
    username: str | None = None,
    password: str | None = None,
    database: str | None = None,
) -> Endpoint | None:
    """The server that the user named; None if they named none.

    Args:
        uri: its address; by default `NEO4J_URI`, and so on for the others.
        username: its user.
        password: the user's password.
        database: its database.
    """
    named = uri or os.environ.get("NEO4J_URI")
    if not named:
        return None
    return Endpoint(
        uri=named,
        username=username or os.environ.get("NEO4J_USERNAME") or "neo4j",
        password=password or os.environ.get("NEO4J_PASSWORD") or "",
        database=database or os.environ.get("NEO4J_DATABASE") or None,
        kind="external",
        why=f"{'the settings name' if uri else 'NEO4J_URI names'} {without_login(named)}",
    )


def endpoint() -> Endpoint | None:
    """The server that commands use now, without starting anything; reads a few small files."""
    if found := external():
        return found
    known = read_json(current_file()) or {}
    if known.get("kind") == "container":
        from lineage.server import container

        return container.running(known)
    from lineage.server.running import running

    return running(_home(known))


def up(
    neo4j_version: str = DEFAULT_LINE,
    home: ServerHome | None = None,
    progress: Progress = _silent,
    *,
    way: Way = "auto",
    named: Endpoint | None = None,
) -> Endpoint:
    """Have a server: the user's own if one is named, else a container, else a local process.

    Args:
        neo4j_version: version line, or a version of it.
        home: folder of a local server; by default the user's one of that line.
        progress: told of downloads and waits.
        way: take this way and no other.
        named: the user's server, where settings other than the environment name it.

    Raises:
        ServerError: no way works; the message says why each one did not.
        DownloadError: the local server cannot be downloaded.
    """
    theirs = named or external()
    if way == "external" or (way == "auto" and theirs):
        return _external_up(theirs)
    reason = "a local server was asked for"
    if way in ("auto", "container"):
        from lineage.server import container

        found = container.up(neo4j_version, progress)
        if isinstance(found, Endpoint):
            return found
        if way == "container":
            raise ServerError(f"no container: {found}")
        reason = f"NEO4J_URI is not set, and {found}, so Neo4j runs as a local process"
    return _local_up(neo4j_version, home, reason, progress)


def _external_up(theirs: Endpoint | None) -> Endpoint:
    from lineage.server import probe

    if theirs is None:
        raise ServerError("no server is named: set NEO4J_URI, NEO4J_USERNAME and NEO4J_PASSWORD")
    if not probe.listens(theirs.uri):
        # Falling through would write to another database than the one the user named.
        raise ServerError(
            f"nothing answers at {without_login(theirs.uri)}, which NEO4J_URI names: "
            "start that server, or unset NEO4J_URI to let one be started"
        )
    return theirs


def _local_up(version: str, home: ServerHome | None, reason: str, progress: Progress) -> Endpoint:
    from lineage.server import jars, local

    line = jars.line_of(version)
    chosen = home or ServerHome.default(line)
    found = local.up(chosen, reason, progress)
    if home is None:
        write_json(current_file(), {"kind": "local", "line": line})
    return found


def down(home: ServerHome | None = None) -> bool:
    """Stop the server that `up` started: the container or the local process.

    Returns:
        Whether there was one. A server that the user named is never stopped.

    Raises:
        ServerError: it did not stop as it should.
    """
    from lineage.server import local

    known = read_json(current_file()) or {}
    if home is None and known.get("kind") == "container":
        from lineage.server import container

        return container.down(known)
    return local.down(home or _home(known))


def status(home: ServerHome | None = None) -> Status:
    """What runs now, from files and process ids only."""
    from lineage.server import local
    from lineage.server.endpoint import Status

    if home is None:
        found = endpoint()
        if found is not None and found.kind != "local":
            return Status(found, None, None, None, found.why)
    return local.status(home or _home(read_json(current_file()) or {}))


def local_home(address: str) -> ServerHome | None:
    """The folder of the local server that answers at an address; None if it is another's.

    Args:
        address: host and port.
    """
    from lineage.server.running import running

    home = _home(read_json(current_file()) or {})
    found = running(home)
    return home if found is not None and found.uri.endswith(f"//{address}") else None


def _home(known: dict[str, object]) -> ServerHome:
    return ServerHome.default(str(known.get("line") or DEFAULT_LINE))
