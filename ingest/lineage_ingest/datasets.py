"""What a data set is called, so that every source calls it the same.

The one home of the naming rules. A data set has a namespace (the data source: scheme and
authority) and a name (the path in it), as the OpenLineage naming specification has them
(openlineage.io/docs/spec/naming); its canonical name is both as one URI, in one spelling:

- schemes and hosts in lower case, users, passwords, queries and a service's usual port left out;
- one scheme for each store: `s3a` and `s3n` are `s3`, `abfs` is `abfss`, `wasb` is `wasbs`,
  `gcs` is `gs`, `postgresql` is `postgres`;
- local files are `file:///path`, whatever form their namespace has;
- paths without empty and `.` parts, and without a slash at the end.

What a path or a table is called is left as it is: case matters in both.

An artifact's id is made of that name and the version. Ids of this form are shared by all
sources: two sources that name the same version of the same data set mean one node.
"""

from __future__ import annotations

import posixpath
import re
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

SHARED = "dataset:"
"""What ids of artifacts begin with that are named the same in every source."""

_SCHEMES = {
    "s3a": "s3",
    "s3n": "s3",
    "gcs": "gs",
    "abfs": "abfss",
    "wasb": "wasbs",
    "postgresql": "postgres",
    "redshift+psycopg2": "redshift",
}
_PORTS = {
    "hdfs": 8020,
    "postgres": 5432,
    "mysql": 3306,
    "redshift": 5439,
    "sqlserver": 1433,
    "mssql": 1433,
    "oracle": 1521,
    "trino": 8080,
    "hive": 10000,
    "thrift": 9083,
    "kafka": 9092,
    "cassandra": 9042,
    "mongodb": 27017,
    "http": 80,
    "https": 443,
}
_NO_DATA = frozenset({"runs", "models", "mlflow-artifacts", "urn", "uuid", "data", "mailto"})
_ESCAPES = str.maketrans({"%": "%25", "@": "%40", "?": "%3F"})
_UNESCAPES = (("%3F", "?"), ("%40", "@"), ("%25", "%"))
_MARK = re.compile(r"([^@?]*)([@?]?)(.*)", re.DOTALL)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_DRIVE = re.compile(r"[a-z]:[\\/]", re.IGNORECASE)


class SharedId(NamedTuple):
    """A shared id, taken apart; see `shared_id`."""

    name: str
    version: str | None
    hint: str | None


@lru_cache(maxsize=65_536)
def canonical(namespace: str, name: str) -> str:
    """The canonical name of a data set.

    Args:
        namespace: of its data source: `s3://bucket`, `postgres://host:5432`, `file`, or any text.
        name: within it.
    """
    namespace, name = namespace.strip(), name.strip()
    if _SCHEME.match(name) and "//" in name and not _DRIVE.match(name):
        return _uri(name)  # some producers put the whole address into the name
    if namespace.lower().rstrip(":/") == "file":
        return f"file://{_path('/' + name)}"
    if "://" in namespace:
        return _uri(f"{namespace.rstrip('/')}/{name.lstrip('/')}")
    return f"{namespace.rstrip('/')}/{name.lstrip('/')}" if namespace else name


def of_uri(uri: str) -> str | None:
    """The canonical name of what an address points at; None where it names no data set.

    Relative paths name nothing that another source could mean, nor do addresses within a tracking
    server (`runs:/`, `mlflow-artifacts:/`).
    """
    uri = uri.strip()
    if uri.startswith("/"):
        return f"file://{_path(uri)}"
    if _DRIVE.match(uri):
        return f"file://{_path('/' + uri.replace(chr(92), '/'))}"
    scheme = uri.partition(":")[0].lower()
    if not _SCHEME.match(uri) or scheme in _NO_DATA:
        return None
    if scheme == "file":
        return f"file://{_path('/' + unquote(urlsplit(uri).path))}"
    return _uri(uri) if "://" in uri else None


@lru_cache(maxsize=65_536)
def shared_id(name: str, version: str | None = None, *, hint: str | None = None) -> str:
    """The id of an artifact that every source calls the same.

    Args:
        name: the data set's canonical name.
        version: which one of its versions; None is the data set as such, when nobody says which.
            What reads that is bound, when loading, to the version of the time.
        hint: for a data set as such, what tells apart how it was found at different times, though
            it does not name a version, such as MLflow's digest of the first rows.
    """
    found = f"{SHARED}{name.translate(_ESCAPES)}"
    if version is not None:
        return f"{found}@{version}"
    return found if hint is None else f"{found}?{hint}"


def shared_parts(artifact: str) -> SharedId | None:
    """Name, version and hint of a shared id; None for any other id."""
    return parsed(artifact) if artifact.startswith(SHARED) else None


@lru_cache(maxsize=65_536)
def parsed(artifact: str) -> SharedId:
    """The parts of an id that is known to be a shared one."""
    name, mark, rest = _MARK.match(artifact, len(SHARED)).groups()  # type: ignore[union-attr]
    for escaped, char in _UNESCAPES:
        name = name.replace(escaped, char)
    return SharedId(name, rest if mark == "@" else None, rest if mark == "?" else None)


def _uri(uri: str) -> str:
    """A `scheme://authority/path` in its one spelling."""
    scheme, _, rest = uri.partition("://")
    scheme = _SCHEMES.get(scheme.lower(), scheme.lower())
    rest = re.split(r"[?#]", rest, maxsplit=1)[0] if scheme in {"http", "https"} else rest
    authority, slash, path = rest.partition("/")
    login, at, host = authority.rpartition("@")
    host = host.lower()
    name, colon, port = host.rpartition(":")
    if colon and port == str(_PORTS.get(scheme)):
        host = name
    # abfss and wasbs say `container@account`: that is no login
    if at and scheme in {"abfss", "wasbs"}:
        host = f"{login.lower()}@{host}"
    return f"{scheme}://{host}{_path(slash + path)}"


def _path(path: str) -> str:
    """A path without empty and `.` parts; `..` stays, for it may be a name in an object store."""
    if not path.strip("/"):
        return ""
    parts = [part for part in path.split("/") if part not in {"", "."}]
    return posixpath.join("/", *parts)
