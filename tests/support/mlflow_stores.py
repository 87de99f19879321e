"""Stores of MLflow for tests, written by its own client in another process."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.request import urlopen

import pytest
from mlmd.oracle import REAL

if TYPE_CHECKING:
    from collections.abc import Iterator

WRITER = Path(__file__).with_name("mlflow_writer.py")
QUIET = {
    "MLFLOW_ALLOW_FILE_STORE": "true",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",  # half of what a server starts
}
PATIENCE = 90


class Story(NamedTuple):
    """A store and the ids of what is in it, by name."""

    location: str
    ids: dict[str, str]


def write(location: str, folder: Path) -> Story:
    """Let the client write the story to a new store."""
    told = run(str(WRITER), location, str(folder), cwd=folder)
    return Story(location, json.loads(told.splitlines()[-1]))


def kept(name: str) -> Path:
    """A real store by other people; skips the test where the folder with them is absent."""
    path = REAL.parent / "mlflow" / name
    if not path.is_file():
        pytest.skip(f"{name} is not here")
    return path


def run(*arguments: str, cwd: Path) -> str:
    """Run Python with MLflow, and return what it prints."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd,
        env=os.environ | QUIET,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@contextmanager
def server(backend: str, folder: Path) -> Iterator[str]:
    """A tracking server on a store; yields its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    where = ["--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    started = [sys.executable, "-m", "mlflow", "server", "--backend-store-uri", backend, *where]
    log = folder / "server.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            started, cwd=folder, env=os.environ | QUIET, stdout=output, stderr=output
        )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait(address, process, log)
        yield address
    finally:
        process.terminate()
        process.wait(30)


def _wait(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and process.poll() is None:
        try:
            with urlopen(f"{address}/health", timeout=5):
                return
        except OSError:
            time.sleep(0.3)
    raise AssertionError(f"the tracking server does not answer: {log.read_text()[-2000:]}")
