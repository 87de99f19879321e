"""`lineage serve` as it is started and ended: what it refuses, what it says, how it leaves."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
import requests
from support.receiver import ROOT, event

from lineage.errors import SettingsError
from lineage.serve.options import Options, is_loopback, read_keys

if TYPE_CHECKING:
    from pathlib import Path

KEY = "a-key-for-tests-0123456789"
START = "from lineage.cli import main; main()"


def environment(tmp_path: Path, **more: str) -> dict[str, str]:
    """No settings of the machine hold, and no Neo4j runs."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("NEO4J_", "LINEAGE_"))}
    path = os.pathsep.join(map(str, (ROOT, ROOT / "ingest")))
    return kept | {"LINEAGE_DATA_DIR": str(tmp_path), "PYTHONPATH": path} | more


def refused(tmp_path: Path, *arguments: str, **more: str) -> str:
    """The one line that a start that fails says."""
    done = subprocess.run(
        [sys.executable, "-c", START, "serve", *arguments],
        env=environment(tmp_path, **more), cwd=tmp_path, capture_output=True, text=True,
        check=False, timeout=30,
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    (line,) = done.stderr.splitlines()
    assert KEY not in line
    return line


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_no_start_without_a_key_where_others_reach_it(tmp_path: Path, host: str) -> None:
    said = refused(tmp_path, "--host", host)
    assert said.startswith(f"error: others reach {host}: set LINEAGE_API_KEY")
    assert not (tmp_path / "journal").exists()


def test_no_start_with_a_key_that_is_none(tmp_path: Path) -> None:
    assert "shorter than 16" in refused(tmp_path, LINEAGE_API_KEY="short")
    assert "cannot carry" in refused(tmp_path, LINEAGE_API_KEY="ein schlüssel mit ü")
    file = tmp_path / "keys"
    assert str(file) in refused(tmp_path, "--api-key-file", str(file))
    file.write_text("\n\n")
    assert "holds none" in refused(tmp_path, "--api-key-file", str(file))
    file.write_bytes(b"\xff" * 20)
    assert "no text" in refused(tmp_path, "--api-key-file", str(file))


def test_no_start_at_an_address_that_is_not_to_be_had(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert "name another with --port" in refused(tmp_path, "--port", port)
    assert "no address" in refused(tmp_path, "--host", "no.such.host.invalid")
    (tmp_path / "file").touch()
    said = refused(tmp_path, "--port", "0", "--journal", str(tmp_path / "file" / "journal"))
    assert "journal" in said


def test_it_starts_without_neo4j_and_ends_in_peace(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    file.write_text(f"{KEY}\n{KEY}-old\n")
    process = subprocess.Popen(
        [sys.executable, "-c", START, "serve", "--json", "--host", "0.0.0.0", "--port", "0",
         "--api-key-file", str(file)],
        env=environment(tmp_path), cwd=tmp_path, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    url = json.loads(process.stdout.readline())["url"].replace("0.0.0.0", "127.0.0.1")
    assert requests.post(url + "/api/v1/lineage", json=event(), timeout=5).status_code == 401
    for key in (KEY, f"{KEY}-old"):
        answer = requests.post(
            url + "/api/v1/lineage", json=event(), headers={"X-API-Key": key}, timeout=5
        )
        assert answer.status_code == 201
    asked = requests.post(
        url + "/api/v1/advice", json={"operator": "T"}, headers={"X-API-Key": KEY}, timeout=5
    )
    assert asked.status_code == 503
    assert asked.headers["retry-after"]
    said = refused(tmp_path, "--port", "0")
    assert "another receiver" in said
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 0, errors
    assert KEY not in errors
    assert len(list((tmp_path / "journal").glob("*.events1"))) == 1


def test_without_the_extra_it_says_which(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import lineage.serve
    from lineage.errors import MissingExtraError

    def none() -> Any:
        raise AssertionError

    monkeypatch.delitem(sys.modules, "lineage.serve.service", raising=False)
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    with pytest.raises(MissingExtraError, match=r"lineage-graphlets\[serve\]"):
        lineage.serve.serve(Options(journal=tmp_path), none, print)


@pytest.mark.parametrize(
    ("host", "loopback"),
    [("127.0.0.1", True), ("127.9.9.9", True), ("localhost", True), ("::1", True),
     ("::ffff:127.0.0.1", True), ("0.0.0.0", False), ("::", False), ("192.0.2.1", False)],
)  # fmt: skip
def test_what_only_this_machine_reaches(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback


def test_an_empty_host_is_every_address(tmp_path: Path) -> None:
    with pytest.raises(SettingsError):
        Options(journal=tmp_path, host="").check()


def test_a_container_hands_over_several_keys_in_one_variable() -> None:
    from lineage import Settings
    from lineage.cli.serve import _keys

    found = _keys(Settings(api_key=f"{KEY}\n{KEY[::-1]}\n"), None)
    assert [key.get_secret_value() for key in found] == [KEY, KEY[::-1]]
    assert _keys(Settings(api_key=" "), None) == ()
    assert _keys(Settings(), None) == ()


def test_keys_are_not_shown(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    file.write_text(KEY)
    assert KEY not in repr(Options(journal=tmp_path, keys=read_keys(file)))


def test_compose_publishes_on_loopback_and_starts_the_receiver_only_when_asked() -> None:
    yaml = pytest.importorskip("yaml")
    services = yaml.safe_load((ROOT / "docker" / "compose.yml").read_text())["services"]
    for service in services.values():
        assert all(port.startswith("127.0.0.1:") for port in service["ports"])
    # `lineage up` starts what has no profile.
    assert [name for name, service in services.items() if "profiles" not in service] == ["neo4j"]
    given = services["receiver"]["environment"]
    assert not [name for name in given if name.endswith(("PASSWORD", "API_KEY"))]
    assert (ROOT / services["receiver"]["build"]["dockerfile"]).is_file()
