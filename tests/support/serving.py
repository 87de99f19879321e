"""`lineage serve` as a process of its own, on the Neo4j of the tests."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import requests
from support.receiver import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lineage.server import Endpoint

START = "from lineage.cli import main; main()"


@contextmanager
def serving(
    endpoint: Endpoint, folder: Path, *arguments: str
) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """The command, at a port of its own."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("NEO4J_", "LINEAGE_"))}
    places = [str(place) for place in (ROOT, ROOT / "ingest")]
    login = {
        "NEO4J_URI": endpoint.uri,
        "NEO4J_USERNAME": endpoint.username or "",
        "NEO4J_PASSWORD": endpoint.password or "",
        "NEO4J_DATABASE": endpoint.database or "",
        "LINEAGE_DATA_DIR": str(folder),
        "PYTHONPATH": os.pathsep.join(places),
    }
    process = subprocess.Popen(
        [sys.executable, "-c", START, "serve", "--json", "--port", "0", *arguments],
        env=kept | {name: value for name, value in login.items() if value},
        cwd=folder,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        yield json.loads(process.stdout.readline())["url"], process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def until_drained(url: str, seconds: float = 60) -> dict[str, Any]:
    """The health, once the graph has everything."""
    end = time.monotonic() + seconds
    while True:
        health: dict[str, Any] = requests.get(url + "/health", timeout=10).json()
        if not health["backlog_bytes"] or time.monotonic() > end:
            return health
        time.sleep(0.2)
