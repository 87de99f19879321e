"""The page about the graph, made from its schema."""

from __future__ import annotations

from typing import TYPE_CHECKING

from docs.site.markdown import code, plain, sentence, table
from lineage.records import ArtifactClass, OperatorClass
from lineage.schema import MARKS, SCHEMA, VERSION, label_of

if TYPE_CHECKING:
    from lineage.schema import NodeType, RelationshipType

_HEAD = f"""\
# The graph

What Neo4j holds once a store was loaded and segmented; version {VERSION} of the schema. Executions
and artifacts are joined in the direction of the data. A `Graphlet` points at its members, and the
type of the relationship is their role.

Properties are those that a node or relationship may have: what a source does not say is absent,
not empty. Times are `DATETIME` with a zone. A star in a name stands for any ending.
"""


def page() -> str:
    """The page, as Markdown."""
    parts = [_HEAD, "## Nodes", *(_node(node) for node in SCHEMA.nodes)]
    parts += ["## Relationships", _relationships()]
    parts += [_properties(one) for one in SCHEMA.relationships if one.properties]
    parts += ["## Classes", _CLASSES, _classes(), "## Marks", _MARKS, _marks()]
    return "\n\n".join(parts) + "\n"


_CLASSES = (
    "A class is a property (`operator`, `artifact`) and a label beside `Execution` or `Artifact`. "
    "Three labels are of both, so name `Execution` or `Artifact` too."
)
_MARKS = "Labels that say what is still to be done; `lineage segment` takes most of them away."


def _node(node: NodeType) -> str:
    indexes = ", ".join(f"`{one.replace('+', ', ')}`" for one in node.indexes)
    said = f"{sentence(plain(node.says))} One for each {plain(node.key)}."
    if indexes:
        said += f" Indexed by `key`, and by {indexes}."
    return f"### {node.label}\n\n{said}\n\n{_listed(node.properties)}"


def _listed(properties: tuple[tuple[str, str], ...]) -> str:
    return table(("property", "says"), ((code(name), plain(says)) for name, says in properties))


def _relationships() -> str:
    return table(
        ("from", "type", "to", "says"),
        (
            (_labels(one.start), code(one.type), _labels(one.end), plain(one.says))
            for one in SCHEMA.relationships
        ),
    )


def _labels(text: str) -> str:
    return " or ".join(code(label) for label in text.split("|"))


def _properties(one: RelationshipType) -> str:
    return f"### {one.type}\n\n{sentence(plain(one.says))}\n\n{_listed(one.properties)}"


def _classes() -> str:
    kinds = (("Execution", OperatorClass), ("Artifact", ArtifactClass))
    return table(
        ("of", "class", "label"),
        (
            (code(of), code(kind.value), code(label_of(kind)))
            for of, listed in kinds
            for kind in listed
        ),
    )


def _marks() -> str:
    return table(
        ("label", "on", "says"),
        ((code(label), _labels(on), plain(says)) for label, on, says in MARKS),
    )
