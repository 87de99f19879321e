"""`lineage serve` with a real Neo4j: what was accepted over HTTP is in the graph."""

from __future__ import annotations

import json
import threading
import time
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
import requests
from support.receiver import event
from support.serving import serving, until_drained
from support.snapshot import differences, snapshot

if TYPE_CHECKING:
    from pathlib import Path

    from lineage import Lineage
    from lineage.server import Endpoint

RUNS = "MATCH (e:Execution) RETURN e.source_id AS id"


def runs(lin: Lineage) -> set[int]:
    return {int(row["id"].split("/")[-1][-12:], 16) for row in lin.graph.run_text(RUNS)}


def test_received_is_as_loaded_from_a_file(
    lin: Lineage, endpoint: Endpoint, tmp_path: Path
) -> None:
    events = [event(number, size=100) for number in range(50)]
    starts = [one | {"eventType": "START", "eventTime": "2026-05-01T09:00:00Z"} for one in events]
    lin.ingest_events([json.dumps(one).encode() for one in starts + events], source="openlineage")
    lin.segment()
    wanted = snapshot(lin)
    lin.graph.run_implicit(
        "MATCH (n) WHERE NOT n:Lineage CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 5000 ROWS"
    )
    with serving(endpoint, tmp_path, "--segment-every", "1") as (url, process):
        answer = requests.post(url + "/api/v1/lineage/batch", json=events, timeout=10)
        assert answer.json()["summary"]["successful"] == 50
        for one in starts:
            assert requests.post(url + "/api/v1/lineage", json=one, timeout=10).status_code == 201
        health = until_drained(url)
        assert (health["graph"], health["status"]) == ("up", "ok")
        end = time.monotonic() + 30
        while differences(snapshot(lin), wanted) and time.monotonic() < end:
            time.sleep(0.5)
        process.terminate()
        assert process.wait(30) == 0
    assert differences(snapshot(lin), wanted) == []


def test_killed_again_and_again_all_that_was_accepted_is_in_the_graph(
    lin: Lineage, endpoint: Endpoint, tmp_path: Path
) -> None:
    accepted: set[int] = set()
    for turn in range(3):
        with serving(endpoint, tmp_path, "--segment-every", "0") as (url, process):

            def send(first: int, url: str = url) -> None:
                with requests.Session() as session:
                    for number in range(first, first + 10_000):
                        try:
                            answer = session.post(
                                url + "/api/v1/lineage", json=event(number), timeout=5
                            )
                        except requests.RequestException:
                            return
                        if answer.status_code == 201:
                            accepted.add(number)

            threads = [
                threading.Thread(target=send, args=((turn * 3 + one) * 100_000,))
                for one in range(3)
            ]
            for thread in threads:
                thread.start()
            time.sleep(1.5 + turn)
            process.kill()
            for thread in threads:
                thread.join()
    with serving(endpoint, tmp_path) as (url, _):
        until_drained(url)
        assert accepted <= runs(lin)
    assert len(accepted) > 100


def test_advice_over_http_is_the_commands(lin: Lineage, endpoint: Endpoint, tmp_path: Path) -> None:
    lin.demo()
    (row,) = lin.graph.run_text(
        "MATCH (a:Artifact)-[i:INPUT]->(e:Execution {operator: 'transformation'}) "
        "RETURN e.type AS type, i.role AS role, a.key AS key, e.pipeline AS pipeline LIMIT 1"
    )
    wanted = lin.advise(row["type"], None, {}, {row["role"]: row["key"]}, pipeline=row["pipeline"])
    question = {
        "operator": row["type"],
        "inputs": {row["role"]: row["key"]},
        "pipeline": row["pipeline"],
    }
    with serving(endpoint, tmp_path, "--segment-every", "0") as (url, _):
        answer = requests.post(url + "/api/v1/advice", json=question, timeout=20)
        assert answer.status_code == 200
        assert answer.json() == wanted.model_dump(mode="json")
        wrong = requests.post(
            url + "/api/v1/advice", json={"operator": "T", "inputs": {"a": "no key"}}, timeout=20
        )
        assert wrong.status_code == 422
        assert "source" in wrong.json()["detail"]


def test_the_real_client_ends_in_the_graph(
    lin: Lineage, endpoint: Endpoint, tmp_path: Path
) -> None:
    pytest.importorskip("openlineage.client")
    from openlineage.client import OpenLineageClient
    from openlineage.client.event_v2 import Job, Run, RunEvent, RunState
    from openlineage.client.transport.http import HttpConfig, HttpTransport

    with serving(endpoint, tmp_path) as (url, _):
        config = HttpConfig.from_dict({"url": url, "compression": "gzip"})
        client = OpenLineageClient(transport=HttpTransport(config))
        for number in range(20):
            for state, hour in ((RunState.START, 10), (RunState.COMPLETE, 11)):
                client.emit(
                    RunEvent(
                        eventType=state,
                        eventTime=f"2026-05-01T{hour}:00:00Z",
                        run=Run(runId=str(UUID(int=number))),
                        job=Job(namespace="clients", name=f"job {number}"),
                        producer="https://example.com/clients",
                    )
                )
        client.close()
        until_drained(url)
    assert runs(lin) == set(range(20))
    states = lin.graph.run_text("MATCH (e:Execution) RETURN DISTINCT e.state AS state")
    assert states == [{"state": "COMPLETE"}]
