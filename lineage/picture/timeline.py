"""The graphlets of a pipeline over time: when each was trained, what it cost, what came of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lineage.analyses.rows import Filters, fetch
from lineage.analyses.simulated import is_simulated
from lineage.errors import NotFoundError, PictureError
from lineage.picture.columns import OUTCOMES, Lane, Trained, lanes, summing
from lineage.picture.model import cut
from lineage.show import Node as Whole

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lineage.graph import Graph
    from lineage.picture.calendar import Step
    from lineage.picture.model import Form


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """The graphlets of a pipeline over time.

    Attributes:
        key: the pipeline's key.
        name: the pipeline's name.
        source: the store it came from.
        simulated: a simulation made it up.
        trained: its graphlets, by the trainer's start.
    """

    key: str
    name: str
    source: str | None
    simulated: bool
    trained: tuple[Trained, ...]

    @property
    def title(self) -> str:
        """Its heading, visible."""
        return cut(f"models of {self.name} over time", 120)

    @property
    def unit(self) -> str | None:
        """The unit of most costs; others are not drawn."""
        found = Counter(one.cost_unit for one in self.trained if one.cost is not None)
        return found.most_common(1)[0][0] if found else None

    @property
    def period(self) -> str | None:
        """What graphlets are summed by: day, week, month, ...; None where each is seen."""
        step = self._step()
        return None if step is None else step.name

    def counts(self) -> dict[str, int]:
        """Graphlets by outcome."""
        found = Counter(one.outcome for one in self.trained)
        return {outcome: found[outcome] for outcome in OUTCOMES if found[outcome]}

    def subtitle(self) -> str:
        """How many there are, and what they cost, in a line."""
        said = [f"{len(self.trained):,} graphlets"]
        said += [f"{count:,} {outcome}" for outcome, count in self.counts().items()]
        if self.simulated:
            said.append("simulated data")
        return " · ".join(said)

    def notes(self) -> Iterator[str]:
        """What has to be known to read it, a line each."""
        if self.period:
            yield f"summed by {self.period}; the numbers above the bars are graphlets"
        if lost := sum(one.started is None for one in self.trained):
            yield f"{lost:,} have no time and are not drawn"
        units_ = {one.cost_unit for one in self.trained if one.cost is not None}
        if len(units_) > 1:
            yield f"costs in another unit than {cut(str(self.unit), 30)} are not drawn"

    def lanes(self) -> tuple[Lane, ...]:
        """What is drawn, a lane for each trainer node; see `lineage.picture.columns`."""
        return lanes(self.trained, self.unit, self._step())

    def write(self, form: Form) -> str:
        """As `svg` or `html`.

        Raises:
            PictureError: there is no other form of it.
        """
        if form == "svg":
            return self.svg()
        if form == "html":
            return self.html()
        raise PictureError(
            f"a pipeline's timeline has no form {form}; there are svg and html, "
            "and a graphlet has all four"
        )

    def svg(self) -> str:
        """As an SVG image that needs nothing else."""
        from lineage.picture.timeline_svg import svg

        return svg(self)

    def html(self) -> str:
        """As a page that needs nothing else: to zoom and to search."""
        from lineage.picture.page import page

        return page(self.title, self.svg())

    def _repr_svg_(self) -> str:
        return self.svg()

    def _step(self) -> Step | None:
        return summing(self.trained)


def timeline(graph: Graph, key: str) -> Timeline:
    """The graphlets of a pipeline over time.

    Args:
        graph: where they are.
        key: the pipeline's key.

    Raises:
        NotFoundError: no pipeline has this key, or it has trained nothing.
    """
    found = list(fetch(graph, "show/node", Whole, label="Pipeline", key=key))
    if not found:
        raise NotFoundError(
            f"no pipeline has the key {key!r}; `lineage report pipelines` lists them"
        )
    about = found[0].properties
    name, source = about["name"], about["source"]
    # A long name is cut; graphlets have it as it is there.
    trained = tuple(
        fetch(graph, "picture/timeline", Trained, Filters(source=source, pipeline=name))
    )
    if not trained:
        raise NotFoundError(
            f"the pipeline {name!r} has no graphlets; cut them with `lineage segment`, "
            "if it trained anything"
        )
    return Timeline(
        key=key, name=name, source=source, simulated=is_simulated(graph, source), trained=trained
    )
