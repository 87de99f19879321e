"""Lay out a server for a container image: `python -m lineage.server.image 5.26 FOLDER`.

The result needs no Python: jars in `lib/`, a JRE in `java/`, `neo4j.conf`, and the options of the
JVM and the main class in argument files, for `docker/entrypoint.sh`.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from lineage.server import conf, jars, java, ports
from lineage.server.home import LOOPBACK

ANYWHERE = ".".join("0000")
"""In a container the engine decides who reaches a port; outside we listen on loopback only."""


def lay_out(line: str, folder: Path, cache: Path) -> None:
    """Fill a folder with all that a server of a version line needs.

    Args:
        line: version line of Neo4j.
        folder: where; made if it is not there.
        cache: where jars are kept.

    Raises:
        DownloadError: a jar cannot be had.
    """
    for name in ("lib", "conf", "run", "plugins", "import"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for file in jars.fetch(jars.read_lock(line), cache):
        shutil.copy(file, folder / "lib")
    launcher = java.java()
    shutil.copytree(launcher.parents[1], folder / "java", dirs_exist_ok=True)
    options = java.jvm_options(java.java_version(launcher))
    usual = ports.Ports(ports.USUAL_BOLT, ports.USUAL_HTTP)
    text = conf.render(line, usual, conf.Memory(512, 512), options, listen=ANYWHERE)
    text = text.replace(LOOPBACK, "localhost")
    # The heap may be set when the container starts; what follows from it is left to Neo4j.
    rows = [row for row in text.splitlines() if not row.startswith(("#", "dbms.memory"))]
    (folder / "conf" / "neo4j.conf").write_text("\n".join(rows) + "\n", "utf-8")
    common = [*options, "-cp", f"{folder}/lib/*"]
    java.write_arguments(folder / "jvm.args", common)
    (folder / "jvm.args").chmod(0o644)
    (folder / "main-class").write_text(java.main_class(line) + "\n", "utf-8")
    (folder / "admin-class").write_text(java.ADMIN + "\n", "utf-8")


if __name__ == "__main__":
    lay_out(jars.line_of(sys.argv[1]), Path(sys.argv[2]), Path("/tmp/jars"))  # noqa: S108
