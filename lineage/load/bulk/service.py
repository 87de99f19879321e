"""One bulk load, from looking at the server to the record that it leaves."""

from __future__ import annotations

import shutil
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import psutil

from lineage import schema, server
from lineage.errors import BulkError
from lineage.load.bulk.corpus import Corpus
from lineage.load.bulk.files import Files
from lineage.load.bulk.spool import spool
from lineage.load.loader import Loader
from lineage.load.service import Ingested, finish, recorded, rows_of, settle
from lineage.server import local

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lineage.graph import Graph
    from lineage.load.rows import Rows
    from lineage.readers import RecordSource
    from lineage.records import SetAside
    from lineage.server import ServerHome
    from lineage.settings import Settings
    from lineage_ingest.trace_parquet import ParquetTrace

    Steps: TypeAlias = Callable[[str, int, int], None]

MIB = 1 << 20
MOST_HEAP = 3_072
MOST_OFF_HEAP = 6_144
NODE_BYTES = 1_500
"""Disk that a node takes: its line, its record and its place in indexes; measured with features."""
EDGE_BYTES = 250
SPARE_BYTES = 1 << 30
_ORDER = ("pipeline", "run", "context", "execution", "artifact", "event", "membership")


def ingest_bulk(
    graph: Graph,
    reader: RecordSource,
    settings: Settings,
    home: ServerHome | None = None,
    *,
    source: str | None = None,
    strict: bool = False,
    local_files: bool = False,
    steps: Steps | None = None,
) -> Ingested:
    """Load a whole source by Neo4j's importer; see `Lineage.ingest_bulk`.

    The server is stopped in the middle, and the graph connected again.
    """
    began = time.perf_counter()
    tell = steps or (lambda _what, _done, _total: None)
    home = home or _home_of(graph)
    _check_empty(graph)
    rows = rows_of(reader, settings, source, local_files=local_files)
    with _work_folder(home) as folder:
        trace, aside = _tables(reader, folder, tell, strict=strict)
        corpus = _convert(rows, trace, folder, tell, strict=strict)
        _check_empty(graph)  # still: what came meanwhile is not to be lost
        _replace(graph, home, corpus.files, tell)
        loader = _complete(graph, reader, rows, corpus, aside=aside, tell=tell, strict=strict)
    return Ingested(
        source=rows.source,
        reader=reader.name,
        format=reader.version,
        read={kind: loader.read[kind] for kind in _ORDER if loader.read[kind]},
        written=loader.written,
        set_aside=[(one.kind, one.position, one.reason) for one in loader.set_aside],
        statistics=rows.statistics_read,
        seconds=time.perf_counter() - began,
        cursor=reader.cursor,
    )


def _home_of(graph: Graph) -> ServerHome:
    home = server.local_home(graph.address)
    if home is None:
        raise BulkError(
            f"a bulk load needs the local server that `lineage up` starts, and Neo4j at "
            f"{graph.address} is another; leave --bulk out"
        )
    return home


def _check_empty(graph: Graph) -> None:
    if not graph.run("load/is_empty")[0]["empty"]:
        raise BulkError(
            "a bulk load needs an empty database, and this one holds something; leave --bulk out, "
            "or take sources out with `lineage forget` first"
        )


@contextmanager
def _work_folder(home: ServerHome) -> Iterator[Path]:
    """A folder on the disk of the database; what a killed load left there goes."""
    for left in home.root.glob("bulk-*"):
        shutil.rmtree(left, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix="bulk-", dir=home.root))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _tables(
    reader: RecordSource, folder: Path, tell: Steps, *, strict: bool
) -> tuple[ParquetTrace, list[SetAside]]:
    """The source as tables, and what its reader set aside."""
    found: ParquetTrace | None = getattr(reader, "parquet", None)
    if found is not None:
        return found, []
    total = reader.total() or 0
    return spool(
        reader.records(), folder / "trace", strict=strict, progress=lambda n: tell("read", n, total)
    )


def _convert(rows: Rows, trace: ParquetTrace, folder: Path, tell: Steps, *, strict: bool) -> Corpus:
    _check_space(folder, trace)
    total = sum(trace.tables.values())
    positions = folder / "trace"
    corpus = Corpus(
        rows,
        trace,
        Files(folder),
        lambda done: tell("convert", done, total),
        positions if positions.exists() else None,
    )
    corpus.convert()
    if strict:
        corpus.rest.refuse()
    return corpus


def _check_space(folder: Path, trace: ParquetTrace) -> None:
    edges = sum(trace.tables.get(table, 0) for table in ("events", "memberships"))
    nodes = sum(trace.tables.values()) - edges
    needed = nodes * NODE_BYTES + edges * EDGE_BYTES + SPARE_BYTES
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise BulkError(
            f"not enough disk for a bulk load of {nodes:,} nodes: {folder.parent} has "
            f"{free // MIB:,} MiB free, about {needed // MIB:,} MiB are needed"
        )


def _replace(graph: Graph, home: ServerHome, files: Files, tell: Steps) -> None:
    """Stop the server, let the importer build the database, swap it in, start the server.

    Raises:
        ServerError: the importer failed; the server runs again with what it held before.
    """
    memory = psutil.virtual_memory().total // MIB
    limit = f"--max-off-heap-memory={min(MOST_OFF_HEAP, memory // 4)}m"
    local.down(home)
    try:
        tell("import", 0, 0)
        local.build(home, [limit, *files.arguments(home.run)], min(MOST_HEAP, memory // 6))
        local.swap(home)
    finally:
        files.remove()  # a server does not start on a full disk
        tell("start", 0, 0)
        endpoint = local.up(home, "started again after a bulk load")
        graph.reconnect(endpoint.uri)


def _complete(
    graph: Graph,
    reader: RecordSource,
    rows: Rows,
    corpus: Corpus,
    *,
    aside: list[SetAside],
    tell: Steps,
    strict: bool,
) -> Loader:
    """Indexes, the rows that were left over, what follows from them, and the load's record."""
    tell("index", 0, 0)
    schema.migrate(graph)
    settings: Any = rows.settings
    left = len(corpus.rest)
    with recorded(graph, reader, rows.source) as load_key:
        with Loader(graph, rows, batch_rows=settings.batch_rows, strict=strict) as loader:
            loader.set_aside += aside
            loader.read.update(corpus.read)
            loader.written += corpus.written
            loader.load(corpus.rest.records(), lambda done: tell("rest", done, left))
        tell("settle", 0, 0)
        loader.set_aside += settle(graph, rows.source, rows.newest, settings)
    finish(graph, reader, rows, loader, key=load_key, derivation=settings.derivation())
    return loader
