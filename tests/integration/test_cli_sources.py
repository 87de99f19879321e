"""What the pages about sources say is what happens.

`LINEAGE_UPDATE_DOCS=1` writes what commands print into the pages anew, but for what they elide.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support.matrix_writers import WRITERS
from support.pages import BLOCK, check_page, commands

from lineage import Settings

if TYPE_CHECKING:
    from lineage import Lineage
    from lineage.server import Endpoint

DOCS = Path(__file__).parents[2] / "docs"
PAGES = sorted((DOCS / "sources").glob("*.md"))
EVERY = [DOCS / "sources.md", *PAGES]
SOURCE_OF = {"receiver": "openlineage"}


def test_every_reader_has_its_page() -> None:
    from lineage.readers import reader_names

    assert {page.stem for page in PAGES} == {*reader_names(), "receiver"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_commands_print_what_the_page_says(
    page: Path, lin: Lineage, endpoint: Endpoint, tmp_path: Path
) -> None:
    assert lin.sources() == []
    WRITERS[SOURCE_OF.get(page.stem, page.stem)](tmp_path)
    check_page(page, tmp_path, endpoint, "tests/integration/test_cli_sources.py")


@pytest.mark.parametrize("page", EVERY, ids=lambda page: page.stem)
def test_the_settings_on_the_pages_are_understood(page: Path, tmp_path: Path) -> None:
    for text in re.findall(r"```toml\n(.*?)```", page.read_text(), re.DOTALL):
        file = tmp_path / "lineage.toml"
        file.write_text(text)
        assert Settings.load(file).naming()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_what_is_printed_fits_eighty_columns(page: Path) -> None:
    wide = [
        line
        for block in BLOCK.findall(page.read_text())
        for command in commands(block)
        for line in command.output.splitlines()
        if len(line) > 80
    ]
    # The one line of counts is not wrapped: it is also what scripts read.
    assert [line for line in wide if not line.startswith(("  read ", "events are "))] == []
