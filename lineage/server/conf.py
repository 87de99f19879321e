"""Renders `neo4j.conf`."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lineage.server.ports import Ports

MIB = 1 << 20
_QUIET = "internal.dbms.bolt.netty_server_shutdown_quiet_period"


class Memory(NamedTuple):
    """Memory of one server, in MiB."""

    heap: int
    page_cache: int


def memory_for(total: int, heap_mb: int | None = None, page_cache_mb: int | None = None) -> Memory:
    """A quarter of the machine each: it has other work, and the system's cache helps too.

    Args:
        total: the machine's memory in bytes.
        heap_mb: use this heap instead.
        page_cache_mb: use this page cache instead.
    """
    quarter = total // MIB // 4
    return Memory(
        heap_mb or max(512, min(4096, quarter)), page_cache_mb or max(128, min(16384, quarter))
    )


def render(
    line: str,
    ports: Ports,
    memory: Memory,
    jvm: Iterable[str],
    *,
    listen: str = "127.0.0.1",
    more: Iterable[tuple[str, str]] = (),
) -> str:
    """The text of `neo4j.conf`.

    Args:
        line: version line of Neo4j.
        ports: of Bolt and HTTP.
        memory: heap and page cache.
        jvm: options of the JVM, for processes that the admin tool starts.
        listen: the address to listen on.
        more: further settings, none of those that are written anyway.
    """
    settings = [
        ("server.default_listen_address", listen),
        ("server.default_advertised_address", "127.0.0.1"),
        ("server.bolt.enabled", "true"),
        ("server.bolt.listen_address", f"{listen}:{ports.bolt}"),
        # Browser connects to what is advertised.
        ("server.bolt.advertised_address", f"127.0.0.1:{ports.bolt}"),
        # Else Neo4j waits 5 or 10 s at a stop for clients, after its databases are closed.
        (_QUIET, "0") if line.startswith("5.") else (f"{_QUIET}_duration", "0s"),
        ("server.http.enabled", "true"),
        ("server.http.listen_address", f"{listen}:{ports.http}"),
        ("server.http.advertised_address", f"127.0.0.1:{ports.http}"),
        ("server.https.enabled", "false"),
        # Browser fetches guides and styles from these alone; `lineage serve` is at the last two.
        ("browser.remote_content_hostname_whitelist", "guides.neo4j.com,localhost,127.0.0.1"),
        ("dbms.security.auth_enabled", "true"),
        ("dbms.usage_report.enabled", "false"),
        ("client.allow_telemetry", "false"),
        ("server.memory.heap.initial_size", f"{memory.heap}m"),
        ("server.memory.heap.max_size", f"{memory.heap}m"),
        ("server.memory.pagecache.size", f"{memory.page_cache}m"),
        # Loads are cut into batches; a statement that is not must fail, not take the server along.
        ("dbms.memory.transaction.total.max", f"{memory.heap * 7 // 10}m"),
        # A store that can be loaded again needs no long history, which outgrows the data.
        ("db.tx_log.rotation.retention_policy", "256M size"),
        ("db.tx_log.preallocate", "false"),
        ("db.logs.query.enabled", "OFF"),
        ("server.logs.gc.enabled", "false"),
        *more,
    ]
    rows = [f"{name}={value}" for name, value in settings]
    # The admin tool starts a second JVM, which reads its options here.
    rows += [f"server.jvm.additional={option}" for option in jvm]
    return "# Written at every start; changes here are lost.\n" + "\n".join(rows) + "\n"
