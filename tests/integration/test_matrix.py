"""The same pipeline out of every source gives the same graph, less the gaps that are declared."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.matrix import LAKE, RAW, RAW_VERSION, Told
from support.matrix_gaps import project
from support.matrix_view import ASPECTS, expected, observed
from support.matrix_writers import WRITERS
from support.openlineage import body, dataset, event, run_id
from support.snapshot import differences, snapshot

from lineage import Lineage, Settings
from lineage_ingest.capabilities import IMPLIED_BY, SOURCES, Capability, gaps

if TYPE_CHECKING:
    from pathlib import Path

    from support.matrix_view import View

GAPS = [
    (source, gap)
    for source in SOURCES
    for gap in Capability
    if gap in gaps(source) and IMPLIED_BY.get(gap) not in gaps(source)
]


@pytest.fixture(scope="module", params=SOURCES)
def source(request: pytest.FixtureRequest) -> str:
    """A source, which is also the name that it is loaded under."""
    found: str = request.param
    return found


@pytest.fixture(scope="module")
def told(source: str, tmp_path_factory: pytest.TempPathFactory) -> Told:
    """The pipeline in a source's own form."""
    if source == "mlmd":
        pytest.importorskip("tensorflow_metadata.proto.v0.statistics_pb2")
    return WRITERS[source](tmp_path_factory.mktemp(source))


def load(lin: Lineage, told: Told, source: str, folder: Path) -> int:
    """Load and segment it; how much was written."""
    mine = Lineage(lin.graph, Settings(statistics_roots=(str(folder),)))
    done = mine.ingest(told.location, source=source, local_files=True)
    assert done.reader == source
    assert done.set_aside == []
    mine.segment()
    return done.written


@pytest.fixture(scope="module")
def view(
    connected: Lineage, source: str, told: Told, tmp_path_factory: pytest.TempPathFactory
) -> View:
    """What the graph tells of it; what it shares, once another source wrote the raw data."""
    from support.demo import wipe

    wipe(connected)
    load(connected, told, source, tmp_path_factory.getbasetemp())
    found = observed(connected, told, source)
    raw = dataset(RAW, LAKE, version={"datasetVersion": RAW_VERSION})
    connected.ingest_events([body(event("COMPLETE", 0, run_id(1), outputs=[raw]))], source="lake")
    return found | {"shared": observed(connected, told, source)["shared"]}


@pytest.mark.parametrize("aspect", ASPECTS)
def test_the_graph_tells_all_but_the_gaps(view: View, source: str, aspect: str) -> None:
    assert view[aspect] == expected(project(gaps(source)))[aspect]


@pytest.mark.parametrize(("source", "gap"), GAPS, ids=str)
def test_each_gap_would_be_seen_if_it_were_none(source: str, gap: Capability) -> None:
    """So that the test above fails for a declared gap that is none."""
    assert expected(project(gaps(source))) != expected(project(gaps(source) - {gap}))


@pytest.mark.parametrize("capability", Capability)
def test_each_capability_would_be_missed(capability: Capability) -> None:
    """So that the test above fails for a gap that is not declared."""
    assert expected(project(())) != expected(project({capability}))


def test_loading_twice_changes_nothing(
    lin: Lineage, source: str, told: Told, tmp_path_factory: pytest.TempPathFactory
) -> None:
    assert load(lin, told, source, tmp_path_factory.getbasetemp()) > 0
    before = snapshot(lin)
    assert load(lin, told, source, tmp_path_factory.getbasetemp()) == 0
    assert differences(before, snapshot(lin)) == []
