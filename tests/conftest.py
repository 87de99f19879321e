"""One real Neo4j for each process of a session, wiped between tests."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lineage import Lineage
    from lineage.server import Endpoint


def pytest_xdist_auto_num_workers() -> int:
    """How many processes `-n auto` means: each starts a Neo4j of its own, unless one is named."""
    return 0 if os.environ.get("NEO4J_URI") else min(2, os.cpu_count() or 1)


def pytest_configure() -> None:
    """Java that tests start lives too briefly for its best compiler to pay for itself."""
    os.environ.setdefault("JAVA_TOOL_OPTIONS", "-XX:TieredStopAtLevel=1")


@pytest.fixture(scope="session")
def endpoint() -> Iterator[Endpoint]:
    """The server that the integration tests use."""
    from support.server import session_endpoint

    with session_endpoint() as found:
        yield found


@pytest.fixture(scope="session")
def connected(endpoint: Endpoint) -> Iterator[Lineage]:
    """A connection that lasts for the session."""
    from lineage import Lineage, Settings

    with Lineage.connect(
        endpoint.uri,
        endpoint.username,
        endpoint.password,
        endpoint.database,
        settings=Settings(),
    ) as lin:
        yield lin


@pytest.fixture
def lin(connected: Lineage) -> Lineage:
    """A service on an empty graph."""
    from support.demo import wipe

    wipe(connected)
    return connected
