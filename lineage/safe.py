"""Text from traces, made safe to show: in a terminal, in CSV, in HTML, in JSON.

Names, types and URIs come from whoever wrote the trace. They must not move a reader's cursor,
colour the screen, reverse the direction of a line, start a formula in a spreadsheet or a script in
a page.
"""

from __future__ import annotations

import html
import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

# The signs after the slashes are looked at only.
_ADDRESS = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*://)(?=(?P<authority>[^/?#]*))")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?")
# What a spreadsheet takes for the start of a formula, wide forms included.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
# Joiners are part of how some scripts and emoji are written; they move nothing.
_JOINERS = "\u200c\u200d"
_HIDDEN = ("Cc", "Cf", "Cs", "Zl", "Zp")


def visible(text: str) -> str:
    r"""The text with every control character shown as a sign of its own, on one line.

    ESC becomes `␛`, a newline `␊`; C1 controls, bidirectional overrides, other format characters
    and line separators become `\x9b` or `\u202e`.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_shown, text))


def markup(text: str) -> str:
    """The text, visible, for a place where rich reads markup."""
    from rich.markup import escape

    return escape(visible(text))


def shortened(text: str, most: int, measure: Callable[[str], int] = len) -> str:
    """The text, its middle left out where it is too wide: ids and names often differ at their end.

    Args:
        text: visible text.
        most: how wide it may be, 1 at least.
        measure: how wide a text is; by default its characters are counted.
    """
    if measure(text) <= most:
        return text
    end = len(text)
    while end > 0 and measure(text[end - 1 :]) <= most // 2:
        end -= 1
    start, room = 0, most - 1 - measure(text[end:])
    while measure(text[: start + 1]) <= room:
        start += 1
    return f"{text[:start]}\u2026{text[end:]}"


def csv_cell(value: object) -> object:
    """A cell that no spreadsheet runs; numbers, and text that is a number, stay as they are."""
    if not isinstance(value, str):
        return value
    shown = visible(value)
    return f"'{shown}" if value.startswith(_FORMULA) and not _NUMBER.fullmatch(value) else shown


def html_text(text: str) -> str:
    """The text, visible, for the content or an attribute of an element."""
    return html.escape(visible(text))


def without_login(address: str) -> str:
    """An address as it may be shown: without user, password and query; a path as it is."""
    match = _ADDRESS.match(address)
    if match is None:
        return address
    rest = address[match.end() :]
    # A password may hold any sign, `/`, `?` and `@` too: all before the last `@` may be part of it.
    if not {":", "@"}.isdisjoint(match["authority"]):
        rest = rest.rpartition("@")[2]
    return match["scheme"] + rest.partition("?")[0]


def json_text(document: str) -> str:
    """A JSON document in which characters that a terminal acts on are escapes; the same data."""
    if document.isascii() and "\x7f" not in document:
        return document
    return "".join(_escaped(char) for char in document)


def _shown(char: str) -> str:
    code = ord(char)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    return _code(char) if _is_hidden(char) else char


def _escaped(char: str) -> str:
    if char == "\n" or not _is_hidden(char):
        return char
    return "".join(f"\\u{unit:04x}" for unit in _utf16(char))


def _is_hidden(char: str) -> bool:
    return unicodedata.category(char) in _HIDDEN and char not in _JOINERS


def _code(char: str) -> str:
    code = ord(char)
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def _utf16(char: str) -> list[int]:
    raw = char.encode("utf-16-be", "surrogatepass")
    return [int.from_bytes(raw[at : at + 2], "big") for at in range(0, len(raw), 2)]
