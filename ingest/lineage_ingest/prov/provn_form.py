"""PROV-N as statements, where the installed library reads it (from 3.2 on)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prov.model import ProvDocument

from lineage.errors import ReadError, UnsupportedVersionError
from lineage.records import SetAside
from lineage_ingest.prov.forms import one_line, shortened, statements
from lineage_ingest.prov.library import heard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lineage_ingest.prov.forms import Read


def read(content: bytes, name: str) -> Iterator[Read]:
    """The statements of a document.

    Raises:
        ReadError: it is no PROV-N.
        UnsupportedVersionError: the library only writes PROV-N.
    """
    try:
        with heard() as warned:
            document = ProvDocument.deserialize(
                content=content.decode("utf-8-sig"), format="provn", profile="lenient"
            )
    except NotImplementedError:
        raise UnsupportedVersionError(
            f"{name} is PROV-N, which the installed prov library cannot read; install prov 3.2 or "
            "later, or convert the document to PROV-JSON"
        ) from None
    except Exception as error:  # noqa: BLE001 (it fails in its own ways and in Python's)
        raise ReadError(f"{name} is no PROV-N: {one_line(error)}") from None
    for text in warned:
        yield SetAside(kind="record", position=name, reason=shortened(text))
    yield from statements(document, 0, None, name)
    for bundle in document.bundles:
        identifier = bundle.identifier
        uri = None if identifier is None else identifier.uri
        yield from statements(bundle, 0, uri, f"{name}, bundle {identifier}")
