"""Redundancy in Neo4j gives the worked answers, and those of the reference on random traces."""

from __future__ import annotations

import os
import random
from collections import defaultdict
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest
from support.arrivals import in_one_load, slices
from support.redundancy import (
    Answer,
    Group,
    Trace,
    answer,
    case_answer,
    case_records,
    cases,
    changed,
    random_trace,
)

from lineage.simulate import simulate

if TYPE_CHECKING:
    from pathlib import Path

    from lineage import Lineage

TRACES = int(os.environ.get("LINEAGE_PROPERTY_TRACES", "1000"))
SEED = int(os.environ.get("LINEAGE_PROPERTY_SEED", "0"))

LINKS = """
MATCH (e:Execution)-[link:REPEATS|CONCURRENT]->(original:Execution)
RETURN original.source_id AS original, e.source_id AS execution, type(link) AS type,
       coalesce(link.assumed, false) AS assumed
"""
UNSTABLE = "MATCH (e:Execution) WHERE e.unstable RETURN e.source_id AS id"


def found(lin: Lineage, prefix: str = "") -> Answer:
    """What the graph says of the executions whose id begins so."""
    groups: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    assumed: dict[str, set[bool]] = defaultdict(set)
    for row in lin.graph.run_text(LINKS):
        if row["original"].startswith(prefix):
            groups[row["original"]][row["type"]].append(row["execution"])
            assumed[row["original"]].add(row["assumed"])
    assert all(len(one) == 1 for one in assumed.values())
    made = (
        Group(
            original,
            tuple(sorted(members["REPEATS"])),
            tuple(sorted(members["CONCURRENT"])),
            assumed[original].pop(),
        )
        for original, members in groups.items()
    )
    unstable = {row["id"] for row in lin.graph.run_text(UNSTABLE)}
    return Answer(frozenset(made), frozenset(one for one in unstable if one.startswith(prefix)))


@pytest.mark.parametrize("case", cases(), ids=lambda case: case["name"])
def test_worked_cases(lin: Lineage, case: dict[str, object]) -> None:
    lin.ingest_records(case_records(case), source="case")
    lin.segment()
    assert found(lin) == case_answer(case)


@pytest.mark.parametrize("case", cases(), ids=lambda case: case["name"])
def test_the_reference_gives_the_worked_answers(case: dict[str, object]) -> None:
    assert answer(case_records(case)) == case_answer(case)


def traces(count: int, seed: int) -> list[tuple[str, Trace, Answer]]:
    """Random traces of which the reference knows the answer, with their prefix."""
    made = []
    for number in range(count):
        prefix = f"t{number}_"
        trace = random_trace(random.Random(f"{seed} {number}"), prefix)
        expected = answer(trace)
        if expected is not None:
            made.append((prefix, trace, expected))
    assert len(made) > count * 0.9
    return made


def compare(lin: Lineage, made: list[tuple[str, Trace, Answer]]) -> None:
    """Check every trace that was loaded."""
    whole = found(lin)
    mine: dict[str, list[set[object]]] = defaultdict(lambda: [set(), set()])
    for group in whole.groups:
        mine[group.original.partition("_")[0] + "_"][0].add(group)
    for name in whole.unstable:
        mine[name.partition("_")[0] + "_"][1].add(name)
    for prefix, _, expected in made:
        got = mine[prefix]
        assert got == [expected.groups, expected.unstable], prefix


def test_random_traces_in_one_load(lin: Lineage) -> None:
    made = traces(TRACES, SEED)
    assert sum(len(expected.groups) for _, _, expected in made) > len(made)
    assert sum(bool(expected.unstable) for _, _, expected in made) > len(made) / 50
    lin.ingest_records(in_one_load([trace for _, trace, _ in made]), source="random")
    lin.segment()
    compare(lin, made)


@pytest.mark.parametrize("seed", range(3))
def test_any_order_of_arrival_gives_the_same(lin: Lineage, seed: int) -> None:
    made = traces(TRACES // 4, SEED + 1000 + seed)
    rng = random.Random(seed)
    records = in_one_load([trace for _, trace, _ in made])
    for part in slices(records, rng, 4):
        lin.ingest_records(part, source="random")
        lin.segment()
    compare(lin, made)


def test_what_changes_later_ends_as_if_it_had_always_been_so(lin: Lineage) -> None:
    before = traces(TRACES // 2, SEED + 2000)
    rng = random.Random(SEED)
    after = []
    for prefix, trace, _ in before:
        later = changed(rng, trace)
        expected = answer(later)
        after.append((prefix, later, expected))
    lin.ingest_records(in_one_load([trace for _, trace, _ in before]), source="random")
    lin.segment()
    compare(lin, before)
    for part in range(2):
        trace = in_one_load([later for _, later, _ in after[part::2]])
        lin.ingest_records(trace, source="random")
        lin.segment()
    compare(lin, [(prefix, later, known) for prefix, later, known in after if known is not None])
    lin.segment(full=True)
    compare(lin, [(prefix, later, known) for prefix, later, known in after if known is not None])


def test_what_the_simulator_planted_is_found(lin: Lineage, tmp_path: Path) -> None:
    simulate(tmp_path / "corpus", pipelines=60, days=20, seed=5)
    lin.ingest(str(tmp_path / "corpus"))
    lin.segment()
    rows = lin.graph.run_text(LINKS)
    got = {(row["original"], row["execution"], row["type"] == "CONCURRENT") for row in rows}
    planted = pq.read_table(tmp_path / "corpus" / "truth" / "redundant.parquet").to_pylist()
    assert got == {(row["original"], row["execution"], row["concurrent"]) for row in planted}
    assert len(got) > 100
