"""Where things lie: one folder for each version line of Neo4j, and a cache that all share.

```
DATA/current.json            the server that was last brought up
DATA/servers/5.26/           one ServerHome: stores of different lines never meet
  conf/ data/ logs/ plugins/ import/
  password                   of the user neo4j, readable by its owner only
  run/ports.json             ports that were picked, kept from one start to the next
  run/process.json           the running server: pid, when it started, ports, version
CACHE/jars/                  a Maven repository's layout
```
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

APP = "lineage-graphlets"
DEFAULT_LINE = "5.26"
LOOPBACK = "127.0.0.1"


def data_dir() -> Path:
    """The folder of databases: `LINEAGE_DATA_DIR`, else the platform's."""
    if named := os.environ.get("LINEAGE_DATA_DIR"):
        return Path(named).expanduser().absolute()
    import platformdirs

    return Path(platformdirs.user_data_dir(APP, appauthor=False))


def cache_dir() -> Path:
    """The folder of what can be downloaded again: `LINEAGE_CACHE_DIR`, else the platform's."""
    if named := os.environ.get("LINEAGE_CACHE_DIR"):
        return Path(named).expanduser().absolute()
    import platformdirs

    return Path(platformdirs.user_cache_dir(APP, appauthor=False))


def jar_dir() -> Path:
    """The cache of jars."""
    return cache_dir() / "jars"


@dataclass(frozen=True, slots=True)
class ServerHome:
    """The folder of one local server.

    Attributes:
        root: the folder.
        line: the version line of Neo4j whose stores it holds, such as `5.26`.
        heap_mb: heap in MiB; None is sized to the machine.
        page_cache_mb: page cache in MiB; None is sized to the machine.
        usual_ports: whether it may take Neo4j's usual ports, which people expect of one server.
        settings: further settings of Neo4j, names and values.
    """

    root: Path
    line: str = DEFAULT_LINE
    heap_mb: int | None = None
    page_cache_mb: int | None = None
    usual_ports: bool = False
    settings: tuple[tuple[str, str], ...] = ()

    @classmethod
    def default(cls, line: str = DEFAULT_LINE) -> ServerHome:
        """The user's server of a version line."""
        return cls(data_dir() / "servers" / line, line, usual_ports=True)

    @property
    def conf(self) -> Path:
        """The folder of `neo4j.conf`."""
        return self.root / "conf"

    @property
    def data(self) -> Path:
        """The folder of the databases."""
        return self.root / "data"

    @property
    def logs(self) -> Path:
        """The folder of the logs."""
        return self.root / "logs"

    @property
    def run(self) -> Path:
        """The folder of what is true while the server runs."""
        return self.root / "run"

    @property
    def console(self) -> Path:
        """What the server's process printed since its last start."""
        return self.logs / "console.log"

    @property
    def password_file(self) -> Path:
        """The password of the user `neo4j`."""
        return self.root / "password"

    @property
    def arguments(self) -> Path:
        """The argument file of the server's process; its path tells our process from others."""
        return self.run / "server.args"

    @property
    def process_file(self) -> Path:
        """What is known of the running process."""
        return self.run / "process.json"

    @property
    def ports_file(self) -> Path:
        """The ports that were picked."""
        return self.run / "ports.json"

    def make(self) -> None:
        """Make the folders; only the owner may enter."""
        self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        for name in ("conf", "data", "logs", "plugins", "import", "run"):
            (self.root / name).mkdir(exist_ok=True, mode=0o700)


def current_file() -> Path:
    """Which server was last brought up."""
    return data_dir() / "current.json"


def read_json(file: Path) -> dict[str, Any] | None:
    """A JSON object from a file; None if there is none, or it was cut short."""
    try:
        found = json.loads(file.read_bytes())
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def write_json(file: Path, value: dict[str, Any]) -> None:
    """Write a JSON object, whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(f".{file.name}.{os.getpid()}")
    part.write_text(json.dumps(value, indent=1) + "\n", encoding="utf-8")
    part.replace(file)
