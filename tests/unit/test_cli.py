"""The command line without a server: help, usage, exit codes, errors in one line."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import pytest
from typer.testing import CliRunner  # noqa: TID251

from lineage import Ingested
from lineage.cli import app as cli
from lineage.cli.app import Given, app
from lineage.cli.commands import register
from lineage.errors import LineageError, ReadError

if TYPE_CHECKING:
    from collections.abc import Iterator

register()
COMMANDS = [
    command.name or command.callback.__name__  # type: ignore[union-attr]
    for command in app.registered_commands
]
NOWHERE = ["--uri", "bolt://127.0.0.1:1"]
PRINTING = [name for name in COMMANDS if name not in ("export", "report")]


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """No settings of the machine hold."""
    monkeypatch.chdir(tmp_path)
    for name in ("NEO4J_URI", "NEO4J_USERNAME", "NEO4J_PASSWORD", "LINEAGE_CONFIG"):
        monkeypatch.delenv(name, raising=False)


def run(*arguments: str, **kwargs: Any) -> Any:
    return CliRunner().invoke(app, list(arguments), **kwargs)


def spawn(*arguments: str, **kwargs: Any) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from lineage.cli import main; main()", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, **kwargs)


def test_help_names_every_command() -> None:
    done = spawn("--help")
    assert done.returncode == 0
    assert all(f"  {name}" in done.stdout for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_option_has_help(name: str) -> None:
    import typer.main  # noqa: TID251

    command = typer.main.get_command(app).commands[name]  # type: ignore[attr-defined]
    assert command.help
    assert all(getattr(option, "help", None) for option in command.params), name
    assert run(name, "--help").exit_code == 0


@pytest.mark.parametrize("name", PRINTING)
def test_every_command_that_prints_has_json(name: str) -> None:
    assert "--json" in run(name, "--help").output


def test_help_imports_neither_driver_nor_libraries() -> None:
    heavy = ["neo4j", "pydantic", "rich", "sqlalchemy", "orjson", "lineage.api", "lineage.server"]
    code = (
        "import sys; from lineage.cli.app import app; "
        "from lineage.cli.commands import register; register(); "
        f"print([name for name in {heavy} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["ingest"],
        ["ingest", "x", "--follow", "--dry-run"],
        ["ingest", "-", "--follow"],
        ["ingest", "x", "--bulk", "--follow"],
        ["ingest", "x", "--bulk", "--dry-run"],
        ["ingest", "x", "y", "--bulk"],
        ["ingest", "x", "--segment", "--dry-run"],
        ["query"],
        ["query", "summary", "--list"],
        ["query", "summary", "--param", "no-equals-sign"],
        ["query", "show/run", "--param", "limit=many"],
        ["query", "show/run", "--param", "limit=true"],
        ["query", "show/run", "--param", "limit=1.5"],
        ["show", ""],
        ["show", " "],
        ["diff"],
        ["diff", ""],
        ["diff", "x", " "],
        ["whatif", "--policy", "best"],
        ["--set", "no-equals-sign", "sources"],
        ["export", "graphlets", "--source", "x"],
        ["export", "trace", "--pipeline", "x"],
        ["export", "trace", "--format", "parquet"],
        ["export", "graphlets", "--format", "parquet", "--output", "x"],
        ["export", "nonsense"],
        ["export", "prov"],
        ["export", "prov", "key", "--source", "x"],
        ["export", "prov", "key", "--format", "parquet", "--output", "x"],
        ["export", "trace", "key"],
        ["forget", "--source", "x"],
        ["forget"],
        ["up", "--way", "teleport"],
    ],
)
def test_wrong_usage_is_exit_code_2(arguments: list[str]) -> None:
    done = run(*arguments)
    assert done.exit_code == 2, done.output
    assert done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        [*NOWHERE, "sources"],
        [*NOWHERE, "segment"],
        [*NOWHERE, "ingest", "x"],
        [*NOWHERE, "up"],
        ["--config", "absent.toml", "sources"],
        ["--set", "no_such_setting=1", "sources"],
        ["--set", "batch_rows=many", "sources"],
        ["query", "no/such/query", "--cypher"],
    ],
)
def test_our_errors_are_one_line_and_exit_code_1(arguments: list[str]) -> None:
    done = spawn(*arguments)
    assert done.returncode == 1, done.stderr
    assert done.stdout == ""
    assert done.stderr.startswith("error: ")
    assert done.stderr.count("\n") == 1


def test_without_a_server_the_advice_is_to_start_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lineage.server.endpoint", lambda: None)
    done = run("sources")
    assert done.exit_code == 1
    assert "lineage up" in done.stderr


def test_errors_cannot_disturb_the_terminal() -> None:
    done = run("query", "\x1b]0;owned\x07\nsecond line", "--cypher")
    assert done.exit_code == 1
    assert "\x1b" not in done.stderr
    assert done.stderr.count("\n") == 1


def test_verbose_logs_where_it_failed() -> None:
    assert "Traceback" not in spawn(*NOWHERE, "sources").stderr
    assert "Traceback" in spawn("-v", *NOWHERE, "sources").stderr


def test_help_of_ingest_names_every_reader() -> None:
    from lineage.readers import reader_names

    told = " ".join(run("ingest", "--help").output.split())
    assert f"({', '.join(reader_names())})" in told


def test_export_says_what_it_takes() -> None:
    told = " ".join(run("export", "--help").output.split())
    assert "Only this pipeline; for graphlets." in told
    done = run("export", "graphlets", "--source", "s")
    assert (done.exit_code, "takes no --source, but --pipeline" in done.output) == (2, True)


def test_version() -> None:
    done = spawn("--version")
    assert done.returncode == 0
    assert done.stdout.startswith("lineage 0.")


def test_ctrl_c_says_what_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: Given) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Given, "connect", interrupted)
    done = run("segment")
    assert done.exit_code == 130
    assert done.stderr == cli.INTERRUPTED + "\n"


def test_a_file_that_cannot_be_written_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_: Given) -> None:
        raise PermissionError(13, "Permission denied", "/some/file")

    monkeypatch.setattr(Given, "connect", refused)
    done = run("segment")
    assert (done.exit_code, done.stderr) == (1, "error: /some/file: Permission denied\n")


def test_a_reader_that_has_enough_is_no_error() -> None:
    command = [sys.executable, "-c", "from lineage.cli import main; main()", "query", "--list"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 141


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
@pytest.mark.parametrize(
    "arguments", [["query", "--list"], ["query", "sources", "--cypher"], ["--version"], ["--help"]]
)
def test_output_that_cannot_be_written_is_one_line(arguments: list[str]) -> None:
    command = [sys.executable, "-c", "from lineage.cli import main; main()", *arguments]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("error: ")
    assert done.stderr.endswith("No space left on device\n")
    assert done.stderr.count("\n") == 1


def test_an_error_of_the_system_without_a_file_is_one_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def reset(_: Given) -> None:
        raise ConnectionResetError(104, "Connection reset by peer")

    monkeypatch.setattr(Given, "connect", reset)
    done = run("segment")
    assert (done.exit_code, done.stderr) == (1, "error: Connection reset by peer\n")


class Service:
    """Stands in for a connected service."""

    def __init__(self) -> None:
        self.asked: dict[str, Any] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def query(self, _: str, **parameters: Any) -> list[Any]:
        self.asked = parameters
        return []

    def ingest(self, location: str, **_: Any) -> Ingested:
        if "bad" in location:
            raise ReadError("cannot be read")
        facts: dict[str, Any] = {"read": {}, "written": 1, "set_aside": [], "seconds": 0}
        return Ingested(source=location, reader="trace", format="", cursor=None, **facts)


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Service:
    service = Service()
    monkeypatch.setattr(Given, "connect", lambda _: service)
    return service


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("123", "123"),
        ("true", "true"),
        ("[1]", "[1]"),
        ("null", None),
        ('"null"', "null"),
        ("x y", "x y"),
    ],
)
def test_a_parameter_that_is_text_stays_text(served: Service, text: str, value: Any) -> None:
    assert run("query", "show/run", "-p", f"key={text}", "-p", "limit=5").exit_code == 0
    assert served.asked == {"key": value, "limit": 5}


@pytest.mark.usefixtures("served")
def test_what_was_loaded_before_an_error_is_told() -> None:
    done = run("ingest", "--json", "good", "bad", "never")
    assert (done.exit_code, done.stderr) == (1, "error: cannot be read\n")
    assert [loaded["source"] for loaded in json.loads(done.stdout)] == ["good"]


@pytest.mark.usefixtures("served")
def test_progress_shows_no_password(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []

    @contextmanager
    def counting(what: str, **_: Any) -> Iterator[None]:
        told.append(what)
        yield

    monkeypatch.setattr("lineage.cli.output.counting", counting)
    run("ingest", "mysql://u:s3cret@host/db")
    assert told == ["loading mysql://host/db"]


def test_status_of_a_server_that_does_not_answer() -> None:
    done = run(*NOWHERE, "status")
    assert done.exit_code == 1
    assert "127.0.0.1:1; it does not answer" in done.stdout
    done = run(*NOWHERE, "status", "--json")
    assert done.exit_code == 1
    found = json.loads(done.stdout)
    assert found["running"] is False
    assert found["problem"]


def test_queries_are_listed_with_their_headers() -> None:
    done = run("query", "--list")
    assert done.exit_code == 0
    assert "forget/sources  The sources that were loaded." in done.output
    assert "returns source: STRING" in done.output
    listed = json.loads(run("query", "--list", "--json").output)
    assert {"name", "title", "parameters", "columns", "text"} <= set(listed[0])


def test_a_query_is_printed_for_the_browser() -> None:
    done = run("query", "segment/cut", "--cypher")
    assert done.output.startswith(":param pipeline => null\n:param rows => 100\n:auto\nMATCH ")
    assert done.output.endswith(";\n")


def test_status_and_doctor_show_no_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEO4J_PASSWORD", "s3cret")
    monkeypatch.setenv("NEO4J_URI", "bolt://someone:s3cret@127.0.0.1:1")
    for arguments in (["status"], ["status", "--json"], ["doctor"], ["doctor", "--json"]):
        done = run(*arguments)
        assert "127.0.0.1:1" in done.output
        assert "s3cret" not in done.output + done.stderr, arguments


def test_doctor_tells_which_setting_won(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    (tmp_path / "lineage.toml").write_text('cost_unit = "h"\nbatch_rows = 10\nhorizon_days = 2.0\n')
    monkeypatch.setenv("LINEAGE_BATCH_ROWS", "20")
    monkeypatch.setenv("LINEAGE_HORIZON_DAYS", "3")
    found = json.loads(run(*NOWHERE, "--set", "horizon_days=4", "doctor", "--json").output)
    won = {row["name"]: (row["value"], row["from"]) for row in found["settings"]}
    assert won["cost_unit"] == ("h", str(tmp_path / "lineage.toml"))
    assert won["batch_rows"] == (20, "LINEAGE_BATCH_ROWS")
    assert won["horizon_days"] == (4.0, "flag")
    assert won["cost_property"] == (None, "default")


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ('operator_rules = [{ pattern = "*", class = "trainer" }]', "no class 'trainer'"),
        ('dataset_rules = [{ pattern = "s3://a/*" }]', "a pattern and a name"),
        ('reuse_rules = [{ pattern = "*", odd = "x" }]', "odd"),
    ],
)
def test_doctor_reads_the_rules(tmp_path: Path, rule: str, said: str) -> None:
    (tmp_path / "lineage.toml").write_text(rule)
    done = run(*NOWHERE, "doctor", "--json")
    (check,) = [one for one in json.loads(done.output)["checks"] if one["name"] == "rules"]
    assert (done.exit_code, check["ok"]) == (1, False)
    assert said in check["detail"]


@pytest.mark.parametrize("text", ["a,b", '["a", "b"]', "a, b"])
def test_lists_behind_set_are_json_or_names_between_commas(text: str) -> None:
    found = run(*NOWHERE, "--set", f"apart={text}", "doctor", "--json").output
    won = {row["name"]: row["value"] for row in json.loads(found)["settings"]}
    assert won["apart"] == ["a", "b"]


def test_doctor_fails_when_the_graph_cannot_be_reached() -> None:
    done = run(*NOWHERE, "doctor", "--json")
    assert done.exit_code == 1
    assert "problem" in json.loads(done.output)["graph"]


def test_every_error_of_ours_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(_: Given) -> None:
        raise LineageError("first\nsecond \x9b31m")

    monkeypatch.setattr(Given, "connect", failing)
    assert run("segment").stderr == "error: first second \\x9b31m\n"


def test_commands_do_without_data_frames_and_leave_them_usable() -> None:
    code = (
        "import sys; from lineage.cli.app import service; service(); "
        "print([n for n in ('pandas', 'numpy', 'pyarrow') if n in sys.modules]); import numpy"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
