"""What the tutorial says is what happens.

`LINEAGE_UPDATE_DOCS=1` writes what commands print into it anew, but for what it elides.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from support.pages import check_page

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
    check_page(TUTORIAL, tmp_path, endpoint, "tests/integration/test_cli_tutorial.py")
