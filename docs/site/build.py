"""Gather the pages, then let MkDocs make HTML of them.

The pages are plain Markdown in one folder before the generator sees them, so that another generator
can take over: MkDocs is hardly kept, and the authors of its theme make another one.
"""

from __future__ import annotations

import logging
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from docs.site import collect, commands, figures, gaps, graph, nav, python_api, query_pages

ROOT = Path(__file__).parents[2]
CONFIG = Path(__file__).with_name("mkdocs.yml")
LIBRARIES = "mkdocs, mkdocs-material, mkdocstrings and mkdocstrings-python"


class MissingGeneratorError(Exception):
    """The libraries that build the site are not installed."""


class SiteError(Exception):
    """A page is wrong."""


def gather(folder: Path) -> list[str]:
    """Write every page of the site, as Markdown.

    Args:
        folder: where to; what is in it is replaced.

    Returns:
        The pages' paths in that folder, in the order in which they are to stand.
    """
    shutil.rmtree(folder, ignore_errors=True)
    made = collect.pages(ROOT)
    made["report.md"] = figures.fill(made["report.md"])
    made["limits.md"] = gaps.fill(made["limits.md"])
    made |= {"model.md": graph.page(), "commands.md": commands.page()}
    made |= query_pages.pages() | python_api.pages()
    for name, text in made.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    shutil.copytree(ROOT / "docs" / collect.IMAGES, folder / collect.IMAGES)
    for name in ("site.css", "favicon.svg"):
        shutil.copy(Path(__file__).with_name(name), folder / name)
    return [name for name in made if name.endswith(".md")]


def build(out: Path) -> int:
    """Build the site; every warning is an error.

    Args:
        out: where to; what is in it is replaced.

    Returns:
        How many pages it has.

    Raises:
        MissingGeneratorError: a library that builds it is not installed.
        SiteError: a page, a link in one, or a docstring is wrong.
    """
    try:
        import material  # noqa: F401
        import mkdocstrings  # noqa: F401
        from mkdocs.commands.build import build as make
        from mkdocs.config import load_config
        from mkdocs.exceptions import MkDocsException
    except ImportError as error:
        raise MissingGeneratorError(
            f"the site needs {LIBRARIES} ({error.name} is missing); "
            "run `make site`, which installs what it needs"
        ) from error
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s: %(message)s")
    with tempfile.TemporaryDirectory() as folder:
        pages = gather(Path(folder))
        given: dict[str, Any] = {
            "docs_dir": folder,
            "site_dir": os.fspath(out.absolute()),
            "nav": nav.of(pages),
            "strict": True,
        }
        try:
            make(load_config(os.fspath(CONFIG), **given))
        except (MkDocsException, SystemExit) as error:
            raise SiteError(str(error)) from error
    return len(pages)
