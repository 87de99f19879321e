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

An artifact's id is made of that name and what tells the version. Ids of this form are shared by all
sources: two sources that name the same version of the same data set mean one node.
"""

from __future__ import annotations

import posixpath
import re
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
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_DRIVE = re.compile(r"[a-z]:[\\/]", re.IGNORECASE)


class SharedId(NamedTuple):
    """A shared id, taken apart."""

    name: str
    version: str | None


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


def shared_id(name: str, version: str | None = None) -> str:
    """The id of an artifact that every source calls the same.

    Args:
        name: the data set's canonical name.
        version: which one of its versions; None is the data set as such, when nobody says which.
    """
    safe = name.replace("%", "%25").replace("@", "%40")
    return f"{SHARED}{safe}" if version is None else f"{SHARED}{safe}@{version}"


def shared_parts(artifact: str) -> SharedId | None:
    """Name and version of a shared id; None for any other id."""
    if not artifact.startswith(SHARED):
        return None
    name, marked, version = artifact[len(SHARED) :].partition("@")
    name = name.replace("%40", "@").replace("%25", "%")
    return SharedId(name, version if marked else None)


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
