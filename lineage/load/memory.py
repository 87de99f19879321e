"""A reader of records that are in memory already."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lineage.records import Record


class MemoryReader:
    """Hands on records that the caller made; nodes must come before what names them."""

    name: ClassVar[str] = "memory"
    version: ClassVar[str] = "records"
    cursor: ClassVar[str | None] = None

    def __init__(self, source: str, records: Iterable[Record]) -> None:
        self.source = source
        self._records = records

    def identity(self) -> dict[str, int]:
        """Nothing is known of creation times before reading."""
        return {}

    def records(self, since: str | None = None) -> Iterator[Record]:  # noqa: ARG002
        """The records."""
        return iter(self._records)
