"""The local server: a Neo4j Community process, without Docker and without a Java install."""

from __future__ import annotations

import os
import shutil
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from lineage.errors import ServerError
from lineage.server import conf, jars, java, logs, password, ports, probe, process, staging
from lineage.server.endpoint import Status
from lineage.server.home import LOOPBACK, ServerHome, jar_dir, read_json, write_json
from lineage.server.running import running

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from lineage.server.endpoint import Endpoint
    from lineage.server.jars import Progress

START_SECONDS = 240.0
STOP_SECONDS = 120.0
LOCK_SECONDS = 900.0
"""Another command may be downloading the jars while it holds the lock."""

_TRIES = 3  # at a start whose ports another program takes in that moment

FREE_FOR_JARS = 400 << 20
FREE_FOR_DATA = 600 << 20


def up(home: ServerHome, why: str, progress: Progress = jars.silent) -> Endpoint:
    """Bring the server of a home up, or find it up already.

    Args:
        home: its folder.
        why: what `Endpoint.why` shall say.
        progress: told of downloads and of the wait.

    Raises:
        ServerError: it does not start; the message has the log's last lines.
        DownloadError: its jars cannot be had.
    """
    _check_space(home.root, FREE_FOR_DATA, "the database")
    try:
        home.make()
    except OSError as error:
        raise ServerError(f"cannot make {home.root}: {error.strerror}") from None
    with _locked(home):
        for _ in range(_TRIES):
            if (found := running(home, why)) is None:
                found = _adopt(home, why) or _start(home, why, progress)
            if _await(home, found, progress):
                return found
        raise logs.failure(home, "Neo4j did not start, as others took its ports each time")


def down(home: ServerHome) -> bool:
    """Stop the server of a home.

    Returns:
        Whether there was one.

    Raises:
        ServerError: it had to be killed; its data will be recovered at the next start.
    """
    if not home.run.is_dir():
        return False
    with _locked(home):
        if running(home) is None and _adopt(home, "") is None:
            home.process_file.unlink(missing_ok=True)
            return False
        known = read_json(home.process_file) or {}
        clean = process.end(known["pid"], known["started"], home.arguments, STOP_SECONDS)
        home.process_file.unlink(missing_ok=True)
    if not clean:
        raise ServerError(
            f"Neo4j did not stop within {STOP_SECONDS:.0f} s and was killed; its data is kept and "
            f"recovered at the next start. Its log is {home.logs / 'debug.log'}"
        )
    return True


def status(home: ServerHome) -> Status:
    """What is known of a home's server, without asking it anything."""
    found = running(home)
    known = read_json(home.process_file) or {}
    detail = f"Neo4j {found.version} runs locally" if found else f"no server runs in {home.root}"
    return Status(found, known["pid"] if found else None, home.root, home.logs, detail)


def admin(home: ServerHome, *arguments: str) -> str:
    """Run Neo4j's admin tool on the home of a stopped server and return what it printed.

    Args:
        home: the folder.
        arguments: such as `"database", "import", "full", "neo4j", "--nodes=..."`.

    Raises:
        ServerError: the tool failed; the message has its last lines.
    """
    home.make()
    with _locked(home):
        if running(home):
            raise ServerError(f"the server in {home.root} runs: stop it with `lineage down` first")
        return _admin(home, arguments, _fetch(home, jars.silent))


def build(
    home: ServerHome, arguments: Sequence[str], heap_mb: int, progress: Progress = jars.silent
) -> Path:
    """Build a database with Neo4j's importer, beside the one of a stopped server.

    Args:
        home: the folder of the server.
        arguments: what to import.
        heap_mb: of the importer.
        progress: told that it works.

    Returns:
        What the importer printed, in a file. `staging.swap` puts the database in its place.

    Raises:
        ServerError: the server runs, or the importer failed; the database is what it was.
    """
    log = home.logs / "import.log"
    with _locked(home):
        if running(home):
            raise ServerError(f"the server in {home.root} runs: stop it with `lineage down` first")
        files = _fetch(home, progress)
        stage = staging.prepare(home)
        folder = home.run / "import"
        folder.mkdir(exist_ok=True, mode=0o700)
        text = (home.conf / "neo4j.conf").read_text(encoding="utf-8")
        # Relative: the file is read as Latin-1, which not every folder's name is.
        (folder / "neo4j.conf").write_text(
            f"{text}server.directories.data={stage.name}\n", encoding="utf-8"
        )
        options = [*java.jvm_options(java.java_version(java.java())), f"-Xmx{heap_mb}m"]
        report = f"--report-file=../{home.logs.name}/import.report"
        fixed = ("database", "import", "full", "neo4j", report)
        command = [*options, *_HIDDEN, *java.class_path(files), java.ADMIN, *fixed, *arguments]
        where = {"NEO4J_HOME": str(home.root), "NEO4J_CONF": str(folder)}
        progress("importing", 0, 0)
        code, said = java.run(home.run / f"admin-{os.getpid()}.args", command, where)
        log.write_text(said, encoding="utf-8")
        if code != 0:
            staging.discard(home)
            raise ServerError(
                f"Neo4j's importer failed (exit code {code}): {logs.last(said)} (log: {log})"
            )
    return log


def swap(home: ServerHome) -> None:
    """Put the database that was built in the place of the one that is there.

    Raises:
        ServerError: the server runs, or nothing was built.
    """
    with _locked(home):
        if running(home):
            raise ServerError(f"the server in {home.root} runs: stop it with `lineage down` first")
        staging.swap(home)


def _admin(
    home: ServerHome, arguments: Sequence[str], files: Sequence[Path], secret: str | None = None
) -> str:
    if not (home.conf / "neo4j.conf").exists():
        _configure(home, ports.remembered(home.ports_file) or ports.Ports(7687, 7474))
    options = java.jvm_options(java.java_version(java.java()))
    command = [*options, *_HIDDEN, *java.class_path(files), java.ADMIN, *arguments]
    where = {"NEO4J_HOME": str(home.root), "NEO4J_CONF": str(home.conf)}
    code, said = java.run(home.run / f"admin-{os.getpid()}.args", command, where)
    if secret:
        said = said.replace(secret, "***")
    if code != 0:
        what = " ".join(arguments[:2])
        raise ServerError(f"neo4j-admin {what} failed in {home.root}: {logs.last(said)}")
    return said


# Or the JVM writes its whole command line, first password and all, where others may read it.
_HIDDEN = ("-XX:-UsePerfData",)


def _start(home: ServerHome, why: str, progress: Progress) -> Endpoint:
    files = _fetch(home, progress)
    staging.recover(home)
    picked = ports.pick(home.ports_file, usual=home.usual_ports)
    memory = _configure(home, picked)
    word = password.ensure(home.password_file)
    if not (home.data / "dbms" / "auth.ini").exists() and not (home.data / "databases").exists():
        progress("preparing the database", 0, 0)
        _admin(home, ("dbms", "set-initial-password", "--", word), files, secret=word)
    launcher = java.java()
    command = [
        *java.jvm_options(java.java_version(launcher)),
        *_HIDDEN,
        f"-Xms{memory.heap}m",
        f"-Xmx{memory.heap}m",
        "-XX:+ExitOnOutOfMemoryError",
        "-Dfile.encoding=UTF-8",
        *java.class_path(files),
        java.main_class(home.line),
        f"--home-dir={home.root}",
        f"--config-dir={home.conf}",
    ]
    java.write_arguments(home.arguments, command)
    started = process.spawn([str(launcher), f"@{home.arguments}"], home.root, home.console)
    _record(home, started.pid, picked)
    found = running(home, why)
    if found is None:
        raise logs.failure(home, "Neo4j ended as soon as it was started")
    return found


def _adopt(home: ServerHome, why: str) -> Endpoint | None:
    """Take over a server whose starter was killed before it could write down what it started."""
    pid = process.find(home.arguments)
    picked = ports.remembered(home.ports_file)
    if pid is None or picked is None:
        return None
    _record(home, pid, picked)
    return running(home, why)


def _record(home: ServerHome, pid: int, picked: ports.Ports) -> None:
    seen = process.look(pid)
    version = jars.locked_version(home.line)
    state = {"pid": pid, "started": seen.started if seen else 0.0, "version": version}
    write_json(home.process_file, state | picked._asdict())


def _configure(home: ServerHome, picked: ports.Ports) -> conf.Memory:
    import psutil

    memory = conf.memory_for(psutil.virtual_memory().total, home.heap_mb, home.page_cache_mb)
    options = java.jvm_options(java.java_version(java.java()))
    text = conf.render(home.line, picked, memory, options, more=home.settings)
    (home.conf / "neo4j.conf").write_text(text, encoding="utf-8")
    return memory


def _fetch(home: ServerHome, progress: Progress) -> list[Path]:
    wanted = jars.read_lock(home.line)
    if jars.missing(wanted, jar_dir()):
        _check_space(jar_dir(), FREE_FOR_JARS, "Neo4j's jars")
    return jars.fetch(wanted, jar_dir(), progress=progress)


def _await(home: ServerHome, found: Endpoint, progress: Progress) -> bool:
    """Wait until Bolt and HTTP answer; HTTP is the last thing that Neo4j starts.

    Returns:
        False when it ended because another program had taken its ports since they were picked.
    """
    known = read_json(home.process_file) or {}
    picked = ports.Ports(known["bolt"], known["http"])
    began = time.monotonic()
    while time.monotonic() - began < START_SECONDS:
        answers = probe.speaks_bolt(LOOPBACK, picked.bolt) and probe.version_at(picked.http)
        if answers and process.listens(known["pid"], picked):  # another server answers as well
            return True
        if running(home) is None:
            if not all(map(ports.is_free, picked)):
                return False
            raise logs.failure(home, "Neo4j did not start")
        progress(f"starting Neo4j {found.version}", 0, 0)
        time.sleep(0.1)
    process.end(known["pid"], known["started"], home.arguments, STOP_SECONDS)
    raise logs.failure(home, f"Neo4j did not answer within {START_SECONDS:.0f} s and was stopped")


@contextmanager
def _locked(home: ServerHome) -> Iterator[None]:
    """One command at a time may start, stop or rebuild a server."""
    from filelock import FileLock, Timeout

    lock = FileLock(home.run / "lock", timeout=LOCK_SECONDS)
    try:
        lock.acquire()
    except Timeout:
        raise ServerError(
            f"another command has been working on {home.root} for {LOCK_SECONDS:.0f} s; "
            "wait for it, or end it"
        ) from None
    try:
        yield
    finally:
        lock.release()


def _check_space(folder: Path, needed: int, what: str) -> None:
    there = next((p for p in (folder, *folder.parents) if p.exists()), folder)
    free = shutil.disk_usage(there).free
    if free < needed:
        raise ServerError(
            f"not enough disk for {what}: {folder} has {free >> 20} MiB free, "
            f"{needed >> 20} MiB are needed; free some, or set LINEAGE_DATA_DIR and "
            "LINEAGE_CACHE_DIR to a larger disk"
        )
