"""Every Cypher statement of the project, by name, from the files in `cypher/`.

A file holds a header and one statement. The header is made of comment lines: what the query is
for, then `// $name: TYPE, meaning` for each parameter, `// returns name: TYPE, meaning` for each
column, and `// :param name => value` (or `// :auto`) lines to paste into Neo4j Browser first.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from lineage.errors import NotFoundError, QueryError

_PARAMETER = re.compile(r"^\$(?P<name>\w+): (?P<type>[^,]+), (?P<meaning>.+)$")
_COLUMN = re.compile(r"^returns (?P<name>\w+): (?P<type>[^,]+), (?P<meaning>.+)$")


@dataclass(frozen=True, slots=True)
class Field:
    """A parameter or a column, as the header declares it."""

    name: str
    type: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Query:
    """One statement and what its header says of it."""

    name: str
    title: str
    description: str
    parameters: tuple[Field, ...]
    columns: tuple[Field, ...]
    preamble: tuple[str, ...]
    text: str

    @property
    def implicit(self) -> bool:
        """Whether it manages its own transactions (`CALL ... IN TRANSACTIONS`)."""
        return ":auto" in self.preamble

    def check(self, given: set[str]) -> None:
        """Refuse parameters that the header does not declare, and missing ones.

        Raises:
            QueryError: naming both.
        """
        declared = {field.name for field in self.parameters}
        if given != declared:
            problems = [f"unknown parameter ${name}" for name in sorted(given - declared)]
            problems += [f"missing parameter ${name}" for name in sorted(declared - given)]
            raise QueryError(f"query {self.name}: {', '.join(problems)}")


@cache
def folder() -> Path:
    """Where the `.cypher` files are: in the wheel beside this module, else in the checkout."""
    here = Path(__file__).parent
    packaged = here / "cypher"
    return packaged if packaged.is_dir() else here.parent / "cypher"


def names() -> list[str]:
    """All query names, such as `analyses/summary`, sorted."""
    root = folder()
    return sorted(
        path.relative_to(root).with_suffix("").as_posix() for path in root.rglob("*.cypher")
    )


@cache
def load(name: str) -> Query:
    """A query by its name; the folder may be left out where the stem is unique.

    Raises:
        NotFoundError: there is no such query.
    """
    matches = [known for known in names() if name in (known, known.rpartition("/")[2])]
    if len(matches) != 1:
        hint = f"it could be {' or '.join(matches)}" if matches else "see `lineage query --list`"
        raise NotFoundError(f"no query is called {name!r}: {hint}")
    return parse(matches[0], (folder() / f"{matches[0]}.cypher").read_text(encoding="utf-8"))


def parse(name: str, text: str) -> Query:
    """Split a file into its header's parts and its statement."""
    lines = text.splitlines()
    count = next((n for n, line in enumerate(lines) if not line.startswith("//")), len(lines))
    prose: list[str] = []
    parameters: list[Field] = []
    columns: list[Field] = []
    preamble: list[str] = []
    for line in (raw.removeprefix("//").strip() for raw in lines[:count]):
        if line.startswith(":"):
            preamble.append(line)
        elif match := _PARAMETER.match(line):
            parameters.append(Field(**match.groupdict()))
        elif match := _COLUMN.match(line):
            columns.append(Field(**match.groupdict()))
        else:
            prose.append(line)
    return Query(
        name=name,
        title=prose[0] if prose else "",
        description="\n".join(prose[1:]).strip(),
        parameters=tuple(parameters),
        columns=tuple(columns),
        preamble=tuple(preamble),
        text="\n".join(lines[count:]).strip().removesuffix(";"),
    )
