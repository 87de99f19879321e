"""What all analyses share: filters, rows, and lists of rows."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, SerializeAsAny, field_validator

from lineage import queries
from lineage.errors import MissingExtraError, SettingsError
from lineage.tables import Table, html_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import pandas as pd
    import polars as pl

    from lineage.graph import Graph


class Row(BaseModel):
    """A row of an analysis; its fields are the columns of the query."""

    model_config = ConfigDict(frozen=True, extra="forbid")


R = TypeVar("R", bound=Row)


class Filters(BaseModel):
    """What an analysis looks at; None means all.

    Executions are chosen by the pipeline that they count for and by their start, graphlets by
    their trainer's.

    Attributes:
        source: name of a source.
        pipeline: name of a pipeline, whatever its source.
        since: ISO 8601; what started then or later.
        until: ISO 8601; what started before.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: str | None = None
    pipeline: str | None = None
    since: str | None = None
    until: str | None = None

    @classmethod
    def of(
        cls,
        source: str | None = None,
        pipeline: str | None = None,
        since: str | datetime | None = None,
        until: str | datetime | None = None,
    ) -> Filters:
        """Filters from what a caller gives; a time without a zone is UTC.

        Raises:
            SettingsError: a time cannot be understood.
        """
        return cls(
            source=source,
            pipeline=pipeline,
            since=_moment("since", since),
            until=_moment("until", until),
        )

    @field_validator("since", "until")
    @classmethod
    def _is_time(cls, value: str | None) -> str | None:
        return None if value is None else _iso(datetime.fromisoformat(value))


class Distribution(Row):
    """How the values of one measure are distributed.

    Attributes:
        measure: what is measured.
        unit: of the values: `d`, `h`, `/d`, `share` (0 to 1), a unit of cost; None for numbers.
        count: how many values there are.
        mean: of the values.
        least: the smallest value.
        p10: a tenth of the values is no more than this; percentiles are interpolated.
        lower: the lower quartile.
        median: half of the values is no more than this.
        upper: the upper quartile.
        p90: nine tenths of the values are no more than this.
        p99: all but a hundredth of the values are no more than this.
        most: the largest value.
        edges: bounds of the histogram's bins, one more than there are bins; bins are 1, 2, 5, 10,
            ... wide below each decade, those of a share tenths.
        counts: values in each bin, its lower bound included.
    """

    measure: str
    unit: str | None
    count: int
    mean: float
    least: float
    p10: float
    lower: float
    median: float
    upper: float
    p90: float
    p99: float
    most: float
    edges: tuple[float, ...]
    counts: tuple[int, ...]


class Rows(BaseModel, Generic[R]):
    """The rows of one analysis, in the query's order."""

    model_config = ConfigDict(frozen=True)

    rows: tuple[SerializeAsAny[R], ...]

    def __iter__(self) -> Iterator[R]:  # type: ignore[override]
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: int) -> R:
        return self.rows[index]

    def to_pandas(self) -> pd.DataFrame:
        """A data frame with a row for each.

        Raises:
            MissingExtraError: pandas is not installed.
        """
        return frame(self.rows)

    def to_polars(self) -> pl.DataFrame:
        """The same for polars.

        Raises:
            MissingExtraError: polars is not installed.
        """
        return Table(row.model_dump() for row in self.rows).to_polars()

    def _repr_html_(self) -> str:
        """A table of every field, for a notebook."""
        return html_rows(self.rows)


def fetch(
    graph: Graph, name: str, model: type[R], filters: Filters | None = None, **given: Any
) -> Iterator[R]:
    """The rows of a query as models, one at a time.

    Args:
        graph: the graph.
        name: a query of `cypher/`.
        model: its rows.
        filters: of these the query gets those that it declares.
        given: its other parameters.
    """
    declared = {field.name for field in queries.load(name).parameters}
    chosen = (filters or Filters()).model_dump(include=declared)
    for row in graph.stream(name, **chosen, **given):
        yield model.model_validate(row)


def frame(rows: Iterable[Row]) -> pd.DataFrame:
    """Rows as a data frame.

    Raises:
        MissingExtraError: pandas is not installed.
    """
    try:
        import pandas as pd
    except ImportError:
        raise MissingExtraError(
            "to_pandas needs pandas, which is not installed; "
            "pip install 'lineage-graphlets[pandas]'"
        ) from None
    listed = list(rows)
    columns = list(type(listed[0]).model_fields) if listed else None
    return pd.DataFrame([row.model_dump() for row in listed], columns=columns)


def _moment(name: str, value: str | datetime | None) -> str | None:
    if value is None:
        return None
    try:
        return _iso(datetime.fromisoformat(value) if isinstance(value, str) else value)
    except ValueError:
        raise SettingsError(
            f"{name}: {value!r} is no time; write it as 2026-01-31 or 2026-01-31T12:00:00+00:00"
        ) from None


def _iso(moment: datetime) -> str:
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).isoformat()
