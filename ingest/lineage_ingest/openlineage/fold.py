"""What all events of one subject add up to: the one entry to the modules beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lineage_ingest.openlineage.records import dataset_records, job_records, run_records
from lineage_ingest.openlineage.state import fold_run

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lineage.naming import Naming
    from lineage.records import Record
    from lineage_ingest.openlineage.parse import RawEvent


def fold(subject: str, events: Iterable[RawEvent], naming: Naming) -> Iterator[Record]:
    """The records of a run, a job or a data set, from all its events in any order and number.

    Args:
        subject: which one, as `RawEvent.subject`.
        events: at least one, all of that subject.
        naming: tells which data sets are models, and what runs do.
    """
    if subject.startswith("run/"):
        yield from run_records(fold_run(events), naming)
    elif subject.startswith("job/"):
        yield from job_records(events)
    else:
        yield from dataset_records(events)
