"""The live receiver: takes OpenLineage events over HTTP, keeps them, and loads them into the graph.

FastAPI, uvicorn and what they need come with the extra `serve`; importing this package does not
import them.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from lineage.errors import GraphUnavailableError, MissingExtraError
from lineage.serve.options import Options

if TYPE_CHECKING:
    from collections.abc import Callable

    from lineage.api import Lineage

__all__ = ["Options", "serve"]


def serve(options: Options, connect: Callable[[], Lineage], ready: Callable[[str], None]) -> None:
    """Receive events until a signal ends it.

    Neo4j may be down, now and later: what is accepted waits in the journal.

    Args:
        options: how.
        connect: connects to the graph; called again when the connection is lost, and in the
            process that loads, so that it has to be a function or method that can be pickled.
        ready: told the address when it listens.

    Raises:
        MissingExtraError: the extra `serve` is not installed.
        SettingsError: the options must not be started with.
        GraphError: the graph answers and cannot be used, such as with this password.
        JournalError: the journal cannot be had.
        ServerError: it cannot listen there.
    """
    try:
        from lineage.serve.service import run
    except ImportError as error:
        if error.name is None or error.name.partition(".")[0] not in _EXTRA:
            raise
        raise MissingExtraError(
            f"{error.name} is not installed; pip install 'lineage-graphlets[serve]'"
        ) from None
    from lineage.serve.sink import GraphSink

    options.check()
    graph = GraphSink(connect, options.source)
    with suppress(GraphUnavailableError):
        graph.connected()  # a wrong password is told now, not in a log
    run(options, graph, ready)


_EXTRA = frozenset({"fastapi", "starlette", "uvicorn", "httptools", "prometheus_client"})
