"""Bodies of requests as events, checked before anything is promised."""

from __future__ import annotations

from typing import Any, NamedTuple

import orjson

from lineage.serve.problems import Refused
from lineage_ingest.openlineage.parse import InvalidEvent, event_of

# What a client is told of a batch; all of a hostile one would be larger than the batch.
MOST_ERRORS = 100
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


def events_in(value: Any) -> tuple[list[bytes], list[Fault]]:
    """The events of a batch as the journal keeps them, and what is wrong with the others.

    Raises:
        Refused: it is no batch.
    """
    if not isinstance(value, list):
        wrong = {"path": "$", "reason": "is no array"}
        raise Refused(422, "invalid-batch", "a batch is an array of events", [wrong])
    bodies: list[bytes] = []
    faults: list[Fault] = []
    for index, one in enumerate(value):
        try:
            bodies.append(event_of(one).body)
        except InvalidEvent as error:
            faults.append(Fault(index, f"$[{index}]{error.path[1:]}", error.reason))
    return bodies, faults
