"""Notebooks as pages: their text, their code, and what it gave."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

_COLOR = re.compile(r"\x1b\[[0-9;]*m")


def named(path: Path) -> str:
    """What the site calls a notebook: `lineage.ipynb` is `notebook.md`; nothing for all else."""
    if path.suffix != ".ipynb":
        return ""
    return "notebook.md" if path.stem == "lineage" else f"notebook-{path.stem}.md"


def page(notebook: dict[str, Any]) -> str:
    """One notebook as Markdown."""
    return "\n\n".join(part for cell in notebook["cells"] for part in _cell(cell) if part) + "\n"


def _cell(cell: dict[str, Any]) -> list[str]:
    source = "".join(cell["source"])
    if cell["cell_type"] != "code":
        return [source]
    return [f"```python\n{source}\n```", *(_output(one) for one in cell["outputs"])]


def _output(output: dict[str, Any]) -> str:
    data = output.get("data", {})
    drawn = data.get("image/svg+xml") or data.get("text/html")
    if drawn:
        # Blank lines would end the HTML block, and indented ones make code of it.
        lines = "".join(drawn).splitlines()
        return f'<div class="output">\n{_joined(lines)}\n</div>'
    text = "".join(data.get("text/plain", output.get("text", [])))
    return f"```text\n{_COLOR.sub('', text).rstrip()}\n```"


def _joined(lines: list[str]) -> str:
    if any("<pre" in line for line in lines):
        return "\n".join(line or "&#8203;" for line in lines)
    return "\n".join(line.strip() for line in lines if line.strip())
