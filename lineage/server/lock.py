"""Lock the jars of a version line: `python -m lineage.server.lock 5.26`.

For maintainers: resolves the newest patch of the line, downloads every jar once and writes
`jars-LINE.lock` beside this file. The versions of what Neo4j depends on are its own choice.
"""

from __future__ import annotations

import hashlib
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from lineage.server.jars import WORKERS, Jar

BROWSER = "org.neo4j.client:neo4j-browser:5.24.0"
"""The newest Browser that is published as a jar."""


def newest(line: str) -> str:
    """The newest patch of a version line, such as `5.26.30` for `5.26`."""
    from jgo.maven import MavenContext

    project = MavenContext().project("org.neo4j", "neo4j")
    project.update()
    versions = [c.version for c in project.versions() if c.version.startswith(f"{line}.")]
    return str(max(versions, key=lambda v: [int(part) for part in v.split(".")]))


def resolve(version: str, cache: Path) -> list[Jar]:
    """Every jar that a server of that version needs, ordered by coordinate."""
    import jgo

    roots = [f"org.neo4j:neo4j:{version}", f"org.neo4j.app:neo4j-server:{version}", BROWSER]
    artifacts = jgo.resolve("+".join(roots))
    for artifact in artifacts:
        # A cache of our own: a jar in the user's may be one that they built.
        artifact.context.repo_cache = cache
    with ThreadPoolExecutor(WORKERS) as pool:
        return sorted(pool.map(_locked, artifacts), key=lambda jar: jar.coordinate)


def _locked(artifact: Any) -> Jar:
    content = Path(artifact.resolve()).read_bytes()
    return Jar(
        artifact.groupId,
        artifact.artifactId,
        artifact.classifier or "",
        artifact.version,
        hashlib.sha256(content).hexdigest(),
        len(content),
    )


def write(line: str) -> Path:
    """Lock the newest patch of a version line."""
    version = newest(line)
    with tempfile.TemporaryDirectory() as cache:
        jars = resolve(version, Path(cache))
    target = Path(__file__).with_name(f"jars-{line}.lock")
    head = f"# Neo4j {version} Community, by `python -m lineage.server.lock {line}`\n"
    target.write_text(head + "".join(f"{jar}\n" for jar in jars), encoding="utf-8")
    return target


if __name__ == "__main__":
    for wanted in sys.argv[1:]:
        sys.stdout.write(f"{write(wanted)}\n")
