"""The `prov` library, which is loaded only when a document is read."""

from __future__ import annotations

import re
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING

from lineage.errors import MissingExtraError

if TYPE_CHECKING:
    from collections.abc import Iterator

_LOST = re.compile(r"drop|ignor|skip", re.IGNORECASE)
# What a later version of the library will do about it is no matter of the document's author.
_FORECAST = re.compile(r"\. prov \d[\d.]* will .*$", re.DOTALL)


def need_library(form: str) -> None:
    """Make sure that the library is there.

    Raises:
        MissingExtraError: it is not, or what it needs for PROV-XML is not.
    """
    try:
        import prov.model
        import prov.serializers.provjson

        if form == "xml":
            import prov.serializers.provxml  # noqa: F401
    except ImportError as error:
        raise MissingExtraError(
            "reading PROV needs the prov library; install it with "
            "`pip install 'lineage-graphlets[prov]'`"
        ) from error


@contextmanager
def heard() -> Iterator[list[str]]:
    """Collect what the library warns of, as far as something is lost by it."""
    found: list[str] = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            yield found
        finally:
            texts = (_FORECAST.sub("", str(each.message)) for each in caught)
            found += [text for text in texts if _LOST.search(text)]
