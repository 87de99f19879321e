"""The native trace format: what is read, what is refused and why, and the way there and back."""

from __future__ import annotations

import dataclasses
import gzip
import io
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st
from support.records import EDGES, NODES
from support.traces import conformance_cases, conformance_records, random_traces

import lineage_ingest.trace
from lineage.errors import ReadError, UnsupportedVersionError
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
    Record,
    Run,
    SetAside,
    State,
)
from lineage_ingest import compressed
from lineage_ingest.trace import TraceReader, TraceWriter, dump, json_schema

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from lineage.readers import Reader

HEADER = '{"kind":"trace","version":1}'


@pytest.fixture
def trace(tmp_path: Path) -> Callable[..., TraceReader]:
    """Write lines, dictionaries or text, behind a header and open them."""

    def write(*lines: Any, header: str = HEADER) -> TraceReader:
        path = tmp_path / "t.jsonl"
        texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
        path.write_text("\n".join([header, *texts]) + "\n", "utf-8")
        return TraceReader(str(path))

    return write


def read(reader: TraceReader) -> list[Record]:
    """The records, without the positions that the format does not keep."""
    records = list(reader.records())
    for record in records:
        if isinstance(record, Event | Membership):
            record.position = None
    return records


def there_and_back(records: Iterable[Record], path: Path) -> list[Record]:
    with path.open("wb") as file:
        dump(records, file)
    return read(TraceReader(str(path)))


def execution(identity: str = "e", **more: Any) -> dict[str, Any]:
    return {"kind": "execution", "id": identity, "type": "T", **more}


def artifact(*features: Any, identity: str = "a", **more: Any) -> dict[str, Any]:
    """An artifact's line with a feature, and others."""
    one = {"name": "f", "kind": "numeric", **more}
    return {"kind": "artifact", "id": identity, "type": "Examples", "features": [one, *features]}


def aside(reader: TraceReader) -> list[SetAside]:
    return [record for record in reader.records() if isinstance(record, SetAside)]


# Reading.


def test_every_kind(trace: Callable[..., TraceReader]) -> None:
    reader = trace(
        {"kind": "event", "execution": "e", "artifact": "a", "event": "PENDING_OUTPUT", "index": 0},
        {
            "kind": "membership",
            "member_kind": "run",
            "member": "r",
            "container_kind": "pipeline",
            "container": "p",
        },
        {"kind": "pipeline", "id": "p"},
        {"kind": "run", "id": "r", "name": "first", "state": "FAILED"},
        {"kind": "context", "id": "c"},
        execution(
            operator="training", state="COMPLETE", cost=3, properties={"x": [1, {"y": None}]}
        ),
        {"kind": "artifact", "id": "a", "type": "Model", "artifact": "model", "pushed": False},
    )
    as_promised: Reader = reader
    assert as_promised.name == "trace"
    assert list(reader.records()) == [
        Pipeline(id="p", name="p"),
        Run(id="r", name="first", state=State.FAILED),
        Context(id="c", name="c"),
        Execution(
            id="e",
            type="T",
            operator=OperatorClass.TRAINING,
            state=State.COMPLETE,
            cost=3.0,
            properties={"x": [1, {"y": None}]},
        ),
        Artifact(id="a", type="Model", artifact=ArtifactClass.MODEL, pushed=False),
        Event(
            execution="e",
            artifact="a",
            kind=EventKind.PENDING_OUTPUT,
            index=0,
            position="line 2",
        ),
        Membership(
            member_kind=NodeKind.RUN,
            member="r",
            container_kind=NodeKind.PIPELINE,
            container="p",
            position="line 3",
        ),
    ]


def test_short_forms(trace: Callable[..., TraceReader]) -> None:
    inputs = [{"artifact": "a", "role": "x", "index": 1}, {"artifact": "b"}]
    outputs = [{"artifact": "c", "event": "PENDING"}, {"artifact": "d"}]
    reader = trace(
        execution(inputs=inputs, outputs=outputs, run="r", pipeline="p"),
        execution("f", run="r", pipeline="p"),
        execution("g", pipeline="q", inputs=[{"artifact": "a", "event": "INTERNAL"}]),
        {"kind": "run", "id": "r2", "pipeline": "p"},
        {"kind": "pipeline", "id": "q", "name": "declared"},
    )
    records = read(reader)
    edges = [record for record in records if isinstance(record, Event)]
    assert [(e.artifact, e.kind.value, e.role, e.index) for e in edges] == [
        ("a", "INPUT", "x", 1),
        ("b", "INPUT", "", None),
        ("c", "PENDING_OUTPUT", "", None),
        ("d", "OUTPUT", "", None),
        ("a", "INTERNAL_INPUT", "", None),
    ]
    assert [r for r in records if isinstance(r, Pipeline | Run)] == [
        Run(id="r2", name="r2"),
        Pipeline(id="q", name="declared"),
        Run(id="r", name="r"),
        Pipeline(id="p", name="p"),
    ]
    assert [(m.member, m.container) for m in records if isinstance(m, Membership)] == [
        ("e", "r"),
        ("r", "p"),
        ("f", "r"),
        ("g", "q"),
        ("r2", "p"),
    ]
    assert read(reader) == records, "a second reading is like the first"


@pytest.mark.parametrize(
    ("text", "time"),
    [
        (0, 0),
        ("1970-01-01T00:00:01.5Z", 1500),
        ("1970-01-01T01:00:00+01:00", 0),
        ("1970-01-02", 86_400_000),
        ("1970-01-01 00:00:00.123456789", 123),
    ],
)
def test_times(trace: Callable[..., TraceReader], text: object, time: int) -> None:
    (found,) = trace(execution(started=text)).records()
    assert isinstance(found, Execution)
    assert found.started == time


@pytest.mark.parametrize("text", [-5, "0001-01-01T00:00:00+14:00", 10**15])
def test_times_that_cannot_be_are_set_aside(
    trace: Callable[..., TraceReader], text: object
) -> None:
    aside, found = trace(execution(started=text)).records()
    assert isinstance(aside, SetAside)
    assert (aside.kind, aside.position) == ("time", "line 2")
    assert "1970 to 2262" in aside.reason
    assert isinstance(found, Execution)
    assert found.started is None


def test_an_end_before_the_start_is_set_aside(trace: Callable[..., TraceReader]) -> None:
    aside, found = trace(execution(started=10, ended=5)).records()
    assert isinstance(aside, SetAside)
    assert aside.reason == "the end 5 is before the start 10"
    assert isinstance(found, Execution)
    assert (found.started, found.ended) == (10, None)


def test_values_that_neo4j_cannot_hold(trace: Callable[..., TraceReader]) -> None:
    properties = '{"big":9223372036854775808,"fits":-9223372036854775808,"nan":NaN,"in":[1e400]}'
    (found,) = trace(
        f'{{"kind":"execution","id":"e","type":"T","properties":{properties}}}'
    ).records()
    assert isinstance(found, Execution)
    assert found.properties == {
        "big": "9223372036854775808",
        "fits": -(2**63),
        "nan": "NaN",
        "in": ["Infinity"],
    }


def test_escapes(trace: Callable[..., TraceReader]) -> None:
    reader = trace(
        r'{"kind":"context","id":"\ud800","name":"\u0000","properties":{"\udc00":"\ud83d\ude00"}}',
        r'{"\u006bind":"event","execution":"e","artifact":"\udfff","event":"INPUT"}',
    )
    assert read(reader) == [
        Context(id=r"\ud800", name="\0", properties={r"\udc00": "\N{GRINNING FACE}"}),
        Event(execution="e", artifact=r"\udfff", kind=EventKind.INPUT),
    ]


def test_features(trace: Callable[..., TraceReader]) -> None:
    weights = [1000] + [0] * 15
    other = {"name": "b", "kind": "categorical", "weights": weights}
    none = {"kind": "artifact", "id": "n", "type": "Examples", "features": []}
    found = list(trace(artifact(other, name="c"), none).records())
    assert [record.features for record in found if isinstance(record, Artifact)] == [
        [
            Feature(name="b", kind=FeatureKind.CATEGORICAL, weights=weights),
            Feature(name="c", kind=FeatureKind.NUMERIC),
        ],
        None,
    ]


def test_a_simulated_trace_says_so(trace: Callable[..., TraceReader]) -> None:
    assert not trace().simulated
    assert trace(header='{"kind":"trace","version":1,"simulated":true}').simulated
    file = io.BytesIO()
    TraceWriter(file, "s", simulated=True)
    assert json.loads(file.getvalue())["simulated"] is True


def test_kind_need_not_come_first(trace: Callable[..., TraceReader]) -> None:
    reader = trace(
        '{"execution":"e","artifact":"a","event":"INPUT","kind":"event"}',
        '{"id":"e","type":"T","kind":"execution"}',
        '{"execution":"e","kind":"event"}',
    )
    kinds = [type(record) for record in reader.records()]
    assert kinds == [Execution, Event, SetAside]


def test_blank_lines_windows_line_ends_and_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    text = f'\ufeff{HEADER}\r\n\r\n{{"kind":"context","id":"c"}}\r\n  \n{{"kind":"context"}}'
    path.write_bytes(text.encode())
    assert TraceReader.recognises(str(path))
    found = list(TraceReader(str(path)).records())
    assert found[0] == Context(id="c", name="c")
    assert isinstance(found[1], SetAside)
    assert found[1].position == "line 5"


def test_traces_put_behind_each_other(trace: Callable[..., TraceReader]) -> None:
    other = '{"kind":"trace","version":1,"source":"other"}'
    newer = '{"kind":"trace","version":2}'
    (found,) = aside(trace(HEADER, {"kind": "context", "id": "c"}, other))
    assert (found.kind, found.position) == ("trace", "line 4")
    assert aside(trace(newer)) != []


# Refusing.


@pytest.mark.parametrize(
    ("line", "kind", "reason"),
    [
        ("{", "line", "not JSON"),
        ('{"kind":"event",', "event", "not JSON"),
        ("[1]", "line", "object (got [1])"),
        ('"text"', "line", "object (got 'text')"),
        ("{}", "line", "kind"),
        ('{"kind":"dataset"}', "dataset", "'dataset'"),
        ('{"kind":5}', "5", "kind"),
        (execution(colour="red"), "execution", "colour: Extra inputs are not permitted"),
        (execution(state="DONE"), "execution", "(got 'DONE')"),
        (execution(""), "execution", "id: String should have at least 1 character"),
        ({"kind": "execution", "id": "e"}, "execution", "type: Field required"),
        ({"kind": "execution", "id": 5, "type": "T"}, "execution", "id: Input should be"),
        (execution(started="yesterday"), "execution", "started: "),
        (execution(started=2**63), "execution", "started: "),
        (execution(started=1.5), "execution", "started: "),
        (execution(cost=-1), "execution", "cost: "),
        (execution(cost=float("nan")), "execution", "cost: "),
        (execution(inputs=[{"artifact": "a", "event": "PENDING"}]), "execution", "inputs.0.event"),
        (artifact(weights=[1000]), "artifact", "features.0.weights: 16 weights are wanted"),
        (artifact(weights=[0] * 16), "artifact", "add up to 0, not to 1000"),
        (artifact(weights=[-1, 1001] + [0] * 14), "artifact", "features.0.weights.0: "),
        (artifact(kind="text"), "artifact", "(got 'text')"),
        (artifact(name=None), "artifact", "features.0.name: "),
        (artifact({"name": "f", "kind": "numeric"}), "artifact", "two features are called 'f'"),
        ({"kind": "event", "execution": "e"}, "event", "artifact: Field required"),
        ('{"kind":"artifact","kind":"event"}', "artifact", "kind: "),
        ("[" * 100_000, "line", "nested too deeply"),
        (f'{{"kind":"context","id":"c","properties":{{"n":{"1" * 5000}}}}}', "context", "too long"),
    ],
)
def test_bad_line(trace: Callable[..., TraceReader], line: Any, kind: str, reason: str) -> None:
    good = {"kind": "context", "id": "c"}
    records = list(trace(good, line, good).records())
    (found,) = [record for record in records if isinstance(record, SetAside)]
    assert len(records) == 3
    assert found.position == "line 3"
    assert found.kind == kind
    assert reason in found.reason
    assert "\n" not in found.reason
    assert len(found.reason) < 500


def test_bad_utf8(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    path.write_bytes(HEADER.encode() + b'\n{"kind":"context","id":"\xff"}\n')
    (found,) = aside(TraceReader(str(path)))
    assert found.reason == "not UTF-8: byte 0xff at column 25"


def test_a_line_too_long_is_set_aside_and_the_next_is_read(
    trace: Callable[..., TraceReader], monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = trace({"kind": "context", "id": "x" * 500}, {"kind": "context", "id": "c"})
    monkeypatch.setattr(compressed, "MAX_LINE", 100)
    monkeypatch.setattr("lineage_ingest.trace_parse.MAX_LINE", 100)
    found = list(reader.records())
    assert isinstance(found[0], SetAside)
    assert (found[0].position, found[1]) == ("line 2", Context(id="c", name="c"))


@pytest.mark.parametrize(
    "content",
    [b"", b"\n\n", b"{}", b'{"kind":"event"}\n', b"hello\n", b'{"kind":"trace"}\n', b"\xff\xfe{\0"],
)
def test_no_trace(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "t.jsonl"
    path.write_bytes(content)
    with pytest.raises(ReadError, match=r"t\.jsonl"):
        TraceReader(str(path))


def test_missing_file(tmp_path: Path) -> None:
    assert not TraceReader.recognises(str(tmp_path / "none.jsonl"))
    with pytest.raises(ReadError, match="No such file"):
        TraceReader(str(tmp_path / "none.jsonl"))
    with pytest.raises(ReadError, match=r"no trace\.json"):
        TraceReader(str(tmp_path))


def test_newer_version(trace: Callable[..., TraceReader]) -> None:
    with pytest.raises(UnsupportedVersionError, match="version 2"):
        trace(header='{"kind":"trace","version":2,"compression":"new"}')


# Compression, standard input, addresses.

LINES = [{"kind": "context", "id": f"c{number}"} for number in range(5000)]
CONTENT = "\n".join([HEADER, *map(json.dumps, LINES)]).encode() + b"\n"
COMPRESS: dict[str, Callable[[bytes], bytes]] = {
    "": lambda content: content,
    ".gz": gzip.compress,
    ".zst": lambda content: zstandard.ZstdCompressor().compress(content),
}


@pytest.mark.parametrize("extension", COMPRESS)
def test_compressed(tmp_path: Path, extension: str) -> None:
    path = tmp_path / f"t.jsonl{extension}"
    half = CONTENT.index(b"\n", len(CONTENT) // 2) + 1
    compress = COMPRESS[extension]
    # Two members or frames, one behind the other, are one file.
    path.write_bytes(compress(CONTENT[:half]) + compress(CONTENT[half:]))
    assert TraceReader.recognises(str(path))
    assert len(list(TraceReader(str(path)).records())) == 5000


@pytest.mark.parametrize("extension", [".gz", ".zst"])
@pytest.mark.parametrize("keep", [0.3, 0.8, 0.999])
def test_cut_off(tmp_path: Path, extension: str, keep: float) -> None:
    path = tmp_path / f"t.jsonl{extension}"
    whole = COMPRESS[extension](CONTENT)
    path.write_bytes(whole[: int(len(whole) * keep)])
    with pytest.raises(ReadError, match="middle of its compressed data"):
        list(TraceReader(str(path)).records())


@pytest.mark.parametrize("extension", [".gz", ".zst"])
def test_damaged(tmp_path: Path, extension: str) -> None:
    path = tmp_path / f"t.jsonl{extension}"
    whole = bytearray(COMPRESS[extension](CONTENT))
    whole[len(whole) // 2 :] = bytes(255 - byte for byte in whole[len(whole) // 2 :])
    path.write_bytes(whole)
    with pytest.raises(ReadError, match=r"t\.jsonl"):
        list(TraceReader(str(path)).records())


@pytest.mark.parametrize("extension", COMPRESS)
def test_standard_input(monkeypatch: pytest.MonkeyPatch, extension: str) -> None:
    raw = io.BytesIO(COMPRESS[extension](CONTENT))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(raw)))
    assert TraceReader.recognises("-")
    reader = TraceReader("-")
    for _ in range(2):
        assert len(list(reader.records())) == 5000
    assert reader.source == "stdin:"
    reader.close()


def test_addresses(tmp_path: Path) -> None:
    path = tmp_path / "a b.jsonl"
    path.write_bytes(CONTENT)
    by_path, by_uri = TraceReader(str(path)), TraceReader(path.as_uri())
    assert by_path.source == by_uri.source == path.as_uri()
    assert TraceReader.recognises(path.as_uri())
    assert by_path.version == "lineage trace 1"
    assert (by_path.cursor, by_path.total()) == (None, None)
    path.write_bytes(b'{"version":1,"source":"warehouse","kind":"trace"}')
    assert TraceReader.recognises(str(path))
    assert TraceReader(str(path)).source == "warehouse"


@pytest.mark.parametrize("name", ["t.json", "t.txt", "trace"])
def test_the_content_decides_not_the_name(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(CONTENT)
    assert TraceReader.recognises(str(path))
    path.write_bytes(b'{"kind": "other"}')
    assert not TraceReader.recognises(str(path))


# Writing.


@settings(max_examples=150, deadline=None)
@given(nodes=st.lists(NODES, max_size=5), edges=st.lists(EDGES, max_size=5))
def test_there_and_back(
    nodes: list[Record], edges: list[Record], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "there-and-back.jsonl"
    assert there_and_back(nodes + edges, path) == nodes + edges


def test_conformance_cases_there_and_back(tmp_path: Path) -> None:
    for case in conformance_cases():
        records = conformance_records(case)
        assert there_and_back(records, tmp_path / "t.jsonl") == records


def test_random_traces_there_and_back(tmp_path: Path) -> None:
    nodes: list[Record] = []
    edges: list[Record] = []
    for records in random_traces(50):
        for record in records:
            (edges if isinstance(record, Event | Membership) else nodes).append(record)
    assert there_and_back(nodes + edges, tmp_path / "t.jsonl") == nodes + edges


def test_what_json_cannot_hold_is_written_as_text(tmp_path: Path) -> None:
    deep: Any = "x"
    for _ in range(150):
        deep = [deep]
    records = [
        Execution(id="e", type="\ud800", properties={"n": 2**64, "x": float("-inf"), "d": deep}),
        Artifact(id="a", type="T", features=[Feature(name="\udc00", kind=FeatureKind.NUMERIC)]),
    ]
    found, artifact = there_and_back(records, tmp_path / "t.jsonl")
    assert isinstance(artifact, Artifact)
    assert artifact.features == [Feature(name=r"\udc00", kind=FeatureKind.NUMERIC)]
    assert found == Execution(
        id="e",
        type=r"\ud800",
        properties={"n": str(2**64), "x": "-Infinity", "d": deep},
    )


def test_records_set_aside_are_not_written() -> None:
    file = io.BytesIO()
    bad = SetAside(kind="line", position="line 2", reason="no")
    assert dump([bad, Context(id="c", name="c")], file, source="s") == 1
    assert file.getvalue().splitlines() == [
        b'{"kind":"trace","version":1,"source":"s"}',
        b'{"kind":"context","id":"c","name":"c"}',
    ]
    assert TraceWriter(io.BytesIO()).write(bad) is False


# The schema.


def test_the_published_schema_is_up_to_date() -> None:
    path = Path(lineage_ingest.trace.__file__).with_name("trace.schema.json")
    assert json.loads(path.read_text("utf-8")) == json_schema()


@pytest.mark.parametrize("record", [Pipeline, Run, Context, Execution, Artifact, Event, Membership])
def test_the_format_has_every_field(record: type[Any]) -> None:
    fields = {field.name for field in dataclasses.fields(record)} - {"position", "revision"}
    line = json_schema()["$defs"][f"{record.__name__}Line"]["properties"]
    if record is Event:
        fields = fields - {"kind"} | {"event"}
    assert fields <= set(line)
