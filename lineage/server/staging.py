"""A database that is built beside the one in use, and then takes its place.

```
staging/databases/neo4j      the database that is built
staging/transactions/neo4j   its log
former/...                   the one that it replaces, while it does
```

Killed at any moment, the next start finds either the old database or the new one, whole.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from lineage.errors import ServerError

if TYPE_CHECKING:
    from pathlib import Path

    from lineage.server.home import ServerHome

DATABASE = "neo4j"
_PARTS = ("databases", "transactions")


def prepare(home: ServerHome) -> Path:
    """An empty folder to build a database in; what an earlier build left is removed."""
    recover(home)
    stage = _stage(home)
    shutil.rmtree(stage, ignore_errors=True)
    stage.mkdir(mode=0o700)
    return stage


def discard(home: ServerHome) -> None:
    """Remove what was built."""
    shutil.rmtree(_stage(home), ignore_errors=True)


def swap(home: ServerHome) -> None:
    """Let the database that was built take the place of the one in use; the server is stopped.

    Raises:
        ServerError: there is none, or it cannot be moved; the old one stays in use.
    """
    stage, former = _stage(home), _former(home)
    if not (stage / "databases" / DATABASE).is_dir():
        raise ServerError(f"no database was built in {stage}")
    former.mkdir(mode=0o700)
    try:
        _move(home.data, former)
        _move(stage, home.data)
    except OSError as error:
        recover(home)
        raise ServerError(
            f"the new database cannot take the old one's place in {home.data}: {error.strerror}"
        ) from error
    recover(home)


def recover(home: ServerHome) -> None:
    """Finish a swap that was interrupted, or take it back where the new one was not moved whole.

    As long as anything of the new database is in the staging folder, the old one counts.
    """
    stage, former = _stage(home), _former(home)
    if former.is_dir() and _holds(stage):
        for part in _PARTS:
            old, used = former / part / DATABASE, home.data / part / DATABASE
            if old.is_dir():
                shutil.rmtree(used, ignore_errors=True)
                used.parent.mkdir(parents=True, exist_ok=True)
                old.rename(used)
    shutil.rmtree(former, ignore_errors=True)
    shutil.rmtree(stage, ignore_errors=True)


def _move(source: Path, target: Path) -> None:
    # The store last: as long as it has not moved, nothing has.
    for part in reversed(_PARTS):
        moved = source / part / DATABASE
        if moved.is_dir():
            (target / part).mkdir(parents=True, exist_ok=True)
            moved.rename(target / part / DATABASE)


def _holds(stage: Path) -> bool:
    return any((stage / part / DATABASE).is_dir() for part in _PARTS)


def _stage(home: ServerHome) -> Path:
    return home.root / "staging"


def _former(home: ServerHome) -> Path:
    return home.root / "former"
