"""The real `ml-metadata` client, in its own environment, asked from the tests."""

from __future__ import annotations

import functools
import json
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from mlmd import setup_venv

HERE = Path(__file__).resolve().parent
REAL = HERE.parents[1].parent / "shared" / "data" / "mlmd"


@functools.cache
def _unavailable() -> str | None:
    """Why the client cannot be used; None when it can."""
    with FileLock(Path(tempfile.gettempdir()) / "mlmd-client-environment.lock"):
        try:
            if not setup_venv.ready():
                setup_venv.make()
        except (RuntimeError, OSError) as error:
            return str(error)
    return None


def run_client(script: str, *arguments: str) -> str:
    """Run a script of this folder with the client; skips the test where it cannot be installed."""
    reason = _unavailable()
    if reason:
        pytest.skip(reason)
    command = [setup_venv.PYTHON, HERE / script, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def real_store(name: str) -> Path:
    """A real store; skips the test where the folder with them is absent."""
    path = REAL / name
    if not path.is_file():
        pytest.skip(f"{path.name} is not here")
    return path


def dump(path: Path, scratch: Path) -> dict[str, Any]:
    """What the client reads from a copy of a store, upgraded to its own version."""
    copy = scratch / f"copy-{path.name}"
    shutil.copyfile(path, copy)
    found: dict[str, Any] = json.loads(run_client("dump_store.py", str(copy)))
    return found
