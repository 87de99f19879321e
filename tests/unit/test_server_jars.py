"""Locks and downloads, against a repository on the loopback address."""

from __future__ import annotations

import hashlib
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from lineage.errors import DownloadError, ServerError
from lineage.server import jars
from lineage.server.jars import Jar


def jar_of(name: str, content: bytes, classifier: str = "") -> Jar:
    digest = hashlib.sha256(content).hexdigest()
    return Jar("org.example", name, classifier, "1.0", digest, len(content))


@contextmanager
def repository(answers):
    """Serve `answers[path]`, a list of what each request for it gets, the last one for ever."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            queue = answers.get(self.path, [404])
            answer = queue.pop(0) if len(queue) > 1 else queue[0]
            if isinstance(answer, int):
                self.send_response(answer)
                self.end_headers()
                return
            body, length = answer if isinstance(answer, tuple) else (answer, len(answer))
            self.send_response(200)
            self.send_header("Content-Length", str(length))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as served:
        thread = threading.Thread(target=served.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{served.server_address[1]}", asked
        finally:
            served.shutdown()
            thread.join()


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch):
    monkeypatch.setattr(jars.time, "sleep", lambda seconds: None)


def leftovers(folder):
    return [p for p in folder.rglob("*") if p.is_file()]


def test_fetch_checks_places_and_reports(tmp_path):
    one, two = jar_of("one", b"1" * 100_000), jar_of("two", b"22", "linux")
    told = []
    answers = {f"/{one.path}": [b"1" * 100_000], f"/{two.path}": [b"22"]}
    with repository(answers) as (url, asked):
        files = jars.fetch(
            [one, two], tmp_path, repository=url, progress=lambda *seen: told.append(seen)
        )
        assert [file.read_bytes() for file in files] == [b"1" * 100_000, b"22"]
        assert files[1].name == "two-1.0-linux.jar"
        assert max(done for _, done, _ in told) == 100_002
        assert {total for _, _, total in told} == {100_002}
        jars.fetch([one, two], tmp_path, repository=url)
        assert len(asked) == 2


def test_wrong_file_is_refused_by_name_and_removed(tmp_path):
    jar = jar_of("one", b"good")
    with (
        repository({f"/{jar.path}": [b"evil"]}) as (url, asked),
        pytest.raises(DownloadError, match=r"org.example:one:1.0 is not the locked file"),
    ):
        jars.fetch([jar], tmp_path, repository=url)
    assert len(asked) == 1
    assert leftovers(tmp_path) == []


def test_missing_file_is_not_asked_for_again(tmp_path):
    jar = jar_of("one", b"good")
    with (
        repository({}) as (url, asked),
        pytest.raises(DownloadError, match=r"org.example:one:1.0 is not in the repository: 404"),
    ):
        jars.fetch([jar], tmp_path, repository=url)
    assert len(asked) == 1


@pytest.mark.parametrize("trouble", [503, (b"go", 4)], ids=["busy", "cut"])
def test_passing_trouble_is_tried_again(tmp_path, trouble):
    jar = jar_of("one", b"good")
    told = []
    with repository({f"/{jar.path}": [trouble, trouble, b"good"]}) as (url, asked):
        jars.fetch([jar], tmp_path, repository=url, progress=lambda *seen: told.append(seen))
    assert len(asked) == 3
    assert told[-1][1:] == (4, 4)


def test_lasting_trouble_is_an_error_and_good_files_stay(tmp_path):
    good, bad = jar_of("good", b"good"), jar_of("bad", b"bad")
    with (
        repository({f"/{good.path}": [b"good"], f"/{bad.path}": [503]}) as (url, _),
        pytest.raises(DownloadError, match=r"cannot download org.example:bad:1.0"),
    ):
        jars.fetch([good, bad], tmp_path, repository=url)
    assert [p.name for p in leftovers(tmp_path)] == ["good-1.0.jar"]


def test_no_network_is_an_error_of_ours(tmp_path, monkeypatch):
    monkeypatch.setenv(jars.MIRROR, "http://127.0.0.1:9")
    with pytest.raises(DownloadError, match="cannot download"):
        jars.fetch([jar_of("one", b"1")], tmp_path)


def test_folder_that_cannot_be_written(tmp_path):
    (tmp_path / "org").write_text("a file where a folder should be")
    with pytest.raises(DownloadError, match="cannot write"):
        jars.fetch([jar_of("one", b"1")], tmp_path, repository="http://127.0.0.1:9")


def test_cut_file_in_the_cache_is_fetched_again(tmp_path):
    jar = jar_of("one", b"good")
    with repository({f"/{jar.path}": [b"good"]}) as (url, _):
        (file,) = jars.fetch([jar], tmp_path, repository=url)
        file.write_bytes(b"go")
        assert jars.missing([jar], tmp_path) == [jar]
        jars.fetch([jar], tmp_path, repository=url)
    assert file.read_bytes() == b"good"


@pytest.mark.parametrize("line", ["", "a:b:1 00 5", "a:b:1 " + "0" * 64, "b:1 " + "0" * 64 + " 5"])
def test_broken_lock_line(line):
    with pytest.raises(ServerError, match="broken line"):
        Jar.parse(line)


def test_lock_line_round_trip():
    jar = jar_of("one", b"1", "linux-x86_64")
    assert Jar.parse(str(jar)) == jar
    assert jar.coordinate == "org.example:one:linux-x86_64:1.0"


@pytest.mark.parametrize("line", jars.lines())
def test_shipped_locks(line):
    locked = jars.read_lock(line)
    assert len({jar.path for jar in locked}) == len(locked) > 200
    assert jars.locked_version(line).startswith(f"{line}.")
    names = {jar.artifact for jar in locked}
    assert {"neo4j", "neo4j-server", "neo4j-browser", "neo4j-import-tool"} <= names
    assert not any("apoc" in name for name in names)


def test_lines_of_versions():
    assert jars.lines() == ["5.26", "2026.08"]
    assert jars.line_of("5.26.3") == jars.line_of("5.26") == "5.26"
    with pytest.raises(ServerError, match="set NEO4J_URI"):
        jars.line_of("4.4")
