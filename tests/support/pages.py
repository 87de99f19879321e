"""Runs the commands of a page of documentation in a shell, and compares what they print."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lineage.server import Endpoint

BLOCK = re.compile(r"```console\n(.*?)```", re.DOTALL)
ELISION = "[...]\n"
PORT = "8765"
PATIENCE = 60
_VARYING = (
    (re.compile(r"in \d[\d.]* s\b"), "in 0.5 s"),
    (re.compile(r"MLflow schema \w+"), "MLflow schema dc11669786a5"),
)
"""What differs from run to run, and how the pages have it."""


class Command(NamedTuple):
    """A line of a page behind `$ `, and the lines below it."""

    line: str
    output: str


def commands(block: str) -> list[Command]:
    """The commands of a block, with what the page says that they print."""
    parts = re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]
    return [Command(*_parted(part)) for part in parts]


def _parted(part: str) -> tuple[str, str]:
    line, _, output = part.partition("\n")
    while line.endswith("\\"):
        more, _, output = output.partition("\n")
        line += f"\n{more}"
    return line, output


def matches(page: str, real: str) -> bool:
    """Whether a page has what was printed, but for what it leaves out as `[...]`."""
    at = 0
    pieces = page.split(ELISION)
    if not real.startswith(pieces[0]) or (len(pieces) == 1 and real != page):
        return False
    for piece in pieces:
        found = real.find(piece, at)
        if found < 0:
            return False
        at = found + len(piece)
    return not pieces[-1] or real.endswith(pieces[-1])


class Shell:
    """Runs commands in a folder, as somebody would who has activated the environment."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        tools = folder / ".bin"
        tools.mkdir()
        call = (
            f'#!/bin/sh\nexec "{sys.executable}" -c "from lineage.cli import main; main()" "$@"\n'
        )
        (tools / "lineage").write_text(call)
        (tools / "lineage").chmod(0o755)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = str(free.getsockname()[1])
        self._folder = folder
        self._environment = os.environ | environment | {
            "PATH": f"{tools}:{os.environ['PATH']}", "COLUMNS": "80", "NO_COLOR": "1",
            "LINEAGE_DATA_DIR": str(folder / ".data"),
        }  # fmt: skip
        self._servers = ExitStack()
        self.serves = False

    def run(self, line: str) -> str:
        """What a command prints; a receiver goes on in the background."""
        if line.startswith("lineage serve"):
            return self._plain(self._serve(line))
        done = subprocess.run(
            ["bash", "-c", line.replace(PORT, self._port)],
            cwd=self._folder,
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE * 2,
        )
        assert done.returncode == 0, f"{line}: {done.stdout}{done.stderr}"
        return self._plain(done.stdout)

    def _serve(self, line: str) -> str:
        log = self._folder / ".serve.log"
        with log.open("w") as output:
            process = subprocess.Popen(
                ["bash", "-c", f"exec {line} --port {self._port}"],
                cwd=self._folder,
                env=self._environment,
                stdout=output,
                stderr=output,
            )
        self._servers.callback(_end, process)
        self.serves = True
        deadline = time.monotonic() + PATIENCE
        while not log.read_text().endswith("\n") and time.monotonic() < deadline:
            assert process.poll() is None, log.read_text()
            time.sleep(0.1)
        return log.read_text()

    def _plain(self, printed: str) -> str:
        for pattern, text in _VARYING:
            printed = pattern.sub(text, printed)
        lines = [line.rstrip() for line in printed.replace(self._port, PORT).splitlines()]
        while lines and not lines[-1]:
            lines.pop()
        return "".join(f"{line}\n" for line in lines)

    def close(self) -> None:
        """End what it started."""
        self._servers.close()


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    process.wait(30)


@contextmanager
def shell(folder: Path, environment: dict[str, str]) -> Iterator[Shell]:
    """A shell, which ends what it started."""
    if shutil.which("bash") is None or shutil.which("curl") is None:
        raise FileNotFoundError("bash and curl run the pages' commands")
    opened = Shell(folder, environment)
    try:
        yield opened
    finally:
        opened.close()


def check(text: str, inside: Shell, *, update: bool) -> str:
    """Run the commands of a page in their order; the page as it should be.

    Where a receiver runs, what it was sent arrives a little later.
    """

    def block(found: re.Match[str]) -> str:
        return "```console\n" + "".join(
            f"$ {line}\n{_printed(inside, line, output, update=update)}"
            for line, output in commands(found[1])
        ) + "```"  # fmt: skip

    return BLOCK.sub(block, text)


def check_page(page: Path, folder: Path, endpoint: Endpoint, test: str) -> None:
    """Run what a page says, on a server; the page must be what it prints, or becomes it.

    Args:
        page: to be checked; written anew where `LINEAGE_UPDATE_DOCS` is set.
        folder: to work in.
        endpoint: of the server.
        test: the file that asks, for the hint how to write the page anew.
    """
    environment = {
        "NEO4J_URI": endpoint.uri,
        "NEO4J_USERNAME": endpoint.username,
        "NEO4J_PASSWORD": endpoint.password,
        "NEO4J_DATABASE": endpoint.database or "",
    }
    text, update = page.read_text(), bool(os.environ.get("LINEAGE_UPDATE_DOCS"))
    with shell(folder, environment) as inside:
        real = check(text, inside, update=update)
    if update:
        page.write_text(real)
    else:
        assert real == text, f"write it anew: LINEAGE_UPDATE_DOCS=1 pytest {test}"


def _printed(inside: Shell, line: str, page: str, *, update: bool) -> str:
    real = inside.run(line)
    deadline = time.monotonic() + (15 if update else PATIENCE)
    while inside.serves and line.startswith("lineage") and not line.startswith("lineage serve"):
        if matches(page, real) or time.monotonic() > deadline:
            break
        time.sleep(1)
        real = inside.run(line)
    return page if matches(page, real) else real
