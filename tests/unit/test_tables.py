"""Rows as tables: drawn for a notebook, safely, and handed to data frames."""

from __future__ import annotations

import builtins
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import BaseModel

from lineage.analyses.rows import Row, Rows
from lineage.errors import MissingExtraError
from lineage.tables import SHOWN, Drawn, Table, html_table

EVIL = "<img src=x onerror=alert(1)>\x1b[31m"
AT = datetime(2026, 1, 31, 12, tzinfo=UTC)


class One(Row):
    """A row."""

    name: str | None
    cost: float


class Result(Drawn, BaseModel):
    """A figure, and rows."""

    total: float
    rows: tuple[One, ...]


def test_rows_are_a_list() -> None:
    rows = Table([{"a": 1}])
    assert rows == [{"a": 1}]
    assert rows[0]["a"] == 1


def test_a_table_is_drawn() -> None:
    drawn = Table([{"name": EVIL, "<b>": None, "cost": 1234.5678}])._repr_html_()
    assert "<img" not in drawn
    assert "<th>&lt;b&gt;</th>" in drawn
    assert "&lt;img" in drawn
    assert "␛" in drawn
    assert "<td>1,234.57</td>" in drawn
    assert "<td>\u2013</td>" in drawn
    assert "more" not in drawn


def test_nothing_is_said_to_be_nothing() -> None:
    assert "none" in Table()._repr_html_()
    assert "none" in Rows[One](rows=())._repr_html_()


def test_long_tables_say_how_many_rows_are_left_out() -> None:
    drawn = Table({"n": n} for n in range(SHOWN + 3))._repr_html_()
    assert f"<td>{SHOWN - 1}</td>" in drawn
    assert f"<td>{SHOWN}</td>" not in drawn
    assert "and 3 more" in drawn
    assert "more" not in html_table(["n"], [[n] for n in range(SHOWN)], SHOWN)


def test_rows_of_analyses_are_drawn_by_the_same_hand() -> None:
    rows = Rows[One](rows=tuple(One(name=EVIL, cost=n) for n in range(SHOWN + 1)))
    drawn = rows._repr_html_()
    assert "<img" not in drawn
    assert "and 1 more" in drawn


def test_results_are_drawn_with_the_rows_in_them() -> None:
    drawn = Result(total=3, rows=(One(name="a", cost=3),))._repr_html_()
    assert "<td>total</td><td>3</td>" in drawn
    assert "<b>rows</b>" in drawn
    assert "<td>a</td>" in drawn
    assert "none" in Result(total=0, rows=())._repr_html_()


def test_data_frames() -> None:
    rows = Table([{"name": "a", "at": AT, "list": [1]}, {"name": None, "at": None, "list": []}])
    pandas = pytest.importorskip("pandas", reason="pandas makes the frame")
    frame = rows.to_pandas()
    assert isinstance(frame, pandas.DataFrame)
    assert list(frame.columns) == ["name", "at", "list"]
    assert frame["at"][0] == AT


def test_polars() -> None:
    pytest.importorskip("polars", reason="polars makes the frame")
    frame = Table([{"name": None, "at": AT}, {"name": "a", "at": AT}]).to_polars()
    assert frame.columns == ["name", "at"]
    assert frame["name"].to_list() == [None, "a"]
    assert frame["at"].to_list() == [AT, AT]
    assert Rows[One](rows=(One(name="a", cost=1),)).to_polars()["cost"].to_list() == [1.0]
    # What is of several types, such as a path, is told as far as a column can hold it.
    assert Table([{"way": [{"key": "a"}, "OUTPUT"]}]).to_polars().height == 1


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_a_missing_library_is_named(library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *arguments: Any, **more: Any) -> Any:
        if name.partition(".")[0] == library:
            raise ImportError(name)
        return real(name, *arguments, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(MissingExtraError, match=rf"'lineage-graphlets\[{library}\]'"):
        getattr(Table([{"a": 1}]), f"to_{library}")()
