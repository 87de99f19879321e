"""Stores that are missing, broken, locked, foreign or odd: a clear error, or set aside."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from mlmd.build import MILLIS, Store

from lineage.errors import MissingExtraError, ReadError, UnsupportedVersionError
from lineage.records import Artifact, Event, Execution, Membership, SetAside
from lineage_ingest.mlmd import MlmdReader, sqlite

if TYPE_CHECKING:
    from lineage.records import Record

DEMO = Path(__file__).parents[2] / "lineage" / "demo" / "store.sqlite"


def read(path: Path) -> list[Record]:
    reader = MlmdReader(str(path))
    try:
        return list(reader.records())
    finally:
        reader.close()


def aside(records: list[Record]) -> list[tuple[str, str, str]]:
    return [(r.kind, r.position, r.reason) for r in records if isinstance(r, SetAside)]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store.sqlite")


def test_a_missing_path(tmp_path: Path) -> None:
    gone = tmp_path / "gone.sqlite"
    assert not MlmdReader.recognises(str(gone))
    with pytest.raises(ReadError, match="does not exist"):
        MlmdReader(str(gone))
    assert not gone.exists()


def test_a_folder(tmp_path: Path) -> None:
    assert not MlmdReader.recognises(str(tmp_path))
    with pytest.raises(ReadError, match="is a folder"):
        MlmdReader(str(tmp_path))


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"", "is empty"), (b"{}\n", "not a SQLite file"), (sqlite.MAGIC, "cut short")],
)
def test_no_database(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    assert not MlmdReader.recognises(str(path))
    with pytest.raises(ReadError, match=message):
        MlmdReader(str(path))


def test_another_sqlite_database(tmp_path: Path) -> None:
    path = tmp_path / "mlflow.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE runs (run_uuid TEXT)")
    connection.close()
    assert not MlmdReader.recognises(str(path))
    assert not MlmdReader.recognises(f"sqlite:///{path}")
    with pytest.raises(ReadError, match="no ML Metadata store: it has no table Artifact"):
        MlmdReader(str(path))


def test_a_truncated_file(tmp_path: Path) -> None:
    path = tmp_path / "half.sqlite"
    path.write_bytes(DEMO.read_bytes()[:400_000])
    with pytest.raises(ReadError, match="cut short: 400000 bytes of"):
        MlmdReader(str(path))


def test_a_corrupt_file(tmp_path: Path) -> None:
    path, content = tmp_path / "bad.sqlite", bytearray(DEMO.read_bytes())
    for at in range(4096 * 20, len(content), 4096):
        content[at : at + 200] = b"\xff" * 200
    path.write_bytes(content)
    with pytest.raises(ReadError, match="is damaged"):
        read(path)


@pytest.mark.parametrize("version", [0, 3, 11, 99])
def test_other_versions_are_refused(store: Store, version: int) -> None:
    store.sql.execute("UPDATE MLMDEnv SET schema_version = ?", (version,))
    with pytest.raises(UnsupportedVersionError, match=f"version is {version}; versions 4 to 10"):
        MlmdReader(str(store.close()))


@pytest.mark.parametrize(
    ("change", "message"),
    [("DROP TABLE MLMDEnv", "older than 4"), ("DELETE FROM MLMDEnv", "not stated"),
     ("INSERT INTO MLMDEnv VALUES (9)", "not stated")],
)  # fmt: skip
def test_no_version(store: Store, change: str, message: str) -> None:
    store.sql.execute(change)
    with pytest.raises(UnsupportedVersionError, match=message):
        MlmdReader(str(store.close()))


def test_a_locked_store(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.1)
    path = store.close()
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    try:
        assert MlmdReader.recognises(str(path))
        with pytest.raises(ReadError, match="locked by another process"):
            MlmdReader(str(path))
    finally:
        other.close()


def test_reading_lets_a_writer_in(store: Store) -> None:
    for _ in range(2500):
        store.execution()
    path = store.close()
    reader = MlmdReader(str(path))
    records = reader.records()
    next(records)
    other = sqlite3.connect(path, timeout=0, isolation_level=None)
    other.execute("UPDATE Execution SET last_known_state = 3")
    other.execute("INSERT INTO Execution (type_id) VALUES (1)")
    other.close()
    assert len(list(records)) == 2499
    assert len(list(reader.records(reader.cursor))) > 0
    reader.close()


@pytest.mark.parametrize("mode", ["delete", "wal"])
def test_nothing_is_written(store: Store, mode: str) -> None:
    store.execution()
    store.sql.commit()
    store.sql.execute(f"PRAGMA journal_mode = {mode}")
    path = store.close()
    before = (path.read_bytes(), path.stat().st_mtime_ns)
    assert MlmdReader.recognises(str(path))
    assert len(read(path)) == 1
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_a_live_write_ahead_log_is_read(store: Store) -> None:
    store.sql.execute("PRAGMA journal_mode = wal")
    store.execution()
    store.sql.commit()
    assert len(read(store.path)) == 1
    store.close()


def test_an_orphaned_write_ahead_log_is_not_passed_over(store: Store, tmp_path: Path) -> None:
    store.sql.execute("PRAGMA journal_mode = wal")
    store.execution()
    store.sql.commit()
    copy = tmp_path / "copy"
    copy.mkdir()
    for name in ("store.sqlite", "store.sqlite-wal"):
        shutil.copyfile(tmp_path / name, copy / name)
    with pytest.raises(ReadError, match="wal_checkpoint"):
        MlmdReader(str(copy / "store.sqlite"))
    assert len(list(copy.iterdir())) == 2
    store.close()


def test_a_journal_left_by_a_killed_writer(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    Store(path).close()
    script = (
        "import os, sqlite3, sys\n"
        "c = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "c.execute('PRAGMA cache_size = 1')\n"
        "c.execute('BEGIN')\n"
        "c.executemany('INSERT INTO Type (name, type_kind) VALUES (?, 1)',"
        " [(str(i) * 200,) for i in range(2000)])\n"
        "os._exit(1)\n"
    )
    subprocess.run([sys.executable, "-c", script, path], check=False)
    assert path.with_name("store.sqlite-journal").exists()
    with pytest.raises(ReadError, match="its last writer died"):
        read(path)


def test_what_points_to_nothing_is_set_aside(store: Store) -> None:
    execution, artifact = store.execution(), store.artifact()
    context = store.context("node", "p.n")
    store.event(execution, 99)
    store.event(98, artifact)
    store.event(98, 99)
    store.associate(execution, 97, context)
    store.associate(96, context)
    store.attribute(95, context)
    store.insert("ParentContext", context_id=context, parent_context_id=94)
    store.property("Execution", 93, "lost", 1)
    store.property("Context", 92, "lost", 1)
    store.property("Artifact", -5, "lost", 1)
    records = read(store.close())
    assert sorted(aside(records)) == [
        ("association", "association 1", "context 97 does not exist"),
        ("association", "association 3", "execution 96 does not exist"),
        ("attribution", "attribution 1", "artifact 95 does not exist"),
        ("event", "event 1", "artifact 99 does not exist"),
        ("event", "event 2", "execution 98 does not exist"),
        ("event", "event 3", "artifact 99 and execution 98 do not exist"),
        ("parent", "parent 94 of context 1", "context 94 does not exist"),
        ("property", "property 'lost' of artifact -5", "artifact -5 does not exist"),
        ("property", "property 'lost' of context 92", "context 92 does not exist"),
        ("property", "property 'lost' of execution 93", "execution 93 does not exist"),
    ]
    assert len([r for r in records if isinstance(r, Membership)]) == 1


@pytest.mark.parametrize("kind", [0, None, 8, "x"])
def test_events_of_no_kind(store: Store, kind: object) -> None:
    store.event(store.execution(), store.artifact(), kind)  # type: ignore[arg-type]
    records = read(store.close())
    assert aside(records)[0][:2] == ("event", "event 1")
    assert not [r for r in records if isinstance(r, Event)]


def test_types_and_parents_that_do_not_exist(store: Store) -> None:
    store.execution(type_id=77, properties={"parent_dag_id": 66})
    store.execution(type_id=None)
    found = read(store.close())
    executions = [r for r in found if isinstance(r, Execution)]
    assert [(r.type, r.parent) for r in executions] == [("type 77", None), ("type None", None)]
    assert aside(found) == [
        ("type", "execution 1", "type 77 does not exist"),
        ("parent", "execution 1", "its parent execution 66 does not exist"),
        ("type", "execution 2", "type None does not exist"),
    ]


@pytest.mark.parametrize("time", [-1, 2**62, 9_223_372_036_855, "soon", b"\xff", -0.5])
def test_times_that_cannot_be(store: Store, time: object) -> None:
    execution = store.execution(last_known_state=3, create_time_since_epoch=time)
    artifact = store.artifact(last_update_time_since_epoch=time)
    store.event(execution, artifact, time=time)
    records = read(store.close())
    first, second = (r for r in records if isinstance(r, Execution | Artifact))
    assert isinstance(first, Execution)
    assert (first.started, first.created, first.ended) == (None, None, MILLIS + 1000)
    assert (second.created, second.updated) == (MILLIS, None)
    positions = [(kind, position) for kind, position, _ in aside(records)]
    assert positions == [("time", "execution 1"), ("time", "artifact 1"), ("time", "event 1")]


def test_an_end_before_the_start(store: Store) -> None:
    store.execution(last_known_state=3, last_update_time_since_epoch=MILLIS - 1)
    records = read(store.close())
    assert isinstance(records[0], Execution)
    assert (records[0].started, records[0].ended) == (MILLIS, None)
    assert aside(records)[0][0] == "time"


def test_texts_that_are_no_utf8(store: Store) -> None:
    artifact = store.artifact()
    raw = b"CAST(x'41ff42' AS TEXT)".decode()
    store.sql.execute(f"UPDATE Artifact SET uri = {raw}")
    store.property("Artifact", artifact, "nul", "a\0b")
    store.property("Artifact", artifact, "lone", "x")
    store.sql.execute(
        "UPDATE ArtifactProperty SET string_value = CAST(x'eda080' AS TEXT) WHERE name = 'lone'"
    )
    store.property("Artifact", artifact, "blob", b"\x00\xfe", column="string_value")
    store.property("Artifact", artifact, "wide", 2**63 - 1)
    store.property("Artifact", artifact, "odd", "text", column="int_value")
    found = read(store.close())[0]
    assert isinstance(found, Artifact)
    assert found.uri == "A\\xffB"
    assert found.properties == {
        "nul": "a\0b", "lone": "\\xed\\xa0\\x80", "blob": "\0\\xfe", "wide": 2**63 - 1,
        "odd": "text",
    }  # fmt: skip
    for value in found.properties.values():
        str(value).encode()


def test_a_huge_property(store: Store) -> None:
    big = "x" * 20_000_000
    for at in range(4):
        id_ = store.execution()
        store.property("Execution", id_, "big", big if at % 2 else "small")
        store.property("Execution", id_, "custom", at, custom=True)
    records = read(store.close())
    sizes = [(r.id, len(str(r.properties["big"])), r.properties["custom"])
             for r in records if isinstance(r, Execution)]  # fmt: skip
    assert sizes == [("1", 5, 0), ("2", len(big), 1), ("3", 5, 2), ("4", len(big), 3)]


@pytest.mark.parametrize("cursor", ["", "{}", "[]", "null", '{"artifact": "x"}', "17"])
def test_a_cursor_of_another_reader(store: Store, cursor: str) -> None:
    reader = MlmdReader(str(store.close()))
    with pytest.raises(ReadError, match="no cursor"):
        next(reader.records(cursor))
    reader.close()


@pytest.mark.parametrize(
    ("address", "error"),
    [
        ("mysql://user:hunter2@127.0.0.1:1/mlmd?ssl_key=hunter2", ReadError),
        ("postgresql://user:hunter2@127.0.0.1:1/mlmd?password=hunter2", ReadError),
        ("mysql://user:hunter2@host:port/mlmd", ReadError),
        ("mysql://user:hunter2@host", ReadError),
        ("mysql+nosuch://user:hunter2@host/mlmd", MissingExtraError),
        ("oracle://user:hunter2@host/mlmd", ReadError),
    ],
)
def test_addresses_keep_their_password(address: str, error: type[Exception]) -> None:
    with pytest.raises(error) as caught:
        MlmdReader(address)
    assert "hunter2" not in str(caught.value)
    assert "hunter2" not in repr(caught.value)


@pytest.mark.parametrize(("address", "module"), [("mysql", "pymysql"), ("postgresql", "psycopg")])
def test_a_missing_driver(address: str, module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingExtraError, match=rf"needs {module}.*graphlets\[{address}\]'"):
        MlmdReader(f"{address}://user@host/mlmd")


def test_an_abandoned_reading_leaves_nothing_open(store: Store) -> None:
    store.execution()
    store.artifact()
    reader = MlmdReader(str(store.close()))
    records = reader.records()
    next(records)
    reader.close()
    reader.close()
    with pytest.raises(ReadError):
        list(records)
    assert reader.cursor is None
