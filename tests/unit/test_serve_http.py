"""The receiver over HTTP, as clients, broken clients and hostile ones see it."""

from __future__ import annotations

import gzip
import json
import os
import socket
import threading
import time
import zlib
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
import requests
from support.receiver import Running, event, receiver

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MIB = 1 << 20
KEY = "a-key-for-tests-0123456789"
JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A receiver without a key, which takes bodies of 1 MiB and waits 2 s for them."""
    folder = tmp_path_factory.mktemp("receiver")
    with receiver(folder, body_bytes=MIB, body_seconds=2) as found:
        yield found


@pytest.fixture(scope="module")
def keyed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with receiver(tmp_path_factory.mktemp("keyed"), key=KEY) as found:
        yield found


def post(running: Running, body: Any, path: str = "/api/v1/lineage", **headers: str) -> Any:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return requests.post(running.url + path, data=data, headers=JSON | headers, timeout=20)


def raw(running: Running, data: bytes, *, half: bool = False) -> bytes:
    """What comes back when bytes are sent as they are; with `half` we hang up after them."""
    parts = urlsplit(running.url)
    with socket.create_connection((str(parts.hostname), int(parts.port or 0)), timeout=10) as one:
        one.sendall(data)
        if half:
            return b""
        found = b""
        while b"\r\n\r\n" not in found and (piece := one.recv(65536)):
            found += piece
        return found


def problem(answer: Any, status: int, reason: str) -> dict[str, Any]:
    """The problem details of an answer, which have the form that they should."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    told = answer.json()
    assert told["status"] == status
    assert told["type"] == f"urn:lineage:problem:{reason}"
    assert told["title"]
    assert told["detail"]
    assert told["instance"].startswith("/")
    return dict(told)


def test_an_event_is_durable_and_gets_into_the_graph(running: Running) -> None:
    answer = post(running, event(1, size=1000))
    assert (answer.status_code, answer.content) == (201, b"")
    assert event(1, size=1000) in running.wait_for(1)


def test_a_batch_keeps_what_is_right(running: Running) -> None:
    answer = post(running, [event(10), {"eventTime": 1}, event(11)], "/api/v1/lineage/batch")
    assert answer.status_code == 207
    told = answer.json()
    assert told["status"] == "partial_success"
    assert told["summary"] == {
        "received": 3, "successful": 2, "failed": 1, "retriable": 0, "non_retriable": 1,
    }  # fmt: skip
    (failed,) = told["failed_events"]
    assert failed["index"] == 1
    assert failed["reason"].startswith("$[1].eventTime ")
    assert failed["retriable"] is False
    whole = post(running, [event(12)], "/api/v1/lineage/batch")
    assert (whole.status_code, whole.json()["status"]) == (200, "success")
    assert post(running, [], "/api/v1/lineage/batch").json()["summary"]["received"] == 0
    none = post(running, [{}, 1], "/api/v1/lineage/batch")
    told = problem(none, 422, "invalid-event")
    assert [one["path"] for one in told["errors"]] == ["$[0].eventTime", "$[1]"]
    assert told["summary"]["failed"] == 2
    problem(post(running, event(13), "/api/v1/lineage/batch"), 422, "invalid-batch")


def test_a_batch_of_too_many_is_refused_and_holds_up_no_other(tmp_path: Path) -> None:
    with receiver(tmp_path) as running:
        empty = b"[" + b",".join([b"{}"] * 1_000_000) + b"]"
        told = problem(post(running, empty, "/api/v1/lineage/batch"), 413, "too-many-events")
        assert "20,000" in told["detail"]
        many = b"[" + b",".join([b"{}"] * 20_000) + b"]"
        told = problem(post(running, many, "/api/v1/lineage/batch"), 422, "invalid-event")
        assert (told["summary"]["failed"], len(told["errors"])) == (20_000, 100)
        large = json.dumps([event(number, size=5_000) for number in range(100)]).encode()
        assert post(running, large, "/api/v1/lineage/batch").json()["summary"]["successful"] == 100
        problem(post(running, b"[" * 1_000_000), 400, "no-json")


@pytest.mark.parametrize(
    ("body", "status", "reason", "path"),
    [
        (b"", 400, "no-json", "$"),
        (b"{", 400, "no-json", "$"),
        (b'{"a": NaN}', 400, "no-json", "$"),
        (b'"\xff"', 400, "no-json", "$"),
        (b'"\\ud800"', 400, "no-json", "$"),
        (b"[" * 100_000, 400, "no-json", "$"),
        (b"[]", 422, "invalid-event", "$"),
        (b"null", 422, "invalid-event", "$"),
        (event(run={"runId": 7}), 422, "invalid-event", "$.run.runId"),
        (event(job={"name": "x"}), 422, "invalid-event", "$.job.namespace"),
        (event(inputs=[{"namespace": "n", "name": 1}]), 422, "invalid-event", "$.inputs[0].name"),
        (event(eventTime="soon"), 422, "invalid-event", "$.eventTime"),
    ],
)
def test_what_is_wrong_is_told_with_its_path(
    running: Running, body: Any, status: int, reason: str, path: str
) -> None:
    told = problem(post(running, body), status, reason)
    assert told["errors"][0]["path"] == path
    assert told["errors"][0]["reason"]


def test_deep_events_are_taken_or_refused_but_never_fail(running: Running) -> None:
    for depth in (200, 500, 5_000):
        deep: Any = 1
        for _ in range(min(depth, 500)):
            deep = {"a": deep}
        text = json.dumps(event(20, run={"runId": "r", "facets": {"deep": deep}}))
        if depth > 500:
            text = text.replace('{"a": 1}', '{"a":' * depth + "1" + "}" * depth)
        answer = post(running, text.encode())
        assert answer.status_code in (201, 400, 422)
        assert (answer.status_code == 201) == (depth <= 500)


def test_gzip_as_clients_send_it(running: Running) -> None:
    plain = json.dumps(event(30)).encode()
    packed = {"Content-Encoding": "gzip"}
    assert post(running, gzip.compress(plain), **packed).status_code == 201
    two = gzip.compress(plain[:50]) + gzip.compress(plain[50:])
    assert post(running, two, **packed).status_code == 201
    problem(post(running, gzip.compress(plain)[:-3], **packed), 400, "bad-encoding")
    problem(post(running, plain, **packed), 400, "bad-encoding")
    problem(post(running, b"", **packed), 400, "bad-encoding")
    other = {"Content-Encoding": "br"}
    problem(post(running, plain, **other), 415, "content-encoding")


def test_a_gzip_bomb_is_no_more_than_its_limit(running: Running) -> None:
    import psutil

    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = b"".join(packer.compress(bytes(10 * MIB)) for _ in range(80)) + packer.flush()
    assert len(bomb) < MIB
    process = psutil.Process(running.process.pid)
    before = process.memory_info().rss
    began = time.monotonic()
    for _ in range(3):
        problem(post(running, bomb, **{"Content-Encoding": "gzip"}), 413, "too-large")
    assert time.monotonic() - began < 5
    assert process.memory_info().rss - before < 30 * MIB


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize("size", [MIB + 1, 5 * MIB, 30 * MIB])
def test_too_large(running: Running, size: int, chunked: bool) -> None:
    body = b"x" * size
    data = (body[at : at + 65536] for at in range(0, size, 65536)) if chunked else body
    try:
        answer = requests.post(running.url + "/api/v1/lineage", data=data, headers=JSON, timeout=20)
    except requests.ConnectionError:
        assert size > 8 * MIB  # what goes on and on is cut off
        return
    told = problem(answer, 413, "too-large")
    assert "1,048,576" in told["detail"]
    assert "retry-after" not in answer.headers  # clients take it for leave to send that again


def test_the_limit_itself_is_taken(running: Running) -> None:
    text = json.dumps(event(40)).encode()
    body = text + b" " * (MIB - len(text))
    assert post(running, body).status_code == 201


def test_only_json_is_taken(running: Running) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", ""):
        answer = requests.post(
            running.url + "/api/v1/lineage",
            data=json.dumps(event()),
            headers={"Content-Type": kind},
            timeout=5,
        )
        problem(answer, 415, "content-type")
    kind = "application/json; charset=utf-8"
    assert post(running, event(50), **{"Content-Type": kind}).status_code == 201


def test_clients_that_hang_up_or_dawdle_leave_nothing(running: Running) -> None:
    text = json.dumps(event(60, producer="half")).encode()
    head = (
        b"POST /api/v1/lineage HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        b"Content-Length: %d\r\n\r\n" % len(text)
    )
    for cut in (0, 1, len(text) // 2, len(text) - 1):
        raw(running, head + text[:cut], half=True)
    raw(running, head[:40], half=True)
    assert raw(running, head + text[:5]).startswith(b"HTTP/1.1 408 ")
    assert raw(running, b"\x16\x03\x01 no HTTP\r\n\r\n").startswith(b"HTTP/1.1 400 ")
    assert raw(running, head + text).startswith(b"HTTP/1.1 201 ")
    time.sleep(1)
    assert [one["producer"] for one in running.loaded()].count("half") == 1
    counted = requests.get(running.url + "/metrics", timeout=5).text
    assert 'lineage_receiver_refused_total{reason="hung-up"} 4.0' in counted
    assert "lineage_receiver_waiting_requests 0.0" in counted
    assert "lineage_receiver_waiting_bytes 0.0" in counted


def half_heads(running: Running, count: int) -> list[socket.socket]:
    parts = urlsplit(running.url)
    opened = []
    for _ in range(count):
        one = socket.create_connection((str(parts.hostname), int(parts.port or 0)), timeout=10)
        one.sendall(b"POST /api/v1/lineage HTTP/1.1\r\nHost: localhost\r\n")
        opened.append(one)
    return opened


def test_a_head_has_its_time_and_its_size(tmp_path: Path) -> None:
    with receiver(tmp_path, head_seconds=1) as running:
        silent, *slow = half_heads(running, 3)
        for one in slow:
            assert one.recv(4096).startswith(b"HTTP/1.1 408 ")
            assert one.recv(4096) == b""
            one.close()
        silent.close()
        large = b"GET /health HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 100_000
        assert raw(running, large).startswith(b"HTTP/1.1 431 ")
        # A further request on a connection has its own time, and one that is kept open has none.
        (kept,) = half_heads(running, 1)
        kept.sendall(b"Content-Length: 0\r\n\r\n")
        found = b""
        while not found.endswith(b"}"):
            found += kept.recv(4096)
        assert found.startswith(b"HTTP/1.1 415 ")
        time.sleep(1.5)
        kept.sendall(b"POST /api/v1/lineage HTTP/1.1\r\n")
        assert kept.recv(4096).startswith(b"HTTP/1.1 408 ")
        kept.close()
        assert post(running, event(1)).status_code == 201


@pytest.mark.skipif(not hasattr(os, "fork"), reason="limits of open files are those of Unix")
def test_more_connections_than_files_are_refused_and_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LINEAGE_TEST_FILES", "200")
    with receiver(tmp_path, head_seconds=30) as running:
        slow = half_heads(running, 66)  # 63 are answered, and 7 more are told
        assert slow[0].recv(4096).startswith(b"HTTP/1.1 503 ")  # it makes room
        assert post(running, event(1)).status_code == 201
        for one in slow[-60:]:
            one.sendall(b"Content-Type: application/json\r\nContent-Length: 9\r\n\r\n")
        more = half_heads(running, 8)
        for one in more:
            one.sendall(b"Content-Type: application/json\r\nContent-Length: 9\r\n\r\n")
        answer = post(running, event(1))
        problem(answer, 503, "busy")
        assert int(answer.headers["retry-after"]) >= 1
        for one in slow + more:
            one.close()
        end = time.monotonic() + 20
        while (status := post(running, event(1)).status_code) != 201 and time.monotonic() < end:
            time.sleep(0.1)
        assert status == 201


def test_unknown_ways_are_problems_too(running: Running) -> None:
    problem(requests.get(running.url + "/nothing", timeout=5), 404, "not-found")
    answer = requests.get(running.url + "/api/v1/lineage", timeout=5)
    problem(answer, 405, "wrong-method")
    assert answer.headers["allow"] == "POST"
    problem(requests.post(running.url + "/health", timeout=5), 405, "wrong-method")


def test_advice_is_what_the_command_answers(running: Running) -> None:
    answer = post(running, {"operator": "Trainer", "inputs": {"x": ["a", "b"]}}, "/api/v1/advice")
    assert answer.status_code == 200
    assert answer.json()["why"] == "nothing did Trainer"
    told = problem(post(running, {"inputs": {"x": 1}}, "/api/v1/advice"), 422, "invalid-question")
    assert {one["path"] for one in told["errors"]} >= {"$.operator"}
    problem(post(running, {"operator": "a", "x": 1}, "/api/v1/advice"), 422, "invalid-question")


def test_health_and_the_page_need_nothing_from_elsewhere(running: Running) -> None:
    health = requests.get(running.url + "/health", timeout=5).json()
    assert health["ready"] is True
    assert health["status"] == "ok"
    page = requests.get(running.url + "/docs", timeout=5)
    assert "//" not in page.text.replace("<!doctype", "")
    assert all(path in page.text for path in ("/api/v1/lineage/batch", "/api/v1/advice"))
    assert "default-src 'none'" in page.headers["content-security-policy"]


def test_without_a_key_other_sites_names_are_refused(running: Running) -> None:
    answer = post(running, event(), Host="evil.example")
    problem(answer, 421, "misdirected")
    assert post(running, event(70), Host="localhost:1").status_code == 201


def test_the_key(keyed: Running) -> None:
    for headers in (
        {},
        {"Authorization": "Bearer wrong"},
        {"Authorization": KEY},
        {"Authorization": f"Basic {KEY}"},
        {"Authorization": f"Bearer {KEY}x"},
        {"X-API-Key": ""},
        {"X-API-Key": "é" * 16},
    ):
        encoded: Any = {name: value.encode("latin-1") for name, value in headers.items()}
        answer = post(keyed, event(), **encoded)
        problem(answer, 401, "unauthorized")
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert KEY not in answer.text
    assert post(keyed, event(1), Authorization=f"Bearer {KEY}").status_code == 201
    assert post(keyed, event(2), **{"X-API-Key": KEY}).status_code == 201
    assert requests.get(keyed.url + "/health", timeout=5).status_code == 200
    through = {"X-Forwarded-For": "203.0.113.9"}
    for path in ("/health", "/metrics"):
        problem(requests.get(keyed.url + path, headers=through, timeout=5), 401, "unauthorized")
    problem(requests.get(keyed.url + "/nothing", timeout=5), 401, "unauthorized")
    described = requests.get(keyed.url + "/openapi.json", timeout=5).json()
    assert described["security"] == [{"bearer": []}, {"header": []}]


def test_the_graph_is_down_and_comes_back(tmp_path: Path) -> None:
    down = tmp_path / "down"
    down.touch()
    with receiver(tmp_path, down=down) as running:
        assert post(running, event(1)).status_code == 201
        time.sleep(1.2)
        health = requests.get(running.url + "/health", timeout=5).json()
        assert (health["status"], health["graph"], health["ready"]) == ("degraded", "down", True)
        assert "Neo4j does not answer" in health["problem"]
        assert "lineage_receiver_graph_up 0.0" in requests.get(running.url + "/metrics").text
        down.unlink()
        assert running.wait_for(1) == [event(1)]
        health = requests.get(running.url + "/health", timeout=5).json()
        assert (health["status"], health["graph"], health["problem"]) == ("ok", "up", None)


def test_a_graph_that_goes_while_nothing_comes_is_noticed(tmp_path: Path) -> None:
    down = tmp_path / "down"

    def graph_is(wanted: str) -> dict[str, Any]:
        end = time.monotonic() + 20
        while True:
            health: dict[str, Any] = requests.get(running.url + "/health", timeout=5).json()
            if health["graph"] == wanted or time.monotonic() > end:
                return health
            time.sleep(0.05)

    with receiver(tmp_path, down=down, ping_seconds=0.2) as running:
        assert graph_is("up")["graph"] == "up"
        down.touch()
        health = graph_is("down")
        assert (health["graph"], health["status"]) == ("down", "degraded")
        down.unlink()
        health = graph_is("up")
        assert (health["graph"], health["problem"]) == ("up", None)


def test_a_full_journal_refuses_until_the_graph_has_caught_up(tmp_path: Path) -> None:
    down = tmp_path / "down"
    down.touch()
    with receiver(tmp_path, down=down, journal_bytes=20_000) as running:
        accepted = []
        for number in range(100):
            answer = post(running, event(number, size=500))
            if answer.status_code != 201:
                break
            accepted.append(number)
        problem(answer, 503, "journal-full")
        assert int(answer.headers["retry-after"]) >= 1
        assert 10 < len(accepted) < 40
        batch = post(running, [event(1)], "/api/v1/lineage/batch")
        problem(batch, 503, "journal-full")
        assert requests.get(running.url + "/health", timeout=5).json()["ready"] is False
        down.unlink()
        assert len(running.wait_for(len(accepted))) == len(accepted)
        assert post(running, event(1000)).status_code == 201


def test_too_much_at_once_is_refused_and_memory_stays(tmp_path: Path) -> None:
    import psutil

    with receiver(tmp_path, waiting_bytes=4 * MIB, body_bytes=MIB, body_seconds=5) as running:
        process = psutil.Process(running.process.pid)
        before = process.memory_info().rss
        head = (
            b"POST /api/v1/lineage HTTP/1.1\r\nHost: localhost\r\n"
            b"Content-Type: application/json\r\nContent-Length: 900000\r\n\r\n"
        )
        parts = urlsplit(running.url)
        open_ = []
        for _ in range(30):
            one = socket.create_connection((str(parts.hostname), int(parts.port or 0)))
            one.sendall(head + b"x" * 800_000)
            open_.append(one)
        time.sleep(1)
        assert process.memory_info().rss - before < 40 * MIB
        answers = []
        for one in open_:
            one.settimeout(8)
            answers.append(one.recv(4096).split(b"\r\n")[0])
            one.close()
        assert answers.count(b"HTTP/1.1 503 Service Unavailable") >= 25
        assert answers.count(b"HTTP/1.1 408 Request Timeout") >= 4
        assert post(running, event(1)).status_code == 201


def test_an_event_that_cannot_be_loaded_holds_up_no_other(tmp_path: Path) -> None:
    with receiver(tmp_path) as running:
        batch = [event(1), event(2, producer="poison"), event(3)]
        assert post(running, batch, "/api/v1/lineage/batch").status_code == 200
        assert running.wait_for(2) == [event(1), event(3)]
        time.sleep(0.3)
        kept = (tmp_path / "journal" / "not-loaded.jsonl").read_text()
        assert [json.loads(line) for line in kept.splitlines()] == [batch[1]]
        counted = requests.get(running.url + "/metrics", timeout=5).text
        assert "lineage_receiver_events_set_aside_total 1.0" in counted
        health = requests.get(running.url + "/health", timeout=5).json()
        assert (health["status"], health["ready"], health["rejected"]) == ("degraded", True, 1)
        assert "not-loaded.jsonl" in health["problem"]
        (tmp_path / "journal" / "not-loaded.jsonl").unlink()
        health = requests.get(running.url + "/health", timeout=5).json()
        assert (health["status"], health["problem"], health["rejected"]) == ("ok", None, 0)


def test_sigterm_finishes_what_is_under_way(tmp_path: Path) -> None:
    with receiver(tmp_path, load_seconds=1) as running:
        answers: list[int] = []

        def send(number: int) -> None:
            answers.append(post(running, event(number, size=20_000)).status_code)

        threads = [threading.Thread(target=send, args=(number,)) for number in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert answers == [201] * 20
        assert running.stop() == 0
    down = tmp_path / "down"
    with receiver(tmp_path, down=down) as again:
        assert len({one["run"]["runId"] for one in again.wait_for(20)}) == 20


def test_killed_while_clients_send_it_loses_nothing(tmp_path: Path) -> None:
    """Every event that was answered 201 is in the graph in the end, whenever it was killed."""
    accepted: set[int] = set()
    for turn in range(4):
        with receiver(tmp_path, load_seconds=0.1) as running:
            ended = threading.Event()

            def send(first: int, running: Running = running, ended: Any = ended) -> None:
                with requests.Session() as session:
                    for number in range(first, first + 10_000):
                        try:
                            answer = session.post(
                                running.url + "/api/v1/lineage", json=event(number), timeout=5
                            )
                        except requests.RequestException:
                            return
                        if answer.status_code == 201:
                            accepted.add(number)
                        if ended.is_set():
                            return

            firsts = [(turn * 4 + one) * 100_000 for one in range(4)]
            threads = [threading.Thread(target=send, args=(first,)) for first in firsts]
            for thread in threads:
                thread.start()
            time.sleep(0.6 + 0.2 * turn)
            running.kill()
            ended.set()
            for thread in threads:
                thread.join()
    with receiver(tmp_path) as running:
        found: set[int] = set()
        end = time.monotonic() + 20
        while not accepted <= found and time.monotonic() < end:
            time.sleep(0.2)
            found = {int(one["run"]["runId"][-12:], 16) for one in running.loaded()}
    assert len(accepted) > 100
    assert accepted <= found


def test_the_process_that_loads_is_started_again(tmp_path: Path) -> None:
    import psutil

    with receiver(tmp_path) as running:
        assert post(running, event(1)).status_code == 201
        assert len(running.wait_for(1)) == 1
        (loader,) = psutil.Process(running.process.pid).children()
        loader.kill()
        assert post(running, event(2)).status_code == 201
        assert len(running.wait_for(2)) == 2
        (second,) = psutil.Process(running.process.pid).children()
        running.kill()
        end = time.monotonic() + 10
        while _lives(second) and time.monotonic() < end:
            time.sleep(0.05)
        assert not _lives(second)  # it ends with the receiver


def _lives(process: Any) -> bool:
    import psutil

    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
