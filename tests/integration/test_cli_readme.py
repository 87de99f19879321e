"""The Python in the README runs as it stands."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lineage.demo import store

if TYPE_CHECKING:
    from lineage import Lineage
    from lineage.server import Endpoint

README = Path(__file__).parents[2] / "README.md"
SNIPPETS = re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)
SETTINGS = re.findall(r"```toml\n(.*?)```", README.read_text(), re.DOTALL)


def test_there_is_something_to_run() -> None:
    assert SNIPPETS
    assert SETTINGS


@pytest.mark.parametrize("snippet", SNIPPETS)
def test_the_python_of_the_readme_runs(
    snippet: str,
    lin: Lineage,
    endpoint: Endpoint,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copy(store(), tmp_path / "metadata.sqlite")
    monkeypatch.setenv("NEO4J_URI", endpoint.uri)
    monkeypatch.setenv("NEO4J_USERNAME", endpoint.username)
    monkeypatch.setenv("NEO4J_PASSWORD", endpoint.password)
    exec(compile(snippet, str(README), "exec"), {})
    assert "graphlets" in capsys.readouterr().out


@pytest.mark.parametrize("text", SETTINGS)
def test_the_settings_of_the_readme_are_understood(text: str, tmp_path: Path) -> None:
    from lineage import Settings

    file = tmp_path / "lineage.toml"
    file.write_text(text)
    assert Settings.load(file).naming()
