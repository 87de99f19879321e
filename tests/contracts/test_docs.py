"""What the documentation says is what the code does.

`LINEAGE_UPDATE_DOCS=1 pytest tests/contracts/test_docs.py` writes the generated tables anew.
"""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import typer.main  # noqa: TID251
from bench import results
from support.matrix_writers import WRITERS

from lineage.cli.app import app
from lineage.cli.commands import register
from lineage.schema import SCHEMA
from lineage.settings import Settings, environment_name
from lineage_ingest import capabilities

register()
ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
GRAPH = ROOT / "cypher" / "README.md"
SOURCES = ROOT / "docs" / "sources.md"
PAGES = [
    README,
    GRAPH,
    ROOT / "CONTRIBUTING.md",
    ROOT / "CHANGELOG.md",
    *sorted((ROOT / "docs").rglob("*.md")),
]
GROUP: Any = typer.main.get_command(app)
MOST_LINES = 270


def settings_table() -> str:
    lines = ["| setting | environment | default | says |", "| --- | --- | --- | --- |"]
    for name, field in Settings.model_fields.items():
        default = field.get_default()
        if isinstance(default, tuple):
            default = ", ".join(default)
        shown = f"`{default}`" if default not in (None, "") else ""
        said = (field.description or "").replace("|", "\\|")
        lines.append(f"| `{name}` | `{environment_name(name)}` | {shown} | {said} |")
    return "\n".join(lines)


def commands_table() -> str:
    lines = ["| command | does |", "| --- | --- |"]
    lines += [
        f"| `lineage {name}` | {GROUP.commands[name].help.splitlines()[0]} |"
        for name in GROUP.commands
    ]
    return "\n".join(lines)


TABLES = {
    "schema": (GRAPH, SCHEMA.markdown),
    "commands": (README, commands_table),
    "settings": (ROOT / "docs" / "settings.md", settings_table),
    "speed": (README, results.table),
    "capabilities": (SOURCES, capabilities.markdown),
}


@pytest.mark.parametrize("name", TABLES)
def test_pages_hold_the_generated_tables(name: str) -> None:
    page, table = TABLES[name]
    text = page.read_text()
    pattern = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
    wanted = pattern.sub(lambda m: f"{m[1]}{table()}\n{m[2]}", text)
    if os.environ.get("LINEAGE_UPDATE_DOCS"):
        page.write_text(wanted)
        return
    assert pattern.search(text)
    assert text == wanted, (
        "write it anew: LINEAGE_UPDATE_DOCS=1 pytest tests/contracts/test_docs.py"
    )


def test_the_readme_stays_readable() -> None:
    assert len(README.read_text().splitlines()) < MOST_LINES


def test_every_setting_says_what_it_is() -> None:
    assert all(field.description for field in Settings.model_fields.values())


def shell_lines() -> list[str]:
    found = []
    for page in PAGES:
        for block in re.findall(r"```(?:console|sh)\n(.*?)```", page.read_text(), re.DOTALL):
            joined = block.replace("\\\n", " ")
            lines = (line.removeprefix("$ ") for line in joined.splitlines())
            found += [line.split(" | ")[0] for line in lines if line.startswith("lineage ")]
    return found


@pytest.mark.parametrize("line", shell_lines())
def test_commands_in_the_documentation_exist(line: str) -> None:
    _, name, *rest = shlex.split(line, comments=True)
    command = GROUP.commands[name]
    options = {option for parameter in command.params for option in parameter.opts} | {"--help"}
    used = {word.partition("=")[0] for word in rest if word.startswith("-") and word != "-"}
    assert used <= options


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_and_named_files_exist(page: Path) -> None:
    text = page.read_text()
    links = re.findall(r"\]\((?!https?:)([^)#]+)", text)
    named = re.findall(r"`((?:tests|docker|cypher|ingest|lineage|\.ci)/[\w./-]+)`", text)
    assert [path for path in links if not (page.parent / path).exists()] == []
    assert [path for path in named if not (ROOT / path).exists()] == []


@pytest.mark.parametrize(
    ("source", "name"),
    [("openlineage", "taxi.jsonl"), ("prov", "taxi.json"), ("trace", "taxi.trace.jsonl")],
)
def test_the_examples_are_what_the_pages_show(source: str, name: str, tmp_path: Path) -> None:
    WRITERS[source](tmp_path)
    wanted, shipped = (tmp_path / name).read_text(), ROOT / "docs" / "examples" / name
    if os.environ.get("LINEAGE_UPDATE_DOCS"):
        shipped.write_text(wanted)
        return
    assert shipped.read_text() == wanted


def test_queries_that_the_readme_names_exist() -> None:
    from lineage import queries

    for name in re.findall(r"lineage query ([a-z_/]+)", README.read_text()):
        assert queries.load(name)


def test_the_changelog_has_this_version() -> None:
    from lineage import __version__

    assert f"## {__version__}" in (ROOT / "CHANGELOG.md").read_text()
