"""The receiver under load: a rate that real clients hold, and then more than it takes.

    python -m tests.bench.receiver [--rate 1000] [--seconds 120] [--clients 2] [--neo4j]

Clients are processes of OpenLineage's own Python client, which send at a rate of their own whatever
the answers take. Then a flood comes over bare connections, as fast as it can be sent. In the end
every event that was accepted has to be in the graph. Without `--neo4j` the graph is a file, so that
the receiver is measured alone; with it, a local server is loaded while the clients send.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit
from uuid import UUID

sys.path.insert(0, str(Path(__file__).parents[1]))

import psutil
import requests
from bench.measure import load
from bench.results import Figure, number
from bench.servers import COMMAND, Server
from support.receiver import event, receiver

if TYPE_CHECKING:
    from collections.abc import Iterator

RATE, SECONDS, CLIENTS = 1_000, 120.0, 2
FLOOD_SECONDS, FLOOD_CONNECTIONS = 20.0, 200
THREADS = 8
PADDING = 1_500
DRAIN_SECONDS = 1_800.0
MIB = 1 << 20


class Sent(NamedTuple):
    """What one client did.

    Attributes:
        accepted: numbers of the events that were acknowledged.
        seconds: what each of them took.
        failed: events that were not, although the client sent them again as it does.
        busy: answers of 503.
        ended: when the last was sent, seconds after the first was due.
    """

    accepted: list[int]
    seconds: list[float]
    failed: int
    busy: int
    ended: float = 0.0


class Target(NamedTuple):
    """A receiver that is measured.

    Attributes:
        url: its address.
        pid: its process.
        loaded: how many events its graph was given.
        runs: the runs that its graph holds, as many as were sent.
    """

    url: str
    pid: int
    runs: Any


def main() -> None:
    """Measure, and print a line for each figure."""
    given = _arguments()
    print(f"load {load()} on {psutil.cpu_count()} cores", flush=True)
    folder = Path(tempfile.mkdtemp(prefix="lineage-receiver-"))
    try:
        with _neo4j(folder) if given.neo4j else _file(folder) as target:
            for figure in figures(target, given.rate, given.seconds, given.clients, given.flood):
                print(f"  {figure.line(full=False)}", flush=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def figures(
    target: Target, rate: int, seconds: float, clients: int, flood_seconds: float
) -> Iterator[Figure]:
    """What the clients saw, then what the flood did, then what is in the graph."""
    watched = psutil.Process(target.pid)
    before = sum(watched.cpu_times()[:2])
    sent = _steadily(target.url, rate, seconds, clients)
    wall = max(client.ended for client in sent)
    accepted = {one for client in sent for one in client.accepted}
    times = sorted(one for client in sent for one in client.seconds)
    failed = sum(client.failed for client in sent)
    cpu = (sum(watched.cpu_times()[:2]) - before) / wall
    yield Figure(
        name="receiver, sustained", value=len(accepted) / wall, unit="/s",
        note=f"{len(accepted):,} events in {wall:.0f} s, {failed} failed, {cpu:.2f} cores",
    )  # fmt: skip
    for share in (0.5, 0.99):
        took = times[int(share * (len(times) - 1))]
        yield Figure(name=f"receiver, p{share * 100:g}", value=took * 1000, unit="ms",
                     note=f"longest {times[-1] * 1000:.0f} ms")  # fmt: skip
    resident = watched.memory_info().rss
    if flood_seconds:
        flooded, most = _flooded(target, watched, flood_seconds)
        accepted |= set(flooded.accepted)
        yield Figure(
            name="receiver, flooded", value=len(flooded.accepted) / flood_seconds, unit="/s",
            note=f"{flooded.busy:,} answered 503, {flooded.failed} failed",
        )  # fmt: skip
        yield Figure(name="receiver, memory in the flood", value=most / MIB, unit="MiB",
                     note=f"{number(resident / MIB)} MiB before")  # fmt: skip
    began = time.perf_counter()
    lost = _lost(target, accepted)
    later = f"of {len(accepted):,}, {time.perf_counter() - began:.0f} s later"
    yield Figure(name="receiver, lost", value=lost, unit="", note=later)


def _steadily(url: str, rate: int, seconds: float, clients: int) -> list[Sent]:
    """Have client processes send together at a rate."""
    context = multiprocessing.get_context("spawn")
    start = time.time() + 3
    work = [(url, one, rate / clients, start, seconds) for one in range(clients)]
    with context.Pool(clients) as pool:
        return pool.starmap(_client, work)


def _client(url: str, which: int, rate: float, start: float, seconds: float) -> Sent:
    """One process of the real client, with threads as a busy scheduler has them."""
    from openlineage.client.transport.http import HttpConfig, HttpTransport

    events = _events()
    found = Sent([], [], 0, 0)
    failed = [0] * THREADS
    count = int(rate * seconds / THREADS)

    def send(thread: int) -> None:
        transport = HttpTransport(HttpConfig.from_dict({"url": url, "timeout": 30}))
        for turn in range(count):
            due = start + (turn * THREADS + thread) / rate
            if (early := due - time.time()) > 0:
                time.sleep(early)
            here = (which * THREADS + thread) * 1_000_000 + turn
            one = events(here)
            began = time.perf_counter()
            try:
                transport.emit(one)
            except requests.RequestException:
                failed[thread] += 1
                continue
            found.seconds.append(time.perf_counter() - began)
            found.accepted.append(here)
        transport.close()

    threads = [threading.Thread(target=send, args=(thread,)) for thread in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found._replace(failed=sum(failed), ended=time.time() - start)


def _events() -> Any:
    """Makes events of the client's own classes, of the size that schedulers send."""
    from openlineage.client.event_v2 import (
        InputDataset,
        Job,
        OutputDataset,
        Run,
        RunEvent,
        RunState,
    )
    from openlineage.client.generated.documentation_job import DocumentationJobFacet

    facets = {"documentation": DocumentationJobFacet(description="x" * PADDING)}

    def make(which: int) -> RunEvent:
        name = which % 500
        return RunEvent(
            eventType=RunState.COMPLETE,
            eventTime="2026-05-01T10:00:00Z",
            run=Run(runId=str(UUID(int=which))),
            job=Job(namespace="bench", name=f"job {name}", facets=facets),
            inputs=[InputDataset(namespace="s3://bench", name=f"in/{name}")],
            outputs=[OutputDataset(namespace="s3://bench", name=f"out/{which}")],
            producer="https://example.com/bench",
        )

    return make


def _flooded(target: Target, watched: psutil.Process, seconds: float) -> tuple[Sent, int]:
    """Send as fast as can be, and look at the memory meanwhile."""
    context = multiprocessing.get_context("spawn")
    most = 0
    with context.Pool(1) as pool:
        found = pool.apply_async(_flood, (target.url, seconds))
        while not found.ready():
            most = max(most, watched.memory_info().rss)
            time.sleep(0.1)
        return found.get(), most


def _flood(url: str, seconds: float) -> Sent:
    return asyncio.run(_connections(url, seconds))


async def _connections(url: str, seconds: float) -> Sent:
    parts = urlsplit(url)
    accepted: list[int] = []
    counts = {"failed": 0, "busy": 0}
    end = time.monotonic() + seconds

    async def one(which: int) -> None:
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        turn = 0
        while time.monotonic() < end:
            here = 10**9 + which * 1_000_000 + turn
            turn += 1
            body = json.dumps(event(here, size=PADDING)).encode()
            writer.write(
                b"POST /api/v1/lineage HTTP/1.1\r\nHost: localhost\r\n"
                b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body
            )
            try:
                head = await reader.readuntil(b"\r\n\r\n")
                length = next((line for line in head.lower().split(b"\r\n")
                               if line.startswith(b"content-length:")), b":0")  # fmt: skip
                await reader.readexactly(int(length.partition(b":")[2]))
            except (OSError, asyncio.IncompleteReadError):
                counts["failed"] += 1
                return
            if head.startswith(b"HTTP/1.1 201"):
                accepted.append(here)
            elif head.startswith(b"HTTP/1.1 503") and b"retry-after" in head.lower():
                counts["busy"] += 1
            else:
                counts["failed"] += 1
        writer.close()

    await asyncio.gather(*(one(which) for which in range(FLOOD_CONNECTIONS)))
    return Sent(accepted, [], counts["failed"], counts["busy"])


def _lost(target: Target, accepted: set[int]) -> int:
    """How many of the accepted events the graph lacks when the journal is empty."""
    end = time.monotonic() + DRAIN_SECONDS
    while time.monotonic() < end:
        if requests.get(f"{target.url}/health", timeout=30).json()["backlog_bytes"] == 0:
            break
        time.sleep(0.5)
    held = {int(run[-12:], 16) for run in target.runs()}
    return len(accepted - held)


@contextmanager
def _file(folder: Path) -> Iterator[Target]:
    """A receiver whose graph is a file."""
    with receiver(folder) as running:

        def runs() -> Iterator[str]:
            with running.file.open("rb") as lines:
                for line in lines:
                    yield json.loads(line)["run"]["runId"]

        yield Target(running.url, running.process.pid, runs)


@contextmanager
def _neo4j(folder: Path) -> Iterator[Target]:
    """`lineage serve` beside a local Neo4j of its own."""
    server = Server(folder)
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("NEO4J_", "LINEAGE_"))}
    try:
        with server.connected() as lin:
            found = server.up()
            login = {
                "NEO4J_URI": found.uri,
                "NEO4J_USERNAME": found.username,
                "NEO4J_PASSWORD": found.password or "",
                "LINEAGE_DATA_DIR": str(folder),
            }
            process = subprocess.Popen(
                [COMMAND, "serve", "--json", "--port", "0"],
                env=kept | login, stdout=subprocess.PIPE, text=True,
            )  # fmt: skip
            assert process.stdout is not None
            try:
                url = json.loads(process.stdout.readline())["url"]
                yield Target(url, process.pid, lambda: _runs_in(lin))
            finally:
                process.terminate()
                process.wait(60)
    finally:
        server.down()


def _runs_in(lin: Any) -> Iterator[str]:
    """The runs of the raw events that the graph keeps."""
    rows = lin.graph.run_text(
        "MATCH (x:Execution) WHERE x.source = 'openlineage' RETURN x.source_id AS id"
    )
    for row in rows:
        yield row["id"].rpartition("/")[2]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rate", type=int, default=RATE, help="events a second, of all clients")
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--clients", type=int, default=CLIENTS, help="client processes")
    parser.add_argument("--flood", type=float, default=FLOOD_SECONDS, help="seconds of it")
    parser.add_argument("--neo4j", action="store_true", help="load a real graph meanwhile")
    return parser.parse_args()


if __name__ == "__main__":
    main()
