"""A bulk load leaves the graph that a load over Bolt leaves, or the one that was there before."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import pytest
from support.demo import STORE, wipe
from support.server import own_home, wanted_line
from support.snapshot import snapshot
from support.traces import conformance_cases, conformance_records, random_traces

from lineage import Lineage, Settings
from lineage.errors import BulkError, RecordError, ServerError
from lineage.load.bulk import service
from lineage.load.service import settle
from lineage.records import (
    Artifact,
    ArtifactClass,
    Context,
    Event,
    EventKind,
    Execution,
    Feature,
    FeatureKind,
    Membership,
    NodeKind,
    OperatorClass,
    Pipeline,
    Run,
    State,
)
from lineage.schema import VERSION
from lineage.server import ServerHome, local
from lineage.simulate import simulate
from lineage_ingest.trace import dump
from lineage_ingest.trace_parquet_writer import ParquetTraceWriter

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lineage.records import Record

NOW = 1_767_225_600_000
WEIGHTS = [400, 600] + [0] * 14
MARKS = ("Unsegmented", "Unsettled")


@pytest.fixture(scope="module")
def home() -> Iterator[ServerHome]:
    with own_home(wanted_line(), heap_mb=768, page_cache_mb=256) as found:
        # A folder as people have them: the importer takes paths for regular expressions.
        named = dataclasses.replace(found, root=found.root / "a+b, (c) ü")
        try:
            yield named
        finally:
            local.down(named)


@pytest.fixture(scope="module")
def server(home: ServerHome) -> Iterator[Lineage]:
    up = local.up(home, "test")
    with Lineage.connect(
        up.uri, up.username, up.password, up.database, settings=Settings()
    ) as found:
        yield found


@pytest.fixture
def empty(server: Lineage) -> Lineage:
    """A service on an empty local server."""
    wipe(server)
    return server


def unmarked(lin: Lineage) -> tuple[list[Any], list[Any]]:
    """The graph without the marks that the first segmentation does not need."""
    nodes, relationships = snapshot(lin)
    kept = [([label for label in labels if label not in MARKS], rest) for labels, rest in nodes]
    return sorted(kept), relationships


def settled_again(lin: Lineage) -> tuple[list[Any], list[Any]]:
    """The graph after everything in it was derived once more."""
    lin.graph.run_implicit(
        "MATCH (n:Execution|Artifact) CALL (n) { SET n:Unsegmented } IN TRANSACTIONS OF 5000 ROWS"
    )
    lin.graph.run_text("MATCH (n:Run|Context|Pipeline) SET n:Unsettled")
    for row in lin.graph.run_text("MATCH (s:Source) RETURN s.key AS key, s.newest AS newest"):
        settle(lin.graph, row["key"], row["newest"], lin.settings)
    return unmarked(lin)


def check(lin: Lineage, bulk: Lineage, home: ServerHome, location: str) -> None:
    """Load a source both ways, and compare all that they leave."""
    expected = lin.ingest(location, source="s")
    found = bulk.ingest_bulk(location, source="s", home=home)
    assert found.read == expected.read
    assert sorted(found.set_aside) == sorted(expected.set_aside)
    assert found.written == expected.written
    assert unmarked(bulk) == unmarked(lin)
    again = bulk.ingest(location, source="s")
    assert (again.written, sorted(again.set_aside)) == (0, sorted(found.set_aside))
    assert settled_again(bulk) == unmarked(lin)
    lin.segment()
    bulk.segment()
    assert snapshot(bulk) == snapshot(lin)


def write_tables(records: Iterable[Record], folder: Path) -> str:
    with ParquetTraceWriter(folder, "odd") as writer:
        for record in records:
            writer.write(record)
    return str(folder)


def write_lines(records: Iterable[Record], path: Path) -> str:
    with path.open("wb") as file:
        dump(records, file)
    return str(path)


def event(execution: str, artifact: str, kind: EventKind = EventKind.INPUT, **rest: Any) -> Event:
    return Event(execution=execution, artifact=artifact, kind=kind, **rest)


def member(kind: NodeKind, one: str, outer: NodeKind, container: str) -> Membership:
    return Membership(member_kind=kind, member=one, container_kind=outer, container=container)


def odd_nodes() -> list[Record]:
    """What makes a row of nodes other than plain, each thing once or more."""
    times = {"created": NOW, "updated": NOW + 1, "started": NOW, "ended": NOW + 61_001}
    properties: list[dict[str, Any]] = [
        {"a": 1, "b": 1.5, "c": True, "d": "x", "nothing": None},
        {"a": "text", "b": 2, "c": False},
        {"a": 1.0, "nested": {"k": [1, {"z": "\n"}]}, "mixed": [1, "a"]},
        {"list": [1, 2], "words": ["a", ""], "none": [], "big": 2**70},
        {"text": 'line\nbreak "quoted", \\ and \x1f; ü😀', "empty": ""},
        {"input:epochs": 3, "a b": 1, 'quo"te': 2, "{x}": "y", " blank": 1, "nul\0": 1, "": "none"},
        {"model_type": "dnn", "far": -(2**63), "tiny": 5e-324, "minus": -0.0},
    ]
    made: list[Record] = [
        Pipeline(id="p", name="b"),
        Pipeline(id="outer", name="z", properties={"list": [1]}),
        Pipeline(id="nameless", name=""),
        Run(id="r", name="r", state=State.RUNNING, **times),
        Run(id="r2", name="r\n2", properties=properties[0]),
        Context(id="c", name="n" * 300, type="t"),
    ]
    made += [
        Execution(id=f"x{n}", type="my.Trainer", properties=one, updated=NOW + n)
        for n, one in enumerate(properties)
    ]
    made += [Artifact(id=f"x{n}", type="Model", properties=one) for n, one in enumerate(properties)]
    return [
        *made,
        Execution(id="cached", type="Transform", state=State.CACHED, **times),
        Execution(id="resolve", type="tfx.dsl.components.common.resolver.Resolver", cost=4.0),
        Execution(id="transform", type="Transform", node="", name="", cost_unit="h", **times),
        Execution(id="alive", type="Trainer", state=State.RUNNING, started=NOW),
        Execution(id="silent", type="T", state=State.RUNNING, started=NOW - 40 * 86_400_000),
        Execution(id="ahead", type="T", created=7_000_000_000_000),
        Execution(id="stated", type="T", operator=OperatorClass.TUNING, cost=0.1, code_version="v"),
        Execution(id="mother", type="T", **times),
        Execution(id="child", type="T", parent="mother", started=NOW + 1, ended=NOW + 1_000),
        Execution(id="orphan", type="T", parent="nobody"),
        Execution(id="odd-child", type="T", parent="x3", properties={"list": [1]}),
        Execution(id="child-of-odd", type="T", parent="x3"),
        Execution(id="long" * 900, type="T"),
        Execution(id="twice", type="T", updated=NOW, parent="mother"),
        Execution(id="twice", type="U", updated=NOW + 5),
        Execution(id="twice", type="V", updated=NOW + 4),
        Artifact(id="examples", type="Examples", size=5, pushed=True, uri="", digest="d"),
        Artifact(id="raw", type="Examples"),
        Artifact(id="long", type="Examples", uri="u" * 6_000_000),
        Artifact(id="late", type="Examples", features=features("b", "a\nc", "")),
        Artifact(id="span", type="S", artifact=ArtifactClass.SPAN, features=features("a", "b")),
        Artifact(id="span2", type="S", artifact=ArtifactClass.SPAN, features=features("q")),
    ]


def features(*names: str) -> list[Feature]:
    kinds = [FeatureKind.NUMERIC, FeatureKind.CATEGORICAL]
    return [
        Feature(name=name, kind=kinds[n % 2], weights=[] if n == 1 else WEIGHTS)
        for n, name in enumerate(sorted(names))
    ]


def odd_edges() -> list[Record]:
    """Events and memberships of those nodes, some of which cannot be."""
    return [
        event("transform", "examples", EventKind.OUTPUT, role="examples", index=0, time=NOW),
        event("transform", "examples", EventKind.OUTPUT, role="examples", index=0, time=NOW + 1),
        event("cached", "late", EventKind.OUTPUT, role="x[", time=NOW + 2),
        event("resolve", "span", EventKind.OUTPUT),
        event("x3", "raw", EventKind.OUTPUT, role="line\nbreak", index=-1),
        event("x0", "span", role="baseline_model", index=1),
        event("x1", "span", EventKind.INTERNAL_INPUT),
        event("x1", "span", EventKind.INTERNAL_OUTPUT),
        event("x1", "span", EventKind.PENDING_OUTPUT),
        event("x1", "long", role='"' * 5_000_000),
        event("x1", "gone", role="a"),
        event("nobody", "gone", EventKind.OUTPUT, role="a"),
        event("twice", "x3", role="both"),
        member(NodeKind.EXECUTION, "x0", NodeKind.RUN, "r"),
        member(NodeKind.EXECUTION, "x0", NodeKind.RUN, "r"),
        member(NodeKind.EXECUTION, "x3", NodeKind.RUN, "r"),
        member(NodeKind.EXECUTION, "x1", NodeKind.PIPELINE, "outer"),
        member(NodeKind.EXECUTION, "x1", NodeKind.PIPELINE, "p"),
        member(NodeKind.EXECUTION, "x2", NodeKind.CONTEXT, "c"),
        member(NodeKind.EXECUTION, "transform", NodeKind.PIPELINE, "nameless"),
        member(NodeKind.RUN, "r", NodeKind.PIPELINE, "p"),
        member(NodeKind.PIPELINE, "p", NodeKind.PIPELINE, "outer"),
        member(NodeKind.CONTEXT, "c", NodeKind.CONTEXT, "c"),
        member(NodeKind.CONTEXT, "c", NodeKind.RUN, "r"),
        member(NodeKind.EXECUTION, "child", NodeKind.EXECUTION, "x0"),
        member(NodeKind.EXECUTION, "x2", NodeKind.EXECUTION, "mother"),
        member(NodeKind.ARTIFACT, "span", NodeKind.RUN, "r"),
        member(NodeKind.ARTIFACT, "span", NodeKind.ARTIFACT, "raw"),
        member(NodeKind.EXECUTION, "x0", NodeKind.RUN, "no run"),
    ]


def whole_trace() -> list[Record]:
    """All that is odd, the worked cases, and random traces, as one source."""
    records = [*odd_nodes(), *odd_edges()]
    for case in conformance_cases():
        records += conformance_records(case, prefix=f"{case['name']}/")
    for trace in random_traces(25, 7):
        records += trace
    return sorted(records, key=lambda record: isinstance(record, Event | Membership))


def test_demo_store(lin: Lineage, empty: Lineage, home: ServerHome) -> None:
    check(lin, empty, home, str(STORE))


def test_any_trace_as_tables(
    lin: Lineage, empty: Lineage, home: ServerHome, tmp_path: Path
) -> None:
    check(lin, empty, home, write_tables(whole_trace(), tmp_path / "trace"))
    local.down(home)
    try:
        local.admin(home, "database", "check", "neo4j")  # fails where a store is not consistent
    finally:
        empty.graph.reconnect(local.up(home, "test").uri)


def test_any_trace_as_lines(lin: Lineage, empty: Lineage, home: ServerHome, tmp_path: Path) -> None:
    check(lin, empty, home, write_lines(whole_trace(), tmp_path / "trace.jsonl"))


def test_simulated_corpus(lin: Lineage, empty: Lineage, home: ServerHome, tmp_path: Path) -> None:
    simulate(tmp_path / "corpus", pipelines=6, days=20, seed=5)
    check(lin, empty, home, str(tmp_path / "corpus"))
    assert empty.sources()[0]["simulated"] is True


def test_what_is_not_empty_or_not_ours_is_refused(lin: Lineage, home: ServerHome) -> None:
    lin.ingest_records([Pipeline(id="p", name="p")], source="other")
    with pytest.raises(BulkError, match="leave --bulk out"):
        lin.ingest_bulk(str(STORE), home=home)
    with pytest.raises(BulkError, match=r"another; leave --bulk out"):
        lin.ingest_bulk(str(STORE))


def test_what_came_while_files_were_made_is_not_lost(
    empty: Lineage, home: ServerHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    convert = service._convert

    def slow(*arguments: Any, **rest: Any) -> Any:
        done = convert(*arguments, **rest)
        empty.ingest_records([Pipeline(id="p", name="p")], source="meanwhile")
        return done

    monkeypatch.setattr(service, "_convert", slow)
    with pytest.raises(BulkError, match="this one holds something"):
        empty.ingest_bulk(str(STORE), home=home)
    assert [row["source"] for row in empty.sources()] == ["meanwhile"]


def test_strict_stops_before_anything_is_written(
    empty: Lineage, home: ServerHome, tmp_path: Path
) -> None:
    lost = event("nobody", "a", position=None)
    place = write_tables([Artifact(id="a", type="T"), lost], tmp_path / "t")
    with pytest.raises(RecordError, match=r"row 1: execution nobody does not exist"):
        empty.ingest_bulk(place, home=home, strict=True)
    assert empty.graph.run("load/is_empty") == [{"empty": True}]


def test_failed_importer_leaves_what_was_there(
    empty: Lineage, home: ServerHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "MOST_HEAP", 8)
    with pytest.raises(ServerError, match=r"importer failed \(exit code .*\(log: .*import.log\)"):
        empty.ingest_bulk(str(STORE), home=home)
    assert (home.logs / "import.log").exists()
    intact(empty, home)


def test_killed_importer_leaves_what_was_there(empty: Lineage, home: ServerHome) -> None:
    victim = threading.Thread(target=kill_importer, args=(home,))
    victim.start()
    with pytest.raises(ServerError, match="importer failed"):
        empty.ingest_bulk(str(STORE), home=home)
    victim.join()
    intact(empty, home)


def intact(lin: Lineage, home: ServerHome) -> None:
    """The server answers, with its empty database and its constraints; nothing is left over."""
    assert lin.graph.run("schema/version") == [{"version": VERSION}]
    assert lin.graph.run("load/is_empty") == [{"empty": True}]
    assert lin.graph.run_text("SHOW CONSTRAINTS YIELD name RETURN count(*) AS n")[0]["n"] > 5
    names = {path.name for path in home.root.iterdir()}
    assert names.isdisjoint({"staging", "former"})
    assert not any(name.startswith("bulk-") for name in names)


def kill_importer(home: ServerHome) -> None:
    """Wait for the importer, and kill it."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        for process in psutil.process_iter(["cmdline"]):
            if any(f"@{home.run}/admin-" in word for word in process.info["cmdline"] or []):
                process.kill()
                return
        time.sleep(0.01)


def test_killed_load_keeps_the_old_database_or_has_the_new_one(
    empty: Lineage, home: ServerHome, tmp_path: Path
) -> None:
    """A swap that stopped after any of its moves is taken back or finished by the next start."""
    program = (
        "import sys, pathlib; from lineage.server import ServerHome, staging\n"
        "moves = int(sys.argv[2]); rename = pathlib.Path.rename\n"
        "def limited(self, target):\n"
        "    global moves\n"
        "    if moves == 0: raise SystemExit(0)\n"
        "    moves -= 1\n"
        "    return rename(self, target)\n"
        "pathlib.Path.rename = limited\n"
        "staging.swap(ServerHome(pathlib.Path(sys.argv[1])))\n"
    )
    for moves in range(5):
        scratch = ServerHome(tmp_path / str(moves))
        for root, content in ((scratch.data, "old"), (scratch.root / "staging", "new")):
            for part in ("databases", "transactions"):
                (root / part / "neo4j").mkdir(parents=True)
                (root / part / "neo4j" / "content").write_text(content)
        subprocess.run([sys.executable, "-c", program, str(scratch.root), str(moves)], check=True)
        local.staging.recover(scratch)
        found = {path.read_text() for path in scratch.data.rglob("content")}
        assert found == {"new" if moves == 4 else "old"}
        assert len(list(scratch.data.rglob("content"))) == 2
        assert sorted(path.name for path in scratch.root.iterdir()) == ["data"]


def test_command_starts_a_server_where_none_is_up(tmp_path: Path) -> None:
    simulate(tmp_path / "corpus", pipelines=2, days=20, seed=5)
    environment = {k: v for k, v in os.environ.items() if not k.startswith("NEO4J_")}
    environment["LINEAGE_DATA_DIR"] = str(tmp_path / "data")

    def lineage(*arguments: str) -> str:
        command = [str(Path(sys.executable).with_name("lineage")), *arguments]
        return subprocess.run(
            command, env=environment, cwd=tmp_path, check=True, capture_output=True, text=True
        ).stdout

    try:
        done = json.loads(lineage("ingest", "--bulk", "--segment", "corpus", "--json"))
        assert done["segmented"]["total"] > 10
        assert "simulated" in lineage("report", "summary")
    finally:
        lineage("down")
