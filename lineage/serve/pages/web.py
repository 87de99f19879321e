"""The pages as an application: who may see them, which page is asked for, and what goes wrong."""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING, Any, get_args

from lineage.find import Kind
from lineage.serve.bodies import HungUp
from lineage.serve.pages import guide, look
from lineage.serve.pages.addresses import Question, address
from lineage.serve.pages.answer import JSON, SVG, Answer, as_json, moved
from lineage.serve.pages.lists import pipelines, search, start
from lineage.serve.pages.model import Prediction, Problem
from lineage.serve.pages.pictures import drawn
from lineage.serve.pages.reader import Reader
from lineage.serve.pages.report import Reports, report_of
from lineage.serve.pages.sign_in import SIGN_IN, SIGN_OUT, Door
from lineage.serve.pages.views import node_page
from lineage.serve.problems import MEDIA_TYPE, TITLES, Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pydantic import BaseModel

    from lineage.api import Lineage
    from lineage.graph import Graph as Reading
    from lineage.serve.bodies import Budget, Loan
    from lineage.serve.guard import Guard
    from lineage.serve.metrics import Metrics
    from lineage.serve.options import Options
    from lineage.serve.receiver import Receive, Scope, Send
    from lineage.serve.service import Graph

    Work = Callable[[Reading, Lineage, Question], Answer]

# What is answered elsewhere, for programs, whatever they accept.
_ELSEWHERE = frozenset({"/health", "/metrics", "/docs", "/openapi.json"})
_API = "/api/"
_log = logging.getLogger("lineage.serve")


class Pages:
    """Answers for people.

    Args:
        options: of the receiver.
        graph: to be read.
        guard: knows who may ask.
        budget: of requests in work, shared with events.
        metrics: what is refused is counted there.
    """

    def __init__(
        self, options: Options, graph: Graph, guard: Guard, budget: Budget, metrics: Metrics
    ) -> None:
        self._reader = Reader(graph)
        self._reports = Reports(graph, options.report_seconds)
        self._budget, self._metrics = budget, metrics
        self._guard = guard
        self._door = Door(guard, options)
        self._works: Mapping[str, Work] = {
            "/": self._page("start.html", _start),
            "/pipelines": self._page("pipelines.html", _pipelines),
            "/search": self._page("found.html", _searched),
            "/graphlet/prediction": self._page("prediction.html", _predicted),
            "/graphlet/picture.svg": partial(_drawn, "graphlet"),
            "/graphlet/picture": partial(_zoomed, "graphlet"),
            "/pipeline/timeline.svg": partial(_drawn, "pipeline"),
            "/pipeline/timeline": partial(_zoomed, "pipeline"),
            **self._nodes(),
        }

    def takes(self, scope: Scope, headers: Mapping[bytes, bytes]) -> bool:
        """Whether a request is for a page; what there is not is told to browsers as a page."""
        path = scope["path"]
        if path in self._works or path in (SIGN_IN, SIGN_OUT, "/report", *guide.PATHS):
            return True
        if path in _ELSEWHERE or path.startswith(_API):
            return False
        return scope["method"] in ("GET", "HEAD") and _by_browser(headers)

    async def __call__(
        self, scope: Scope, headers: Mapping[bytes, bytes], receive: Receive, send: Send
    ) -> None:
        """Answer a request."""
        path, person, asked = scope["path"], True, None
        try:
            asked = Question(path, scope["query_string"])
            with self._budget.loan() as loan:
                answer = await self._made(scope, headers, asked, receive, loan)
        except Refused as refused:
            person = asked is None or not asked.json
            answer = self._refused(scope, refused, headers, person=person)
        except HungUp:
            raise  # nobody is left to be told
        except Exception:  # noqa: BLE001 (a defect with one page must not end the others)
            _log.exception("answering %s failed", path)
            defect = Refused(500, "defect", "a defect of the receiver; its log says more")
            answer = self._refused(scope, defect, headers, person=person)
        body = b"" if scope["method"] == "HEAD" else answer.body
        told = answer.all_headers()
        await send({"type": "http.response.start", "status": answer.status, "headers": told})
        await send({"type": "http.response.body", "body": body})

    def close(self) -> None:
        """Answer nothing more."""
        self._reader.close()
        self._reports.close()

    async def _made(
        self,
        scope: Scope,
        headers: Mapping[bytes, bytes],
        asked: Question,
        receive: Receive,
        loan: Loan,
    ) -> Answer:
        if scope["path"] in guide.PATHS:
            self._guard.check(scope, headers)  # no key is needed, a name of this machine is
            return guide.answer(scope, headers)
        answer = await self._door.answer(scope, headers, asked, receive, loan)
        return await self._answer(scope["method"], asked) if answer is None else answer

    async def _answer(self, method: str, asked: Question) -> Answer:
        if method not in ("GET", "HEAD"):
            raise Refused(405, "wrong-method", "pages are read alone", allow="GET, HEAD")
        if asked.path == "/report":
            return await self._report(asked)
        work = self._works.get(asked.path)
        if work is None:
            raise Refused(404, "not-found", f"there is no page {asked.path}")
        return await self._reader.read(lambda graph, lin: work(graph, lin, asked))

    async def _report(self, asked: Question) -> Answer:
        found = report_of(await self._reports.newest(), json=asked.json)
        if found is None:
            return Answer(self._rendered("waiting.html", asked), status=202)
        return Answer(found, JSON) if asked.json else Answer(found, policy=look.report_policy())

    def _page(self, template: str, made: Callable[[Reading, Lineage, Question], BaseModel]) -> Work:
        """A page that is made from the graph, or its JSON."""

        def work(graph: Reading, lin: Lineage, asked: Question) -> Answer:
            page = made(graph, lin, asked)
            if asked.json:
                return as_json(page)
            return Answer(self._rendered(template, asked, page=page))

        return work

    def _nodes(self) -> dict[str, Work]:
        kinds: tuple[Kind, ...] = get_args(Kind)
        return {f"/{kind}": self._page("node.html", partial(_node, kind)) for kind in kinds}

    def _rendered(self, template: str, asked: Question, **given: Any) -> bytes:
        json = None if template == "waiting.html" else asked.as_json()
        return look.render(template, keyed=self._door.keyed, shut=False, json=json,
                           wanted=asked.text("name"), **given)  # fmt: skip

    def _refused(
        self, scope: Scope, refused: Refused, headers: Mapping[bytes, bytes], *, person: bool
    ) -> Answer:
        self._metrics.refused.labels(refused.reason).inc()
        if refused.status == 401 and (not person or not _by_browser(headers)):
            person = False
        elif refused.status == 401:
            return moved(address(SIGN_IN, next=_asked(scope)))
        told = [one for one in refused.headers() if one[0] != b"content-type"]
        if not person:
            return Answer(refused.body(scope["path"]), MEDIA_TYPE, refused.status,
                          headers=tuple(told))  # fmt: skip
        page = Problem(
            status=refused.status,
            title=TITLES.get(refused.status, "Error"),
            detail=refused.detail,
        )
        shut = refused.status == 421
        body = look.render("problem.html", page=page, keyed=self._door.keyed, shut=shut, json=None,
                           wanted=None)  # fmt: skip
        return Answer(body, status=refused.status, headers=tuple(told))


def _by_browser(headers: Mapping[bytes, bytes]) -> bool:
    return b"text/html" in headers.get(b"accept", b"")


def _asked(scope: Scope) -> str:
    """The address that was asked for, to come back to."""
    path: bytes = scope.get("raw_path") or scope["path"].encode()
    query: bytes = scope["query_string"]
    return (path + (b"?" + query if query else b"")).decode("latin-1")


def _start(graph: Reading, _: Lineage, __: Question) -> BaseModel:
    return start(graph)


def _pipelines(graph: Reading, _: Lineage, asked: Question) -> BaseModel:
    return pipelines(graph, asked)


def _searched(graph: Reading, _: Lineage, asked: Question) -> BaseModel:
    return search(graph, asked)


def _node(kind: Kind, graph: Reading, lin: Lineage, asked: Question) -> BaseModel:
    return node_page(graph, lin.settings, kind, asked)


def _predicted(graph: Reading, lin: Lineage, asked: Question) -> BaseModel:
    from lineage.waste.live import model_of, predict_push  # scikit-learn, only where it is asked

    found = predict_push(graph, lin._waste_model(), model_of(graph, asked.key()))
    return Prediction(key=found.key, prediction=found.model_dump(mode="json"))


def _drawn(kind: str, graph: Reading, _: Lineage, asked: Question) -> Answer:
    image = drawn(graph, kind, asked.key(), "svg").encode()
    return Answer(image, SVG, policy=look.STYLED)


def _zoomed(kind: str, graph: Reading, _: Lineage, asked: Question) -> Answer:
    page = drawn(graph, kind, asked.key(), "html").encode()
    return Answer(page, policy=look.zoomed_policy())
