"""A Neo4j to work with: the user's own, a container, or one that the package runs itself.

```python
from lineage import server

endpoint = server.up()  # or server.endpoint(), which starts nothing
```
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lineage.server.choose import Way, down, endpoint, external, local_home, status, up
from lineage.server.endpoint import Endpoint, Status
from lineage.server.home import DEFAULT_LINE, ServerHome

if TYPE_CHECKING:
    from lineage.server.doctor import Check

__all__ = [
    "DEFAULT_LINE",
    "Endpoint",
    "ServerHome",
    "Status",
    "Way",
    "admin",
    "checks",
    "down",
    "endpoint",
    "external",
    "local_home",
    "status",
    "up",
]

# Every command imports this module; what only a few need is imported when they call it.


def checks(neo4j_version: str = DEFAULT_LINE) -> list[Check]:
    """Look at everything that a server needs; starts and changes nothing.

    Args:
        neo4j_version: version line of the local server.

    Raises:
        ServerError: there is no such version.
    """
    from lineage.server import doctor

    return doctor.checks(neo4j_version)


def admin(home: ServerHome, *arguments: str) -> str:
    """Run Neo4j's admin tool on the home of a stopped local server.

    Args:
        home: the folder of the server.
        arguments: such as `"database", "import", "full", "neo4j", "--nodes=..."`.

    Returns:
        What the tool printed.

    Raises:
        ServerError: the server runs, or the tool failed; the message has its last lines.
    """
    from lineage.server import local

    return local.admin(home, *arguments)
