"""Pictures made by hand, and checks of the languages that they are written in."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING

from lineage.picture import Picture
from lineage.picture.model import Edge, Node

if TYPE_CHECKING:
    from collections.abc import Sequence

EVIL = (
    '</script><script>window.pwned=1</script>"]; x --> y; %% \\" \u202egnp \u0645\u0631\u062d '
    "\ufffe\ud800 ]]> --> <!-- `a` #quot; {{x}} & \\N \\l end\n\tsubgraph | ) ] }" + "z" * 10_000
)
"""What nobody should name a model, but somebody will."""

_SVG = "{http://www.w3.org/2000/svg}"
# A text in Mermaid: no quote, no bracket, no sign that opens anything, but as a code.
_TEXT = r"""(?:[^"'<>\[\](){}|`\\;#%&\n]|\#\d+;|<br/>)*"""
_MERMAID = (
    r"flowchart LR",
    r"  %% [^{\n]*",
    rf'  subgraph graphlet\["{_TEXT}"\]',
    r"    direction LR",
    rf' +n\d+(?:\["{_TEXT}"\]|\(\["{_TEXT}"\]\)):::\w+',
    r"  end",
    rf'  n\d+ (?:-->|-\.->)(?:\|"{_TEXT}"\|)? n\d+',
    r"  classDef \w+ [-\w:#, ]+",
    r"  class n\d+(?:,n\d+)* \w+",
)
_QUOTED = r'"(?:[^"\\\n]|\\["\\nNl])*"'
_ATTRIBUTES = rf"\w+=(?:{_QUOTED}|\w+)(?:, \w+=(?:{_QUOTED}|\w+))*"
_DOT = (
    rf"digraph {_QUOTED} \{{",
    r"  rankdir=LR;",
    rf"  label={_QUOTED}; labelloc=t;",
    rf"  node \[{_ATTRIBUTES}\];",
    r"  subgraph cluster_graphlet \{",
    rf"    label={_QUOTED}; style=dashed; color={_QUOTED};",
    rf" +n\d+ \[{_ATTRIBUTES}\];",
    rf"  n\d+ -> n\d+ \[{_ATTRIBUTES}\];",
    r"(?:  )?\}",
)


def picture_of(nodes: Sequence[Node], edges: Sequence[Edge], name: str = "graphlet") -> Picture:
    """A picture of these nodes."""
    return Picture(
        key="x#execution/1", name=name, source="x", simulated=False, state="complete", pushed=True,
        started=None, cost=1.0, cost_unit="s", nodes=tuple(nodes), edges=tuple(edges),
        members=len(nodes),
    )  # fmt: skip


def window(spans: int, name: str | None = None) -> Picture:
    """A trainer over spans, each of them ingested and analysed by itself, and its model, pushed.

    Args:
        spans: how many.
        name: of every node; by default each has its own.
    """
    nodes: list[Node] = []
    edges: list[Edge] = []

    def add(kind: str, class_: str, type_: str, said: str, role: str, holders: int) -> int:
        cost = 60.0 if kind == "execution" else None
        unit = (name or "s") if cost else None
        nodes.append(
            Node(
                key=f"x#{len(nodes)}", kind=kind, class_=class_, type=type_, name=name or said,
                role=role, cost=cost, cost_unit=unit, holders=(holders, holders),
                details=(("uri", name or said),),
            )
        )  # fmt: skip
        return len(nodes) - 1

    made = [
        (
            add("execution", "ingestion", "Gen", f"gen {at}", "ancestor", at + 1),
            add("artifact", "span", "Examples", f"span {at}", "ancestor", at + 1),
            add("execution", "analysis", "StatGen", f"statgen {at}", "analysis", at + 1),
            add("artifact", "statistics", "Stats", f"stats {at}", "analysis", at + 1),
        )
        for at in range(spans)
    ]
    trainer = add("execution", "training", "Trainer", "trainer", "trainer", 1)
    model = add("artifact", "model", "Model", "model", "descendant", 1)
    pusher = add("execution", "deployment", "Pusher", "pusher", "descendant", 1)
    for gen, span, statgen, stats in made:
        edges += [
            Edge(start=gen, end=span, type="OUTPUT", names=(name or "examples",)),
            Edge(start=span, end=statgen, type="INPUT"),
            Edge(start=statgen, end=stats, type="OUTPUT"),
            Edge(start=span, end=trainer, type="INPUT", names=(name or "examples",)),
        ]
    edges += [
        Edge(start=trainer, end=model, type="OUTPUT"),
        Edge(start=model, end=pusher, type="INPUT"),
    ]
    return picture_of(nodes, edges, name or "graphlet of trainer")


def titles(svg: str) -> list[str]:
    """What is said of each node where the pointer rests; the document must be well-formed."""
    root = ET.fromstring(svg)
    groups = [one for one in root.iter(f"{_SVG}g") if "n" in (one.get("class") or "").split()]
    return [one.find(f"{_SVG}title").text or "" for one in groups]  # type: ignore[union-attr]


def check_mermaid(text: str) -> int:
    """Every line is of the few kinds that are written; returns how many nodes there are."""
    _check(text, _MERMAID)
    assert text.count("\n  subgraph ") == text.count("\n  end\n") == 1
    return len(re.findall(r"^ +n\d+[\[(]", text, re.MULTILINE))


def check_dot(text: str) -> int:
    """Every line is of the few kinds that are written; returns how many nodes there are."""
    _check(text, _DOT)
    return len(re.findall(r"^ +n\d+ \[", text, re.MULTILINE))


def _check(text: str, kinds: Sequence[str]) -> None:
    whole = re.compile("|".join(f"(?:{kind})" for kind in kinds))
    wrong = [line for line in text.splitlines() if not whole.fullmatch(line)]
    assert wrong == []
