"""Two graphlets found and compared; the queries are `cypher/show/diff_*`."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

from lineage.analyses.rows import Row, fetch
from lineage.analyses.simulated import is_simulated
from lineage.diff.models import (
    DataDiff,
    Fact,
    FeatureDiff,
    GraphletDiff,
    NodeDiff,
    NodeSide,
    Side,
    SpanDiff,
)
from lineage.diff.values import Change, changes, parameters
from lineage.errors import NotFoundError, SettingsError
from lineage.find import find
from lineage.show import Branch, Node

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lineage.graph import Graph


class Previous(Row):
    """The graphlet before one."""

    key: str


class NodeRow(Row):
    """A node of one of the two; `show/diff_nodes` says what the fields mean."""

    side: str
    node: str
    type: str | None
    operator: str
    code: str | None
    parts: tuple[dict[str, Any], ...]
    properties: dict[str, Any]


class DataRow(Row):
    """The newest spans and their features; `show/diff_data` says what the fields mean."""

    first: dict[str, Any] | None
    second: dict[str, Any] | None
    is_same: bool | None
    features: tuple[FeatureDiff, ...]


class OutcomeRow(Row):
    """An artifact that judges a model; `show/diff_outcome` says what the fields mean."""

    side: str
    type: str
    key: str
    properties: dict[str, Any]


QUERIES: dict[str, type[Row]] = {
    "show/diff_previous": Previous,
    "show/diff_spans": Branch,
    "show/diff_nodes": NodeRow,
    "show/diff_data": DataRow,
    "show/diff_outcome": OutcomeRow,
}


def diff(graph: Graph, a: str, b: str | None = None, *, limit: int = 20) -> GraphletDiff:
    """What is different between two graphlets, of one pipeline or source or of several.

    Args:
        graph: the graph.
        a: key, native id or name of a graphlet or its trainer, or what one of them begins with.
        b: the same of the other; without it the graphlet before `a` is compared with `a`.
        limit: spans listed of each kind at most.

    Raises:
        NotFoundError: there is no such graphlet, there are several, or none comes before `a`.
        SettingsError: both are the same graphlet.
    """
    first, second = _keys(graph, a, b)
    nodes = list(fetch(graph, "show/diff_nodes", NodeRow, a=first, b=second))
    facts = list(fetch(graph, "show/diff_outcome", OutcomeRow, a=first, b=second))
    (data,) = fetch(graph, "show/diff_data", DataRow, a=first, b=second)
    spans = fetch(graph, "show/diff_spans", Branch, a=first, b=second, limit=limit)
    return GraphletDiff(
        a=_side(graph, first),
        b=_side(graph, second),
        outcome=tuple(_facts(facts)),
        spans=_spans(spans),
        data=_data(data),
        nodes=tuple(_nodes(nodes)),
    )


def _keys(graph: Graph, a: str, b: str | None) -> tuple[str, str]:
    """Keys of the first and the second graphlet."""
    one = find(graph, a, "graphlet").key
    if b is None:
        before = [row.key for row in fetch(graph, "show/diff_previous", Previous, key=one)]
        if not before:
            raise NotFoundError(
                f"no graphlet comes before {one}: it is the first of its trainer node; "
                "name another graphlet to compare it with"
            )
        return before[0], one
    other = find(graph, b, "graphlet").key
    if one == other:
        raise SettingsError(
            f"{a!r} and {b!r} are the same graphlet, {one}; name two, or one to compare it with "
            "the one before it"
        )
    return one, other


def _side(graph: Graph, key: str) -> Side:
    given = next(iter(fetch(graph, "show/node", Node, label="Graphlet", key=key))).properties
    told = {name: given.get(name) for name in Side.model_fields}
    began, ended, source = given.get("began"), given.get("ended"), given.get("source")
    return Side.model_validate(
        told
        | {
            "name": given.get("name") or key,
            "duration": (ended - began).total_seconds() if began and ended else None,
            "simulated": source is not None and is_simulated(graph, source),
        }
    )


def _spans(branches: Iterable[Branch]) -> SpanDiff:
    found = {branch.branch: branch for branch in branches}
    shared, added, removed = (
        found.get(name) or Branch(branch=name, total=0, items=())
        for name in ("shared", "added", "removed")
    )
    total = shared.total + added.total + removed.total
    return SpanDiff(
        jaccard=shared.total / total if total else 1.0,
        shared=shared,
        added=added,
        removed=removed,
    )


def _data(row: DataRow) -> DataDiff:
    agreeing = [feature.agreeing or 0.0 for feature in row.features]
    known = sum(agreeing) / len(agreeing) if agreeing else None
    return DataDiff(
        a=row.first and row.first["key"],
        b=row.second and row.second["key"],
        is_same=row.is_same,
        similarity=1.0 if row.is_same else known,
        features=row.features,
    )


def _facts(rows: Iterable[OutcomeRow]) -> list[Fact]:
    """Numbers and truth values; texts there are addresses and versions, ids name other nodes."""
    said: dict[tuple[str, str], dict[str, Any]] = defaultdict(dict)
    for row in rows:
        own = parameters(row.properties) | {"pushed": row.properties.get("pushed")}
        for name, value in own.items():
            if isinstance(value, bool | int | float) and not name.endswith("_id"):
                said[row.type, name][row.side] = value
    return [
        Fact(type=kind, name=name, a=values.get("a"), b=values.get("b"))
        for (kind, name), values in sorted(said.items())
    ]


def _nodes(rows: Iterable[NodeRow]) -> list[NodeDiff]:
    """Every node of both graphlets, sorted by name."""
    sides: dict[str, dict[str, NodeRow]] = {"a": {}, "b": {}}
    for row in rows:
        sides[row.side][row.node] = row
    first, second = sides["a"], sides["b"]
    pairs = [(first[name], second[name]) for name in first.keys() & second.keys()]
    rest_a = _by_type(row for name, row in first.items() if name not in second)
    rest_b = _by_type(row for name, row in second.items() if name not in first)
    found = [_node(one, other) for one, other in pairs]
    for kind in rest_a.keys() | rest_b.keys():
        ones, others = rest_a.get(kind, []), rest_b.get(kind, [])
        if len(ones) == len(others) == 1 and kind is not None:
            found.append(_node(ones[0], others[0]))
        else:
            found += [_node(one, None) for one in ones]
            found += [_node(None, other) for other in others]
    return sorted(found, key=lambda one: (one.node, one.where))


def _by_type(rows: Iterable[NodeRow]) -> dict[str | None, list[NodeRow]]:
    found: dict[str | None, list[NodeRow]] = defaultdict(list)
    for row in rows:
        found[row.type].append(row)
    return found


def _node(a: NodeRow | None, b: NodeRow | None) -> NodeDiff:
    newest = b or a
    assert newest is not None  # noqa: S101  (a node is in one of them)
    both = a is not None and b is not None
    known = a and b and a.code is not None and b.code is not None
    return NodeDiff(
        node=newest.node,
        where="both" if both else "a" if b is None else "b",
        a=_ran(a),
        b=_ran(b),
        code_changed=a.code != b.code if a and b and known else None,
        parameters=_parameters(a, b) if a and b else (),
    )


def _parameters(a: NodeRow, b: NodeRow) -> tuple[Change, ...]:
    """Those that differ, but for the one that stands for the code."""
    found = changes(parameters(a.properties), parameters(b.properties))
    return tuple(one for one in found if (one.a, one.b) != (a.code, b.code))


def _ran(row: NodeRow | None) -> NodeSide | None:
    if row is None:
        return None
    states: Counter[str] = Counter()
    costs: dict[str, float] = defaultdict(float)
    for part in row.parts:
        states[part["state"]] += part["executions"]
        if part["known"]:
            costs[part["cost_unit"]] += part["cost"]
    return NodeSide(
        node=row.node,
        type=row.type,
        operator=row.operator,
        executions=states.total(),
        states=dict(sorted(states.items())),
        code=row.code,
        codes=len({part["code"] for part in row.parts} - {None}),
        costs=dict(sorted(costs.items())),
    )
