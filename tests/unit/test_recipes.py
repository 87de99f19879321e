"""What is computed, as a number: which properties count, and who takes part."""

from __future__ import annotations

import math
from typing import Any

import pytest

from lineage import Settings
from lineage.errors import SettingsError
from lineage.recipes import BITS, DIGESTS, Recipes, content_of, plain_properties
from lineage.records import OperatorClass, State

GIVEN: dict[str, Any] = {
    "type": "acme.Clean",
    "node": "clean",
    "operator": OperatorClass.TRANSFORMATION,
    "state": State.COMPLETE,
    "code_version": "v1",
    "properties": {"k": 1},
}


def number(rules: Recipes | None = None, **other: Any) -> int | None:
    given = GIVEN | other
    made = (rules or Recipes()).recipe(given.pop("type"), given.pop("node"), **given)
    return None if made is None else made.number


def test_the_same_says_the_same() -> None:
    assert number() == number(node="another", properties={"k": 1})
    assert number() is not None


@pytest.mark.parametrize(
    "other",
    [
        {"type": "acme.Other"},
        {"code_version": "v2"},
        {"code_version": None},
        {"properties": {"k": 2}},
        {"properties": {"k": 1, "more": True}},
        {"properties": {}},
    ],
)
def test_what_differs_is_another(other: dict[str, Any]) -> None:
    assert number(**other) != number()


@pytest.mark.parametrize(
    "name",
    ["run_id", "pipeline_run_id", "timestamp", "start_timestamp", "output_uri", "model_output_dir",
     "pipeline_root", "component_id", "hostname"],
)  # fmt: skip
def test_volatile_properties_are_left_out(name: str) -> None:
    assert number(properties={"k": 1, name: "x"}) == number()


@pytest.mark.parametrize("name", ["runs", "outputs", "my_run_id_count", "component", "rate"])
def test_others_are_not(name: str) -> None:
    assert number(properties={"k": 1, name: "x"}) != number()


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, True),
        ({"a": {"x": 1, "y": [1, 2]}}, {"a": {"y": [1, 2], "x": 1}}, True),
        ({"a": math.nan}, {"a": math.nan}, True),
        ({"a": None}, {}, True),
        ({"a": 0.1 + 0.2}, {"a": 0.30000000000000004}, True),
        ({"a": [1, 2]}, {"a": [2, 1]}, False),
        ({"a": 1}, {"a": 1.0}, False),
        ({"a": 1}, {"a": True}, False),
        ({"a": 1}, {"a": "1"}, False),
        ({"a": math.inf}, {"a": -math.inf}, False),
        ({"a": 2**70}, {"a": 2**70 + 1}, False),
        ({"a": {"x": None}}, {"a": {}}, False),
    ],
)
def test_the_canonical_form(one: dict[str, Any], other: dict[str, Any], same: bool) -> None:
    assert (number(properties=one) == number(properties=other)) is same


@pytest.mark.parametrize(
    "other",
    [
        {"operator": OperatorClass.DEPLOYMENT},
        {"operator": OperatorClass.RESOLUTION},
        {"state": State.FAILED},
        {"state": State.CACHED},
        {"state": State.RUNNING},
        {"operator": OperatorClass.TRAINING},
        {"operator": OperatorClass.TUNING, "properties": {"seed": 1}, "code_version": None},
    ],
)
def test_who_takes_no_part(other: dict[str, Any]) -> None:
    assert number(**other) is None


def test_trainings_with_a_seed_take_part() -> None:
    assert number(operator=OperatorClass.TRAINING, properties={"random_state": 0}) is not None
    assert number(Recipes(unseeded=True), operator=OperatorClass.TRAINING) is not None


def test_a_type_that_says_nothing_is_told_by_its_node() -> None:
    generic = {"type": "system.ContainerExecution"}
    assert number(**generic, node="clean") != number(**generic, node="split")


def test_rules_add_to_what_is_known() -> None:
    rules = Settings(
        reuse_rules=(
            {"pattern": "*Clean", "volatile": ["ticket", "tmp_*"], "fingerprint": "etag"},
            {"pattern": "*Train", "seed": "rng"},
        )
    ).recipes()
    assert number(rules, properties={"k": 1, "ticket": 7, "tmp_x": 1}) == number(rules)
    assert number(rules, type="acme.Other", properties={"ticket": 7}) != number(
        rules, type="acme.Other", properties={}
    )
    made = rules.recipe(
        "acme.Clean", None, operator=OperatorClass.INGESTION, state=State.COMPLETE,
        code_version="v", properties={"etag": "e"},
    )  # fmt: skip
    assert made is not None
    assert made.fingerprinted
    assert number(rules, type="Train", operator=OperatorClass.TRAINING, properties={"rng": 1})


def test_a_rule_that_hides_everything_leaves_type_and_code() -> None:
    rules = Recipes.of([{"pattern": "*", "volatile": "*"}])
    assert number(rules) == number(rules, properties={"other": 2})
    assert number(rules) != number(rules, code_version="v2")


@pytest.mark.parametrize(
    "rule",
    [{}, {"pattern": ""}, {"pattern": "x", "other": 1}, {"pattern": "x", "volatile": 3},
     {"pattern": "x", "seed": [1]}],
)  # fmt: skip
def test_rules_that_make_no_sense(rule: dict[str, Any]) -> None:
    with pytest.raises(SettingsError):
        Settings(reuse_rules=(rule,)).recipes()


def test_content() -> None:
    assert content_of("a", "d") == content_of("b", "d") < DIGESTS
    assert 0 < content_of("a", None) != content_of("b", None) <= 2**BITS
    assert content_of("a", "") == content_of("a", None)
    assert content_of("a", "\ud800") < DIGESTS


def test_properties_of_a_node() -> None:
    node = {"p_k": 1, "json_nested": '{"a": [1]}', "name": "x"}
    assert plain_properties(node) == {"k": 1, "nested": {"a": [1]}}
