"""Native properties of many rows as columns, whatever properties each row has."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from lineage.load.rows import family_of, native
from lineage.recipes import ABSENT
from lineage_ingest.trace_columns import Columns
from lineage_ingest.trace_json import canonical

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from lineage.records import Properties

WIDEST = 200
"""Columns in one file: each row has a delimiter for each."""

MOST_GROUPS = 8

_TYPES: dict[type, tuple[str, pa.DataType]] = {
    str: ("string", pa.string()),
    int: ("long", pa.int64()),
    float: ("double", pa.float64()),
    bool: ("boolean", pa.bool_()),
}
_SCALARS = frozenset(_TYPES)
# What a header cannot say, or says something else with.
_ODD_NAME = re.compile(r'["{}\x00-\x1f]|^\s|\s$|^$')

Shape = tuple[tuple[str, type], ...]


class Native:
    """The properties of a batch of rows.

    Each distinct text is looked at once; `codes` tells which one a row has.

    Attributes:
        count: how many distinct texts there are.
        codes: of shape (rows,), the place of a row's text, or one past the last where it has none.
        odd: of shape (rows,), rows that a column cannot hold.
        group: of shape (rows,), which file a row goes to: within one, names have one type each.
    """

    def __init__(self, texts: pa.StringArray) -> None:
        encoded = texts.dictionary_encode()
        self.count = count = len(encoded.dictionary)
        self.codes: NDArray[np.int64] = encoded.indices.fill_null(count).to_numpy().astype(np.int64)
        columns = Columns(pa.record_batch({"properties": encoded.dictionary}))
        self._values: list[Properties] = columns.properties("properties")
        self._odd = np.append(columns.marked, False)
        self._shown: list[Properties] = list(self._values)
        self._group = np.zeros(count + 1, np.int64)
        self._groups: list[dict[str, type]] = [{}]
        self._members: list[list[tuple[list[str], list[str], list[int]]]] = [[]]
        self._arrange()
        self.odd: NDArray[np.bool_] = self._odd[self.codes]
        self.group: NDArray[np.int64] = self._group[self.codes]

    def contents(self) -> pa.StringArray:
        """Canonical text of each row's properties, as its revision has it."""
        made = [canonical(value) if value else ABSENT for value in self._values]
        return pa.array([*made, ABSENT], pa.string()).take(pa.array(self.codes))

    def properties(self, row: int) -> Properties:
        """The properties of a row."""
        code = int(self.codes[row])
        return self._values[code] if code < self.count else {}

    def groups(self) -> list[dict[str, pa.Array]]:
        """For each group, its columns under the names that the importer's header has."""
        return [self._columns(number) for number in range(len(self._groups))]

    def families(self, names: Sequence[str]) -> pa.StringArray:
        """The family of each row, as if each was a training."""
        wanted = frozenset(names)
        found = [
            None if wanted.isdisjoint(value) else family_of(value, names) for value in self._values
        ]
        return pa.array([*found, None], pa.string()).take(pa.array(self.codes))

    def amounts(self, name: str) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
        """Whether each row has a property, and its value; NaN where it is no amount."""
        there = np.fromiter((name in value for value in self._values), np.bool_, len(self._values))
        values = np.fromiter(
            (_amount(value.get(name)) for value in self._values), np.float64, len(self._values)
        )
        return np.append(there, False)[self.codes], np.append(values, np.nan)[self.codes]

    def _arrange(self) -> None:
        """Sort texts by shape, and shapes into groups in which no name has two types."""
        shapes: dict[tuple[bool, Shape], list[int]] = {}
        for place, value in enumerate(self._values):
            nested = not _SCALARS.issuperset(map(type, value.values()))
            # What is nested is JSON text, under names that say so.
            shown = native(value) if nested else value
            self._shown[place] = shown
            shape = tuple(zip(shown, map(type, shown.values()), strict=True))
            shapes.setdefault((nested, shape), []).append(place)
        for (nested, shape), places in sorted(shapes.items(), key=lambda item: -len(item[1])):
            names = [name if nested else _name(name) for name, _ in shape]
            named = dict(zip(names, (kind for _, kind in shape), strict=True))
            group = self._place(named) if len(named) == len(shape) and _fits(named) else None
            if group is None:
                self._odd[places] = True
                continue
            self._group[places] = group
            self._groups[group] |= named
            self._members[group].append((names, [name for name, _ in shape], places))

    def _place(self, named: dict[str, type]) -> int | None:
        for number, group in enumerate(self._groups):
            agrees = all(group.get(name, kind) is kind for name, kind in named.items())
            if agrees and len(group.keys() | named.keys()) <= WIDEST:
                return number
        if len(self._groups) == MOST_GROUPS:
            return None
        self._groups.append({})
        self._members.append([])
        return len(self._groups) - 1

    def _columns(self, number: int) -> dict[str, pa.Array]:
        held: dict[str, list[Any]] = {
            name: [None] * (len(self._values) + 1) for name in self._groups[number]
        }
        for names, keys, places in self._members[number]:
            for name, key in zip(names, keys, strict=True):
                column = held[name]
                for place in places:
                    column[place] = self._shown[place][key]
        codes = pa.array(self.codes)
        return {
            f"{name}:{_TYPES[kind][0]}": pa.array(held[name], _TYPES[kind][1]).take(codes)
            for name, kind in self._groups[number].items()
        }


def _amount(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        return np.nan
    return float(value)


def _name(name: str) -> str:
    (made,) = native({name: True})
    return made


def _fits(named: dict[str, type]) -> bool:
    """Whether a file can hold it: no list, no name that a header cannot say."""
    return (
        len(named) <= WIDEST
        and _SCALARS.issuperset(named.values())
        and not any(_ODD_NAME.search(name) for name in named)
    )
