"""A server in a container, by `docker/compose.yml` and whatever engine answers to `docker`."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lineage.errors import ServerError
from lineage.server import password, ports, probe
from lineage.server.endpoint import Endpoint
from lineage.server.home import LOOPBACK, current_file, data_dir, write_json

if TYPE_CHECKING:
    from lineage.server.jars import Progress

ASK_SECONDS = 10.0
PULL_SECONDS = 900.0
UP_SECONDS = 300.0
START_SECONDS = 180.0
PROJECT = "lineage"
IMAGE = "LINEAGE_NEO4J_IMAGE"


def engine() -> str | None:
    """The version of the container engine that answers; None if none does."""
    done = _docker(["version", "--format", "{{.Server.Version}}"], ASK_SECONDS)
    return done.stdout.strip() or None if done and done.returncode == 0 else None


def compose_file() -> Path | None:
    """The compose file: of the installed package, else of the checkout."""
    package = Path(__file__).parents[1]
    places = (package / "docker", package.parent / "docker")
    return next((p / "compose.yml" for p in places if (p / "compose.yml").is_file()), None)


def image(line: str) -> str:
    """The image of a version line: `LINEAGE_NEO4J_IMAGE`, else the official one."""
    from lineage.server.jars import locked_version

    return os.environ.get(IMAGE) or f"neo4j:{locked_version(line)}-community"


def up(neo4j_version: str, progress: Progress) -> Endpoint | str:
    """Bring the container up, or say in half a sentence why it cannot be.

    Raises:
        ServerError: there is no such version.
    """
    from lineage.server.jars import line_of

    line = line_of(neo4j_version)
    if shutil.which("docker") is None:
        return "no container engine is installed"
    if (version := engine()) is None:
        return "no container engine answers"
    file = compose_file()
    if file is None:
        return "the compose file is not installed"
    wanted = image(line)
    if not _have(wanted, progress):
        return f"the image {wanted} is neither here nor to be pulled"
    why = f"a container engine ({version}) answers and has the image {wanted}"
    return _compose_up(file, line, wanted, why, progress)


def _compose_up(file: Path, line: str, wanted: str, why: str, progress: Progress) -> Endpoint | str:
    folder = _folder(line)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    word = password.ensure(folder / "password")
    _write_secret(folder / "auth", f"{password.USER}/{word}")
    known = {"kind": "container", "line": line}
    if running(known | _ports(folder)) is None:
        picked = ports.pick(folder / "ports.json")
    else:
        picked = ports.Ports(**_ports(folder))
    progress(f"starting {wanted}", 0, 0)
    environment = _environment(line, wanted, picked)
    done = _docker(["compose", "-f", str(file), "up", "--detach"], UP_SECONDS, environment)
    if done is None or done.returncode != 0:
        return f"the container did not start ({_last(done)})"
    if not _await(picked):
        # Left alone it would hold its ports, beside the server that is started in its place.
        _docker(["compose", "-f", str(file), "down"], UP_SECONDS, environment)
        return f"the container did not answer within {START_SECONDS:.0f} s"
    state = known | picked._asdict() | {"why": why, "version": probe.version_at(picked.http)}
    write_json(current_file(), state)
    return running(state) or "the container ended as soon as it had started"


def _await(picked: ports.Ports) -> bool:
    """Wait until Bolt and HTTP answer: not every compose knows `--wait`."""
    began = time.monotonic()
    while time.monotonic() - began < START_SECONDS:
        if probe.speaks_bolt(LOOPBACK, picked.bolt) and probe.version_at(picked.http):
            return True
        time.sleep(0.2)
    return False


def running(known: dict[str, Any]) -> Endpoint | None:
    """The endpoint of the recorded container if something answers at its port."""
    try:
        bolt, http, folder = int(known["bolt"]), int(known["http"]), _folder(str(known["line"]))
    except (KeyError, TypeError, ValueError):
        return None
    uri = f"bolt://{LOOPBACK}:{bolt}"
    if not probe.listens(uri, timeout=0.2):
        return None
    return Endpoint(
        uri=uri,
        username=password.USER,
        password=password.read(folder / "password"),
        database="neo4j",
        kind="container",
        why=str(known.get("why") or "a container is running"),
        http=f"http://{LOOPBACK}:{http}/browser/",
        password_file=folder / "password",
        version=known.get("version"),
    )


def down(known: dict[str, Any]) -> bool:
    """Stop the recorded container; its volume keeps the data.

    Returns:
        Whether it ran.

    Raises:
        ServerError: the engine could not stop it.
    """
    was = running(known) is not None
    file, line = compose_file(), str(known.get("line"))
    if file is None:
        raise ServerError("the compose file is not installed: stop the container with docker")
    picked = ports.Ports(int(known["bolt"]), int(known["http"]))
    environment = _environment(line, image(line), picked)
    done = _docker(["compose", "-f", str(file), "down"], UP_SECONDS, environment)
    if done is None or done.returncode != 0:
        raise ServerError(f"docker compose down failed: {_last(done)}")
    current_file().unlink(missing_ok=True)
    return was


def _have(wanted: str, progress: Progress) -> bool:
    here = _docker(["image", "inspect", wanted], ASK_SECONDS)
    if here and here.returncode == 0:
        return True
    progress(f"pulling {wanted}", 0, 0)
    pulled = _docker(["pull", "--quiet", wanted], PULL_SECONDS)
    return pulled is not None and pulled.returncode == 0


def _environment(line: str, wanted: str, picked: ports.Ports) -> dict[str, str]:
    return {
        "COMPOSE_PROJECT_NAME": f"{PROJECT}-{line.replace('.', '-')}",
        IMAGE: wanted,
        "LINEAGE_BOLT_PORT": str(picked.bolt),
        "LINEAGE_HTTP_PORT": str(picked.http),
        "LINEAGE_AUTH_FILE": str(_folder(line) / "auth"),
    }


def _folder(line: str) -> Path:
    return data_dir() / "containers" / line


def _ports(folder: Path) -> dict[str, int]:
    known = ports.remembered(folder / "ports.json")
    return known._asdict() if known else {}


def _write_secret(file: Path, text: str) -> None:
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        out.write(text)


def _docker(
    arguments: list[str], timeout: float, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str] | None:
    """Run the engine's client; None if there is none, or it took too long."""
    try:
        return subprocess.run(
            ["docker", *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=timeout,
            env=os.environ | (environment or {}),
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None


def _last(done: subprocess.CompletedProcess[str] | None) -> str:
    if done is None:
        return "it took too long"
    rows = [row.strip() for row in done.stderr.splitlines() if row.strip()]
    return rows[-1] if rows else f"exit code {done.returncode}"
