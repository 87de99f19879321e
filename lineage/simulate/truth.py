"""What the simulator knows and the trace does not say: redundancy, shared inputs, decisions."""

from __future__ import annotations

import hashlib
import json
import math
from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from lineage.simulate.best import Chances
from lineage.simulate.profile import COSTS

if TYPE_CHECKING:
    from pathlib import Path

    from lineage.simulate.plan import Plan
    from lineage.simulate.profile import Profile

_SCHEMAS = {
    "redundant": pa.schema([
        ("original", pa.string()), ("execution", pa.string()), ("type", pa.string()),
        ("within", pa.bool_()), ("concurrent", pa.bool_()), ("cost", pa.float64()),
    ]),
    "shared_inputs": pa.schema([
        ("digest", pa.string()), ("source", pa.string()), ("span", pa.int64()),
        ("pipelines", pa.list_(pa.string())),
    ]),
    "pushes": pa.schema([
        ("trainer", pa.string()), ("pipeline", pa.string()), ("pushed", pa.bool_()),
        ("cause", pa.string()), ("blessing_log_odds", pa.float64()), ("jump", pa.float64()),
        ("new_code", pa.bool_()), ("new_structure", pa.bool_()),
        *((f"p_{stage}", pa.float64()) for stage in Chances._fields),
    ]),
    "pipelines": pa.schema([
        ("pipeline", pa.string()), ("team", pa.int64()), ("source", pa.string()),
        ("family", pa.string()), ("runs", pa.int64()), ("runs_a_day", pa.float64()),
        ("lifespan_days", pa.float64()), ("window", pa.int64()), ("trainers", pa.int64()),
        ("features", pa.int64()), ("operators", pa.list_(pa.string())), ("tuning", pa.bool_()),
        ("warm_start", pa.bool_()),
        ("caching", pa.bool_()), ("gate", pa.bool_()), ("manual", pa.bool_()),
        ("throttle_days", pa.float64()), ("fresh", pa.bool_()),
    ]),
}  # fmt: skip


class Computed(NamedTuple):
    """An execution that computed something that another may have computed, too."""

    end: int
    start: int
    name: str
    pipeline: str
    operator: str
    cost: float


class Decision(NamedTuple):
    """Whether a model was pushed, and why; and what that came from.

    Attributes:
        log_odds: of a good model; None when none was made.
        jump: of the data that it was trained on, in bins.
    """

    pushed: bool
    cause: str
    log_odds: float | None
    jump: float
    new_code: bool
    new_structure: bool


class Truth:
    """Collects, and writes to `truth/` beside the trace's tables."""

    def __init__(self, folder: Path, seed: int) -> None:
        folder.mkdir()
        self._folder, self._seed = folder, seed
        self._writers = {
            name: pq.ParquetWriter(folder / f"{name}.parquet", schema, compression="zstd")
            for name, schema in _SCHEMAS.items()
        }
        self._rows: dict[str, list[tuple[Any, ...]]] = {name: [] for name in _SCHEMAS}
        self._computed: dict[tuple[Any, ...], list[Computed]] = defaultdict(list)
        self._spans: dict[tuple[str, int], set[str]] = defaultdict(set)
        self._scales: dict[tuple[int, str], float] = {}
        self.redundant = 0
        self.pushed = 0

    def profile(self, name: str, profile: Profile) -> None:
        """Write what the corpus is like."""
        said = {"name": name, "profile": profile.model_dump(mode="json", by_alias=True)}
        text = json.dumps(said, indent=2) + "\n"
        (self._folder / "profile.json").write_text(text, encoding="utf-8")

    def digest(self, *parts: object) -> str:
        """A digest of content, the same for the same parts of the same corpus."""
        return f"sim64:{self.key(*parts):016x}"

    def key(self, *parts: object) -> int:
        """A number for what is computed, the same on every machine."""
        text = repr((self._seed, *parts)).encode()
        return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "big")

    def scale(self, plan: Plan, operator: str) -> float:
        """How costly an operator is in one pipeline, as a logarithm: most of its spread."""
        found = self._scales.get((plan.index, operator))
        if found is None:
            unit = self.key("scale", plan.index, operator) / 2**64
            # Box and Muller, from two halves of one number.
            radius = math.sqrt(-2 * math.log(max(unit, 1e-12)))
            angle = 2 * math.pi * ((unit * 2**20) % 1)
            found = COSTS[operator][1] * 0.9 * radius * math.cos(angle)
            self._scales[plan.index, operator] = found
        return found

    def computed(self, key: int, done: Computed) -> None:
        """Note an execution, to find the others that computed the same."""
        self._computed[done.operator, key].append(done)

    def span(self, plan: Plan, index: int) -> None:
        """Note that a pipeline ingested a span of a shared source."""
        self._spans[plan.source.id, index].add(plan.name)

    def push(self, trainer: str, pipeline: str, decision: Decision, chances: Chances) -> None:
        """Note why a model was pushed, or not, and how likely that was."""
        self.pushed += decision.pushed
        self._rows["pushes"].append((trainer, pipeline, *decision, *chances))

    def pipeline(self, plan: Plan, features: int) -> None:
        """Note what a pipeline is like."""
        days = max((int(plan.runs[-1]) - int(plan.runs[0])) / 86_400_000, 1e-3)
        self._rows["pipelines"].append((
            plan.name, plan.team, plan.source.id, plan.family, len(plan.runs),
            round(len(plan.runs) / max(days, 1.0), 4), round(days, 3), plan.window, plan.trainers,
            features, sorted(plan.operators), plan.tuning, plan.warm, plan.caching, plan.gate,
            plan.manual, plan.throttle, plan.fresh,
        ))  # fmt: skip

    def end_team(self) -> None:
        """Settle what the pipelines of a team have in common, and write."""
        for found in self._computed.values():
            if len(found) > 1:
                self._repeats(sorted(found))
        for (source, index), names in self._spans.items():
            if len(names) > 1:
                digest = self.digest("examples", self.key("span", source, index))
                self._rows["shared_inputs"].append((digest, source, index, sorted(names)))
        self._computed.clear()
        self._spans.clear()
        self._scales.clear()

    def _repeats(self, found: list[Computed]) -> None:
        original = found[0]
        for one in found[1:]:
            overlaps = one.start < original.end
            self.redundant += not overlaps
            self._rows["redundant"].append((
                original.name, one.name, one.operator, one.pipeline == original.pipeline, overlaps,
                one.cost,
            ))  # fmt: skip

    def flush(self) -> None:
        """Write what was noted."""
        for name, rows in self._rows.items():
            if rows:
                columns = [
                    pa.array(values, field.type)
                    for values, field in zip(zip(*rows, strict=True), _SCHEMAS[name], strict=True)
                ]
                self._writers[name].write_table(pa.table(columns, schema=_SCHEMAS[name]))
                rows.clear()

    def close(self) -> None:
        """Write the rest, and finish the files."""
        self.flush()
        for writer in self._writers.values():
            writer.close()
