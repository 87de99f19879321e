"""Sizes: what is written is read again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineage.errors import SettingsError
from lineage.report.units import parse_size, size


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0", 0),
        ("12", 12),
        ("12b", 12),
        ("1k", 1_000),
        ("1kB", 1_000),
        ("1KiB", 1_024),
        ("500GB", 500 * 10**9),
        (" 1.5 tb ", 1_500 * 10**9),
        ("2TiB", 2 * 2**40),
        (".5 MiB", 2**19),
        ("1.M", 10**6),
        ("3EB", 3 * 10**18),
    ],
)
def test_sizes_are_read(text: str, expected: int) -> None:
    assert parse_size(text) == expected


@pytest.mark.parametrize("text", ["", "GB", "-1GB", "1XB", "1 G B", "1e3", "nan", "1iB", "9" * 400])
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match="size; write it as"):
        parse_size(text)


@given(st.integers(0, 10**20))
def test_what_is_written_is_read_again(value: int) -> None:
    assert parse_size(size(value)) == pytest.approx(value, rel=0.006, abs=0.5)


def test_sizes_for_people() -> None:
    values = (0, 999, 1_000, 999_499, 999_500, 58_988_000, 5 * 10**11, 1234 * 10**18)
    assert [size(value) for value in values] == [
        "0 B",
        "999 B",
        "1 kB",
        "999 kB",
        "1 MB",
        "59 MB",
        "500 GB",
        "1234 EB",
    ]
