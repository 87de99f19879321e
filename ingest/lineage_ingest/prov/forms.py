"""A document in any of its three forms as statements.

The `prov` library does the reading, a record at a time: given a whole document it gives all of it
up over one bad record. So the bad one is set aside, with where it stands, and the rest is read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from prov.constants import PROV_N_MAP
from prov.identifier import Namespace
from prov.model import ProvBundle, ProvDocument

from lineage.records import SetAside
from lineage_ingest.prov.library import heard
from lineage_ingest.prov.statements import Statement, statement_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Read: TypeAlias = Statement | SetAside

_RENEWED = 500
_SHOWN = 200
_NESTED = "PROV has no bundle within a bundle"


class Place:
    """Where records are read in: the document, or one bundle, with its prefixes.

    The library's bundles keep their records, and copy the list of them when asked for it; so a new
    one is begun every few hundred records.

    Attributes:
        uri: of the bundle; None outside of bundles.
        where: what to call it in messages.
    """

    def __init__(self, where: str, parent: Place | None = None) -> None:
        self.uri: str | None = None
        self.where = where
        self._parent = parent
        self._prefixes: dict[str, str] = {}
        self._default: str | None = None
        self._bundle: ProvBundle | None = None

    def declare(self, prefix: str, uri: str) -> None:
        """A prefix of this place; `default` is the one of names without."""
        if prefix == "default":
            self._default = uri
        else:
            self._prefixes[prefix] = uri
        self._bundle = None

    @property
    def bundle(self) -> ProvBundle:
        """The library's, to read a record into."""
        if self._bundle is None or len(self._bundle.records) > _RENEWED:
            self._bundle = self._renewed()
        return self._bundle

    def _renewed(self) -> ProvBundle:
        if self._parent is None:
            made: ProvBundle = ProvDocument()
        else:
            document = self._parent._renewed()
            made = ProvBundle(document=document)  # type: ignore[arg-type]
        for prefix, uri in self._prefixes.items():
            made.add_namespace(Namespace(prefix, uri))
        if self._default is not None:
            made.set_default_namespace(self._default)
        return made

    def read(
        self, kind: str, position: str, into: Callable[[ProvBundle], object]
    ) -> Iterator[Read]:
        """What one call of the library reads: statements, and what it had to leave.

        Args:
            kind: of the record.
            position: where it stands.
            into: reads it into a bundle.
        """
        bundle = self.bundle
        before = len(bundle.records)
        with heard() as warned:
            try:
                into(bundle)
            except Exception as error:  # noqa: BLE001 (it fails in its own ways and in Python's)
                self._bundle = None
                yield SetAside(kind=kind, position=position, reason=one_line(error))
                return
        for text in warned:
            yield SetAside(kind="value", position=position, reason=shortened(text))
        yield from statements(bundle, before, self.uri, position)

    def read_all(
        self, kind: str, positions: list[str], into: Callable[[ProvBundle], object]
    ) -> list[Statement] | None:
        """What one call reads of many records, which takes half the time.

        Args:
            kind: of the records.
            positions: where they stand, in order.
            into: reads them into a bundle.

        Returns:
            One statement a record; None where they have to be read one by one, since there is
            something to say of some of them.
        """
        bundle = self._renewed()
        with heard() as warned:
            try:
                into(bundle)
            except Exception:  # noqa: BLE001 (as above)
                return None
        records = bundle.records
        if warned or len(records) != len(positions):
            return None
        pairs = zip(records, positions, strict=True)
        return [statement_of(record, kind, self.uri, position) for record, position in pairs]

    def nested(self, position: str) -> SetAside:
        """What to say of a bundle within this one."""
        return SetAside(kind="bundle", position=position, reason=_NESTED)


def statements(
    bundle: ProvBundle, before: int, uri: str | None, position: str
) -> Iterator[Statement]:
    """The records that a bundle holds since it held so many."""
    for record in bundle.records[before:]:
        yield statement_of(record, PROV_N_MAP[record.get_type()], uri, position)


def one_line(error: Exception) -> str:
    """What an error says, short; Python's own, which the library meant for nobody, by name."""
    text = str(error) or "no reason given"
    if isinstance(error, KeyError | TypeError | AttributeError | AssertionError):
        text = f"the prov library cannot read it ({type(error).__name__}: {text})"
    return shortened(text)


def shortened(text: str) -> str:
    """Text of any length and shape on one line."""
    return " ".join(text.split())[:_SHOWN]
