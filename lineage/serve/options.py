"""How a receiver is run, and what is refused before it starts."""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lineage.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from pydantic import SecretStr

PORT = 8765
SOURCE = "openlineage"
MIB = 1 << 20
LEAST_KEY = 16


@dataclass(frozen=True, kw_only=True, slots=True)
class Options:
    """How a receiver is run.

    Attributes:
        journal: the folder of the journal.
        host: address to listen at.
        port: port to listen at; 0 takes any.
        source: the name under which events are loaded.
        keys: any of these opens it; none means that no key is asked for.
        body_bytes: size of a request's body at most, after decompression.
        journal_bytes: size of what the graph does not have yet at most.
        waiting_bytes: size of the bodies that are in work at once at most.
        waiting_requests: requests that are in work at once at most.
        head_seconds: how long a client may take to send the head of a request.
        body_seconds: how long a client may take to send a body.
        ping_seconds: pause between two looks whether Neo4j answers, while no events come.
        segment_seconds: pause between two segmentations; 0 means never.
        stop_seconds: how long the end may take, for requests and for the graph each.
        pages: whether there are pages for people.
        report_seconds: how old the report on the pages may be before another is made.
    """

    journal: Path
    host: str = "127.0.0.1"
    port: int = PORT
    source: str = SOURCE
    keys: tuple[SecretStr, ...] = ()
    body_bytes: int = 10 * MIB
    journal_bytes: int = 1024 * MIB
    waiting_bytes: int = 64 * MIB
    waiting_requests: int = 2_000
    head_seconds: float = 10.0
    body_seconds: float = 30.0
    ping_seconds: float = 10.0
    segment_seconds: float = 60.0
    stop_seconds: float = 10.0
    pages: bool = True
    report_seconds: float = 300.0

    def check(self) -> None:
        """Refuse what must not be started.

        Raises:
            SettingsError: it would listen where others reach it and ask for no key, or a key is
                none that a header can carry or that nobody guesses, or its host is unknown.
        """
        if not self.keys and not is_loopback(self.host):
            raise SettingsError(
                f"others reach {self.host}: set LINEAGE_API_KEY or --api-key-file, or listen at "
                "127.0.0.1"
            )
        for key in self.keys:
            check_key(key.get_secret_value())


def check_key(key: str) -> None:
    """Refuse a key that is no good.

    Raises:
        SettingsError: it is short, or has signs that a header cannot carry.
    """
    if len(key) < LEAST_KEY:
        raise SettingsError(
            f"the API key is shorter than {LEAST_KEY} characters; take a longer one"
        )
    if not (key.isascii() and key.isprintable()) or " " in key:
        raise SettingsError(
            "the API key has signs that a header cannot carry; take ASCII, no blanks"
        )


def read_keys(file: Path) -> tuple[SecretStr, ...]:
    """The keys in a file, one a line; several let clients change from one to the next.

    Raises:
        SettingsError: the file cannot be read, or holds no key.
    """
    from pydantic import SecretStr

    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise SettingsError(f"API keys in {file}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise SettingsError(f"API keys in {file}: it is no text") from None
    keys = tuple(SecretStr(line.strip()) for line in lines if line.strip())
    if not keys:
        raise SettingsError(f"API keys in {file}: it holds none; write one a line")
    return keys


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches an address.

    Raises:
        SettingsError: it is no address of this machine.
    """
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise SettingsError(f"host {host!r} is no address; give one of this machine") from None
    return all(is_loopback_address(str(address[0])) for *_, address in found)


def is_loopback_address(address: str) -> bool:
    """Whether an address, written in numbers, is of this machine alone."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(parsed, "ipv4_mapped", None)
    return bool((mapped or parsed).is_loopback)


def secrets_of(keys: Iterable[SecretStr]) -> tuple[bytes, ...]:
    """The keys as headers carry them."""
    return tuple(key.get_secret_value().encode() for key in keys)
