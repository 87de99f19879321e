"""Writes the logical pipeline as a PROV document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prov.model import ProvDocument
from support.matrix import (
    COMMIT,
    DIGEST,
    LAKE,
    RAW,
    RAW_ID,
    TFX,
    TYPES,
    Said,
    Told,
    iso,
    kind_of,
)
from support.matrix import pipeline as whole

from lineage.records import State

if TYPE_CHECKING:
    from pathlib import Path

    from lineage.records import Artifact, Execution

EX, ML = "http://example.org/", "http://example.org/types#"
WFPROV = "http://purl.org/wf4ever/wfprov#"


def prov(folder: Path) -> Told:
    """A PROV document of workflow runs."""
    said, told = Said(whole()), Told(str(folder / "taxi.json"))
    document = ProvDocument()
    for prefix, uri in (("ex", EX), ("ml", ML), ("wfprov", WFPROV)):
        document.add_namespace(prefix, uri)
    document.agent("ex:engine")
    for one in said.artifacts.values():
        if one.pushed is not False:
            _entity(document, one)
            told.artifacts[EX + one.id] = one.id
    told.artifacts[RAW_ID] = "raw"
    for step in said.executions.values():
        if step.state is State.CACHED:
            continue
        _activity(document, step)
        told.executions[EX + step.id] = step.id
        for event in said.reads(step.id):
            role = {"prov:role": event.role}
            document.used(f"ex:{step.id}", f"ex:{event.artifact}", other_attributes=role)
        for name in said.writes(step.id):
            if EX + name in told.artifacts:
                document.wasGeneratedBy(f"ex:{name}", f"ex:{step.id}")
    told.runs = {f"{EX}daily-{run}": f"run-{run}" for run in (1, 2)}
    document.serialize(told.location, format="json")
    return told


def _entity(document: ProvDocument, one: Artifact) -> None:
    attributes: dict[str, Any] = {"prov:type": document.valid_qualified_name(
        f"ml:{TYPES[kind_of(one.id)]}"
    )}  # fmt: skip
    if one.digest:
        attributes["ex:md5"] = DIGEST
    if one.size:
        attributes["ex:size"] = one.size
    if one.version:
        attributes |= {"ex:version": one.version, "prov:location": f"{LAKE}/{RAW}"}
    document.entity(f"ex:{one.id}", attributes)


def _activity(document: ProvDocument, step: Execution) -> None:
    name = document.valid_qualified_name
    is_run = step.node == "daily"
    types = [name("wfprov:WorkflowRun" if is_run else "wfprov:ProcessRun")]
    if not is_run:
        types.append(name(f"ml:{TFX[step.node or ''].rpartition('.')[2]}"))
    attributes = [("prov:type", one) for one in types]
    attributes += [("prov:label", step.node), *((f"ex:{k}", v) for k, v in step.properties.items())]
    if step.parent:
        attributes.append(("wfprov:wasPartOfWorkflowRun", name(f"ex:{step.parent}")))
    document.activity(f"ex:{step.id}", iso(step.started), iso(step.ended), attributes)
    if step.code_version:
        plan = f"ex:main/{step.node}"
        if not document.get_record(plan):
            document.entity(plan, {"prov:type": name("prov:Plan"), "ex:commit": COMMIT})
        document.wasAssociatedWith(f"ex:{step.id}", "ex:engine", plan)
