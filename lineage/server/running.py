"""Whether a local server runs: asked by every command, so it imports and reads little."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lineage.server import password, process
from lineage.server.endpoint import Endpoint
from lineage.server.home import LOOPBACK, read_json

if TYPE_CHECKING:
    from lineage.server.home import ServerHome


def running(home: ServerHome, why: str = "a local server is running") -> Endpoint | None:
    """The endpoint of a home's server if its process runs; reads two files, no more."""
    known = read_json(home.process_file)
    try:
        if known is None or not process.is_ours(known["pid"], known["started"], home.arguments):
            return None
        return Endpoint(
            uri=f"bolt://{LOOPBACK}:{known['bolt']}",
            username=password.USER,
            password=password.read(home.password_file),
            database="neo4j",
            kind="local",
            why=why,
            http=f"http://{LOOPBACK}:{known['http']}/browser/",
            password_file=home.password_file,
            version=known["version"],
        )
    except (KeyError, TypeError):
        return None
