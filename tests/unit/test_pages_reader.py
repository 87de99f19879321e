"""What holds up a page holds up nothing else, and not for ever."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any

from lineage.serve.pages import reader
from lineage.serve.pages.reader import Reader
from lineage.serve.problems import Refused

if TYPE_CHECKING:
    import pytest


class Stuck:
    """A graph that does not answer until it is let."""

    def __init__(self) -> None:
        self.let = threading.Event()

    def read(self, work: Any) -> str:
        self.let.wait(30)
        return "answered"


def test_pages_that_are_stuck(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "SECONDS", 0.2)
    monkeypatch.setattr(reader, "THREADS", 1)
    monkeypatch.setattr(reader, "WAITING", 1)
    graph = Stuck()
    reads = Reader(graph)  # type: ignore[arg-type]

    async def ask() -> str:
        try:
            return str(await reads.read(lambda *_: None))
        except Refused as refused:
            return refused.reason

    async def all_of_it() -> list[str]:
        found = [await ask(), await ask()]  # the first is still held up when the second comes
        graph.let.set()
        while (last := await ask()) == "busy":
            await asyncio.sleep(0.01)
        return [*found, last]

    assert asyncio.run(all_of_it()) == ["too-slow", "busy", "answered"]
    reads.close()
