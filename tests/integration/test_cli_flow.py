"""The commands against a real server: load, look, export, forget, follow."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path  # noqa: TC003  (fixtures)
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner  # noqa: TID251

from lineage.cli import app as cli
from lineage.cli.app import app
from lineage.cli.commands import register
from lineage.demo import store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lineage import Lineage
    from lineage.server import Endpoint

register()
# Where the tests run in the background, ctrl-C is ignored by all that they start.
SIGINT = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
MAIN = [sys.executable, "-c", f"{SIGINT}; from lineage.cli import main; main()"]
MANY = 60_000  # artifacts: some seconds of loading
TRACE = """\
{"kind": "trace", "version": 1}
{"kind": "artifact", "id": "day 1", "type": "Examples", "artifact": "span"}
{"kind": "artifact", "id": "model", "type": "Model", "name": "m \\u001b[31m", "artifact": "model"}
{"kind": "execution", "id": "t", "type": "Trainer", "operator": "training", "state": "COMPLETE"}
{"kind": "event", "execution": "t", "artifact": "day 1", "event": "INPUT"}
{"kind": "event", "execution": "t", "artifact": "model", "event": "OUTPUT"}
{"kind": "event", "execution": "t", "artifact": "nowhere", "event": "OUTPUT"}
"""


@pytest.fixture(autouse=True)
def _here(
    lin: Lineage, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The commands use the tests' server, on an empty graph."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NEO4J_URI", endpoint.uri)
    monkeypatch.setenv("NEO4J_USERNAME", endpoint.username)
    monkeypatch.setenv("NEO4J_PASSWORD", endpoint.password)
    if endpoint.database:
        monkeypatch.setenv("NEO4J_DATABASE", endpoint.database)
    (tmp_path / "trace.jsonl").write_text(TRACE)


def run(*arguments: str, code: int = 0) -> str:
    done = CliRunner().invoke(app, list(arguments))
    assert done.exit_code == code, done.output + done.stderr
    return str(done.stdout) if code == 0 else str(done.stderr)


def run_json(*arguments: str) -> Any:
    return json.loads(run(*arguments, "--json"))


def test_a_store_becomes_graphlets() -> None:
    (loaded,) = run_json("ingest", str(store()), "--source", "demo")
    assert loaded["read"]["execution"] > 100
    assert loaded["written"] > 1000
    graphlets = run_json("segment")["graphlets"]
    assert graphlets > 10
    lines = [json.loads(line) for line in run("export", "graphlets").splitlines()]
    assert len(lines) == graphlets
    assert [line["key"] for line in lines] == sorted(line["key"] for line in lines)


def test_a_second_load_changes_nothing() -> None:
    run("ingest", "trace.jsonl")
    (before,) = run_json("sources")
    (again,) = run_json("ingest", "trace.jsonl")
    assert again["written"] == 0
    (after,) = run_json("sources")
    assert (before["loads"], after["loads"]) == (1, 1)
    assert after["last"] > before["last"]


def test_what_was_set_aside_is_told_with_its_reason() -> None:
    text = run("ingest", "trace.jsonl", "--source", "t")
    assert text.startswith("t (trace, ")
    assert "2 artifacts, 1 execution, 3 events" in text
    assert "set aside  1\n" in text
    assert "nowhere" in text
    assert run_json("sources")[0]["set_aside"] == 1


def test_strict_stops_at_the_first_bad_record() -> None:
    assert "nowhere" in run("ingest", "trace.jsonl", "--strict", code=1)


def test_a_dry_run_writes_nothing() -> None:
    assert "nothing, as this was a dry run" in run("ingest", "trace.jsonl", "--dry-run")
    assert run_json("sources") == []


def test_standard_input() -> None:
    command = [*MAIN, "ingest", "-", "--source", "piped", "--json"]
    done = subprocess.run(command, input=TRACE, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)[0]["read"]["artifact"] == 2
    assert done.stderr == ""


def test_standard_input_is_recognised_by_its_first_bytes() -> None:
    event = {
        "eventType": "COMPLETE",
        "eventTime": "2026-01-01T00:00:00Z",
        "producer": "https://example.com/x",
        "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
        "run": {"runId": "00000000-0000-4000-8000-000000000001"},
        "job": {"namespace": "ns", "name": "a"},
    }
    command = [*MAIN, "ingest", "-", "--source", "piped", "--json"]
    lines = f"{json.dumps(event)}\n".encode()
    for given in (lines, gzip.compress(lines)):
        done = subprocess.run(command, input=given, capture_output=True, check=True)
        assert json.loads(done.stdout)[0]["reader"] == "openlineage"
    done = subprocess.run(command, input=b'{"a": 1}\n', capture_output=True, check=False)
    assert done.returncode == 1
    assert b"no reader recognises standard input; readers are mlflow, " in done.stderr


@pytest.mark.parametrize("location", ["absent.sqlite", "text.sqlite", "nothing-reads-this"])
def test_what_cannot_be_read_is_one_line(location: str, tmp_path: Path) -> None:
    (tmp_path / "text.sqlite").write_text("this is no database")
    assert run("ingest", location, code=1).startswith("error: ")


def test_an_unknown_reader_is_refused() -> None:
    assert "mlmd" in run("ingest", "trace.jsonl", "--reader", "guess", code=1)


def test_query_prints_rows_in_three_forms() -> None:
    run("ingest", "trace.jsonl", "--source", "t")
    assert run("query", "forget/sources").splitlines()[2].startswith("t ")
    assert run("query", "sources", "--format", "csv").startswith("source,reader,format")
    assert run_json("query", "sources")[0]["source"] == "t"


def test_query_prints_maps_as_names_and_values(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "1000")  # nothing is cut
    run("ingest", "trace.jsonl", "--source", "t")
    text = run("query", "show/node", "-p", "label=Artifact", "-p", "key=t#artifact/day 1")
    assert "source_id=day 1" in text
    assert '{"' not in text


def test_query_refuses_wrong_parameters() -> None:
    refused = run("query", "segment/cut", "--param", "pipelin=x", code=1)
    assert "unknown parameter $pipelin" in refused
    assert "missing parameter $pipeline" in refused
    assert "no query is called" in run("query", "no-such-query", code=1)


@pytest.mark.parametrize("form", ["jsonl", "parquet"])
def test_a_trace_goes_out_and_comes_back(tmp_path: Path, form: str) -> None:
    run("ingest", "trace.jsonl", "--source", "t")
    run("export", "trace", "--format", form, "--output", "out")
    run("forget", "--source", "t", "--yes")
    (again,) = run_json("ingest", "out")
    assert (again["source"], again["reader"]) == ("t", "trace")
    assert again["read"] == {"artifact": 2, "execution": 1, "event": 2}
    assert not list(tmp_path.glob(".*.part"))


def test_an_export_of_tables_writes_over_nothing(tmp_path: Path) -> None:
    run("ingest", "trace.jsonl", "--source", "t")
    (tmp_path / "full").mkdir()
    (tmp_path / "full/x").touch()
    refused = run("export", "trace", "--format", "parquet", "-o", "full", code=1)
    assert refused == "error: full: is there already; remove it or name another folder\n"


def test_simulated_sources_are_listed_as_such(tmp_path: Path) -> None:
    (tmp_path / "trace.json").write_text(
        '{"kind":"trace","version":1,"source":"made up","simulated":true}'
    )
    run("ingest", "trace.jsonl", "--source", "t")
    run("ingest", ".")
    assert run("sources").splitlines()[-2:] == ["", "simulated data: made up"]
    assert [row["simulated"] for row in run_json("sources")] == [True, False]
    assert '"simulated":true' in run("export", "trace", "--source", "made up")
    assert max(map(len, run("sources").splitlines())) <= 80


def test_an_exported_trace_names_its_source() -> None:
    run("ingest", "trace.jsonl", "--source", "t")
    assert json.loads(run("export", "trace").splitlines()[0])["source"] == "t"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["report", "--source", "x"], "no source is called 'x'; loaded are: demo, t"),
        (["report", "--pipeline", "x"], "there are: taxi-fares, taxi-tips"),
        (["report", "--source", "t", "--pipeline", "taxi-fares"], "'t' has: none"),
        (["segment", "--pipeline", "x"], "no pipeline is called 'x'; there are: taxi-"),
        (["report", "--pipeline", "x" * 10_000], f"called '{'x' * 38}\u2026{'x' * 39}'; there"),
        (["export", "graphlets", "--pipeline", "x"], "no pipeline is called 'x'"),
    ],
)
def test_names_that_nothing_has_are_refused(lin: Lineage, arguments: list[str], told: str) -> None:
    lin.ingest(str(store()), source="demo")
    lin.ingest("trace.jsonl", source="t")
    assert told in run(*arguments, code=1)
    run("segment", "--pipeline", "taxi-fares")
    run("report", "summary", "--source", "demo", "--pipeline", "taxi-fares")


def test_numbers_that_json_does_not_have_are_text(lin: Lineage, tmp_path: Path) -> None:
    node = '{"kind": "artifact", "id": "odd", "type": "File"}'
    (tmp_path / "odd.jsonl").write_text(f"{TRACE.splitlines()[0]}\n{node}\n")
    lin.ingest("odd.jsonl", source="odd")
    lin.graph.run_text("MATCH (a:Artifact) SET a.p_x = $x", x=float("nan"))
    text = run("query", "show/node", "-p", "label=Artifact", "-p", "key=odd#artifact/odd", "--json")
    (row,) = json.loads(text, parse_constant=pytest.fail)
    assert row["properties"]["p_x"] == "NaN"


def test_an_output_that_cannot_be_written_is_one_line() -> None:
    assert "no/such/folder" in run("export", "graphlets", "-o", "no/such/folder/x", code=1)


def test_forget_takes_a_source_out() -> None:
    run("ingest", "trace.jsonl", "--source", "t")
    assert run_json("forget", "--source", "t", "--yes")["removed"] > 0
    assert run_json("sources") == []
    assert "no source is called 't'" in run("forget", "--source", "t", "--yes", code=1)


def test_names_cannot_disturb_the_terminal() -> None:
    run("ingest", "trace.jsonl", "--source", "\x1b]0;owned\x07")
    run("segment")
    for arguments in (["sources"], ["status"], ["doctor"], ["query", "explore/contents"]):
        assert "\x1b" not in run(*arguments)
    assert "\x1b" not in run("export", "graphlets")


def test_status_names_the_server_and_the_sources() -> None:
    run("ingest", "trace.jsonl", "--source", "t")
    assert "t (trace)" in run("status")
    found = run_json("status")
    assert found["running"]
    assert [row["source"] for row in found["sources"]] == ["t"]


def test_doctor_names_versions_and_types_that_nothing_matched(tmp_path: Path) -> None:
    line = '{"kind": "execution", "id": "x", "name": "x", "type": "MyOwnThing"}\n'
    (tmp_path / "own.jsonl").write_text(TRACE.splitlines(keepends=True)[0] + line)
    run("ingest", "own.jsonl")
    assert "MyOwnThing" in run("doctor")
    found = run_json("doctor")["graph"]
    assert found["server"].startswith("Neo4j/")
    assert found["schema"] == found["schema_known"]
    assert found["unmatched"][0]["type"] == "MyOwnThing"


def test_settings_that_changed_since_a_load_are_told(tmp_path: Path) -> None:
    run("ingest", "trace.jsonl", "--source", "t")
    told = "settings changed since t was loaded: run `lineage ingest STORE --source t` again"
    assert told not in run("segment")
    rules = 'operator_rules = [{ pattern = "Trainer", class = "other" }]\n'
    (tmp_path / "lineage.toml").write_text(rules)
    for arguments in (["segment"], ["segment", "--full"]):
        done = CliRunner().invoke(app, arguments)
        assert (done.exit_code, told in done.stderr) == (0, True)
    assert told in run("doctor")
    assert run_json("doctor")["graph"]["outdated"] == ["t"]
    run("ingest", "trace.jsonl", "--source", "t")
    assert told not in CliRunner().invoke(app, ["segment"]).output
    assert told not in run("doctor")


def test_a_wrong_password_is_one_line(endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    if not endpoint.password:
        pytest.skip("this server asks for no password")
    monkeypatch.setenv("NEO4J_PASSWORD", "wrong-password")
    assert "NEO4J_PASSWORD" in run("sources", code=1)


def test_the_demo_is_the_same_the_second_time() -> None:
    first = run("demo")
    assert "Neo4j Browser" in first
    assert first.count("// ") >= 3
    before = exported()
    second = run_json("demo")
    assert second["ingested"]["written"] == 0
    assert "password" not in second["server"]
    assert exported() == before


def exported() -> list[Any]:
    """All graphlets; costs to rounding, because a sum depends on the order of its parts."""
    found = [json.loads(line) for line in run("export", "graphlets").splitlines()]
    return [
        {k: round(v, 6) if isinstance(v, float) else v for k, v in line.items()} for line in found
    ]


def test_the_report_in_every_form(tmp_path: Path) -> None:
    run("ingest", str(store()), "--source", "demo")
    run("segment")
    assert "Graphlets" in run("report")
    assert "Pipelines" not in run("report", "summary")
    assert json.loads(run("report", "--format", "json")) == run_json("report")
    assert "taxi-fares" in run("report", "pipelines", "--format", "csv")
    run("report", "--format", "html", "--output", "report.html")
    assert (tmp_path / "report.html").read_text().startswith("<!")
    assert "\nGraphlets\n" in run("report", "--output", "-")
    assert not (tmp_path / "-").exists()
    assert "lies in that time" in run("report", "--since", "2099-01-01")
    assert "taxi-tips" not in run("report", "graphlets", "--pipeline", "taxi-fares")
    assert "error: " in run("report", "--since", "yesterday-ish", code=1)


def test_the_report_knows_its_sections() -> None:
    assert "summary" in run("report", "nonsense", code=2)


def test_show_a_graphlet_and_what_is_not_there() -> None:
    run("ingest", "trace.jsonl", "--source", "t")
    run("segment")
    assert "trainer (1)" in run("show", "t#execution/t")
    assert run_json("show", "t#execution/t", "--kind", "execution")["kind"] == "execution"
    assert "nowhere" in run("show", "nowhere", code=1)


def test_a_report_of_an_empty_graph() -> None:
    assert "Summary" in run("report")


@pytest.fixture
def following(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    shutil.copy(tmp_path / "trace.jsonl", tmp_path / "growing.jsonl")
    command = [*MAIN, "ingest", "growing.jsonl", "--follow", "--interval", "0.2", "--json"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def test_following_a_store_until_ctrl_c(following: subprocess.Popen[str], tmp_path: Path) -> None:
    assert following.stdout is not None
    assert json.loads(following.stdout.readline())["segmented"]["graphlets"] == 1
    with (tmp_path / "growing.jsonl").open("a") as file:
        file.write(
            '{"kind": "execution", "id": "u", "type": "Trainer", "operator": "training",'
            ' "state": "COMPLETE"}\n'
        )
    assert json.loads(following.stdout.readline())["segmented"]["total"] == 2
    following.send_signal(signal.SIGINT)
    assert following.wait(30) == 130
    assert following.stderr is not None
    assert following.stderr.read() == cli.INTERRUPTED + "\n"


def test_load_and_segment_in_one() -> None:
    shown = run("ingest", "trace.jsonl", "--source", "t", "--segment")
    assert "graphlet cut, 1 in all" in shown.splitlines()[-1]
    both = run_json("ingest", "trace.jsonl", "--source", "t", "--segment")
    assert both["ingested"][0]["written"] == 0
    assert both["segmented"]["total"] == 1


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_ctrl_c_in_the_middle_of_a_load_then_again(lin: Lineage, tmp_path: Path) -> None:
    nodes = "".join(f'{{"kind": "artifact", "id": "{n}", "type": "File"}}\n' for n in range(MANY))
    (tmp_path / "big.jsonl").write_text(TRACE.splitlines(keepends=True)[0] + nodes)
    command = [*MAIN, "ingest", "big.jsonl", "--source", "big"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        deadline = time.monotonic() + 60
        while not _artifacts(lin) and time.monotonic() < deadline:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 130
        assert process.stderr is not None
        assert process.stderr.read() == cli.INTERRUPTED + "\n"
    assert 0 < _artifacts(lin) < MANY
    run("ingest", "big.jsonl", "--source", "big")
    assert _artifacts(lin) == MANY


def _artifacts(lin: Lineage) -> int:
    return int(lin.graph.run_text("MATCH (a:Artifact) RETURN count(*) AS count")[0]["count"])
