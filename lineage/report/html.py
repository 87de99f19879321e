"""The report as one page that needs nothing else and asks the network for nothing.

Its policy lets only its own two scripts run, which sort and search its tables and copy its queries;
without them everything is there to be read.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from lineage.look import digest, environment, style
from lineage.report import units
from lineage.report.actions import actions
from lineage.report.advice import next_steps
from lineage.report.cards import cards
from lineage.report.pictures import place
from lineage.report.view import LONGEST, nowhere, sections
from lineage.safe import shortened, visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jinja2 import Environment

    from lineage.report.model import Report
    from lineage.report.pictures import Embedded
    from lineage.report.view import Links

_NAMED = 5  # sources on top of the page
_FOLDER = Path(__file__).parent
_SCRIPTS = ("sortable.min.js", "report.js")
_STYLED = "default-src 'none'; style-src 'unsafe-inline'"  # drawings hold styles of their own


def page(report: Report, pictures: Sequence[Embedded] = (), live: Links | None = None) -> str:
    """A whole page.

    Args:
        report: in memory.
        pictures: that stand at its end, and rows lead to.
        live: where rows lead to instead, on a page that a server shows.
    """
    drawn = {(one.kind, one.key) for one in pictures}

    def within(kind: str, key: str) -> str | None:
        return f"#{place(kind, key)}" if (kind, key) in drawn else None

    return _rendered(
        "report.html",
        title="Lineage report",
        policy=policy(),
        **_given(report, live or within),
        made=None if report.made is None else units.moment(report.made),
        sources=report.sources[:_NAMED],
        more_sources=len(report.sources[_NAMED:]),
        actions=actions(report),
        cards=cards(report),
        steps=next_steps(report),
        pictures=[one for one in pictures if one.kind == "graphlet"],
        timelines=[one for one in pictures if one.kind == "pipeline"],
        live=live is not None,
        scripts=[Markup(_asset(name)) for name in _SCRIPTS],  # noqa: S704  (our own)
    )


def policy() -> str:
    """The content security policy of a report."""
    return f"{_STYLED}; script-src {' '.join(digest(_asset(name)) for name in _SCRIPTS)}"


def document(title: str, content: str) -> str:
    """A page around its content, that loads nothing and runs no script.

    Args:
        title: as text.
        content: as HTML.
    """
    inner = Markup(content)  # noqa: S704  (the caller's, as HTML)
    return _rendered("document.html", title=title, policy=_STYLED, content=inner)


def body(report: Report) -> str:
    """The sections alone, for a notebook."""
    return _rendered("body.html", **_given(report, nowhere))


def _given(report: Report, links: Links) -> dict[str, Any]:
    return {
        "only": list(report.filters.model_dump(exclude_none=True).items()),
        "simulated": report.simulated,
        "sections": list(sections(report, links)),
    }


def _rendered(template: str, **given: Any) -> str:
    return _environment().get_template(template).render(given)


@cache
def _environment() -> Environment:
    own = (_FOLDER / "templates" / "report.css").read_text("utf-8")
    found = environment(_FOLDER / "templates", style=Markup(style() + own), safe=Markup)  # noqa: S704
    found.filters["capital"] = lambda text: text[:1].upper() + text[1:]
    found.filters |= {"lines": _lines, "short": _short}
    return found


def _lines(text: str) -> Markup:
    """A text of several lines, in which ends of lines are the only signs that are not shown."""
    return Markup("\n").join(visible(line) for line in text.split("\n"))


def _short(text: str) -> str:
    return shortened(visible(text), LONGEST)


@cache
def _asset(name: str) -> str:
    return (_FOLDER / "assets" / name).read_text("utf-8")
