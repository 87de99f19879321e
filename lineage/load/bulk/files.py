"""The files that Neo4j's importer reads."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv, types

from lineage.load.bulk.features import ARRAY_SEPARATOR

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

CHUNK = 1_000_000
_OPTIONS = csv.WriteOptions(quoting_style="needed", batch_size=16_384)
_BREAKS = (b"\n", b"\r")


class Files:
    """CSV files of nodes and relationships, each with a header of its own.

    Text is always quoted, so that empty text is told from none. The importer reads files in
    parallel only where no value has a line break: rows that have one go to files of their own.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._nodes: list[Path] = []
        self._relationships: dict[str, list[Path]] = {}
        self._broken: list[Path] = []
        self._made = 0
        self._lock = threading.Lock()

    def add_nodes(self, table: pa.Table) -> None:
        """Write nodes; columns are under the importer's headers."""
        broken = _with_breaks(table)
        if broken.any():
            self._add_broken(table.filter(pa.array(broken)), self._nodes)
            table = table.filter(pa.array(~broken))
        if table.num_rows:
            csv.write_csv(table, self._path("nodes", self._nodes), _OPTIONS)

    def set_relationships(self, what: str, table: pa.Table) -> None:
        """Write relationships in place of those that were written under that name."""
        paths = self._relationships.setdefault(what, [])
        for path in paths:
            path.unlink()
            if path in self._broken:
                self._broken.remove(path)
        paths.clear()
        for start in range(0, table.num_rows, CHUNK):
            part = table.slice(start, CHUNK)
            broken = _with_breaks(part)
            if broken.any():
                self._add_broken(part.filter(pa.array(broken)), paths)
                part = part.filter(pa.array(~broken))
            if part.num_rows:
                csv.write_csv(part, self._path(what, paths), _OPTIONS)

    def arguments(self, start: Path) -> list[str]:
        """What tells the importer of the files.

        Args:
            start: the folder that it runs in: it takes paths for regular expressions and commas
                for the end of one, so that no path may have the name of a user's folder in it.
        """

        def shown(path: Path) -> str:
            return os.path.relpath(path, start)

        made = [f"--nodes={shown(path)}" for path in self._nodes]
        for paths in self._relationships.values():
            made += [f"--relationships={shown(path)}" for path in paths]
        if self._broken:
            made += ["--multiline-fields-format=v2"]
            made += ["--multiline-fields=" + ",".join(map(shown, self._broken))]
        return [
            *made,
            "--id-type=actual",
            "--bad-tolerance=0",
            f"--array-delimiter=U+{ord(ARRAY_SEPARATOR):04X}",
        ]

    def remove(self) -> None:
        """Take the files away."""
        for paths in (self._nodes, *self._relationships.values()):
            for path in paths:
                path.unlink(missing_ok=True)

    def _add_broken(self, table: pa.Table, paths: list[Path]) -> None:
        path = self._path("broken", paths)
        csv.write_csv(table, path, _OPTIONS)
        with self._lock:
            self._broken.append(path)

    def _path(self, what: str, paths: list[Path]) -> Path:
        with self._lock:
            path = self._folder / f"{what}-{self._made}.csv"
            self._made += 1
            paths.append(path)
        return path


def _with_breaks(table: pa.Table) -> NDArray[np.bool_]:
    """Which rows have text with a line break."""
    found = np.zeros(table.num_rows, np.bool_)
    for column in table.columns:
        if types.is_string(column.type) and any(map(_has_break, column.chunks)):
            rows = pc.match_substring_regex(column, "[\n\r]").fill_null(fill_value=False)
            found |= np.asarray(rows)
    return found


def _has_break(chunk: pa.StringArray) -> bool:
    """Whether there may be one: a look at all bytes is quicker than one at each row."""
    data = chunk.buffers()[2]
    if data is None:
        return False
    content = data.to_pybytes()
    return any(one in content for one in _BREAKS)
