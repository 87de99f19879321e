"""How pages look: templates, the style, and the headers that keep a page to itself."""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from lineage._version import __version__
from lineage.facts import facts
from lineage.picture.page import policy as picture_policy
from lineage.report import units
from lineage.safe import shortened, visible
from lineage.serve.pages.addresses import LEAST_DEPTH, MOST_DEPTH, address, of_node

if TYPE_CHECKING:
    from lineage.serve.pages.model import Step, Walk

_TEMPLATES = Path(__file__).parent / "templates"
_LONG = 2_000
_SHUT = "base-uri 'none'; frame-ancestors 'none'"
# For what holds its style in itself: the report and single images.
STYLED = f"default-src 'none'; style-src 'unsafe-inline'; {_SHUT}"


def render(template: str, **given: Any) -> bytes:
    """A page.

    Args:
        template: its name.
        given: what is on it; all text in it is made visible, then escaped.
    """
    return _environment().get_template(template).render(given).encode()


@cache
def policy() -> str:
    """What a page may load: its own style, and images from here."""
    digest = base64.b64encode(hashlib.sha256(_style().encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src 'self' data:; "
        f"form-action 'self'; {_SHUT}"
    )


@cache
def zoomed_policy() -> str:
    """What a picture to zoom may load and run: its own two scripts."""
    return f"{picture_policy()}; {_SHUT}"


@cache
def _style() -> str:
    return (_TEMPLATES / "pages.css").read_text("utf-8")


@cache
def _environment() -> Environment:
    found = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    # The style is ours; the digest in the policy is of it as it is.
    found.globals |= {
        "style": Markup(_style()),  # noqa: S704
        "version": __version__,
        "address": address,
        "of_node": of_node,
        "depths": range(LEAST_DEPTH, MOST_DEPTH + 1),
        "cost": units.cost,
        "nothing": units.NOTHING,
    }
    found.filters |= {"facts": _facts, "children": _children, "count": units.count,
                      "share": units.share, "moment": _moment, "code": _code}  # fmt: skip
    return found


def _shown(value: Any) -> Any:
    """What a template puts out: text visible, and nothing for None."""
    if value is None:
        return units.NOTHING
    if isinstance(value, str) and not isinstance(value, Markup):
        return visible(value)
    return value


def _facts(properties: dict[str, Any]) -> list[tuple[str, str]]:
    return [(label, shortened(visible(text), _LONG)) for label, text in facts(properties)]


def _code(text: str) -> Markup:
    """Text in which what stands between backticks is code."""
    parts = escape(text).split("`")
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if n % 2 else part for n, part in enumerate(parts)
    )


def _moment(value: datetime | str | None) -> str | None:
    return units.moment(value) if isinstance(value, datetime) else value


def _children(walk: Walk) -> dict[str, list[Step]]:
    """The steps of a walk, by the node that they were reached from."""
    found: dict[str, list[Step]] = {}
    for step in walk.steps:
        found.setdefault(step.parent, []).append(step)
    return found
