"""A picture of a graphlet in the languages of other tools: Mermaid, and Graphviz' DOT."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lineage.picture import colors
from lineage.picture.canvas import fitted
from lineage.picture.model import cut

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lineage.picture.model import Edge, Node, Picture

_COLUMNS = 26
_ROLES = 60  # characters of an edge's label


def mermaid(picture: Picture) -> str:
    """A flowchart for Mermaid; GitHub, GitLab and notebooks draw it where they find it."""
    return "\n".join(_mermaid(picture)) + "\n"


def dot(picture: Picture) -> str:
    """A digraph for Graphviz and all that reads its language."""
    return "\n".join(_dot(picture)) + "\n"


def _mermaid(picture: Picture) -> Iterator[str]:
    yield "flowchart LR"
    for line in _notes(picture):
        yield f"  %% {_mermaid_text(line)}"
    places = list(enumerate(picture.nodes))
    for place, node in places:
        if not node.inside:
            yield f"  {_mermaid_node(place, node)}"
    yield f"  subgraph graphlet[{_mermaid_quoted(picture.title)}]"
    yield "    direction LR"
    for place, node in places:
        if node.inside:
            yield f"    {_mermaid_node(place, node)}"
    yield "  end"
    for edge in picture.edges:
        arrow = "-->" if edge.main else "-.->"
        label = _label(edge)
        yield f"  n{edge.start} {arrow}{f'|{_mermaid_quoted(label)}|' if label else ''} n{edge.end}"
    yield from _mermaid_classes(picture)


def _notes(picture: Picture) -> Iterator[str]:
    yield picture.subtitle()
    if folding := picture.folding():
        yield folding


def _mermaid_node(place: int, node: Node) -> str:
    # `<br/>` is the only markup; all that comes from the trace is escaped around it.
    said = "<br/>".join(_mermaid_text(line) for line in _said(node))
    left, right = ("[", "]") if node.kind == "execution" else ("([", "])")
    return f'n{place}{left}"{said}"{right}:::{_mermaid_class(node)}'


def _mermaid_class(node: Node) -> str:
    # Classes of a source's own making may hold any sign: unknown ones are numbered elsewhere.
    letters = "".join(
        letter if letter.isascii() and letter.isalnum() else "_" for letter in node.class_
    )
    return f"{node.kind}_{letters}"


def _mermaid_classes(picture: Picture) -> Iterator[str]:
    for name, node in sorted({_mermaid_class(node): node for node in picture.nodes}.items()):
        paint = colors.of_node(node.kind, node.class_)
        yield f"  classDef {name} fill:{paint.fill},stroke:{paint.border},color:{paint.text}"
    outside = [f"n{place}" for place, node in enumerate(picture.nodes) if not node.inside]
    for name, places, style in (
        ("outside", outside, "stroke-dasharray:4 3"),
        ("bad", _places(picture, "failed"), "stroke:#FF0000,stroke-width:3px"),
        ("anchor", _trainers(picture), "stroke:#F2C230,stroke-width:4px"),
    ):
        if places:
            yield f"  classDef {name} {style}"
            yield f"  class {','.join(places)} {name}"


def _places(picture: Picture, what: str) -> list[str]:
    return [f"n{place}" for place, node in enumerate(picture.nodes) if getattr(node, what)]


def _trainers(picture: Picture) -> list[str]:
    return [f"n{place}" for place, node in enumerate(picture.nodes) if node.role == "trainer"]


def _mermaid_text(text: str) -> str:
    """Text that Mermaid shows as it is: every sign but letters, digits and spaces as its code."""
    return "".join(
        letter
        if letter.isalnum() or letter in " .,/-_" or ord(letter) > 0x2000
        else f"#{ord(letter)};"
        for letter in text
    )


def _mermaid_quoted(text: str) -> str:
    return f'"{_mermaid_text(text)}"'


def _said(node: Node) -> Iterator[str]:
    """What stands in a node."""
    yield fitted(node.title, _COLUMNS)
    yield fitted(node.summary(), _COLUMNS)
    if node.shared:
        yield f"in {node.shared} graphlets"


def _label(edge: Edge) -> str:
    """What stands at an edge: nothing where the arrow says it."""
    count = f"{edge.count:,}" if edge.count > 1 else ""
    what = "" if edge.main else edge.type
    return " ".join(part for part in (count, what) if part)


def _dot(picture: Picture) -> Iterator[str]:
    yield f"digraph {_quoted('graphlet')} {{"
    notes = "\\n".join(_dot_text(line) for line in (picture.title, *_notes(picture)))
    yield "  rankdir=LR;"
    yield f'  label="{notes}"; labelloc=t;'
    yield '  node [fontname="sans-serif", fontsize=10, style=filled];'
    places = list(enumerate(picture.nodes))
    for place, node in places:
        if not node.inside:
            yield f"  {_dot_node(place, node)}"
    yield "  subgraph cluster_graphlet {"
    yield '    label="graphlet"; style=dashed; color="#B8901A";'
    for place, node in places:
        if node.inside:
            yield f"    {_dot_node(place, node)}"
    yield "  }"
    for edge in picture.edges:
        yield f"  n{edge.start} -> n{edge.end} [{', '.join(_dot_edge(edge))}];"
    yield "}"


def _dot_node(place: int, node: Node) -> str:
    paint = colors.of_node(node.kind, node.class_)
    border = "#FF0000" if node.failed else "#F2C230" if node.role == "trainer" else paint.border
    label = "\\n".join(_dot_text(line) for line in _said(node))
    tip = "\\n".join(_dot_text(line) for line in node.lines())
    style = "filled" if node.inside else "filled,dashed"
    if node.kind == "execution":
        style += ",rounded"
    attributes = {
        "label": label,
        "tooltip": tip,
        "shape": "box" if node.kind == "execution" else "ellipse",
        "style": style,
        "fillcolor": paint.fill,
        "color": border,
        "fontcolor": paint.text,
        "peripheries": "2" if node.count > 1 else "1",
        "penwidth": "3" if node.role == "trainer" or node.failed else "1",
    }
    said = ", ".join(f'{name}="{value}"' for name, value in attributes.items())
    return f"n{place} [{said}];"


def _dot_edge(edge: Edge) -> Iterator[str]:
    yield f'color="{colors.of_relationship(edge.type)}"'
    if not edge.main:
        yield 'style="dashed"'
    yield f'tooltip="{_dot_text(cut(edge.line(), _ROLES))}"'
    if label := _label(edge):
        yield f'label="{_dot_text(label)}"'


def _quoted(text: str) -> str:
    return f'"{_dot_text(text)}"'


def _dot_text(text: str) -> str:
    r"""Text within quotes: Graphviz gives meaning to `\`, `"` and, in labels, to `&` entities."""
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("&", "&amp;")
