"""What commands print: safe text, tables, CSV, files."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import os
import threading
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineage.cli import output
from lineage.cli.app import pairs, parsed
from lineage.safe import without_login

JOINERS = "\u200c\u200d"  # part of how some scripts are written
ANYTHING = st.text(st.characters(exclude_categories=()), max_size=40)


@given(ANYTHING)
def test_safe_text_has_nothing_that_a_terminal_obeys(text: str) -> None:
    shown = output.safe(text)
    categories = {unicodedata.category(char) for char in shown if char not in JOINERS}
    assert not categories & {"Cc", "Cf", "Cs", "Zl", "Zp"}


@given(st.text(st.characters(categories=("L", "N", "P", "S")), max_size=40))
def test_safe_text_keeps_what_is_visible(text: str) -> None:
    assert output.safe(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred", "␛[31mred"),
        ("a\nb", "a␊b"),
        ("\u202eevil", "\\u202eevil"),
        ("\ud800", "\\ud800"),
        ("naïve 模型 [bold]", "naïve 模型 [bold]"),
    ],
)
def test_safe(text: str, shown: str) -> None:
    assert output.safe(text) == shown


@given(st.lists(st.lists(ANYTHING, min_size=2, max_size=2), max_size=5))
def test_a_table_has_a_line_for_each_row(rows: list[list[str]]) -> None:
    assert len(output.table(("a", "b"), rows).split("\n")) == len(rows) + 2


@pytest.mark.parametrize("width", [80, 200])
def test_a_table_fits_with_its_names_whole(width: int) -> None:
    name = "fraud-detection-weekly-retrain"
    rows = [[35, name, "tfx.components.transform", 1.5, "x" * 70, "y" * 70] for _ in range(2)]
    heads = ("holders", "name", "type", "cost", "key", "more")
    lines = output.table(heads, rows, width).splitlines()
    assert max(map(len, lines)) <= width
    assert all(name in line for line in lines[2:4])
    told = " ".join(lines[4:])
    assert all(head in f"{lines[0]} {told}" for head in heads)


def test_columns_without_room_are_named() -> None:
    heads = [f"column_{at}" for at in range(20)]
    lines = output.table(heads, [range(20)], 80, "--format csv").splitlines()
    assert max(map(len, lines)) <= 80
    shown = lines[0].split()
    told = " ".join(lines[3:])
    assert told == (
        f"not shown at 80 columns: {', '.join(heads[len(shown) :])}; wider terminal or --format csv"
    )


def test_nothing_is_cut_in_a_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    assert "x" * 300 in output.table(("a", "b"), [["x" * 300, "y" * 90]])
    monkeypatch.setenv("COLUMNS", "80")
    assert output.width() == 80
    monkeypatch.setenv("COLUMNS", "wide")
    assert output.width() == output.NO_END


@pytest.mark.parametrize(
    ("given", "colored"),
    [
        ({}, False),
        ({"FORCE_COLOR": "1"}, True),
        ({"FORCE_COLOR": ""}, False),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        ({"FORCE_COLOR": "1", "NO_COLOR": ""}, True),
    ],
)
def test_color_in_a_pipe_is_forced(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, str], colored: bool
) -> None:
    for name in ("FORCE_COLOR", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    assert output.color() is colored
    assert not output.color(Path("report.txt"))


def test_numbers_and_times_are_written_short() -> None:
    at = dt.datetime(2026, 5, 16, 19, 1, 0, 198000, tzinfo=dt.UTC)
    last = output.table(("cost", "started"), [[9963.251999999999, at]]).splitlines()[-1]
    assert last.split("  ") == ["9963.252", "2026-05-16 19:01:00"]


def test_maps_are_written_as_names_and_values() -> None:
    row = {"name": "m", "cost": 1.23456, "of": None}
    shown = output.table(("one", "way"), [(row, [row, "INPUT", {"name": "t"}])], 200)
    assert shown.splitlines()[-1] == (
        "name=m, cost=1.235, of=  name=m, cost=1.235, of=; INPUT; name=t"
    )


def test_cells_that_are_too_wide_are_cut() -> None:
    assert output.table(("a",), [["x" * 100]], widest=5).split("\n")[-1] == "xx…xx"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_csv_holds_no_formulas(start: str) -> None:
    text = output.csv_text(["name"], [{"name": f"{start}SUM(A1)"}])
    assert list(csv.reader(io.StringIO(text, newline="")))[1][0].startswith("'")


def test_csv_keeps_negative_numbers() -> None:
    assert output.csv_text(["n"], [{"n": -1.5}]) == "n\n-1.5"


def test_a_file_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    target = tmp_path / "out.jsonl"

    def half() -> None:
        with output.writing(target) as out:
            out.write(b"half")
            raise KeyError

    with pytest.raises(KeyError):
        half()
    assert list(tmp_path.iterdir()) == []
    with output.writing(target) as out:
        out.write(b"whole")
    assert target.read_bytes() == b"whole"
    assert list(tmp_path.iterdir()) == [target]


def test_a_link_stays_and_what_it_names_is_written(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    target, link = tmp_path / "folder" / "out", tmp_path / "link"
    link.symlink_to(target)
    for content in (b"new", b"replaced"):  # the first time the link leads nowhere
        with output.writing(link) as out:
            out.write(content)
        assert link.is_symlink()
        assert target.read_bytes() == content
    assert list(target.parent.iterdir()) == [target]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="FIFOs of POSIX")
@pytest.mark.parametrize("name", ["fifo", "link"])
def test_what_is_no_file_is_written_to_and_stays(tmp_path: Path, name: str) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    (tmp_path / "link").symlink_to(fifo)
    found: list[bytes] = []
    reader = threading.Thread(target=lambda: found.append(fifo.read_bytes()), daemon=True)
    reader.start()
    with output.writing(tmp_path / name) as out:
        out.write(b"through")
    reader.join(10)
    assert found == [b"through"]
    assert fifo.is_fifo()
    assert (tmp_path / "link").is_symlink()
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize("name", ["folder", "no/such/file", "link"])
def test_errors_name_the_path_that_was_given(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "no" / "other")
    with (
        pytest.raises((FileNotFoundError, IsADirectoryError)) as caught,
        output.writing(tmp_path / name),
    ):
        pass
    assert caught.value.filename == str(tmp_path / name)


def test_json_has_no_numbers_that_are_none() -> None:
    value = {"a": [float("nan"), (float("inf"),)], "b": {"c": -float("inf")}, "d": 1.5}
    strict = json.loads(output.dumps(value), parse_constant=pytest.fail)
    assert strict == {"a": ["NaN", ["Infinity"]], "b": {"c": "-Infinity"}, "d": 1.5}


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("mysql://u:secret@host:3306/db", "mysql://host:3306/db"),
        ("mysql+pymysql://u:se/c?r@t@host/db?password=x", "mysql+pymysql://host/db"),
        ("bolt://[::1]:7687", "bolt://[::1]:7687"),
        ("sqlite:///data@v1/store.db", "sqlite:///data@v1/store.db"),
        ("s3://bucket/day@1", "s3://bucket/day@1"),
        ("data@v1/what?.db", "data@v1/what?.db"),
        ("C:\\u:x@y", "C:\\u:x@y"),
        ("-", "-"),
    ],
)
def test_addresses_are_shown_without_login(address: str, shown: str) -> None:
    assert without_login(address) == shown


@pytest.mark.parametrize(
    ("given_value", "value"),
    [("1", 1), ("null", None), ("true", True), ('["a"]', ["a"]), ("taxi", "taxi"), ("[x", "[x")],
)
def test_parameters_are_json_or_text(given_value: str, value: Any) -> None:
    assert parsed(given_value) == value


def test_pairs_split_at_the_first_equals_sign() -> None:
    assert pairs(["a=b=c", "d="]) == [("a", "b=c"), ("d", "")]
