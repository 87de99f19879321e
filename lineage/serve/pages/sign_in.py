"""The door to the pages: a key in the head, a cookie, or a form that gives one for a key."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from lineage.serve.bodies import HungUp
from lineage.serve.options import secrets_of
from lineage.serve.pages import look
from lineage.serve.pages.answer import Answer, moved
from lineage.serve.pages.sessions import Sessions, cookie
from lineage.serve.problems import Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lineage.serve.bodies import Loan
    from lineage.serve.guard import Guard
    from lineage.serve.options import Options
    from lineage.serve.pages.addresses import Question
    from lineage.serve.receiver import Receive, Scope

SIGN_IN = "/sign-in"
SIGN_OUT = "/sign-out"
_FORM_BYTES = 8_192
_FORM = b"application/x-www-form-urlencoded"


class Door:
    """Lets in who may see pages.

    Attributes:
        keyed: whether a key is asked for.

    Args:
        guard: knows keys.
        options: of the receiver.
    """

    def __init__(self, guard: Guard, options: Options) -> None:
        self.keyed = bool(options.keys)
        self._guard = guard
        self._seconds = options.body_seconds
        self._sessions = Sessions(secrets_of(options.keys))

    async def answer(
        self,
        scope: Scope,
        headers: Mapping[bytes, bytes],
        asked: Question,
        receive: Receive,
        loan: Loan,
    ) -> Answer | None:
        """What is to be answered at the door; None for who is let in.

        Raises:
            Refused: there is no valid key and no cookie, or the form is none.
        """
        if not self.keyed:
            self._guard.check(scope, headers)
            return moved("/") if asked.path in (SIGN_IN, SIGN_OUT) else None
        if asked.path == SIGN_OUT:
            return self._signed_out(scope, headers)
        if asked.path == SIGN_IN:
            return await self._signing_in(scope, headers, asked, receive, loan)
        if not self._sessions.holds(headers):
            self._guard.check(scope, headers)
        return None

    async def _signing_in(
        self,
        scope: Scope,
        headers: Mapping[bytes, bytes],
        asked: Question,
        receive: Receive,
        loan: Loan,
    ) -> Answer:
        then = _local(asked.text("next"))
        if scope["method"] in ("GET", "HEAD"):
            return self._form(then)
        if scope["method"] != "POST":
            raise Refused(405, "wrong-method", "a key is sent by POST", allow="GET, HEAD, POST")
        if headers.get(b"content-type", b"").partition(b";")[0].strip().lower() != _FORM:
            raise Refused(415, "content-type", "a key is sent as a form")
        body = await self._body(receive, loan)
        key = parse_qs(body.decode("latin-1"), max_num_fields=8).get("key", [""])[0].strip()
        if not self._guard.knows(key.encode()):
            return self._form(then, wrong=True)
        value = cookie(self._sessions.made(key.encode()), secure=_is_secure(scope, headers))
        return moved(then, (b"set-cookie", value.encode()))

    def _signed_out(self, scope: Scope, headers: Mapping[bytes, bytes]) -> Answer:
        if scope["method"] != "POST":
            return moved("/")
        gone = cookie("", secure=_is_secure(scope, headers))
        return moved(SIGN_IN, (b"set-cookie", gone.encode()))

    def _form(self, then: str, *, wrong: bool = False) -> Answer:
        body = look.render("sign_in.html", then=then, wrong=wrong, keyed=True, shut=True, json=None,
                           wanted=None)  # fmt: skip
        return Answer(body, status=403 if wrong else 200)

    async def _body(self, receive: Receive, loan: Loan) -> bytes:
        found, more = b"", True
        try:
            async with asyncio.timeout(self._seconds):
                while more:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        raise HungUp
                    chunk: bytes = message.get("body", b"")
                    more = message.get("more_body", False)
                    loan.take(len(chunk))
                    found += chunk
                    if len(found) > _FORM_BYTES:
                        raise Refused(413, "too-large", "that is no API key", closes=True)
        except TimeoutError:
            raise Refused(408, "timeout", "the form did not come in time", closes=True) from None
        return found


def _is_secure(scope: Scope, headers: Mapping[bytes, bytes]) -> bool:
    """Whether the browser came by HTTPS, here or at a proxy before."""
    passed_on = headers.get(b"x-forwarded-proto", b"").decode("latin-1")
    return "https" in (scope.get("scheme"), passed_on)


def _local(address: str) -> str:
    """Where to go after signing in: to a page of this host alone."""
    fine = address.isascii() and address.isprintable() and not set(" \\") & set(address)
    if not fine or not address.startswith("/") or address.startswith(("//", SIGN_IN)):
        return "/"
    return address
