"""What the SVG images have in common: colours, text that fits, escaping, the frame around all.

An image needs nothing else: no script, no font, no file of its own. It follows the reader's choice
of a light or a dark page, and can stand in an HTML page beside others.
"""

from __future__ import annotations

import hashlib
import html
import re
from typing import TYPE_CHECKING

from lineage.picture.model import plain
from lineage.safe import shortened

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

HEADING, LINE = 24.0, 17.0
_CHARACTER, _LARGE = 6.1, 10.0  # pixels of a character, more than most fonts take
_SEPARATOR = re.compile(r"[/:|#\\]")
STYLE = """
.lin{--paper:#fff;--ink:#1b2733;--soft:#56616b;--rule:#8a949e;--gold:#b8901a;--bad:#c62828;
font-family:system-ui,-apple-system,"Segoe UI",sans-serif}
@media(prefers-color-scheme:dark){.lin{--paper:#14181c;--ink:#e8ecef;--soft:#a9b4be;
--rule:#77828c;--gold:#f2c230;--bad:#ff6b6b}}
.lin .paper{fill:var(--paper)}.lin text{fill:var(--ink);font-size:11px}
.lin .h{font-size:16px;font-weight:600}.lin .s{font-size:12px;fill:var(--soft)}
.lin .m{text-anchor:middle}.lin .r{text-anchor:end}
"""


def text_of(value: str) -> str:
    """Text for the content or an attribute of an element, visible, and fit for XML."""
    return html.escape(plain(value))


def fitted(text: str, most: int) -> str:
    """Text at most so many columns wide: its last parts where it has some, else its ends."""
    from rich.cells import cell_len

    shown = plain(text[:20_000])
    if cell_len(shown) <= most:
        return shown
    for match in _SEPARATOR.finditer(shown):
        rest = shown[match.end() :]
        if rest and most // 3 < cell_len(rest) < most:
            return f"\u2026{rest}"
    if not _SEPARATOR.search(shown):
        return shortened(shown, most, cell_len)
    end = len(shown)
    while cell_len(shown[end - 1 :]) < most:
        end -= 1
    return f"\u2026{shown[end:]}"


def unique(*said: object) -> str:
    """A short name for the ids of an image, the same for the same image."""
    joined = "\x1f".join(map(str, said)).encode("utf-8", "surrogatepass")
    return f"l{hashlib.sha256(joined).hexdigest()[:10]}"


def number(value: float) -> str:
    """A coordinate, to a tenth of a pixel."""
    return f"{value:.1f}".removesuffix(".0")


def svg_document(
    width: float, height: float, label: str, style: str, content: Iterable[str]
) -> str:
    """A whole image.

    Args:
        width: in pixels.
        height: in pixels.
        label: what it shows, for whoever cannot see it.
        style: CSS beside what all images have.
        content: elements.
    """
    size = f"{number(width)} {number(height)}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="lin" viewBox="0 0 {size}" '
        f'width="{number(width)}" height="{number(height)}" role="img" '
        f'aria-label="{text_of(label)}">\n'
        f"<style>{STYLE}{style}</style>\n"
        f'<rect class="paper" width="100%" height="100%"/>\n{"".join(content)}</svg>\n'
    )


def heading(title: str, lines: Sequence[str | None], width: float) -> tuple[list[str], float]:
    """The elements of a heading with lines below it, and how high they are.

    Args:
        title: visible text.
        lines: visible texts; those that are None are left out.
        width: of the image.
    """
    y = HEADING + 4
    fits = shortened(title, int((width - 44) / _LARGE))
    made = [f'<text class="h" x="22" y="{number(y)}">{text_of(fits)}</text>\n']
    for line in lines:
        if line:
            y += LINE
            made.append(f'<text class="s" x="22" y="{number(y)}">{text_of(line)}</text>\n')
    return made, y + 8


def legend(items: Sequence[tuple[str, str]], width: float, top: float) -> tuple[list[str], float]:
    """What signs mean, in lines, and where they end.

    Args:
        items: each an element within 26 by 14 pixels, and what it means.
        width: of the image.
        top: where the legend begins.
    """
    made, x, y = [], 22.0, top + 10
    for sign, meaning in items:
        wide = 34 + _CHARACTER * len(meaning) + 14
        if x + wide > width and x > 22:
            x, y = 22.0, y + 22
        made.append(
            f'<g transform="translate({number(x)} {number(y)})">{sign}'
            f'<text x="33" y="11">{text_of(meaning)}</text></g>\n'
        )
        x += wide
    return made, y + 26


def titled(lines: Iterable[str]) -> str:
    """The element that shows lines where the pointer rests."""
    return "<title>" + "\n".join(map(text_of, lines)) + "</title>"
