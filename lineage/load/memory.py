"""A reader of records that are in memory already."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from lineage.records import SetAside
from lineage_ingest.openlineage.parse import InvalidEvent, parse_event

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lineage.records import Record
    from lineage_ingest.openlineage.parse import RawEvent


class MemoryReader:
    """Hands on records that the caller made; nodes must come before what names them."""

    name: ClassVar[str] = "memory"

    simulated: bool

    def __init__(self, source: str, records: Iterable[Record], *, simulated: bool = False) -> None:
        self._source = source
        self.simulated = simulated
        self._records = records

    @property
    def source(self) -> str:
        """The name that the caller gave."""
        return self._source

    @property
    def version(self) -> str:
        """No format: records are records."""
        return "records"

    @property
    def cursor(self) -> str | None:
        """There is no going on."""
        return None

    def total(self) -> int | None:
        """Not known before they are read."""
        return None

    def close(self) -> None:
        """Nothing to let go of."""

    def identity(self) -> dict[str, int]:
        """Nothing is known of creation times before reading."""
        return {}

    def records(self, since: str | None = None) -> Iterator[Record]:  # noqa: ARG002
        """The records."""
        return iter(self._records)


class MemoryEvents(MemoryReader):
    """Hands on events that the caller has, as JSON."""

    name: ClassVar[str] = "openlineage"

    def __init__(self, source: str, bodies: Iterable[bytes | str]) -> None:
        super().__init__(source, ())
        self._bodies = bodies

    @property
    def version(self) -> str:
        """The same as of files of events, so that both can be loads of one source."""
        return "OpenLineage 2"

    def events(self) -> Iterator[RawEvent | SetAside]:
        """The events, and what is none."""
        for number, body in enumerate(self._bodies, 1):
            try:
                yield parse_event(body)
            except InvalidEvent as error:
                yield SetAside(
                    kind="openlineage event", position=f"event {number}", reason=str(error)
                )
