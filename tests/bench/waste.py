"""Which models are not pushed: how long learning takes, and how near the best possible it comes.

The simulator writes into its truth what the best possible prediction of each push was, stage by
stage, given all that was decided by then. What predictors reach is held against it, and what their
policies save against what a policy with the best possible predictions saves.
"""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np
import pyarrow.parquet as pq
from bench.measure import GIB
from bench.results import Figure

from lineage.simulate import simulate
from lineage.simulate.profiles import PROFILES
from lineage.waste.collect import collect
from lineage.waste.live import predict_push
from lineage.waste.results import Headline
from lineage.waste.stages import STAGES
from lineage.waste.train import train

if TYPE_CHECKING:
    from pathlib import Path

    from bench.product import Corpus
    from numpy.typing import NDArray

    from lineage import Lineage
    from lineage.waste.collect import Collected
    from lineage.waste.results import Outcome, Policy
    from lineage.waste.train import Training

LOSS = 0.01
"""Freshness that policies may lose."""
ASKED = 200
PIPELINES, DAYS = 120, 60  # of the corpora of other profiles
MARK = "#execution/"
MODELS = ("forest", "boosting", "linear")


def learn(corpus: Corpus) -> list[Figure]:
    """Features, training and live predictions on a corpus."""
    with corpus.server.connected() as lin:
        with corpus.server.memory().watched() as memory:
            began = perf_counter()
            found = collect(lin.graph)
            collected = perf_counter() - began
            best = oracle(corpus.folder, found)
            began = perf_counter()
            training = train(found.table, found.work, max_freshness_loss=LOSS, oracle=best)
            trained = perf_counter() - began
        live = _live(lin, training, found)
    note = f"{len(found.table):,} graphlets, {len(found.work):,} costs"
    return [
        Figure(name="features of all graphlets", value=collected, note=note),
        Figure(name="training and evaluation", value=trained, note="five stages, two splits"),
        Figure(name="memory, learning", value=memory.total / GIB, unit="GiB"),
        *live,
        *_against_best(training.time),
        _saved(training),
    ]


def profiles(folder: Path, corpus: Corpus) -> list[Figure]:
    """The verdict on corpora in which other things decide, each on a server emptied before."""
    found = []
    for name, profile in PROFILES.items():
        made = folder / f"profile-{name}"
        if not made.exists():
            simulate(made, pipelines=PIPELINES, days=DAYS, profile=profile)
        corpus.server.wipe()
        corpus.server.up()
        corpus.server.command("ingest", "--bulk", "--segment", str(made), "--json")
        with corpus.server.connected() as lin:
            told = collect(lin.graph)
        training = train(told.table, told.work, max_freshness_loss=LOSS, oracle=oracle(made, told))
        headline = training.headline
        verdict = headline.verdict if isinstance(headline, Headline) else headline.reason
        policy = headline.policy if isinstance(headline, Headline) else None
        saved = 0.0 if policy is None else policy.saving.value or 0.0
        best = max((one.saving.value or 0.0 for one in _of(training, "oracle")), default=0.0)
        note = f"{verdict}; best possible {100 * best:.1f} %; {_gaps(training.time)}"
        found.append(Figure(name=f"saved, profile {name}", value=saved, unit="share", note=note))
    return found


def oracle(folder: Path, found: Collected) -> NDArray[np.float64]:
    """(n, 5) what the simulator knew of each graphlet, by native id of its trainer."""
    columns = [f"p_{stage}" for stage in STAGES]
    table = pq.read_table(folder / "truth" / "pushes.parquet", columns=["trainer", *columns])
    rows = {name: row for row, name in enumerate(table["trainer"].to_pylist())}
    order = [rows[key.partition(MARK)[2]] for key in found.table.key]
    return np.stack([table[name].to_numpy()[order] for name in columns], axis=1)


def _live(lin: Lineage, training: Training, found: Collected) -> list[Figure]:
    """Ask about graphlets that are there, at the stage that they have reached."""
    if training.model is None:
        return []
    rng = np.random.default_rng(0)
    taken = []
    for row in rng.choice(len(found.table), ASKED + 5):
        began = perf_counter()
        predict_push(lin.graph, training.model, found.table.key[row])
        taken.append(perf_counter() - began)
    ranked = sorted(taken[5:])  # the first plan queries
    note = f"of {ASKED} questions; median {1000 * ranked[ASKED // 2]:.0f} ms"
    at = ranked[int(ASKED * 0.99)]
    return [Figure(name="one prediction, 99th percentile", value=at, note=note)]


def _against_best(outcome: Outcome) -> list[Figure]:
    """How far the best predictor of each stage is below the best possible, in accuracy."""
    return [
        Figure(
            name=f"accuracy short of the best possible, {stage}",
            value=best - ours,
            unit="points of 1",
            note=f"{ours:.3f}, {best:.3f}",
        )
        for stage, ours, best in _pairs(outcome)
    ]


def _gaps(outcome: Outcome) -> str:
    return "short of it " + ", ".join(
        f"{stage} {best - ours:+.3f}" for stage, ours, best in _pairs(outcome)
    )


def _pairs(outcome: Outcome) -> list[tuple[str, float, float]]:
    found = []
    for stage in STAGES:
        scores = {
            one.predictor: one.balanced_accuracy.value or 0.0
            for one in outcome.figures
            if one.stage == stage
        }
        if scores:
            found.append((stage.value, max(scores[name] for name in MODELS), scores["oracle"]))
    return found


def _saved(training: Training) -> Figure:
    """What the headline saves, of what the best possible predictions would."""
    headline = training.headline
    policy = headline.policy if isinstance(headline, Headline) else None
    best = max((one.saving.value or 0.0 for one in _of(training, "oracle")), default=0.0)
    mine = 0.0 if policy is None else policy.saving.value or 0.0
    loss = 0.0 if policy is None else policy.freshness_loss.value or 0.0
    note = f"{100 * mine:.1f} %, {100 * best:.1f} %; freshness lost {100 * loss:.1f} %"
    return Figure(
        name="waste saved, of the best possible", value=mine / best if best else 0.0, unit="share",
        note=note,
    )  # fmt: skip


def _of(training: Training, predictor: str) -> list[Policy]:
    return [one for one in training.time.policies if one.predictor == predictor]
