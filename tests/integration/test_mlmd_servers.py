"""A store reads the same from MariaDB and PostgreSQL as from SQLite."""

from __future__ import annotations

import json
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from mlmd import servers
from mlmd.oracle import run_client

from lineage.errors import MissingExtraError, ReadError
from lineage.records import Artifact, Context, Event, Execution, Membership, Pipeline, Run
from lineage_ingest.mlmd import MlmdReader

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lineage.records import Record

DEMO = Path(__file__).parents[2] / "lineage" / "demo" / "store.sqlite"


class Server:
    """A running server, and how the client and the reader name its databases."""

    def __init__(self, kind: str, port: int) -> None:
        self.kind, self.port = kind, port

    def config(self, database: str) -> str:
        common = {"user": "mlmd", "password": servers.PASSWORD, "host": "127.0.0.1"}
        if self.kind == "mysql":
            own = {"port": self.port, "database": database, "skipDbCreation": True}
        else:
            own = {"port": str(self.port), "dbname": database, "skipDbCreation": True}
        return json.dumps({self.kind: common | own})

    def address(self, database: str, password: str = servers.PASSWORD) -> str:
        return f"{self.kind}://mlmd:{quote(password, safe='')}@127.0.0.1:{self.port}/{database}"


@pytest.fixture(scope="module", params=["mysql", "postgresql"])
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    start = {"mysql": servers.mariadb, "postgresql": servers.postgresql}[request.param]
    # Not pytest's own folder: that one is closed to the users that the servers run as.
    folder = Path(tempfile.mkdtemp(prefix="mlmd-server-"))
    try:
        with start(folder) as port:
            yield Server(request.param, port)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _read(location: str) -> list[Record]:
    reader = MlmdReader(location)
    try:
        return list(reader.records())
    finally:
        reader.close()


def _timeless(records: list[Record]) -> list[str]:
    """Records as text, without what differs between two fillings by the client."""
    return sorted(map(repr, map(_plain, records)))


def _plain(record: Record) -> Record:
    nothing = {"created": None, "updated": None}
    match record:
        case Execution() | Run():
            record = replace(record, started=None, ended=None, **nothing)
        case Pipeline() | Context() | Artifact():
            record = replace(record, **nothing)
        case Membership():
            return replace(record, position=None)
        case Event():
            return record
    record.properties = dict(sorted(record.properties.items()))
    return record


def test_the_demo_store_reads_the_same(server: Server) -> None:
    run_client("make_demo_store.py", "--config", server.config("one"))
    address = server.address("one")
    assert _timeless(_read(address)) == _timeless(_read(str(DEMO)))

    reader = MlmdReader(address)
    assert reader.source == f"{server.kind}://127.0.0.1:{server.port}/one"
    assert reader.version == "MLMD schema 10"
    assert reader.total() == len(list(reader.records()))
    assert len(reader.identity()) == 600
    again = list(reader.records(reader.cursor))
    assert 0 < len(again) < reader.total()
    reader.close()


def test_every_kind_of_property_reads_the_same(server: Server, tmp_path: Path) -> None:
    run_client("write_kinds.py", "--config", server.config("two"))
    run_client("write_kinds.py", str(tmp_path / "kinds.sqlite"))
    expected = _timeless(_read(str(tmp_path / "kinds.sqlite")))
    # The client itself stamps an event with the time of its writing.
    assert _without_times(_timeless(_read(server.address("two")))) == _without_times(expected)


def _without_times(lines: list[str]) -> list[str]:
    return [line.partition(", time=")[0] for line in lines]


def test_errors_hide_the_password(server: Server) -> None:
    wrong = "secret?wrong"
    with pytest.raises(ReadError) as caught:
        MlmdReader(server.address("one", wrong))
    assert wrong not in str(caught.value)
    assert caught.value.__cause__ is None
    with pytest.raises(ReadError) as caught:
        MlmdReader(server.address("nowhere"))
    assert servers.PASSWORD not in str(caught.value)


def test_a_database_of_something_else_is_refused(server: Server) -> None:
    other = {"mysql": "mysql", "postgresql": "postgres"}[server.kind]
    with pytest.raises(ReadError, match="no ML Metadata store"):
        MlmdReader(server.address(other))


def test_a_missing_driver_says_what_to_install() -> None:
    with pytest.raises(MissingExtraError, match=r"lineage-graphlets\[mysql\]"):
        MlmdReader("mysql+mysqldb://user:secret@127.0.0.1/one")
