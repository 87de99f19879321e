"""How pages look: templates, the style, and the headers that keep a page to itself."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from lineage.facts import facts
from lineage.look import digest, environment, style
from lineage.picture.page import policy as picture_policy
from lineage.report import units
from lineage.safe import shortened, visible
from lineage.serve.pages.addresses import LEAST_DEPTH, MOST_DEPTH, address, of_node

if TYPE_CHECKING:
    from jinja2 import Environment

    from lineage.serve.pages.model import Step, Walk

_TEMPLATES = Path(__file__).parent / "templates"
_LONG = 2_000
_SHUT = "base-uri 'none'; frame-ancestors 'none'"
# For what holds its style in itself: single images.
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
    return (
        f"default-src 'none'; style-src {digest(style())}; img-src 'self' data:; "
        f"form-action 'self'; {_SHUT}"
    )


@cache
def zoomed_policy() -> str:
    """What a picture to zoom may load and run: its own two scripts."""
    return f"{picture_policy()}; {_SHUT}"


@cache
def report_policy() -> str:
    """What the report may run: its own scripts."""
    from lineage.report.html import policy as own

    return f"{own()}; {_SHUT}"


@cache
def _environment() -> Environment:
    found = environment(
        _TEMPLATES,
        # The style is ours; the digest in the policy is of it as it is.
        style=Markup(style()),  # noqa: S704
        address=address,
        of_node=of_node,
        depths=range(LEAST_DEPTH, MOST_DEPTH + 1),
    )
    found.filters |= {"facts": _facts, "children": _children, "moment": _moment}
    return found


def _facts(properties: dict[str, Any]) -> list[tuple[str, str]]:
    return [(label, shortened(visible(text), _LONG)) for label, text in facts(properties)]


def _moment(value: datetime | str | None) -> str | None:
    return units.moment(value) if isinstance(value, datetime) else value


def _children(walk: Walk) -> dict[str, list[Step]]:
    """The steps of a walk, by the node that they were reached from."""
    found: dict[str, list[Step]] = {}
    for step in walk.steps:
        found.setdefault(step.parent, []).append(step)
    return found
