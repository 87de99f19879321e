"""Names of sources and pipelines: whether there are any so called, and which need loading again."""

from __future__ import annotations

from shlex import quote
from typing import TYPE_CHECKING

from lineage.errors import NotFoundError
from lineage.safe import shortened, visible

if TYPE_CHECKING:
    from lineage import Lineage

_LISTED = 10
_LONGEST = 80  # characters of a name


def check_names(lin: Lineage, *, source: str | None = None, pipeline: str | None = None) -> None:
    """Refuse names that nothing has: an answer full of zeros would hide a slip of the pen.

    Raises:
        NotFoundError: there is no such source or pipeline; the message lists those that are.
    """
    if source is not None:
        _check("source", source, [row["source"] for row in lin.sources()], "loaded are")
    if pipeline is not None:
        rows = lin.query("show/pipeline_names", source=source)
        where = "there are" if source is None else f"{source!r} has"
        _check("pipeline", pipeline, [row["name"] for row in rows], where)


def outdated(sources: list[str]) -> list[str]:
    """What to do about sources that were loaded with other settings, a line for each."""
    return [
        f"settings changed since {name} was loaded: run `lineage ingest STORE "
        f"--source {quote(name)}` again, then `lineage segment`"
        for name in sources
    ]


def _check(what: str, name: str, known: list[str], there: str) -> None:
    if name not in known:
        listed = ", ".join(shortened(visible(one), _LONGEST) for one in known[:_LISTED]) or "none"
        more = f" and {len(known) - _LISTED:,} more" if len(known) > _LISTED else ""
        raise NotFoundError(
            f"no {what} is called {shortened(repr(name), _LONGEST)}; {there}: {listed}{more}"
        )
