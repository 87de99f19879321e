"""One load of one source, from opening it to the record that it leaves."""

from __future__ import annotations

import hashlib
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, TypeAlias

from pydantic import BaseModel, ConfigDict

from lineage.errors import GraphError, SettingsError, SourceConflictError
from lineage.load.folding import SUBJECT, EventSource, Folding
from lineage.load.loader import Loader, recreated, rehearse
from lineage.load.names import Names
from lineage.load.rows import DATASETS, Rows, clean, key_of, prefix_of, thing_of
from lineage.records import NodeKind, SetAside

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lineage.graph import Graph
    from lineage.load.statistics import Statistics
    from lineage.readers import RecordSource
    from lineage.settings import Settings

    Progress: TypeAlias = Callable[[int, int | None], None]

SOURCE_CHARACTERS = 1_000
EVERYWHERE = ("settle/written", "settle/bind", "settle/same_content")
"""What settles sources with each other: what one wrote, another reads."""
_SETTLE = (
    "settle/first_seen",
    "settle/parents",
    "settle/cycles",
    *EVERYWHERE,
    "settle/examples",
    "settle/raw_examples",
    "settle/parent_costs",
    "settle/pipelines",
    "settle/groups",
)


class Ingested(BaseModel):
    """What a load did.

    Attributes:
        read: records read, by kind.
        written: nodes and relationships made, and nodes changed; 0 when all was there.
        skipped: records older than the horizon to which the source was pruned.
        set_aside: records that could not be used.
        statistics: artifacts whose features were read from their statistics.
        seconds: wall time.
    """

    model_config = ConfigDict(frozen=True)

    source: str
    reader: str
    format: str
    dry_run: bool = False
    read: dict[str, int]
    written: int
    skipped: int = 0
    set_aside: list[tuple[str, str, str]]
    statistics: int = 0
    seconds: float
    cursor: str | None = None

    @property
    def nodes(self) -> int:
        """Node records read."""
        edges = ("event", "membership")
        return sum(count for kind, count in self.read.items() if kind not in edges)


def ingest(
    graph: Graph,
    reader: RecordSource,
    settings: Settings,
    *,
    source: str | None = None,
    since: str | None = None,
    strict: bool = False,
    dry_run: bool = False,
    local_files: bool = False,
    progress: Progress | None = None,
) -> Ingested:
    """Load what a reader yields; doing it again changes nothing.

    Args:
        graph: where to write.
        reader: an open source.
        settings: for classes, costs and batches.
        source: the name to load it under; by default the reader's own.
        since: a cursor that an earlier load returned; only later records are read.
        strict: stop at the first record that cannot be used.
        dry_run: read and check everything, write nothing.
        local_files: read files of this machine that the source names, where `statistics_roots`
            allows it. Not on behalf of someone else, who would choose what is read.
        progress: told how many records were read, and how many there are where that is known.

    Raises:
        SourceConflictError: another store was loaded under this name.
        RecordError: a record cannot be used and `strict` is set.
        ReadError: the source cannot be read.
        GraphError: Neo4j failed.
    """
    began = time.perf_counter()
    rows = rows_of(reader, settings, source, local_files=local_files)
    settings = rows.settings
    _check_identity(graph, rows, reader)
    total = reader.total() if progress and since is None else None

    def tell(done: int) -> None:
        if progress is not None:
            progress(done, total)

    if dry_run:
        counts, aside = rehearse(rows, reader.records(since), strict=strict, progress=tell)
        written = skipped = 0
    else:
        loader = _load(graph, reader, rows, settings, since=since, strict=strict, progress=tell)
        counts, aside, written = dict(loader.read), loader.set_aside, loader.written
        skipped = loader.skipped
    return Ingested(
        source=rows.source,
        reader=reader.name,
        format=reader.version,
        dry_run=dry_run,
        read=counts,
        written=written,
        skipped=skipped,
        set_aside=[(found.kind, found.position, found.reason) for found in aside],
        statistics=rows.statistics_read,
        seconds=time.perf_counter() - began,
        cursor=reader.cursor,
    )


def rows_of(
    reader: RecordSource, settings: Settings, source: str | None, *, local_files: bool
) -> Rows:
    """The conversion of a source; see `ingest` for the arguments.

    Raises:
        SettingsError: its name is too long, or a setting cannot be understood.
    """
    name = clean(source or reader.source)
    if len(name) > SOURCE_CHARACTERS:
        raise SettingsError(f"a source's name has at most {SOURCE_CHARACTERS} characters")
    if not local_files:
        settings = settings.model_copy(update={"statistics_roots": ()})
    if name == DATASETS:
        raise SettingsError(f"no source can be called {name!r}; name another with --source NAME")
    names = Names(settings.dataset_rules, settings.apart)
    return Rows(name, settings.naming(), settings, _statistics(settings), names)


def _load(
    graph: Graph,
    reader: RecordSource,
    rows: Rows,
    settings: Settings,
    *,
    since: str | None,
    strict: bool,
    progress: Callable[[int], None],
) -> Loader:
    source, derivation = rows.source, settings.derivation()
    refolded: list[str] = []
    rows.names.learn(graph)
    before = graph.run("load/source", source=source)
    if before and before[0]["reader"] not in (None, reader.name):
        raise SourceConflictError(
            f"{source} was loaded by the reader {before[0]['reader']!r}; "
            "load it under another name with --source NAME"
        )
    rows.newest = before[0]["newest"] or 0 if before else 0
    known_by = before[0]["derivation"] if before else derivation
    rederive = known_by != derivation
    if rederive:
        since = None  # what is there already is to be derived anew, too
    with recorded(graph, reader, source) as load_key:
        with Loader(
            graph,
            rows,
            batch_rows=settings.batch_rows,
            fresh=not before,
            horizon=before[0]["horizon"] if before else None,
            rederive=rederive,
            strict=strict,
        ) as loader:
            if isinstance(reader, EventSource):
                folding = Folding(graph, rows, loader)
                folding.load(reader.events(), progress, rules_changed=rederive)
                loader.read["openlineage event"] = folding.events
                loader.written += folding.kept
                refolded = folding.refolded
            else:
                loader.load(reader.records(since), progress)
        # A parent that sends no events of its own is no loss: its run stands for it.
        loader.set_aside += settle(
            graph,
            source,
            rows.newest,
            settings,
            rederive=rederive,
            orphans=not isinstance(reader, EventSource),
        )
    if since is None:
        graph.run("load/clear_set_aside", source=source, lasting=SUBJECT, refolded=refolded)
    derivation = known_by if loader.passed_over else derivation
    finish(graph, reader, rows, loader, key=load_key, derivation=derivation)
    return loader


@contextmanager
def recorded(graph: Graph, reader: RecordSource, source: str) -> Iterator[str]:
    """Write down that a load begins, and where it fails that it did; yields its key."""
    load_key = f"{prefix_of(source)}load/{time.time_ns()}"
    graph.run(
        "load/begin",
        source=source,
        reader=reader.name,
        format=reader.version,
        simulated=reader.simulated,
        load=load_key,
    )
    try:
        yield load_key
    except BaseException:
        with suppress(GraphError):
            graph.run("load/fail", load=load_key)
        raise


def finish(
    graph: Graph,
    reader: RecordSource,
    rows: Rows,
    loader: Loader,
    *,
    key: str,
    derivation: str | None,
) -> None:
    """Write down how a load ended."""
    source = rows.source
    _note_set_aside(graph, source, key, loader.set_aside)
    counts: dict[str, Any] = {f"read_{kind}": count for kind, count in loader.read.items()}
    counts |= {"written": loader.written, "set_aside": len(loader.set_aside)}
    counts["skipped"] = loader.skipped
    counts["statistics"] = rows.statistics_read
    graph.run(
        "load/finish",
        source=source,
        load=key,
        counts=counts,
        cursor=reader.cursor,
        derivation=derivation,
        newest=rows.newest,
    )


def settle(
    graph: Graph,
    source: str,
    newest: int,
    settings: Settings,
    *,
    rederive: bool = False,
    orphans: bool = True,
) -> list[SetAside]:
    """Derive what needs the whole source: classes of examples, parents, pipelines, silence.

    Returns:
        Executions whose parent is not there.
    """
    prefix = prefix_of(source)
    if rederive:
        roles = sorted(settings.reference_roles)
        graph.run("settle/references", prefix=prefix, roles=roles)
        graph.run("settle/plain_inputs", prefix=prefix, roles=roles)
    for query in _SETTLE:
        graph.run(query, **({} if query in EVERYWHERE else {"prefix": prefix}))
    graph.run("settle/abandoned", prefix=prefix, newest=newest, horizon_days=settings.horizon_days)
    if not orphans:
        return []
    return [
        SetAside(
            kind="execution",
            position=f"execution {orphan['id']}",
            reason=f"its parent, {thing_of(orphan['parent'])}, does not exist",
        )
        for orphan in graph.run("settle/orphans", prefix=prefix)
    ]


def _statistics(settings: Settings) -> Statistics | None:
    if not settings.statistics_roots:
        return None
    from lineage.load.statistics import Statistics  # NumPy, only where there is need

    return Statistics.of(settings)


def _check_identity(graph: Graph, rows: Rows, reader: RecordSource) -> None:
    """Refuse a store that was made anew under a known name, told by its creation times.

    Raises:
        SourceConflictError: with what to do.
    """
    identity = {
        key_of(rows.source, NodeKind(kind), native_id): created
        for thing, created in reader.identity().items()
        for kind, _, native_id in [thing.partition("/")]
    }
    for known in graph.run("load/known_nodes", keys=list(identity)):
        if known["created"] is not None and known["created"] != identity[known["key"]]:
            raise recreated(rows.source, known["key"])


def _note_set_aside(graph: Graph, source: str, load_key: str, found: list[SetAside]) -> None:
    for start in range(0, len(found), 5_000):
        rows = [
            {
                "key": _set_aside_key(source, one),
                "kind": one.kind,
                "position": one.position,
                "reason": one.reason,
            }
            for one in found[start : start + 5_000]
        ]
        graph.run("load/set_aside", load=load_key, source=source, rows=rows)


def _set_aside_key(source: str, found: SetAside) -> str:
    content = "\0".join((found.kind, found.position, found.reason))
    digest = hashlib.sha256(content.encode(errors="backslashreplace")).hexdigest()
    return f"{prefix_of(source)}set-aside/{digest}"
