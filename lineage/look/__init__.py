"""How our pages look: one style, and templates in which all text is made visible, then escaped."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from lineage._version import __version__
from lineage.report import units
from lineage.safe import visible

if TYPE_CHECKING:
    from collections.abc import Mapping


def environment(templates: Path, **given: Any) -> Environment:
    """Templates of a folder.

    Args:
        templates: the folder.
        given: what all of them know.
    """
    found = Environment(
        loader=FileSystemLoader(templates),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.globals |= {"version": __version__, "nothing": units.NOTHING, "cost": units.cost, **given}
    filters: Mapping[str, Any] = {"count": units.count, "share": units.share, "coded": _coded}
    found.filters |= filters
    return found


@cache
def style() -> str:
    """The style that all pages have."""
    return (Path(__file__).parent / "look.css").read_text("utf-8")


def digest(text: str) -> str:
    """What a content security policy names a style or a script by that stands in the page."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _coded(text: str) -> Markup:
    """A sentence in which what stands between backquotes is code."""
    parts = escape(visible(text)).split("`")
    if len(parts) % 2 == 0:
        return escape(visible(text))
    even = (part if at % 2 == 0 else f"<code>{part}</code>" for at, part in enumerate(parts))
    return Markup("".join(even))  # noqa: S704  (escaped above)


def _shown(value: Any) -> Any:
    """What a template puts out: text visible, and nothing for None."""
    if value is None:
        return units.NOTHING
    if isinstance(value, str) and not isinstance(value, Markup):
        return visible(value)
    return value
