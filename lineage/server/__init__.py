"""A Neo4j to work with: the user's own, a container, or one that the package runs itself.

```python
from lineage import server

endpoint = server.up()  # or server.endpoint(), which starts nothing
```
"""

from __future__ import annotations

from lineage.server.choose import Way, down, endpoint, external, status, up
from lineage.server.endpoint import Endpoint, Status
from lineage.server.home import ServerHome

__all__ = [
    "Endpoint",
    "ServerHome",
    "Status",
    "Way",
    "down",
    "endpoint",
    "external",
    "status",
    "up",
]
