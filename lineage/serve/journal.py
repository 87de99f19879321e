"""The journal: what was accepted is in it before that is said, and leaves it for the graph.

One thread appends, one reads; a lock on the folder keeps other processes out. A segment that is
wholly in the graph is deleted. After a crash nothing that was acknowledged is missing; some of it
may be loaded into the graph a second time, which changes nothing there.
"""

from __future__ import annotations

import logging
import os
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from filelock import FileLock, Timeout

from lineage.errors import JournalError
from lineage.serve import segments
from lineage.serve.frames import HEAD_BYTES, framed, frames_in
from lineage.serve.segments import Position

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

MIB = 1 << 20
SEGMENT_BYTES = 64 * MIB
_log = logging.getLogger("lineage.serve")


class Batch(NamedTuple):
    """Events from a journal, in the order of their acceptance.

    Attributes:
        bodies: of the events.
        end: the place behind them; to be given to `Journal.done`.
    """

    bodies: list[bytes]
    end: Position


class Journal:
    """An append-only journal in a folder.

    Attributes:
        folder: where it is.
        damaged: how many pieces could not be read since it was opened.

    Args:
        folder: made if it is not there; only its owner may enter.
        segment_bytes: size at which another segment is begun.

    Raises:
        JournalError: another process has it, or it cannot be read.
    """

    def __init__(self, folder: Path, segment_bytes: int = SEGMENT_BYTES) -> None:
        self.folder = folder
        self.damaged = 0
        self._segment_bytes = segment_bytes
        self._handle: int | None = None
        self._changed = threading.Condition()
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._owner = FileLock(folder / "lock")
            self._owner.acquire(timeout=0)
        except Timeout:
            raise JournalError(
                f"journal {folder}: another receiver writes it; end that one, or name another "
                "folder with --journal"
            ) from None
        except OSError as error:
            raise JournalError(f"journal {folder}: {error.strerror}") from None
        try:
            self._recover()
        except OSError as error:
            self._owner.release()
            raise JournalError(f"journal {folder}: {error.strerror}") from None

    def _recover(self) -> None:
        numbers = segments.segment_numbers(self.folder)
        self._sizes = {
            number: segments.segment_file(self.folder, number).stat().st_size for number in numbers
        }
        if numbers:
            self._last = numbers[-1]
            self._sizes[self._last] = segments.cut_torn_tail(self.folder, self._last)
            self._handle = segments.open_segment(self.folder, self._last)
        saved = segments.saved_position(self.folder)
        if not numbers:
            # Numbers go on, so that an old position never lies within a new segment.
            self._last = 1 if saved is None else saved.segment + 1
            self._handle = segments.make_segment(self.folder, self._last)
            self._sizes[self._last] = 0
        first = min(self._sizes)
        known = saved is not None and saved.offset <= self._sizes.get(saved.segment, -1)
        # Without one that fits, all that is here is loaded again.
        self._done = saved if known and saved is not None else Position(first, 0)
        self._forget_done()

    @property
    def backlog(self) -> int:
        """Bytes that the graph does not have yet."""
        with self._changed:
            return self._lacking()

    def _lacking(self) -> int:
        return sum(self._sizes.values()) - self._done.offset

    def append(self, bodies: Sequence[bytes]) -> None:
        """Add events; when this returns they survive a loss of power.

        Raises:
            JournalError: they could not be written, and will not be there.
        """
        data = framed(bodies)
        try:
            if self._handle is None or (
                self._sizes[self._last]
                and self._sizes[self._last] + len(data) > self._segment_bytes
            ):
                self._begin_segment()
            assert self._handle is not None  # noqa: S101  (made above)
            _write(self._handle, data)
            segments.sync(self._handle)
        except OSError as error:
            self._give_up_segment()
            raise JournalError(
                f"journal {self.folder}: {error.strerror}; nothing was kept"
            ) from None
        with self._changed:
            self._sizes[self._last] += len(data)
            self._changed.notify_all()

    def read(self, events: int, size: int) -> Batch | None:
        """The next events that the graph does not have; None where there are none.

        Args:
            events: how many at most.
            size: bytes at most, unless the first event alone is larger.

        Raises:
            JournalError: a segment cannot be read.
        """
        try:
            self._forget_done()  # the place may be the end of a segment that was ended since
            with self._changed:
                at = self._done
                known = self._sizes[at.segment] - at.offset
            if known == 0:
                return None
            piece = segments.read_piece(self.folder, at, min(known, max(size, HEAD_BYTES)))
            found = frames_in(piece, events)
            if not found.bodies and len(piece) < found.wanted <= known:
                piece = segments.read_piece(self.folder, at, found.wanted)
                found = frames_in(piece, events)
            if not found.bodies:
                self._keep_damaged(at, known)
                return Batch([], Position(at.segment, at.offset + known))
        except OSError as error:
            raise JournalError(f"journal {self.folder}: {error.strerror}") from None
        return Batch(found.bodies, Position(at.segment, at.offset + found.end))

    def done(self, position: Position) -> None:
        """Say that the graph has everything before a position.

        Raises:
            JournalError: it cannot be saved.
        """
        with self._changed:
            self._done = position
        try:
            self._forget_done()
            segments.save_position(self.folder, self._done)
        except OSError as error:
            raise JournalError(f"journal {self.folder}: {error.strerror}") from None

    def wait(self, seconds: float) -> bool:
        """Wait until the graph lacks something, or for some time; says whether it does."""
        with self._changed:
            if not self._lacking():
                self._changed.wait(seconds)
            return self._lacking() > 0

    def wake(self) -> None:
        """End all waiting early."""
        with self._changed:
            self._changed.notify_all()

    def close(self) -> None:
        """Let others have it."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None
        self._owner.release()

    def _begin_segment(self) -> None:
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None
        number = self._last + 1
        self._handle = segments.make_segment(self.folder, number)
        with self._changed:
            self._last = number
            self._sizes[number] = 0

    def _give_up_segment(self) -> None:
        """Go on in another segment: after a failed write or sync nobody knows what this one holds.

        What is behind its last good frame is cut off where the disk still lets us. Where it does
        not, the next start may find events that were refused; their clients send them again.
        """
        if self._handle is None:
            return
        with suppress(OSError):
            os.ftruncate(self._handle, self._sizes[self._last])
        with suppress(OSError):
            os.close(self._handle)
        self._handle = None

    def _forget_done(self) -> None:
        """Delete the segments that are wholly in the graph, and step into the next one."""
        while True:
            with self._changed:
                at = self._done
                if at.segment == self._last or at.offset < self._sizes[at.segment]:
                    break
                following = min(number for number in self._sizes if number > at.segment)
                self._done = Position(following, 0)
                del self._sizes[at.segment]
            segments.segment_file(self.folder, at.segment).unlink(missing_ok=True)
        for number in [number for number in self._sizes if number < self._done.segment]:
            with self._changed:
                del self._sizes[number]
            segments.segment_file(self.folder, number).unlink(missing_ok=True)

    def _keep_damaged(self, at: Position, size: int) -> None:
        """Copy what cannot be read out of the way, so that the rest goes on."""
        file = segments.segment_file(self.folder, at.segment)
        kept = file.with_name(f"{file.name}.{at.offset}.damaged")
        kept.write_bytes(segments.read_piece(self.folder, at, size))
        self.damaged += 1
        _log.error("%s: %d bytes from %d on are damaged; kept in %s", file, size, at.offset,
                   kept.name)  # fmt: skip


def _write(handle: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(handle, view) :]
