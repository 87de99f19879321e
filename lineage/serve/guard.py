"""Who may ask: the key, and what stands in for it where none is set."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from lineage.serve.options import is_loopback_address, secrets_of
from lineage.serve.pages.guide import PATHS as GUIDE_PATHS
from lineage.serve.problems import Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lineage.serve.options import Options

# What tells nothing of the graph: for pages, probes and scrapers on this machine. Neo4j Browser
# fetches the guide and has no way to send a key.
_OPEN = frozenset({"/openapi.json", "/docs", *GUIDE_PATHS})
_LOCAL = frozenset({"/health", "/metrics"})
_FORWARDED = (b"x-forwarded-for", b"forwarded", b"x-real-ip")


class Guard:
    """Looks at each request before its body is read."""

    def __init__(self, options: Options) -> None:
        self._keys = secrets_of(options.keys)

    def check(self, scope: Mapping[str, Any], headers: Mapping[bytes, bytes]) -> None:
        """Let a request pass.

        Raises:
            Refused: it has no key, a wrong one, or comes by way of another site's name.
        """
        if not self._keys:
            _check_host(headers)
            return
        path = scope["path"]
        if path in _OPEN or (path in _LOCAL and _is_local(scope, headers)):
            return
        given = _given(headers)
        if given is None or not self.knows(given):
            raise Refused(
                401,
                "unauthorized",
                "no valid API key; send it as `Authorization: Bearer KEY` or as `X-API-Key: KEY`",
            )

    def knows(self, given: bytes) -> bool:
        """Whether it is one of the keys."""
        # Every key is looked at, so that the time taken tells nothing of which one is near.
        return bool(sum(hmac.compare_digest(given, key) for key in self._keys))


def _given(headers: Mapping[bytes, bytes]) -> bytes | None:
    scheme, _, key = headers.get(b"authorization", b"").partition(b" ")
    if scheme.lower() == b"bearer":
        return key.strip()
    return headers.get(b"x-api-key")


def _is_local(scope: Mapping[str, Any], headers: Mapping[bytes, bytes]) -> bool:
    """Whether a request was made on this machine, and not passed on by a proxy here."""
    client = scope.get("client")
    if client is None or not is_loopback_address(client[0]):
        return False
    return not any(name in headers for name in _FORWARDED)


def _check_host(headers: Mapping[bytes, bytes]) -> None:
    """Without a key, a page of some other site must not reach us through a name of its own."""
    given = headers.get(b"host", b"").decode("latin-1")
    try:
        name = urlsplit(f"//{given}").hostname or ""
    except ValueError:
        name = given
    if name not in ("", "localhost") and not is_loopback_address(name):
        raise Refused(
            421,
            "misdirected",
            "without an API key only requests to 127.0.0.1 or localhost are taken",
        )
