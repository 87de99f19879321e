"""Objects kept with joblib, for those who ask for it: reading such a file runs what is in it.

So each has a keyed digest (HMAC-SHA-256) that only the key's owner can make, over what the file is
for and all its bytes. It is checked before a single byte is unpickled, and what was checked is what
is read. The key lies outside of the store, readable by its owner alone.
"""

from __future__ import annotations

import hashlib
import hmac
import io
import os
import secrets
import tempfile
from pathlib import Path
from typing import Any

from lineage.errors import MissingExtraError, RecordingError

KEY_BYTES = 32


class Pickles:
    """Writes and reads objects with joblib.

    Args:
        key_file: made when there is none.
    """

    suffix = ".joblib"

    def __init__(self, key_file: Path) -> None:
        self._key_file = key_file

    def write(self, value: Any, path: Path, purpose: str) -> str:
        """Write an object; returns the keyed digest.

        Raises:
            MissingExtraError: joblib is not installed.
            RecordingError: the key is not safe.
            OSError: it cannot be written.
        """
        _joblib().dump(value, path, compress=1)
        return self._sign(path.read_bytes(), purpose)

    def read(self, path: Path, purpose: str, signature: str) -> Any:
        """Read an object, if the file is the one that was written for this purpose.

        Raises:
            RecordingError: it is another one, or the key is not safe.
            OSError: it cannot be read.
        """
        content = path.read_bytes()
        if not hmac.compare_digest(self._sign(content, purpose), signature):
            raise RecordingError(f"{path} was not written with the key {self._key_file}")
        return _joblib().load(io.BytesIO(content))

    def _sign(self, content: bytes, purpose: str) -> str:
        key = self._key()
        # The purpose has no fixed length: its digest keeps it apart from the content.
        bound = hashlib.sha256(purpose.encode()).digest() + content
        return hmac.new(key, bound, hashlib.sha256).hexdigest()

    def _key(self) -> bytes:
        try:
            handle = os.open(self._key_file, os.O_RDONLY | os.O_NOFOLLOW)
        except FileNotFoundError:
            _make_key(self._key_file)
            handle = os.open(self._key_file, os.O_RDONLY | os.O_NOFOLLOW)
        with os.fdopen(handle, "rb") as file:
            about = os.fstat(file.fileno())
            key = file.read()
        if about.st_mode & 0o077 or about.st_uid != os.getuid():
            raise RecordingError(
                f"others may read or change the key {self._key_file}: remove it, and what was kept "
                "with joblib is computed again"
            )
        if len(key) != KEY_BYTES:
            raise RecordingError(f"{self._key_file} is no key of {KEY_BYTES} bytes: remove it")
        return key


def _make_key(path: Path) -> None:
    """Make a key, whole and private from its first moment; one that is there already stays."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, made = tempfile.mkstemp(dir=path.parent, prefix=".key-")  # mode 0600
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(KEY_BYTES))
        try:
            os.link(made, path)
        except FileExistsError:  # another process was first
            return
    finally:
        Path(made).unlink()


def _joblib() -> Any:
    try:
        import joblib
    except ImportError as error:
        raise MissingExtraError(
            "joblib is not installed: install lineage-graphlets[joblib]"
        ) from error
    return joblib
