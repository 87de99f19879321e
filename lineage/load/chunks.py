"""Events on their way into the graph: chunks that are read, and batches that are written."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from lineage.errors import ReadError
from lineage.records import SetAside

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lineage.load.rows import Row
    from lineage_ingest.openlineage.parse import RawEvent

CHUNK_EVENTS = 2_500
CHUNK_BYTES = 64_000_000
STORE_BYTES = 4_000_000
STORE_EVENTS = 2_500


class Chunk(NamedTuple):
    """Events that are read together, and what is none."""

    events: list[RawEvent]
    refused: list[SetAside]


class Kept(NamedTuple):
    """A chunk that is in the graph.

    Attributes:
        read: events in it.
        new: how many of them the graph did not have.
        newest: their latest time, ms since 1970.
        pairs: names that are said to be equal.
        partial: subjects that other events tell of, too.
        whole: the other subjects, with all their events.
        refused: what was no event.
    """

    read: int
    new: int
    newest: int
    pairs: list[tuple[str, str]]
    partial: list[str]
    whole: dict[str, list[RawEvent]]
    refused: list[SetAside]


def chunks_of(found: Iterable[RawEvent | SetAside]) -> Iterator[Chunk]:
    """What was read, in pieces of bounded size; at least one.

    Where reading fails, what came before is kept first.
    """
    chunk, size = Chunk([], []), 0
    try:
        for one in found:
            if isinstance(one, SetAside):
                chunk.refused.append(one)
            else:
                chunk.events.append(one)
                size += len(one.body)
            if len(chunk.events) >= CHUNK_EVENTS or size >= CHUNK_BYTES:
                yield chunk
                chunk, size = Chunk([], []), 0
    except ReadError:
        yield chunk
        raise
    yield chunk


def batches_of(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """Rows of events, in pieces that one transaction takes."""
    batch: list[Row] = []
    size = 0
    for row in rows:
        batch.append(row)
        size += len(row["body"])
        if len(batch) >= STORE_EVENTS or size >= STORE_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
