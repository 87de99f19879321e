"""An image as a page: to zoom and move, to search, to ask what a node came from and led to.

The page needs nothing else and asks the network for nothing; its policy lets only its own two
scripts run. One of them is Panzoom (MIT licence), the other shows what the image holds already.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path

from lineage.picture.canvas import text_of

_ASSETS = Path(__file__).parent / "assets"
_SCRIPTS = ("panzoom.min.js", "picture.js")


def page(title: str, drawing: str) -> str:
    """A page that holds an image.

    Args:
        title: as text.
        drawing: the image, as SVG; each `.n` in it is a node, each `.e` an edge between two.
    """
    scripts = [_asset(name) for name in _SCRIPTS]
    shown = text_of(title)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy()}">\n'
        f"<title>{shown}</title>\n<style>\n{_asset('picture.css')}</style>\n</head>\n<body>\n"
        "<header><p>drag to move, turn the wheel to zoom, click for more"
        "</p>"
        '<input id="find" type="search" placeholder="search" aria-label="search"> '
        '<button id="in" aria-label="zoom in">+</button>'
        '<button id="out" aria-label="zoom out">\u2212</button>'
        '<button id="fit">fit</button></header>\n'
        f'<main><div id="stage">\n{drawing}</div><aside id="said" aria-live="polite"></aside>'
        f"</main>\n{''.join(f'<script>{script}</script>' for script in scripts)}\n"
        "</body>\n</html>\n"
    )


def policy() -> str:
    """The content security policy of such a page."""
    allowed = " ".join(f"'sha256-{_digest(_asset(name))}'" for name in _SCRIPTS)
    return f"default-src 'none'; style-src 'unsafe-inline'; script-src {allowed}"


@cache
def _asset(name: str) -> str:
    return (_ASSETS / name).read_text("utf-8")


def _digest(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
