"""Every file of `cypher/` keeps the promises of its header, and is planned without surprises."""

from __future__ import annotations

import ast
import re
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any

import pytest
from support.demo import demo

import lineage
from lineage import analyses, queries
from lineage.schema import MARKS, SCHEMA, label_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import BaseModel

    from lineage import Lineage

NAMES = queries.names()
PACKAGES = [Path(lineage.__file__).parent, Path(import_module("lineage_ingest").__file__).parent]  # type: ignore[arg-type]

# Plans that visit more than they must: all pairs, all nodes, every trail. What a header says is
# bounded ("Plan: OPERATOR, REASON") is let pass, as are pairs of nodes that were found by key.
FORBIDDEN = re.compile(
    r"CartesianProduct|AllNodesScan|AllRelationshipsScan|Repeat\(Trail\)"
    r"|VarLengthExpand\((?!Pruning|.*Shortest).*\)"
)
EXCUSED = re.compile(r"^Plan: (?P<operator>\S+), .+", re.MULTILINE)
KEYED = re.compile(r"(Multi)?NodeUniqueIndexSeek|Argument")
# A stream too long to be sorted as a whole says so: "Order: REASON".
ORDERED_OTHERWISE = re.compile(r"^Order: .+", re.MULTILINE)
# Codes of the server's notifications that are no fault: general information only.
HARMLESS = ("00000", "00001", "02000")


def statement_only(text: str) -> str:
    """The statement without strings and comments."""
    return re.sub(
        r"'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"|//[^\n]*|/\*.*?\*/", "''", text, flags=re.DOTALL
    )


def defaults(query: queries.Query) -> dict[str, str]:
    """The `:param` lines: name and the expression that stands for it."""
    found = [line.removeprefix(":param ").partition(" => ") for line in query.preamble]
    return {name: value for name, arrow, value in found if arrow}


@pytest.fixture(scope="module")
def graph(connected: Lineage) -> Lineage:
    """The demo graph, on a server that knows every declared name, so that only typos warn."""
    demo(connected)
    for statement, parameters in declared_names():
        connected.graph.run_text(statement, **parameters)
    return connected


def declared_names() -> Iterator[tuple[str, dict[str, Any]]]:
    """Statements that write and remove one thing of every declared name; the name stays known."""
    from lineage.records import ArtifactClass, OperatorClass

    classes = sorted({label_of(kind) for kind in (*OperatorClass, *ArtifactClass)})
    for node in SCHEMA.nodes:
        names = {name.replace("*", "x"): "x" for name, _ in node.properties}
        yield (
            "CREATE (n:$($labels)) SET n = $names DELETE n",
            {"labels": [node.label, *classes], "names": names | {"key": f"throwaway {node.label}"}},
        )
    for relationship in SCHEMA.relationships:
        names = {name: "x" for name, _ in relationship.properties}
        yield (
            "CREATE (a:Throwaway)-[r:$($type)]->(b:Throwaway) SET r = $names DETACH DELETE a, b",
            {"type": relationship.type, "names": names},
        )


@pytest.mark.parametrize("name", NAMES)
def test_header_declares_what_the_statement_uses(name: str) -> None:
    query = queries.load(name)
    used = set(re.findall(r"\$(\w+)", statement_only(query.text)))
    assert query.title
    assert query.title.endswith((".", "?"))
    assert {field.name for field in query.parameters} == used
    assert len(query.columns) == len({field.name for field in query.columns}) > 0


@pytest.mark.parametrize("name", NAMES)
def test_one_statement_with_an_order(name: str) -> None:
    query = queries.load(name)
    plain = statement_only(query.text)
    assert ";" not in plain
    assert ORDERED_OTHERWISE.search(query.description) or re.search(
        r"\bORDER BY\b[^{}]*$", plain
    ), "the answer's order is left to chance"


@pytest.mark.parametrize("name", NAMES)
def test_browser_lines(name: str) -> None:
    query = queries.load(name)
    own = bool(re.search(r"\bIN\s+(\d+\s+)?(CONCURRENT\s+)?TRANSACTIONS\b", query.text))
    assert query.implicit is own
    assert set(defaults(query)) == {field.name for field in query.parameters}
    assert len(query.preamble) == len(query.parameters) + own
    if name.startswith("explore/"):
        assert not query.parameters


@pytest.mark.parametrize("name", NAMES)
def test_stems_of_explore_are_found_alone(name: str) -> None:
    if name.startswith("explore/"):
        assert queries.load(name.rpartition("/")[2]).name == name


@pytest.mark.parametrize("name", NAMES)
def test_plan(name: str, graph: Lineage) -> None:
    query = queries.load(name)
    values = parameters(graph, query)
    plan, notifications = graph.graph.explain(query.text, **values)
    assert [note for note in notifications if not is_harmless(note)] == []
    excused = set(EXCUSED.findall(query.description))
    bad = set(surprises(plan))
    assert bad - excused == set()
    if graph.graph.server().startswith("Neo4j/5."):  # later planners find other ways
        assert excused - bad == set(), "an excuse that is not needed"
    assert columns(plan) == [field.name for field in query.columns]


def is_harmless(note: str) -> bool:
    """Whether it is no fault: a mark that nothing bears yet is a label that does not exist."""
    marks = (f"label `{label}` does not exist" for label, _, _ in MARKS)
    return note.startswith(HARMLESS) or any(mark in note for mark in marks)


def parameters(graph: Lineage, query: queries.Query) -> dict[str, Any]:
    """The values of the `:param` lines, as the server reads them."""
    found = defaults(query)
    if not found:
        return {}
    body = ", ".join(f"{value} AS {name}" for name, value in found.items())
    return graph.graph.run_text(f"RETURN {body}")[0]


def surprises(plan: dict[str, Any]) -> Iterator[str]:
    """The operators that visit more than they must."""
    name = plan["operatorType"].partition("@")[0]
    keyed = name == "CartesianProduct" and all(map(KEYED.match, leaves(plan)))
    if FORBIDDEN.search(name) and not keyed:
        yield name
    for child in plan.get("children", []):
        yield from surprises(child)


def leaves(plan: dict[str, Any]) -> set[str]:
    """The operators that the rows of a plan begin at."""
    children = plan.get("children", [])
    if not children:
        return {plan["operatorType"].partition("@")[0]}
    return set[str]().union(*map(leaves, children))


def columns(plan: dict[str, Any]) -> list[str]:
    """What the statement returns, in order."""
    assert plan["operatorType"].startswith("ProduceResults")
    return [column.strip("` ") for column in plan["args"]["Details"].split(", ")]


def test_plans_that_enumerate_are_refused(graph: Lineage) -> None:
    for bad in (
        "MATCH (a:Artifact), (e:Execution) RETURN a, e",
        "MATCH (n) RETURN n",
        "MATCH p = (:Training)-[:INPUT|OUTPUT*]->(x) RETURN p",
    ):
        plan, _ = graph.graph.explain(bad)
        assert list(surprises(plan)), bad


def test_typos_warn(graph: Lineage) -> None:
    for typo in ("MATCH (a:Artefact) RETURN a", "MATCH (a:Artifact) RETURN a.nmae"):
        _, notifications = graph.graph.explain(typo)
        assert [note for note in notifications if not note.startswith(HARMLESS)]


def test_python_formats_no_cypher() -> None:
    # The schema's statements are made from constants of its own declaration: a label cannot be a
    # parameter there.
    found = [
        f"{path.name}:{node.lineno}"
        for package in PACKAGES
        for path in package.rglob("*.py")
        if path.name != "schema.py"
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if is_made_cypher(node)
    ]
    assert found == []


def is_made_cypher(node: ast.AST) -> bool:
    """Whether it builds text that begins like a statement, or hands built text to a runner."""
    if isinstance(node, ast.Call):
        name = getattr(node.func, "attr", "")
        runs = {"run", "run_text", "run_implicit", "stream", "execute_query", "explain"}
        return name in runs and bool(node.args) and is_built(node.args[0])
    return is_built(node) and bool(
        re.match(r"\s*(MATCH|MERGE|CREATE|UNWIND|CALL|OPTIONAL)\b", first_text(node))
    )


def is_built(node: ast.AST) -> bool:
    """An f-string, a sum or remainder of texts, or a call of `format`."""
    # `EXPLAIN` before a statement leaves the statement as it is.
    return first_text(node) != "EXPLAIN " and (
        isinstance(node, ast.JoinedStr)
        or (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Mod))
        or (isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "format")
    )


def first_text(node: ast.AST) -> str:
    """The first literal within."""
    literals = (n.value for n in ast.walk(node) if isinstance(n, ast.Constant))
    return next((text for text in literals if isinstance(text, str)), "")


def analysis_rows() -> list[tuple[str, type[BaseModel]]]:
    """Each query of an analysis, with the model of its rows."""
    modules = (
        import_module(info.name) for info in iter_modules(analyses.__path__, "lineage.analyses.")
    )
    return [pair for module in modules for pair in getattr(module, "QUERIES", {}).items()]


@pytest.mark.parametrize(("name", "model"), analysis_rows())
def test_rows_have_the_columns_of_their_query(name: str, model: type[BaseModel]) -> None:
    assert [field.name for field in queries.load(name).columns] == list(model.model_fields)


def test_every_analysis_has_its_rows() -> None:
    found = [name for name, _ in analysis_rows()]
    assert sorted(found) == [name for name in NAMES if name.startswith("analyses/")]
