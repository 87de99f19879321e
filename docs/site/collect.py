"""The pages that people wrote: those of `docs/`, and the README with its like."""

from __future__ import annotations

import json
import posixpath
import re
from typing import TYPE_CHECKING

from docs.site import notebook

if TYPE_CHECKING:
    from pathlib import Path

ELSEWHERE = {"README.md": "index.md", "CONTRIBUTING.md": "contributing.md",
             "CHANGELOG.md": "changelog.md"}  # fmt: skip
"""Pages that are not in `docs/`, and what the site calls them."""
IMAGES = "images/"
"""Folder of `docs/` that the site has as it is."""
INSTEAD = {
    "cypher/README.md": "model.md",
    "cypher": "queries/index.md",
    "lineage/interop.py": "api/interop.md",
    "lineage/api.py": "api/lineage.md",
}
"""Files of the checkout that a page of the site says more of."""
_LINK = re.compile(r"(\]\()(?!https?:|mailto:|#)([^)\s#]+)(#[^)\s]*)?\)")


class BrokenLinkError(ValueError):
    """A page links to a file that the site does not have."""


def pages(root: Path) -> dict[str, str]:
    """Every page, and every example, by its path in the site; links made to fit.

    Args:
        root: of the checkout.

    Raises:
        BrokenLinkError: a page links to what the site does not have.
    """
    names = _names(root)
    made = {}
    for file, name in names.items():
        if name.startswith(IMAGES):
            continue
        text = _text(root / file)
        made[name] = _linked(text, file, name, names | INSTEAD) if name.endswith(".md") else text
    return made


def _names(root: Path) -> dict[str, str]:
    """What the site calls each file."""
    docs = root / "docs"
    files = [
        path
        for pattern in ("**/*.md", "examples/*", "notebook/*.ipynb", f"{IMAGES}*")
        for path in sorted(docs.glob(pattern))
        if path.is_file() and path.parent.name != "site"
    ]
    return ELSEWHERE | {
        path.relative_to(root).as_posix(): notebook.named(path) or path.relative_to(docs).as_posix()
        for path in files
    }


def _text(path: Path) -> str:
    text = path.read_text(encoding="utf-8")
    return notebook.page(json.loads(text)) if path.suffix == ".ipynb" else text


def _linked(text: str, file: str, name: str, names: dict[str, str]) -> str:
    """The text of a page, with links to other pages as the site has them."""

    def link(found: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join(posixpath.dirname(file), found[2]))
        if target not in names:
            raise BrokenLinkError(f"{file} links to {found[2]}, which the site does not have")
        place = posixpath.relpath(names[target], posixpath.dirname(name) or ".")
        return f"{found[1]}{place}{found[3] or ''})"

    return _LINK.sub(link, text)
