"""The server that is measured: a local Neo4j with a home of its own, memory as users get it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bench.measure import Memory

from lineage import Lineage, Settings
from lineage.server import ServerHome, local
from lineage.server.home import DEFAULT_LINE, read_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lineage.server import Endpoint

COMMAND = str(Path(sys.executable).with_name("lineage"))


@dataclass(slots=True)
class Server:
    """A folder as `LINEAGE_DATA_DIR` has it; what its server holds stays there between runs."""

    folder: Path

    @property
    def home(self) -> ServerHome:
        """The server's own folder."""
        return ServerHome(self.folder / "servers" / DEFAULT_LINE, DEFAULT_LINE)

    @contextmanager
    def connected(self) -> Iterator[Lineage]:
        """Bring it up if it is down, and connect with default settings."""
        found = self.up()
        with Lineage.connect(
            found.uri, found.username, found.password, found.database, settings=Settings()
        ) as lin:
            yield lin

    def command(self, *arguments: str) -> str:
        """What the command prints when this is its data.

        Raises:
            RuntimeError: it fails.
        """
        environment = {k: v for k, v in os.environ.items() if not k.startswith("NEO4J_")}
        environment["LINEAGE_DATA_DIR"] = str(self.folder)
        done = subprocess.run(
            [COMMAND, *arguments], env=environment, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise RuntimeError((done.stderr.strip() or "no reason given").splitlines()[-1])
        return done.stdout

    def memory(self) -> Memory:
        """To watch it and this process together."""
        return Memory(lambda: (read_json(self.home.process_file) or {}).get("pid"))

    def up(self) -> Endpoint:
        """Bring it up if it is down."""
        return local.up(self.home, "benchmark")

    def down(self) -> None:
        """Stop it."""
        local.down(self.home)

    def wipe(self) -> None:
        """Stop it and forget what it held."""
        self.down()
        shutil.rmtree(self.folder, ignore_errors=True)
