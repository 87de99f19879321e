"""MariaDB and PostgreSQL, started by hand in a folder of their own and ended by their process."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

PASSWORD = "p@ss/w0rd:?"
START_SECONDS = 60


def _program(name: str, package: str) -> str:
    folders = [os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"]
    folders += sorted(map(str, Path("/usr/lib/postgresql").glob("*/bin")), reverse=True)
    found = shutil.which(name, path=os.pathsep.join(folders))
    if found is None:
        pytest.skip(f"{name} is not here; on Debian: apt-get install {package}")
    return found


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _user(name: str, folder: Path) -> str | None:
    """Whom to run as: neither server starts as root; None for oneself."""
    if os.geteuid():
        return None
    try:
        owner = pwd.getpwnam(name)
    except KeyError:
        pytest.skip(f"root cannot start the server without a user {name}")
    os.chown(folder, owner.pw_uid, owner.pw_gid)
    for above in folder.parents:
        if not above.stat().st_mode & 0o001:
            pytest.skip(f"the user {name} cannot reach {folder}")
    return name


def _run(command: list[str], user: str | None, folder: Path, text: str | None = None) -> None:
    done = subprocess.run(
        command, user=user, group=user, cwd=folder, input=text, capture_output=True, text=True,
        check=False, timeout=START_SECONDS,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


@contextmanager
def _server(command: list[str], user: str | None, folder: Path, port: int) -> Iterator[None]:
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            command, user=user, group=user, cwd=folder, stdout=log, stderr=subprocess.STDOUT
        )
    try:
        _wait(process, folder, port)
        yield
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(30)


def _wait(process: subprocess.Popen[bytes], folder: Path, port: int) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        with socket.socket() as probe:
            if not probe.connect_ex(("127.0.0.1", port)):
                return
        time.sleep(0.1)
    pytest.fail(f"the server did not start: {(folder / 'log').read_text()[-2000:]}")


@contextmanager
def mariadb(folder: Path) -> Iterator[int]:
    """A MariaDB server with user `mlmd`, and databases `one` and `two`; its port."""
    install = _program("mariadb-install-db", "mariadb-server")
    server, client = _program("mariadbd", "mariadb-server"), _program("mariadb", "mariadb-client")
    user, port, data = _user("mysql", folder), _free_port(), folder / "data"
    _run([install, "--no-defaults", f"--datadir={data}", "--skip-test-db",
          "--auth-root-authentication-method=normal"], user, folder)  # fmt: skip
    command = [server, "--no-defaults", f"--datadir={data}", f"--socket={folder}/socket",
               f"--port={port}", "--bind-address=127.0.0.1", f"--pid-file={folder}/pid",
               "--skip-name-resolve"]  # fmt: skip
    with _server(command, user, folder, port):
        setup = f"""CREATE DATABASE one; CREATE DATABASE two CHARACTER SET utf8mb4;
            CREATE USER mlmd@'127.0.0.1' IDENTIFIED VIA mysql_native_password
                USING PASSWORD('{PASSWORD}');
            GRANT ALL ON *.* TO mlmd@'127.0.0.1';"""
        login = [client, "--no-defaults", f"--socket={folder}/socket", "--user=root"]
        _run(login, user, folder, setup)
        yield port


@contextmanager
def postgresql(folder: Path) -> Iterator[int]:
    """A PostgreSQL server with user `mlmd`, and databases `one` and `two`; its port."""
    init, server = _program("initdb", "postgresql"), _program("postgres", "postgresql")
    client = _program("psql", "postgresql")
    user, port, data = _user("postgres", folder), _free_port(), folder / "data"
    secret = folder / "password"
    secret.write_text(PASSWORD)
    if user:
        shutil.chown(secret, user)
    secret.chmod(0o600)
    _run([init, "-D", str(data), "-A", "scram-sha-256", "-U", "mlmd", f"--pwfile={secret}"],
         user, folder)  # fmt: skip
    rules = data / "pg_hba.conf"
    rules.write_text("local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n")
    command = [server, "-D", str(data), "-k", str(folder), "-p", str(port),
               "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"]  # fmt: skip
    with _server(command, user, folder, port):
        login = [client, "-h", str(folder), "-p", str(port), "-U", "mlmd", "-d", "postgres"]
        for name in ("one", "two"):
            _run([*login, "-c", f"CREATE DATABASE {name}"], user, folder)
        yield port
