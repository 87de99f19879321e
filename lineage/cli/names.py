"""Names of sources and pipelines that the user gave: whether there are any so called."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lineage.errors import NotFoundError

if TYPE_CHECKING:
    from lineage import Lineage

_LISTED = 10


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


def _check(what: str, name: str, known: list[str], there: str) -> None:
    if name not in known:
        listed = ", ".join(known[:_LISTED]) or "none"
        more = f" and {len(known) - _LISTED:,} more" if len(known) > _LISTED else ""
        raise NotFoundError(f"no {what} is called {name!r}; {there}: {listed}{more}")
