"""Processes that outlive the command that started them, and telling them from others.

A process id alone says little: after a crash or a reboot another process may have it. Ours is
known by its id, the moment it started, and the argument file on its command line.
"""

from __future__ import annotations

import atexit
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Collection

PROC = Path("/proc")
KILL_SECONDS = 10.0
LOOK_SECONDS = 0.02

_STARTED: list[subprocess.Popen[bytes]] = []
"""Kept: an object that is let go of while its process runs warns of a process forgotten."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A process as it is now.

    Attributes:
        started: when it started; comparable only with a value of the same machine.
        command: its command line.
    """

    started: float
    command: tuple[str, ...]


def look(pid: int) -> Seen | None:
    """The process of that id; None if there is none, or it has ended."""
    # Read by hand on Linux: importing psutil takes longer than all else that `endpoint` does.
    return _look_proc(pid) if sys.platform == "linux" else _look_psutil(pid)


def _look_proc(pid: int) -> Seen | None:
    try:
        stat = (PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
        command = (PROC / str(pid) / "cmdline").read_bytes().decode(errors="surrogateescape")
    except OSError:
        return None
    # After the name in parentheses, which may hold anything: state is field 3, start field 22.
    fields = stat.rpartition(")")[2].split()
    if fields[0] in "ZX":
        return None
    return Seen(float(fields[19]), tuple(command.split("\0")[:-1]))


def _look_psutil(pid: int) -> Seen | None:
    import psutil

    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return None
        return Seen(process.create_time(), tuple(process.cmdline()))
    except psutil.Error:
        return None


def is_ours(pid: int, started: float, arguments: Path) -> bool:
    """Whether the process that runs under an id is the one that we started."""
    seen = look(pid)
    if seen is None or abs(seen.started - started) > 1:
        return False
    # Just after it is started, Linux shows a process for a moment without its command line.
    return not seen.command or f"@{arguments}" in seen.command


def find(arguments: Path) -> int | None:
    """A process started with that argument file, of which no record was kept."""
    import psutil

    for pid in psutil.pids():
        seen = look(pid)
        if seen is not None and f"@{arguments}" in seen.command:
            return pid
    return None


def listens(pid: int, wanted: Collection[int]) -> bool:
    """Whether a process listens on all of these ports; taken for granted where nobody may look."""
    import psutil

    try:
        found = psutil.Process(pid).net_connections("tcp")
    except psutil.NoSuchProcess:
        return False
    except psutil.Error:
        return True
    return {one.laddr.port for one in found if one.status == psutil.CONN_LISTEN} >= set(wanted)


def spawn(command: list[str], folder: Path, console: Path) -> subprocess.Popen[bytes]:
    """Start a process in a session of its own, so that Ctrl-C here does not reach it."""
    import subprocess

    handle = os.open(console, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        child = subprocess.Popen(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=handle,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    finally:
        os.close(handle)
    _STARTED[:] = [other for other in _STARTED if other.poll() is None] + [child]
    return child


@atexit.register
def _let_go() -> None:
    """A server is meant to outlive the command that started it; Python would warn of that."""
    for child in _STARTED:
        if child.poll() is None:
            child.returncode = 0


def end(pid: int, started: float, arguments: Path, patience: float) -> bool:
    """End our process: ask, wait, and only then force.

    Args:
        pid: its id.
        started: when it started, as `look` says.
        arguments: its argument file.
        patience: seconds to wait before it is forced.

    Returns:
        Whether it ended by itself.
    """
    import psutil

    if not is_ours(pid, started, arguments):
        return True
    try:
        process = psutil.Process(pid)
        process.terminate()
        if _ends(pid, started, arguments, patience):
            return True
        process.kill()
    except psutil.NoSuchProcess:
        return True
    _ends(pid, started, arguments, KILL_SECONDS)
    return False


def _ends(pid: int, started: float, arguments: Path, patience: float) -> bool:
    """Wait for our process; one that has ended counts even while its parent has not noticed."""
    deadline = time.monotonic() + patience
    while is_ours(pid, started, arguments):
        if time.monotonic() > deadline:
            return False
        time.sleep(LOOK_SECONDS)
    return True
