"""Following a store that grows: cursors, what failed in between, when to segment."""

from __future__ import annotations

from itertools import islice
from typing import Any

import pytest

from lineage import Ingested, Segmented
from lineage.errors import GraphUnavailableError, ReadError
from lineage.follow import Change, follow


class Service:
    """Answers `ingest` and `segment` from a script."""

    def __init__(self, loads: list[Any], cuts: list[Any] | None = None) -> None:
        self.loads, self.cuts = iter(loads), iter(cuts or [])
        self.since: list[str | None] = []

    def ingest(self, location: str, *, since: str | None, **_: Any) -> Ingested:
        self.since.append(since)
        written = next(self.loads)
        if isinstance(written, Exception):
            raise written
        return Ingested(
            source=location,
            reader="mlmd",
            format="",
            read={},
            written=written,
            set_aside=[],
            seconds=0,
            cursor=f"after {len(self.since)}",
        )

    def segment(self) -> Segmented:
        found = next(self.cuts, None)
        if isinstance(found, Exception):
            raise found
        return Segmented(graphlets=1, removed=0, total=1, seconds=0)


def changes(service: Service, count: int) -> list[Change]:
    return list(islice(follow(service, ["store"], {}, 0), count))  # type: ignore[arg-type]


def test_each_look_goes_on_where_the_last_one_ended() -> None:
    service = Service([5, 0, 0, 2])
    found = changes(service, 2)
    assert [change.ingested.written for change in found if change.ingested] == [5, 2]
    assert service.since == [None, "after 1", "after 2", "after 3"]


def test_the_first_look_must_succeed() -> None:
    with pytest.raises(ReadError):
        changes(Service([ReadError("no such file")]), 1)


def test_later_failures_are_told_and_tried_again() -> None:
    service = Service([1, ReadError("locked"), 3])
    first, failed, last = changes(service, 3)
    assert (first.problem, failed.problem, last.problem) == (None, "locked", None)
    assert service.since == [None, "after 1", "after 1"]
    assert failed.plain() == {"location": "store", "problem": "locked"}
    assert set(last.plain()) == {"location", "ingested", "segmented"}


def test_what_was_loaded_is_segmented_even_if_that_failed_once() -> None:
    service = Service([1, 2, 0], [None, GraphUnavailableError("gone"), None])
    _, failed, last = changes(service, 3)
    assert failed.problem == "gone"
    assert last.segmented is not None


def test_changes_show_no_password() -> None:
    address = "mysql://u:s3cret@host/db"
    service = Service([1, ReadError(f"{address} went away")])
    found = list(islice(follow(service, [address], {}, 0), 2))  # type: ignore[arg-type]
    assert [change.location for change in found] == ["mysql://host/db"] * 2
    assert found[1].problem == "mysql://host/db went away"
    assert found[0].plain()["location"] == "mysql://host/db"
