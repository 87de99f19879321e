"""Executions as records of a trace."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from lineage.recorder.call import artifact_of
from lineage.records import (
    Event,
    EventKind,
    Execution,
    Membership,
    NodeKind,
    Pipeline,
    Properties,
    Record,
    Run,
    State,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lineage.recorder.call import Call
    from lineage.recorder.known import Output


@dataclass
class Session:
    """One run of a pipeline: what a recorder records.

    Attributes:
        pipeline: its name.
        run: id of the run.
        started: ms since 1970.
    """

    pipeline: str
    run: str
    started: int
    _told: set[str] = field(default_factory=set)

    @classmethod
    def begin(cls, pipeline: str) -> Session:
        """A new run."""
        now = datetime.now(UTC)
        run = f"{pipeline}/{now:%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"
        return cls(pipeline, run, int(now.timestamp() * 1000))

    def opening(self) -> list[Record]:
        """The pipeline and the run, when they were not told of before."""
        if not self._first(self.run):
            return []
        return [
            Pipeline(id=self.pipeline, name=self.pipeline),
            Run(id=self.run, name=self.run, started=self.started, updated=self.started),
            Membership(
                member_kind=NodeKind.RUN,
                member=self.run,
                container_kind=NodeKind.PIPELINE,
                container=self.pipeline,
            ),
        ]

    def ending(self) -> list[Record]:
        """The run as it ended; nothing when it never began."""
        if self.run not in self._told:
            return []
        now = time.time_ns() // 1_000_000
        return [
            Run(
                id=self.run,
                name=self.run,
                state=State.COMPLETE,
                started=self.started,
                ended=max(now, self.started),
                updated=max(now, self.started + 1),
            )
        ]

    def artifacts(self, outputs: Sequence[Output]) -> Iterator[Record]:
        """Artifacts that were not told of before."""
        return (artifact_of(one) for one in outputs if self._first(one.id))

    def _first(self, told: str) -> bool:
        if told in self._told:
            return False
        self._told.add(told)
        return True


def said(
    session: Session,
    call: Call,
    outputs: Sequence[Output],
    *,
    execution: str,
    parent: str | None,
    state: State,
    started: int,
    seconds: float,
    lasted: float,
    problem: str | None,
) -> list[Record]:
    """An execution with what it read and wrote.

    Args:
        session: that it is part of.
        call: what was called.
        outputs: what it wrote, or what stood for it.
        execution: its id.
        parent: id of the execution that it is within.
        state: how it ended.
        started: ms since 1970.
        seconds: its own cost.
        lasted: seconds of wall time, with what ran within.
        problem: what failed.
    """
    node: Execution = Execution(
        id=execution,
        type=call.operator.type,
        node=call.operator.node,
        operator=call.operator.operator if call.operator.stated else None,
        state=state,
        started=started,
        ended=started + round(lasted * 1000),
        cost=None if state is State.CACHED else seconds,
        cost_unit="s",
        code_version=call.code_version,
        parent=parent,
        properties=_properties(call, problem),
    )
    member = Membership(
        member_kind=NodeKind.EXECUTION,
        member=execution,
        container_kind=NodeKind.RUN,
        container=session.run,
    )
    read = [one.output for one in call.reads]
    events = [
        Event(
            execution=execution,
            artifact=one.output.id,
            kind=EventKind.INPUT,
            role=one.role,
            index=one.index,
        )
        for one in call.reads
    ] + [
        Event(
            execution=execution,
            artifact=one.id,
            kind=EventKind.OUTPUT,
            role=one.role,
            index=one.index,
        )
        for one in outputs
    ]
    opening = session.opening()
    return [*opening, *session.artifacts([*read, *outputs]), node, member, *events]


def _properties(call: Call, problem: str | None) -> Properties:
    properties: Properties = dict(call.parameters)
    if call.seed is not None:
        properties["seed"] = call.seed
    if problem is not None:
        properties["error"] = problem
    return properties
