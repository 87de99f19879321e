"""How far a store was read: the greatest ids, and the newest update."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from lineage.errors import ReadError
from lineage_ingest.mlmd.store import NODES

if TYPE_CHECKING:
    from lineage_ingest.mlmd.store import Store

TABLES = (*NODES, "Event", "Association", "Attribution")


@dataclass(frozen=True)
class Cursor:
    """The state of a store at one moment.

    Attributes:
        artifact: the greatest id of the table, 0 when empty; so are those down to attribution.
        parents: how many parent contexts there are; they have no ids.
        updated: the newest update of a node, in milliseconds, up to now; 0 before version 6.
    """

    artifact: int = 0
    execution: int = 0
    context: int = 0
    event: int = 0
    association: int = 0
    attribution: int = 0
    parents: int = 0
    updated: int = 0

    @classmethod
    def now(cls, store: Store) -> Cursor:
        """Where a store stands, taken in one statement."""
        columns = [select(func.max(store.table(name).c.id)).scalar_subquery() for name in TABLES]
        count = select(func.count())
        if store.has("ParentContext"):
            columns.append(count.select_from(store.table("ParentContext")).scalar_subquery())
        for name in NODES:
            if store.has(name, "last_update_time_since_epoch"):
                newest = store.table(name).c.last_update_time_since_epoch
                # A clock that ran ahead once must not hide every later change.
                plausible = newest.between(1, int(time.time() * 1000))
                columns.append(select(func.max(newest)).where(plausible).scalar_subquery())
        row = list(store.rows(select(*columns))[0])
        found = {name.lower(): int(row.pop(0) or 0) for name in TABLES}
        found["parents"] = int(row.pop(0) or 0) if store.has("ParentContext") else 0
        found["updated"] = max((int(value or 0) for value in row), default=0)
        return cls(**found)

    @classmethod
    def parse(cls, given: str) -> Cursor:
        """A cursor from its text.

        Raises:
            ReadError: it is not a cursor of this reader.
        """
        try:
            found = json.loads(given)
            return cls(**{field.name: int(found[field.name]) for field in fields(cls)})
        except (ValueError, TypeError, KeyError):
            raise ReadError(f"{given[:80]!r} is no cursor of an ML Metadata store") from None

    def __str__(self) -> str:
        return json.dumps(asdict(self), separators=(",", ":"))
