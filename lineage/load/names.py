"""Data sets that have several names, and the one that each goes by.

Two names are of one data set because a source says so (OpenLineage's symlinks facet), or because a
rule of the settings gives both the same name. Of all its names a data set goes by the one that
sorts first, so that the order in which they become known does not matter. The facts are kept in the
graph, as `Alias` nodes: they can be read, and the join goes when their source is forgotten or the
setting `apart` names them.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from lineage.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from lineage.graph import Graph


class Names:
    """The names that are known, as classes of equal ones."""

    def __init__(self, rules: Iterable[Mapping[str, str]] = (), apart: Iterable[str] = ()) -> None:
        """Without any equal names yet.

        Args:
            rules: globs on canonical names, and the name that what they match goes by.
            apart: globs; what a source says of a name that one of them matches does not count.

        Raises:
            SettingsError: a rule cannot be understood.
        """
        self._rules = [_rule(one) for one in rules]
        self._apart = tuple(apart)
        self._above: dict[str, str] = {}
        self._ruled: dict[str, str] = {}

    def learn(self, graph: Graph) -> None:
        """Take into account what the graph's sources said."""
        for row in graph.run("names/aliases"):
            self.join(row["left"], row["right"])

    def resolve(self, name: str) -> str:
        """The name that a data set goes by."""
        return self._top(self._rule_of(name))

    def join(self, left: str, right: str) -> None:
        """Take two names for one data set's."""
        if any(fnmatchcase(one, glob) for glob in self._apart for one in (left, right)):
            return
        first, second = sorted((self.resolve(left), self.resolve(right)))
        if first != second:
            self._above[second] = first

    def moved(self) -> list[str]:
        """Names that are known to be another's."""
        return sorted(self._above)

    def _top(self, name: str) -> str:
        top = name
        while (above := self._above.get(top)) is not None:
            top = above
        while (above := self._above.get(name)) is not None:  # a shorter way the next time
            self._above[name] = top
            name = above
        return top

    def _rule_of(self, name: str) -> str:
        if not self._rules:
            return name
        found = self._ruled.get(name)
        if found is None:
            matches = (target for glob, target in self._rules if fnmatchcase(name, glob))
            found = self._ruled[name] = next(matches, name)
        return found


def _rule(given: Mapping[str, str]) -> tuple[str, str]:
    if set(given) != {"pattern", "name"} or not all(given.values()):
        raise SettingsError(f"a data set rule has a pattern and a name, not {dict(given)!r}")
    return given["pattern"], given["name"]
