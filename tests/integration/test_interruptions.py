"""Killed in the middle: what was begun is completed by doing it again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from bench.corpus import records
from support.server import own_home
from support.snapshot import snapshot

from lineage import Lineage, Settings, graph
from lineage.errors import (
    GraphAuthError,
    GraphReadOnlyError,
    GraphUnavailableError,
    LineageError,
)
from lineage.server import local

if TYPE_CHECKING:
    from lineage.server import Endpoint

TESTS = Path(__file__).parents[1]
PIPELINES, DAYS = 6, 8
SMALL_BATCHES = Settings(batch_rows=50)
CLIENT = f"""
import sys
sys.path.insert(0, {str(TESTS)!r})
from bench.corpus import records
from lineage import Lineage, Settings
lin = Lineage.connect(*sys.argv[1:3], password=sys.stdin.readline().strip() or None,
                      settings=Settings(batch_rows=50))
lin.ingest_records(records({PIPELINES}, {DAYS}), source="s")
lin.segment()
"""


def load(lin: Lineage) -> None:
    """The whole work, without being killed."""
    lin.ingest_records(records(PIPELINES, DAYS), source="s")
    lin.segment()


def load_and_forget(lin: Lineage, times: int) -> None:
    """Work that takes longer than the server will live."""
    for _ in range(times):
        lin.ingest_records(records(PIPELINES, DAYS), source="s")
        lin.forget("s")


def connect(found: Endpoint) -> Lineage:
    return Lineage.connect(
        found.uri, found.username, found.password, found.database, settings=SMALL_BATCHES
    )


def count(lin: Lineage) -> int:
    """Nodes and relationships."""
    rows = lin.graph.run_text("MATCH (n) RETURN count(n) + count { ()-->() } AS n")
    return int(rows[0]["n"])


@pytest.mark.parametrize("share", [0.2, 0.6, 0.95])
def test_client_killed(lin: Lineage, endpoint: Endpoint, share: float) -> None:
    load(lin)
    wanted, size = snapshot(lin), count(lin)
    lin.forget("s")
    client = subprocess.Popen(
        [sys.executable, "-c", CLIENT, endpoint.uri, endpoint.username],
        stdin=subprocess.PIPE,
        text=True,
    )
    with client:
        assert client.stdin is not None
        client.stdin.write(f"{endpoint.password or ''}\n")
        client.stdin.close()
        while count(lin) < size * share and client.poll() is None:
            time.sleep(0.02)
        client.send_signal(signal.SIGKILL)
    assert client.returncode == -signal.SIGKILL
    load(lin)
    assert snapshot(lin) == wanted


def test_server_killed(lin: Lineage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graph, "RETRY_SECONDS", 5)  # it comes back only after the error
    load(lin)
    wanted = snapshot(lin)
    with own_home() as home:
        found = local.up(home, "test")
        with connect(found) as victim:
            threading.Timer(0.8, os.kill, (local.status(home).pid, signal.SIGKILL)).start()
            with pytest.raises(LineageError):
                load_and_forget(victim, times=100)
        found = local.up(home, "test")
        with connect(found) as again:
            load(again)
            assert snapshot(again) == wanted


def test_server_down_and_wrong_password(endpoint: Endpoint) -> None:
    with pytest.raises(GraphUnavailableError, match="lineage up"):
        Lineage.connect("bolt://127.0.0.1:1", "neo4j", "x", settings=Settings())
    if endpoint.password:
        with pytest.raises(GraphAuthError, match="NEO4J_PASSWORD"):
            Lineage.connect(endpoint.uri, endpoint.username, "wrong", settings=Settings())


def test_read_only_database() -> None:
    with own_home() as home:
        found = local.up(home, "test")
        with connect(found) as lin:
            load(lin)
        local.down(home)
        read_only = ("server.databases.default_to_read_only", "true")
        found = local.up(replace(home, settings=(read_only,)), "test")
        with connect(found) as lin:
            assert lin.sources()
            with pytest.raises(GraphReadOnlyError, match="takes no writes"):
                lin.ingest_records(records(1, 1), source="other")
