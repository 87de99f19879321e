"""One Neo4j for a test session: one that is named, a container, or a local server."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from lineage import server
from lineage.server import container, jars, local, probe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lineage.server import Endpoint

HEAP_MB = 1024
PAGE_CACHE_MB = 512
# Each test wipes the graph and fills it. Plans are kept for this long although the statistics have
# changed, instead of ten seconds: planning anew was four tenths of a server's work.
REPLAN = ("dbms.cypher.min_replan_interval", "2m")
VERSION = "LINEAGE_TEST_NEO4J_VERSION"
IMAGE = "LINEAGE_TEST_IMAGE"


def wanted_line() -> str:
    """The version line that the tests run on."""
    return jars.line_of(os.environ.get(VERSION) or "5.26")


@contextmanager
def session_endpoint() -> Iterator[Endpoint]:
    """A server for the whole test session, ended with it; says on stderr which it is and why."""
    with ExitStack() as stack:
        found = server.external()
        if found is None:
            image, reason = container_image()
            found = stack.enter_context(in_container(image) if image else own_server(reason))
        sys.stderr.write(f"\nNeo4j for the tests: {found.uri} ({found.kind}: {found.why})\n")
        yield found


def container_image() -> tuple[str | None, str]:
    """The image to test with if an engine answers and has it, else why there is none."""
    if container.engine() is None:
        return None, "no container engine answers"
    line = wanted_line()
    image = os.environ.get(IMAGE) or f"neo4j:{jars.locked_version(line)}-community"
    for command in (["image", "inspect", image], ["pull", "--quiet", image]):
        done = subprocess.run(["docker", *command], capture_output=True, check=False)
        if done.returncode == 0:
            return image, ""
    return None, f"the image {image} is neither here nor to be pulled"


@contextmanager
def in_container(image: str) -> Iterator[Endpoint]:
    """A server in a container."""
    from testcontainers.community.neo4j import Neo4jContainer

    neo4j = Neo4jContainer(image, password="tests-only-password")
    settings = (
        ("server.memory.heap.max_size", f"{HEAP_MB}m"),
        ("server.memory.pagecache.size", f"{PAGE_CACHE_MB}m"),
        # As in the compose file.
        ("browser.remote_content_hostname_whitelist", "guides.neo4j.com,localhost,127.0.0.1"),
        REPLAN,
    )
    for name, value in settings:
        neo4j.with_env(f"NEO4J_{name.replace('_', '__').replace('.', '_')}", value)
    neo4j.with_exposed_ports(7687, 7474)
    with ExitStack() as stack:
        # Before it is started: one that starts but does not answer must go too.
        stack.callback(neo4j.stop)
        neo4j.start()
        host, http = neo4j.get_container_host_ip(), int(neo4j.get_exposed_port(7474))
        yield server.Endpoint(
            uri=neo4j.get_connection_url(),
            username=neo4j.username,
            password=neo4j.password,
            database="neo4j",
            kind="container",
            why=f"a container engine answers and has {image}",
            http=f"http://{host}:{http}/browser/",
            version=probe.version_at(http, host),
        )


@contextmanager
def own_server(reason: str = "asked for", line: str | None = None) -> Iterator[Endpoint]:
    """A local server with data of its own, which is removed with it."""
    with own_home(line) as home:
        yield local.up(home, f"{reason}, so Neo4j runs as a local process")


@contextmanager
def own_home(
    line: str | None = None,
    heap_mb: int | None = HEAP_MB,
    page_cache_mb: int | None = PAGE_CACHE_MB,
) -> Iterator[server.ServerHome]:
    """A folder for a local server; what runs in it is ended, the folder removed."""
    root = Path(tempfile.mkdtemp(prefix="lineage-tests-"))
    home = server.ServerHome(
        root / "home", line or wanted_line(), heap_mb, page_cache_mb, settings=(REPLAN,)
    )
    try:
        yield home
    finally:
        # Also reached when pytest is interrupted, even while the server is starting.
        try:
            local.down(home)
        finally:
            shutil.rmtree(root, ignore_errors=True)
