"""Writes a corpus: pipeline after pipeline, in bounded memory."""

from __future__ import annotations

import gc
import hashlib
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from lineage.errors import SettingsError
from lineage.simulate import data
from lineage.simulate.best import Best
from lineage.simulate.plan import DAY, draw
from lineage.simulate.profile import Profile
from lineage.simulate.profiles import OTHER, name_of
from lineage.simulate.story import Story, spans_of
from lineage.simulate.tables import ROWS, Tables
from lineage.simulate.truth import Truth
from lineage_ingest.trace_parquet_writer import ParquetTraceWriter

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterator

    from lineage.simulate.plan import Plan

START = datetime(2026, 1, 1, tzinfo=UTC)


class Simulated(BaseModel):
    """What was written.

    Attributes:
        folder: of the trace.
        source: the name that a load gives it.
        profile: its name; `other` if it has none.
        models: training executions, failed ones included.
        pushed: models that were pushed.
        redundant: executions that repeat what another had computed.
        rows: of each table.
        seconds: wall time.
    """

    model_config = ConfigDict(frozen=True)

    folder: str
    source: str
    profile: str
    models: int
    pushed: int
    redundant: int
    rows: dict[str, int]
    seconds: float


def simulate(
    out: str | os.PathLike[str],
    *,
    pipelines: int = 3_000,
    days: int = 130,
    seed: int = 0,
    start: datetime = START,
    profile: Profile | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Simulated:
    """Write a corpus of simulated ML pipelines as a trace, and beside it what is true of it.

    The same arguments give the same bytes; a pipeline does not depend on how many there are.

    Args:
        out: the folder to make; not there yet, or empty. The truth goes to `truth/` in it.
        pipelines: how many.
        days: that the corpus spans.
        seed: of every random choice.
        start: of the first day, with its time zone.
        profile: what the corpus is like; those of `PROFILES` have names, which are kept.
        progress: told how many pipelines are written, and how many there are.

    Raises:
        SettingsError: nothing would be simulated.
        FileExistsError: something is in the folder.
    """
    if pipelines < 1 or days < 1 or seed < 0:
        raise SettingsError("a simulation needs a pipeline, a day and a seed that is not negative")
    began = time.perf_counter()
    profile = profile or Profile()
    first = int(start.timestamp() * 1000)
    source, name = f"simulated:{pipelines}x{days}:{seed}", name_of(profile)
    if name not in {"default", OTHER}:
        source += f":{name}"
    if (profile, start) != (Profile(), START):
        # Another corpus, whose ids are the same: it must not be taken for that one.
        said = f"{start.isoformat()} {profile.model_dump_json()}".encode()
        source += f":{hashlib.blake2b(said, digest_size=4).hexdigest()}"
    with ParquetTraceWriter(out, source, simulated=True) as writer, _uncollected():
        truth = Truth(writer.part / "truth", seed)
        truth.profile(name, profile)
        tables = Tables(writer)
        best = Best(profile)
        models = 0
        shared: dict[str, data.Data] = {}
        for index in range(pipelines):
            if index % profile.team == 0:
                truth.end_team()
                shared.clear()
            plan = draw(profile, seed, index, first, days)
            models += _tell(plan, best, shared, tables, truth, start=first, days=days)
            tables.flush(ROWS)
            if index % 100 == 99:
                truth.flush()
            if progress is not None:
                progress(index + 1, pipelines)
        tables.flush()
        truth.end_team()
        truth.close()
    return Simulated(
        folder=str(out),
        source=source,
        profile=name,
        models=models,
        pushed=truth.pushed,
        redundant=truth.redundant,
        rows=tables.counts,
        seconds=time.perf_counter() - began,
    )


@contextmanager
def _uncollected() -> Iterator[None]:
    """No search for cycles meanwhile: there are none, and it looks at every row, again and again.

    A quarter of the time went there.
    """
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _tell(
    plan: Plan,
    best: Best,
    shared: dict[str, data.Data],
    tables: Tables,
    truth: Truth,
    *,
    start: int,
    days: int,
) -> int:
    """Write one pipeline; how many models it trained."""
    profile = best.profile
    spans = spans_of(plan, profile, start)
    if plan.source.period is None:
        made = data.make(profile, plan.source, spans[-1] + 1)
    else:
        made = shared.get(plan.source.id) or data.make(
            profile, plan.source, days * DAY // plan.source.period + 1
        )
        shared[plan.source.id] = made
    truth.pipeline(plan, len(made.names))
    story = Story(plan, profile, made, tables, truth, best, spans_at=spans)
    story.tell()
    return story.trained
