"""What differs between nested values: following the changes leads from one to the other."""

from __future__ import annotations

import copy
import math
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from lineage.diff.values import Change, changes, parameters

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.floats(allow_nan=False, width=16)
    | st.text("ab.[", max_size=2)
)
NESTED = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("ab.", max_size=2), inner, max_size=3)
    ),
    max_leaves=12,
)
OBJECTS = st.dictionaries(st.text("abc.", max_size=2), NESTED, max_size=4)


def patched(value: Any, found: list[Change]) -> Any:
    """The value after the changes."""
    value = copy.deepcopy(value)
    for change in found:
        inner = value
        for part in change.path[:-1]:
            inner = inner[part]
        if change.change == "removed":
            del inner[change.path[-1]]
        else:
            inner[change.path[-1]] = change.b
    return value


def exactly(value: Any) -> Any:
    """A form in which equality tells true from 1, and 1 from nothing else."""
    if isinstance(value, dict):
        return {name: exactly(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [exactly(inner) for inner in value]
    return ("bool", value) if isinstance(value, bool) else value


@given(OBJECTS, OBJECTS)
def test_changes_lead_from_one_to_the_other(a: dict[str, Any], b: dict[str, Any]) -> None:
    found = changes(a, b)
    assert exactly(patched(a, found)) == exactly(b)
    assert bool(found) is (exactly(a) != exactly(b))


@given(OBJECTS, OBJECTS)
def test_the_other_way_round_is_the_mirror_image(a: dict[str, Any], b: dict[str, Any]) -> None:
    mirror = {"added": "removed", "removed": "added", "changed": "changed"}
    there = [(one.path, one.change, exactly(one.a), exactly(one.b)) for one in changes(a, b)]
    back = [(one.path, mirror[one.change], exactly(one.b), exactly(one.a)) for one in changes(b, a)]
    assert there == back


@given(OBJECTS)
def test_what_is_the_same_has_no_changes(a: dict[str, Any]) -> None:
    assert changes(a, copy.deepcopy(a)) == []


def test_numbers() -> None:
    assert changes({"a": math.nan}, {"a": math.nan}) == []
    assert changes({"a": 1}, {"a": 1.0}) == []
    assert [one.change for one in changes({"a": 1}, {"a": True})] == ["changed"]
    assert len(changes({"a": math.nan}, {"a": 0.0})) == 1


def test_names_are_paths() -> None:
    a = {"args": {"layers": [{"units": 8}, 2], "gone": 1}}
    b = {"args": {"layers": [{"units": 16}, 2], "new": [1]}}
    assert [(one.name, one.change, one.a, one.b) for one in changes(a, b)] == [
        ("args.gone", "removed", 1, None),
        ("args.layers[0].units", "changed", 8, 16),
        ("args.new", "added", None, [1]),
    ]
    (one,) = changes({"a": [1]}, {"a": [1, 2]})
    assert (one.name, one.a, one.b) == ("a", [1], [1, 2])


def test_parameters_are_the_source_s_own_and_json_is_read() -> None:
    given_ = {
        "key": "k",
        "p_rate": 0.1,
        "p_args": '{"steps": 1}',
        "json_nested": '{"a": [1]}',
        "p_text": "{no json",
        "p_deep": "[" * 100_000,
    }
    found = parameters(given_)
    assert found.pop("deep") == "[" * 100_000
    assert found == {
        "rate": 0.1,
        "args": {"steps": 1},
        "nested": {"a": [1]},
        "text": "{no json",
    }


def test_what_differs_by_rounding_alone_has_not_changed() -> None:
    from lineage.diff.text import _measured

    assert _measured("cost", 5_760.0, 5_760.0 + 1.8e-12, "s") == ("", "cost: 1.6 h")
    assert _measured("cost", 60.0, 90.0, "s") == (
        "~",
        "cost: 1.0 min \u2192 1.5 min (+30 s, +50.0 %)",
    )
