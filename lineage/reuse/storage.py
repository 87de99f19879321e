"""What keeping outputs takes: their size where it is not known, and what it costs to load them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from lineage.records import ArtifactClass

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lineage.settings import Settings

USUAL_BYTES: dict[ArtifactClass, float] = {
    ArtifactClass.SPAN: 1e9,
    ArtifactClass.TRANSFORM: 1e9,
    ArtifactClass.MODEL: 1e8,
    ArtifactClass.OTHER: 1e7,
    ArtifactClass.STATISTICS: 1e6,
    ArtifactClass.EVALUATION: 1e6,
    ArtifactClass.DEPLOYMENT: 1e8,
    ArtifactClass.SCHEMA: 1e5,
    ArtifactClass.ANOMALIES: 1e5,
    ArtifactClass.HYPERPARAMETERS: 1e4,
    ArtifactClass.BLESSING: 1e3,
}
"""Orders of magnitude, for classes of which no size is known; an assumption, not a measurement."""


class Storage(BaseModel):
    """How fast kept outputs are loaded.

    Attributes:
        seconds: before a load begins.
        bytes_per_second: from then on.
        cost_per_second: of loading, in the unit of costs.
    """

    model_config = ConfigDict(frozen=True)

    seconds: float
    bytes_per_second: float
    cost_per_second: float

    @classmethod
    def of(cls, settings: Settings, unit: str | None) -> Storage:
        """The profile that the settings name, for costs in a unit."""
        rate = settings.storage_cost_per_second
        if rate is None:
            rate = 1.0 if unit == "s" or (unit or "").endswith("seconds") else 0.0
        return cls(
            seconds=settings.storage_seconds,
            bytes_per_second=settings.storage_megabytes_per_second * 1e6,
            cost_per_second=rate,
        )

    def load(self, size: float) -> float:
        """The cost of loading so many bytes."""
        return (self.seconds + size / self.bytes_per_second) * self.cost_per_second


def estimated_size(kind: str | None, artifact: str, medians: Mapping[str | None, float]) -> float:
    """Bytes of an artifact of unknown size.

    Args:
        kind: its native type.
        artifact: its class.
        medians: size by native type, where known.
    """
    return medians.get(kind, USUAL_BYTES[ArtifactClass(artifact)])
