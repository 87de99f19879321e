"""PROV-XML as statements; a document that declares entities, or any document type, is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from lxml import etree  # type: ignore[import-untyped]
from prov.serializers.provxml import ProvXMLSerializer, xml_qname_to_QualifiedName

from lineage.errors import ReadError
from lineage.records import SetAside
from lineage_ingest.prov.forms import Place, one_line
from lineage_ingest.prov.vocabulary import PROV

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prov.model import ProvBundle

    from lineage_ingest.prov.forms import Read

_ROOT = f"{{{PROV}}}document"
_BUNDLE = f"{{{PROV}}}bundleContent"


def read(content: bytes, name: str) -> Iterator[Read]:
    """The statements of a document.

    Raises:
        ReadError: it is no PROV-XML, or has a document type declaration.
    """
    root = _parsed(content, name)
    document = Place(name)
    for element in root:
        if element.tag == _BUNDLE:
            yield from _bundle(element, name, document)
        else:
            yield from _record(element, name, document)


def _parsed(content: bytes, name: str) -> etree._Element:
    # Comments and processing instructions are no records. Without `huge_tree` the library refuses
    # what is nested or repeated beyond measure.
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise ReadError(f"{name} is no XML: {one_line(error)}") from None
    if root.getroottree().docinfo.doctype:
        raise ReadError(
            f"{name} has a document type declaration, where entities can hide; PROV-XML needs "
            "none, so take it out"
        )
    if root.tag != _ROOT:
        raise ReadError(f"{name} is no PROV-XML: its root is {root.tag}, not {_ROOT}")
    return root


def _bundle(element: etree._Element, name: str, document: Place) -> Iterator[Read]:
    place = Place(f"{name}, line {element.sourceline}", document)
    given = element.get(f"{{{PROV}}}id")
    if given is None:
        reason = "the bundle has no prov:id"
        yield SetAside(kind="bundle", position=place.where, reason=reason)
        return
    try:
        place.uri = xml_qname_to_QualifiedName(element, given).uri
    except Exception as error:  # noqa: BLE001 (it fails in its own ways and in Python's)
        yield SetAside(kind="bundle", position=place.where, reason=one_line(error))
        return
    for inner in element:
        if inner.tag == _BUNDLE:
            yield place.nested(f"{name}, line {inner.sourceline}")
        else:
            yield from _record(inner, name, place)


def _record(element: etree._Element, name: str, place: Place) -> Iterator[Read]:
    kind = etree.QName(element).localname
    position = f"{name}, line {element.sourceline}, {kind}"

    def into(bundle: ProvBundle) -> None:
        # It only goes through the children of what it is given.
        ProvXMLSerializer().deserialize_subtree(cast("etree._Element", [element]), bundle)

    yield from place.read(kind, position, into)
