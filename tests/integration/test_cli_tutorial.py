"""What the tutorial says is what happens.

`LINEAGE_UPDATE_DOCS=1` writes what commands print into it anew, but for what it elides.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from support.pages import check, shell

from lineage.demo import store

if TYPE_CHECKING:
    from lineage import Lineage
    from lineage.server import Endpoint

TUTORIAL = Path(__file__).parents[2] / "docs" / "tutorial.md"


def test_the_commands_print_what_the_tutorial_says(
    lin: Lineage, endpoint: Endpoint, tmp_path: Path
) -> None:
    assert lin.sources() == []
    shutil.copy(store(), tmp_path / "metadata.sqlite")
    environment = {
        "NEO4J_URI": endpoint.uri,
        "NEO4J_USERNAME": endpoint.username,
        "NEO4J_PASSWORD": endpoint.password,
        "NEO4J_DATABASE": endpoint.database or "",
    }
    text, update = TUTORIAL.read_text(), bool(os.environ.get("LINEAGE_UPDATE_DOCS"))
    with shell(tmp_path, environment) as inside:
        real = check(text, inside, update=update)
    if update:
        TUTORIAL.write_text(real)
    else:
        assert real == text, (
            "write it anew: LINEAGE_UPDATE_DOCS=1 pytest tests/integration/test_cli_tutorial.py"
        )
