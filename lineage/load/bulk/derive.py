"""Which pipeline each execution counts for; see `cypher/settle/pipelines.cypher`."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa

from lineage.load.bulk.tables import ABSENT
from lineage.records import NodeKind

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lineage.load.bulk.tables import Ids

    Pairs = dict[str, tuple[NDArray[np.int64], NDArray[np.int64]]]

_WITHIN = ("OF", "PART_OF")
_HELD = ("IN_RUN", "IN_PIPELINE", "IN_CONTEXT")


def pipelines_of(
    ids: dict[NodeKind, Ids], pairs: Pairs, names: dict[int, str]
) -> tuple[NDArray[np.int64], pa.StringArray]:
    """The pipeline of each execution: the outermost, then the smallest name.

    Args:
        ids: of all nodes.
        pairs: members and containers by relationship type, links of parents among them.
        names: of the pipelines, by the importer's number.

    Returns:
        For each execution the place of its pipeline's name, and the names, the last one null.
    """
    executions, pipelines = ids[NodeKind.EXECUTION], ids[NodeKind.PIPELINE]
    within = _adjacent(pairs, executions)
    inner = {
        number
        for number in names
        # Only links of type PART_OF start at a pipeline.
        if any(0 <= outer - pipelines.first < pipelines.size for outer in within.get(number, ()))
    }
    kept = [(pairs[kind]) for kind in _HELD if kind in pairs]
    members = np.concatenate([one[0] for one in kept] or [np.zeros(0, np.int64)])
    groups = np.concatenate([one[1] for one in kept] or [np.zeros(0, np.int64)])
    held = (members >= executions.first) & (members < executions.first + executions.size)
    members, groups = members[held] - executions.first, groups[held]
    uniques, inverse = np.unique(groups, return_inverse=True)
    best = [_best(group, within, names, inner) for group in uniques.tolist()]
    ranks = sorted({one for one in best if one is not None})
    place = {one: number for number, one in enumerate(ranks)}
    nothing = len(ranks)
    rank = np.array([nothing if one is None else place[one] for one in best], np.int64)
    found = np.full(executions.size, nothing)
    np.minimum.at(found, members, rank[inverse])
    texts = [name or None for _, name in ranks]  # a pipeline without a name counts as none
    return found, pa.array([*texts, None], pa.string())


def _adjacent(pairs: Pairs, executions: Ids) -> dict[int, list[int]]:
    """What each group is within; executions among them only where a group is within one."""
    within: dict[int, list[int]] = {}
    for kind in _WITHIN:
        if kind not in pairs:
            continue
        members, containers = pairs[kind]
        outer = is_in(containers, executions)
        if not outer.any() or not (outer & ~is_in(members, executions)).any():
            groups = ~is_in(members, executions)
            members, containers = members[groups], containers[groups]
        for member, container in zip(members.tolist(), containers.tolist(), strict=True):
            within.setdefault(member, []).append(container)
    return within


def is_in(numbers: NDArray[np.int64], ids: Ids) -> NDArray[np.bool_]:
    """Which of the importer's numbers are of one table."""
    found: NDArray[np.bool_] = (numbers >= ids.first) & (numbers < ids.first + ids.size)
    return found


def _best(
    group: int, within: dict[int, list[int]], names: dict[int, str], inner: set[int]
) -> tuple[bool, str] | None:
    """The pipeline of a group: whether it is an inner one, and its name."""
    seen, ahead = {group}, [group]
    best: tuple[bool, str] | None = None
    while ahead:
        here = ahead.pop()
        if here in names:
            found = (here in inner, names[here])
            best = found if best is None else min(best, found)
        for outer in within.get(here, ()):
            if outer not in seen:
                seen.add(outer)
                ahead.append(outer)
    return best


class Links(NamedTuple):
    """Links of type PART_OF by the importer's numbers, each array of shape (links,).

    Attributes:
        pairs: members and containers.
        stated: how many of them memberships state, and not just the parents of executions.
    """

    pairs: tuple[NDArray[np.int64], NDArray[np.int64]]
    stated: int


def links_of(pairs: Pairs, ids: dict[NodeKind, Ids], parents: NDArray[np.int64]) -> Links:
    """Links to containers and to parents; an execution that names a parent has that one alone.

    Args:
        pairs: members and containers by relationship type.
        ids: of all nodes.
        parents: of shape (executions,), the row of each execution's parent, `ABSENT` where it
            names one that is not there, `NO_PARENT` where it names none.
    """
    executions = ids[NodeKind.EXECUTION]
    empty = np.zeros(0, np.int64)
    members, containers = pairs.get("PART_OF", (empty, empty))
    named = is_in(members, executions) & is_in(containers, executions)
    parent = parents[members[named] - executions.first]
    same = int((parent == containers[named] - executions.first).sum())
    named[named] = parent != NO_PARENT
    children = np.flatnonzero(parents >= 0)
    linked = (
        np.concatenate([members[~named], children + executions.first]),
        np.concatenate([containers[~named], parents[children] + executions.first]),
    )
    return Links(linked, int((~named).sum()) + same)


NO_PARENT = ABSENT - 1
