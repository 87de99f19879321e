"""A guide for Neo4j Browser: six questions to ask of one's own graph, the style, saved queries.

Browser fetches a guide itself (`:guide ADDRESS`, `:play ADDRESS`), from a page of another origin
and with no means to send a key. So the guide needs none, and any origin may read it: it is made of
the package's own files and says nothing of the graph. What Browser then asks of Neo4j, Neo4j
guards.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lineage import queries
from lineage.saved import saved_queries
from lineage.serve.pages import look
from lineage.serve.pages.answer import HTML, Answer
from lineage.serve.problems import Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lineage.serve.receiver import Scope

GUIDE = "/guide"
STYLE = "/guide/style.grass"
SAVED = "/guide/queries.zip"
PATHS = frozenset({GUIDE, STYLE, SAVED})

_POLICY = f"{look.STYLED}; img-src data:"
_METHODS = "GET, HEAD, OPTIONS"
# Browser asks with headers of its own (and those of what counts its errors), so that a look ahead
# (OPTIONS) comes first. Nothing here depends on any.
_ASKED_WITH = "*"
_HOST = re.compile(r"[A-Za-z0-9.-]+(:\d+)?|\[[0-9A-Fa-f:.]+\](:\d+)?")


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the guide.

    Attributes:
        title: of it.
        query: that is run, by its name.
        says: what one sees then.
        empty: what it means when there is nothing.
    """

    title: str
    query: str
    says: str
    empty: str

    @property
    def text(self) -> str:
        """What is run: the question and the statement, without the columns of its header."""
        found = queries.load(self.query)
        return f"// {found.title}\n{found.text};"

    @property
    def file(self) -> str:
        """Where the query lies."""
        return f"cypher/{self.query}.cypher"


STEPS = (
    Step(
        "What is there",
        "explore/contents",
        "One row for each kind of node and of relationship. Executions are what ran, artifacts "
        "what they read and wrote; a graphlet is one model's story: all that led to it, and all "
        "that was done with it.",
        "Counts of nought mean that nothing was loaded, or no graphlet was cut: run `lineage "
        "ingest` and `lineage segment`.",
    ),
    Step(
        "One run",
        "explore/latest_run",
        "The trace of the latest run that trained a model, as the store recorded it: data flows "
        "along the arrows, from what was read to what was written. Click a node to see all that "
        "is known of it, double-click to see what is around it.",
        "Nothing is drawn where no execution counts as training: `lineage doctor` lists the types "
        "that nobody knew.",
    ),
    Step(
        "One model's graphlet",
        "explore/latest_pushed_model",
        "The latest model that was deployed, with everything that it rests on: its data came from "
        "more runs than one. Compare this with the run that you saw before.",
        "Nothing is drawn where no model was pushed yet; take `pipeline history` of the saved "
        "queries instead.",
    ),
    Step(
        "What two graphlets share",
        "explore/in_common",
        "On either side a graphlet, the latest and the one before it. Between them is what both "
        "hold: it was paid for once, and used twice.",
        "Nothing is drawn where no trainer trained twice, or where two models have nothing in "
        "common.",
    ),
    Step(
        "What was for nothing",
        "explore/expensive_never_pushed",
        "The dearest models that were never deployed. `alone` is what would have been saved "
        "without the model: what no other graphlet needs.",
        "No rows mean that every model was pushed, or may still be.",
    ),
    Step(
        "Where a model's data came from",
        "explore/where_from",
        "One way from the latest model back to each span of data that it was trained on. To ask "
        "the other way round, who used a span, take `bad span` of the saved queries.",
        "Nothing is drawn where the store does not say what the model was trained on.",
    ),
)  # fmt: skip


def answer(scope: Scope, headers: Mapping[bytes, bytes]) -> Answer:
    """The guide, the style or the saved queries.

    Args:
        scope: of the request; its path is one of `PATHS`.
        headers: of the request.

    Raises:
        Refused: something else is wanted than to read.
    """
    if scope["method"] == "OPTIONS":
        return _open(b"", HTML)
    if scope["method"] not in ("GET", "HEAD"):
        raise Refused(405, "wrong-method", "the guide is read alone", allow=_METHODS)
    path = scope["path"]
    if path == STYLE:
        return _open((queries.folder() / "style.grass").read_bytes(), "text/plain; charset=utf-8")
    if path == SAVED:
        name = (b"content-disposition", b'attachment; filename="lineage-queries.zip"')
        return _open(saved_queries(), "application/zip", name)
    return _open(look.render("guide.html", base=_base(scope, headers), steps=STEPS), HTML)


def _open(body: bytes, media: str, *more: tuple[bytes, bytes]) -> Answer:
    given = (
        (b"access-control-allow-origin", b"*"),
        (b"access-control-allow-methods", _METHODS.encode()),
        (b"access-control-allow-headers", _ASKED_WITH.encode()),
        *more,
    )
    return Answer(body, media, policy=_POLICY, headers=given, shared=True)


def _base(scope: Scope, headers: Mapping[bytes, bytes]) -> str:
    """Where the guide was asked for, whole; of this machine by the name that Browser allows."""
    host = headers.get(b"host", b"").decode("latin-1")
    if not _HOST.fullmatch(host):
        raise Refused(400, "invalid-host", "the request names no host")
    passed_on = headers.get(b"x-forwarded-proto", b"").decode("latin-1")
    if host.partition(":")[0] == "127.0.0.1":
        host = host.replace("127.0.0.1", "localhost")
    scheme = "https" if "https" in (scope.get("scheme"), passed_on) else "http"
    return f"{scheme}://{host}"
