"""The declared schema is what a loaded graph has, no more and no less that would surprise."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from support.demo import demo, wipe

from lineage import queries, schema
from lineage.errors import SchemaVersionError
from lineage.records import ArtifactClass, OperatorClass
from lineage.schema import MARKS, SCHEMA, VERSION, label_of

if TYPE_CHECKING:
    from lineage import Lineage

CLASSES = {label_of(kind) for kind in (*OperatorClass, *ArtifactClass)}
NODES = {node.label: node for node in SCHEMA.nodes}
RELATIONSHIPS = {relationship.type: relationship for relationship in SCHEMA.relationships}
MARKED = {label for label, _, _ in MARKS}
# The version of the schema is kept beside the graph, not in it.
OWN = "Lineage"

NODE_PROPERTIES = """
MATCH (n)
UNWIND keys(n) AS name
WITH DISTINCT labels(n) AS labels, name
RETURN labels, name ORDER BY name
"""
RELATIONSHIP_PROPERTIES = """
MATCH (a)-[r]->(b)
UNWIND CASE WHEN keys(r) = [] THEN [null] ELSE keys(r) END AS name
WITH DISTINCT labels(a) AS starts, type(r) AS type, labels(b) AS ends, name
RETURN starts, type, ends, name ORDER BY type, name
"""


@pytest.fixture(scope="module")
def loaded(connected: Lineage) -> Lineage:
    return demo(connected)


def is_declared(name: str, properties: tuple[tuple[str, str], ...]) -> bool:
    return any(
        name == known or (known.endswith("*") and name.startswith(known[:-1]))
        for known, _ in properties
    )


def kind_of(labels: list[str]) -> str:
    """The label of a node that is no class."""
    return next(
        (label for label in labels if label in NODES and label not in CLASSES | MARKED), labels[0]
    )


def test_labels_are_declared(loaded: Lineage) -> None:
    found = {label for row in loaded.graph.run_text(NODE_PROPERTIES) for label in row["labels"]}
    assert found - NODES.keys() - CLASSES - MARKED - {OWN} == set()


def test_a_label_is_either_a_kind_or_a_class() -> None:
    assert NODES.keys() & CLASSES == set()


def test_node_properties_are_declared(loaded: Lineage) -> None:
    undeclared = {
        (kind, row["name"])
        for row in loaded.graph.run_text(NODE_PROPERTIES)
        if OWN not in row["labels"]
        for kind in [kind_of(row["labels"])]
        if not is_declared(row["name"], NODES[kind].properties)
    }
    assert undeclared == set()


def test_relationships_are_declared(loaded: Lineage) -> None:
    undeclared: set[tuple[Any, ...]] = set()
    for row in loaded.graph.run_text(RELATIONSHIP_PROPERTIES):
        known = RELATIONSHIPS.get(row["type"])
        if known is None:
            undeclared.add((row["type"],))
            continue
        if not set(known.start.split("|")) & set(row["starts"]):
            undeclared.add((row["type"], "starts at", *row["starts"]))
        if not set(known.end.split("|")) & set(row["ends"]):
            undeclared.add((row["type"], "ends at", *row["ends"]))
        if row["name"] is not None and not is_declared(row["name"], known.properties):
            undeclared.add((row["type"], row["name"]))
    assert undeclared == set()


def test_keys_are_unique_and_indexes_online(loaded: Lineage) -> None:
    constraints = loaded.graph.run_text(
        "SHOW CONSTRAINTS YIELD type, labelsOrTypes, properties "
        "RETURN type, labelsOrTypes[0] AS label, properties ORDER BY label"
    )
    unique = {row["label"] for row in constraints if row["properties"] == ["key"]}
    assert unique >= NODES.keys()
    indexes = loaded.graph.run_text(
        "SHOW INDEXES YIELD state, labelsOrTypes, properties "
        "WHERE labelsOrTypes IS NOT NULL AND size(labelsOrTypes) > 0 "
        "RETURN state, labelsOrTypes[0] AS label, properties ORDER BY label"
    )
    assert {row["state"] for row in indexes} == {"ONLINE"}
    wanted = {(node.label, name) for node in SCHEMA.nodes for name in node.indexes}
    assert {(row["label"], "+".join(row["properties"])) for row in indexes} >= wanted


def test_every_node_has_a_name(loaded: Lineage) -> None:
    found = loaded.graph.run_text(
        "MATCH (n) WHERE n.name IS NULL OR n.name = '' RETURN DISTINCT labels(n) AS labels"
    )
    assert found == []


def state(lin: Lineage) -> tuple[list[Any], ...]:
    return (
        lin.graph.run_text("SHOW CONSTRAINTS YIELD name RETURN name ORDER BY name"),
        lin.graph.run_text("SHOW INDEXES YIELD name RETURN name ORDER BY name"),
        lin.graph.run_text("MATCH (n) RETURN labels(n) AS labels, properties(n) AS properties"),
    )


def test_migrating_twice_changes_nothing(lin: Lineage) -> None:
    schema.migrate(lin.graph)
    before = state(lin)
    schema.migrate(lin.graph)
    assert state(lin) == before
    assert lin.query("schema/version") == [{"version": VERSION}]


def test_a_newer_version_is_refused(lin: Lineage) -> None:
    lin.query("schema/set_version", version=VERSION + 1)
    try:
        with pytest.raises(SchemaVersionError, match=rf"version {VERSION + 1}.*update"):
            schema.migrate(lin.graph)
    finally:
        lin.query("schema/set_version", version=VERSION)


def test_an_older_version_is_brought_up_to_date(lin: Lineage) -> None:
    lin.graph.run_text("DROP CONSTRAINT graphlet_key IF EXISTS")
    lin.query("schema/set_version", version=VERSION - 1)
    schema.migrate(lin.graph)
    assert lin.query("schema/version") == [{"version": VERSION}]
    names = lin.graph.run_text("SHOW CONSTRAINTS YIELD name RETURN name ORDER BY name")
    assert {"name": "graphlet_key"} in names


def test_pushed_graphlets_of_version_4_are_cut_again(lin: Lineage) -> None:
    lin.graph.run_text(
        "CREATE (:Graphlet {key: 'a', pushed: true})-[:ANCHOR]->(:Execution:Training {key: 'a'}), "
        "(:Graphlet {key: 'b', pushed: false})-[:ANCHOR]->(:Execution:Training {key: 'b'})"
    )
    lin.query("schema/set_version", version=4)
    schema.migrate(lin.graph)
    found = lin.graph.run_text("MATCH (t:Uncut) RETURN t.key AS key")
    assert found == [{"key": "a"}]


def test_a_graph_without_version_is_new(lin: Lineage) -> None:
    wipe(lin)
    assert lin.query("schema/version") == [{"version": VERSION}]


def test_the_tables_of_the_readme_name_everything() -> None:
    tables = SCHEMA.markdown()
    for name in (*NODES, *RELATIONSHIPS):
        assert name in tables


def test_browser_style_covers_the_schema() -> None:
    style = (queries.folder() / "style.grass").read_text("utf-8")
    selectors = re.findall(r"^([\w.]+) \{$", style, re.MULTILINE)
    assert len(selectors) == len(set(selectors)) == style.count("{\n")
    assert style.count("{\n") == style.count("\n}\n")
    assert {f"node.{label}" for label in (*NODES, *CLASSES)} <= set(selectors)
    assert {f"relationship.{type_}" for type_ in RELATIONSHIPS} <= set(selectors)
    # The last rule that matches wins: the plain kinds stand before the classes.
    first_class = min(selectors.index(f"node.{label}") for label in CLASSES)
    assert max(selectors.index(f"node.{kind}") for kind in NODES if kind not in CLASSES) < (
        first_class
    )


def test_classes_of_both_vocabularies_have_two_styles() -> None:
    style = (queries.folder() / "style.grass").read_text("utf-8")
    both = {label_of(kind) for kind in OperatorClass} & {label_of(kind) for kind in ArtifactClass}
    for label in both:
        assert f"node.Execution.{label} {{" in style
        assert f"node.Artifact.{label} {{" in style
