"""A receiver in a process of its own, whose graph is a file: for tests that kill and flood it.

    python -m support.receiver JOURNAL FILE [OPTION=VALUE]...

Options are those of `lineage.serve.Options`; besides, `key=KEY`, `load_seconds=SECONDS` (a slow
graph) and `down=FILE` (the graph is down while that file exists).
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

TESTS = Path(__file__).parents[1]
ROOT = TESTS.parent


class FileGraph:
    """Adds events to a file, one a line."""

    def __init__(self, file: Path, load_seconds: float = 0.0, down: Path | None = None) -> None:
        self.file = file
        self.load_seconds = load_seconds
        self.down = down
        self.segmented = 0

    def ping(self) -> None:
        from lineage.errors import GraphUnavailableError

        if self.down is not None and self.down.exists():
            raise GraphUnavailableError("Neo4j does not answer")

    def load(self, bodies: Sequence[bytes]) -> int:
        self.ping()
        time.sleep(self.load_seconds)
        if any(b'"poison"' in body for body in bodies):
            raise ValueError("poison")
        with self.file.open("ab") as out:
            out.writelines(body + b"\n" for body in bodies)
        return 0

    def segment(self) -> None:
        self.segmented += 1

    def advise(self, asked: Any) -> Any:
        from lineage.advise import Advice

        return Advice(known=False, why=f"nothing did {asked.operator}")

    def read(self, work: Any) -> Any:
        from lineage.errors import GraphUnavailableError

        raise GraphUnavailableError("Neo4j does not answer")

    def close(self) -> None:
        pass


class Running:
    """A receiver that runs."""

    def __init__(self, url: str, process: subprocess.Popen[str], file: Path) -> None:
        self.url = url
        self.process = process
        self.file = file

    def loaded(self) -> list[dict[str, Any]]:
        """The events that the graph was given."""
        if not self.file.exists():
            return []
        return [json.loads(line) for line in self.file.read_bytes().splitlines()]

    def wait_for(self, count: int, seconds: float = 20.0) -> list[dict[str, Any]]:
        """The events, once there are so many."""
        end = time.monotonic() + seconds
        while len(found := self.loaded()) < count and time.monotonic() < end:
            time.sleep(0.05)
        return found

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)


@contextmanager
def receiver(folder: Path, **options: Any) -> Iterator[Running]:
    """A receiver with its journal and its graph in a folder; ended in the end."""
    files = (str(folder / "journal"), str(folder / "graph"))
    given = (f"{name}={value}" for name, value in options.items())
    command = [sys.executable, "-m", "support.receiver", *files, *given]
    places = [str(place) for place in (TESTS, ROOT, ROOT / "ingest")]
    path = os.pathsep.join([*places, os.environ.get("PYTHONPATH", "")])
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": path},
    )
    assert process.stdout is not None
    try:
        url = process.stdout.readline().strip()
        assert url, "it did not start"
        yield Running(url, process, folder / "graph")
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def event(number: int = 0, *, size: int = 0, **more: Any) -> dict[str, Any]:
    """An event of a run of its own."""
    found: dict[str, Any] = {
        "eventTime": "2026-05-01T10:00:00Z",
        "eventType": "COMPLETE",
        "producer": "https://example.com/tests",
        "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
        "run": {"runId": f"00000000-0000-4000-8000-{number:012x}"},
        "job": {"namespace": "tests", "name": f"job {number}"},
        "inputs": [{"namespace": "s3://bucket", "name": f"in/{number}"}],
        "outputs": [],
    }
    if size:
        found["run"]["facets"] = {"pad": {"text": "x" * size}}
    return found | more


def _main() -> None:
    from pydantic import SecretStr
    from support.receiver import FileGraph  # so that the process that loads finds it

    from lineage.serve.options import Options
    from lineage.serve.service import run

    journal, file, *given = sys.argv[1:]
    options: dict[str, Any] = {}
    graph: dict[str, Any] = {}
    for one in given:
        name, _, value = one.partition("=")
        if name == "key":
            options["keys"] = (SecretStr(value),)
        elif name == "load_seconds":
            graph[name] = float(value)
        elif name == "down":
            graph[name] = Path(value)
        else:
            options[name] = value if name == "host" else json.loads(value)
    options.setdefault("port", 0)
    if files := os.environ.get("LINEAGE_TEST_FILES"):
        import resource

        resource.setrlimit(resource.RLIMIT_NOFILE, (int(files), int(files)))
    run(
        Options(journal=Path(journal), **options),
        FileGraph(Path(file), **graph),
        lambda url: print(url, flush=True),
    )


if __name__ == "__main__":
    _main()
