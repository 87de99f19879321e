"""The order of the pages; those that are named nowhere here stand among the guides."""

from __future__ import annotations

from typing import Any

_START = {"Start": "index.md", "Tutorial": "tutorial.md", "Notebook": "notebook.md"}
_SOURCES = ["sources.md", "sources/mlmd.md", "sources/openlineage.md", "sources/receiver.md",
            "sources/mlflow.md", "sources/prov.md", "sources/trace.md"]  # fmt: skip
_GUIDES = ["browser.md", "reuse.md", "waste.md", "py2neo.md"]
_LAST = {"Limits": "limits.md", "Changes": "changelog.md", "Contributing": "contributing.md"}
_REFERENCE = {"What the figures mean": "report.md", "The graph": "model.md",
              "Commands": "commands.md", "Settings": "settings.md"}  # fmt: skip


def of(pages: list[str]) -> list[Any]:
    """What stands at the side of each page.

    Args:
        pages: all that there are.
    """
    queries = [page for page in pages if page.startswith("queries/")]
    api = [page for page in pages if page.startswith("api/")]
    placed = {*_START.values(), *_SOURCES, *_LAST.values(), *_REFERENCE.values(), *queries, *api}
    sources = [page for page in pages if page.startswith("sources/") and page not in placed]
    guides = [*_GUIDES, *(page for page in pages if page not in {*placed, *sources, *_GUIDES})]
    return [
        *({title: page} for title, page in _START.items()),
        {"Sources": [*_SOURCES, *sources]},
        {"Guides": guides},
        {
            "Reference": [
                *({title: page} for title, page in _REFERENCE.items()),
                {"Queries": queries},
                {"Python": api},
            ]
        },
        *({title: page} for title, page in _LAST.items()),
    ]
