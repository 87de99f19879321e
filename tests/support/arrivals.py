"""Traces as they arrive: all at once, or in slices, late and out of order."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from support.traces import sentinel

from lineage.records import Event, Execution, Membership, Record, State

if TYPE_CHECKING:
    import random
    from collections.abc import Iterable

Trace = list[Record]
CLOCK = sentinel().id


def in_one_load(traces: Iterable[Trace]) -> Trace:
    """Disjoint traces as one source: nodes first, and a clock that is the same for all."""
    nodes: Trace = []
    edges: Trace = []
    clock: Trace = [sentinel()]
    for trace in [clock, *traces]:
        for record in trace:
            (edges if isinstance(record, Event | Membership) else nodes).append(record)
    return nodes + edges


def slices(records: Trace, rng: random.Random, count: int) -> list[Trace]:
    """Records as they may arrive in several loads: executions late, or first still running."""
    arrival: dict[str, int] = {}
    parts: list[Trace] = [[] for _ in range(count)]
    for record in records:
        if isinstance(record, Execution):
            # The clock comes last: what seemed to run is found to be abandoned.
            part = rng.randrange(count) if record.id != CLOCK else count - 1
            arrival[record.id] = part
            if part and record.updated is not None and record.id != CLOCK:
                # Known from the start, still running; the newer record wins.
                arrival[record.id] = 0
                early = replace(record, state=State.RUNNING, updated=record.updated - 1, ended=None)
                parts[0].append(early)
            parts[part].append(record)
        elif isinstance(record, Event):
            parts[max(arrival[record.execution], rng.randrange(count))].append(record)
        elif isinstance(record, Membership):
            parts[arrival.get(record.member, 0)].append(record)
        else:
            parts[0].append(record)
    # Within a load nodes come first; a load in the middle may be of edges alone.
    return [sorted(part, key=lambda one: isinstance(one, Event | Membership)) for part in parts]
