"""How large what is not known to be is likely to be, and what loading it costs."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from lineage.settings import Settings

MEGABYTE = 1_000_000
OTHERS_MEGABYTES = 0.1


class Size(NamedTuple):
    """A size in bytes, and whether it is an estimate."""

    size: float
    estimated: bool


class Storage:
    """The storage that the settings describe.

    Attributes:
        medians: by native type, the median size in bytes of its artifacts whose size is known.
    """

    def __init__(self, settings: Settings, medians: dict[str, float] | None = None) -> None:
        self._settings = settings
        self.medians = medians or {}

    def load_cost(self, size: float) -> float:
        """What loading so many bytes costs, in the unit of costs."""
        given = self._settings
        seconds = given.storage_seconds + size / (given.storage_megabytes_per_second * MEGABYTE)
        return seconds * given.storage_cost_per_second

    def size(self, size: int | None, kind: str, artifact: str) -> Size:
        """The size of an artifact: known, else as others of its type, else as its class.

        Args:
            size: in bytes, as the source says it.
            kind: native type.
            artifact: its class.
        """
        if size is not None:
            return Size(float(size), estimated=False)
        if kind in self.medians:
            return Size(self.medians[kind], estimated=True)
        megabytes = self._settings.size_megabytes.get(artifact, OTHERS_MEGABYTES)
        return Size(megabytes * MEGABYTE, estimated=True)
