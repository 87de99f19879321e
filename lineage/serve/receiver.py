"""The receiver as an ASGI application: each request is let in, read, answered and counted here."""

from __future__ import annotations

import asyncio
import logging
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import orjson

from lineage.serve.advice import Adviser
from lineage.serve.app import web_app
from lineage.serve.bodies import Budget, HungUp, read_body
from lineage.serve.commit import Committer
from lineage.serve.drain import Drain
from lineage.serve.events import event_in, events_in, parsed
from lineage.serve.guard import Guard
from lineage.serve.loader import Loader
from lineage.serve.metrics import Metrics
from lineage.serve.pages.web import Pages
from lineage.serve.problems import Refused

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, MutableMapping

    from lineage.serve.events import Batch, Fault
    from lineage.serve.journal import Journal
    from lineage.serve.options import Options
    from lineage.serve.service import Graph

    Scope = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[Any]]
    Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
    Answer = tuple[int, bytes]
    Post = tuple[Callable[[Any], Any], Callable[[Any], Awaitable[Answer]]]

HEAVY_BYTES = 256 * 1024
"""Larger bodies are parsed and checked in a thread of their own."""

_JSON = (b"content-type", b"application/json")
_log = logging.getLogger("lineage.serve")


class Receiver:
    """Takes events into a journal, and has them drained into a graph.

    Attributes:
        options: how it is run.
        journal: what was accepted and is not in the graph.
        metrics: what is counted.
        loader: the process that loads.
        drain: what takes the journal to it.

    Args:
        options: how it is run; checked.
        journal: open.
        graph: that takes the events and answers questions; it can be pickled.
    """

    def __init__(self, options: Options, journal: Journal, graph: Graph) -> None:
        self.options = options
        self.journal = journal
        self.metrics = metrics = Metrics()
        self.loader = Loader(graph, journal.folder)
        # Asked from here: a receiver that waits needs no process that loads.
        self.drain = Drain(
            journal, self.loader, metrics, options.segment_seconds,
            ping_seconds=options.ping_seconds, ping=graph.ping,
        )  # fmt: skip
        self._committer = Committer(journal, options.journal_bytes, metrics)
        self._adviser = Adviser(graph.advise)
        self._guard = Guard(options)
        self._budget = Budget(options)
        self._pages = None
        if options.pages:
            self._pages = Pages(options, graph, self._guard, self._budget, metrics)
        self._web = web_app(self)
        self._checks = ThreadPoolExecutor(1, thread_name_prefix="check")
        self._posts: dict[str, Post] = {
            "/api/v1/lineage": (self._checked, self._event),
            "/api/v1/lineage/batch": (events_in, self._batch),
            "/api/v1/advice": (lambda question: question, self._advice),
        }
        metrics.watch("backlog_bytes", "Bytes in the journal and not in the graph",
                      lambda: journal.backlog)  # fmt: skip
        metrics.watch("journal_damaged", "Pieces of the journal that could not be read",
                      lambda: journal.damaged)  # fmt: skip
        metrics.watch("waiting_bytes", "Bytes of bodies in work", lambda: self._budget.held)
        metrics.watch("waiting_requests", "Requests in work", lambda: self._budget.loans)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._web(scope, receive, send)
            return
        began = time.perf_counter()
        try:
            headers = dict(scope["headers"])
            if self._pages is not None and self._pages.takes(scope, headers):
                await self._pages(scope, headers, receive, send)
                self.metrics.request_seconds.observe(time.perf_counter() - began)
                return
            self._guard.check(scope, headers)
            post = self._posts.get(scope["path"])
            if post is None:
                await self._web(scope, receive, send)
                return
            status, body = await self._answered(post, scope["method"], headers, receive)
        except Refused as refused:
            await self._refuse(scope, send, refused)
        except HungUp:
            self.metrics.refused.labels("hung-up").inc()
        except Exception:  # noqa: BLE001 (a defect with one request must not end the others)
            _log.exception("answering %s failed", scope["path"])
            defect = Refused(500, "defect", "a defect of the receiver; its log says more")
            await self._refuse(scope, send, defect)
        else:
            await _send(send, status, body, [_JSON] if body else [])
        self.metrics.request_seconds.observe(time.perf_counter() - began)

    async def _refuse(self, scope: Scope, send: Send, refused: Refused) -> None:
        self.metrics.refused.labels(refused.reason).inc()
        await _send(send, refused.status, refused.body(scope["path"]), refused.headers())

    async def close(self) -> None:
        """Write what waits, and stop draining after the batch that is under way."""
        await self._committer.close()
        self._adviser.close()
        if self._pages is not None:
            self._pages.close()
        self._checks.shutdown(wait=False, cancel_futures=True)

    async def _answered(
        self,
        post: Post,
        method: str,
        headers: Mapping[bytes, bytes],
        receive: Receive,
    ) -> Answer:
        if method != "POST":
            raise Refused(405, "wrong-method", "this takes POST alone", allow="POST")
        with self._budget.loan() as loan:
            body = await read_body(headers, receive, loan, self.options)
            check, work = post
            if len(body) <= HEAVY_BYTES:
                return await work(check(parsed(body)))
            # What takes long holds up no other request, and no two of them memory at once.
            checked = asyncio.get_running_loop().run_in_executor(
                self._checks, lambda: check(parsed(body))
            )
            return await work(await checked)

    def _checked(self, value: Any) -> bytes:
        self.metrics.received.inc()
        return event_in(value)

    async def _event(self, body: bytes) -> Answer:
        await self._committer.commit([body])
        self.metrics.accepted.inc()
        return 201, b""

    async def _batch(self, batch: Batch) -> Answer:
        bodies, faults, failed = batch
        self.metrics.received.inc(len(bodies) + failed)
        if bodies:
            await self._committer.commit(bodies)
            self.metrics.accepted.inc(len(bodies))
        told = _batch_answer(len(bodies), faults, failed)
        if faults and not bodies:
            errors = [fault.error() for fault in faults]
            raise Refused(422, "invalid-event", "no event of the batch is one", errors, more=told)
        if faults:
            self.metrics.refused.labels("invalid-event").inc(failed)
        status = "partial_success" if faults else "success"
        return 207 if faults else 200, orjson.dumps({"status": status} | told)

    async def _advice(self, value: Any) -> Answer:
        return 200, await self._adviser.answer(value)


def _batch_answer(accepted: int, faults: list[Fault], failed: int) -> dict[str, Any]:
    summary = {
        "received": accepted + failed,
        "successful": accepted,
        "failed": failed,
        "retriable": 0,
        "non_retriable": failed,
    }
    return {"summary": summary, "failed_events": [one.plain() for one in faults]}


async def _send(send: Send, status: int, body: bytes, headers: list[tuple[bytes, bytes]]) -> None:
    length = (b"content-length", b"%d" % len(body))
    await send({"type": "http.response.start", "status": status, "headers": [*headers, length]})
    await send({"type": "http.response.body", "body": body})
