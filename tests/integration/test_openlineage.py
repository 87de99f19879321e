"""OpenLineage events become one graph, whatever way they come in."""

from __future__ import annotations

import gzip
import random
from typing import TYPE_CHECKING, Any

import pytest
from support.openlineage import at, body, dataset, event, parent, random_events, run_id
from support.snapshot import differences, snapshot

from lineage import Settings, queries
from lineage.errors import ReadError, RecordError, SettingsError
from lineage.load.memory import MemoryEvents
from lineage.load.service import ingest
from lineage.records import Artifact

if TYPE_CHECKING:
    from pathlib import Path

    from lineage import Lineage

    Json = dict[str, Any]

READS = """
MATCH (e:Execution)<-[r:INPUT]-(a:Artifact)
RETURN e.source_id AS run, a.source_id AS read, r.named IS NOT NULL AS bound
ORDER BY run, read
"""


def load(lin: Lineage, *events: Json, source: str = "s") -> None:
    done = lin.ingest_events(map(body, events), source=source)
    assert done.set_aside == []


def reads(lin: Lineage, run: str) -> list[str]:
    return [row["read"] for row in lin.graph.run_text(READS) if row["run"] == run]


def write(run: str, name: str, ends: float, kind: str = "COMPLETE", **facets: Json) -> list[Json]:
    started = event("START", ends - 1, run, f"write {name}")
    return [started, event(kind, ends, run, f"write {name}", outputs=[dataset(name, **facets)])]


def read(run: str, name: str, starts: float, **facets: Json) -> list[Json]:
    began = event("START", starts, run, "read", inputs=[dataset(name, **facets)])
    return [began, event("COMPLETE", starts + 1, run, "read")]


A, B, C, R = (run_id(n) for n in (1, 2, 3, 9))


@pytest.mark.parametrize("seed", range(12))
def test_any_order_and_repetition_gives_the_same_graph(lin: Lineage, seed: int) -> None:
    rng = random.Random(seed)
    made = random_events(rng, runs=rng.randrange(3, 25), tables=rng.randrange(2, 7))
    events = [body(one) for one in made]
    lin.ingest_events(events, source="s")
    lin.segment()
    before = snapshot(lin)
    lin.graph.run_text("MATCH (n) WHERE NOT n:Lineage DETACH DELETE n")
    again = events + rng.choices(events, k=len(events) // 3)
    rng.shuffle(again)
    cuts = sorted(rng.randrange(len(again) + 1) for _ in range(rng.randrange(5)))
    for start, end in zip([0, *cuts], [*cuts, len(again)], strict=True):
        lin.ingest_events(again[start:end], source="s")
        if rng.random() < 0.4:
            lin.segment()
    lin.segment()
    assert differences(before, snapshot(lin)) == []


def test_loading_twice_changes_nothing(lin: Lineage) -> None:
    events = [body(one) for one in random_events(random.Random(5), runs=30, tables=5)]
    assert lin.ingest_events(events, source="s").written > 0
    before = snapshot(lin)
    assert lin.ingest_events(events, source="s").written == 0
    assert differences(before, snapshot(lin)) == []


def test_an_input_is_the_version_of_its_time(lin: Lineage) -> None:
    load(lin, *write(A, "t", 10), *write(B, "t", 20), *read(R, "t", 15))
    assert reads(lin, R) == [f"dataset:s3://lake/t@run {A}"]


def test_a_late_writer_is_bound_again(lin: Lineage) -> None:
    load(lin, *read(R, "t", 15))
    assert reads(lin, R) == ["dataset:s3://lake/t"]
    load(lin, *write(A, "t", 10))
    assert reads(lin, R) == [f"dataset:s3://lake/t@run {A}"]
    load(lin, *write(B, "t", 12))
    assert reads(lin, R) == [f"dataset:s3://lake/t@run {B}"]
    load(lin, *write(C, "t", 16))
    assert reads(lin, R) == [f"dataset:s3://lake/t@run {B}"]


def test_a_writer_that_turns_out_to_have_failed_wrote_nothing(lin: Lineage) -> None:
    load(lin, *write(A, "t", 10), *write(B, "t", 12), *read(R, "t", 15))
    assert reads(lin, R) == [f"dataset:s3://lake/t@run {B}"]
    load(lin, event("FAIL", 13, B, "write t"))
    assert reads(lin, R) == [f"dataset:s3://lake/t@run {A}"]


def test_a_stated_version_is_one_node_for_writer_and_reader(lin: Lineage) -> None:
    version = {"datasetVersion": "7"}
    load(lin, *read(R, "t", 5, version=version), *write(A, "t", 10, version=version), source="s")
    assert reads(lin, R) == ["dataset:s3://lake/t@7"]
    found = lin.graph.run_text(
        "MATCH (e)-[:OUTPUT]->(a:Artifact {version: '7'}) RETURN e.source_id"
    )
    assert found == [{"e.source_id": A}]


def test_one_data_set_of_two_sources_is_one_node(lin: Lineage) -> None:
    load(lin, *write(A, "t", 10), source="spark")
    load(lin, *read(R, "t", 15), source="trainer")
    assert reads(lin, R) == [f"dataset:s3://lake/t@run {A}"]
    lin.forget("spark")
    assert reads(lin, R) == ["dataset:s3://lake/t"]
    lin.forget("trainer")
    assert lin.graph.run_text("MATCH (n:Artifact|Event|Alias) RETURN count(n) AS n") == [{"n": 0}]


def symlink(name: str) -> Json:
    return {"identifiers": [{"namespace": "hive://meta", "name": name, "type": "TABLE"}]}


@pytest.mark.parametrize("late", [False, True])
def test_symlinks_are_other_names_of_one_data_set(lin: Lineage, *, late: bool) -> None:
    wrote = write(A, "warehouse/t", 10, symlinks=symlink("db.t"))
    began = event("START", 15, R, "read", inputs=[dataset("db.t", "hive://meta")])
    for some in [[began], wrote] if late else [wrote, [began]]:
        load(lin, *some)
    assert reads(lin, R) == [f"dataset:hive://meta/db.t@run {A}"]
    aliases = lin.graph.run_text(
        "MATCH (n:Alias) RETURN n.left AS one, n.right AS other, n.why AS why"
    )
    assert aliases == [
        {"one": "hive://meta/db.t", "other": "s3://lake/warehouse/t", "why": "symlinks facet"}
    ]


def test_a_join_can_be_undone(lin: Lineage) -> None:
    events = [
        *write(A, "warehouse/t", 10, symlinks=symlink("db.t")),
        event("START", 15, R, "read", inputs=[dataset("db.t", "hive://meta")]),
    ]
    load(lin, *events)
    assert reads(lin, R) == [f"dataset:hive://meta/db.t@run {A}"]
    apart = MemoryEvents("s", map(body, events))
    ingest(lin.graph, apart, Settings(apart=("hive://*",)))
    assert reads(lin, R) == ["dataset:hive://meta/db.t"]
    ingest(lin.graph, MemoryEvents("s", ()), Settings())
    assert reads(lin, R) == [f"dataset:hive://meta/db.t@run {A}"]


def test_rules_name_data_sets(lin: Lineage) -> None:
    rules = ({"pattern": "*/t", "name": "orders"},)
    events = [*write(A, "in/t", 10), event("START", 15, R, "read", inputs=[dataset("t", "db://x")])]
    ingest(lin.graph, MemoryEvents("s", map(body, events)), Settings(dataset_rules=rules))
    assert reads(lin, R) == [f"dataset:orders@run {A}"]
    with pytest.raises(SettingsError, match="has a pattern and a name"):
        ingest(lin.graph, MemoryEvents("s", ()), Settings(dataset_rules=({"pattern": "x"},)))


def test_parents_hold_their_children_and_cost_nothing_twice(lin: Lineage) -> None:
    dag, task, app = run_id(1), run_id(2), run_id(3)
    load(
        lin,
        event("START", 0, dag, "dag"),
        event("START", 10, task, "dag.task", run_facets=parent(dag, "dag")),
        event("START", 20, app, "spark", run_facets=parent(task, "dag.task", (dag, "dag"))),
        event("COMPLETE", 50, app, "spark"),
        event("COMPLETE", 60, task, "dag.task", run_facets=parent(dag, "dag")),
        event("COMPLETE", 70, dag, "dag"),
    )
    found = lin.graph.run_text(
        "MATCH (e:Execution)-[:IN_RUN]->(r)-[:OF]->(p) "
        "RETURN e.node AS job, e.cost AS cost, r.source_id AS run, p.name AS pipeline ORDER BY job"
    )
    assert [(row["job"], row["cost"]) for row in found] == [
        ("dag", 20.0), ("dag.task", 20.0), ("spark", 30.0),
    ]  # fmt: skip
    assert {(row["run"], row["pipeline"]) for row in found} == {(dag, "ns/dag")}


def test_a_cycle_of_parents_costs_what_it_costs(lin: Lineage) -> None:
    def found() -> list[Json]:
        return lin.graph.run_text(
            "MATCH (e:Execution) RETURN e.node AS job, e.cost AS cost, e.in_cycle AS cyclic "
            "ORDER BY job"
        )

    above = {A: B, B: C, C: A}
    events = [event("START", 0, run, run, run_facets=parent(up, up)) for run, up in above.items()]
    events += [event("COMPLETE", 10, run, run, outputs=[dataset("t")]) for run in above]
    events += [event("START", 2, R, R, run_facets=parent(A, A)), event("COMPLETE", 5, R, R)]
    wanted = [{"job": run, "cost": 10.0, "cyclic": True} for run in above]
    wanted[0]["cost"] = 7.0
    wanted.append({"job": R, "cost": 3.0, "cyclic": None})
    load(lin, *events)
    assert found() == wanted
    before = snapshot(lin)
    lin.graph.run_text("MATCH (n) WHERE NOT n:Lineage DETACH DELETE n")
    for one in reversed(events):
        load(lin, one)
    assert differences(before, snapshot(lin)) == []
    load(lin, *read(run_id(5), "t", 20))
    assert reads(lin, run_id(5)) == [f"dataset:s3://lake/t@run {C}"]
    # One leaves it, and the others count as parts again.
    load(lin, event("OTHER", 11, C, C, run_facets={"parent": {"_deleted": True}}))
    assert [row["cyclic"] for row in found()] == [None] * 5
    assert [row["cost"] for row in found()][:3] == [7.0, 0.0, 0.0]


def test_what_a_child_wrote_is_not_its_parents(lin: Lineage) -> None:
    task, app = A, B
    load(
        lin,
        event("START", 0, task, "task"),
        event("START", 1, app, "app", run_facets=parent(task, "task")),
        event("COMPLETE", 5, app, "app", outputs=[dataset("t")]),
        event("COMPLETE", 6, task, "task", outputs=[dataset("t")]),
        *read(R, "t", 10),
    )
    assert reads(lin, R) == [f"dataset:s3://lake/t@run {app}"]


def test_the_lineage_facet_wins_over_inputs_times_outputs(lin: Lineage) -> None:
    def entry(target: str, *sources: str) -> Json:
        given = [{"namespace": "s3://lake", "name": one, "type": "DATASET"} for one in sources]
        return {"namespace": "s3://lake", "name": target, "type": "DATASET", "inputs": given}

    said = {"lineage": {"entries": [entry("x", "a"), entry("y", "b")]}}
    load(
        lin,
        event("START", 0, A, "split", inputs=[dataset("a"), dataset("b")]),
        event("COMPLETE", 10, A, "split", outputs=[dataset("x"), dataset("y")], job_facets=said),
    )
    found = lin.graph.run_text(
        "MATCH (a:Artifact)-[:INPUT]->(e:Execution)-[:OUTPUT]->(b:Artifact) "
        "RETURN a.dataset AS a, b.dataset AS b, e.cost AS cost ORDER BY a"
    )
    assert found == [
        {"a": "s3://lake/a", "b": "s3://lake/x", "cost": 5.0},
        {"a": "s3://lake/b", "b": "s3://lake/y", "cost": 5.0},
    ]
    whole = lin.graph.run_text("MATCH (e:Execution) RETURN sum(e.cost) AS cost")
    assert whole == [{"cost": 10.0}]


def test_spark_trains_and_a_graphlet_spans_sources(lin: Lineage) -> None:
    model = dataset("models/m", datasetType={"datasetType": "MODEL"})
    load(lin, *write(A, "raw", 10), source="airflow")
    load(
        lin,
        event("START", 20, B, "features", inputs=[dataset("raw")]),
        event("COMPLETE", 30, B, "features", outputs=[dataset("features")]),
        source="spark",
    )
    load(
        lin,
        event("START", 40, C, "fit", inputs=[dataset("features")]),
        event("COMPLETE", 50, C, "fit", outputs=[model]),
        source="trainer",
    )
    assert lin.segment().graphlets == 1
    (graphlet,) = lin.export_graphlets()
    members = {(one["source"], one["role"]) for one in graphlet["executions"]}
    assert members == {("airflow", "ancestor"), ("spark", "ancestor"), ("trainer", "trainer")}


def makes(job: str, kind: str | None, **facets: Json) -> list[Json]:
    """A Spark job, or one of no known kind, that makes a data set of another."""
    said = {"jobType": {"processingType": "BATCH", "integration": "SPARK", "jobType": kind}}
    job_facets = said if kind else {}
    return [
        event("START", 40, C, job, inputs=[dataset("features")], job_facets=job_facets),
        event("COMPLETE", 50, C, job, outputs=[dataset("models/m", **facets)]),
    ]


MODEL = {"datasetType": {"datasetType": "MODEL"}}
SAYS_A_RULE_ON_JOBS = Settings(operator_rules=({"pattern": "*nightly", "class": "training"},))
SAYS_A_RULE_ON_TYPES = Settings(operator_rules=({"pattern": "SPARK/RDD*", "class": "training"},))
SAYS_A_RULE_ON_DATA = Settings(artifact_rules=({"pattern": "*/models/*", "class": "model"},))


@pytest.mark.parametrize(
    ("settings", "events", "trains"),
    [
        (Settings(), makes("app.nightly", None), False),
        (Settings(), makes("app.train_model", None), True),
        (SAYS_A_RULE_ON_JOBS, makes("app.nightly", None), True),
        (SAYS_A_RULE_ON_TYPES, makes("app.map", "RDD_JOB"), True),
        (SAYS_A_RULE_ON_DATA, makes("app.nightly", None), True),
        (SAYS_A_RULE_ON_DATA, makes("app.save.models_m", "SQL_JOB"), True),
        (Settings(), makes("app.nightly", None, **MODEL), True),
        (Settings(), makes("app.save.models_m", "SQL_JOB", **MODEL), True),
        (Settings(), makes("app.save.models_m", "SQL_JOB"), False),
        (Settings(), makes("dag.deploy", None, **MODEL), False),
        (Settings(), makes("dag.evaluate_model", None, **MODEL), False),
    ],
)
def test_what_says_that_a_job_trains(
    lin: Lineage, settings: Settings, events: list[Json], *, trains: bool
) -> None:
    ingest(lin.graph, MemoryEvents("s", map(body, events)), settings)
    found = lin.graph.run_text("MATCH (e:Training) RETURN e.source_id AS id")
    assert found == ([{"id": C}] if trains else [])


def test_bad_events_are_set_aside_and_the_rest_is_taken(lin: Lineage) -> None:
    good = event("COMPLETE", 0, A)
    bad = [b"{", b"[]", body(good | {"run": {}}), body(good | {"eventTime": "yesterday"})]
    done = lin.ingest_events([bad[0], body(good), *bad[1:]], source="s")
    assert done.read["openlineage event"] == done.read["execution"] == 1
    assert [position for _, position, _ in done.set_aside] == [
        "event 1", "event 3", "event 4", "event 5",
    ]  # fmt: skip
    assert "$.run.runId" in done.set_aside[2][2]


def test_odd_events_are_taken_and_flagged(lin: Lineage) -> None:
    deep: Json = {}
    for _ in range(500):
        deep = {"a": deep}
    wide = {"fields": [{"name": f"c{n}", "type": "int"} for n in range(100_000)]}
    odd = [
        event("START", 0, "no-uuid") | {"run": {"runId": "no-uuid", "facets": None}},
        event("COMPLETE", 0, run_id(2)) | {"eventTime": "2025-03-01T00:00:00"},
        event("COMPLETE", 0, run_id(3)) | {"eventTime": "1970-01-01T00:00:00Z"},
        event("COMPLETE", 0, run_id(4)) | {"eventTime": "9999-12-31T00:00:00Z"},
        event("COMPLETE", 0, run_id(5), outputs=[dataset("wide", schema=wide)]),
        event("COMPLETE", 0, run_id(6), run_facets={"deep": deep}),
        event("COMPLETE", 0, run_id(7), job_facets={"sql": {"query": 5}}),
        event("COMPLETE", 0, run_id(8)),
        event("START", 7 * 86_400, run_id(8)),
        event("COMPLETE", 0, run_id(9), "one"),
        event("START", -1, run_id(9), "two"),
    ]
    load(lin, *odd)
    found = lin.graph.run_text(
        "MATCH (e:Execution) RETURN e.source_id AS id, e.`p_facet.flags` AS flags ORDER BY id"
    )
    flags = {row["id"]: " ".join(row["flags"] or ()) for row in found}
    assert "no UUID" in flags["no-uuid"]
    assert "no zone" in flags[run_id(2)]
    assert "not within 2000" in flags[run_id(3)]
    assert "not within 2000" in flags[run_id(4)]
    assert "sql: query is a int" in flags[run_id(7)]
    assert "ends before it starts" in flags[run_id(8)]
    assert "name 2 jobs" in flags[run_id(9)]
    assert len(flags) == 8 + 1


SCHEMALESS: dict[str, Json] = {
    "entries": {"lineage": {"entries": 5}},
    "list": {"jobType": {"processingType": "B", "integration": "SPARK", "jobType": ["SQL_JOB"]}},
    "object": {"jobType": {"processingType": "B", "integration": "SPARK", "jobType": {"a": 1}}},
}


@pytest.mark.parametrize("name", SCHEMALESS)
def test_a_facet_that_breaks_its_schema_is_flagged(lin: Lineage, name: str) -> None:
    load(lin, event("START", 0, A, job_facets=SCHEMALESS[name]), event("COMPLETE", 5, B))
    load(lin, event("COMPLETE", 9, A))
    found = lin.graph.run_text(
        "MATCH (e:Execution {state: 'COMPLETE'}) RETURN e.`p_facet.flags` AS flags ORDER BY e.key"
    )
    assert [len(row["flags"] or ()) for row in found] == [1, 0]


def test_a_run_is_no_part_of_another_by_its_id(lin: Lineage) -> None:
    child = "p/part x"
    said = parent("p", "pj")
    load(lin, event("START", 0, "p", "pj"), event("START", 1, child, run_facets=said))
    load(lin, event("COMPLETE", 4, child, run_facets=said))
    load(lin, event("COMPLETE", 9, "p", "pj"))
    found = lin.graph.run_text(
        "MATCH (e:Execution)-[:PART_OF]->(p) RETURN e.source_id AS id, e.state AS s, p.cost AS cost"
    )
    assert found == [{"id": child, "s": "COMPLETE", "cost": 6.0}]


def test_a_subject_that_cannot_be_folded_holds_up_no_other(
    lin: Lineage, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lineage.load import folding

    fold = folding.fold

    def failing(subject: str, *others: Any) -> Any:
        if subject.endswith(A):
            raise KeyError("defect")
        return fold(subject, *others)

    def runs() -> list[str]:
        return [r["id"] for r in lin.graph.run_text("MATCH (e:Execution) RETURN e.source_id AS id")]

    def standing() -> list[Json]:
        return lin.graph.run_text("MATCH (x:SetAside) RETURN x.position AS at")

    with monkeypatch.context() as patched:
        patched.setattr(folding, "fold", failing)
        done = lin.ingest_events([body(event("START", 0, one)) for one in (A, B)], source="s")
        assert [aside[:2] for aside in done.set_aside] == [("openlineage subject", f"run/{A}")]
        assert "KeyError: 'defect'" in done.set_aside[0][2]
        load(lin, event("START", 0, C))
        assert (sorted(runs()), standing()) == ([B, C], [{"at": f"run/{A}"}])
        with pytest.raises(RecordError):
            lin.ingest_events([body(event("COMPLETE", 8, A))], source="s", strict=True)
    load(lin, event("COMPLETE", 9, A))
    assert (sorted(runs()), standing()) == ([A, B, C], [])


def test_names_of_any_length_are_taken(lin: Lineage) -> None:
    run, table, other = "r" * 60_000, "t" * 9_000, "u" * 60_000
    version = {"datasetVersion": "v" * 60_000}
    wrote = [
        event("START", 0, run, "j" * 60_000),
        event("COMPLETE", 5, run, "j" * 60_000, outputs=[dataset(table), dataset("x")]),
        event("COMPLETE", 6, B, outputs=[dataset(other, version=version)]),
    ]
    load(lin, *wrote, *read(R, table, 10))
    assert reads(lin, R) == [f"dataset:s3://lake/{table}@run {run}"]
    # A version that the run did not write after all is folded anew, and its children told apart.
    snap = {"jobType": {"processingType": "STREAMING", "integration": "FLINK",
                        "emissionPattern": {"eventContentMode": "COMPLETE_SNAPSHOT"}}}  # fmt: skip
    load(lin, event("OTHER", 6, run, "j" * 60_000, outputs=[dataset("x")], job_facets=snap))
    assert reads(lin, R) == [f"dataset:s3://lake/{table}"]
    load(lin, *read(C, table, 10, symlinks=symlink("a" * 60_000)))
    assert reads(lin, C) == [f"dataset:hive://meta/{'a' * 60_000}"]
    assert reads(lin, R) == reads(lin, C)
    assert "joined because" in lin.show(found_key(lin, C)).text()
    digest = Artifact(id="x", type="File", digest="sha256:" + "a" * 60_000)
    assert lin.ingest_records([digest], source="other").set_aside == []


def found_key(lin: Lineage, run: str) -> str:
    rows = lin.graph.run_text(
        "MATCH (a:Artifact)-[:INPUT]->(:Execution {source_id: $run}) RETURN a.key AS key", run=run
    )
    return str(rows[0]["key"])


def test_names_of_data_sets_are_found_by_index(lin: Lineage) -> None:
    for name, given in (("names/artifacts", {"datasets": ["x"]}), ("settle/written", {})):
        plan, _ = lin.graph.explain(queries.load(name).text, **given)
        assert "NodeByLabelScan a:Artifact" not in str(plan)
        assert "NodeIndexSeek" in str(plan)
    others = [{"namespace": "s", "name": f"t{n}", "type": "TABLE"} for n in range(1_500)]
    load(lin, event("COMPLETE", 0, A, outputs=[dataset("t", symlinks={"identifiers": others})]))
    assert lin.graph.run_text("MATCH (n:Alias) RETURN count(n) AS n") == [{"n": 1_000}]
    (row,) = lin.graph.run_text("MATCH (e:Execution) RETURN e.`p_facet.flags` AS flags")
    assert row["flags"] == ["facet symlinks: has 1500 names, of which 1000 are used"]


def test_what_a_cut_file_holds_is_kept(lin: Lineage, tmp_path: Path) -> None:
    file = tmp_path / "e.jsonl.gz"
    file.write_bytes(gzip.compress(body(event("COMPLETE", 0, A)) + b"\n")[:-6])
    with pytest.raises(ReadError, match="middle of its compressed data"):
        lin.ingest(str(file), source="s")
    assert lin.graph.run_text("MATCH (e:Execution) RETURN e.source_id AS id") == [{"id": A}]


def told(seconds: float, name: str, **facets: Json) -> Json:
    """An event of a data set alone."""
    return {"eventTime": at(seconds), "producer": "p", "dataset": dataset(name, **facets)}


SNAPSHOT = {"jobType": {"processingType": "STREAMING", "integration": "FLINK",
                        "emissionPattern": {"eventContentMode": "COMPLETE_SNAPSHOT"}}}  # fmt: skip
SLICES: dict[str, list[Json]] = {
    "two jobs": [event("START", 0, A, "old"), event("COMPLETE", 5, A, "new")],
    "another root": [
        event("START", 0, A, run_facets=parent(B, "x", (C, "old"))),
        event("RUNNING", 0, R, run_facets=parent(B, "x", (C, "old"))),
        event("COMPLETE", 5, A, run_facets=parent(B, "x", (C, "new"))),
        event("COMPLETE", 5, R, run_facets=parent(B, "x", (C, "new"))),
    ],
    "versions": [
        told(0, "t", version={"datasetVersion": "1"}),
        told(5, "t", version={"datasetVersion": "2"}),
        told(2, "t", schema={"fields": [{"name": "x"}]}),
    ],
    "a version told of alone": [
        told(0, "t", version={"datasetVersion": "1"}),
        event("RUNNING", 1, A, outputs=[dataset("t", version={"datasetVersion": "1"})]),
        event("RUNNING", 5, A, outputs=[dataset("u")], job_facets=SNAPSHOT),
    ],
}


@pytest.mark.parametrize("name", SLICES)
def test_slices_give_what_one_load_gives(lin: Lineage, name: str) -> None:
    events = SLICES[name]
    load(lin, *events)
    before = snapshot(lin)
    for order in (events, events[::-1]):
        lin.graph.run_text("MATCH (n) WHERE NOT n:Lineage DETACH DELETE n")
        for one in order:
            load(lin, one)
        assert differences(before, snapshot(lin)) == []
    if name == "versions":
        found = lin.graph.run_text("MATCH (a:Artifact) RETURN a.version AS v ORDER BY v")
        assert [row["v"] for row in found] == ["1", "2", None]


def test_a_killed_load_is_completed_by_the_next(
    lin: Lineage, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lineage.load.folding import Folding

    events = [body(one) for one in random_events(random.Random(3), runs=20, tables=4)]
    lin.ingest_events(events, source="other")
    expected = lin.graph.run_text("MATCH (e:Execution) RETURN count(e) AS n")
    lin.forget("other")
    with monkeypatch.context() as patched:
        patched.setattr(Folding, "_fold", lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            lin.ingest_events(events, source="s")
    assert lin.graph.run_text("MATCH (e:Execution) RETURN count(e) AS n") == [{"n": 0}]
    lin.ingest_events([], source="s")
    assert lin.graph.run_text("MATCH (e:Execution) RETURN count(e) AS n") == expected


def test_times_are_of_the_events(lin: Lineage) -> None:
    load(lin, event("COMPLETE", 9, A), event("START", 3, A), event("START", 5, A))
    found = lin.graph.run_text(
        "MATCH (e:Execution) RETURN e.started AS s, e.ended AS e, e.state AS t"
    )
    assert found[0]["s"].isoformat() == at(3)
    assert found[0]["e"].isoformat() == at(9)
    assert found[0]["t"] == "COMPLETE"


def test_a_graph_of_events_comes_back_from_a_trace(lin: Lineage) -> None:
    events = [body(one) for one in random_events(random.Random(8), runs=20, tables=4)]
    lin.ingest_events(events, source="s")
    lin.segment()
    flows = """
    MATCH (e:Execution)-[r:INPUT|OUTPUT|INTERNAL_INPUT|INTERNAL_OUTPUT|NAMED_INPUT]-(a:Artifact)
    RETURN e.source_id AS execution, type(r) AS type, r.named AS named, a.key AS artifact
    ORDER BY execution, type, artifact, named
    """
    before = lin.graph.run_text(flows)
    trace = list(lin.export_trace("s"))
    lin.forget("s")
    assert lin.graph.run_text("MATCH (n:Artifact|Execution|Event) RETURN count(n) AS n") == [
        {"n": 0}
    ]
    lin.ingest_records(trace, source="s")
    assert lin.graph.run_text(flows) == before


def test_pruned_runs_and_their_events_stay_away(lin: Lineage) -> None:
    events = [*write(A, "t", 10), *read(B, "t", 20), *write(C, "u", 90_000), *read(R, "u", 90_010)]
    load(lin, *events)
    lin.segment()
    lin.prune(at(80_000))
    kept = lin.graph.run_text("MATCH (e:Execution) RETURN e.source_id AS id ORDER BY id")
    assert kept == [{"id": C}, {"id": R}]
    before = snapshot(lin)
    load(lin, *events)
    assert differences(before, snapshot(lin)) == []
    assert lin.graph.run_text("MATCH (v:Event) RETURN count(v) AS n") == [{"n": 4}]


def test_the_same_content_of_two_sources_is_linked(lin: Lineage) -> None:
    digest = "sha256:" + "ab" * 32
    for source in ("a", "b", "c"):
        lin.ingest_records([Artifact(id="x", type="File", digest=digest)], source=source)
    lin.ingest_records([Artifact(id="y", type="File", digest="crc:abcd1234")], source="a")
    found = lin.graph.run_text(
        "MATCH (x)-[:SAME_CONTENT]->(y) RETURN x.source AS x, y.source AS y ORDER BY x"
    )
    assert found == [{"x": "b", "y": "a"}, {"x": "c", "y": "a"}]
    assert "same content" in lin.show("a#artifact/x").text()


def test_show_tells_why_two_names_are_one(lin: Lineage) -> None:
    load(lin, *write(A, "warehouse/t", 10, symlinks=symlink("db.t")))
    shown = lin.show(f"dataset#artifact/hive://meta/db.t@run {A}").text(width=200)
    assert "joined because" in shown
    assert "hive://meta/db.t = s3://lake/warehouse/t, says s (symlinks facet)" in shown


def test_the_class_of_a_data_set_is_that_of_what_made_it(lin: Lineage) -> None:
    job_type = {"processingType": "BATCH", "integration": "DBT", "jobType": "MODEL"}
    made = event("COMPLETE", 20, B, "model", inputs=[dataset("raw")], outputs=[dataset("t")])
    made["job"]["facets"]["jobType"] = job_type
    found = "MATCH (a:Artifact) RETURN a.dataset AS name, a.artifact AS class ORDER BY name"
    for number in range(2):  # the second load changes nothing of it
        load(lin, *write(A, "raw", 10 + number), made)
        classes = {row["name"]: row["class"] for row in lin.graph.run_text(found)}
        assert classes == {"s3://lake/raw": "span", "s3://lake/t": "transform"}


def spark_application() -> list[Json]:
    """Reads raw data, writes features, fits and saves a model, loads it and predicts."""

    def told(number: int, kind: str, reads: list[Json], writes: list[Json]) -> list[Json]:
        job_type = {"processingType": "BATCH", "integration": "SPARK", "jobType": kind}
        return [
            event(
                state, number * 10 + later, run_id(number), f"app.job{number}",
                inputs=reads, outputs=writes,
                run_facets=parent(A, "app"), job_facets={"jobType": job_type},
            )
            for state, later in (("START", 0), ("COMPLETE", 5))[: 1 if kind == "RDD_JOB" else 2]
        ]  # fmt: skip

    def text(column: str) -> Json:
        return dataset("model/metadata", schema={"fields": [{"name": column}]})

    def predicted() -> Json:
        return dataset("predictions", schema={"fields": [{"name": "prediction"}]})

    job_type = {"processingType": "NONE", "integration": "SPARK", "jobType": "APPLICATION"}
    return [
        *(
            event(state, when, A, "app", job_facets={"jobType": job_type})
            for state, when in (("START", 0), ("COMPLETE", 100))
        ),
        *told(2, "SQL_JOB", [dataset("raw")], [dataset("features")]),
        *told(3, "RDD_JOB", [dataset("features")], []),
        *told(4, "SQL_JOB", [dataset("features")], []),
        *told(5, "SQL_JOB", [], [text("_1")]),
        *told(6, "SQL_JOB", [text("value")], []),
        *told(7, "SQL_JOB", [dataset("test")], [predicted()]),
    ]


@pytest.mark.parametrize("seed", range(4))
def test_a_spark_application_is_the_same_in_any_order(lin: Lineage, seed: int) -> None:
    events = [body(one) for one in spark_application()]
    lin.ingest_events(events, source="s")
    lin.segment()
    before = snapshot(lin)
    (graphlet,) = lin.export_graphlets()
    assert graphlet["cost"] == 100  # all of it was for this model
    roles = {one["source_id"]: one["role"] for one in graphlet["executions"]}
    assert roles == {
        **dict.fromkeys((A, run_id(2), run_id(3), run_id(4)), "ancestor"),
        run_id(5): "trainer",
        **dict.fromkeys((run_id(6), run_id(7)), "descendant"),
    }
    lin.graph.run_text("MATCH (n) WHERE NOT n:Lineage DETACH DELETE n")
    rng = random.Random(seed)
    rng.shuffle(events)
    for one in events:
        lin.ingest_events([one], source="s")
        if rng.random() < 0.4:
            lin.segment()
    lin.segment()
    assert differences(before, snapshot(lin)) == []
