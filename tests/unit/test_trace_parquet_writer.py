"""Writing Parquet tables: what comes back, and that a folder is there whole or not at all."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.records import EDGES, FEATURES, NODES
from support.traces import random_traces

from lineage.errors import RecordError
from lineage.records import (
    Artifact,
    Context,
    Event,
    Execution,
    Feature,
    FeatureKind,
    Membership,
    Pipeline,
    Record,
    Run,
    SetAside,
    State,
)
from lineage_ingest import trace_parquet, trace_parquet_writer
from lineage_ingest.trace import TraceReader
from lineage_ingest.trace_parquet_writer import ParquetTraceWriter
from lineage_ingest.trace_tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

ORDER = (Pipeline, Run, Context, Execution, Artifact, Event, Membership)


def there_and_back(records: Iterable[Record], folder: Path) -> list[Record]:
    with ParquetTraceWriter(folder, "s") as writer:
        for record in records:
            writer.write(record)
    return read(folder)


def read(folder: Path) -> list[Record]:
    """The records, without the positions that the format does not keep."""
    found = list(TraceReader(str(folder)).records())
    for record in found:
        if isinstance(record, Event | Membership):
            record.position = None
    return found


def in_order(records: Iterable[Record]) -> list[Record]:
    return sorted(records, key=lambda record: ORDER.index(type(record)))  # type: ignore[arg-type]


@settings(max_examples=100, deadline=None)
@given(records=st.lists(NODES | EDGES, max_size=8))
def test_there_and_back(records: list[Record], tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("trace") / "t"
    assert there_and_back(records, folder) == in_order(records)


def test_random_traces_in_small_row_groups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trace_parquet_writer, "ROW_GROUP", 7)
    records: list[Record] = [record for trace in random_traces(20) for record in trace]
    for record in records:
        if isinstance(record, Event | Membership):
            record.position = None
    assert there_and_back(records, tmp_path / "t") == in_order(records)
    metadata = pq.ParquetFile(tmp_path / "t/events.parquet").metadata
    assert metadata.num_row_groups == -(-metadata.num_rows // 7)


@settings(max_examples=50, deadline=None)
@given(lists=st.lists(st.none() | FEATURES, min_size=7, max_size=20))
def test_features_over_batches(
    lists: list[list[Feature] | None], tmp_path_factory: pytest.TempPathFactory
) -> None:
    records: list[Record] = [
        Artifact(id=str(number), type="T", features=features)
        for number, features in enumerate(lists)
    ]
    # In the middle stands one that is set aside, so that its batch is put together anew.
    records[3] = Artifact(id="odd", type="T", features=lists[3], created=-1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trace_parquet, "BATCH_ROWS", 3)
        found = there_and_back(records, tmp_path_factory.mktemp("trace") / "t")
    aside = found.pop(3)
    assert isinstance(aside, SetAside)
    assert aside.position == "artifacts.parquet row 4"
    records[3] = Artifact(id="odd", type="T", features=lists[3])
    assert found == records


def test_what_no_table_can_hold_is_written_as_text(tmp_path: Path) -> None:
    deep: Any = "x"
    for _ in range(150):
        deep = [deep]
    properties = {"n": 2**64, "x": float("-inf"), "\udc00": "\ud800"}
    records: list[Record] = [
        Execution(id="e", type="\ud800", properties=properties),
        Execution(id="f", type="T", properties={"deep": deep}),
        Artifact(id="a", type="T", features=[Feature(name="\udc00", kind=FeatureKind.NUMERIC)]),
    ]
    held = {"n": str(2**64), "x": "-Infinity", r"\udc00": r"\ud800"}
    assert there_and_back(records, tmp_path / "t") == [
        Execution(id="e", type=r"\ud800", properties=held),
        Execution(id="f", type="T", properties={"deep": deep}),
        Artifact(id="a", type="T", features=[Feature(name=r"\udc00", kind=FeatureKind.NUMERIC)]),
    ]


def test_properties_are_canonical(tmp_path: Path) -> None:
    properties = {"b": 1, "a": [1.5, {"d": None, "c": "\N{EURO SIGN}"}]}
    there_and_back([Context(id="c", name="c", properties=properties)], tmp_path / "t")
    there_and_back([Context(id="c", name="c")], tmp_path / "u")
    texts = [
        pq.read_table(tmp_path / name / "contexts.parquet")["properties"].to_pylist()
        for name in "tu"
    ]
    assert texts == [['{"a":[1.5,{"c":"€","d":null}],"b":1}'], [None]]


def test_every_table_is_written_with_its_columns(tmp_path: Path) -> None:
    with ParquetTraceWriter(tmp_path / "t", simulated=True) as writer:
        assert writer.write(SetAside(kind="line", position="line 2", reason="no")) is False
    assert json.loads((tmp_path / "t/trace.json").read_text()) == {
        "kind": "trace",
        "version": 1,
        "simulated": True,
    }
    for table, schema in TABLES.items():
        assert pq.read_schema(tmp_path / f"t/{table}.parquet").equals(schema)
    assert TraceReader(str(tmp_path / "t")).simulated


def test_whole_tables(tmp_path: Path) -> None:
    with ParquetTraceWriter(tmp_path / "t") as writer:
        writer.write(Execution(id="first", type="T"))
        ids = pa.array([f"e{number}" for number in range(5)], pa.large_string())
        times = pa.array(np.arange(5) * 1_000_000, pa.timestamp("ns"))
        states = pa.array(["FAILED"] * 5).dictionary_encode()
        kind = pa.array(["T"] * 5)
        columns = {"started": times, "id": ids, "type": kind, "state": states}
        writer.write_table("executions", pa.table(columns))
        writer.write_table("executions", pa.RecordBatch.from_pydict({"type": ["T"], "id": ["x"]}))
        writer.write(Execution(id="last", type="T"))
        assert writer.written == 8
    found = read(tmp_path / "t")
    assert [one.id for one in found if isinstance(one, Execution)] == [
        "first",
        *(f"e{number}" for number in range(5)),
        "x",
        "last",
    ]
    assert found[2] == Execution(id="e1", type="T", state=State.FAILED, started=1)


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"id": ["e"]}, "the column 'type' is missing"),
        ({"id": ["e"], "type": ["T"], "kost": [1.0]}, "did you mean 'cost'"),
        ({"id": ["e"], "type": [None]}, "type is null in 1 rows"),
    ],
)
def test_a_table_that_is_none(tmp_path: Path, columns: dict[str, Any], said: str) -> None:
    with (
        pytest.raises(RecordError, match=said),
        ParquetTraceWriter(tmp_path / "t") as writer,
    ):
        writer.write_table("executions", pa.table(columns))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("size", 2**63),
        ("size", "7"),
        ("created", 2**63),
        ("features", [Feature(name="f", kind=FeatureKind.NUMERIC, weights=[40_000] * 16)]),
    ],
)
def test_a_value_that_does_not_fit_is_named(tmp_path: Path, field: str, value: Any) -> None:
    with (
        pytest.raises(RecordError, match=f"artifacts: {field} cannot be written"),
        ParquetTraceWriter(tmp_path / "t") as writer,
    ):
        writer.write(Artifact(id="a", type="T", **{field: value}))
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_left_of_what_failed(tmp_path: Path) -> None:
    def fail() -> None:
        with ParquetTraceWriter(tmp_path / "t") as writer:
            writer.write(Execution(id="e", type="T"))
            (writer.part / "truth").mkdir()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_written_over(tmp_path: Path) -> None:
    empty, full, file = (tmp_path / name for name in ("empty", "full", "file"))
    empty.mkdir()
    full.mkdir()
    (full / "x").touch()
    file.touch()
    there_and_back([Execution(id="e", type="T")], empty)
    for occupied in (empty, full, file):
        with pytest.raises(FileExistsError, match="is there already") as caught:
            ParquetTraceWriter(occupied)
        assert caught.value.filename == str(occupied)
    with pytest.raises(FileNotFoundError):
        ParquetTraceWriter(tmp_path / "no/such/folder")


def test_other_files_beside_the_tables(tmp_path: Path) -> None:
    with ParquetTraceWriter(tmp_path / "t") as writer:
        (writer.part / "truth").mkdir()
        (writer.part / "truth" / "graphlets.parquet").write_bytes(b"theirs")
    assert read(tmp_path / "t") == []
    assert (tmp_path / "t/truth/graphlets.parquet").read_bytes() == b"theirs"
