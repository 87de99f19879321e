"""A picture of a graphlet as SVG: layers from left to right, what is in the graphlet in a frame."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from lineage.picture import colors
from lineage.picture.canvas import (
    fitted,
    heading,
    legend,
    number,
    svg_document,
    text_of,
    titled,
    unique,
)
from lineage.picture.layout import HEIGHT, WIDTH, layout
from lineage.picture.model import cut
from lineage.records import ArtifactClass, OperatorClass
from lineage.report import units

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from lineage.picture.layout import Layout, Point
    from lineage.picture.model import Edge, Node, Picture

_COLUMNS = {"execution": 20, "artifact": 15}
_LEAST_WIDTH = 640.0
_STYLE = """
.lin .box{stroke-width:1.5}.lin .sub{font-size:9px;opacity:.85}
.lin .out .box{stroke:var(--ink);stroke-dasharray:4 3;stroke-width:2}
.lin .bad .box{stroke:var(--bad);stroke-width:3;stroke-dasharray:7 3}
.lin .run .box{stroke-width:3;stroke-dasharray:2 3}
.lin .anchor{fill:none;stroke:var(--gold);stroke-width:3}
.lin .frame{fill:none;stroke:var(--gold);stroke-width:1.5;stroke-dasharray:8 5}
.lin .tab{fill:var(--gold);font-weight:600}
.lin .badge{fill:#f2c230;stroke:#b8901a}.lin .held{fill:#1b2733;font-size:9px}
.lin .track{fill:#fff;opacity:.25}.lin .bar{fill:#fff}
.lin .e path{fill:none}.lin .e.side path{stroke-dasharray:5 4}
.lin .e:hover path,.lin .e.on path{stroke:var(--gold);opacity:1}
@media(prefers-color-scheme:dark){.lin .edges{filter:brightness(1.7)}}
.lin .n:hover .box{filter:brightness(1.15)}
.lin .dim{opacity:.15}
"""


def svg(picture: Picture) -> str:
    """A picture as an SVG image.

    Raises:
        PictureError: it has more nodes than can be laid out.
    """
    return _Drawing(picture, layout(picture)).document()


class _Drawing:
    """One image: the paints and arrow heads that it needs, and its elements."""

    def __init__(self, picture: Picture, places: Layout) -> None:
        self.picture, self.places = picture, places
        self.id = unique(picture.key, len(picture.nodes), picture.depth)
        kinds = sorted({(node.kind, node.class_) for node in picture.nodes}, key=_order)
        self.paints = {kind: f"{self.id}p{at}" for at, kind in enumerate(kinds)}
        used = sorted({colors.of_relationship(edge.type) for edge in picture.edges})
        self.heads = {color: f"{self.id}h{at}" for at, color in enumerate(used)}
        self.most = _highest(picture.nodes)

    def document(self) -> str:
        """The whole image."""
        picture, places = self.picture, self.places
        width = max(places.width, _LEAST_WIDTH)
        head, top = heading(picture.title, [picture.subtitle(), picture.folding()], width)
        signs, bottom = legend(list(self._legend()), width, top + places.height)
        content = [
            f"<defs>{''.join(self._heads())}</defs>\n",
            *head,
            f'<g transform="translate(0 {number(top)})">\n',
            *self._frame(),
            '<g class="edges">\n',
            *(self._edge(edge) for edge in picture.edges),
            "</g>\n",
            *(self._node(place, node) for place, node in enumerate(picture.nodes)),
            "</g>\n",
            *signs,
        ]
        label = f"{picture.title}: {picture.subtitle()}"
        return svg_document(width, bottom, label, _STYLE + "".join(self._paints()), content)

    def _paints(self) -> Iterator[str]:
        for kind, name in self.paints.items():
            paint = colors.of_node(*kind)
            yield f".{name} .box{{fill:{paint.fill};stroke:{paint.border}}}"
            yield f".lin .{name} .t{{fill:{paint.text}}}\n"

    def _heads(self) -> Iterator[str]:
        for color, name in self.heads.items():
            yield (
                f'<marker id="{name}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" '
                f'markerHeight="7" markerUnits="userSpaceOnUse" orient="auto">'
                f'<path d="M0 0L8 4L0 8z" fill="{color}"/></marker>'
            )

    def _frame(self) -> Iterator[str]:
        left, top, width, height = self.places.frame
        outside = sum(node.count for node in self.picture.nodes if not node.inside)
        if outside:
            yield (
                f'<text class="s" x="{number(left)}" y="14">from outside the graphlet: '
                f"{outside:,}</text>\n"
            )
        yield _rect("frame", (left, top, width, height), 12)
        yield f'<text class="tab" x="{number(left + 14)}" y="{number(top + 17)}">graphlet</text>\n'

    def _edge(self, edge: Edge) -> str:
        color = colors.of_relationship(edge.type)
        thick = min(1.2 + 0.6 * math.log2(edge.count), 5)
        ends = [self.picture.nodes[at].title for at in (edge.start, edge.end)]
        said = titled([edge.line(), fitted(ends[0], 80), f"\u2192 {fitted(ends[1], 80)}"])
        return (
            f'<g class="e{"" if edge.main else " side"}" data-a="{edge.start}" '
            f'data-b="{edge.end}">{said}<path d="{self._path(edge)}" stroke="{color}" '
            f'stroke-width="{number(thick)}" marker-end="url(#{self.heads[color]})"/></g>\n'
        )

    def _path(self, edge: Edge) -> str:
        """From the right side of a node to the left side of another, past what is between."""
        nodes, centres = self.picture.nodes, self.places.centres
        (x, y), (u, v) = centres[edge.start], centres[edge.end]
        start = (x + WIDTH[nodes[edge.start].kind] / 2, y)
        end = (u - WIDTH[nodes[edge.end].kind] / 2, v)
        bends = self.places.bends.get((edge.start, edge.end), [])
        return "".join(_curves([start, *bends, end]))

    def _node(self, place: int, node: Node) -> str:
        x, y = self.places.centres[place]
        marks = [("out", not node.inside), ("bad", node.failed), ("run", node.running)]
        names = ["n", self.paints[node.kind, node.class_], *(name for name, on in marks if on)]
        wide = WIDTH[node.kind]
        return (
            f'<g class="{" ".join(names)}" data-n="{place}" '
            f'transform="translate({number(x - wide / 2)} {number(y - HEIGHT / 2)})">'
            f"{titled(node.lines())}{''.join(self._parts(node, wide))}</g>\n"
        )

    def _parts(self, node: Node, wide: float) -> Iterator[str]:
        round_ = 6 if node.kind == "execution" else HEIGHT / 2
        if node.count > 1:
            yield _rect("box", (6, -6, wide, HEIGHT), round_)
            yield _rect("box", (3, -3, wide, HEIGHT), round_)
        if node.role == "trainer":
            yield _rect("anchor", (-4, -4, wide + 8, HEIGHT + 8), round_ + 4)
        yield _rect("box", (0, 0, wide, HEIGHT), round_)
        columns = _COLUMNS[node.kind]
        middle = number(wide / 2)
        name = text_of(fitted(node.title, columns))
        yield f'<text class="t m" x="{middle}" y="15">{name}</text>'
        said = text_of(fitted(node.summary(), columns * 4 // 3))
        yield f'<text class="t m sub" x="{middle}" y="26">{said}</text>'
        if node.cost and self.most.get(node.cost_unit):
            long = (wide - 16) * node.cost / self.most[node.cost_unit]
            yield _rect("track", (8, HEIGHT - 6, wide - 16, 3), 0)
            yield _rect("bar", (8, HEIGHT - 6, max(long, 1), 3), 0)
        if node.shared:
            badge = 14 + 5.4 * len(node.shared)
            yield _rect("badge", (wide - badge + 6, -8, badge, 13), 6)
            right = number(wide - badge / 2 + 6)
            yield f'<text class="m held" x="{right}" y="2">in {text_of(node.shared)}</text>'

    def _legend(self) -> Iterator[tuple[str, str]]:
        nodes = self.picture.nodes
        for (kind, class_), name in self.paints.items():
            round_ = 3 if kind == "execution" else 7
            box = _rect("box", (0, 0, 26, 14), round_)
            yield f'<g class="{name}">{box}</g>', f"{class_} ({kind})"
        if any(node.role == "trainer" for node in nodes):
            yield _rect("anchor", (1, 1, 24, 12), 4), "the trainer"
        if self.most:
            costs = ", ".join(units.cost(most, unit) for unit, most in self.most.items())
            bar = '<rect class="bar" style="fill:var(--soft)" y="6" width="26" height="3"/>'
            yield bar, cut(f"cost; the longest bar is {costs}", 80)
        if any(node.shared for node in nodes):
            yield _rect("badge", (0, 0, 26, 13), 6), "in that many graphlets"
        for name, meaning, on in (
            ("out", "from outside", any(not node.inside for node in nodes)),
            ("bad", "failed", any(node.failed for node in nodes)),
            ("run", "running", any(node.running for node in nodes)),
        ):
            if on:
                plain = (
                    '<rect class="box" fill="none" stroke="gray" width="26" height="14" rx="4"/>'
                )
                yield f'<g class="{name}">{plain}</g>', meaning
        if not all(edge.main for edge in self.picture.edges):
            dashes = '<path d="M0 7H26" stroke="#C0A16B" stroke-width="1.5"/>'
            yield f'<g class="e side">{dashes}</g>', "only compared with, or within"


def _order(kind: tuple[str, str]) -> tuple[bool, int, str]:
    """Executions before artifacts, their classes as the data flows."""
    what, class_ = kind
    known: list[str] = [*(OperatorClass if what == "execution" else ArtifactClass)]
    return what != "execution", known.index(class_) if class_ in known else len(known), class_


def _highest(nodes: Sequence[Node]) -> Mapping[str | None, float]:
    """The highest cost in each unit."""
    most: dict[str | None, float] = {}
    for node in nodes:
        if node.cost:
            most[node.cost_unit] = max(most.get(node.cost_unit, 0.0), node.cost)
    return most


def _rect(name: str, box: tuple[float, float, float, float], round_: float) -> str:
    x, y, width, height = map(number, box)
    return (
        f'<rect class="{name}" x="{x}" y="{y}" width="{width}" height="{height}" '
        f'rx="{number(round_)}"/>'
    )


def _curves(points: Sequence[Point]) -> Iterator[str]:
    """A line through points that is level at each of them."""
    x, y = points[0]
    yield f"M{number(x)} {number(y)}"
    for u, v in points[1:]:
        # Where the line must go back it swings out, so that it can be seen to.
        half = (u - x) / 2 if u > x else 40
        yield (
            f"C{number(x + half)} {number(y)} {number(u - half)} {number(v)} "
            f"{number(u)} {number(v)}"
        )
        x, y = u, v
