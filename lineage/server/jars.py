"""The jars of the local server: locked by coordinate and SHA-256, fetched once, shared by all.

A lock file holds one jar a line, `group:artifact[:classifier]:version sha256 bytes`, and is made
by `python -m lineage.server.lock`. A jar in the cache has been checked before it got its name, so
a present file of the locked size is a good one.
"""

from __future__ import annotations

import hashlib
import os
import ssl
import tempfile
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from lineage.errors import DownloadError, ServerError

Progress = Callable[[str, int, int], None]
"""Called with what is going on, how much is done and the total (both 0 when not countable)."""

WORKERS = 6
ATTEMPTS = 4
TIMEOUT = 60.0
CHUNK = 1 << 16
MIRROR = "LINEAGE_MAVEN_URL"


def silent(_what: str, _done: int, _total: int) -> None:
    """A progress callback that shows nothing."""


@dataclass(frozen=True, slots=True)
class Jar:
    """One locked jar."""

    group: str
    artifact: str
    classifier: str
    version: str
    sha256: str
    size: int

    @property
    def coordinate(self) -> str:
        """`group:artifact[:classifier]:version`."""
        return ":".join(p for p in (self.group, self.artifact, self.classifier, self.version) if p)

    @property
    def path(self) -> str:
        """Where it lies in a Maven repository, and in our cache."""
        name = "-".join(p for p in (self.artifact, self.version, self.classifier) if p)
        return f"{self.group.replace('.', '/')}/{self.artifact}/{self.version}/{name}.jar"

    @classmethod
    def parse(cls, line: str) -> Jar:
        """Read one line of a lock file.

        Raises:
            ServerError: it is no such line.
        """
        try:
            coordinate, sha256, size = line.split()
            group, artifact, *classifier, version = coordinate.split(":")
            (classified,) = classifier or [""]
            (_digest,) = [bytes.fromhex(sha256)] if len(sha256) == 64 else []
            return cls(group, artifact, classified, version, sha256, int(size))
        except ValueError:
            raise ServerError(f"broken line in a jar lock: {line!r}") from None

    def __str__(self) -> str:
        return f"{self.coordinate} {self.sha256} {self.size}"


def lines() -> list[str]:
    """The version lines of Neo4j that have a lock, the default first."""
    names = (f.name for f in resources.files("lineage.server").iterdir())
    found = {n[len("jars-") : -len(".lock")] for n in names if n.endswith(".lock")}
    return sorted(found, key=lambda line: (line != "5.26", line))


def line_of(version: str) -> str:
    """The locked version line that a wanted version belongs to: `5.26.3` is of `5.26`.

    Raises:
        ServerError: there is none.
    """
    for line in lines():
        if version == line or version.startswith(f"{line}."):
            return line
    raise ServerError(
        f"no local server of Neo4j {version}; there are: {', '.join(lines())}. "
        "For another version, start it yourself and set NEO4J_URI"
    )


def read_lock(line: str) -> list[Jar]:
    """The locked jars of a version line, in class path order."""
    text = (resources.files("lineage.server") / f"jars-{line}.lock").read_text(encoding="utf-8")
    return [Jar.parse(row) for row in text.splitlines() if row and not row.startswith("#")]


def locked_version(line: str) -> str:
    """The exact Neo4j version that a line is locked at."""
    return next(j.version for j in read_lock(line) if j.coordinate.startswith("org.neo4j:neo4j:"))


def missing(jars: Iterable[Jar], folder: Path) -> list[Jar]:
    """The jars that the cache lacks."""
    return [jar for jar in jars if not _present(folder / jar.path, jar.size)]


def fetch(
    jars: list[Jar], folder: Path, *, progress: Progress = silent, repository: str | None = None
) -> list[Path]:
    """Have every jar in the cache, downloading what is not there.

    Args:
        jars: what is wanted.
        folder: the cache.
        progress: told the bytes done so far, of those that had to be downloaded.
        repository: a Maven repository; by default `LINEAGE_MAVEN_URL`, else Maven Central.

    Returns:
        The files, in the order of `jars`.

    Raises:
        DownloadError: a jar cannot be had, or is not the locked one. What was fetched stays.
    """
    wanted = missing(jars, folder)
    if wanted:
        base = (repository or os.environ.get(MIRROR) or _central()).rstrip("/")
        tally = _Tally(progress, sum(jar.size for jar in wanted))
        # One thread per core would leave the line idle: nearly all the time is round trips.
        with ThreadPoolExecutor(WORKERS) as pool:
            futures = [pool.submit(_fetch_one, jar, base, folder, tally) for jar in wanted]
            try:
                for future in futures:
                    future.result()
            finally:
                pool.shutdown(wait=True, cancel_futures=True)
    return [folder / jar.path for jar in jars]


class _Tally:
    """Adds up the bytes of all threads."""

    def __init__(self, progress: Progress, total: int) -> None:
        self._progress, self._total, self._done = progress, total, 0
        self._lock = threading.Lock()

    def add(self, count: int) -> None:
        with self._lock:
            self._done += count
            self._progress("downloading Neo4j", self._done, self._total)


def _central() -> str:
    from jgo.constants import MAVEN_CENTRAL_URL

    return str(MAVEN_CENTRAL_URL)


def _present(file: Path, size: int) -> bool:
    try:
        return file.stat().st_size == size
    except OSError:
        return False


def _fetch_one(jar: Jar, base: str, folder: Path, tally: _Tally) -> None:
    target = folder / jar.path
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        # A name of its own: two commands may download the same jar at the same time.
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=".", suffix=".part")
        os.close(handle)
        part = Path(name)
        try:
            _download(f"{base}/{jar.path}", part, jar, tally)
            # A temporary file is its maker's alone; a jar is no secret, and images hold it.
            part.chmod(0o644)
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise DownloadError(f"cannot write {target}: {error.strerror or error}") from None


def _download(url: str, part: Path, jar: Jar, tally: _Tally) -> None:
    """Write a jar to a file and check it, trying again when the network fails."""
    from requests.exceptions import RequestException

    for attempt in range(1, ATTEMPTS + 1):
        got = 0
        try:
            digest = hashlib.sha256()
            with part.open("wb") as file:
                for chunk in _chunks(url, jar):
                    file.write(chunk)
                    digest.update(chunk)
                    got += len(chunk)
                    tally.add(len(chunk))
                file.flush()
                os.fsync(file.fileno())
        except RequestException as error:
            if attempt == ATTEMPTS:
                raise DownloadError(f"cannot download {jar.coordinate}: {_brief(error)}") from None
        else:
            if digest.hexdigest() == jar.sha256:
                return
            # A connection that ends early is the network's fault; a full file is another file.
            if got >= jar.size or attempt == ATTEMPTS:
                raise DownloadError(
                    f"{jar.coordinate} is not the locked file: its SHA-256 is "
                    f"{digest.hexdigest()}, locked is {jar.sha256}"
                )
        tally.add(-got)
        time.sleep(0.5 * 2**attempt)


def _trusted() -> str | bool:
    """Which certificates to trust: those `requests` is told of, else the system's, else its own.

    The system's come before the library's own because a company's proxy is known only to them.
    """
    if os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE"):
        return True
    paths = ssl.get_default_verify_paths()
    return paths.cafile or paths.capath or True


def _chunks(url: str, jar: Jar) -> Iterable[bytes]:
    from jgo.util import http

    with http.get(url, stream=True, timeout=TIMEOUT, verify=_trusted()) as response:
        if 400 <= response.status_code < 500:
            raise DownloadError(
                f"{jar.coordinate} is not in the repository: {response.status_code}"
            )
        response.raise_for_status()
        yield from response.iter_content(CHUNK)


def _brief(error: Exception) -> str:
    """The innermost reason: what the HTTP client wraps around it repeats the address."""
    reason = getattr(error.args[0] if error.args else None, "reason", error)
    return str(reason)
