"""What steps handed out: which object is which artifact."""

from __future__ import annotations

import threading
import weakref
from typing import TYPE_CHECKING

from lineage.recorder.digests import digest_of

if TYPE_CHECKING:
    from lineage.recorder.known import Output

_ATOMS = (type(None), bool, int, float, complex, str, bytes)


class Handed:
    """Knows objects by identity, and data only as long as it is what it was.

    Numbers and text are not kept: the same object may come from anywhere.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._objects: dict[int, tuple[object, Output, str]] = {}

    def add(self, value: object, output: Output, key: str) -> None:
        """Note that an object is an output of a computation."""
        if isinstance(value, _ATOMS):
            return
        number = id(value)
        holder: object = None
        try:
            holder = weakref.ref(value, lambda _: self._drop(number, holder))
        except TypeError:
            # Lists and the like are told by their content; what has none must be kept alive.
            holder = value if output.digest is None else None
        with self._lock:
            self._objects[number] = (holder, output, key)

    def find(self, value: object) -> tuple[Output, str] | None:
        """The artifact that an object is, and the key of the computation that made it."""
        found = self._objects.get(id(value))
        if found is None or isinstance(value, _ATOMS):
            return None
        _, output, key = found
        if output.digest is not None and digest_of(value) != output.digest:
            return None  # changed in place since, or another object in the same place
        return output, key

    def _drop(self, number: int, holder: object) -> None:
        with self._lock:
            found = self._objects.get(number)
            if found is not None and found[0] is holder:
                del self._objects[number]
