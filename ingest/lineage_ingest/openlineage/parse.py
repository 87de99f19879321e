"""One event as it is kept: checked, with the hash that tells it from any other.

The specification is openlineage.io/spec/2-0-2/OpenLineage.json. What breaks the rules but can be
understood is taken and flagged (`RawEvent.flags`): a run id that is no UUID, a time without zone or
that no clock shows, facets that are null or no objects. What cannot be understood is refused with
the JSON path of what is wrong. Order among events is that of their time, then of their hash.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from lineage_ingest.datasets import canonical
from lineage_ingest.times import LATEST

EARLIEST = 946_684_800_000
"""Milliseconds of 2000-01-01: a clock that shows less was never set."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
_MICROSECOND = timedelta(microseconds=1)
_DEEPEST = 900  # parts within parts; more than any producer sends, less than a parser breaks at
TYPES = frozenset({"START", "RUNNING", "COMPLETE", "ABORT", "FAIL", "OTHER"})

Json = dict[str, Any]


class InvalidEvent(ValueError):  # noqa: N818 (it names the event, not a failure of ours)
    """Something that is no event.

    Attributes:
        path: where, as JSON path: `$.run.runId`.
        reason: what is wrong there.
    """

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason


@dataclass(slots=True)
class RawEvent:
    """An event.

    Attributes:
        id: hash of its content, 32 hexadecimal digits; the same for the same JSON value.
        subject: what it tells of: `run/<id>`, `job/<name>` or `dataset/<name>`.
        time: its eventTime, microseconds since 1970; -1 where no clock shows it.
        body: its content as JSON with sorted keys, UTF-8.
        content: the same, parsed.
        flags: what is wrong with it, though it could be taken.
    """

    id: str
    subject: str
    time: int
    body: bytes
    content: Json
    flags: list[str] = field(default_factory=list)

    @property
    def order(self) -> tuple[int, str]:
        """Sorts the events of a subject."""
        return self.time, self.id


def parse_event(body: bytes | str) -> RawEvent:
    """Check and hash one event.

    Raises:
        InvalidEvent: it is no JSON, or no event.
    """
    try:
        content = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise InvalidEvent("$", f"no JSON: {error}") from None
    return event_of(content)


def event_of(content: Any) -> RawEvent:
    """As `parse_event`, of a parsed value.

    Raises:
        InvalidEvent: it is no event.
    """
    event = _object(content, "$")
    flags: list[str] = []
    time = _time(event.get("eventTime"), flags)
    if "run" in event and event["run"] is not None:
        subject = _run_event(event, flags)
    elif "job" in event:
        _job(event["job"], "$.job")
        subject = f"job/{_named(event['job'])}"
        flags += _odd_facets(event["job"].get("facets"))
        _sides(event)
    elif "dataset" in event:
        _dataset(event["dataset"], "$.dataset")
        subject = f"dataset/{_named(event['dataset'])}"
        flags += _odd_facets(event["dataset"].get("facets"))
    else:
        raise InvalidEvent("$", "has neither run nor job nor dataset")
    canonical_body = _dump(event)
    identity = hashlib.blake2b(canonical_body, digest_size=16).hexdigest()
    return RawEvent(identity, subject, time, canonical_body, event, flags)


def run_key(run: Any) -> str:
    """A run's id as everyone means it: UUIDs in lower case."""
    text = str(run).strip()
    return text.lower() if _UUID.fullmatch(text) else text


def _run_event(event: Json, flags: list[str]) -> str:
    run = _object(event["run"], "$.run")
    native = run.get("runId")
    if not isinstance(native, str) or not native.strip():
        raise InvalidEvent("$.run.runId", "a run's id is a text that is not empty")
    if not _UUID.fullmatch(native.strip()):
        flags.append("run id is no UUID")
    if "job" not in event:
        raise InvalidEvent("$.job", "is missing")
    _job(event["job"], "$.job")
    _facets(run.get("facets"), "$.run.facets", flags)
    _facets(event["job"].get("facets"), "$.job.facets", flags)
    kind = event.get("eventType")
    if kind is not None and (not isinstance(kind, str) or kind.upper() not in TYPES):
        flags.append(f"unknown eventType {str(kind)[:40]!r}")
    _sides(event)
    return f"run/{run_key(native)}"


def _sides(event: Json) -> None:
    for side in ("inputs", "outputs"):
        found = event.get(side)
        if found is None:
            continue
        if not isinstance(found, list):
            raise InvalidEvent(f"$.{side}", "is no array")
        for place, dataset in enumerate(found):
            _dataset(dataset, f"$.{side}[{place}]")


def _job(job: Any, path: str) -> None:
    found = _object(job, path)
    for part in ("namespace", "name"):
        if not isinstance(found.get(part), str):
            raise InvalidEvent(f"{path}.{part}", "is missing or no text")
    if not found["name"].strip():
        raise InvalidEvent(f"{path}.name", "is empty")


def _dataset(dataset: Any, path: str) -> None:
    _job(dataset, path)


def _facets(facets: Any, path: str, flags: list[str]) -> None:
    if facets is not None and not isinstance(facets, dict):
        raise InvalidEvent(path, "is no object")
    flags.extend(_odd_facets(facets))


def _odd_facets(facets: Any) -> list[str]:
    """What is wrong with facets that are taken all the same."""
    if not isinstance(facets, dict):
        return [] if facets is None else ["facets are no object"]
    odd = (name for name, one in facets.items() if one is not None and not isinstance(one, dict))
    return [f"facet {name} is no object" for name in odd]


def _object(value: Any, path: str) -> Json:
    if not isinstance(value, dict):
        raise InvalidEvent(path, "is no object")
    return value


def _named(thing: Json) -> str:
    return canonical(thing["namespace"], thing["name"])


def _time(text: Any, flags: list[str]) -> int:
    """Microseconds since 1970.

    Raises:
        InvalidEvent: it is missing or no time.
    """
    if not isinstance(text, str):
        raise InvalidEvent("$.eventTime", "is missing or no text")
    time = moment(text)
    if time is None:
        raise InvalidEvent("$.eventTime", f"{text[:40]!r} is no ISO 8601 time")
    if time.tzinfo is None:
        flags.append("eventTime has no zone and is taken for UTC")
        time = time.replace(tzinfo=UTC)
    since = (time - _EPOCH) // _MICROSECOND
    if not EARLIEST * 1_000 <= since <= LATEST * 1_000:
        flags.append(f"eventTime {text[:40]} is not within 2000 to 2262")
        return -1
    return since


def moment(text: str) -> datetime | None:
    """An ISO 8601 time, with its zone if it states one; None for anything else."""
    try:
        return datetime.fromisoformat(text.strip())
    except (ValueError, OverflowError):
        return None


def _dump(event: Json) -> bytes:
    """JSON with sorted keys.

    Raises:
        InvalidEvent: it nests too deep.
    """
    try:
        return orjson.dumps(event, option=orjson.OPT_SORT_KEYS)
    except (orjson.JSONEncodeError, TypeError):
        pass  # it nests deeper than that writer goes
    try:
        text = json.dumps(event, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    except (RecursionError, ValueError):
        raise InvalidEvent("$", f"nests more than {_DEEPEST} deep") from None
    return text.encode(errors="backslashreplace")
