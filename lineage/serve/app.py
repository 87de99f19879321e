"""What is asked seldom: health, metrics, the description and a page that shows it."""

from __future__ import annotations

import html
import logging
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI, Request, Response
from fastapi.openapi.utils import get_openapi
from fastapi.responses import HTMLResponse
from starlette.exceptions import HTTPException

from lineage._version import __version__
from lineage.serve import metrics as counted
from lineage.serve.advice import Asked
from lineage.serve.answers import (
    EVENT_PATHS,
    EVENT_SCHEMAS,
    BatchAnswer,
    Health,
    Problem,
    json_body,
    refusals,
)
from lineage.serve.problems import Refused

if TYPE_CHECKING:
    from lineage.serve.receiver import Receiver

_METHODS = ("get", "post")
_log = logging.getLogger("lineage.serve")


def web_app(receiver: Receiver) -> FastAPI:
    """The application that answers all but what is posted."""
    app = FastAPI(title="Lineage receiver", version=__version__, docs_url=None, redoc_url=None)
    keyed: list[dict[str, Any]] = [{"bearer": []}, {"header": []}] if receiver.options.keys else []

    @app.get(
        "/health", tags=["operation"], response_model=Health, responses=refusals(401, 421, 503)
    )
    def health(response: Response) -> Health:
        """Tell whether events are accepted, and whether they reach the graph."""
        found = health_of(receiver)
        response.headers["cache-control"] = "no-store"
        return found

    @app.get("/metrics", tags=["operation"], response_class=Response,
             responses=refusals(401, 421) | {200: {"content": {"text/plain": {}}}})  # fmt: skip
    def metrics() -> Response:
        """Tell what was counted, for Prometheus."""
        return Response(receiver.metrics.text(), media_type=counted.MEDIA_TYPE)

    @app.get("/docs", include_in_schema=False)
    def docs() -> HTMLResponse:
        return HTMLResponse(page(app.openapi()), headers=_PAGE_HEADERS)

    app.add_exception_handler(HTTPException, _told)
    app.add_exception_handler(Exception, _failed)
    app.openapi = lambda: _described(app, keyed)  # type: ignore[method-assign]
    return app


def health_of(receiver: Receiver) -> Health:
    """How it is."""
    backlog, limit = receiver.journal.backlog, receiver.options.journal_bytes
    problem, full = receiver.drain.problem or _lost(receiver), backlog >= limit
    return Health(
        status="full" if full else "degraded" if problem else "ok",
        ready=not full,
        graph="down" if receiver.drain.down else "up" if receiver.drain.reached else "unknown",
        problem=problem,
        rejected=receiver.drain.rejected,
        set_aside=receiver.drain.set_aside,
        backlog_bytes=backlog,
        journal_limit_bytes=limit,
        version=__version__,
    )


def _lost(receiver: Receiver) -> str | None:
    """What is to be done about events that could not be loaded."""
    count, file = receiver.drain.rejected, receiver.drain.rejected_file.name
    if not count:
        return None
    return (
        f"{count} events could not be loaded; they are in {file} beside the journal: load that "
        "with `lineage ingest`, then move it away"
    )


def _described(app: FastAPI, keyed: list[dict[str, Any]]) -> dict[str, Any]:
    """The description: of FastAPI's own ways, and of those that are answered before it."""
    if app.openapi_schema:
        return app.openapi_schema
    found = get_openapi(title=app.title, version=app.version, routes=app.routes,
                        description=_SAYS)  # fmt: skip
    found["paths"] |= EVENT_PATHS | {"/api/v1/advice": {"post": _ADVICE}}
    schemas = found.setdefault("components", {}).setdefault("schemas", {})
    schemas |= EVENT_SCHEMAS
    for model in (Problem, BatchAnswer, Asked, _advice_model()):
        schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas |= schema.pop("$defs", {})
        schemas[model.__name__] = schema
    if keyed:
        found["components"]["securitySchemes"] = {
            "bearer": {"type": "http", "scheme": "bearer"},
            "header": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
        }
        found["security"] = keyed
        for path in ("/health", "/metrics"):  # on this machine they need none
            found["paths"][path]["get"]["security"] = [{}, *keyed]
    app.openapi_schema = found
    return found


def _advice_model() -> Any:
    from lineage.advise import Advice

    return Advice


_SAYS = (
    "Takes OpenLineage events into a journal and from there into the graph, and answers whether "
    "something was computed before."
)
_ADVICE: dict[str, Any] = {
    "operationId": "postAdvice",
    "summary": "Ask whether something was computed before, where its output is, and what it cost",
    "tags": ["reuse"],
    **json_body({"$ref": "#/components/schemas/Asked"}, "The question"),
    "responses": {
        "200": {
            "description": "What the graph knows",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Advice"}}},
        }
    }
    | {str(status): one for status, one in refusals().items()},
}


def _told(request: Request, error: Exception) -> Response:
    """What the routes refuse, as problem details."""
    assert isinstance(error, HTTPException)  # noqa: S101  (registered for that)
    word = {404: "not-found", 405: "wrong-method"}.get(error.status_code, "refused")
    refused = Refused(error.status_code, word, str(error.detail))
    return _response(refused, request, dict(error.headers or {}))


def _failed(request: Request, error: Exception) -> Response:
    _log.error("answering %s failed", request.url.path, exc_info=error)
    return _response(Refused(500, "defect", "a defect of the receiver; its log says more"), request)


def _response(
    refused: Refused, request: Request, headers: dict[str, str] | None = None
) -> Response:
    told = {name.decode(): value.decode() for name, value in refused.headers()}
    return Response(refused.body(request.url.path), refused.status, headers=(headers or {}) | told)


# The page runs nothing and loads nothing: a receiver stands where no other host is reached.
_PAGE_HEADERS = {"content-security-policy": "default-src 'none'; style-src 'unsafe-inline'"}
_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:48rem;margin:2rem auto;padding:0 1rem}"
    "code{background:#8882;padding:.1em .3em}li{margin:.2em 0}"
)


def page(described: dict[str, Any]) -> str:
    """The description as a page."""
    title, says = (html.escape(described["info"][part]) for part in ("title", "description"))
    head = (
        f"<!doctype html><html lang=en><meta charset=utf-8><title>{title}</title>"
        f"<style>{_STYLE}</style><h1>{title}</h1><p>{says} The whole description: "
        "<a href='/openapi.json'>openapi.json</a>.</p>"
    )
    return head + "".join(
        _way(method, path, ways[method])
        for path, ways in sorted(described["paths"].items())
        for method in _METHODS
        if method in ways
    )


def _way(method: str, path: str, way: dict[str, Any]) -> str:
    said = html.escape(way.get("description") or way.get("summary", ""))
    answers = "".join(
        f"<li><code>{status}</code> {html.escape(one.get('description', ''))}"
        for status, one in sorted(way["responses"].items())
    )
    head = f"{method.upper()} {html.escape(path)}"
    return f"<h2><code>{head}</code></h2><p>{said}</p><ul>{answers}</ul>"
