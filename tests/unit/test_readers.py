"""Opening: which reader takes what, and what is said of what none takes."""

from __future__ import annotations

import gzip
import sqlite3
from pathlib import Path

import pytest

from lineage.errors import LineageError, ReadError
from lineage.readers import open_reader

DEMO = Path(__file__).parents[2] / "lineage/demo/store.sqlite"
TRACE = b'{"kind":"trace","version":1}\n{"kind":"execution","id":"e","type":"T"}\n'


def missing(folder: Path) -> str:
    return str(folder / "nothing.sqlite")


def a_folder(folder: Path) -> str:
    return str(folder)


def empty(folder: Path) -> str:
    (folder / "empty.db").touch()
    return str(folder / "empty.db")


def cut_short(folder: Path) -> str:
    (folder / "cut.sqlite").write_bytes(DEMO.read_bytes()[:60_000])
    return str(folder / "cut.sqlite")


def no_store(folder: Path) -> str:
    path = folder / "other.sqlite"
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE t (a)")
    database.close()
    return str(path)


def cut_gzip(folder: Path) -> str:
    path = folder / "t.jsonl.gz"
    path.write_bytes(gzip.compress(TRACE * 1000)[:50])
    return str(path)


def no_trace(folder: Path) -> str:
    path = folder / "events.json"
    path.write_bytes(b'{"eventType": "START"}')
    return str(path)


def garbage(folder: Path) -> str:
    (folder / "x.bin").write_bytes(b"\x00\x01garbage")
    return str(folder / "x.bin")


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (missing, "does not exist"),
        (a_folder, "is a folder"),
        (empty, "is empty"),
        (cut_short, "cut short"),
        (no_store, "ML Metadata"),
        (cut_gzip, "middle of its compressed data|cannot be read"),
        (no_trace, "no reader recognises .* readers are mlflow, mlmd, openlineage"),
        (garbage, "no reader recognises"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, make: object, said: str) -> None:
    location = make(tmp_path)  # type: ignore[operator]
    with pytest.raises(ReadError, match=said) as caught:
        open_reader(location)
    assert Path(location).name in str(caught.value)


@pytest.mark.parametrize("reader", [None, "trace"])
@pytest.mark.parametrize("address", ["mssql://u:sekret@h/db", "https://u:sekret@h/x?token=sekret"])
def test_no_password_is_shown(address: str, reader: str | None) -> None:
    with pytest.raises(LineageError) as caught:
        open_reader(address, reader)
    assert "sekret" not in str(caught.value)


def test_content_decides(tmp_path: Path) -> None:
    path = tmp_path / "trace.json"
    path.write_bytes(gzip.compress(TRACE))
    assert open_reader(str(path)).name == "trace"
    assert open_reader(str(DEMO)).name == "mlmd"
