"""The pictures that stand in the page: of graphlets that its rows name, and of one pipeline."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

from lineage.errors import NotFoundError, PictureError
from lineage.report.model import AT_ONCE, declared
from lineage.safe import shortened, visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lineage.graph import Graph
    from lineage.report.model import Report

MOST = 30
"""Graphlets that are drawn, of those that rows name first."""

MOST_CHARACTERS = 2_500_000
"""Of all drawings together."""

MOST_MEMBERS = 2_000
"""A graphlet with more of them would take long to draw."""

MOST_TIMELINES = 5
"""Pipelines of one name that are drawn: several sources may have one."""

_NAME = 80


@dataclass(frozen=True, slots=True)
class Embedded:
    """A drawing in the page.

    Attributes:
        kind: graphlet or pipeline.
        key: of what it shows; of the first pipeline of a name that name, to which rows lead.
        name: for people.
        says: what came of it, in a line.
        svg: the drawing.
    """

    kind: str
    key: str
    name: str
    says: str
    svg: str

    @property
    def id(self) -> str:
        """Its place on the page."""
        return place(self.kind, self.key)


def place(kind: str, key: str) -> str:
    """The id of a picture; a key may hold any sign."""
    return f"{kind}-{hashlib.sha256(key.encode('utf-8', 'surrogatepass')).hexdigest()[:12]}"


def embedded(graph: Graph, report: Report) -> list[Embedded]:
    """The pipelines that were asked for, then as many graphlets as fit, as the rows name them."""
    found = list(_timelines(graph, report))
    room = MOST_CHARACTERS - sum(len(one.svg) for one in found)
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="lineage-picture") as pool:
        drawn = pool.map(partial(_graphlet, graph), islice(graphlets(report), MOST))
        for one in drawn:
            if one is not None and len(one.svg) <= room:
                room -= len(one.svg)
                found.append(one)
    return found


def graphlets(report: Report) -> Iterator[str]:
    """Keys of the graphlets that rows name, once each."""
    seen: set[str] = set()
    for section in report.sections:
        for data in section.tables:
            columns = [
                column.key
                for column in declared(section.name, data.name).columns
                if column.key and column.of == "graphlet"
            ]
            for row in data.rows:
                for name in columns:
                    key = getattr(row, name)
                    if key not in seen:
                        seen.add(key)
                        yield key


def _graphlet(graph: Graph, key: str) -> Embedded | None:
    """A graphlet drawn; None where it is too large."""
    from lineage.picture import picture

    size = graph.run("pages/graphlet_members", key=key, skip=0, limit=0, most=0)
    if not size or size[0]["total"] > MOST_MEMBERS:
        return None
    try:
        made = picture(graph, key)
        return Embedded("graphlet", key, _short(made.name), made.subtitle(), made.svg())
    except (NotFoundError, PictureError):  # changed meanwhile, or too large to be laid out
        return None


def _timelines(graph: Graph, report: Report) -> Iterator[Embedded]:
    """A drawing for each pipeline of the name that was asked for."""
    from lineage.picture import timeline

    name, source = report.filters.pipeline, report.filters.source
    if name is None or not any(section.name == "pipelines" for section in report.sections):
        return
    found = graph.run("picture/pipelines", name=name, source=source, limit=MOST_TIMELINES)
    for number, row in enumerate(found):
        try:
            made = timeline(graph, row["key"])
            of = f"{name} of {row['source']}" if len(found) > 1 else name
            key = row["key"] if number else name
            yield Embedded("pipeline", key, _short(of), made.subtitle(), made.svg())
        except (NotFoundError, PictureError):  # changed meanwhile, or it is huge
            continue


def _short(name: str) -> str:
    return shortened(visible(name), _NAME)
