"""Where a store is: paths and addresses, without their passwords."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from lineage.errors import ReadError

if TYPE_CHECKING:
    from sqlalchemy import URL

SCHEMES = {
    "mysql": "mysql",
    "mariadb": "mysql",
    "postgresql": "postgresql",
    "postgres": "postgresql",
}
DRIVERS = {"mysql": "pymysql", "postgresql": "psycopg"}
PORTS = {"mysql": 3306, "postgresql": 5432}


@dataclass(frozen=True)
class Location:
    """A store's place.

    Attributes:
        source: its name for people and keys: no user, no password, no query, no default port;
            `sqlite:////absolute/path` for files.
        path: of a SQLite file, absolute.
        url: of a server, with the password (never print it).
    """

    source: str
    path: Path | None = None
    url: URL | None = field(default=None, repr=False)

    @classmethod
    def of(cls, location: str) -> Location:
        """The place that a path or an address means.

        Raises:
            ReadError: it is no address of a store.
        """
        scheme, divider, rest = location.partition("://")
        if not divider:
            return cls._file(Path(location))
        if scheme.partition("+")[0] == "sqlite":
            return cls._file(Path(unquote(rest.partition("?")[0].removeprefix("/"))))
        if scheme.partition("+")[0] in SCHEMES:
            return cls._server(location)
        raise ReadError(f"{scheme}:// is no address of an ML Metadata store")

    @classmethod
    def _file(cls, path: Path) -> Location:
        absolute = path.expanduser().resolve()
        return cls(source=f"sqlite:///{absolute.as_posix()}", path=absolute)

    @classmethod
    def _server(cls, location: str) -> Location:
        try:
            url = make_url(location)
        except (ArgumentError, ValueError):
            # The cause's text may hold the password.
            raise ReadError(
                "the address cannot be understood; it reads mysql://user:password@host:port/database"
            ) from None
        dialect = SCHEMES[url.get_backend_name()]
        if not url.database:
            raise ReadError(f"the address names no database: {dialect}://{url.host or ''}/DATABASE")
        driver = url.drivername.partition("+")[2] or DRIVERS[dialect]
        port = f":{url.port}" if url.port and url.port != PORTS[dialect] else ""
        host = f"[{url.host}]" if url.host and ":" in url.host else url.host or ""
        source = f"{dialect}://{host}{port}/{url.database}"
        return cls(source=source, url=url.set(drivername=f"{dialect}+{driver}"))

    def scrub(self, text: str) -> str:
        """Take the password, and what the query holds, out of another's message."""
        if self.url is None:
            return text
        secrets = [str(self.url.password or ""), *map(str, self.url.query.values())]
        for secret in filter(None, secrets):
            text = text.replace(secret, "***")
        return text
