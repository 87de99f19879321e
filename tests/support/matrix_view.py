"""The logical pipeline as a graph tells it, by aspect: what it should, and what it does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from support import reference
from support.matrix import PARAMETERS, PIPELINE, Said, pipeline

if TYPE_CHECKING:
    from support.matrix import Told

    from lineage import Lineage

View = dict[str, Any]


def expected(said: Said) -> View:
    """What the graph should tell of these records, by aspect."""
    trace = reference.build(said.records())
    answer = reference.answer(said.records())
    following = {earlier: (later, overlap) for earlier, later, overlap in answer.order}
    return {
        "executions": {
            one.id: (one.operator, one.state, one.started, one.ended, one.code_version)
            for one in said.executions.values()
        },
        "costs": {name: reference.cost_of(trace, one) for name, one in said.executions.items()},
        "parents": {one.id: one.parent for one in said.executions.values()},
        "runs": {name: said.run(name) for name in said.executions},
        "pipelines": {name: said.run(name) and PIPELINE for name in said.executions},
        "parameters": {one.id: one.properties for one in said.executions.values()},
        "artifacts": {
            one.id: (one.artifact, one.digest, one.version, one.size, one.pushed is not False)
            for one in said.artifacts.values()
        },
        "features": {
            one.id: [feature.name for feature in one.features or ()]
            for one in said.artifacts.values()
        },
        "edges": trace.relationships,
        "shared": {e.execution for e in said.events if said.artifacts[e.artifact].id == "raw"}
        if "raw" in said.artifacts and said.artifacts["raw"].uri
        else set(),
        "graphlets": {
            name: (one.state, one.pushed, one.executions, one.artifacts, one.spans)
            for name, one in answer.graphlets.items()
        },
        "graphlet costs": {
            name: (round(one.cost, 3), round(one.attributed_cost, 3))
            for name, one in answer.graphlets.items()
        },
        "next": following,
    }


ASPECTS = (*expected(Said(pipeline())),)

_EXECUTIONS = """
MATCH (e:Execution {source: $source})
RETURN e.source_id AS id, properties(e) AS e,
       CASE WHEN e.first_seen IS NULL THEN e.started.epochMillis END AS started,
       CASE WHEN e.first_seen IS NULL THEN e.ended.epochMillis END AS ended,
       head([(e)-[:PART_OF]->(p:Execution) | p.source_id]) AS parent,
       head([(e)-[:IN_RUN]->(r) | r.source_id]) AS run
"""
_ARTIFACTS = """
MATCH (a:Artifact)-[r]-(e:Execution {source: $source})
WHERE type(r) <> 'NAMED_INPUT'
RETURN DISTINCT a.source_id AS id, properties(a) AS a
"""
_EDGES = """
MATCH (e:Execution {source: $source})-[r]-(a:Artifact)
WHERE type(r) <> 'NAMED_INPUT'
RETURN e.source_id AS execution, a.source_id AS artifact, type(r) AS type
"""
_NEXT = """
MATCH (e:Execution {source: $source})<-[:ANCHOR]-(:Graphlet)-[n:NEXT]->(:Graphlet)-[:ANCHOR]->(l)
RETURN e.source_id AS earlier, l.source_id AS later, n.jaccard AS overlap
"""
_SHARED = """
MATCH (:Execution {source: 'lake'})-[:OUTPUT]->(:Artifact)-[:INPUT]->(e:Execution {source: $source})
RETURN e.source_id AS id
"""


def observed(lin: Lineage, told: Told, source: str) -> View:
    """What the graph tells of a source that was loaded and segmented, by aspect."""
    executions = {
        told.executions.get(row["id"], row["id"]): row
        for row in lin.graph.run_text(_EXECUTIONS, source=source)
    }
    artifacts = {
        told.artifacts.get(row["id"], row["id"]): row["a"]
        for row in lin.graph.run_text(_ARTIFACTS, source=source)
    }

    def name(id_: str | None) -> str | None:
        return told.executions.get(id_ or "", id_)

    view = {
        "executions": {
            one: (row["e"]["operator"], row["e"]["state"], row["started"], row["ended"],
                  row["e"].get("code_version"))
            for one, row in executions.items()
        },
        "costs": {one: row["e"].get("cost") for one, row in executions.items()},
        "parents": {one: name(row["parent"]) for one, row in executions.items()},
        "runs": {one: told.runs.get(row["run"], row["run"]) for one, row in executions.items()},
        "pipelines": {
            one: row["e"].get("pipeline") and row["e"]["pipeline"].rpartition("/")[2]
            for one, row in executions.items()
        },
        "parameters": {one: _parameters(row["e"]) for one, row in executions.items()},
        "artifacts": {
            one: (a["artifact"], *map(a.get, ("digest", "version", "size")),
                  a.get("pushed") is not False)
            for one, a in artifacts.items()
        },
        "features": {one: a.get("feature_names", []) for one, a in artifacts.items()},
        "edges": {
            (name(row["execution"]), told.artifacts.get(row["artifact"], row["artifact"]),
             row["type"])
            for row in lin.graph.run_text(_EDGES, source=source)
        },
        "shared": {name(row["id"]) for row in lin.graph.run_text(_SHARED, source=source)},
        "next": {
            name(row["earlier"]): (name(row["later"]), row["overlap"])
            for row in lin.graph.run_text(_NEXT, source=source)
        },
    }  # fmt: skip
    return view | _graphlets(lin, told, source)


def _parameters(execution: dict[str, Any]) -> dict[str, Any]:
    """Those of the pipeline, whatever prefix a source gives them, as text: MLflow's are."""
    found = {}
    for name, value in PARAMETERS.items():
        held = execution.get(f"p_{name}", execution.get(f"p_param.{name}"))
        if held is not None:
            found[name] = type(value)(held)
    return found


def _graphlets(lin: Lineage, told: Told, source: str) -> View:
    view: View = {"graphlets": {}, "graphlet costs": {}}
    for one in lin.export_graphlets():
        if one["source"] != source:
            continue
        trainer = told.executions[one["trainer"]]
        names = told.executions | {
            e["source_id"]: f"{e['source']}: {e['source_id']}"
            for e in one["executions"]
            if e["source"] != source
        }
        view["graphlets"][trainer] = (
            one["state"],
            one["pushed"],
            {names[e["source_id"]]: e["role"] for e in one["executions"]},
            {told.artifacts[a["source_id"]]: a["role"] for a in one["artifacts"]},
            {told.artifacts[a["source_id"]] for a in one["spans"]},
        )
        view["graphlet costs"][trainer] = (
            round(one["cost"], 3),
            round(one["attributed_cost"], 3),
        )
    return view
