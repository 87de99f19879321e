"""What the events of one run add up to, whatever order and however often they came in.

Metadata is additive: a run's inputs and outputs are those of all its events, and of two facets of
one name the later holds, whole. Later means by event time, then by hash, never by arrival. An
event of a job that says `COMPLETE_SNAPSHOT` (the job type facet's emission pattern) and names data
sets replaces those before it. A terminal state outweighs any other: failed, aborted and complete,
in this order, so that a producer that reports FAIL and then COMPLETE has failed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lineage.records import State
from lineage_ingest.datasets import canonical
from lineage_ingest.openlineage.parse import TYPES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lineage_ingest.openlineage.parse import Json, RawEvent

_STATES = (
    ("FAIL", State.FAILED),
    ("ABORT", State.CANCELED),
    ("COMPLETE", State.COMPLETE),
    ("START", State.RUNNING),
    ("RUNNING", State.RUNNING),
)
_TERMINAL = frozenset({"FAIL", "ABORT", "COMPLETE"})


@dataclass(slots=True)
class Dataset:
    """A data set that a run read or wrote.

    Attributes:
        name: canonical.
        facets: of the data set, and of its use by this run, by name.
    """

    name: str
    facets: dict[str, Json] = field(default_factory=dict)

    @property
    def version(self) -> str | None:
        """The version that the data set's storage gave it."""
        found = facet(self.facets, "version").get("datasetVersion")
        return str(found) if isinstance(found, str | int) and str(found) else None


@dataclass(slots=True)
class RunState:
    """A run, folded.

    Attributes:
        id: the run's.
        events: how many it was folded from.
        namespace: of its job.
        job: the job's name within it.
        jobs: canonical names of all jobs that its events name.
        state: the state that outweighs the others.
        started: time of the earliest START, else of the first event that is not terminal, ms since
            1970; None where no such event is known.
        ended: time of the latest terminal event.
        last: time of the last event.
        producer: of the last event that names one.
        run_facets: by name.
        job_facets: by name.
        inputs: by canonical name.
        outputs: likewise.
        flags: what is wrong with its events, sorted.
    """

    id: str
    events: int
    namespace: str
    job: str
    jobs: tuple[str, ...]
    state: State
    started: int | None
    ended: int | None
    last: int | None
    producer: str
    run_facets: dict[str, Json]
    job_facets: dict[str, Json]
    inputs: dict[str, Dataset]
    outputs: dict[str, Dataset]
    flags: tuple[str, ...]


def facet(facets: dict[str, Json], name: str) -> Json:
    """A facet, empty where it is not there."""
    return facets.get(name) or {}


def named(said: Any) -> Dataset | None:
    """The data set that an object names by namespace and name; None where it names none."""
    if not isinstance(said, dict):
        return None
    namespace, name = said.get("namespace"), said.get("name")
    if not isinstance(namespace, str) or not isinstance(name, str) or not name:
        return None
    return Dataset(canonical(namespace, name))


def in_order(events: Iterable[RawEvent]) -> list[RawEvent]:
    """Each event once, by its time, then by its hash."""
    return sorted({event.id: event for event in events}.values(), key=lambda one: one.order)


def fold_run(events: Iterable[RawEvent]) -> RunState:
    """The state of a run, from all its events in any order and number."""
    ordered = in_order(events)
    run_facets: dict[str, Json] = {}
    job_facets: dict[str, Json] = {}
    sides: dict[str, dict[str, Dataset]] = {"inputs": {}, "outputs": {}}
    flags: set[str] = set()
    for event in ordered:
        content = event.content
        flags.update(event.flags)
        update(run_facets, content["run"].get("facets"))
        update(job_facets, content["job"].get("facets"))
        if _is_snapshot(content):
            sides = {"inputs": {}, "outputs": {}}
        for side, found in sides.items():
            for dataset in content.get(side) or ():
                _add(found, dataset, side, flags)
    last = ordered[-1].content
    started, ended = _times(ordered, flags)
    jobs = sorted({_job_name(event.content) for event in ordered})
    return RunState(
        id=ordered[-1].subject.removeprefix("run/"),
        events=len(ordered),
        namespace=last["job"]["namespace"],
        job=last["job"]["name"],
        jobs=tuple(jobs),
        state=_state(ordered),
        started=started,
        ended=ended,
        last=max((event.time // 1_000 for event in ordered if event.time >= 0), default=None),
        producer=_producer(ordered),
        run_facets=run_facets,
        job_facets=job_facets,
        inputs=sides["inputs"],
        outputs=sides["outputs"],
        flags=tuple(sorted(flags)),
    )


def update(facets: dict[str, Json], more: Any) -> None:
    """Replace facets whole; one that says `_deleted` is gone."""
    if not isinstance(more, dict):
        return
    for name, one in more.items():
        if not isinstance(one, dict):
            continue
        if one.get("_deleted") is True:
            facets.pop(name, None)
        else:
            facets[name] = one


def _add(found: dict[str, Dataset], dataset: Json, side: str, flags: set[str]) -> None:
    name = canonical(dataset["namespace"], dataset["name"])
    known = found.setdefault(name, Dataset(name))
    for facets in ("facets", "inputFacets" if side == "inputs" else "outputFacets"):
        more = dataset.get(facets)
        if more is not None and not isinstance(more, dict):
            flags.add(f"{facets} of a data set are no object")
        update(known.facets, more)


def _is_snapshot(content: Json) -> bool:
    if not (content.get("inputs") or content.get("outputs")):
        return False
    facets = content["job"].get("facets")
    job_type = facets.get("jobType") if isinstance(facets, dict) else None
    pattern = job_type.get("emissionPattern") if isinstance(job_type, dict) else None
    return isinstance(pattern, dict) and pattern.get("eventContentMode") == "COMPLETE_SNAPSHOT"


def _type(event: RawEvent) -> str:
    kind = event.content.get("eventType")
    kind = kind.upper() if isinstance(kind, str) else "OTHER"
    return kind if kind in TYPES else "OTHER"


def _state(events: Sequence[RawEvent]) -> State:
    kinds = {_type(event) for event in events}
    return next((state for kind, state in _STATES if kind in kinds), State.UNKNOWN)


def _times(events: Sequence[RawEvent], flags: set[str]) -> tuple[int | None, int | None]:
    known = [(event.time // 1_000, _type(event)) for event in events if event.time >= 0]
    begun = [time for time, kind in known if kind == "START"]
    begun = begun or [time for time, kind in known if kind not in _TERMINAL]
    ends = [time for time, kind in known if kind in _TERMINAL]
    started, ended = min(begun, default=None), max(ends, default=None)
    if started is not None and ended is not None and started > ended:
        flags.add("it ends before it starts")
        started = None
    return started, ended


def _job_name(content: Json) -> str:
    return canonical(content["job"]["namespace"], content["job"]["name"])


def _producer(events: Sequence[RawEvent]) -> str:
    named = (event.content.get("producer") for event in reversed(events))
    return next((one for one in named if isinstance(one, str)), "")
