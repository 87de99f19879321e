"""One statement of a document, free of the form and of the library that it was read with."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, TypeGuard

from lineage_ingest.prov.vocabulary import PREFIXES, PROV

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prov.identifier import QualifiedName
    from prov.model import ProvRecord

_INT64 = range(-(2**63), 2**63)


class Name(NamedTuple):
    """A qualified name.

    Attributes:
        space: the namespace's URI.
        local: the rest.
        prefix: what the namespace is called here, for people.
    """

    space: str
    local: str
    prefix: str

    @property
    def uri(self) -> str:
        """The whole of it, which tells things apart."""
        return self.space + self.local

    @property
    def short(self) -> str:
        """`prefix:local`, as it is written."""
        return f"{self.prefix}:{self.local}" if self.prefix else self.local


Literal: TypeAlias = bool | int | float | str | Name


@dataclass(slots=True)
class Statement:
    """An element or a relation as one place of a document states it.

    Attributes:
        kind: PROV-N's word: `entity`, `used`, `wasGeneratedBy`, ...
        id: of the thing, or of the relation where it has one.
        names: the formal arguments that name things: `activity`, `entity`, `usedEntity`, ...
        times: the formal arguments that are times, in ms since 1970.
        attributes: all others, sorted, so that a document reads alike every time.
        bundle: URI of the bundle it stands in; None outside of bundles.
        position: where it stands, for people.
        zoneless: a time had no zone, and was taken for UTC.
    """

    kind: str
    id: Name | None
    names: dict[str, Name]
    times: dict[str, int]
    attributes: list[tuple[Name, Literal]]
    bundle: str | None = None
    position: str = ""
    zoneless: bool = field(default=False)

    def of(self, space: str, local: str) -> list[Literal]:
        """The values of one attribute."""
        return [value for name, value in self.attributes if name[:2] == (space, local)]

    def prov(self, local: str) -> list[Literal]:
        """The values of one of PROV's own attributes: `type`, `label`, `role`, ..."""
        return self.of(PROV, local)


def name_of(given: QualifiedName) -> Name:
    """A name as the library has it."""
    space = given.namespace
    return Name(space.uri, given.localpart, PREFIXES.get(space.uri, space.prefix))


def statement_of(record: ProvRecord, kind: str, bundle: str | None, position: str) -> Statement:
    """A record of the library as a statement."""
    identifier = record.identifier
    made = Statement(
        kind=kind,
        id=name_of(identifier) if _is_name(identifier) else None,
        names={},
        times={},
        attributes=[],
        bundle=bundle,
        position=position,
    )
    for attribute, value in record.formal_attributes:
        if isinstance(value, dt.datetime):
            made.zoneless |= value.tzinfo is None
            made.times[attribute.localpart] = millis(value)
        elif _is_name(value):
            made.names[attribute.localpart] = name_of(value)
    pairs = ((name_of(name), plain(value)) for name, value in record.extra_attributes)
    made.attributes = sorted(pairs, key=_order)
    return made


def millis(moment: dt.datetime) -> int:
    """Milliseconds since 1970; a time without zone is taken for UTC, which PROV leaves open."""
    known = moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
    epoch = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
    return (known - epoch) // dt.timedelta(milliseconds=1)


def plain(value: Any) -> Literal:
    """An attribute's value without the library's wrapping."""
    if _is_name(value):
        return name_of(value)
    if isinstance(value, bool) or (isinstance(value, int) and value in _INT64):
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    if isinstance(value, dt.datetime):
        return value.isoformat()
    # A literal of some type or language has a value, an identifier a URI.
    return str(getattr(value, "value", getattr(value, "uri", value)))


def texts(values: list[Literal]) -> Iterator[str]:
    """Values as text: names by their URI."""
    for value in values:
        yield value.uri if isinstance(value, Name) else str(value)


def _is_name(value: object) -> TypeGuard[QualifiedName]:
    return hasattr(value, "localpart") and hasattr(value, "namespace")


def _order(pair: tuple[Name, Literal]) -> tuple[str, str, str]:
    name, value = pair
    return name.uri, type(value).__name__, str(value)
