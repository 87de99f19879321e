"""The records that a folded run, job or data set becomes.

A run is an execution; its parent run and its root run (parent facet) are what it is part of. The
root job is its pipeline, the root run that pipeline's run; a run without parent is its own. A data
set that was written is an artifact of its own for each version: the one that its version facet
states, else one for the run that wrote it. One that was read without a version is the data set as
such, and bound to the version of the time when loading.

Where the explicit lineage facet says which input made which output, it holds instead of inputs
times outputs: a run whose outputs were made from different inputs becomes an execution for each
such group (`<run>/part ...`), which share its duration; the run itself holds them and touches
everything only internally.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from lineage.records import (
    Artifact,
    ArtifactClass,
    Event,
    EventKind,
    Execution,
    Membership,
    NodeKind,
    OperatorClass,
    Pipeline,
    Run,
)
from lineage_ingest.datasets import canonical, shared_id
from lineage_ingest.openlineage.facets import LARGEST, SYMLINKS, plain, sound
from lineage_ingest.openlineage.groups import groups_of
from lineage_ingest.openlineage.inputs import told_inputs
from lineage_ingest.openlineage.parse import run_key
from lineage_ingest.openlineage.spark import HELD, is_held, operator_of, through_driver
from lineage_ingest.openlineage.state import Dataset, facet, in_order, named, update

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lineage.naming import Naming
    from lineage.records import Properties, Record
    from lineage_ingest.openlineage.groups import Group
    from lineage_ingest.openlineage.parse import Json, RawEvent
    from lineage_ingest.openlineage.state import RunState

FACET = "facet."
"""What the names of properties begin with that hold a facet."""

PART = "part_of_outputs"
"""Property that the parts of a run have, and no run: the outputs that a part made."""

ROOT = f"{FACET}root_job"
"""Property that names the job that an execution's run is of."""

STUB = "0"
"""Revision of what is only named: whoever tells more of it is believed."""

STATEMENTS = frozenset({"DBT/SQL"})
"""Types of statements that are sent to a database on behalf of the run above them."""

_SCALARS = (str, int, float, bool, type(None))
_FEW = 12  # fields of a facet that become properties of their own
_DROPPED = "DELETED"


@dataclass(frozen=True, slots=True)
class Root:
    """A run and its job."""

    run: str
    job: str


def run_records(state: RunState, naming: Naming) -> Iterator[Record]:
    """The records of a run.

    Args:
        state: the run, folded.
        naming: tells which data sets are models, and what a run does by its names: one that they
            do not tell, or call a transformation, is a training where it makes a model of data.
    """
    flags = set(state.flags)
    run_facets = sound(state.run_facets, flags)
    job_facets = sound(state.job_facets, flags)
    for side in (state.inputs, state.outputs):
        for dataset in side.values():
            dataset.facets = sound(dataset.facets, flags)
    if len(state.jobs) > 1:
        flags.add(f"its events name {len(state.jobs)} jobs")
    own = Root(state.id, canonical(state.namespace, state.job))
    parent, root = _parents(run_facets, own)
    told_inputs(state)
    through_driver(state, job_facets, parent.run if parent else None)
    yield Pipeline(id=root.job, name=root.job, type="openlineage.job", revision=STUB)
    yield _run(state, own, root)
    execution = _execution(state, run_facets, job_facets, flags)
    execution.parent = parent.run if parent else None
    execution.properties[ROOT] = root.job
    if execution.type in STATEMENTS and not state.inputs and not state.outputs:
        _counted_above(execution)
    execution.operator = operator_of(state, job_facets)
    if execution.operator is None and _trains(execution, state, naming):
        execution.operator = OperatorClass.TRAINING
    groups = groups_of(state, job_facets)
    yield execution
    parts = [_part(execution, group, len(groups)) for group in groups] if len(groups) > 1 else []
    yield from parts
    yield from _artifacts(state)
    for one in (execution, *parts):
        yield Membership(
            member_kind=NodeKind.EXECUTION,
            member=one.id,
            container_kind=NodeKind.RUN,
            container=root.run,
        )
    yield Membership(
        member_kind=NodeKind.RUN,
        member=root.run,
        container_kind=NodeKind.PIPELINE,
        container=root.job,
    )
    yield from _events(state, groups, [part.id for part in parts])


def job_records(events: Iterable[RawEvent]) -> Iterator[Record]:
    """The pipeline that events of a job, without a run, declare."""
    ordered = in_order(events)
    facets: dict[str, Json] = {}
    sides: dict[str, set[str]] = {"inputs": set(), "outputs": set()}
    for event in ordered:
        update(facets, event.content["job"].get("facets"))
        for side, names in sides.items():
            names |= {canonical(d["namespace"], d["name"]) for d in event.content.get(side) or ()}
    flags = {flag for event in ordered for flag in event.flags}
    properties = _properties(sound(facets, flags), flags)
    properties |= {"declared": True, "inputs": [*sorted(sides["inputs"])]}
    properties |= {"outputs": [*sorted(sides["outputs"])]}
    if flags:
        properties[f"{FACET}flags"] = [*sorted(flags)]
    name = ordered[-1].subject.removeprefix("job/")
    yield Pipeline(
        id=name,
        name=name,
        type="openlineage.job",
        properties=properties,
        revision=f"1:{len(ordered):08d}",
    )


def dataset_records(events: Iterable[RawEvent]) -> Iterator[Record]:
    """The versions of a data set that events of it alone tell of.

    An event that states a version tells of that one. One that states none tells of the data set as
    such, and of all its versions. So a further event adds to what is told, and takes nothing back.
    """
    ordered = in_order(events)
    stated = [_stated_version(event) for event in ordered]
    for version in sorted(set(stated), key=str):
        pairs = zip(ordered, stated, strict=True)
        yield _told([event for event, said in pairs if said in (None, version)], version)


def _stated_version(event: RawEvent) -> str | None:
    return Dataset("", sound(_facets(event.content["dataset"]), set())).version


def _told(events: list[RawEvent], version: str | None) -> Artifact:
    facets: dict[str, Json] = {}
    for event in events:
        update(facets, event.content["dataset"].get("facets"))
    flags = {flag for event in events for flag in event.flags}
    dataset = Dataset(events[-1].subject.removeprefix("dataset/"), sound(facets, flags))
    artifact = _artifact(dataset, version, flags)
    when = max(events[-1].time // 1_000, 0)
    artifact.version = version
    artifact.revision = f"0:{when:020d}:dataset:{len(events):08d}"
    return artifact


def symlinks_of(content: Json) -> Iterator[tuple[str, str]]:
    """Pairs of canonical names that an event says are of one data set."""
    datasets = [*(content.get("inputs") or ()), *(content.get("outputs") or ())]
    if isinstance(content.get("dataset"), dict):
        datasets.append(content["dataset"])
    for dataset in datasets:
        symlinks = _facets(dataset).get("symlinks")
        if not symlinks or not isinstance(symlinks.get("identifiers"), list):
            continue
        name = canonical(dataset["namespace"], dataset["name"])
        for other in symlinks["identifiers"][:SYMLINKS]:
            alias = named(other)
            if alias is not None and alias.name != name:
                yield name, alias.name


def output_id(dataset: Dataset, run: str) -> str:
    """The id of the version that a run wrote."""
    return shared_id(dataset.name, dataset.version or f"run {run}")


def input_id(dataset: Dataset) -> str:
    """The id of what a run read: a version where one is stated, else the data set as such."""
    return shared_id(dataset.name, dataset.version)


def _facets(thing: Json) -> dict[str, Json]:
    found = thing.get("facets")
    if not isinstance(found, dict):
        return {}
    return {name: one for name, one in found.items() if isinstance(one, dict)}


def _parents(facets: dict[str, Json], own: Root) -> tuple[Root | None, Root]:
    """The parent of a run, if it has one, and its root."""
    found = facets.get("parent")
    parent = _root(found)
    if found is None or parent is None or parent.run == own.run:
        return None, own
    return parent, _root(found.get("root")) or parent


def _root(said: Any) -> Root | None:
    run, job = (said.get("run"), said.get("job")) if isinstance(said, dict) else (None, None)
    if not isinstance(run, dict) or not isinstance(job, dict):
        return None
    namespace, name = job.get("namespace"), job.get("name")
    if not run.get("runId") or not isinstance(namespace, str) or not isinstance(name, str):
        return None
    return Root(run_key(run["runId"]), canonical(namespace, name))


def _run(state: RunState, own: Root, root: Root) -> Run:
    """The run of the pipeline; only its own events know more of it than its name."""
    name = f"{root.job} {root.run[-8:]}"
    if root != own and root.run != own.run:
        return Run(id=root.run, name=name, type="openlineage.run", revision=STUB)
    return Run(
        id=root.run,
        name=name,
        type="openlineage.run",
        state=state.state,
        started=state.started,
        ended=state.ended,
        revision=f"1:{state.events:08d}",
    )


def _execution(
    state: RunState, run_facets: dict[str, Json], job_facets: dict[str, Json], flags: set[str]
) -> Execution:
    properties = _properties(run_facets, flags) | _properties(job_facets, flags)
    for one in facet(run_facets, "executionParameters").get("parameters") or ():
        if isinstance(one, dict) and one.get("key") is not None:
            properties[f"param.{one['key']}"] = one.get("value")
    properties[f"{FACET}producer"] = state.producer or None
    properties[f"{FACET}job_namespace"] = state.namespace
    reads = {name: _facets_of(read) for name, read in state.inputs.items() if read.facets}
    properties |= _properties({"inputs": reads} if reads else {}, flags)
    if flags:
        properties[f"{FACET}flags"] = [*sorted(flags)]
    return Execution(
        id=state.id,
        type=_type(state, run_facets, job_facets),
        name=state.job,
        node=state.job,
        state=state.state,
        started=state.started,
        ended=state.ended,
        code_version=_code(job_facets),
        properties=properties,
        revision=f"1:{state.events:08d}",
    )


def _counted_above(statement: Execution) -> None:
    """Leave the time of a statement to the run above, which tells what is read and written.

    Else a model of dbt would cost what its statements leave over, and they are in no graphlet.
    """
    statement.parent = None
    statement.cost, statement.cost_unit = 0.0, "s"


def _type(state: RunState, run_facets: dict[str, Json], job_facets: dict[str, Json]) -> str:
    """The native type: an Airflow operator's class, else `INTEGRATION/JOBTYPE`."""
    task = facet(run_facets, "airflow").get("task")
    for said in (task, run_facets.get("unknownSourceAttribute")):
        if isinstance(said, dict):
            operator = said.get("operator_class_path") or said.get("operator_class")
            if isinstance(operator, str):
                return operator
    job_type = facet(job_facets, "jobType")
    integration = job_type.get("integration") or facet(run_facets, "processing_engine").get("name")
    if not isinstance(integration, str):
        _, found, rest = state.producer.partition("/integration/")
        integration = rest.partition("/")[0] if found else "openlineage"
    kind = job_type.get("jobType")
    return f"{integration.upper()}/{kind.upper() if isinstance(kind, str) else 'JOB'}"


def _code(job_facets: dict[str, Json]) -> str | None:
    """The version of the code: as source control has it, else a digest of what is told of it."""
    version = facet(job_facets, "sourceCodeLocation").get("version")
    if isinstance(version, str) and version:
        return version
    source = facet(job_facets, "sourceCode").get("sourceCode") or facet(job_facets, "sql").get(
        "query"
    )
    if not isinstance(source, str):
        return None
    return f"sha256:{hashlib.sha256(source.encode(errors='backslashreplace')).hexdigest()}"


def _properties(facets: dict[str, Json], flags: set[str]) -> Properties:
    """Facets as properties: one for each field where all are scalars, else the facet as JSON."""
    found: Properties = {}
    for name, one in facets.items():
        held = plain(one)
        if len(held) <= _FEW and all(isinstance(value, _SCALARS) for value in held.values()):
            found |= {f"{FACET}{name}.{field}": value for field, value in held.items()}
            continue
        try:
            text = orjson.dumps(held, option=orjson.OPT_SORT_KEYS)
        except TypeError:  # deeper than that writer goes
            flags.add(f"facet {name} nests too deep, and is in the event alone")
            continue
        if len(text) > LARGEST:
            flags.add(f"facet {name} is larger than {LARGEST} bytes, and is in the event alone")
        else:
            found[f"{FACET}{name}"] = text.decode()
    return found


def _facets_of(dataset: Dataset) -> Json:
    return {name: plain(one) for name, one in sorted(dataset.facets.items())}


def _artifacts(state: RunState) -> Iterator[Artifact]:
    """What was read and written.

    Only its writer tells of a version: what a reader says may be taken back by its next event, and
    stays with the reader (property `facet.inputs`).
    """
    for read in state.inputs.values():
        yield Artifact(
            id=input_id(read),
            type=HELD if is_held(read.name) else "openlineage.dataset",
            version=read.version,
            revision=STUB,
        )
    when = max(state.last or 0, 0)
    for written in state.outputs.values():
        artifact = _artifact(written, written.version or f"run {state.id}")
        artifact.revision = f"1:{when:020d}:{state.id}:{state.events:08d}"
        yield artifact


def _artifact(dataset: Dataset, version: str | None, flags: Iterable[str] = ()) -> Artifact:
    flags = set(flags)
    statistics = facet(dataset.facets, "outputStatistics")
    lifecycle = facet(dataset.facets, "lifecycleStateChange").get("lifecycleStateChange")
    size = statistics.get("size")
    properties = _properties(dataset.facets, flags)
    if flags:
        properties[f"{FACET}flags"] = [*sorted(flags)]
    return Artifact(
        id=shared_id(dataset.name, version),
        type=_dataset_type(dataset),
        uri=dataset.name if "://" in dataset.name else None,
        version=dataset.version,
        size=size if isinstance(size, int) else None,
        state=_DROPPED if lifecycle == "DROP" else None,
        properties=properties,
    )


def _dataset_type(dataset: Dataset) -> str:
    if is_held(dataset.name):
        return HELD
    kind = facet(dataset.facets, "datasetType").get("datasetType")
    return f"openlineage.{kind.lower()}" if isinstance(kind, str) else "openlineage.dataset"


def _trains(execution: Execution, state: RunState, naming: Naming) -> bool:
    """Whether it makes a model of data; what deploys or evaluates one may write one, too."""
    called = naming.match_operator(execution.type, execution.node)
    if called.known and called.target is not OperatorClass.TRANSFORMATION:
        return False
    models = (
        naming.artifact(_dataset_type(written), dataset=written.name).target is ArtifactClass.MODEL
        for written in state.outputs.values()
    )
    return bool(state.inputs) and any(models)


def _part(whole: Execution, group: Group, parts: int) -> Execution:
    """One group of a run's outputs as an execution, with its share of the duration as cost."""
    digest = hashlib.sha256("\0".join(group.outputs).encode()).hexdigest()[:12]
    cost = None
    if whole.started is not None and whole.ended is not None:
        cost = max(whole.ended - whole.started, 0) / 1_000 / parts
    return Execution(
        id=f"{whole.id}/part {digest}",
        type=whole.type,
        name=f"{whole.name} → {group.outputs[0]}",
        node=whole.node,
        operator=whole.operator,
        state=whole.state,
        started=whole.started,
        ended=whole.ended,
        cost=cost,
        cost_unit="s",
        code_version=whole.code_version,
        parent=whole.id,
        properties={
            name: value for name, value in whole.properties.items() if not name.startswith(FACET)
        }
        | {PART: [*group.outputs]},
        revision=whole.revision,
    )


def _events(state: RunState, groups: list[Group], parts: list[str]) -> Iterator[Event]:
    if parts:
        used = {name for group in groups for name in group.inputs}
        for name, read in state.inputs.items():
            kind = EventKind.INTERNAL_INPUT if name in used else EventKind.INPUT
            yield Event(execution=state.id, artifact=input_id(read), kind=kind)
        for written in state.outputs.values():
            artifact = output_id(written, state.id)
            yield Event(execution=state.id, artifact=artifact, kind=EventKind.INTERNAL_OUTPUT)
        for part, group in zip(parts, groups, strict=True):
            yield from _flow(state, part, group.inputs, group.outputs)
        return
    used = set(groups[0].inputs) if groups else set(state.inputs)
    for name in state.inputs.keys() - used:
        artifact = input_id(state.inputs[name])
        yield Event(execution=state.id, artifact=artifact, kind=EventKind.INTERNAL_INPUT)
    yield from _flow(state, state.id, sorted(used), sorted(state.outputs))


def _flow(
    state: RunState, execution: str, inputs: Iterable[str], outputs: Iterable[str]
) -> Iterator[Event]:
    for name in inputs:
        artifact = input_id(state.inputs[name])
        yield Event(execution=execution, artifact=artifact, kind=EventKind.INPUT)
    for name in outputs:
        artifact = output_id(state.outputs[name], state.id)
        yield Event(execution=execution, artifact=artifact, kind=EventKind.OUTPUT)
