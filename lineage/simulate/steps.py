"""Executions as rows: what each read and wrote, how long it took, whether it failed."""

from __future__ import annotations

import math
from bisect import bisect_right, insort
from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from lineage.simulate.profile import COSTS
from lineage.simulate.truth import Computed

if TYPE_CHECKING:
    from lineage.simulate.best import Best
    from lineage.simulate.data import Data
    from lineage.simulate.plan import Plan
    from lineage.simulate.profile import Profile
    from lineage.simulate.tables import Tables
    from lineage.simulate.truth import Truth

COMPONENT = {
    name: f"tfx.components.{package}.component.{name}"
    for name, package in {
        "CsvExampleGen": "example_gen.csv_example_gen",
        "StatisticsGen": "statistics_gen",
        "SchemaGen": "schema_gen",
        "ExampleValidator": "example_validator",
        "Transform": "transform",
        "Tuner": "tuner",
        "Trainer": "trainer",
        "Evaluator": "evaluator",
        "InfraValidator": "infra_validator",
        "Pusher": "pusher",
        "BulkInferrer": "bulk_inferrer",
    }.items()
}
COMPONENT["Resolver"] = "tfx.dsl.components.common.resolver.Resolver"
TFX = "tfx-1.15.0"
GAP = 20_000  # ms from the end of an execution to the start of what waits for it
RETRY = 900_000  # ms from a failure to the second try
FAILED_EARLY = 0.4  # of the time that it takes, an execution that fails has gone by
SPREAD = 0.35  # of an operator's sigma, between executions of one pipeline
_VERSIONS = 50  # more than there are runs under way at one time
Input = tuple[str, str]  # role, artifact


class Done(NamedTuple):
    """An execution that went well: when it ended, and the id of each output by role."""

    end: int
    outputs: dict[str, str]
    key: int


class History:
    """Versions of one thing, each from the time on when it was there."""

    def __init__(self) -> None:
        self._versions: list[tuple[int, str]] = []

    def add(self, at: int, artifact: str) -> None:
        """There from now on. Of runs that overlap, a later one may be done first."""
        insort(self._versions, (at, artifact))
        del self._versions[:-_VERSIONS]

    def as_of(self, now: int) -> str | None:
        """The newest that was there."""
        found = self._newest(now)
        return None if found is None else found[1]

    def time_as_of(self, now: int) -> int | None:
        """Since when the newest that was there had been."""
        found = self._newest(now)
        return None if found is None else found[0]

    def _newest(self, now: int) -> tuple[int, str] | None:
        found = bisect_right(self._versions, now, key=itemgetter(0))
        return self._versions[found - 1] if found else None


@dataclass(slots=True)
class Steps:
    """Writes the executions of one pipeline.

    Attributes:
        run: the number of the run under way.
        last: when the last of its executions ended, ms since 1970.
        broken: whether one of them failed for good.
        failed_at: when one failed the last time.
        due: when that one would have ended, had it gone well.
    """

    plan: Plan
    profile: Profile
    data: Data
    tables: Tables
    truth: Truth
    best: Best
    run: int = 0
    last: int = 0
    broken: bool = False
    failed_at: int = 0
    due: int = 0

    def _id(self, what: str) -> str:
        return f"{self.plan.index}.{self.run}.{what}"

    def _execute(
        self,
        operator: str,
        node: str,
        start: int,
        reads: list[Input],
        writes: dict[str, str],
        **what: Any,
    ) -> Done | None:
        """One execution, tried again at times when it fails; None when it failed for good."""
        done = self._attempt(operator, node, start, reads, writes, **what)
        if done is None and self.plan.rng.random() < self.profile.retry:
            again = self.failed_at + RETRY
            done = self._attempt(operator, node, again, reads, writes, suffix="-1", **what)
        self.broken |= done is None
        return done

    def _attempt(
        self,
        operator: str,
        node: str,
        start: int,
        reads: list[Input],
        writes: dict[str, str],
        *,
        key: int | None = None,
        suffix: str = "",
        version: str = TFX,
        properties: str | None = None,
        about: str | None = None,
        failure: float | None = None,
        size: int | None = None,
        features: int | None = None,
        pushed: bool | None = None,
    ) -> Done | None:
        """One execution with its events and outputs; None when it failed.

        Args:
            operator: its component.
            node: in the pipeline.
            start: when, ms since 1970.
            reads: its inputs.
            writes: the type of each output, by role.
            suffix: tells a second try from the first.
            version: of its code.
            properties: as JSON.
            size: of its outputs, in bytes.
            key: of what it computes, the same for equivalent executions; None when no other is.
            about: properties of what it writes.
            failure: chance that it fails; by default the profile's.
            features: the span whose features its output has.
            pushed: for a deployment, whether something was really pushed.
        """
        name = self._id(node + suffix)
        median, sigma, machines = COSTS[operator]
        rng = self.plan.rng
        chance, noise = rng.random(), rng.normal()
        seconds = median * math.exp(sigma * noise * SPREAD + self.truth.scale(self.plan, operator))
        failed = chance < (self.profile.failure if failure is None else failure)
        if failed:
            seconds *= FAILED_EARLY
            self.due = start + int(seconds / FAILED_EARLY * 1000)
        end = start + max(1000, int(seconds * 1000))
        state = "FAILED" if failed else "COMPLETE"
        cost = seconds * machines
        self._row(
            operator, name, node, state, (start, end),
            cost=cost, version=version, properties=properties,
        )  # fmt: skip
        self._read(name, reads)
        if failed:
            self.failed_at = end
            return None
        if key is not None:
            self.truth.computed(
                key, Computed(end, start, name, self.plan.name, operator, round(cost, 3))
            )
        outputs = {}
        for role, kind in writes.items():
            artifact = outputs[role] = self._id(f"{node}{suffix}.{role}")
            digest = self.truth.digest(role, key) if key is not None else None
            place = None
            if features is not None:
                place = len(self.tables.features)
                self.tables.features.append(
                    (self.data.names, self.data.kinds, self.data.weights[features])
                )
            uri = f"/simulated/{self.plan.name}/{node}/{role}/{self.run}"
            self.tables.rows["artifacts"].append(
                (artifact, kind, f"{role} {artifact}", uri, digest, size, pushed, end, about, place)
            )
            self.tables.rows["events"].append((name, artifact, "OUTPUT", role, 0))
        return Done(end, outputs, key or 0)

    def _cached(self, operator: str, node: str, at: int, reads: list[Input], earlier: Done) -> None:
        """An execution that was not run: it puts out what an earlier one made."""
        name = self._id(node)
        self._row(operator, name, node, "CACHED", (at, at + 1000))
        self._read(name, reads)
        self.tables.rows["events"] += [
            (name, made, "OUTPUT", role, 0) for role, made in earlier.outputs.items()
        ]

    def _read(self, name: str, reads: list[Input]) -> None:
        counts: dict[str, int] = {}
        for role, artifact in reads:
            index = counts[role] = counts.get(role, -1) + 1
            self.tables.rows["events"].append((name, artifact, "INPUT", role, index))

    def _row(
        self,
        operator: str,
        name: str,
        node: str,
        state: str,
        between: tuple[int, int],
        *,
        cost: float = 0.0,
        version: str = TFX,
        properties: str | None = None,
    ) -> None:
        self.last = max(self.last, between[1])
        rows = self.tables.rows
        rows["executions"].append(
            (
                name,
                COMPONENT[operator],
                f"{node} {name}",
                node,
                state,
                *between,
                round(cost, 3),
                version,
                properties,
            )
        )
        rows["memberships"].append(("execution", name, "run", self._id("run")))
