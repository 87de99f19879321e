"""The notebook runs in Jupyter as it stands, and shows what its cells really give.

`LINEAGE_UPDATE_DOCS=1` writes their outputs into it anew.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from lineage import Lineage
    from lineage.server import Endpoint

ROOT = Path(__file__).parents[2]
NOTEBOOK = ROOT / "docs" / "notebook" / "lineage.ipynb"


def given(path: Path) -> list[Any]:
    """What the cells of a notebook gave.

    Styles and lines of spaces differ between versions, where the marks of a plot stand between
    machines, by their fonts; what a plot shows is told in its label.
    """
    cells = json.loads(path.read_text())["cells"]
    found: list[Any] = []
    for cell in cells:
        for output in cell.get("outputs", []):
            data = output.get("data", {"text/plain": output.get("text", [])})
            shown = data.get("image/svg+xml") or data.get("text/html") or data["text/plain"]
            text = re.sub(r"<style.*?</style>", "", "".join(shown), flags=re.DOTALL)
            text = re.sub(r'(<svg role="img" aria-label="[^"]*").*?</svg>', r"\1>", text)
            found.append("\n".join(line.strip() for line in text.splitlines() if line.strip()))
    return found


def test_the_notebook_gives_what_it_shows(lin: Lineage, endpoint: Endpoint, tmp_path: Path) -> None:
    for library in ("nbclient", "ipykernel", "polars", "pandas"):
        pytest.importorskip(library, reason=f"the notebook is run with {library}")
    assert lin.sources() == []
    ran = tmp_path / "ran.ipynb"
    environment = os.environ | {
        "NEO4J_URI": endpoint.uri,
        "NEO4J_USERNAME": endpoint.username,
        "NEO4J_PASSWORD": endpoint.password,
        "NEO4J_DATABASE": endpoint.database or "",
        "IPYTHONDIR": str(tmp_path),
        "JUPYTER_CONFIG_DIR": str(tmp_path),
        "JUPYTER_RUNTIME_DIR": str(tmp_path),
        "PYTHONPATH": os.pathsep.join([str(ROOT / "tests"), *filter(None, sys.path)]),
    }
    done = subprocess.run(
        [sys.executable, "-m", "support.notebook", str(NOTEBOOK), str(ran)],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    if os.environ.get("LINEAGE_UPDATE_DOCS"):
        shutil.copy(ran, NOTEBOOK)
        return
    assert given(ran) == given(NOTEBOOK), (
        "write it anew: LINEAGE_UPDATE_DOCS=1 pytest tests/integration/test_notebook.py"
    )
