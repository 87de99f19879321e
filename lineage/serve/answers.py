"""What the receiver answers, as its description has it; and that description, by hand.

The two ways for events do not go through FastAPI: its own reading of bodies would have to be
undone for limits, compression and back-pressure, and costs more than all the rest of a request.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

from lineage.serve.problems import MEDIA_TYPE

_JSON = "application/json"


class WrongPart(BaseModel):
    """A part of a body that is wrong."""

    path: str = Field(description="JSON path of it")
    reason: str = Field(description="What is wrong there")


class Problem(BaseModel):
    """Problem details as RFC 9457 has them."""

    type: str = Field(description="Kind of problem, as URN")
    title: str = Field(description="What the status means")
    status: int = Field(description="Status of HTTP")
    detail: str = Field(description="What is wrong, and what to do")
    instance: str = Field(description="The path that was asked")
    errors: list[WrongPart] = Field([], description="Where in the body")


class Failed(BaseModel):
    """An event of a batch that was not accepted."""

    index: int = Field(description="Of the event in the batch, from 0")
    reason: str = Field(description="JSON path of what is wrong, and why")
    retriable: bool = Field(description="Whether sending it again may help")


class Summary(BaseModel):
    """How many events of a batch were accepted."""

    received: int
    successful: int
    failed: int
    retriable: int
    non_retriable: int


class BatchAnswer(BaseModel):
    """What became of a batch; accepted events are durable."""

    status: Literal["success", "partial_success"]
    summary: Summary
    failed_events: list[Failed] = Field(description="The first 100 of them")


class Health(BaseModel):
    """Whether it works."""

    status: Literal["ok", "degraded", "full"] = Field(
        description="`degraded`: see `problem`; `full`: events are refused"
    )
    ready: bool = Field(description="Whether events are accepted")
    graph: Literal["up", "down", "unknown"] = Field(description="Whether Neo4j answered last")
    problem: str | None = Field(
        description="Why the graph does not take events, or did not take some; without secrets"
    )
    rejected: int = Field(
        description="Events that could not be loaded; in `not-loaded.jsonl` beside the journal"
    )
    set_aside: int = Field(
        description="Records that the graph could not use, of events since the start"
    )
    backlog_bytes: int = Field(description="In the journal and not in the graph")
    journal_limit_bytes: int = Field(description="From which on events are refused")
    version: str


REFUSALS = {
    400: "The body is no JSON or no gzip",
    401: "No valid API key",
    408: "The head or the body came too slowly",
    413: "The body is too large, or has too many events",
    415: "No JSON, or an unknown encoding",
    421: "Without a key: another host was asked for",
    422: "The body is JSON, and not what is wanted; `errors` says where",
    503: "Too much is in work, or the graph is behind; sending it again later may help",
}
_RETRY = {
    "Retry-After": {"description": "Seconds", "required": True, "schema": {"type": "integer"}}
}


def refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Answers that are problems, for the description; all of them where none is named."""
    found: dict[int | str, dict[str, Any]] = {}
    for status in statuses or REFUSALS:
        one: dict[str, Any] = {
            "description": REFUSALS[status],
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        found[status] = one | ({"headers": _RETRY} if status == 503 else {})
    return found


def json_body(schema: dict[str, Any], says: str) -> dict[str, Any]:
    """A body of JSON, for the description."""
    return {
        "requestBody": {
            "required": True,
            "description": f"{says}; may be sent with Content-Encoding: gzip.",
            "content": {_JSON: {"schema": schema}},
        }
    }


def _named(says: str) -> dict[str, Any]:
    # A name that is blank names nothing.
    name = {"type": "string", "minLength": 1, "pattern": r"\S"}
    return {
        "type": "object",
        "description": says,
        "required": ["namespace", "name"],
        "properties": {"namespace": {"type": "string"}, "name": name},
    }


_DATASETS = {"type": "array", "items": {"$ref": "#/components/schemas/Dataset"}}
_TIME = {"type": "string", "format": "date-time", "description": "ISO 8601, best with a zone"}
EVENT_SCHEMAS: dict[str, Any] = {
    "Dataset": _named("A data set, as the specification has it."),
    "Job": _named("A job, as the specification has it."),
    "Run": {
        "type": "object",
        "required": ["runId"],
        "properties": {"runId": {"type": "string", "format": "uuid"}, "facets": {"type": "object"}},
    },
    "RunEvent": {
        "type": "object",
        "required": ["eventTime", "run", "job"],
        "properties": {
            "eventTime": _TIME,
            "eventType": {"enum": ["START", "RUNNING", "COMPLETE", "ABORT", "FAIL", "OTHER"]},
            "run": {"$ref": "#/components/schemas/Run"},
            "job": {"$ref": "#/components/schemas/Job"},
            "inputs": _DATASETS,
            "outputs": _DATASETS,
        },
    },
    "JobEvent": {
        "type": "object",
        "required": ["eventTime", "job"],
        "properties": {
            "eventTime": _TIME,
            "job": {"$ref": "#/components/schemas/Job"},
            "inputs": _DATASETS,
            "outputs": _DATASETS,
        },
    },
    "DatasetEvent": {
        "type": "object",
        "required": ["eventTime", "dataset"],
        "properties": {"eventTime": _TIME, "dataset": {"$ref": "#/components/schemas/Dataset"}},
    },
    "Event": {
        "description": "An event of openlineage.io/spec/2-0-2/OpenLineage.json; what that has and "
        "this does not name is kept as it is.",
        "anyOf": [
            {"$ref": f"#/components/schemas/{name}"}
            for name in ("RunEvent", "JobEvent", "DatasetEvent")
        ],
    },
}
_BATCH = {_JSON: {"schema": {"$ref": "#/components/schemas/BatchAnswer"}}}
EVENT_PATHS: dict[str, Any] = {
    "/api/v1/lineage": {
        "post": {
            "operationId": "postEvent",
            "summary": "Take one OpenLineage event",
            "tags": ["events"],
            **json_body({"$ref": "#/components/schemas/Event"}, "The event"),
            "responses": {"201": {"description": "It is durable"}}
            | {str(status): one for status, one in refusals().items()},
        }
    },
    "/api/v1/lineage/batch": {
        "post": {
            "operationId": "postEventBatch",
            "summary": "Take several OpenLineage events",
            "tags": ["events"],
            **json_body(
                {"type": "array", "items": {"$ref": "#/components/schemas/Event"}}, "The events"
            ),
            "responses": {
                "200": {"description": "All are durable", "content": _BATCH},
                "207": {"description": "Some are durable", "content": _BATCH},
            }
            | {str(status): one for status, one in refusals().items()},
        }
    },
}
