"""A trace as plain tables of integers: what every peer starts from.

DuckDB reads the Parquet files and the rules of `lineage.naming` class what is in them, so all peers
answer the same question about the same graph. Executions and artifacts share one row of dense
numbers, in the order of the trace, executions first.

The tables, in a DuckDB of their own:

- `execution(id INTEGER, native VARCHAR, operator VARCHAR, cached BOOLEAN)`
- `artifact(id INTEGER, native VARCHAR, class VARCHAR)`
- `reads(execution INTEGER, artifact INTEGER)` and `writes(execution INTEGER, artifact INTEGER)`:
  what the rules follow, each pair once.
"""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa

from lineage.naming import REFERENCE_ROLES, Naming
from lineage.records import ArtifactClass, OperatorClass

if TYPE_CHECKING:
    from collections.abc import Iterator

THREADS = 2
_SQL = Path(__file__).parent / "sql"


def sql(name: str) -> str:
    """The text of a file of SQL."""
    return (_SQL / f"{name}.sql").read_text(encoding="utf-8")


@contextmanager
def opened(
    folder: Path, memory_mb: int = 8192, scratch: Path | None = None
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A DuckDB in memory that holds the tables of a trace.

    Args:
        folder: of the Parquet files.
        memory_mb: what DuckDB may use.
        scratch: where it may spill what does not fit; by default beside the trace.
    """
    config = {
        "threads": THREADS,
        "memory_limit": f"{memory_mb}MB",
        "temp_directory": str(scratch or folder.parent / "duckdb-scratch"),
        "preserve_insertion_order": False,
    }
    with duckdb.connect(config=config) as db:
        db.register("operator_of", _operators(db, folder))
        db.register("class_of", _classes(db, folder))
        for statement in db.extract_statements(sql("load")):
            names = {name: _given(name, folder) for name in statement.named_parameters}
            db.execute(statement, names)
        db.unregister("operator_of")
        db.unregister("class_of")
        yield db


def _given(name: str, folder: Path) -> object:
    return sorted(REFERENCE_ROLES) if name == "roles" else str(folder / f"{name}.parquet")


def _operators(db: duckdb.DuckDBPyConnection, folder: Path) -> pa.Table:
    """The class of each kind of execution."""
    kinds = db.execute(
        "SELECT DISTINCT type, node, base_type, operator FROM read_parquet($file)",
        {"file": str(folder / "executions.parquet")},
    ).fetchall()
    naming = Naming()
    rows = [
        (*kind, naming.operator(*kind[:3], OperatorClass(kind[3]) if kind[3] else None).value)
        for kind in kinds
    ]
    return _texts(("type", "node", "base_type", "operator", "found"), rows)


def _classes(db: duckdb.DuckDBPyConnection, folder: Path) -> pa.Table:
    """The class of each kind of artifact, and whether a transformation makes a transform of it."""
    kinds = db.execute(
        "SELECT DISTINCT type, base_type, artifact FROM read_parquet($file)",
        {"file": str(folder / "artifacts.parquet")},
    ).fetchall()
    naming = Naming()
    found = [
        naming.artifact(*kind[:2], ArtifactClass(kind[2]) if kind[2] else None) for kind in kinds
    ]
    rows = [(*kind, one.target.value) for kind, one in zip(kinds, found, strict=True)]
    table = _texts(("type", "base_type", "artifact", "found"), rows)
    return table.append_column("follows", pa.array([one.depends_on_producer for one in found]))


def _texts(names: tuple[str, ...], rows: list[tuple[str | None, ...]]) -> pa.Table:
    columns = [pa.array([row[at] for row in rows], pa.string()) for at in range(len(names))]
    return pa.table(columns, names=list(names))
