"""Signing in: a browser cannot send a key by itself, so it gets a cookie for one.

The cookie holds a time and a code made of that and the key: nothing is kept here, the key cannot be
told from it, and a key that is taken away ends its cookies.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

NAME = "lineage"
SECONDS = 12 * 3_600
_PURPOSE = b"pages until "


class Sessions:
    """Makes cookies and knows them again.

    Args:
        keys: any of which opens the pages.
    """

    def __init__(self, keys: tuple[bytes, ...]) -> None:
        self._keys = keys

    def made(self, key: bytes) -> str:
        """The value of a cookie for a key that is known to be right."""
        until = b"%d" % (time.time() + SECONDS)
        return f"{until.decode()}.{_code(key, until)}"

    def holds(self, headers: Mapping[bytes, bytes]) -> bool:
        """Whether a request has a cookie that holds."""
        until, _, code = _sent(headers).partition(".")
        if not (until.isascii() and until.isdigit() and len(until) < 12):
            return False
        if int(until) < time.time() or not code.isascii():
            return False
        # Every key is looked at, as with the header.
        codes = (_code(key, until.encode()) for key in self._keys)
        return bool(sum(hmac.compare_digest(code, one) for one in codes))


def cookie(value: str, *, secure: bool) -> str:
    """The header that sets the cookie; an empty value takes it away.

    Args:
        value: of the cookie.
        secure: whether the browser came by HTTPS, and may send it so alone.
    """
    life = SECONDS if value else 0
    parts = [f"{NAME}={value}", "Path=/", f"Max-Age={life}", "HttpOnly", "SameSite=Strict"]
    return "; ".join([*parts, "Secure"] if secure else parts)


def _code(key: bytes, until: bytes) -> str:
    return hmac.new(key, _PURPOSE + until, hashlib.sha256).hexdigest()


def _sent(headers: Mapping[bytes, bytes]) -> str:
    try:
        found = SimpleCookie(headers.get(b"cookie", b"").decode("latin-1"))
    except CookieError:
        return ""
    return found[NAME].value if NAME in found else ""
