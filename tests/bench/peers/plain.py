"""Plain Python: dictionaries of lists, and a walk written out."""

from __future__ import annotations

import platform
from typing import TYPE_CHECKING

from bench.walks import Graphlet, graphlet

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bench.walks import Walks


class Plain:
    """Each walk a dictionary from a node to what comes next."""

    name = "Python dictionaries"
    version = platform.python_version()

    def __init__(self, walks: Walks) -> None:
        self._walks = walks
        self._next = {walk: _adjacency(walks, walk) for walk in walks.edges}

    def graphlet(self, trainer: int) -> Graphlet:
        """The members of one trainer's graphlet."""
        up = self._reach("up", [trainer])
        return graphlet(
            trainer,
            up=up,
            clean=self._reach("clean", [trainer]),
            down=self._reach("down", [trainer]),
            look=self._reach("look", up - self._walks.boundary),
            walks=self._walks,
        )

    def _reach(self, walk: str, start: Iterable[int]) -> set[int]:
        """Every node at the end of at least one step."""
        onwards = self._next[walk]
        seen: set[int] = set()
        front = list(start)
        while front:
            for node in onwards.get(front.pop(), ()):
                if node not in seen:
                    seen.add(node)
                    front.append(node)
        return seen


def _adjacency(walks: Walks, walk: str) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for start, goal in walks.edges[walk].tolist():
        found.setdefault(start, []).append(goal)
    return found
