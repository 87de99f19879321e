"""Bodies of requests as events, checked before anything is promised."""

from __future__ import annotations

from typing import Any, NamedTuple

import orjson

from lineage.serve.problems import Refused
from lineage_ingest.openlineage.parse import InvalidEvent, event_of

# What a client is told of a batch; all of a hostile one would be larger than the batch.
MOST_ERRORS = 100
MOST_EVENTS = 20_000
"""In one batch: what they cost to check is bounded by their number, not by the body's size."""
_SHOWN = 300


class Fault(NamedTuple):
    """What is wrong with one event of a batch.

    Attributes:
        place: of the event.
        path: within the batch, as JSON path.
        reason: what is wrong there.
    """

    place: int
    path: str
    reason: str

    def plain(self) -> dict[str, Any]:
        """As answers have it."""
        return {"index": self.place, "reason": f"{self.path} {self.reason}", "retriable": False}

    def error(self) -> dict[str, str]:
        """As problem details have it."""
        return {"path": self.path, "reason": self.reason}


class Batch(NamedTuple):
    """A batch, checked.

    Attributes:
        bodies: of its events.
        faults: what is wrong with the first of the others.
        failed: how many others there are.
    """

    bodies: list[bytes]
    faults: list[Fault]
    failed: int


def parsed(body: bytes) -> Any:
    """The JSON value of a body.

    Raises:
        Refused: it is no JSON.
    """
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        why = str(error)[:_SHOWN]
        raise Refused(
            400, "no-json", "the body is no JSON", [{"path": "$", "reason": why}]
        ) from None


def event_in(value: Any) -> bytes:
    """One event as the journal keeps it.

    Raises:
        Refused: it is none.
    """
    try:
        return event_of(value).body
    except InvalidEvent as error:
        wrong = {"path": error.path, "reason": error.reason}
        raise Refused(
            422, "invalid-event", f"no OpenLineage event: {error.path} {error.reason}", [wrong]
        ) from None


def events_in(value: Any, most: int = MOST_EVENTS) -> Batch:
    """The events of a batch as the journal keeps them, and what is wrong with the others.

    Args:
        value: the body, parsed.
        most: events in it at most.

    Raises:
        Refused: it is no batch, or too large a one.
    """
    if not isinstance(value, list):
        wrong = {"path": "$", "reason": "is no array"}
        raise Refused(422, "invalid-batch", "a batch is an array of events", [wrong])
    if len(value) > most:
        said = (
            f"a batch has at most {most:,} events, this one has {len(value):,}; send less at once"
        )
        raise Refused(413, "too-many-events", said)
    bodies: list[bytes] = []
    faults: list[Fault] = []
    for index, one in enumerate(value):
        try:
            bodies.append(event_of(one).body)
        except InvalidEvent as error:
            if len(faults) < MOST_ERRORS:
                faults.append(Fault(index, f"$[{index}]{error.path[1:]}", error.reason))
    return Batch(bodies, faults, len(value) - len(bodies))
