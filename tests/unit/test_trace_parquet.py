"""The native trace as Parquet tables: the rules of lines, faults of files, other types."""

from __future__ import annotations

import dataclasses
import json
import math
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.records import INT64, TEXT

from lineage.errors import LineageError, ReadError, UnknownSourceError, UnsupportedVersionError
from lineage.readers import open_reader
from lineage.records import (
    Artifact,
    Event,
    EventKind,
    Execution,
    Feature,
    FeatureKind,
    Membership,
    NodeKind,
    Pipeline,
    Record,
    Run,
    SetAside,
    State,
)
from lineage_ingest import trace_parquet
from lineage_ingest.trace import TraceReader
from lineage_ingest.trace_batches import RECORDS, TableReader
from lineage_ingest.trace_lines import MODELS
from lineage_ingest.trace_parse import parse
from lineage_ingest.trace_records import SHORT, records_of
from lineage_ingest.trace_tables import TABLES, listing

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

HEADER = {"kind": "trace", "version": 1, "source": "s"}
WEIGHTS = [1000] + [0] * 15
FEATURE = {"name": "f", "kind": "numeric", "weights": WEIGHTS}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A trace without tables."""
    (tmp_path / "trace.json").write_text(json.dumps(HEADER))
    return tmp_path


def put(folder: Path, table: str, columns: dict[str, Any], **how: Any) -> None:
    """Write a table; a column is an array, or values of the type that it should have."""
    wanted = TABLES[table]
    arrays = {
        name: values
        if isinstance(values, pa.Array)
        else pa.array(values, wanted.field(name).type if name in wanted.names else None)
        for name, values in columns.items()
    }
    pq.write_table(pa.table(arrays), folder / f"{table}.parquet", **how)


def read(folder: Path) -> list[Record]:
    return list(TraceReader(str(folder)).records())


def execution(**more: list[Any]) -> dict[str, Any]:
    """Columns of executions that have at least an id and a type."""
    rows = len(next(iter(more.values())))
    return {"id": [f"e{row}" for row in range(rows)], "type": ["T"] * rows, **more}


def one(**more: Any) -> dict[str, Any]:
    return {"id": ["a"], "type": ["T"], **{name: [value] for name, value in more.items()}}


def membership(kind: str) -> dict[str, Any]:
    return {
        "member_kind": [kind],
        "member": ["r"],
        "container_kind": ["pipeline"],
        "container": ["p"],
    }


# Reading.


def test_every_table(folder: Path) -> None:
    put(
        folder,
        "memberships",
        dict(zip(TABLES["memberships"].names, (["run"], ["r"], ["pipeline"], ["p"]), strict=True)),
    )
    put(folder, "events", {"execution": ["e"], "artifact": ["a"], "event": ["PENDING_OUTPUT"]})
    put(folder, "pipelines", {"id": ["p", "q"], "name": [None, "other"]})
    put(folder, "runs", {"id": ["r"], "state": ["FAILED"], "started": [5]})
    put(folder, "executions", {"type": ["T"], "id": ["e"], "properties": ['{"x":[1,{"y":null}]}']})
    put(folder, "artifacts", one(pushed=False, features=[{**FEATURE, "name": "g"}, FEATURE]))
    (folder / "truth").mkdir()
    (folder / "notes.txt").touch()
    reader = TraceReader(str(folder))
    assert (reader.source, reader.total(), reader.simulated) == ("s", 7, False)
    assert (reader.version, reader.cursor, reader.identity()) == (
        "lineage trace 1, Parquet",
        None,
        {},
    )
    records = list(reader.records())
    assert records == [
        Pipeline(id="p", name="p"),
        Pipeline(id="q", name="other"),
        Run(id="r", name="r", state=State.FAILED, started=5),
        Execution(id="e", type="T", properties={"x": [1, {"y": None}]}),
        Artifact(
            id="a",
            type="T",
            pushed=False,
            features=[
                Feature(name=name, kind=FeatureKind.NUMERIC, weights=WEIGHTS) for name in "fg"
            ],
        ),
        Event(
            execution="e",
            artifact="a",
            kind=EventKind.PENDING_OUTPUT,
            position="events.parquet row 1",
        ),
        Membership(
            member_kind=NodeKind.RUN,
            member="r",
            container_kind=NodeKind.PIPELINE,
            container="p",
            position="memberships.parquet row 1",
        ),
    ]
    assert list(reader.records()) == records, "a second reading is like the first"


@pytest.mark.parametrize("compression", ["none", "snappy", "zstd", "gzip"])
@pytest.mark.parametrize("rows", [100, 20_000])
def test_compressions_and_row_groups(folder: Path, compression: str, rows: int) -> None:
    ids = [f"e{row}" for row in range(rows)]
    columns = execution(id=ids, cost=[1.0] * (rows - 1) + [-1.0])
    put(folder, "executions", columns, compression=compression, row_group_size=rows // 3)
    *good, bad = read(folder)
    assert [record.id for record in good if isinstance(record, Execution)] == ids[:-1]
    assert isinstance(bad, SetAside)
    assert (bad.kind, bad.position) == ("execution", f"executions.parquet row {rows}")
    assert bad.reason == "cost: Input should be greater than or equal to 0 (got -1.0)"


TIME = pa.timestamp("ms", tz="UTC")
FLAT = pa.list_(pa.int16(), 16)


@pytest.mark.parametrize(
    ("column", "array", "value"),
    [
        ("id", pa.array(["x"], pa.large_string()), "x"),
        ("id", pa.array(["x"], pa.string_view()), "x"),
        ("id", pa.array(["x"]).dictionary_encode(), "x"),
        ("state", pa.array(["open"], pa.large_string()).dictionary_encode(), "open"),
        ("size", pa.array([7], pa.int32()), 7),
        ("size", pa.array([7], pa.uint8()), 7),
        ("created", pa.array([7], pa.timestamp("s")), 7_000),
        ("created", pa.array([7], pa.timestamp("ms", tz="Europe/Berlin")), 7),
        ("created", pa.array([7_999], pa.timestamp("us")), 7),
        ("created", pa.array([7_999_999], pa.timestamp("ns", tz="UTC")), 7),
        ("created", pa.nulls(1), None),
        ("features", pa.nulls(1), None),
        ("pushed", pa.nulls(1), None),
        ("properties", pa.array(["{}"], pa.large_string()), {}),
        (
            "features",
            pa.array(
                [[FEATURE]],
                pa.large_list(
                    pa.struct(
                        [("kind", pa.large_string()), ("weights", FLAT), ("name", pa.string())]
                    )
                ),
            ),
            [Feature(name="f", kind=FeatureKind.NUMERIC, weights=WEIGHTS)],
        ),
        pytest.param(
            "features",
            pa.array(
                [[{"name": "f", "kind": "numeric", "weights": None}]],
                pa.list_(
                    pa.struct([("kind", pa.string()), ("weights", FLAT), ("name", pa.string())])
                ),
            ),
            [Feature(name="f", kind=FeatureKind.NUMERIC)],
            marks=pytest.mark.skipif(
                int(pa.__version__.partition(".")[0]) < 26,
                reason="pyarrow before 26 cannot read lists of fixed size that are null",
            ),
        ),
        (
            "features",
            pa.array([[{"name": "f", "kind": "numeric", "weights": None}]]),
            [Feature(name="f", kind=FeatureKind.NUMERIC)],
        ),
    ],
)
def test_other_types_of_the_same_meaning(
    folder: Path, column: str, array: pa.Array, value: Any
) -> None:
    put(folder, "artifacts", one() | {column: array})
    (found,) = read(folder)
    assert isinstance(found, Artifact)
    assert getattr(found, column) == value


@pytest.mark.parametrize("kind", [pa.float32(), pa.int64()])
def test_costs_of_other_types(folder: Path, kind: pa.DataType) -> None:
    put(folder, "executions", execution(cost=pa.array([2**55 if kind == pa.int64() else 2], kind)))
    (found,) = read(folder)
    assert isinstance(found, Execution)
    assert found.cost in (2.0, 2.0**55)


def test_seconds_beyond_all_time() -> None:
    times = pa.array([2**62], pa.timestamp("s"))
    batch = pa.RecordBatch.from_pydict(one() | {"created": times})
    aside, found = TableReader("artifacts", "t").records(batch)
    assert isinstance(aside, SetAside)
    assert (aside.kind, aside.position) == ("time", "t row 1")
    assert "1970 to 2262" in aside.reason
    assert isinstance(found, Artifact)
    assert found.created is None


@pytest.mark.parametrize(
    "text",
    [
        '{"n":9223372036854775808}',
        '{"n":-9223372036854775809}',
        '{"n":18446744073709551616,"m":123456789012345678901234567890}',
        '{"n":1e400}',
        '{"n":NaN}',
        '{"n":-0}',
        r'{"\ud800":"\ud83d\ude00\u0000"}',
        ' { "a" : 1 , "a" : 2 } ',
        f'{{"d":{"[" * 199}{"]" * 199}}}',
        f'{{"d":{"[" * 300}{"]" * 300}}}',
        f'{{"n":{"1" * 5000}}}',
        '{"n":0.1000000000000000055511151231257827}',
    ],
)
def test_properties_are_read_as_in_lines(folder: Path, text: str) -> None:
    put(folder, "contexts", {"id": ["c"], "properties": [text]})
    line = f'{{"kind":"context","id":"c","properties":{text}}}'.encode()
    position = "contexts.parquet row 1"
    expected = records_of(parse(line, position, "context"), position)
    assert [without_words(one) for one in read(folder)] == [without_words(one) for one in expected]


# Refusing rows.


@pytest.mark.parametrize(
    ("table", "columns", "reason"),
    [
        ("executions", execution(id=[None]), "id: Field required"),
        ("executions", execution(id=[""]), "id: String should have at least 1 character"),
        ("executions", execution(parent=[""]), "parent: String should have at least 1 character"),
        ("executions", execution(type=[None]), "type: Field required"),
        ("executions", execution(state=["DONE"]), "(got 'DONE')"),
        ("executions", execution(operator=["Training"]), "(got 'Training')"),
        ("executions", execution(cost=[math.nan]), "cost: Input should be a finite number"),
        ("executions", execution(cost=[math.inf]), "cost: Input should be a finite number"),
        ("executions", execution(cost=[-0.5]), "cost: "),
        ("executions", execution(properties=["{"]), "properties: not a JSON object (got '{')"),
        ("executions", execution(properties=["[1]"]), "properties: not a JSON object"),
        ("executions", execution(properties=[""]), "properties: not a JSON object"),
        ("executions", execution(properties=['{},"cost":5']), "properties: not a JSON object"),
        ("executions", execution(properties=["[" * 100_000]), "properties: a number too long"),
        (
            "executions",
            execution(name=pa.array([b"\xff"]).view(pa.string())),
            "name: not UTF-8: byte 0xff at 1",
        ),
        ("artifacts", one(artifact="dataset"), "(got 'dataset')"),
        ("artifacts", one(features=[FEATURE | {"weights": [1000]}]), "16 weights are wanted"),
        ("artifacts", one(features=[FEATURE | {"weights": [0] * 16}]), "add up to 0, not to 1000"),
        ("artifacts", one(features=[FEATURE | {"weights": [63] * 16}]), "add up to 1008"),
        (
            "artifacts",
            one(features=[FEATURE | {"weights": [-1, 1001] + [0] * 14}]),
            "features.0.weights.0: ",
        ),
        (
            "artifacts",
            one(features=[FEATURE | {"weights": [None, 1000] + [0] * 14}]),
            "features.0.weights.0: ",
        ),
        ("artifacts", one(features=[FEATURE, FEATURE]), "two features are called 'f'"),
        ("artifacts", one(features=[FEATURE | {"kind": "text"}]), "(got 'text')"),
        ("artifacts", one(features=[FEATURE | {"kind": None}]), "features.0.kind: Field required"),
        ("artifacts", one(features=[FEATURE | {"name": None}]), "features.0.name: Field required"),
        ("artifacts", one(features=[FEATURE, None]), "features.1: "),
        ("events", {"execution": ["e"], "artifact": ["a"], "event": ["READ"]}, "(got 'READ')"),
        ("events", {"execution": ["e"], "artifact": [""], "event": ["INPUT"]}, "artifact: "),
        ("events", {"execution": ["e"], "artifact": ["a"], "event": [None]}, "event: Field"),
        (
            "memberships",
            {
                "member_kind": ["node"],
                "member": ["e"],
                "container_kind": ["run"],
                "container": ["r"],
            },
            "(got 'node')",
        ),
    ],
)
def test_bad_row(folder: Path, table: str, columns: dict[str, Any], reason: str) -> None:
    put(folder, table, columns)
    (found,) = read(folder)
    assert isinstance(found, SetAside)
    assert found.kind == table.removesuffix("s")
    assert found.position == f"{table}.parquet row 1"
    assert reason in found.reason
    assert "\n" not in found.reason
    assert len(found.reason) < 500


def test_rows_around_a_bad_one_are_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trace_parquet, "BATCH_ROWS", 3)
    states = ["COMPLETE", None, "no", "FAILED", "RUNNING", "no", "CACHED", None]
    put(folder, "executions", execution(state=states, started=[5] * 8, ended=[5, 4, *[None] * 6]))
    found = [
        record.position if isinstance(record, SetAside) else record.id for record in read(folder)
    ]
    row = "executions.parquet row"
    assert found == ["e0", f"{row} 2", "e1", f"{row} 3", "e3", "e4", f"{row} 6", "e6", "e7"]


def test_an_end_before_the_start_is_set_aside(folder: Path) -> None:
    put(folder, "runs", {"id": ["r"], "started": [10], "ended": [5]})
    aside, found = read(folder)
    assert isinstance(aside, SetAside)
    assert aside.reason == "the end 5 is before the start 10"
    assert found == Run(id="r", name="r", started=10)


# One set of rules: whatever a row holds, it is read as the line that says the same.

ODD_ID = st.sampled_from(["", "x"]) | st.none()
ODD_TIME = st.none() | st.integers(-5, 20) | INT64
ODD_FEATURE = st.fixed_dictionaries(
    {
        "name": st.none() | st.sampled_from(["f", "g", ""]),
        "kind": st.none() | st.sampled_from(["numeric", "categorical", "x"]),
        "weights": st.none()
        | st.lists(st.none() | st.integers(-1, 1000), max_size=3)
        | st.sampled_from([WEIGHTS, WEIGHTS[::-1], [1] * 16, [None] * 16]),
    }
)
ODD: dict[str, st.SearchStrategy[Any]] = {
    "properties": st.none()
    | st.sampled_from(
        ["{}", "{", "1", '{"a":1}', '{"n":1e999}', f'{{"n":{2**64}}}', '{"\\ud800":1}']
    ),
    "cost": st.none() | st.floats(),
    "state": st.none() | st.sampled_from(["COMPLETE", "x", "UNKNOWN", ""]),
    "operator": st.none() | st.sampled_from(["training", "x"]),
    "artifact": st.none() | st.sampled_from(["span", "x", ""]),
    "event": st.none() | st.sampled_from(["INPUT", "PENDING_OUTPUT", "x"]),
    "member_kind": st.none() | st.sampled_from(["run", "x"]),
    "container_kind": st.none() | st.sampled_from(["pipeline", "x"]),
    "features": st.none() | st.lists(st.none() | ODD_FEATURE, max_size=3),
    "size": st.none() | INT64,
    "index": st.none() | INT64,
    "pushed": st.none() | st.booleans(),
}


def odd_rows(table: str) -> st.SearchStrategy[list[dict[str, Any]]]:
    fields = {}
    for field in TABLES[table]:
        usual = ODD_TIME if pa.types.is_timestamp(field.type) else st.none() | TEXT
        ids = ODD_ID if field.name in {"id", "parent", "execution", "member"} else usual
        fields[field.name] = ODD.get(field.name, ids)
    return st.lists(st.fixed_dictionaries(fields), min_size=1, max_size=4)


def line_of(kind: str, row: dict[str, Any]) -> bytes:
    """The line that says what a row says."""
    said: dict[str, Any] = {name: value for name, value in row.items() if value is not None}
    properties = said.pop("properties", None)
    if "features" in said:
        said["features"] = [
            one and {name: part for name, part in one.items() if part is not None}
            for one in said["features"]
        ]
    text = json.dumps({"kind": kind, **said})
    return (text if properties is None else f'{text[:-1]},"properties":{properties}}}').encode()


@pytest.mark.parametrize("table", TABLES)
@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_any_row_is_read_as_its_line(table: str, data: st.DataObject) -> None:
    rows = data.draw(odd_rows(table))
    kind = table.removesuffix("s")
    schema = pa.schema([field.with_nullable(True) for field in TABLES[table]])
    batch = pa.RecordBatch.from_pylist(rows, schema)
    expected = [
        record
        for number, row in enumerate(rows, 1)
        for place in [f"t row {number}"]
        for record in records_of(parse(line_of(kind, row), place, kind), place)
    ]
    found = list(TableReader(table, "t").records(batch))
    assert [without_words(record) for record in found] == [
        without_words(record) for record in expected
    ]


def without_words(record: Record) -> Record:
    """A record; what is said of broken properties differs, since a line is broken with them."""
    if isinstance(record, SetAside) and record.kind != "time":
        return dataclasses.replace(record, reason="")
    return record


# Refusing files.


@pytest.mark.parametrize(
    ("table", "columns", "said"),
    [
        ("executions", {"id": ["e"]}, "the column 'type' is missing"),
        (
            "executions",
            execution(start=[5]),
            "the column 'start' is not known; did you mean 'started'",
        ),
        ("executions", execution(zzz=[5]), "the column 'zzz' is not known; known: id, type"),
        ("executions", execution(id=pa.array([5])), "'id' is int64, but string is wanted"),
        ("executions", execution(id=pa.array([b"e"])), "'id' is binary, but string is wanted"),
        ("executions", execution(started=pa.array([5])), "'started' is int64, but timestamp"),
        ("executions", execution(cost=pa.array(["5"])), "'cost' is string, but double"),
        ("artifacts", one() | {"size": pa.array([5.0])}, "'size' is double, but int64"),
        ("artifacts", one() | {"size": pa.array([5], pa.uint64())}, "'size' is uint64, but int64"),
        ("artifacts", one() | {"pushed": pa.array([1])}, "'pushed' is int64, but bool"),
        ("artifacts", one() | {"features": pa.array([["f"]])}, "'features' is list<"),
        (
            "artifacts",
            one() | {"features": pa.array([[{"name": "f", "weights": [1]}]])},
            "'features' is list<",
        ),
        ("artifacts", one() | {"properties": pa.array([{"a": 1}])}, "'properties' is struct<"),
    ],
)
def test_bad_columns(folder: Path, table: str, columns: dict[str, Any], said: str) -> None:
    put(folder, table, columns)
    with pytest.raises(ReadError) as caught:
        TraceReader(str(folder))
    assert said in str(caught.value)
    assert f"{table}.parquet: " in str(caught.value)


def test_two_columns_of_one_name(folder: Path) -> None:
    table = pa.Table.from_arrays([pa.array(["c"])] * 2, ["id", "id"])
    pq.write_table(table, folder / "contexts.parquet")
    with pytest.raises(ReadError, match="there are two columns 'id'"):
        TraceReader(str(folder))


def test_a_table_whose_name_is_nearly_right(folder: Path) -> None:
    put(folder, "executions", execution(cost=[1.0]))
    (folder / "executions.parquet").rename(folder / "execution.parquet")
    with pytest.raises(ReadError, match=r"did you mean executions\.parquet"):
        TraceReader(str(folder))


def broken_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (lambda path: path.write_bytes(b""), "is empty"),
        (lambda path: path.write_bytes(b"hello, this is text"), "cut short or damaged"),
        (lambda path: path.write_bytes(path.read_bytes()[:-200]), "cut short or damaged"),
        (lambda path: path.write_bytes(path.read_bytes()[200:]), "cut short or damaged"),
        (broken_folder, "is a folder"),
    ],
)
def test_broken_file(folder: Path, harm: Callable[[Path], object], said: str) -> None:
    put(folder, "contexts", {"id": [f"context {number}" for number in range(5_000)]})
    harm(folder / "contexts.parquet")
    with pytest.raises(ReadError, match=said) as caught:
        read(folder)
    assert "contexts.parquet" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("place", [0.2, 0.5, 0.7])
def test_damage_in_the_middle(folder: Path, place: float) -> None:
    ids = [f"context {number}" for number in range(5_000)]
    put(folder, "contexts", {"id": ids}, compression="zstd", write_page_checksum=True)
    path = folder / "contexts.parquet"
    raw = bytearray(path.read_bytes())
    start = int(len(raw) * place)
    raw[start : start + 50] = bytes(255 - byte for byte in raw[start : start + 50])
    path.write_bytes(raw)
    with pytest.raises(ReadError, match=r"contexts\.parquet"):
        read(folder)


# Finding it.


def test_a_folder_and_its_header_are_recognised(folder: Path) -> None:
    put(folder, "contexts", {"id": ["c"]})
    for location in (folder, folder / "trace.json"):
        reader = open_reader(str(location))
        assert (reader.name, reader.total()) == ("trace", 1)
        assert len(list(reader.records())) == 1
    assert open_reader(folder.as_uri()).source == "s"
    (folder / "trace.json").write_text('{\n "version": 1,\n "kind": "trace"\n}\n')
    assert open_reader(str(folder)).source == folder.as_uri()


def test_a_trace_without_tables_is_empty(folder: Path) -> None:
    reader = open_reader(str(folder))
    assert (list(reader.records()), reader.total()) == ([], 0)


def test_lines_need_no_arrow(folder: Path) -> None:
    (folder / "t.jsonl").write_text(json.dumps(HEADER))
    code = (
        "import sys; from lineage_ingest.trace import TraceReader; "
        "print(len(list(TraceReader('t.jsonl').records())), 'pyarrow' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, check=True, capture_output=True, text=True
    )
    assert done.stdout == "0 False\n"


def test_lines_may_be_called_like_a_header(folder: Path) -> None:
    lines = f'{json.dumps(HEADER)}\n{{"kind":"context","id":"c"}}\n'
    (folder / "trace.json").write_text(lines)
    (folder / "other.parquet").touch()
    assert len(list(open_reader(str(folder / "trace.json")).records())) == 1


def test_folder_without_header(tmp_path: Path) -> None:
    put(tmp_path, "contexts", {"id": ["c"]})
    with pytest.raises(ReadError, match=r'has no trace\.json, such as {"kind": "trace"'):
        open_reader(str(tmp_path))


def test_one_table_alone(folder: Path) -> None:
    put(folder, "contexts", {"id": ["c"]})
    with pytest.raises(ReadError, match="is one table of a trace; name its folder"):
        open_reader(str(folder / "contexts.parquet"))


def test_folder_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="is a folder, and no trace") as caught:
        open_reader(str(tmp_path))
    assert not isinstance(caught.value, UnknownSourceError)


@pytest.mark.parametrize(
    ("header", "error", "said"),
    [
        ('{"kind":"trace","version":2,"tables":[]}', UnsupportedVersionError, "version 2"),
        ('{"kind":"trace"}', ReadError, "version: Field required"),
        ('{"kind":"trace","version":1,"simulated":"yes"}', ReadError, "simulated: "),
        ('{"kind":"event"}', ReadError, "is no trace"),
        ("{", ReadError, "is no trace"),
        ("", ReadError, "is no trace"),
    ],
)
def test_bad_header(folder: Path, header: str, error: type[LineageError], said: str) -> None:
    (folder / "trace.json").write_text(header)
    with pytest.raises(error, match=said):
        open_reader(str(folder))


def test_a_simulated_trace_says_so(folder: Path) -> None:
    (folder / "trace.json").write_text(json.dumps(HEADER | {"simulated": True}))
    assert TraceReader(str(folder)).simulated is True


# The tables are the lines and the records.


@pytest.mark.parametrize("table", TABLES)
def test_columns_are_the_fields_of_records_and_lines(table: str) -> None:
    record = RECORDS[table]
    kind = record.__name__.lower()
    columns = set(TABLES[table].names)
    fields = {field.name for field in dataclasses.fields(record)} - {"position", "revision"}
    assert columns == (fields - {"kind"} | {"event"} if record is Event else fields)
    model = MODELS[kind].model_fields
    assert columns == set(model) - SHORT - {"kind"}
    required = {field.name for field in TABLES[table] if not field.nullable}
    assert required == {name for name, field in model.items() if field.is_required()} - {"kind"}


def test_listing() -> None:
    lines = listing().splitlines()
    assert len(lines) == len(TABLES) + 2
    assert lines[-1].startswith("| `memberships.parquet` | `member_kind`, required; ")
