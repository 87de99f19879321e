"""A diff as a tree of text; what is the same in both is counted, not listed."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

from rich.text import Text
from rich.tree import Tree

from lineage.report import units
from lineage.safe import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lineage.diff.models import GraphletDiff, NodeDiff, Side
    from lineage.diff.values import Change

_SAME = 1e-9  # sums of the same costs in another order differ by less
_MOST_FEATURES, _MOST_LINES = 10, 20
_MOST_CHARACTERS, _CONTEXT = 48, 12
_COLORS = {"+": "green", "-": "red", "~": "yellow", "=": "dim", "": ""}
_SIGNS = {"added": "+", "removed": "-", "changed": "~", "shared": "="}
_TO = " \u2192 "


def tree(found: GraphletDiff) -> Tree:
    """The diff as a tree for rich, safe to print in a terminal."""
    root = Tree(Text("diff of two graphlets", style="bold"), guide_style="dim")
    for label, side in (("a", found.a), ("b", found.b)):
        root.add(_heading(label, side))
    _limb(root, "outcome", _outcome(found))
    _limb(root, _spans_title(found), _spans(found))
    _limb(root, _data_title(found), _features(found))
    _limb(root, *_code(found.nodes))
    _limb(root, *_parameters(found.nodes))
    _limb(root, *_presence(found.nodes))
    _limb(root, "cost by node", _costs(found.nodes))
    return root


def _limb(root: Tree, title: str, lines: Iterable[tuple[str, str]]) -> None:
    """A branch: each line with its sign."""
    limb = root.add(Text(title, style="bold"))
    listed = list(lines)
    for sign, line in listed[:_MOST_LINES]:
        limb.add(Text(f"{sign} {visible(line)}" if sign else visible(line), style=_COLORS[sign]))
    if len(listed) > _MOST_LINES:
        more = len(listed) - _MOST_LINES
        limb.add(Text(f"\u2026 and {more:,} more; --json has them", style="italic"))


def _heading(label: str, side: Side) -> Text:
    started = "" if side.started is None else f", started {units.moment(side.started)}"
    made_up = " (simulated data)" if side.simulated else ""
    of = "" if side.pipeline is None else f" of pipeline {visible(side.pipeline)}"
    return Text.assemble(
        (f"{label}: ", "bold cyan"),
        (visible(side.name), "bold"),
        f"{of}{started}{made_up}\nkey: {visible(side.key)}",
    )


def _outcome(found: GraphletDiff) -> Iterator[tuple[str, str]]:
    a, b = found.a, found.b
    yield _pair("state", a.state, b.state)
    yield _pair("pushed", a.pushed, b.pushed)
    for fact in found.outcome:
        if fact.a != fact.b or type(fact.a) is not type(fact.b):
            yield _pair(f"{fact.type} {fact.name}", fact.a, fact.b)
    if a.cost_unit == b.cost_unit:
        yield _measured("cost", a.cost, b.cost, a.cost_unit)
    else:
        costs = (_cost(side.cost, side.cost_unit) for side in (a, b))
        yield _pair("cost", *costs)
    yield _measured("duration", a.duration, b.duration, "s")
    yield _pair("executions", f"{a.executions:,}", f"{b.executions:,}")
    yield _pair("artifacts", f"{a.artifacts:,}", f"{b.artifacts:,}")


def _pair(label: str, a: Any, b: Any) -> tuple[str, str]:
    first, second = _value(a), _value(b)
    if first == second:
        return "", f"{label}: {_short(first)}"
    return "~", f"{label}: {_apart(first, second)}"


def _measured(label: str, a: float | None, b: float | None, unit: str | None) -> tuple[str, str]:
    sign, line = _pair(label, _cost(a, unit), _cost(b, unit))
    if a is None or b is None or math.isclose(a, b, rel_tol=_SAME):
        return sign, line
    more = "+" if b > a else "-"
    share = f", {more}{units.share(abs(b - a) / a)}" if a > 0 else ""
    return "~", f"{line} ({more}{_cost(abs(b - a), unit)}{share})"


def _cost(value: float | None, unit: str | None) -> str:
    return "unknown" if value is None else units.cost(value, unit)


def _spans_title(found: GraphletDiff) -> str:
    spans = found.spans
    return (
        f"spans: {spans.shared.total:,} shared, {spans.added.total:,} added, "
        f"{spans.removed.total:,} removed; Jaccard {spans.jaccard:.2f}"
    )


def _spans(found: GraphletDiff) -> Iterator[tuple[str, str]]:
    for branch in (found.spans.removed, found.spans.added):
        sign = _SIGNS[branch.branch]
        for item in branch.items[: _MOST_LINES // 2 - 1]:
            yield sign, item.name or item.key or units.NOTHING
        left = branch.total - min(len(branch.items), _MOST_LINES // 2 - 1)
        if left:
            yield sign, f"{left:,} more"


def _data_title(found: GraphletDiff) -> str:
    data = found.data
    if data.a is None or data.b is None:
        return "data: unknown, as one of them has no span"
    if data.is_same:
        return "data: the newest spans are the same"
    if data.similarity is None:
        return "data: the newest spans differ; their features are not known"
    return f"data: the newest spans are {units.share(data.similarity)} alike"


def _features(found: GraphletDiff) -> Iterator[tuple[str, str]]:
    moved = [one for one in found.data.features if one.divergence is None or one.divergence > 0]
    for one in moved[:_MOST_FEATURES]:
        if one.divergence is None:
            yield ("+" if one.where == "b" else "-"), f"{one.feature} ({one.kind})"
        else:
            yield "~", f"{one.feature} ({one.kind}): divergence {one.divergence:.3f} bits"
    if len(moved) > _MOST_FEATURES:
        yield "~", f"{len(moved) - _MOST_FEATURES:,} more features"
    same = len(found.data.features) - len(moved)
    if same:
        yield "=", f"{same:,} features without a difference"


def _code(nodes: Iterable[NodeDiff]) -> tuple[str, list[tuple[str, str]]]:
    both = [node for node in nodes if node.a and node.b]
    changed = [node for node in both if node.code_changed]
    same = sum(node.code_changed is False for node in both)
    title = f"code: {len(changed):,} changed, {same:,} the same"
    if unknown := len(both) - len(changed) - same:
        title += f", {unknown:,} unknown"
    return title, [("~", _code_line(node)) for node in changed]


def _code_line(node: NodeDiff) -> str:
    codes = [side.code or "" for side in (node.a, node.b) if side]
    several = max(side.codes for side in (node.a, node.b) if side)
    newest = "" if several < 2 else f" (the newest of up to {several:,} in one graphlet)"
    return f"{node.node}: {_apart(*codes)}{newest}"


def _parameters(nodes: Iterable[NodeDiff]) -> tuple[str, list[tuple[str, str]]]:
    changed = [(node.node, change) for node in nodes for change in node.parameters]
    lines = [(_SIGNS[change.change], f"{node}: {_change(change)}") for node, change in changed]
    return f"parameters: {len(changed):,} different", lines


def _change(change: Change) -> str:
    if change.change == "added":
        return f"{change.name} = {_short(_value(change.b))}"
    if change.change == "removed":
        return f"{change.name} = {_short(_value(change.a))}"
    return f"{change.name}: {_apart(_value(change.a), _value(change.b))}"


def _presence(nodes: Iterable[NodeDiff]) -> tuple[str, list[tuple[str, str]]]:
    """Nodes of one only, and those that were matched by type alone."""
    listed = list(nodes)
    lines = []
    for node in listed:
        side = node.a or node.b
        if node.where != "both" and side is not None:
            ran = units.counted(side.executions, "execution")
            lines.append(
                ("+" if node.where == "b" else "-", f"{node.node} ({side.operator}), {ran}")
            )
        elif node.a and node.b and node.a.node != node.b.node:
            lines.append(("~", f"{node.a.node}{_TO}{node.b.node}, of one type"))
    common = sum(node.where == "both" for node in listed)
    return f"nodes: {common:,} in both, {len(listed) - common:,} in one only", lines


def _costs(nodes: Iterable[NodeDiff]) -> Iterator[tuple[str, str]]:
    """Each node and unit, the largest difference first; of those without one, by name."""
    rows = []
    for node in nodes:
        a, b = (side.costs if side else {} for side in (node.a, node.b))
        rows += [(unit or "", node, a.get(unit, 0.0), b.get(unit, 0.0)) for unit in {**a, **b}]
    rows.sort(key=lambda row: (row[0] != "s", row[0], -_apart_by(row[2], row[3]), row[1].node))
    for unit, node, first, second in rows:
        if first or second:
            yield _measured(f"{node.node}{_counts(node)}", first, second, unit or None)


def _apart_by(a: float, b: float) -> float:
    """How far two sums are apart: not at all when only the order of their parts differed."""
    return 0.0 if math.isclose(a, b, rel_tol=_SAME) else abs(b - a)


def _counts(node: NodeDiff) -> str:
    a, b = (side.executions if side else 0 for side in (node.a, node.b))
    return f" ({a:,})" if a == b else f" ({a:,}{_TO}{b:,})"


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None:
        return "unknown"
    return value if isinstance(value, str) else json.dumps(value, default=str, ensure_ascii=False)


def _apart(a: str, b: str) -> str:
    """Two texts; of long ones only where they begin to differ, and what is just before."""
    if max(len(a), len(b)) > _MOST_CHARACTERS:
        pairs = enumerate(zip(a, b, strict=False))
        same = next((at for at, (one, other) in pairs if one != other), 0)
        if same > _CONTEXT:
            a, b = (f"\u2026{text[same - _CONTEXT :]}" for text in (a, b))
    return f"{_short(a)}{_TO}{_short(b)}"


def _short(text: str) -> str:
    return text if len(text) <= _MOST_CHARACTERS else f"{text[: _MOST_CHARACTERS - 1]}\u2026"
