"""A reader of records that are in memory already."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lineage.records import Record


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
