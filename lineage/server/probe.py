"""Whether a Neo4j answers, told without a driver: a Bolt handshake and the HTTP greeting."""

from __future__ import annotations

import json
import socket
from urllib.parse import urlsplit

MAGIC = bytes.fromhex("6060b017")
# Bolt 5.8 down to 5.0, then 4.4: every version line that a driver of ours speaks.
VERSIONS = bytes.fromhex("00080805000404040000000000000000")
DEFAULT_PORT = 7687


def speaks_bolt(host: str, port: int, timeout: float = 2.0) -> bool:
    """Whether a Bolt server answers there, in plain text."""
    try:
        with socket.create_connection((host, port), timeout) as connection:
            connection.settimeout(timeout)
            connection.sendall(MAGIC + VERSIONS)
            answer = connection.recv(4)
    except OSError:
        return False
    return len(answer) == 4 and answer != bytes(4) and answer != b"HTTP"


def listens(uri: str, timeout: float = 5.0) -> bool:
    """Whether anything takes a connection at the address of a URI."""
    parts = urlsplit(uri)
    try:
        port = parts.port or DEFAULT_PORT
        socket.create_connection((parts.hostname or "", port), timeout).close()
    except (OSError, ValueError):
        return False
    return True


def version_at(port: int, host: str = "127.0.0.1", timeout: float = 5.0) -> str | None:
    """The version of the Neo4j whose HTTP port that is; None while it does not answer."""
    from http.client import HTTPConnection, HTTPException

    connection = HTTPConnection(host, port, timeout=timeout)
    try:
        connection.request("GET", "/", headers={"Accept": "application/json"})
        found = json.loads(connection.getresponse().read())
        return str(found["neo4j_version"])
    except (OSError, HTTPException, ValueError, KeyError, TypeError):
        return None
    finally:
        connection.close()
