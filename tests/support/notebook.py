"""Runs a notebook in a kernel of its own, and writes what its cells gave.

`python -m support.notebook FROM TO` is a process of its own: Jupyter's event loop and its sockets
are none of a test's business.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

PATIENCE = 300


def run(source: Path, target: Path, folder: Path) -> None:
    """Run every cell; the first that fails ends it.

    Args:
        source: the notebook.
        target: where it is written with its outputs.
        folder: in which it runs.
    """
    import nbformat
    from nbclient import NotebookClient

    notebook: Any = nbformat.read(source, as_version=4)
    client = NotebookClient(
        notebook, timeout=PATIENCE, resources={"metadata": {"path": str(folder)}}
    )
    client.execute()
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        for output in cell.get("outputs", []):
            output.get("metadata", {}).clear()
    nbformat.write(notebook, target)


if __name__ == "__main__":
    run(Path(sys.argv[1]), Path(sys.argv[2]), Path.cwd())
