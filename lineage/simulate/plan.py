"""What one pipeline of the corpus is like, drawn once for its whole life."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from lineage.simulate.profile import Profile

T = TypeVar("T")

DAY = 86_400_000
MOST_RUNS_A_DAY = 24.0
_PIPELINE, _SOURCE, _TEAM = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Source:
    """The data that a pipeline ingests: one span each period.

    Attributes:
        id: the same for pipelines that share it.
        period: ms from one span to the next; None when each run has its own.
        seed: of its features and their drift.
    """

    id: str
    period: int | None
    seed: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """One pipeline: what it runs, how often, and when it pushes. Times in ms since 1970."""

    index: int
    name: str
    team: int
    source: Source
    runs: NDArray[np.int64]
    family: str
    window: int
    trainers: int
    operators: frozenset[str]
    tuning: bool
    baseline: bool
    warm: bool
    caching: bool
    gate: bool
    manual: bool
    throttle: float
    fresh: bool
    silent: bool
    rng: np.random.Generator


def draw(profile: Profile, seed: int, index: int, start: int, days: int) -> Plan:
    """The pipeline of that number; it does not depend on how many others there are."""
    rng = np.random.default_rng([seed, _PIPELINE, index])

    def happens(share: float) -> bool:
        return bool(rng.random() < share)

    team = index // profile.team
    shared = happens(profile.shared_source)
    return Plan(
        index=index,
        name=f"simulated-{index:04d}",
        team=team,
        source=_source(seed, index, team, shared=shared),
        runs=_runs(profile, rng, start, days),
        family=choice(rng, profile.families),
        window=choice(rng, profile.windows),
        trainers=choice(rng, profile.trainers),
        operators=_operators(profile, rng),
        tuning=happens(profile.tuner),
        baseline=happens(profile.baseline),
        warm=happens(profile.warm_start),
        caching=happens(profile.caching),
        gate=happens(profile.gate),
        manual=happens(profile.manual),
        throttle=choice(rng, profile.throttle),
        fresh=happens(profile.fresh),
        silent=happens(profile.silent_pusher),
        rng=rng,
    )


def choice(rng: np.random.Generator, chances: Mapping[T, float]) -> T:
    """One of the keys, by their chances."""
    weights = np.fromiter(chances.values(), float)
    return list(chances)[int(rng.choice(len(weights), p=weights / weights.sum()))]


def _operators(profile: Profile, rng: np.random.Generator) -> frozenset[str]:
    found = {"CsvExampleGen", "Trainer"}
    shares = {
        "StatisticsGen": profile.statistics,
        "Transform": profile.transform,
        "Evaluator": profile.evaluator,
        "InfraValidator": profile.infra_validator,
        "Pusher": profile.pusher,
        "BulkInferrer": profile.inference,
    }
    found |= {name for name, share in shares.items() if rng.random() < share}
    for name, share, needs in (
        ("SchemaGen", profile.schema_, "StatisticsGen"),
        ("ExampleValidator", profile.validator, "SchemaGen"),
    ):
        if needs in found and rng.random() < share:
            found.add(name)
    return frozenset(found)


def _source(seed: int, index: int, team: int, *, shared: bool) -> Source:
    if not shared:
        return Source(f"source-{index}", None, (seed, _SOURCE, index))
    of_team = (seed, _TEAM, team)
    hours = int(np.random.default_rng(of_team).choice([6, 12, 24]))
    return Source(f"team-{team}", hours * DAY // 24, of_team)


def _runs(profile: Profile, rng: np.random.Generator, start: int, days: int) -> NDArray[np.int64]:
    """When it runs: at least once, and only within its life and the time that is simulated."""
    lifespan = min(rng.exponential(profile.lifespan_days) + 1, days)
    born = rng.uniform(0, days - lifespan) if lifespan < days else 0.0
    rate = min(rng.lognormal(np.log(profile.runs_a_day), profile.runs_spread), MOST_RUNS_A_DAY)
    count = max(1, int(lifespan * rate))
    steps = np.maximum(rng.normal(1, profile.jitter, count), 0.05)
    at = np.cumsum(steps) * (lifespan / max(steps.sum(), 1e-9))
    at = born + np.minimum(at, lifespan) - lifespan / count * 0.5
    offsets: NDArray[np.int64] = np.maximum(at * DAY, 0).astype(np.int64)
    return start + offsets
