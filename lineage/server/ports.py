"""Ports of the local server: picked once, remembered, picked anew when another program has them."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, NamedTuple

from lineage.server.home import LOOPBACK, read_json, write_json

if TYPE_CHECKING:
    from pathlib import Path

USUAL_BOLT = 7687
USUAL_HTTP = 7474


class Ports(NamedTuple):
    """The ports of one server, on the loopback address."""

    bolt: int
    http: int


def is_free(port: int) -> bool:
    """Whether a server could listen on that port now."""
    with socket.socket() as probe:
        # As the server does: a port whose last connections are still closing can be used.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def pick(file: Path, *, usual: bool = True) -> Ports:
    """The remembered ports if they are free, else others, which are then remembered.

    Args:
        file: where they are remembered.
        usual: try Neo4j's usual ports before any.
    """
    known = remembered(file)
    wanted = [known] if known else []
    if usual:
        wanted.append(Ports(USUAL_BOLT, USUAL_HTTP))
    for ports in wanted:
        if all(map(is_free, ports)):
            break
    else:
        ports = _any()
    if ports != known:
        write_json(file, ports._asdict())
    return ports


def remembered(file: Path) -> Ports | None:
    """The ports that were picked last."""
    known = read_json(file) or {}
    try:
        return Ports(int(known["bolt"]), int(known["http"]))
    except (KeyError, TypeError, ValueError):
        return None


def _any() -> Ports:
    # Both are held at once, so that they differ.
    with socket.socket() as first, socket.socket() as second:
        first.bind((LOOPBACK, 0))
        second.bind((LOOPBACK, 0))
        return Ports(first.getsockname()[1], second.getsockname()[1])
