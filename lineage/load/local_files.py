"""Files that a store's addresses name, read only where the user said that they may be."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from lineage.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# A pipe in the place of a file must not hold up a load, nor a link lead elsewhere meanwhile.
_FLAGS = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK


class LocalFiles:
    """Reads regular files of bounded size below some folders, and nothing else.

    Addresses come from whoever wrote the store. A path is resolved first, links and all, and must
    then lie below one of the folders, which are resolved, too.
    """

    def __init__(self, roots: Iterable[str], limit: int) -> None:
        """Allow these folders, and files up to `limit` bytes.

        Raises:
            SettingsError: one of the folders is none.
        """
        self._roots = [_folder(root) for root in roots]
        self._limit = limit

    def places(self, address: str) -> list[Path]:
        """Where a path or `file:` address may be: existing places below the allowed folders.

        A relative path is tried below each folder in turn.
        """
        path = local_path(address)
        found = [] if path is None else (self._inside(root / path) for root in self._roots)
        return list(dict.fromkeys(place for place in found if place is not None))

    def below(self, place: Path, pattern: str) -> Iterator[Path]:
        """Existing places below a folder that match a glob, sorted, as far as they are allowed."""
        for path in sorted(place.glob(pattern)):
            inside = self._inside(path)
            if inside is not None:
                yield path

    def read(self, path: Path) -> bytes:
        """The whole content.

        Raises:
            ValueError: it is not below an allowed folder, no regular file, or too large.
            OSError: it cannot be read.
        """
        inside = self._inside(path)
        if inside is None:
            raise ValueError("it is not below a folder of statistics_roots")
        with os.fdopen(os.open(inside, _FLAGS), "rb") as file:
            found = os.fstat(file.fileno())
            if not stat.S_ISREG(found.st_mode):
                raise ValueError("it is no regular file")
            content = file.read(self._limit + 1) if found.st_size <= self._limit else None
        if content is None or len(content) > self._limit:
            raise ValueError(f"it has more than {self._limit:,} bytes")
        return content

    def _inside(self, path: Path) -> Path | None:
        try:
            real = path.resolve(strict=True)
        except (OSError, ValueError, RuntimeError):  # absent, no path at all, a loop of links
            return None
        return real if any(real.is_relative_to(root) for root in self._roots) else None


def local_path(address: str) -> Path | None:
    """The path of an address on this machine; None when it is elsewhere."""
    if "://" not in address and not address.startswith("file:"):
        return Path(address)
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    if parts.scheme != "file" or parts.netloc not in ("", "localhost"):
        return None
    return Path(unquote(parts.path))


def _folder(root: str) -> Path:
    path = Path(root).expanduser()
    if not path.is_dir():
        raise SettingsError(f"statistics_roots: {root!r} is no folder")
    return path.resolve()
