"""Makes `.venv-mlmd` beside the project file: Python 3.11 with the real `ml-metadata` client.

    python tests/mlmd/setup_venv.py

The client's last wheels that run widely are for Python 3.11 at most and want an old Protocol
Buffers library, so it cannot share the project's own environment. Nothing is done when the folder
was made from the same lock already.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
LOCK = HERE / "requirements.lock"
VENV = HERE.parents[1] / ".venv-mlmd"
PYTHON = VENV / "bin" / "python"
WANTED = (3, 11)


def ready() -> bool:
    """Whether the environment is there, made from the present lock."""
    stamp = VENV / "lock.sha256"
    return PYTHON.exists() and stamp.is_file() and stamp.read_text() == _digest()


def make() -> None:
    """Make the environment.

    Raises:
        RuntimeError: there is no Python 3.11, or the client cannot be installed on this machine.
    """
    python = sys.executable if sys.version_info[:2] == WANTED else shutil.which("python3.11")
    if python is None:
        raise RuntimeError("ml-metadata 1.17.1 needs Python 3.11, which is not here")
    install = [PYTHON, "-m", "pip", "install", "--quiet", "--require-hashes", "--only-binary=:all:"]
    for command in ([python, "-m", "venv", "--clear", VENV], [*install, "--requirement", LOCK]):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            reason = (done.stderr.strip() or "no reason given").splitlines()[-1]
            raise RuntimeError(f"ml-metadata cannot be installed here: {reason}")
    (VENV / ".gitignore").write_text("*\n")
    (VENV / "lock.sha256").write_text(_digest())


def _digest() -> str:
    return hashlib.sha256(LOCK.read_bytes()).hexdigest()


if __name__ == "__main__":
    if not ready():
        make()
    print(f"ready: {VENV}")
