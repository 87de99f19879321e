"""Hostile names come out harmless, and harmless names as they are."""

from __future__ import annotations

import json

import pytest

from lineage.safe import csv_cell, html_text, json_text, markup, shortened, visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain name", "plain name"),
        ("Übergröße 日本語 ✓", "Übergröße 日本語 ✓"),
        ("\x1b[31mred\x1b[0m", "␛[31mred␛[0m"),
        ("two\nlines\r\tand tab", "two␊lines␍␉and tab"),
        ("nul\0 del\x7f", "nul␀ del␡"),
        ("c1\x9b2J", "c1\\x9b2J"),
        ("bidi\u202eevil\u2066", "bidi\\u202eevil\\u2066"),
        ("line\u2028para\u2029", "line\\u2028para\\u2029"),
        ("zero\u200bwidth\ufeff", "zero\\u200bwidth\\ufeff"),
        ("tag\U000e0041", "tag\\U000e0041"),
        ("lone\ud800", "lone\\ud800"),
        ("joined \U0001f469\u200d\U0001f52c", "joined \U0001f469\u200d\U0001f52c"),
    ],
)
def test_visible(text: str, shown: str) -> None:
    assert visible(text) == shown
    assert visible(shown) == shown


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("=cmd()", "'=cmd()"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("+1+cmd", "'+1+cmd"),
        ("-1+cmd", "'-1+cmd"),
        ("\tx", "'␉x"),
        ("\r=x", "'␍=x"),
        ("\n=x", "'␊=x"),
        ("\uff1dx", "'\uff1dx"),
        ("-5", "-5"),
        ("+1.5e-3", "+1.5e-3"),
        ("-inf", "'-inf"),
        ("a=b", "a=b"),
        (-5, -5),
        (-0.5, -0.5),
        (None, None),
    ],
)
def test_csv_cell(value: object, cell: object) -> None:
    assert csv_cell(value) == cell


def test_html_text() -> None:
    assert html_text('</script><b a="\'">') == "&lt;/script&gt;&lt;b a=&quot;&#x27;&quot;&gt;"


def test_json_text_keeps_the_data() -> None:
    data = {"name": "\x1b[31m \x9b \u202e \x7f \U000e0041 日本語 \ud800"}
    text = json_text(json.dumps(data, ensure_ascii=False))
    assert json.loads(text) == data
    assert all(ord(char) >= 0x20 and not 0x7F <= ord(char) < 0xA0 for char in text)
    assert "\u202e" not in text
    assert "日本語" in text


def test_markup() -> None:
    from rich.text import Text

    assert Text.from_markup(markup("[red]x[/red]\x1b")).plain == "[red]x[/red]␛"


@pytest.mark.parametrize(
    ("text", "most", "cut"),
    [
        ("short", 5, "short"),
        ("0000-0001", 5, "00…01"),
        ("0000-0001", 1, "…"),
        ("StatisticsGen 198", 12, "Stati…en 198"),
    ],
)
def test_what_is_too_wide_lacks_its_middle(text: str, most: int, cut: str) -> None:
    assert shortened(text, most) == cut


def test_wide_signs_count_twice() -> None:
    from rich.cells import cell_len

    assert shortened("漢字の長い名前", 8, cell_len) == "漢…名前"
