"""What was computed again: how long finding it takes, whether it is right, how fast advice is."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
from bench.measure import GIB
from bench.results import Figure

from lineage import redundancy
from lineage.recipes import plain_properties

if TYPE_CHECKING:
    from bench.product import Corpus

    from lineage import Lineage

ASKED = 2_000
SAMPLE = """
MATCH (e:Execution)
WHERE e.signature IS NOT NULL AND rand() < $share
RETURN e {.*} AS e, COLLECT {
  MATCH (a)-[r:INPUT]->(e)
  RETURN [r.role, a.key] ORDER BY r.role, r.index
} AS inputs
LIMIT $count
"""
LINKS = """
MATCH (e)-[link:REPEATS|CONCURRENT]->(o)
RETURN o.source_id AS original, e.source_id AS execution, type(link) = 'CONCURRENT' AS concurrent
"""
COUNT = "MATCH (e:Execution) WHERE e.signature IS NOT NULL RETURN count(*) AS count"


def close(corpus: Corpus) -> list[Figure]:
    """Compare all executions anew, and hold it against what the simulator planted; then advise."""
    with corpus.server.connected() as lin:
        with corpus.server.memory().watched() as memory:
            done = redundancy.close(lin.graph, lin.settings, full=True)
        count = lin.graph.run_text(COUNT)[0]["count"]
        links = lin.graph.run_text(LINKS)
        found = {(row["original"], row["execution"], row["concurrent"]) for row in links}
        advised = _advice(lin, count)
    planted = _planted(corpus)
    both = len(found & planted)
    note = f"{done.repeats:,} repeats among {count:,} executions that could be compared"
    right = f"recall {both / len(planted):.4f}, precision {both / len(found):.4f}"
    return [
        Figure(name="redundancy, all compared", value=done.seconds, note=note),
        Figure(
            name="redundancy, missed or too many",
            value=len(found ^ planted),
            unit="repeats",
            note=right,
        ),
        Figure(name="memory, redundancy", value=memory.total / GIB, unit="GiB"),
        *advised,
    ]


def _planted(corpus: Corpus) -> set[tuple[str, str, bool]]:
    rows = pq.read_table(corpus.folder / "truth" / "redundant.parquet").to_pylist()
    return {(row["original"], row["execution"], row["concurrent"]) for row in rows}


def _advice(lin: Lineage, count: int) -> list[Figure]:
    """Ask about executions that are there, as if each was about to begin."""
    share = min(1.0, 3 * ASKED / max(count, 1))
    rows = lin.graph.run_text(SAMPLE, share=share, count=ASKED)
    taken = sorted(_ask(lin, row) for row in rows)
    at = taken[int(len(taken) * 0.99)]
    note = f"of {len(taken):,} questions; median {taken[len(taken) // 2] * 1000:.1f} ms"
    return [Figure(name="advice, 99th percentile", value=at, note=note)]


def _ask(lin: Lineage, row: dict[str, Any]) -> float:
    inputs: dict[str, list[str]] = {}
    for role, key in row["inputs"]:
        inputs.setdefault(role, []).append(key)
    execution = row["e"]
    began = perf_counter()
    advice = lin.advise(
        execution["type"], execution.get("code_version"), plain_properties(execution), inputs
    )
    took = perf_counter() - began
    if not advice.known:
        raise AssertionError(f"{execution['key']} is not known: {advice.why}")
    return took
