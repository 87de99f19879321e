"""A trace through the graph and both of its forms loses nothing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.records import EDGES, NODES
from support.traces import conformance_cases, conformance_records

from lineage.errors import RecordError
from lineage.records import (
    Artifact,
    Event,
    EventKind,
    Execution,
    Feature,
    FeatureKind,
    Membership,
    NodeKind,
    Run,
    State,
)
from lineage_ingest.trace import dump
from lineage_ingest.trace_parquet_writer import ParquetTraceWriter

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from lineage import Lineage
    from lineage.records import Record

WEIGHTS = [400, 600] + [0] * 14


@pytest.fixture
def lin(connected: Lineage) -> Iterator[Lineage]:
    """The server without any source."""
    forget_all(connected)
    yield connected
    forget_all(connected)


def forget_all(lin: Lineage) -> None:
    for row in lin.sources():
        lin.forget(row["source"])


def write_lines(records: Iterable[Record], path: Path) -> list[Any]:
    """Write a trace in lines; returns its lines, in any order that is always the same."""
    with path.open("wb") as file:
        dump(records, file)
    return sorted(path.read_text("utf-8").splitlines())


def write_tables(records: Iterable[Record], folder: Path) -> None:
    with ParquetTraceWriter(folder, "other") as writer:
        for record in records:
            writer.write(record)


def content(record: Record) -> bytes:
    """A record in a form that can be ordered."""
    return orjson.dumps([type(record).__name__, record], option=orjson.OPT_SORT_KEYS)


def joined(nodes: list[Record], edges: list[Record]) -> list[Record]:
    """The nodes, and those of the edges between them, with ends drawn from them."""
    of: dict[NodeKind, list[str]] = {kind: [] for kind in NodeKind}
    for node in nodes:
        of[NodeKind(type(node).__name__.lower())].append(node.id)  # type: ignore[union-attr]
    kept: list[Record] = []
    for place, edge in enumerate(edges):
        if isinstance(edge, Event):
            ends = (of[NodeKind.EXECUTION], of[NodeKind.ARTIFACT])
            names = ("execution", "artifact")
        else:
            assert isinstance(edge, Membership)
            ends = (of[edge.member_kind], of[edge.container_kind])
            names = ("member", "container")
        if all(ends):
            for name, ids in zip(names, ends, strict=True):
                setattr(edge, name, ids[place % len(ids)])
            kept.append(edge)
    return nodes + kept


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(nodes=st.lists(NODES, min_size=1, max_size=8), edges=st.lists(EDGES, max_size=8))
def test_lines_graph_tables_graph_lines(
    nodes: list[Record],
    edges: list[Record],
    lin: Lineage,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("formats")
    write_lines(joined(nodes, edges), folder / "first.jsonl")
    lin.ingest(str(folder / "first.jsonl"), source="one")
    before = write_lines(lin.export_trace("one"), folder / "one.jsonl")
    write_tables(lin.export_trace("one"), folder / "tables")
    lin.ingest(str(folder / "tables"))
    after = write_lines(lin.export_trace("other"), folder / "other.jsonl")
    lin.forget("one")
    lin.forget("other")
    assert after == before


def test_everything_that_a_record_says_comes_back(lin: Lineage, tmp_path: Path) -> None:
    records: list[Record] = [
        Run(id="r", name="run", state=State.COMPLETE, started=1, ended=2, updated=3),
        Execution(
            id="e",
            type="Trainer",
            name="\N{GRINNING FACE}\n\0 e",
            cost=2.5,
            cost_unit="GBP",
            state=State.COMPLETE,
            properties={"nested": {"a": [1, {"b": None}]}, "huge": str(2**70), "list": [1, 2]},
        ),
        Artifact(
            id="a",
            type="Examples",
            name="a",
            size=2**62,
            pushed=False,
            features=[
                Feature(name="", kind=FeatureKind.CATEGORICAL),
                Feature(name="f\u202e", kind=FeatureKind.NUMERIC, weights=WEIGHTS),
            ],
        ),
        *(
            Event(execution="e", artifact="a", kind=kind, role=kind.value, index=1)
            for kind in EventKind
        ),
        Membership(
            member_kind=NodeKind.EXECUTION, member="e", container_kind=NodeKind.RUN, container="r"
        ),
    ]
    write_tables(records, tmp_path / "tables")
    lin.ingest(str(tmp_path / "tables"), strict=True)
    found = list(lin.export_trace("other"))
    for record in found:
        if isinstance(record, Execution):
            record.operator = None
        elif isinstance(record, Artifact):
            record.artifact = None
    assert sorted(found, key=content) == sorted(records, key=content)


@pytest.mark.parametrize("case", list(conformance_cases())[:5], ids=str)
def test_conformance_cases_as_tables(case: Any, lin: Lineage, tmp_path: Path) -> None:
    records = conformance_records(case)
    write_lines(records, tmp_path / "t.jsonl")
    write_tables(records, tmp_path / "tables")
    lines = lin.ingest(str(tmp_path / "t.jsonl"), source="lines")
    tables = lin.ingest(str(tmp_path / "tables"))
    assert (lines.read, lines.written) == (tables.read, tables.written)
    assert list(lin.export_trace("lines")) == list(lin.export_trace("other"))


def test_bad_rows_are_counted_and_strict_stops(lin: Lineage, tmp_path: Path) -> None:
    records: list[Record] = [
        Execution(id="e", type="T"),
        Execution(id="e", type="T"),
        Execution(id="f", type="T", cost=-1.0),
        Execution(id="g", type="T", started=10, ended=5),
        Event(execution="e", artifact="nowhere", kind=EventKind.INPUT),
    ]
    write_tables(records, tmp_path / "tables")
    with pytest.raises(RecordError, match=r"executions\.parquet row 3"):
        lin.ingest(str(tmp_path / "tables"), strict=True)
    loaded = lin.ingest(str(tmp_path / "tables"))
    assert [position for _, position, _ in loaded.set_aside] == [
        "executions.parquet row 3",
        "executions.parquet row 4",
        "events.parquet row 1",
    ]
    costs = {
        record.id: record.cost
        for record in lin.export_trace("other")
        if isinstance(record, Execution)
    }
    assert costs == {"e": None, "g": None}


def test_data_sets_of_which_little_is_known(lin: Lineage, tmp_path: Path) -> None:
    nothing = Feature(name="all null", kind=FeatureKind.NUMERIC)
    known = Feature(name="known", kind=FeatureKind.CATEGORICAL, weights=WEIGHTS)
    lists: dict[str, list[Feature] | None] = {"a": [nothing], "b": [nothing, known], "c": None}
    records = [Artifact(id=name, type="Examples", features=of) for name, of in lists.items()]
    write_tables(records, tmp_path / "tables")
    assert lin.ingest(str(tmp_path / "tables"), strict=True).nodes == 3
    found = {one.id: one.features for one in lin.export_trace("other") if isinstance(one, Artifact)}
    assert found == lists


def test_an_empty_trace_is_loaded(lin: Lineage, tmp_path: Path) -> None:
    (tmp_path / "trace.json").write_text('{"kind":"trace","version":1,"source":"nothing"}')
    loaded = lin.ingest(str(tmp_path))
    assert (loaded.source, loaded.read, loaded.set_aside) == ("nothing", {}, [])


def test_simulated_data_are_called_so(lin: Lineage, tmp_path: Path) -> None:
    with ParquetTraceWriter(tmp_path / "t", "made up", simulated=True) as writer:
        writer.write(Execution(id="e", type="Trainer"))
    assert lin.report(["summary"]).simulated == ()
    lin.ingest(str(tmp_path / "t"))
    lin.ingest_records([Execution(id="e", type="Trainer")], source="real")
    report = lin.report(["summary"])
    assert report.simulated == ("made up",)
    assert "simulated data: made up\n" in report.render("text")
    assert "<p>simulated data: <bdi>made up</bdi></p>" in report.render("html")
    assert json.loads(report.render("json"))["simulated"] == ["made up"]
    assert lin.report(["summary"], source="real").simulated == ()
    assert "simulated data" not in lin.report(["summary"], source="real").render("text")
    assert lin.report(["summary"], pipeline="none").simulated == ()
    assert [row["simulated"] for row in lin.sources()] == [True, False]
    # What is loaded later does not make up for it.
    lin.ingest_records([Execution(id="f", type="Trainer")], source="made up 2", simulated=True)
    lin.ingest_records([Execution(id="g", type="Trainer")], source="made up 2")
    assert lin.report(["summary"]).simulated == ("made up", "made up 2")
