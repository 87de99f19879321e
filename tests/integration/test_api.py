"""The service from Python, on the sample store."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lineage.errors import NotFoundError

if TYPE_CHECKING:
    from lineage import Lineage


def test_from_the_sample_to_answers(lin: Lineage) -> None:
    steps: list[tuple[int, int | None]] = []
    done = lin.demo()
    assert done.segmented.graphlets == 35
    again = lin.ingest(
        str(_store()), source="demo", progress=lambda n, total: steps.append((n, total))
    )
    assert again.written == 0
    assert steps[-1][0] == sum(again.read.values())
    assert steps[-1][1] is not None
    report = lin.report(["summary", "graphlets"], limit=3)
    assert len(report.table("graphlets").rows) == 3
    graphlet = next(iter(lin.export_graphlets()))
    shown = lin.show(graphlet["key"])
    assert shown.kind == "graphlet"
    assert lin.to_networkx(graphlet["key"]).number_of_nodes() == len(graphlet["executions"]) + len(
        graphlet["artifacts"]
    )
    assert list(lin.unmatched()) == []
    with pytest.raises(NotFoundError):
        lin.show("nothing of that name")


def _store() -> object:
    from lineage.demo.demo import store

    return store()
