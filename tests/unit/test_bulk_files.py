"""The files that the importer reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from lineage.load.bulk.files import Files

if TYPE_CHECKING:
    from pathlib import Path


def test_relationships_that_are_written_again_take_no_other_files_name(tmp_path: Path) -> None:
    files = Files(tmp_path)
    broken = pa.table({"role:string": ["a\nb", "c"]})
    files.set_relationships("events", broken)
    files.add_nodes(pa.table({"name:string": ["of\na node", "plain"]}))
    files.set_relationships("events", broken)
    told = [one for one in files.arguments(tmp_path) if one.startswith(("--nodes", "--rel"))]
    paths = [one.partition("=")[2] for one in told]
    assert len(paths) == len(set(paths)) == 4
    assert all((tmp_path / path).exists() for path in paths)
    nodes = [path for one, path in zip(told, paths, strict=True) if one.startswith("--nodes")]
    assert "of\na node" in "".join((tmp_path / path).read_text() for path in nodes)
    files.remove()
    assert list(tmp_path.iterdir()) == []
