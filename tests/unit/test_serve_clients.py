"""Clients that others wrote against the receiver: OpenLineage's own, and Schemathesis."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
import requests
from support.receiver import ROOT, Running, event, receiver

pytest.importorskip("openlineage.client")
from openlineage.client import OpenLineageClient
from openlineage.client.event_v2 import (
    Dataset,
    DatasetEvent,
    InputDataset,
    Job,
    JobEvent,
    OutputDataset,
    Run,
    RunEvent,
    RunState,
)
from openlineage.client.transport.async_http import AsyncHttpConfig, AsyncHttpTransport
from openlineage.client.transport.http import HttpConfig, HttpTransport

if TYPE_CHECKING:
    from collections.abc import Iterator

KEY = "a-key-for-tests-0123456789"
REAL = ROOT.parent / "shared" / "data" / "openlineage"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with receiver(tmp_path_factory.mktemp("receiver"), key=KEY) as found:
        yield found


def run_event(number: int, state: RunState = RunState.COMPLETE) -> RunEvent:
    return RunEvent(
        eventType=state,
        eventTime=datetime(2026, 5, 1, 12, 0, number % 60, tzinfo=UTC).isoformat(),
        run=Run(runId=str(UUID(int=number))),
        job=Job(namespace="clients", name=f"job {number}"),
        inputs=[InputDataset(namespace="s3://bucket", name="in")],
        outputs=[OutputDataset(namespace="s3://bucket", name="out")],
        producer="https://example.com/clients",
    )


def runs(running: Running, producer: str = "https://example.com/clients") -> set[tuple[int, str]]:
    return {
        (UUID(one["run"]["runId"]).int, one["eventType"])
        for one in running.loaded()
        if one["producer"] == producer and "run" in one
    }


def until(running: Running, wanted: set[tuple[int, str]]) -> set[tuple[int, str]]:
    end = time.monotonic() + 20
    while not wanted <= runs(running) and time.monotonic() < end:
        time.sleep(0.1)
    return runs(running)


@pytest.mark.parametrize("compression", [None, "gzip"])
def test_the_http_transport(running: Running, compression: str | None) -> None:
    config: dict[str, Any] = {"url": running.url, "auth": {"type": "api_key", "apiKey": KEY}}
    if compression:
        config["compression"] = compression
    client = OpenLineageClient(transport=HttpTransport(HttpConfig.from_dict(config)))
    first = 100 if compression else 200
    for number in range(first, first + 20):
        client.emit(run_event(number, RunState.START))
        client.emit(run_event(number))
    client.close()
    wanted = {(n, kind) for n in range(first, first + 20) for kind in ("START", "COMPLETE")}
    assert wanted <= until(running, wanted)


def test_the_asynchronous_transport(running: Running) -> None:
    config = {
        "url": running.url,
        "auth": {"type": "api_key", "apiKey": KEY},
        "compression": "gzip",
    }
    transport = AsyncHttpTransport(AsyncHttpConfig.from_dict(config))
    client = OpenLineageClient(transport=transport)
    for number in range(1000, 1200):
        client.emit(run_event(number))
    assert transport.wait_for_completion(20)
    assert transport.get_stats()["failed"] == 0
    client.close()
    wanted = {(number, "COMPLETE") for number in range(1000, 1200)}
    assert wanted <= until(running, wanted)


def test_events_of_jobs_and_data_sets(running: Running) -> None:
    config = {"url": running.url, "auth": {"type": "api_key", "apiKey": KEY}}
    client = OpenLineageClient(transport=HttpTransport(HttpConfig.from_dict(config)))
    when = datetime(2026, 5, 1, tzinfo=UTC).isoformat()
    client.emit(
        JobEvent(eventTime=when, job=Job(namespace="n", name="only a job"), producer="https://e.x/")
    )
    client.emit(
        DatasetEvent(
            eventTime=when, dataset=Dataset(namespace="n", name="d"), producer="https://e.x/"
        )
    )
    client.close()
    end = time.monotonic() + 10
    while time.monotonic() < end:
        found = [one for one in running.loaded() if one["producer"] == "https://e.x/"]
        if len(found) == 2:
            break
        time.sleep(0.1)
    assert [sorted({"job", "dataset"} & one.keys()) for one in found] == [["job"], ["dataset"]]


def test_a_wrong_key_is_told_to_the_client(running: Running) -> None:
    config = {"url": running.url, "auth": {"type": "api_key", "apiKey": "x" * 20}}
    client = OpenLineageClient(transport=HttpTransport(HttpConfig.from_dict(config)))
    with pytest.raises(requests.HTTPError, match="401"):
        client.emit(run_event(1))
    client.close()


def test_the_client_waits_out_a_full_journal(tmp_path: Path) -> None:
    """With `Retry-After` the client sends the event again; it loses none."""
    with receiver(tmp_path, load_seconds=1, journal_bytes=3_000) as running:
        client = OpenLineageClient(
            transport=HttpTransport(HttpConfig.from_dict({"url": running.url, "timeout": 30}))
        )
        for number in range(12):
            client.emit(run_event(number))
        client.close()
        wanted = {(number, "COMPLETE") for number in range(12)}
        assert until(running, wanted) == wanted
        counted = requests.get(running.url + "/metrics", timeout=5).text
        assert 'lineage_receiver_refused_total{reason="journal-full"}' in counted


def test_real_events_are_taken_one_by_one_and_together(tmp_path: Path) -> None:
    if not REAL.is_dir():
        pytest.skip("no real events here")
    lines = [
        json.loads(line)
        for file in sorted((REAL / "data-rentgen").glob("*.jsonl"))
        for line in file.read_text().splitlines()
        if line.strip()
    ]
    files = sorted((REAL / "airflow" / "events").glob("*.json"))
    events = lines + [json.loads(file.read_text()) for file in files]
    with receiver(tmp_path) as running, requests.Session() as session:
        for one in events:
            answer = session.post(running.url + "/api/v1/lineage", json=one, timeout=10)
            assert answer.status_code == 201, (answer.text, str(one)[:300])
        batch = session.post(running.url + "/api/v1/lineage/batch", json=events, timeout=10)
        assert batch.json()["summary"]["successful"] == len(events) > 10
        assert len(running.wait_for(2 * len(events))) == 2 * len(events)
        assert events[0] in running.loaded()


def test_generated_requests_meet_the_description(tmp_path: Path) -> None:
    """A thousand requests, right and wrong, get what the description says and no other 5xx."""
    pytest.importorskip("schemathesis")
    examples = int(os.environ.get("LINEAGE_SERVE_EXAMPLES", "100"))
    with receiver(tmp_path, key=KEY, body_seconds=2) as running:
        command = [
            str(Path(sys.executable).with_name("schemathesis")),
            "run",
            f"{running.url}/openapi.json",
            "--header",
            f"Authorization: Bearer {KEY}",
            "--max-examples",
            str(examples),
            "--phases",
            "examples,coverage,fuzzing",
            "--mode",
            "all",
            "--generation-database",
            "none",
            "--seed",
            "7",
            "--exclude-checks",
            # Negative data that is still an event: the specification allows what it does not name.
            "negative_data_rejection",
            "--no-color",
        ]
        done = subprocess.run(
            command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=600
        )
        counted = requests.get(running.url + "/metrics", timeout=5).text
        assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
        assert 'reason="defect"' not in counted
        assert requests.post(
            f"{running.url}/api/v1/lineage", json=event(), headers={"X-API-Key": KEY}, timeout=5
        ).ok
