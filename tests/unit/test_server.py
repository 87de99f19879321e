"""The server package without a server: files, ports, processes, and which way is taken."""

from __future__ import annotations

import os
import re
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from lineage import server
from lineage.errors import ServerError
from lineage.server import (
    choose,
    conf,
    container,
    doctor,
    home,
    java,
    logs,
    password,
    ports,
    probe,
    process,
    running,
)

CHECKOUT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _own_folders(tmp_path, monkeypatch):
    for name in ("NEO4J_URI", "NEO4J_USERNAME", "NEO4J_PASSWORD", "NEO4J_DATABASE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LINEAGE_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("LINEAGE_CACHE_DIR", str(tmp_path / "cache"))


def settings_of(text: str) -> dict[str, str]:
    rows = [row for row in text.splitlines() if not row.startswith("#")]
    return dict(row.split("=", 1) for row in rows if "jvm.additional" not in row)


def test_configuration_listens_on_loopback_only():
    text = conf.render("5.26", ports.Ports(7001, 7002), conf.Memory(1024, 512), ["--add-opens=x=y"])
    found = settings_of(text)
    assert found["server.bolt.listen_address"] == "127.0.0.1:7001"
    assert found["server.bolt.advertised_address"] == "127.0.0.1:7001"
    assert found["server.http.listen_address"] == "127.0.0.1:7002"
    assert found["server.memory.heap.max_size"] == "1024m"
    assert found["server.memory.pagecache.size"] == "512m"
    assert found["dbms.security.auth_enabled"] == "true"
    assert found["dbms.usage_report.enabled"] == "false"
    assert "0.0.0.0" not in text
    assert "server.jvm.additional=--add-opens=x=y" in text


@pytest.mark.parametrize(
    ("line", "setting"),
    [
        ("5.26", ("internal.dbms.bolt.netty_server_shutdown_quiet_period", "0")),
        ("2026.08", ("internal.dbms.bolt.netty_server_shutdown_quiet_period_duration", "0s")),
    ],
)
def test_a_stop_waits_for_no_client(line, setting):
    text = conf.render(line, ports.Ports(7001, 7002), conf.Memory(1024, 512), [])
    assert setting in settings_of(text).items()


@pytest.mark.parametrize(
    ("total_gib", "heap", "cache"), [(1, 512, 256), (8, 2048, 2048), (24, 4096, 6144)]
)
def test_memory_is_a_quarter_within_bounds(total_gib, heap, cache):
    assert conf.memory_for(total_gib << 30) == (heap, cache)
    assert conf.memory_for(total_gib << 30, 700, 300) == (700, 300)


def test_password_is_private_from_the_start_and_kept(tmp_path):
    file = tmp_path / "password"
    made = password.ensure(file)
    assert len(made) >= 24
    assert made.isalnum()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert password.ensure(file) == made == password.read(file)


def test_empty_password_file_of_a_killed_command_is_filled(tmp_path):
    file = tmp_path / "password"
    file.touch()
    assert password.ensure(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_password_is_not_in_the_repr():
    found = choose.external("bolt://h:1", "me", "hidden-word")
    assert found is not None
    assert "hidden-word" not in repr(found)


def test_argument_file_is_private_and_quoted(tmp_path):
    file = tmp_path / "x.args"
    java.write_arguments(file, ["-cp", 'a b\\c"d'])
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert file.read_text() == '"-cp"\n"a b\\\\c\\"d"\n'


def test_main_class_of_each_line():
    assert java.main_class("5.26").endswith("CommunityEntryPoint")
    assert java.main_class("2026.08").endswith("Neo4jCommunity")


def test_unsafe_memory_option_only_where_java_knows_it():
    assert not any("unsafe" in option for option in java.jvm_options(21))
    assert any("unsafe" in option for option in java.jvm_options(25))


def test_java_version_of_the_packaged_java():
    assert java.java_version(java.java()) >= 21


def test_ports_are_remembered_while_free_and_picked_anew_when_taken(tmp_path):
    file = tmp_path / "ports.json"
    first = ports.pick(file, usual=False)
    assert first.bolt != first.http
    assert ports.pick(file, usual=False) == first
    with socket.socket() as thief:
        thief.bind(("127.0.0.1", first.bolt))
        thief.listen()
        assert not ports.is_free(first.bolt)
        second = ports.pick(file, usual=False)
    assert second.bolt != first.bolt
    assert ports.remembered(file) == second


def test_broken_ports_file_is_as_none(tmp_path):
    file = tmp_path / "ports.json"
    file.write_text('{"bolt": ')
    assert ports.remembered(file) is None


@pytest.fixture
def sleeper(tmp_path):
    """A process whose command line names an argument file, as a server's does."""
    arguments = tmp_path / "server.args"
    command = [sys.executable, "-c", "import time; time.sleep(60)", f"@{arguments}"]
    with process.spawn(command, tmp_path, tmp_path / "out") as child:
        seen = process.look(child.pid)
        while seen is None or f"@{arguments}" not in seen.command:
            seen = process.look(child.pid)
        yield child, seen, arguments
        child.kill()


def test_our_process_is_told_from_another_with_its_id(sleeper, tmp_path):
    child, seen, arguments = sleeper
    assert process.is_ours(child.pid, seen.started, arguments)
    assert not process.is_ours(child.pid, seen.started - 500, arguments)
    assert not process.is_ours(child.pid, seen.started, tmp_path / "another.args")
    assert process.find(arguments) == child.pid


def test_a_process_that_took_the_id_is_not_ended(sleeper):
    child, seen, arguments = sleeper
    assert process.end(child.pid, seen.started - 500, arguments, 5)
    assert child.poll() is None


def test_process_that_shows_no_command_line_yet_is_ours(tmp_path, monkeypatch):
    monkeypatch.setattr(process, "look", lambda pid: process.Seen(100.0, ()))
    assert process.is_ours(1, 100.0, tmp_path)
    assert not process.is_ours(1, 500.0, tmp_path)


def test_psutil_and_proc_agree(sleeper):
    child, seen, _ = sleeper
    other = process._look_psutil(child.pid)
    assert other is not None
    assert other.command == seen.command


def test_ended_process_is_not_seen(sleeper):
    child, seen, arguments = sleeper
    assert process.end(child.pid, seen.started, arguments, 10)
    child.wait()
    assert process.look(child.pid) is None
    assert process.find(arguments) is None


def test_process_that_another_started_and_does_not_wait_for_is_ended(tmp_path):
    arguments = tmp_path / "server.args"
    sleeping = [sys.executable, "-c", "import time; time.sleep(60)", f"@{arguments}"]
    starting = "import subprocess, sys; print(subprocess.Popen(sys.argv[1:]).pid, flush=True)"
    parent = [sys.executable, "-c", f"{starting}; import time; time.sleep(60)", *sleeping]
    with subprocess.Popen(parent, stdout=subprocess.PIPE, text=True) as running_parent:
        pid = int(running_parent.stdout.readline())
        seen = process.look(pid)
        assert process.end(pid, seen.started, arguments, 10)
        assert process.look(pid) is None
        running_parent.kill()


def test_process_runs_in_a_session_of_its_own(sleeper):
    child, _, _ = sleeper
    assert os.getsid(child.pid) == child.pid != os.getsid(0)


def test_stale_process_file_is_no_server(tmp_path):
    where = server.ServerHome(tmp_path / "home")
    where.make()
    state = {"pid": os.getpid(), "started": 1.0, "bolt": 1, "http": 2, "version": "5.26.0"}
    home.write_json(where.process_file, state)
    assert running.running(where) is None
    where.process_file.write_text('{"pid": 1')
    assert running.running(where) is None


def test_home_lets_only_its_owner_in(tmp_path):
    where = server.ServerHome(tmp_path / "home")
    where.make()
    assert stat.S_IMODE(where.root.stat().st_mode) == 0o700


def test_lines_have_folders_of_their_own():
    assert server.ServerHome.default("5.26").root != server.ServerHome.default("2026.08").root


def test_nothing_runs_at_first():
    assert server.endpoint() is None
    assert server.status().endpoint is None
    assert server.down() is False


def test_named_server_wins_and_its_reason_hides_the_login(monkeypatch):
    monkeypatch.setenv("NEO4J_URI", "bolt://me:word@db.example:7687")
    monkeypatch.setenv("NEO4J_DATABASE", "other")
    found = server.endpoint()
    assert found is not None
    assert (found.kind, found.database) == ("external", "other")
    assert found.why == "NEO4J_URI names bolt://db.example:7687"


def test_named_server_that_is_down_is_an_error_not_a_reason_to_start_another(monkeypatch):
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        monkeypatch.setenv("NEO4J_URI", f"bolt://127.0.0.1:{held.getsockname()[1]}")
        with pytest.raises(ServerError, match="nothing answers at bolt://127"):
            server.up()


def test_named_server_that_listens_is_taken(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        monkeypatch.setenv("NEO4J_URI", f"bolt://127.0.0.1:{listener.getsockname()[1]}")
        assert server.up().kind == "external"


def test_external_way_needs_a_name():
    with pytest.raises(ServerError, match="set NEO4J_URI"):
        server.up(way="external")


@pytest.fixture
def local_up(monkeypatch):
    """The local server, not started: what `up` was called with."""
    calls = []

    def fake(where, why, progress):
        calls.append((where, why))
        return choose.external("bolt://127.0.0.1:1")

    monkeypatch.setattr("lineage.server.local.up", fake)
    return calls


def test_container_comes_before_local(monkeypatch, local_up):
    there = choose.external("bolt://127.0.0.1:2")
    monkeypatch.setattr(container, "up", lambda version, progress: there)
    assert server.up() is there
    assert local_up == []


def test_local_says_why_no_container_was_taken(monkeypatch, local_up):
    monkeypatch.setattr(container, "up", lambda version, progress: "no container engine answers")
    server.up("2026.08")
    ((where, why),) = local_up
    assert where == server.ServerHome.default("2026.08")
    assert why.startswith("NEO4J_URI is not set, and no container engine answers")
    assert home.read_json(home.current_file()) == {"kind": "local", "line": "2026.08"}


def test_forced_local_asks_no_engine(monkeypatch, local_up):
    monkeypatch.setattr(container, "up", lambda *_: pytest.fail("asked"))
    monkeypatch.setenv("NEO4J_URI", "bolt://127.0.0.1:1")
    server.up(way="local")
    assert len(local_up) == 1


def test_forced_container_that_fails_is_an_error(monkeypatch, local_up):
    monkeypatch.setattr(container, "up", lambda version, progress: "no container engine answers")
    with pytest.raises(ServerError, match="no container: no container engine answers"):
        server.up(way="container")
    assert local_up == []


def test_no_docker_client_is_a_reason(monkeypatch):
    monkeypatch.setattr(container.shutil, "which", lambda name: None)
    assert container.up("5.26", lambda *_: None) == "no container engine is installed"


def fake_docker(folder: Path, script: str) -> None:
    file = folder / "docker"
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("exit 1", "no container engine answers"),
        ('[ "$1" = version ] && echo 9.9 || exit 1', "is neither here nor to be pulled"),
        (
            'case "$1" in version) echo 9.9;; image) ;; *) echo "port is taken" >&2; exit 1;; esac',
            r"the container did not start \(port is taken\)",
        ),
    ],
)
def test_each_failing_step_of_the_engine_is_a_reason(tmp_path, monkeypatch, script, reason):
    fake_docker(tmp_path, script)
    monkeypatch.setenv("PATH", str(tmp_path))
    found = container.up("5.26", lambda *_: None)
    assert isinstance(found, str)
    assert re.search(reason, found)


def test_container_is_remembered_and_its_password_private(tmp_path, monkeypatch):
    fake_docker(tmp_path, '[ "$1" = version ] && echo 9.9; exit 0')
    monkeypatch.setenv("PATH", str(tmp_path))
    picked = {}

    def listens(uri, timeout=5.0):
        picked["uri"] = uri
        return True

    monkeypatch.setattr(probe, "listens", listens)
    monkeypatch.setattr(probe, "speaks_bolt", lambda host, port: True)
    monkeypatch.setattr(probe, "version_at", lambda port: "5.26.0")
    found = server.up(way="container")
    assert found.kind == "container"
    assert found.uri == picked["uri"]
    assert server.endpoint() == found
    secret = home.data_dir() / "containers" / "5.26" / "auth"
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    assert secret.read_text() == f"neo4j/{found.password}"
    assert server.down() is True


def test_container_that_never_answers_is_taken_down_again(tmp_path, monkeypatch):
    fake_docker(tmp_path, f'echo "$@" >> {tmp_path}/asked; echo 9.9')
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(container, "START_SECONDS", 0.0)
    assert "did not answer" in str(container.up("5.26", lambda *_: None))
    assert (tmp_path / "asked").read_text().splitlines()[-1].endswith("down")
    assert server.endpoint() is None


def test_compose_names_the_locked_version():
    from lineage.server import jars

    text = (CHECKOUT / "docker" / "compose.yml").read_text()
    assert f"neo4j:{jars.locked_version('5.26')}-community" in text
    said = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    assert "password" not in said.lower().replace("neo4j/password", "")
    # What the comment shows to type makes a password, and names none.
    assert not re.search(r"PASSWORD=(?!\$)", text)
    assert not (CHECKOUT / "docker" / "__init__.py").exists()


def test_doctor_looks_at_everything(monkeypatch):
    monkeypatch.setattr(container, "engine", lambda: None)
    rows = server.checks()
    assert {row.name for row in rows} == {
        "java", "jars", "disk for data", "disk for jars", "memory", "ports", "container engine",
        "server",
    }  # fmt: skip
    assert all(isinstance(row, doctor.Check) and row.detail for row in rows)


def test_failure_tells_the_last_useful_lines_and_the_log(tmp_path):
    where = server.ServerHome(tmp_path)
    where.make()
    rows = [*("INFO quiet",) * 50, "ERROR Failed to start", "\tat a.b.C(D.java)", "Caused by: port"]
    where.console.write_text("\n".join(rows))
    said = str(logs.failure(where, "Neo4j did not start"))
    assert said == (
        f"Neo4j did not start. ERROR Failed to start | Caused by: port (log: {where.console})"
    )


def test_full_disk_is_said_in_words(tmp_path):
    where = server.ServerHome(tmp_path)
    where.make()
    where.console.write_text("java.io.IOException: No space left on device")
    assert "disk of" in str(logs.failure(where, "Neo4j did not start"))


def test_asking_what_runs_imports_little():
    code = (
        "import sys; from lineage import server; server.endpoint();"
        "heavy = {'psutil', 'filelock', 'requests', 'jgo', 'subprocess', 'neo4j', 'rich', 'http'};"
        "sys.exit(' '.join(heavy & set(sys.modules)) or None)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
