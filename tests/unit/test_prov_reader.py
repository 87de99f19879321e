"""What becomes what when a PROV document is read; the documents are written by the prov library."""

from __future__ import annotations

import datetime as dt
import gzip
import json
import shutil
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prov.model import ProvBundle, ProvDocument

from lineage.errors import MissingExtraError, ReadError
from lineage.records import (
    Artifact,
    Context,
    Event,
    EventKind,
    Execution,
    Membership,
    NodeKind,
    OperatorClass,
    Pipeline,
    Run,
    SetAside,
    State,
)
from lineage_ingest.datasets import shared_id
from lineage_ingest.prov import ProvReader

if TYPE_CHECKING:
    from lineage.records import Record

REAL = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "prov"
EX = "http://example.org/"
FORMS = {"json": "json", "xml": "xml", "provn": "provn"}
SHA = "327fc7aedf4f6b69a42a7c8b808dc5a7aff61376"


def read(path: Path) -> list[Record]:
    assert ProvReader.recognises(str(path))
    return read_any(path)


def read_any(path: Path) -> list[Record]:
    reader = ProvReader(str(path))
    try:
        return list(reader.records())
    finally:
        reader.close()


def of(kind: type[Any], records: list[Record]) -> list[Any]:
    return [record for record in records if isinstance(record, kind)]


def by_id(kind: type[Any], records: list[Record]) -> dict[str, Any]:
    return {record.id.removeprefix(EX): record for record in of(kind, records)}


def edges(records: list[Record]) -> set[tuple[str, str, str, str]]:
    return {
        (each.execution.removeprefix(EX), each.kind, each.artifact.removeprefix(EX), each.role)
        for each in of(Event, records)
    }


def links(records: list[Record], container: NodeKind) -> set[tuple[str, str]]:
    return {
        (each.member.removeprefix(EX), each.container.removeprefix(EX))
        for each in of(Membership, records)
        if each.container_kind is container
    }


@pytest.fixture
def document() -> ProvDocument:
    made = ProvDocument()
    made.add_namespace("ex", EX)
    return made


def written(document: ProvDocument, path: Path, form: str = "json") -> Path:
    document.serialize(str(path), format=form)
    return path


def stored(path: Path, **content: Any) -> Path:
    """PROV-JSON as somebody typed it."""
    path.write_text(json.dumps({"prefix": {"ex": EX}} | content), encoding="utf-8")
    return path


@pytest.mark.parametrize("form", FORMS)
def test_the_same_in_every_form(document: ProvDocument, form: str, tmp_path: Path) -> None:
    moment = dt.datetime(2026, 1, 2, 3, 4, 5, 678_000, tzinfo=dt.UTC)
    bundle = document.bundle("ex:run")
    bundle.activity("ex:fit", moment, moment + dt.timedelta(hours=1),
                    {"prov:type": "Trainer", "prov:label": "Fit it", "ex:seed": 3, "ex:rate": 0.5,
                     "ex:deep": True})  # fmt: skip
    bundle.entity("ex:model", {"prov:type": "Model", "prov:location": "s3a://bucket/m"})
    bundle.used("ex:fit", "ex:data", moment, other_attributes={"prov:role": "examples"})
    bundle.wasGeneratedBy("ex:model", "ex:fit")
    records = read(written(document, tmp_path / f"daily.{form}", form))
    assert not of(SetAside, records)
    (fit,) = of(Execution, records)
    assert (fit.type, fit.name, fit.node, fit.state) == ("Trainer", "Fit it", "Fit it", "COMPLETE")
    assert (fit.started, fit.ended) == (1767323045678, 1767326645678)
    assert fit.properties == {"seed": 3, "rate": 0.5, "deep": True}
    model = f"dataset:s3://bucket/m@{EX}model"
    assert edges(records) == {("fit", "INPUT", "data", "examples"), ("fit", "OUTPUT", model, "")}
    assert by_id(Artifact, records)["data"].properties == {"undeclared": True}
    assert [(run.id, run.state) for run in of(Run, records)] == [(f"{EX}run", State.COMPLETE)]
    assert [pipeline.name for pipeline in of(Pipeline, records)] == ["daily"]
    assert links(records, NodeKind.RUN) == {("fit", "run")}
    assert links(records, NodeKind.PIPELINE) == {("run", "daily")}


def test_the_protocol(document: ProvDocument, tmp_path: Path) -> None:
    document.entity("ex:e")
    reader = ProvReader(str(written(document, tmp_path / "a b.json")))
    assert reader.source == f"file://{tmp_path}/a%20b.json"
    assert (reader.version, reader.simulated, reader.cursor, reader.total()) == (
        "PROV-JSON", False, None, None,
    )  # fmt: skip
    assert reader.identity() == {}
    reader.close()
    assert ProvReader.recognises(reader.source)
    assert ProvReader(reader.source).source == reader.source


@pytest.mark.parametrize("packed", [gzip.compress, None])
def test_compressed(document: ProvDocument, packed: Any, tmp_path: Path) -> None:
    document.activity("ex:a")
    path = tmp_path / "x.json.gz"
    content = document.serialize(format="json").encode()
    path.write_bytes(packed(content) if packed else content)
    assert [each.name for each in of(Pipeline, read(path))] == ["x"]


WHEN_MEANT = ("{}", '{"entity": {}, "eventTime": "x"}')


@pytest.mark.parametrize(
    ("text", "form"),
    [('{"entity": {}}', True), ('{"prefix": {"a": "b"}, "used": {}}', True), ("{}", False),
     ('{"entity": "x"}', False), ('{"entity": {}, "eventTime": "x"}', False),
     ('{"nodes": {"entity": {}}}', False), ('[{"entity": {}}]', False), ('{"trace": 1}', False),
     ('{"bundle": {"a": {"used": {}}}}', True), ("", False), ("document:\n  entity(", False),
     ("document\n prefix ex <http://e/>\nendDocument", True), ("documents of prefix x", False),
     ('// a comment\ndocument\nentity(e)\nendDocument', True),
     ("<svg xmlns='http://www.w3.org/2000/svg'/>", False), ("\ufeff {\"entity\": {}}", True),
     ("<?xml version='1.0'?><p:document xmlns:p='http://www.w3.org/ns/prov#'/>", True)],
)  # fmt: skip
def test_recognises(text: str, form: bool, tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_text(text, encoding="utf-8")
    assert ProvReader.recognises(str(path)) is form
    if not form and text not in WHEN_MEANT:
        with pytest.raises(ReadError, match="convert"):
            ProvReader(str(path))


def test_keys_that_are_not_prov_are_told_when_a_document_is_meant(tmp_path: Path) -> None:
    path = stored(tmp_path / "x.json", entity={"ex:e": {}}, eventTime="x", note={"a": {}})
    records = read_any(path)
    assert set(by_id(Artifact, records)) == {"e"}
    assert [each.kind for each in of(SetAside, records)] == ["record", "note"]


def test_hostile_comments_take_no_time(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_text("/**/" * 5_000 + "/*" * 5_000)
    assert not ProvReader.recognises(str(path))


def test_circles_of_parts(document: ProvDocument, tmp_path: Path) -> None:
    document.add_namespace("wfprov", "http://purl.org/wf4ever/wfprov#")
    kind = document.valid_qualified_name("wfprov:WorkflowRun")
    for one, other in (("a", "b"), ("b", "c"), ("c", "b"), ("d", "d")):
        document.activity(f"ex:{one}", other_attributes={"prov:type": kind})
        document.wasStartedBy(f"ex:{one}", starter=f"ex:{other}")
    records = read(written(document, tmp_path / "x.json"))
    made = by_id(Execution, records)
    assert {id_: each.parent for id_, each in made.items()} == {
        "a": f"{EX}b", "b": f"{EX}c", "c": f"{EX}b", "d": None,
    }  # fmt: skip
    assert {each.id for each in of(Run, records)} == {f"{EX}d"}


def test_other_places_are_not_ours(tmp_path: Path) -> None:
    for location in ("-", "https://example.org/x.json", "postgresql://h/d", str(tmp_path / "no")):
        assert not ProvReader.recognises(location)
        with pytest.raises(ReadError):
            ProvReader(location)
    with pytest.raises(ReadError, match=r"primary\.cwlprov"):
        ProvReader(str(tmp_path))


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [("x.json", '{"entity": {"ex:e": {}', "no JSON"), ("x.json", '{"entity": {}}x', "no JSON"),
     ("x.json", '{"entity": {"e": ' + "[" * 100_000, "no JSON"),
     ("x.xml", '<p:document xmlns:p="http://www.w3.org/ns/prov#"><p:entity>', "no XML"),
     ("x.provn", "document\nprefix ex <http://e/>\nentity(ex:e", "no PROV-N")],
)  # fmt: skip
def test_damaged(name: str, content: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text(content)
    with pytest.raises(ReadError, match=words) as caught:
        read(path)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400


LAUGHS = '<!ENTITY l0 "ha">' + "".join(
    f'<!ENTITY l{n} "&l{n - 1};&l{n - 1};">' for n in range(1, 30)
)


@pytest.mark.parametrize(
    "doctype",
    [f"<!DOCTYPE d [{LAUGHS}]>", '<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
     '<!DOCTYPE d SYSTEM "http://127.0.0.1:9/x.dtd">'],
)  # fmt: skip
def test_entities_are_refused(doctype: str, tmp_path: Path) -> None:
    path = tmp_path / "x.xml"
    path.write_text(
        f'<?xml version="1.0"?>{doctype}<prov:document xmlns:prov="http://www.w3.org/ns/prov#" '
        'xmlns:ex="http://e/"><prov:entity prov:id="ex:e"><prov:label>&l29;&x;</prov:label>'
        "</prov:entity></prov:document>"
    )
    with pytest.raises(ReadError, match=r"document type|no XML"):
        read(path)


def test_one_bad_record_is_set_aside_alone(tmp_path: Path) -> None:
    path = stored(
        tmp_path / "x.json",
        entity={"ex:good": {}, "nope:bad": {}, "ex:worse": 7, "ex:typed": {"ex:n": {"type": "x"}}},
        activity={"ex:a": {"prov:startTime": "yesterday"}, "ex:b": {"prov:startTime": 7}},
        used={
            "_:1": {"prov:activity": "ex:a", "prov:entity": "ex:good"},
            "_:2": {"prov:activity": "ex:a"},
            "_:3": {"prov:activity": "ex:a", "prov:entity": "no:where"},
            "_:4": {"prov:activity": ["ex:a", "ex:b"], "prov:entity": "ex:good"},
        },
        wasInfluencedBy={"_:5": {"prov:influencee": "ex:good", "prov:influencer": "ex:a"}},
        wasGeneratedBy={"_:6": {"prov:activity": "ex:a"}, "_:7": {"prov:entity": "ex:good"}},
        bundle={"ex:run": {"bundle": {"ex:inner": {"entity": {"ex:in": {}}}}}, "ex:no": []},
    )
    records = read(path)
    assert edges(records) == {("a", "INPUT", "good", "")}
    assert {"good", "typed"} & set(by_id(Artifact, records)) == {"good"}
    aside = {each.position.removeprefix("x.json, ") for each in of(SetAside, records)}
    assert aside >= {
        "entity nope:bad", "entity ex:worse", "entity ex:typed", "activity ex:a", "activity ex:b",
        "used _:2", "used _:3", "used _:4", "wasInfluencedBy _:5", "wasGeneratedBy _:6",
        "wasGeneratedBy _:7", "bundle ex:run", "bundle ex:no",
    }  # fmt: skip
    assert all(each.reason and "\n" not in each.reason for each in of(SetAside, records))


def test_repeated_keys_are_told(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text('{"entity": {"a": {}}, "prefix": {"default": "http://e/"}, "entity": {}}')
    (aside,) = of(SetAside, read(path))
    assert "'entity' is repeated" in aside.reason


def test_empty_documents(document: ProvDocument, tmp_path: Path) -> None:
    for form in FORMS:
        assert read_any(written(document, tmp_path / f"x.{form}", form)) == []
    (tmp_path / "none.json").write_bytes(b"")
    with pytest.raises(ReadError):
        ProvReader(str(tmp_path / "none.json"))


def test_times(tmp_path: Path) -> None:
    path = stored(
        tmp_path / "x.json",
        activity={
            "ex:early": {
                "prov:startTime": "2026-01-01T10:00:00",
                "prov:endTime": "2026-01-01T09:00:00",
            },
            "ex:old": {"prov:startTime": "1850-01-01T00:00:00Z"},
            "ex:zone": {"prov:startTime": "2026-01-01T10:00:00+02:00"},
            "ex:begun": {},
            "ex:twice": [
                {"prov:startTime": "2026-01-01T10:00:00Z"},
                {"prov:startTime": "2026-01-01T11:00:00Z"},
            ],
        },
        wasStartedBy={"_:1": {"prov:activity": "ex:begun", "prov:time": "2026-01-01T08:00:00Z"}},
        wasEndedBy={"_:2": {"prov:activity": "ex:begun", "prov:time": "2026-01-01T09:00:00Z"}},
    )
    records = read(path)
    hour, ten = 3_600_000, 1767261600000
    found = {id_: (each.started, each.ended) for id_, each in by_id(Execution, records).items()}
    assert found == {
        "early": (ten, None), "old": (None, None), "zone": (ten - 2 * hour, None),
        "begun": (ten - 2 * hour, ten - hour), "twice": (ten, None),
    }  # fmt: skip
    assert sorted((each.kind, each.position) for each in of(SetAside, records)) == [
        ("time", f"{EX}early"), ("time", f"{EX}old"), ("time", "x.json, activity ex:twice"),
    ]  # fmt: skip
    (run,) = of(Run, records)
    assert run.properties == {"times_without_zone": True}
    assert by_id(Execution, records)["begun"].state is State.COMPLETE
    assert by_id(Execution, records)["zone"].state is State.UNKNOWN


def test_one_thing_in_two_bundles(document: ProvDocument, tmp_path: Path) -> None:
    one, two = document.bundle("ex:one"), document.bundle("ex:two")
    for bundle, value in ((one, 1), (two, 2)):
        bundle.activity("ex:fit", other_attributes={"ex:seen": value, "ex:same": "x"})
        bundle.entity("ex:model")
    one.used("ex:fit", "ex:data")
    two.wasGeneratedBy("ex:model", "ex:fit")
    document.entity("ex:one", {"prov:type": "prov:Bundle", "prov:label": "First"})
    document.wasGeneratedBy("ex:one", time="2026-01-01T10:00:00Z")
    records = read(written(document, tmp_path / "x.json"))
    (fit,) = of(Execution, records)
    assert fit.properties == {"seen": [1, 2], "same": "x"}
    assert edges(records) == {("fit", "INPUT", "data", ""), ("fit", "OUTPUT", "model", "")}
    assert links(records, NodeKind.RUN) == {("fit", "one"), ("fit", "two")}
    assert set(by_id(Artifact, records)) == {"data", "model"}
    runs = by_id(Run, records)
    assert (runs["one"].name, runs["one"].created, runs["two"].name) == (
        "First", 1767261600000, f"{EX}two",
    )  # fmt: skip


@pytest.mark.parametrize("local", ["ä ö", "a/b#c?d=e&f", "%2F", "x'\"<>", "..", "-", "日本", "a:b"])
def test_strange_identifiers(local: str, tmp_path: Path) -> None:
    name = f"ex:{local}"
    used = {"_:1": {"prov:activity": name, "prov:entity": name}}
    records = read(stored(tmp_path / "x.json", activity={name: {}}, entity={name: {}}, used=used))
    assert not of(SetAside, records)
    assert edges(records) == {(local, "INPUT", local, "")}
    assert by_id(Execution, records).keys() == by_id(Artifact, records).keys() == {local}


def test_derivations(document: ProvDocument, tmp_path: Path) -> None:
    document.activity("ex:a")
    document.used("ex:a", "ex:in")
    document.wasGeneratedBy("ex:out", "ex:a", identifier="ex:gen")
    document.wasDerivedFrom("ex:out", "ex:in")  # the activity explains it
    document.wasDerivedFrom("ex:out", "ex:more", activity="ex:a")  # which then read this, too
    document.wasDerivedFrom("ex:by", "ex:in", activity="ex:b")
    document.wasDerivedFrom("ex:out", "ex:most", generation="ex:gen")
    document.wasRevisionOf("ex:new", "ex:out")
    document.wasDerivedFrom("ex:new", "ex:other")
    document.wasDerivedFrom("ex:m", "ex:in", other_attributes={"prov:type": "my.Trainer"})
    records = read(written(document, tmp_path / "x.json"))
    new = f'prov:inferred:["prov.derivation", "{EX}new"]'
    fit = f'prov:inferred:["my.Trainer", "{EX}m"]'
    assert edges(records) == {
        ("a", "INPUT", "in", ""), ("a", "OUTPUT", "out", ""), ("a", "INPUT", "more", ""),
        ("b", "INPUT", "in", ""), ("b", "OUTPUT", "by", ""), ("a", "INPUT", "most", ""),
        (new, "INPUT", "out", "Revision"), (new, "INPUT", "other", ""), (new, "OUTPUT", "new", ""),
        (fit, "INPUT", "in", ""), (fit, "OUTPUT", "m", ""),
    }  # fmt: skip
    made = by_id(Execution, records)
    assert (made[new].cost, made[new].operator, made[new].properties) == (
        0, OperatorClass.OTHER, {"inferred": True},
    )  # fmt: skip
    assert (made[fit].type, made[fit].operator) == ("my.Trainer", None)
    assert links(records, NodeKind.RUN) == {(each, "x") for each in ("a", "b", new, fit)}


def test_communications(document: ProvDocument, tmp_path: Path) -> None:
    document.wasGeneratedBy("ex:e", "ex:a")
    document.used("ex:b", "ex:e")
    document.wasInformedBy("ex:b", "ex:a")
    document.wasInformedBy("ex:c", "ex:b")
    document.wasInformedBy("ex:c", "ex:b")
    document.wasInformedBy("ex:d", "ex:d")
    records = read(written(document, tmp_path / "x.json"))
    between, own = (
        f'prov:informed:["{EX}{one}", "{EX}{two}"]' for one, two in (("b", "c"), ("d", "d"))
    )
    assert edges(records) == {
        ("a", "OUTPUT", "e", ""), ("b", "INPUT", "e", ""), ("b", "OUTPUT", between, ""),
        ("c", "INPUT", between, ""), ("d", "OUTPUT", own, ""), ("d", "INPUT", own, ""),
    }  # fmt: skip
    assert by_id(Artifact, records)[between].artifact == "other"


def test_collections(document: ProvDocument, tmp_path: Path) -> None:
    document.wasGeneratedBy("ex:part", "ex:make")
    document.hadMember("ex:loose", "ex:part")
    document.hadMember("ex:loose", "ex:piece")
    document.wasGeneratedBy("ex:batch", "ex:split")
    document.used("ex:split", "ex:whole")
    document.hadMember("ex:batch", "ex:slice")
    document.hadMember("ex:batch", "ex:part")
    document.hadMember("ex:batch", "ex:whole")
    put = f'prov:inferred:["prov.collection", "{EX}loose"]'
    assert edges(read(written(document, tmp_path / "x.json"))) == {
        ("make", "OUTPUT", "part", ""), ("split", "OUTPUT", "batch", ""),
        ("split", "INPUT", "whole", ""), ("split", "OUTPUT", "slice", ""),
        (put, "INPUT", "part", ""), (put, "INPUT", "piece", ""), (put, "OUTPUT", "loose", ""),
    }  # fmt: skip


def test_agents_and_plans(document: ProvDocument, tmp_path: Path) -> None:
    document.activity("ex:fit")
    document.agent("ex:ann", {"prov:type": "prov:Person", "ex:team": "a"})
    document.add_namespace("id", "urn:uuid:")
    document.agent("id:2db43411-e5f7-4ee7-b2a5-f5f55dbc556f")
    document.entity("ex:train.py", {"prov:type": "prov:Plan", "ex:sha1": SHA})
    document.wasAssociatedWith("ex:fit", "ex:ann", "ex:train.py")
    document.wasAssociatedWith("ex:fit", "id:2db43411-e5f7-4ee7-b2a5-f5f55dbc556f")
    document.actedOnBehalfOf("ex:ann", "ex:boss")
    document.wasAttributedTo("ex:data", "ex:ann")
    records = read(written(document, tmp_path / "x.json"))
    (fit,) = of(Execution, records)
    assert fit.properties == {"agent": "ann", "plan": "train.py"}
    assert fit.code_version == f"sha1:{SHA}"
    contexts = by_id(Context, records)
    assert contexts["ann"].properties["team"] == "a"
    assert contexts["ann"].properties["on_behalf_of"] == [f"{EX}boss"]
    assert set(by_id(Artifact, records)) == {"data"}
    uuid = "urn:uuid:2db43411-e5f7-4ee7-b2a5-f5f55dbc556f"
    assert links(records, NodeKind.CONTEXT) == {
        ("fit", "ann"), ("fit", "train.py"), ("fit", uuid), ("data", "ann"),
    }  # fmt: skip


def test_addresses_and_versions(document: ProvDocument, tmp_path: Path) -> None:
    """What is at an address is the same to all sources; each state that was made is a version."""
    place = {"prov:location": "s3a://Bucket//data/"}
    document.entity("ex:read", place)
    document.entity("ex:again", place)
    document.entity("ex:made", place)
    document.entity("ex:stated", {**place, "ex:version": "7"})
    document.entity("ex:near", {"prov:location": "out/model"})
    document.wasGeneratedBy("ex:made", "ex:a")
    document.used("ex:b", "ex:read")
    document.used("ex:b", "ex:again")
    document.specializationOf("ex:stated", "ex:read")
    document.alternateOf("ex:stated", "ex:made")
    document.wasInvalidatedBy("ex:made", "ex:b")
    records = read(written(document, tmp_path / "x.json"))
    name = "s3://bucket/data"
    made = by_id(Artifact, records)
    assert made.keys() == {
        shared_id(name), shared_id(name, f"{EX}made"), shared_id(name, "7"), "near",
    }  # fmt: skip
    assert made[shared_id(name)].properties["entity"] == [f"{EX}again", f"{EX}read"]
    assert made[shared_id(name)].uri == "s3a://Bucket//data/"
    assert made[shared_id(name, f"{EX}made")].state == "DELETED"
    assert made["near"].uri == "out/model"
    stated = made[shared_id(name, "7")]
    assert (stated.version, stated.properties["alternate_of"]) == ("7", f"{EX}made")
    assert stated.properties["specialization_of"] == f"{EX}read"
    assert edges(records) == {
        ("a", "OUTPUT", shared_id(name, f"{EX}made"), ""), ("b", "INPUT", shared_id(name), ""),
    }  # fmt: skip


def test_two_contents_at_one_address_are_two_nodes(document: ProvDocument, tmp_path: Path) -> None:
    for name, digest in (("x", SHA), ("y", SHA[::-1])):
        document.entity(f"ex:{name}", {"prov:location": "/data/f", "ex:sha1": digest})
        document.used("ex:a", f"ex:{name}")
    records = read(written(document, tmp_path / "d.json"))
    assert len(of(Artifact, records)) == 2


@pytest.mark.parametrize(
    ("attribute", "value", "digest"),
    [("ex:sha1", SHA, f"sha1:{SHA}"), ("ex:sha1", SHA.upper(), f"sha1:{SHA}"),
     ("ex:checksum", f"sha1${SHA}", f"sha1:{SHA}"), ("ex:sha1", "abc", None),
     ("ex:md5", "d41d8cd98f00b204e9800998ecf8427e", "md5:d41d8cd98f00b204e9800998ecf8427e"),
     ("ex:note", SHA, None)],
)  # fmt: skip
def test_digests(
    attribute: str, value: str, digest: str | None, document: ProvDocument, tmp_path: Path
) -> None:
    document.entity("ex:e", {attribute: value})
    (found,) = of(Artifact, read(written(document, tmp_path / "x.json")))
    assert found.digest == digest


def test_values_are_their_own_content(document: ProvDocument, tmp_path: Path) -> None:
    for name, value in (("one", True), ("two", True), ("three", "true"), ("four", 1)):
        document.entity(f"ex:{name}", {"prov:value": value})
    found = by_id(Artifact, read(written(document, tmp_path / "x.json")))
    assert found["one"].digest == found["two"].digest
    assert len({each.digest for each in found.values()}) == 3


def test_the_type_that_says_most(document: ProvDocument, tmp_path: Path) -> None:
    stated = {
        "a": ["prov:Activity", "ex:Anything", "ex:MyTrainer"],
        "b": ["prov:Thing", "ex:Anything"],
        "c": ["prov:Thing"],
        "d": [],
    }
    for name, types in stated.items():
        names = [document.valid_qualified_name(each) for each in types]
        document.activity(f"ex:{name}", other_attributes=[("prov:type", each) for each in names])
    found = by_id(Execution, read(written(document, tmp_path / "x.json")))
    assert {id_: each.type for id_, each in found.items()} == {
        "a": "ex:MyTrainer", "b": "ex:Anything", "c": "prov:Thing", "d": "prov.activity",
    }  # fmt: skip
    assert found["a"].properties == {"types": ["ex:Anything"]}


def test_property_names(document: ProvDocument, tmp_path: Path) -> None:
    document.add_namespace("dc", "http://purl.org/dc/elements/1.1/")
    document.entity("ex:e", {"ex:title": "a", "dc:title": "b", "ex:n": 2**70,
                             "ex:inf": float("inf"),
                             "ex:when": dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
                             "ex:size": 12})  # fmt: skip
    (found,) = of(Artifact, read(written(document, tmp_path / "x.json")))
    assert found.size == 12
    assert found.properties == {
        "ex:title": "a", "dc:title": "b", "n": str(2**70), "inf": "inf", "size": 12,
        "when": "2026-01-01T00:00:00+00:00",
    }  # fmt: skip


def test_without_the_library(document: ProvDocument, tmp_path: Path) -> None:
    path = written(document.bundle("ex:b").document or document, tmp_path / "x.provn", "provn")
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "prov.model", None)
        assert ProvReader.recognises(str(path))
        with pytest.raises(MissingExtraError, match=r"lineage-graphlets\[prov\]"):
            ProvReader(str(path))


def research_object(name: str) -> Path:
    path = REAL / name
    if not path.is_dir():
        pytest.skip(f"{name} is not here")
    return path


def test_a_research_object(tmp_path: Path) -> None:
    folder = tmp_path / "ro"
    shutil.copytree(research_object("revsort-run-1"), folder)
    data = folder / "data" / SHA[:2]
    data.mkdir(parents=True)
    (data / SHA).write_bytes(b"x" * 1111)
    (folder / "workflow").mkdir()
    (folder / "workflow" / "packed.cwl").write_text(
        json.dumps({"$graph": [{"id": "#rev"}, {"id": "#main", "label": "Reverse and sort"}]})
    )
    records = read(folder)
    assert not of(SetAside, records)
    root = "urn:uuid:1f767ad4-ac52-4623-b5bc-dd9faf2b869f"
    made = by_id(Execution, records)
    assert [(each.node, each.parent, each.type) for each in made.values()] == [
        ("main", None, "wfprov:WorkflowRun"),
        ("rev", root, "wfprov:ProcessRun"),
        ("sorted", root, "wfprov:ProcessRun"),
    ]
    assert {each.container for each in of(Membership, records)
            if each.container_kind is NodeKind.RUN} == {root}  # fmt: skip
    assert [each.name for each in of(Pipeline, records)] == ["Reverse and sort"]
    versions = {each.code_version for each in made.values()}
    assert len(versions) == 1
    assert str(versions.pop()).startswith("sha256:")
    handed = [each for each in of(Event, records) if each.kind is EventKind.INTERNAL_OUTPUT]
    assert [(each.execution, each.role) for each in handed] == [(root, "output")]
    whales = [each for each in of(Artifact, records) if each.name == "whale.txt"]
    assert {(each.digest, each.size, each.uri) for each in whales} == {
        (f"sha1:{SHA}", 1111, f"data/32/{SHA}")
    }
    assert {each.role for each in of(Event, records)} == {
        "input", "reverse_sort", "reverse", "output",
    }  # fmt: skip
    zipped = tmp_path / "zipped.zip"
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in folder.rglob("*"):
            archive.write(path, Path("top") / path.relative_to(folder))
    assert read(zipped) == records


def test_nested_workflows_and_other_forms(tmp_path: Path) -> None:
    source = research_object("conditional-wf-run-1")
    inner = tmp_path / "ro" / "metadata" / "provenance"
    inner.mkdir(parents=True)
    text = (source / "metadata" / "provenance" / "primary.cwlprov.json").read_text()
    whole = ProvDocument.deserialize(content=text, format="json")
    for form in ("xml", "provn"):
        whole.serialize(str(inner / f"primary.cwlprov.{form}"), format=form)
    nested = ProvDocument()
    nested.add_namespace("id", "urn:uuid:")
    nested.add_namespace("wfprov", "http://purl.org/wf4ever/wfprov#")
    step, run = "95370897-6df0-4738-ab21-07aaf84b519d", "11111111-6df0-4738-ab21-07aaf84b519d"
    kind = nested.valid_qualified_name("wfprov:ProcessRun")
    nested.activity(f"id:{run}", other_attributes={"prov:type": kind, "prov:label": "inside"})
    nested.wasStartedBy(f"id:{run}", starter=f"id:{step}")
    nested.serialize(str(inner / "workflow_inner.cwlprov.json"), format="json")
    records = read(tmp_path / "ro")
    found = by_id(Execution, records)
    assert found[f"urn:uuid:{run}"].parent == f"urn:uuid:{step}"
    assert found[f"urn:uuid:{step}"].parent == "urn:uuid:9db2d645-3cc5-49e8-b6df-3eeb0f988399"
    assert len(of(Run, records)) == 1
    assert ProvReader(str(tmp_path / "ro")).version == "CWLProv, PROV-XML"


def test_damaged_archives(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("metadata/provenance/primary.cwlprov.json", '{"entity": {"a": {}}}' * 50)
    raw = bytearray(path.read_bytes())
    raw[80:90] = b"\0" * 10
    path.write_bytes(raw)
    with pytest.raises(ReadError, match="cannot be read"):
        read(path)


NAMES = st.sampled_from("abcde")
RELATIONS = st.lists(
    st.tuples(
        st.sampled_from(["used", "made", "derived", "by", "informed", "member"]),
        NAMES, NAMES, NAMES, st.sampled_from(["", "r", "s"]), st.sampled_from([None, "x", "y"]),
    ),
    max_size=14,
)  # fmt: skip


Edge = tuple[str, str, str, str]


def brute_force(relations: list[Any]) -> set[Edge]:
    """The edges by the rules of the reader's documentation, worked out on plain sets."""
    ways = {"used": "INPUT", "made": "OUTPUT"}
    found = {(f"A{a}", ways[k], f"E{e}", role) for k, a, e, _, role, _ in relations if k in ways}
    for kind, made, used, activity, *_ in relations:
        if kind == "by":
            for way, entity in (("OUTPUT", made), ("INPUT", used)):
                if not has(found, f"A{activity}", way, f"E{entity}"):
                    found.add((f"A{activity}", way, f"E{entity}", ""))
    found |= of_members({(one, two) for kind, one, two, *_ in relations if kind == "member"}, found)
    for kind, made, used, *_ in relations:
        if kind == "derived" and not joined(found, f"E{used}", f"E{made}"):
            new = f'prov:inferred:["prov.derivation", "{EX}E{made}"]'
            found |= {(new, "INPUT", f"E{used}", ""), (new, "OUTPUT", f"E{made}", "")}
    for kind, informed, informant, *_ in relations:
        wrote = {edge[2] for edge in found if edge[:2] == (f"A{informant}", "OUTPUT")}
        read = {edge[2] for edge in found if edge[:2] == (f"A{informed}", "INPUT")}
        if kind == "informed" and not wrote & read:
            id_ = f'prov:informed:["{EX}A{informant}", "{EX}A{informed}"]'
            found |= {(f"A{informant}", "OUTPUT", id_, ""), (f"A{informed}", "INPUT", id_, "")}
    return found


def has(edges: set[Edge], execution: str, way: str, artifact: str) -> bool:
    return any(edge[:3] == (execution, way, artifact) for edge in edges)


def joined(edges: set[Edge], used: str, made: str) -> bool:
    """Whether one execution read the one and wrote the other."""
    return any(has(edges, edge[0], "INPUT", used) and has(edges, edge[0], "OUTPUT", made)
               for edge in edges)  # fmt: skip


def of_members(pairs: set[tuple[str, str]], edges: set[Edge]) -> set[Edge]:
    """The edges that memberships in collections imply, given the others."""
    new: set[Edge] = set()
    for whole, part in pairs:
        writers = {edge[0] for edge in edges if edge[1:3] == ("OUTPUT", f"E{whole}")}
        if not writers:
            put = f'prov:inferred:["prov.collection", "{EX}E{whole}"]'
            new |= {(put, "INPUT", f"E{part}", ""), (put, "OUTPUT", f"E{whole}", "")}
        elif not any(edge[1:3] == ("OUTPUT", f"E{part}") for edge in edges):
            new |= {
                (writer, "OUTPUT", f"E{part}", "")
                for writer in writers
                if not has(edges, writer, "INPUT", f"E{part}")
            }
    return new


@settings(max_examples=150, deadline=None)
@given(relations=RELATIONS, form=st.sampled_from(sorted(FORMS)))
def test_random_documents_agree_with_brute_force(
    relations: list[Any], form: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    document = ProvDocument()
    document.add_namespace("ex", EX)
    bundles: dict[str, ProvBundle] = {}
    for kind, one, two, three, role, bundle in relations:
        name = f"ex:{bundle}" if bundle else None
        place = document
        if name:
            place = bundles.setdefault(name, bundles.get(name) or document.bundle(name))
        more = {"prov:role": role} if role else None
        if kind == "used":
            place.used(f"ex:A{one}", f"ex:E{two}", other_attributes=more)
        elif kind == "made":
            place.wasGeneratedBy(f"ex:E{two}", f"ex:A{one}", other_attributes=more)
        elif kind == "derived":
            place.wasDerivedFrom(f"ex:E{one}", f"ex:E{two}")
        elif kind == "by":
            place.wasDerivedFrom(f"ex:E{one}", f"ex:E{two}", activity=f"ex:A{three}")
        elif kind == "member":
            place.hadMember(f"ex:E{one}", f"ex:E{two}")
        else:
            place.wasInformedBy(f"ex:A{one}", f"ex:A{two}")
    path = written(document, tmp_path_factory.mktemp("random") / f"x.{form}", form)
    records = read_any(path)
    assert edges(records) == brute_force(relations)
    assert not of(SetAside, records)
    _sound(records)


def _sound(records: list[Record]) -> None:
    """Every edge and membership names nodes that came before, and no node comes twice."""
    known: set[tuple[str, str]] = set()
    kinds = {Execution: "execution", Artifact: "artifact", Run: "run", Pipeline: "pipeline",
             Context: "context"}  # fmt: skip
    for each in records:
        if type(each) in kinds:
            node = (kinds[type(each)], each.id)  # type: ignore[union-attr,index]
            assert node not in known
            known.add(node)
        elif isinstance(each, Event):
            assert {("execution", each.execution), ("artifact", each.artifact)} <= known
        elif isinstance(each, Membership):
            assert {(each.member_kind, each.member), (each.container_kind, each.container)} <= known


@pytest.mark.parametrize(
    "name", ["primer.json", "bundle1.json", "w3c_publication_1.json", "revsort-run-1",
             "conditional-wf-run-1"],
)  # fmt: skip
def test_real_documents_are_sound(name: str) -> None:
    if not (REAL / name).exists():
        pytest.skip(f"{name} is not here")
    records = read(REAL / name)
    assert not of(SetAside, records)
    _sound(records)
