"""Makes `.venv-dbt` or `.venv-spark` beside the project file, from the lock of that name.

    python tests/clients/setup_venv.py dbt
    python tests/clients/setup_venv.py spark

Both want versions of their own of what the project uses too, and Spark is large, so each has an
environment of its own. Spark's also gets the OpenLineage agent, a jar from Maven Central. Nothing
is done when the folder was made from the same lock already.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
BUILD = ("setuptools", "wheel")  # pyspark has no wheel and is built, offline, with these two


def folder(name: str) -> Path:
    """The environment of a client."""
    return ROOT / f".venv-{name}"


def program(name: str, command: str) -> Path:
    """A program in the environment of a client."""
    return folder(name) / "bin" / command


def ready(name: str) -> bool:
    """Whether the environment is there, made from the present lock."""
    stamp = folder(name) / "lock.sha256"
    return stamp.is_file() and stamp.read_text() == _digest(name)


def make(name: str) -> None:
    """Make the environment of a client.

    Raises:
        RuntimeError: it cannot be installed on this machine.
    """
    venv, lock = folder(name), HERE / f"{name}.lock"
    pip = [venv / "bin" / "python", "-m", "pip", "--disable-pip-version-check", "install"]
    install = [*pip, "--quiet", "--require-hashes", "--no-deps", "--requirement"]
    _run(name, [sys.executable, "-m", "venv", "--clear", venv])
    if name == "spark":
        build = venv / "build.lock"
        build.write_text(_part(lock.read_text(), BUILD))
        _run(name, [*install, build, "--only-binary=:all:"])
        install.insert(-1, "--no-build-isolation")
    else:
        install.insert(-1, "--only-binary=:all:")
    _run(name, [*install, lock])
    if name == "spark":
        agent()
    (venv / ".gitignore").write_text("*\n")
    (venv / "lock.sha256").write_text(_digest(name))


def agent() -> Path:
    """The jar of the OpenLineage agent for Spark, fetched where it is not there.

    Raises:
        LineageError: it cannot be had, or is not the locked one.
    """
    from lineage.server import jars

    lines = (HERE / "spark-jars.lock").read_text().splitlines()
    (jar,) = [jars.Jar.parse(line) for line in lines if line and not line.startswith("#")]
    return jars.fetch([jar], folder("spark") / "jars")[0]


def _part(lock: str, names: tuple[str, ...]) -> str:
    """The lines of a lock that are about some packages."""
    kept, keeps = [], False
    for line in lock.splitlines(keepends=True):
        if not line.startswith(" "):
            keeps = line.partition("==")[0] in names
        if keeps:
            kept.append(line)
    return "".join(kept)


def _run(name: str, command: list[str | Path]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        reason = (done.stderr.strip() or "no reason given").splitlines()[-1]
        raise RuntimeError(f"the {name} client cannot be installed here: {reason}")


def _digest(name: str) -> str:
    locks = sorted(HERE.glob(f"{name}*.lock"))
    return hashlib.sha256(b"".join(lock.read_bytes() for lock in locks)).hexdigest()


if __name__ == "__main__":
    for wanted in sys.argv[1:]:
        if not ready(wanted):
            make(wanted)
        print(f"ready: {folder(wanted)}")
