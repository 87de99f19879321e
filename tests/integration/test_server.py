"""The local server for real: start, stop, crashes, two commands at once, failures."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest
from support.server import own_home, wanted_line

from lineage.errors import ServerError
from lineage.graph import Graph
from lineage.server import home as homes
from lineage.server import jars, local, ports, probe, process
from lineage.server.running import running

LINES = jars.lines() if os.environ.get("LINEAGE_TEST_ALL") else [wanted_line()]
UP = (
    "import sys; from pathlib import Path; from lineage.server import ServerHome, local;"
    "local.up(ServerHome(Path(sys.argv[1]), sys.argv[2], 512, 128), 'test')"
)


@pytest.fixture(scope="module", params=LINES)
def home(request):
    with own_home(request.param) as found:
        yield found


@pytest.fixture
def up(home):
    return local.up(home, "test")


def pid_of(home):
    return homes.read_json(home.process_file)["pid"]


def ask(endpoint, query):
    found = Graph.connect(endpoint.uri, endpoint.username, endpoint.password, endpoint.database)
    try:
        return found.run_implicit(query)
    finally:
        found.close()


def kill(pid):
    process = psutil.Process(pid)
    process.kill()
    process.wait(30)


def starter(home):
    return subprocess.Popen([sys.executable, "-c", UP, str(home.root), home.line])


def test_it_answers_over_bolt_and_http(home, up):
    assert up.version == jars.locked_version(home.line)
    known = ports.remembered(home.ports_file)
    assert up.uri == f"bolt://127.0.0.1:{known.bolt}"
    assert probe.speaks_bolt("127.0.0.1", known.bolt)
    assert probe.version_at(known.http) == up.version
    assert not probe.speaks_bolt("127.0.0.1", known.http)
    ask(up, "RETURN 1")
    assert running(home, "test") == up == local.up(home, "test")


def test_it_listens_on_loopback_only(home, up):
    listening = {
        connection.laddr.ip.removeprefix("::ffff:")
        for connection in psutil.Process(pid_of(home)).net_connections(kind="tcp")
        if connection.status == psutil.CONN_LISTEN
    }
    assert listening == {"127.0.0.1"}


def test_password_is_in_its_file_and_nowhere_else(home, up):
    assert stat.S_IMODE(up.password_file.stat().st_mode) == 0o600
    secret = up.password.encode()
    process = psutil.Process(pid_of(home))
    assert up.password not in " ".join(process.cmdline())
    assert up.password not in " ".join(process.environ().values())
    holders = [
        file
        for file in home.root.rglob("*")
        if file.is_file() and file != up.password_file and secret in file.read_bytes()
    ]
    assert holders == []


def test_password_is_on_no_command_line_at_first_start():
    with own_home() as fresh, starter(fresh) as child:
        seen = set()
        while child.poll() is None:
            for process in psutil.process_iter():
                try:
                    seen.add(" ".join(process.cmdline()))
                except psutil.Error:
                    continue
            time.sleep(0.02)
        assert child.returncode == 0
        word = fresh.password_file.read_text().strip()
        assert any("admin-" in command for command in seen)
        assert not any(word in command for command in seen)
        assert list(fresh.run.glob("admin-*")) == []


def test_wrong_password_is_refused(up):
    from lineage.errors import GraphAuthError

    with pytest.raises(GraphAuthError):
        Graph.connect(up.uri, up.username, "wrong", up.database)


def test_data_outlives_a_stop_and_a_kill(home, up):
    ask(up, "CREATE (:Kept {name: 'stop'})")
    assert local.down(home) is True
    assert running(home) is None
    assert local.down(home) is False
    again = local.up(home, "test")
    ask(again, "CREATE (:Kept {name: 'kill'})")
    kill(pid_of(home))
    assert running(home) is None
    third = local.up(home, "test")
    assert third.password == up.password
    rows = list(ask(third, "MATCH (n:Kept) RETURN n.name AS name ORDER BY name"))
    assert [row["name"] for row in rows] == ["kill", "stop"]


def test_server_whose_starter_was_killed_is_taken_over(home, up):
    known = pid_of(home)
    home.process_file.unlink()
    assert local.up(home, "test").uri == up.uri
    assert pid_of(home) == known


def test_two_commands_at_once_share_one_server(home):
    local.down(home)
    with starter(home) as first, starter(home) as second:
        assert first.wait(300) == second.wait(300) == 0
    servers = [
        process.pid
        for process in psutil.process_iter(["cmdline"])
        if f"@{home.arguments}" in (process.info["cmdline"] or [])
    ]
    assert servers == [pid_of(home)]


def test_interrupting_the_starter_leaves_the_server_to_the_next(home):
    local.down(home)
    with starter(home) as child:
        while not home.process_file.exists():
            time.sleep(0.05)
            assert child.poll() is None
        child.send_signal(signal.SIGKILL)
        child.wait()
    known = pid_of(home)
    local.up(home, "test")
    assert pid_of(home) == known


def test_taken_ports_are_replaced(home):
    local.down(home)
    before = ports.remembered(home.ports_file)
    with socket.create_server(("127.0.0.1", before.bolt)):
        found = local.up(home, "test")
    assert found.uri != f"bolt://127.0.0.1:{before.bolt}"
    ask(found, "RETURN 1")


def test_another_server_that_takes_the_ports_meanwhile_is_not_taken_for_ours(
    home, endpoint, monkeypatch
):
    if endpoint.kind != "local":
        pytest.skip("the session's server is not a local one")
    local.down(home)
    theirs = ports.Ports(urlsplit(endpoint.uri).port, urlsplit(endpoint.http).port)
    pick, asked = ports.pick, []

    def late(*args, **kwargs):
        asked.append(args)
        return theirs if len(asked) == 1 else pick(*args, **kwargs)

    monkeypatch.setattr(ports, "pick", late)
    found = local.up(home, "test")
    assert len(asked) == 2
    assert found.uri != endpoint.uri
    assert process.listens(pid_of(home), [urlsplit(found.uri).port])
    assert not process.listens(pid_of(home), theirs)
    ask(found, "RETURN 1")


def test_stolen_port_is_shown_with_the_log(home, monkeypatch):
    """A port that is taken between the look and the start."""
    local.down(home)
    monkeypatch.setattr(local, "_TRIES", 1)
    with socket.create_server(("127.0.0.1", 0)) as thief:
        stolen = ports.Ports(thief.getsockname()[1], ports._any().http)
        monkeypatch.setattr(ports, "pick", lambda *args, **kwargs: stolen)
        with pytest.raises(ServerError, match=r"Neo4j did not start.*(log: /.*)") as caught:
            local.up(home, "test")
    assert str(stolen.bolt) in str(caught.value) or "in use" in str(caught.value).lower()
    assert Path(str(caught.value).rpartition("(log: ")[2].rstrip(")")).exists()
    assert running(home) is None


def test_broken_configuration_is_shown(home):
    local.down(home)
    broken = replace(home, settings=(("no.such.setting", "1"),))
    with pytest.raises(ServerError, match=r"no\.such\.setting"):
        local.up(broken, "test")


def test_full_disk_is_told_before_the_start(home, monkeypatch):
    local.down(home)
    usage = type("Usage", (), {"free": 1 << 20})
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    with pytest.raises(ServerError, match="not enough disk for the database"):
        local.up(home, "test")


def test_admin_tool_imports_and_refuses_a_running_server(home, tmp_path):
    local.up(home, "test")
    with pytest.raises(ServerError, match="lineage down"):
        local.admin(home, "database", "info", "neo4j")
    local.down(home)
    nodes = tmp_path / "nodes.csv"
    nodes.write_text("id:ID,name,:LABEL\n1,imported,Imported\n")
    options = ("--overwrite-destination", f"--nodes={nodes}")
    local.admin(home, "database", "import", "full", "neo4j", *options)
    rows = list(ask(local.up(home, "test"), "MATCH (n:Imported) RETURN n.name AS name"))
    assert [row["name"] for row in rows] == ["imported"]
    local.down(home)
    with pytest.raises(ServerError, match="neo4j-admin database import failed"):
        local.admin(home, "database", "import", "full", "neo4j", "--nodes=/no/such/file")
