"""ML Metadata's own lineage call, through the real client, on a store that it wrote itself.

What it answers is something else. It walks up and down and ends at other trainers, as rules 2 and 3
do; but it cannot leave aside side inputs, ingestions and spans on the way down, schemas or cached
executions, it gives no roles, and what analysed the data (rule 4) it finds only when walking both
ways, together with everything else that the data touched. So there is no comparing of members.
"""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

from bench.trace import sql
from mlmd import setup_venv

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

CLIENT = "mlmd_client.py"
SECONDS = 1_800


def ask(
    db: duckdb.DuckDBPyConnection, folder: Path, scratch: Path, pipelines: int, trainers: int
) -> dict[str, Any]:
    """Write the first pipelines of a trace, and ask for the lineage of some of their trainers.

    Returns:
        what `mlmd_client.py` prints.

    Raises:
        RuntimeError: the client cannot be installed here, or fails.
    """
    if not setup_venv.ready():
        setup_venv.make()
    file = scratch / "part.json"
    file.write_text(json.dumps(part(db, folder, pipelines, trainers)), encoding="utf-8")
    store = scratch / "part.sqlite"
    store.unlink(missing_ok=True)
    client = setup_venv.HERE.parent / "bench" / CLIENT
    done = subprocess.run(
        [setup_venv.PYTHON, client, file, store],
        capture_output=True, text=True, check=False, timeout=SECONDS,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError((done.stderr.strip() or "no reason given").splitlines()[-1])
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def part(
    db: duckdb.DuckDBPyConnection, folder: Path, pipelines: int, trainers: int
) -> dict[str, Any]:
    """The first pipelines of a trace as lists, with some of their trainers to ask for.

    Args:
        db: the tables of the trace.
        folder: its Parquet files.
        pipelines: how many pipelines.
        trainers: how many trainers at most, evenly spread.
    """
    files = {
        f"{name}_file": str(folder / f"{name}.parquet")
        for name in ("pipelines", "memberships", "executions")
    }
    executions = db.execute(sql("part"), {"pipelines": pipelines, **files}).fetchall()
    events = db.execute(
        "SELECT execution, artifact, event, coalesce(role, '') FROM read_parquet($file) "
        "WHERE execution IN (SELECT unnest($executions)) AND event <> 'PENDING_OUTPUT'",
        {
            "file": str(folder / "events.parquet"),
            "executions": [native for native, _, _ in executions],
        },
    ).fetchall()
    artifacts = db.execute(
        "SELECT id, type FROM read_parquet($file) WHERE id IN (SELECT unnest($artifacts))",
        {
            "file": str(folder / "artifacts.parquet"),
            "artifacts": sorted({artifact for _, artifact, _, _ in events}),
        },
    ).fetchall()
    known = {native for native, _ in artifacts}
    anchors = [native for native, _, trainer in executions if trainer]
    return {
        "executions": [(native, kind) for native, kind, _ in executions],
        "artifacts": artifacts,
        "events": [event for event in events if event[1] in known],
        "trainers": anchors[:: max(1, len(anchors) // trainers)],
        "trainer_types": sorted({kind for _, kind, trainer in executions if trainer}),
    }
