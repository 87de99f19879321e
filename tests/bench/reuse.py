"""Planning and selection: how fast, and how far each rule is from the best there is."""

from __future__ import annotations

import itertools
import os
import random
from pathlib import Path
from statistics import mean
from typing import TYPE_CHECKING

import numpy as np
from bench.measure import timed
from bench.results import Figure
from support.workloads import SHAPES, incoming, pipelines, versions, workload

from lineage.reuse import VersionGraph, plan, select, store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lineage.reuse.select import Rule

GRAPHS = 10_000
INSTANCES = 1_000
HISTORIES = 50
LARGE = 100_000
RULES: tuple[Rule, ...] = ("lazy", "lmg", "collaborative", "helix")
ROOM = (1.05, 1.2, 1.5, 2.0)
"""Budgets for versions, by the least storage there is."""


def planning(graphs: int = GRAPHS) -> list[Figure]:
    """Plan incoming workloads, one after the other; then the rules beside each other by shape."""
    rng = np.random.default_rng(2_020)
    seconds = {"exact": 0.0, "linear": 0.0}
    nodes = 0
    ratios = []
    for _ in range(graphs):
        one = incoming(rng)
        nodes += len(one.dag)
        spent, exact = timed(lambda one=one: plan(one.dag, one.targets, one.kept))
        seconds["exact"] += spent
        spent, fast = timed(lambda one=one: plan(one.dag, one.targets, one.kept, "linear"))
        seconds["linear"] += spent
        ratios.append(fast.cost / exact.cost)
    note = f"{nodes / graphs:,.0f} nodes each"
    return [
        Figure(
            name="planning 10,000 workloads", value=seconds["exact"] * GRAPHS / graphs, note=note
        ),
        Figure(
            name="the same by the linear rule",
            value=seconds["linear"] * GRAPHS / graphs,
            note=f"costs {mean(ratios):.3f} x the least in the mean, {max(ratios):.3f} x at most",
        ),
        *_linear_by_shape(),
    ]


def _linear_by_shape() -> Iterator[Figure]:
    rng = random.Random(2_018)
    for shape in SHAPES:
        ratios = []
        for _ in range(INSTANCES // 2):
            dag, _ = workload(rng, shape, rng.randint(10, 200))
            kept = np.flatnonzero(dag.load < np.inf).tolist()
            targets = dag.targets.tolist()
            exact = plan(dag, targets, kept).cost
            ratios.append(plan(dag, targets, kept, "linear").cost / exact)
        more = sum(ratio > 1 + 1e-9 for ratio in ratios) / len(ratios)
        yield Figure(
            name=f"linear rule by the least cost, {shape}",
            value=max(ratios),
            unit="x",
            note=f"the worst of {len(ratios):,}; {mean(ratios):.4f} in the mean, {more:.0%} dearer",
        )


def selection(instances: int = INSTANCES) -> list[Figure]:
    """Every rule by the exact optimum, on random workloads and version graphs; then a large one."""
    found: dict[str, list[float]] = {rule: [] for rule in RULES}
    unproven = 0
    rng = random.Random(2_021)
    shapes = itertools.cycle(SHAPES)
    while len(found["lazy"]) < instances:
        dag, budget = workload(rng, next(shapes), rng.randint(10, 60))
        best = select(dag, budget, "exact", seconds=60)
        if not best.optimal or best.saving <= 0:
            unproven += not best.optimal
            continue
        for rule in RULES:
            found[rule].append(select(dag, budget, rule).saving / best.saving)
    figures = [_behind(f"selection, {rule}", found[rule]) for rule in RULES]
    note = f"of {instances + unproven:,} instances"
    figures.append(Figure(name="selection, not proven", value=unproven, unit="", note=note))
    return [*figures, *_versions(), _large()]


def _behind(name: str, ratios: list[float]) -> Figure:
    """How much the worst falls short of the exact optimum; less is better."""
    below = sum(ratio < 0.95 for ratio in ratios)
    return Figure(
        name=f"{name}, short of exact at most",
        value=1 - min(ratios),
        unit="of 1",
        note=f"{mean(ratios):.4f} in the mean, {below} of {len(ratios):,} below 0.95",
    )


def _versions() -> Iterator[Figure]:
    """What of the retrieval that can be saved is saved, beginning with the least storage."""
    rng = random.Random(2_015)
    graphs = [versions(rng, rng.randint(8, 12)) for _ in range(HISTORIES)]
    yield from _stored("versions", graphs)
    if folder := os.environ.get("LINEAGE_VERSION_GRAPHS"):
        for path in sorted(Path(folder).glob("*.txt")):
            graph = VersionGraph.read(path.read_text(encoding="utf-8").splitlines())
            yield from _stored(f"versions, {path.stem}", [graph])


def _stored(name: str, graphs: list[VersionGraph]) -> Iterator[Figure]:
    found: dict[str, list[float]] = {"lazy": [], "lmg": []}
    open_ = 0
    for graph, room in itertools.product(graphs, ROOM):
        smallest = store(graph, np.inf, "smallest")
        budget = smallest.storage * room
        best = store(graph, budget, "exact")
        if best.bound is None or best.bound < best.retrieval * (1 - 1e-5):
            open_ += 1
            continue
        most = smallest.retrieval - best.retrieval
        for rule, ratios in found.items():
            saved = (
                smallest.retrieval
                - store(graph, budget, "lazy" if rule == "lazy" else "lmg").retrieval
            )
            ratios.append(saved / most if most > 0 else 1.0)
    for rule, ratios in found.items():
        if ratios:
            yield _behind(f"{name}, {rule}", ratios)
    if open_:
        yield Figure(name=f"{name}, no exact optimum in time", value=open_, unit="")


def _large() -> Figure:
    dag, budget = pipelines(random.Random(2_022), LARGE)
    seconds, found = timed(lambda: select(dag, budget))
    return Figure(
        name="selection from 100,000 nodes",
        value=seconds,
        note=f"{len(dag.targets):,} requests, {found.ratio:.3f} of the bound at least",
    )
