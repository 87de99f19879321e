"""What `lineage doctor` looks at to tell why a server would not start."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, NamedTuple

from lineage.errors import ServerError
from lineage.safe import without_login
from lineage.server import choose, conf, container, jars, java, ports, probe
from lineage.server.home import DEFAULT_LINE, ServerHome, cache_dir, jar_dir
from lineage.server.local import FREE_FOR_DATA
from lineage.server.running import running

if TYPE_CHECKING:
    from pathlib import Path

ENOUGH_MEMORY = 3 << 30


class Check(NamedTuple):
    """One row of the doctor's table.

    Attributes:
        name: what was looked at.
        ok: whether it is as it should be.
        detail: what was found, and what to do if it is not.
    """

    name: str
    ok: bool
    detail: str


def checks(neo4j_version: str = DEFAULT_LINE) -> list[Check]:
    """Look at everything that a server needs; starts and changes nothing.

    Args:
        neo4j_version: version line of the local server.

    Raises:
        ServerError: there is no such version.
    """
    line = jars.line_of(neo4j_version)
    home = ServerHome.default(line)
    return [
        _java(),
        _jars(line),
        _space("disk for data", home.root),
        _space("disk for jars", cache_dir()),
        _memory(),
        _ports(home),
        _engine(line),
        _server(),
    ]


def _java() -> Check:
    try:
        launcher = java.java()
    except ServerError as error:
        return Check("java", False, str(error))
    major = java.java_version(launcher)
    # Neo4j of the calendar versions runs on Java 21 and later; older lines do too.
    return Check("java", major >= 21, f"Java {major} at {launcher}")


def _jars(line: str) -> Check:
    wanted = jars.read_lock(line)
    lacking = jars.missing(wanted, jar_dir())
    size = sum(jar.size for jar in lacking) >> 20
    what = f"Neo4j {jars.locked_version(line)}, {len(wanted)} jars in {jar_dir()}"
    if not lacking:
        return Check("jars", True, what)
    return Check("jars", True, f"{what}; `lineage up` will download {len(lacking)} ({size} MiB)")


def _space(name: str, folder: Path) -> Check:
    there = next((p for p in (folder, *folder.parents) if p.exists()), folder)
    free = shutil.disk_usage(there).free
    return Check(name, free >= FREE_FOR_DATA, f"{free >> 20} MiB free for {folder}")


def _memory() -> Check:
    import psutil

    memory = psutil.virtual_memory()
    plan = conf.memory_for(memory.total)
    detail = (
        f"{memory.total >> 20} MiB, {memory.available >> 20} free; a local server takes "
        f"{plan.heap} MiB of heap and {plan.page_cache} of page cache"
    )
    return Check("memory", memory.total >= ENOUGH_MEMORY, detail)


def _ports(home: ServerHome) -> Check:
    known = ports.remembered(home.ports_file) or ports.Ports(ports.USUAL_BOLT, ports.USUAL_HTTP)
    named = f"Bolt {known.bolt}, HTTP {known.http}"
    if running(home):
        return Check("ports", True, f"{named}: used by our server")
    if all(map(ports.is_free, known)):
        return Check("ports", True, f"{named}: free")
    return Check("ports", True, f"{named}: used by another program; others will be picked")


def _engine(line: str) -> Check:
    version = container.engine()
    if version is None:
        return Check("container engine", True, "none answers, and none is needed")
    return Check("container engine", True, f"version {version}; image {container.image(line)}")


def _server() -> Check:
    found = choose.endpoint()
    if found is None:
        return Check("server", True, "none runs; `lineage up` starts one")
    shown = without_login(found.uri)
    answers = probe.listens(found.uri)
    version = f"Neo4j {found.version}" if found.version else "Neo4j"
    what = "answers" if answers else "does not answer"
    return Check("server", answers, f"{version} at {shown} ({found.kind}) {what}: {found.why}")
