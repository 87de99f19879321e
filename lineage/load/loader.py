"""Batches of rows, written while the next ones are read."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, Any, Self

from lineage.errors import RecordError, SourceConflictError
from lineage.load.rows import prefix_of, thing_of
from lineage.records import Event, Membership, SetAside
from lineage.schema import PRUNABLE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from lineage.graph import Graph, Transaction
    from lineage.load.rows import Prepared, Row, Rows
    from lineage.records import Node, Record

WRITERS = 2
BATCH_BYTES = 8_000_000
PROGRESS_EVERY = 1_000
BATCH_EDGES = 4  # times the rows of a node batch: an edge is a fraction of a node's work


class Loader:
    """Writes the records of one source.

    Node batches are written side by side; events and memberships wait until every node that came
    before them is there. Memory is bounded by the batches under way.

    Attributes:
        read: records taken from the reader, by kind.
        written: nodes and relationships made, and nodes changed.
        horizon: how far back the source is kept, ms since 1970; None where it was never pruned.
        passed_over: nodes that the graph holds in a newer revision.
        set_aside: what could not be used, in the order met.
    """

    def __init__(
        self,
        graph: Graph,
        rows: Rows,
        *,
        batch_rows: int,
        fresh: bool = False,
        horizon: int | None = None,
        rederive: bool = False,
        strict: bool = False,
    ) -> None:
        """Prepare to load.

        Args:
            graph: where to write.
            rows: the source's conversion.
            batch_rows: nodes in one transaction.
            fresh: nothing of this source is there, so nodes are created unasked at first.
            horizon: how far back the source is kept, ms since 1970: an older execution that is not
                there is left out, with its events and memberships.
            rederive: write again what is unchanged, because the settings changed.
            strict: stop at the first record that cannot be used.
        """
        self.read: Counter[str] = Counter()
        self.written = 0
        self.passed_over = 0
        self.set_aside: list[SetAside] = []
        self._graph = graph
        self._rows = rows
        self._fresh = fresh
        self.horizon = horizon
        self._old: set[int] = set()  # hashes of the keys of executions that were left out
        self._edges_skipped = self._dropped = 0
        self._rederive = rederive
        self._strict = strict
        self._limit = batch_rows
        self._nodes: dict[str, Row] = {}
        self._nodes_size = 0
        self._nodes_under_way = False
        self._edges: dict[str, list[Prepared]] = {}
        self._edges_size: Counter[str] = Counter()
        self._pool = ThreadPoolExecutor(WRITERS, thread_name_prefix="lineage-load")
        self._pending: set[Future[int]] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)

    @property
    def skipped(self) -> int:
        """Records older than the horizon that were left out."""
        return len(self._old) + self._edges_skipped + self._dropped

    def load(self, records: Iterable[Record], progress: Callable[[int], None]) -> None:
        """Write every record; `progress` is told how many were read.

        Raises:
            RecordError: a record cannot be used and the load is strict.
            SourceConflictError: an id is used for another thing than before.
        """
        for record in counted(records, progress):
            self._take(record)
        self._flush_nodes()
        self._drain()
        for query in list(self._edges):
            # The last are few, of the same nodes: a deadlock costs a second, their order nothing.
            self._flush_edges(query)
            self._drain()
        if self.horizon is not None:
            self._drop_old(self.horizon)

    def _drop_old(self, horizon: int) -> None:
        """Take out artifacts, runs and contexts from before the horizon that are of no use."""
        prefix = prefix_of(self._rows.source)
        found = self._graph.run("load/drop_old", prefix=prefix, horizon=horizon)[0]
        self._dropped = found["dropped"]
        self.written -= found["dropped"] + found["relationships"]

    def _take(self, record: Record) -> None:
        if isinstance(record, SetAside):
            self.refuse(record)
            return
        self.read[kind_of(record)] += 1
        prepared = convert(self._rows, record)
        for found in self._rows.take_aside():
            self.refuse(found)
        if isinstance(prepared, SetAside):
            self.refuse(prepared)
        elif isinstance(record, Event | Membership):
            self._add_edge(prepared)
        else:
            self._add_node(prepared)

    def _add_node(self, prepared: Prepared) -> None:
        row = prepared.row
        twin = self._nodes.get(row["key"])
        if twin is not None and row["created"] not in (None, twin["created"] or row["created"]):
            raise recreated(self._rows.source, row["key"])
        if twin is None or twin["revision"] < row["revision"]:
            self._nodes[row["key"]] = row
        self._nodes_size += prepared.size
        if len(self._nodes) >= self._limit or self._nodes_size >= BATCH_BYTES:
            self._flush_nodes()

    def _add_edge(self, prepared: Prepared) -> None:
        query = prepared.statement
        batch = self._edges.setdefault(query, [])
        batch.append(prepared)
        self._edges_size[query] += prepared.size
        if len(batch) >= BATCH_EDGES * self._limit or self._edges_size[query] >= BATCH_BYTES:
            self._flush_edges(query)

    def refuse(self, found: SetAside) -> None:
        """Set a record aside, or stop where the load is strict.

        Raises:
            RecordError: the load is strict.
        """
        if self._strict:
            raise refusal(found)
        self.set_aside.append(found)

    def _flush_nodes(self) -> None:
        if self._nodes:
            rows, self._nodes, self._nodes_size = list(self._nodes.values()), {}, 0
            self._submit(self._write_nodes, rows)
            self._nodes_under_way = True

    def _flush_edges(self, query: str) -> None:
        batch, self._edges[query] = self._edges[query], []
        self._edges_size[query] = 0
        self._flush_nodes()
        if self._nodes_under_way:
            self._drain()
            self._nodes_under_way = False
        if batch:
            self._submit(self._write_edges, query, batch)

    def _submit(self, work: Callable[..., int], *arguments: Any) -> None:
        """Hand a batch to a writer; wait while all are busy, so that memory stays bounded."""
        while len(self._pending) > WRITERS:
            done, self._pending = wait(self._pending, return_when=FIRST_COMPLETED)
            self.written += sum(future.result() for future in done)
        self._pending.add(self._pool.submit(work, *arguments))

    def _drain(self) -> None:
        done, self._pending = wait(self._pending)
        self.written += sum(future.result() for future in done)

    def _write_nodes(self, rows: list[Row]) -> int:
        attempts = 0

        def work(tx: Transaction) -> int:
            nonlocal attempts
            attempts += 1
            if self._fresh and attempts == 1:
                tx.run("load/create_nodes", rows=rows)
                return len(rows)
            return self._merge_nodes(tx, rows)

        written: int = self._graph.write(work)
        return written

    def _merge_nodes(self, tx: Transaction, rows: list[Row]) -> int:
        keys = [row["key"] for row in rows]
        known = {found["key"]: found for found in tx.run("load/known_nodes", keys=keys)}
        fresh, newer = [], []
        for row in rows:
            found = known.get(row["key"])
            if found is None:
                if not self._is_old(row):
                    fresh.append(row)
                elif row["labels"][0] == "Execution":
                    self._old.add(hash(row["key"]))
                else:  # a newer execution may still have to do with it
                    fresh.append(row | {"labels": [*row["labels"], PRUNABLE]})
                continue
            if (
                None not in (found["created"], row["created"])
                and found["created"] != row["created"]
            ):
                raise recreated(self._rows.source, row["key"])
            if found["revision"] < row["revision"] or (
                self._rederive and found["revision"] == row["revision"]
            ):
                newer.append(row)
            elif found["revision"] > row["revision"]:
                self.passed_over += 1
        if fresh:
            tx.run("load/create_nodes", rows=fresh)
        if newer:
            tx.run("load/update_nodes", rows=newer)
        return len(fresh) + len(newer)

    def _is_old(self, row: Row) -> bool:
        """Whether it is from before the horizon."""
        if self.horizon is None or row["labels"][0] == "Pipeline":
            return False
        times = (row["ended"], row["started"], row["created"])
        time = next((one for one in times if one is not None), None)
        return time is not None and time < self.horizon

    def _write_edges(self, query: str, batch: list[Prepared]) -> int:
        if self._old:
            end = "member" if query.endswith("memberships") else "execution"
            kept = [one for one in batch if hash(one.row[end]) not in self._old]
            if len(kept) < len(batch):
                self._edges_skipped += len(batch) - len(kept)
                other = "container" if end == "member" else "artifact"
                keys = {one.row[other] for one in batch} - {one.row[other] for one in kept}
                self._graph.run("load/mark_old", keys=sorted(keys))
            batch = kept
        rows = [prepared.row for prepared in batch]

        def work(tx: Transaction) -> tuple[int, int]:
            matched = tx.run(query, rows=rows)[0]["matched"]
            return matched, tx.relationships_created

        matched, created = self._graph.write(work)
        if matched < len(rows):
            self._name_the_absent(query, batch)
        return int(created)

    def _name_the_absent(self, query: str, batch: list[Prepared]) -> None:
        is_event = not query.endswith("memberships")
        ends = ("execution", "artifact") if is_event else ("member", "container")
        keys = sorted({row[end] for row, *_ in batch for end in ends})
        absent = {found["key"] for found in self._graph.run("load/absent", keys=keys)}
        for row, _, position, _ in batch:
            if missing := [thing_of(row[end]) for end in ends if row[end] in absent]:
                kind = "event" if is_event else "membership"
                reason = f"{' and '.join(missing)} does not exist"
                self.refuse(SetAside(kind=kind, position=position, reason=reason))


def convert(rows: Rows, record: Node | Event | Membership) -> Prepared | SetAside:
    """The row of a record, or what is wrong with it."""
    try:
        if isinstance(record, Event):
            return rows.event(record)
        if isinstance(record, Membership):
            return rows.membership(record)
        return rows.node(record)
    except RecordError as error:
        kind = kind_of(record)
        return SetAside(
            kind=kind, position=f"{kind} {getattr(record, 'id', '')}", reason=str(error)
        )


def counted(records: Iterable[Record], progress: Callable[[int], None]) -> Iterator[Record]:
    """The records, with a word every thousand of them and at the end."""
    count = 0
    for count, record in enumerate(records, 1):
        yield record
        if count % PROGRESS_EVERY == 0:
            progress(count)
    progress(count)


def kind_of(record: Record) -> str:
    """What a record is, as `Ingested.read` counts it."""
    return type(record).__name__.lower()


def refusal(found: SetAside) -> RecordError:
    """The error for a record that cannot be used, where the load is strict."""
    return RecordError(f"{found.kind} at {found.position}: {found.reason}")


def recreated(source: str, key: str) -> SourceConflictError:
    """The error for an id that is used for another thing than before."""
    return SourceConflictError(
        f"{source} is not the store loaded under this name before: {thing_of(key)} has another "
        "creation time, or the source uses the id twice. If it was made anew, load it under a "
        "new name with --source NAME, or take the old one out with `lineage forget`"
    )


def rehearse(
    rows: Rows, records: Iterable[Record], *, strict: bool, progress: Callable[[int], None]
) -> tuple[dict[str, int], list[SetAside]]:
    """Read and convert every record as a load would, and write nothing.

    Whether the ends of events exist is not known without the graph, and not checked.

    Returns:
        Records read, by kind, and what could not be used.
    """
    read: Counter[str] = Counter()
    found: list[SetAside] = []
    for record in counted(records, progress):
        prepared: Prepared | SetAside
        if isinstance(record, SetAside):
            prepared = record
        else:
            read[kind_of(record)] += 1
            prepared = convert(rows, record)
        found += rows.take_aside()
        if isinstance(prepared, SetAside):
            found.append(prepared)
        if strict and found:
            raise refusal(found[0])
    return dict(read), found
