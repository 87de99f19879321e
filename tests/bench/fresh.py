"""One more run of a pipeline, as a trace of its own: what arrives on a usual day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.trace import sql

from lineage_ingest.trace_parquet_writer import ParquetTraceWriter

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

    from lineage import Lineage

# Who held what goes is cut anew, what came before it in its line is linked anew, and what was
# equivalent to it is compared anew.
TAKE_OUT = """
MATCH (n:Execution|Artifact|Run)
WHERE n.source = $source AND n.source_id ENDS WITH $mark
CALL (n) {
  MATCH (n)<-[:BOUNDARY|ANCESTOR|SPAN|DESCENDANT|ANALYSIS]-(:Graphlet)-[:ANCHOR]->(t)
  SET t:Uncut
}
CALL (n) {
  MATCH (n)<-[:ANCHOR]-(g:Graphlet)
  OPTIONAL MATCH (before)-[:NEXT]->(g)
  SET before:Unlinked
  DETACH DELETE g
}
CALL (n) {
  MATCH (n)-[:REPEATS|CONCURRENT]-(mate)
  SET mate:Undone
}
DETACH DELETE n
"""
TABLES = ("runs", "executions", "artifacts", "events", "memberships")


def write(
    db: duckdb.DuckDBPyConnection, folder: Path, out: Path, trainer: int, source: str, mark: str
) -> int:
    """Write a run like the one that a trainer was part of, an hour later, with outputs of its own.

    Args:
        db: the tables of the trace.
        folder: its Parquet files.
        out: the trace to make.
        trainer: its number.
        source: the source of the trace.
        mark: what the new ids end in.

    Returns:
        the number of executions of the run.
    """
    found = db.execute("SELECT native FROM execution WHERE id = $id", {"id": trainer}).fetchall()
    given = {name: str(folder / f"{name}.parquet") for name in TABLES}
    given |= {"trainer": found[0][0], "mark": mark}
    for statement in db.extract_statements(sql("fresh_run")):
        db.execute(statement, {name: given[name] for name in statement.named_parameters})
    with ParquetTraceWriter(out, source, simulated=True) as writer:
        for name in TABLES:
            writer.write_table(name, db.table(f"fresh_{name}").to_arrow_table())
    return int(db.table("fresh_executions").count("*").fetchall()[0][0])


def take_out(lin: Lineage, source: str, mark: str) -> None:
    """Leave nothing of a new run, as if it had never been loaded."""
    lin.graph.run_text(TAKE_OUT, source=source, mark=mark)
    lin.segment()
