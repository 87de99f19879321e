"""The colours of classes and relationships, as Neo4j Browser has them: from `cypher/style.grass`.

The style sheet is their only home; what is drawn here and what Browser draws look alike.
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from lineage import queries

_RULE = re.compile(r"^(?P<selector>\w[\w.]*) \{\n(?P<body>.*?)^\}", re.MULTILINE | re.DOTALL)
_DECLARATION = re.compile(r"^\s*(?P<name>[\w-]+): (?P<value>#[0-9A-Fa-f]{6});", re.MULTILINE)


class Paint(NamedTuple):
    """Colours as `#RRGGBB`: of the area, its border, and the text on it."""

    fill: str
    border: str
    text: str


def of_node(kind: str, class_: str | None) -> Paint:
    """The colours of a node.

    Args:
        kind: execution, artifact, graphlet or pipeline.
        class_: of the operator or the artifact; classes that nobody knows look like their kind.
    """
    label, rules = kind.capitalize(), _rules()
    names = [f"node.{label}"]
    if class_:
        named = class_.capitalize()
        names = [f"node.{label}.{named}", f"node.{named}", *names]
    found = next((rules[name] for name in names if name in rules), rules["node"])
    return Paint(found["color"], found["border-color"], found["text-color-internal"])


def of_relationship(type_: str) -> str:
    """The colour of a relationship of that type."""
    rules = _rules()
    return rules.get(f"relationship.{type_}", rules["relationship"])["color"]


@cache
def _rules() -> dict[str, dict[str, str]]:
    """The colours of each rule, by selector."""
    text = (queries.folder() / "style.grass").read_text("utf-8")
    return {
        rule["selector"]: {one["name"]: one["value"] for one in _DECLARATION.finditer(rule["body"])}
        for rule in _RULE.finditer(text)
    }
