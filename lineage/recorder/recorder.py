"""Records what steps do, and hands out what they did before."""

from __future__ import annotations

import itertools
import os
import sys
import threading
import time
import warnings
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from lineage.errors import RecordingWarning, SettingsError
from lineage.recorder.advice import advised
from lineage.recorder.call import type_name
from lineage.recorder.digests import digest_of
from lineage.recorder.formats import size_of
from lineage.recorder.handed import Handed
from lineage.recorder.journal import Journal
from lineage.recorder.known import Known, Output
from lineage.recorder.said import Session, said
from lineage.recorder.store import Damaged, OutputStore
from lineage.records import ArtifactClass, OperatorClass, State

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from lineage.recorder.advice import Advisor
    from lineage.recorder.block import Block
    from lineage.recorder.call import Call
    from lineage.recorder.journal import Graph
    from lineage.recorder.known import Role, Shape

WRITES: dict[OperatorClass, ArtifactClass] = {
    OperatorClass.INGESTION: ArtifactClass.SPAN,
    OperatorClass.ANALYSIS: ArtifactClass.STATISTICS,
    OperatorClass.VALIDATION: ArtifactClass.ANOMALIES,
    OperatorClass.TRANSFORMATION: ArtifactClass.TRANSFORM,
    OperatorClass.TUNING: ArtifactClass.HYPERPARAMETERS,
    OperatorClass.TRAINING: ArtifactClass.MODEL,
    OperatorClass.EVALUATION: ArtifactClass.EVALUATION,
    OperatorClass.DEPLOYMENT: ArtifactClass.DEPLOYMENT,
}
"""What operators write, where a step does not say it."""


@dataclass
class Running:
    """An execution that is under way.

    Attributes:
        id: of the execution.
        started: ms since 1970.
        inner: seconds that executions within it took, which are not its own.
    """

    id: str
    parent: str | None
    started: int
    inner: float = 0.0
    seconds: float = 0.0


_running: ContextVar[Running | None] = ContextVar("lineage_running", default=None)


class Recorder:
    """Records executions in a trace, and keeps their outputs to skip what was done already.

    Examples:
        >>> from lineage import Recorder
        >>> rec = Recorder("outputs", "trace.jsonl", pipeline="churn")
        >>> @rec.recorded
        ... def clean(frame, *, strip=True):
        ...     return frame.dropna()
    """

    def __init__(
        self,
        store: str | Path | OutputStore | None = None,
        trace: str | Path | None = None,
        *,
        pipeline: str | None = None,
        source: str | None = None,
        lineage: Graph | None = None,
        advisor: Advisor | None = None,
    ) -> None:
        """Nothing is written before something is recorded.

        Args:
            store: where outputs are kept, a folder or an `OutputStore`; None keeps none.
            trace: a file of the native trace format that executions are added to; `lineage ingest`
                reads it. Several processes may share it.
            pipeline: the recurring job that this is a run of; by default the script's name.
            source: the name of the source in the graph; by default the store's address.
            lineage: a graph that is told as well, in batches; a trace of the same is then a copy,
                to be loaded under another name if at all.
            advisor: asked for what the store does not know.

        Raises:
            SettingsError: a graph, but no source to name there.
        """
        self.store = OutputStore(store) if isinstance(store, str | Path) else store
        name = source or (self.store.uri if self.store else None)
        if name is None and lineage is not None:
            raise SettingsError("a recorder without a store needs source=, its name in the graph")
        path = None if trace is None else Path(trace).absolute()
        self.journal = Journal(path, name or (path.as_uri() if path else "recorded"), lineage)
        self.handed = Handed()
        self._advisor = advisor
        self._session = Session.begin(pipeline or _script())
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()

    def find(self, call: Call) -> tuple[Known, OutputStore] | None:
        """What is known of a call's computation, here or by advice, and the store that knows it."""
        if self.store is None or not call.reusable:
            return None
        known = self.store.known(call.key)
        if known is not None and self.store.holds(known):
            return known, self.store
        found = advised(self._advisor, call, self.store) if self._advisor is not None else None
        if found is not None:
            return found
        return None if known is None else (known, self.store)

    def load(
        self, known: Known, store: OutputStore, position: int | None = None
    ) -> list[Any] | None:
        """Outputs, all or one of them; None, and a warning, when they are damaged."""
        try:
            values = store.load(known) if position is None else [store.load_one(known, position)]
        except Damaged as problem:
            store.discard(known)
            text = f"outputs of {known.type} are damaged, so it is computed again: {problem}"
            warnings.warn(text, RecordingWarning, stacklevel=2)
            return None
        outputs = known.outputs if position is None else known.outputs[position : position + 1]
        for value, output in zip(values, outputs, strict=True):
            self.handed.add(value, output, known.key)
        return values

    def skipped(self, call: Call, known: Known, store: OutputStore) -> None:
        """Record that a computation was not done again."""
        store.used(known.key)
        running = self._begin()
        self._write(call, running, State.CACHED, known.outputs)

    @contextmanager
    def running(self, call: Call) -> Iterator[Running]:
        """Measure what is done within; when it fails, that is recorded."""
        running = self._begin()
        token = _running.set(running)
        began = time.perf_counter()
        try:
            yield running
        except BaseException as error:
            running.seconds = time.perf_counter() - began
            state = State.FAILED if isinstance(error, Exception) else State.CANCELED
            problem = f"{type(error).__name__}: {error}"[:200]
            self._write(call, running, state, (), problem)
            raise
        finally:
            running.seconds = time.perf_counter() - began
            _running.reset(token)
            outer = _running.get()
            if outer is not None:
                outer.inner += running.seconds

    def done(
        self,
        call: Call,
        running: Running,
        shape: Shape,
        roles: Sequence[Role],
        values: Sequence[object],
    ) -> Known:
        """Record what was computed, and keep it."""
        known = Known(
            key=call.key,
            type=call.operator.type,
            execution=running.id,
            seconds=running.seconds,
            shape=shape,
            parents=tuple(sorted({one.parent for one in call.reads if one.parent is not None})),
            outputs=tuple(
                _output(call, running.id, position, role, value)
                for position, (role, value) in enumerate(zip(roles, values, strict=True))
            ),
        )
        kept = known
        # What returned nothing was done for another reason.
        wanted = bool(values) and (values[0] is not None or call.operator.reuse is True)
        if self.store is not None and call.reusable and wanted:
            kept = self.store.put(known, values)
        own = kept if kept.execution == running.id else known
        for value, output in zip(values, own.outputs, strict=True):
            self.handed.add(value, output, known.key)
        self._write(call, running, State.COMPLETE, own.outputs)
        return own

    def unchanged(self, known: Known, position: int, value: object) -> bool:
        """Whether a value in memory is still the output that it was; if not, that is said."""
        output = known.outputs[position]
        if output.digest is None or digest_of(value) == output.digest:
            return True
        text = f"{output.name} was changed in place, so it is read or computed again"
        warnings.warn(text, RecordingWarning, stacklevel=2)
        return False

    def recorded(self, function: Callable[..., Any] | None = None, /, **how: Any) -> Any:
        """As `lineage.recorded`, for this recorder."""
        from lineage.recorder.default import recorded

        make = recorded(recorder=self, **how)
        return make if function is None else make(function)

    def execution(
        self,
        name: str,
        inputs: Mapping[str, Any] | Sequence[Any] = (),
        parameters: Mapping[str, Any] | None = None,
        *,
        operator: str | None = None,
        code_version: str | None = None,
        seed: str | None = None,
        reuse: bool | None = None,
    ) -> Block:
        """Record a block of code as one execution.

        The code within is not seen: only with a `code_version` can it be known from before, and
        then it is for the block to skip what `run.known` says is done.

        Args:
            name: of the operator.
            inputs: data and what steps returned, by role, or in order.
            parameters: plain values by name.
            operator: its class; by default found from its name when loading.
            code_version: of the code in the block.
            seed: the parameter that is the seed.
            reuse: as for `lineage.recorded`.

        Raises:
            RecordingError: an input cannot be identified.

        Examples:
            >>> with rec.execution("Train", {"frame": frame}, code_version="1") as run:
            ...     if not run.known:
            ...         run.output(fit(frame), "model")
            >>> model = run["model"]
        """
        from lineage.recorder.block import Block

        return Block(
            self,
            name,
            inputs,
            parameters or {},
            operator=operator,
            code_version=code_version,
            seed=seed,
            reuse=reuse,
        )

    def flush(self) -> None:
        """Tell the graph what it does not know yet."""
        self.journal.flush()

    def close(self) -> None:
        """Tell the graph the rest, and that the run has ended."""
        ending = self._session.ending()
        if ending:
            self.journal.write(ending)
        self.journal.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _begin(self) -> Running:
        outer = _running.get()
        with self._lock:
            number = next(self._numbers)
        # With the process: after a fork two count on from the same number.
        identity = f"{self._session.run}/{os.getpid()}-{number}"
        return Running(identity, outer.id if outer else None, time.time_ns() // 1_000_000)

    def _write(
        self,
        call: Call,
        running: Running,
        state: State,
        outputs: Sequence[Output],
        problem: str | None = None,
    ) -> None:
        records = said(
            self._session,
            call,
            outputs,
            execution=running.id,
            parent=running.parent,
            state=state,
            started=running.started,
            seconds=max(0.0, running.seconds - running.inner),
            lasted=running.seconds,
            problem=problem,
        )
        self.journal.write(records)


def _output(call: Call, execution: str, position: int, role: Role, value: object) -> Output:
    name, index = role
    digest = digest_of(value)
    if digest is None:
        origin = call.key if call.reusable else execution
        identity = f"derived:{origin}:{position}"
    else:
        identity = digest
    classes = call.operator.artifacts
    place = name if index is None else f"{name}/{index}"
    return Output(
        role=name,
        index=index,
        id=f"{execution}/{place}",
        type=type_name(value),
        artifact=classes[min(position, len(classes) - 1)]
        if classes
        else WRITES.get(call.operator.operator, ArtifactClass.OTHER),
        name=f"{call.operator.node} {place}",
        identity=identity,
        digest=digest,
        size=size_of(value),
    )


def _script() -> str:
    file = getattr(sys.modules.get("__main__"), "__file__", None)
    return Path(file).stem if file else "notebook"
