"""A folder that keeps the outputs of computations.

```
OUTPUTS/known/KEY.json         what is known of a computation; stays when its outputs are removed
OUTPUTS/known/KEY.uses         one byte for each time that it was asked for
OUTPUTS/data/KEY/0.parquet     its outputs
OUTPUTS/joblib/KEY-*/0.joblib  those kept with joblib, where that was asked for
```

Any number of processes use it at once: what is there is whole, since it is written elsewhere and
then renamed, and what two computed at once is kept once. Nothing here fails for want of the store:
a file that is damaged, a disk that is full, give a `RecordingWarning`, and the work is done.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
import warnings
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from filelock import FileLock
from pydantic import ValidationError

from lineage.errors import RecordingError, RecordingWarning, SettingsError
from lineage.recorder.digests import file_digest
from lineage.recorder.eviction import victims
from lineage.recorder.formats import FORMATS, comes_back, format_of
from lineage.recorder.known import Known, Output
from lineage.recorder.pickles import Pickles

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

KEY_FILE = "recorded.key"
STALE_SECONDS = 86_400
JOBLIB = "joblib"


class Damaged(Exception):  # noqa: N818 (caught by those who compute instead)
    """Outputs that cannot be used; the text says why."""


class OutputStore:
    """Keeps outputs in a folder.

    Args:
        folder: made when something is kept.
        max_bytes: that all outputs may take; what saves least time a byte is removed beyond.
        joblib: whether to keep, and to read, what only joblib can: that runs what is in the file.
        key_file: of the keyed digests for joblib; by default in the user's folder of data.

    Raises:
        SettingsError: the key lies within the store, or the size is negative.
    """

    def __init__(
        self,
        folder: str | Path,
        max_bytes: int | None = None,
        *,
        joblib: bool = False,
        key_file: str | Path | None = None,
    ) -> None:
        from lineage.server.home import data_dir

        self.folder = Path(folder).absolute()
        self.max_bytes = max_bytes
        key = Path(key_file or data_dir() / KEY_FILE).absolute()
        if key.resolve().is_relative_to(self.folder.resolve()):
            raise SettingsError(f"the key {key} must not lie in the store {self.folder}")
        if max_bytes is not None and max_bytes < 0:
            raise SettingsError(f"max_bytes is {max_bytes}: give 0 or more, or None for no limit")
        self._pickles = Pickles(key) if joblib else None
        self._said: set[str] = set()

    def known(self, key: str) -> Known | None:
        """What is known of a computation; None when it was never done, or that is damaged."""
        try:
            return Known.model_validate_json(self._known_file(key).read_bytes())
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (OSError, ValidationError) as error:
            file = self._known_file(key)
            self._warn(f"{file} is damaged, so it is computed again: {_line(error)}")
            return None

    def holds(self, known: Known) -> bool:
        """Whether all outputs of a computation seem to be there."""
        return all(
            one.file is not None
            and (one.format != JOBLIB or self._pickles is not None)
            and (self.folder / one.file).exists()
            for one in known.outputs
        )

    def load(self, known: Known) -> list[object]:
        """The outputs of a computation, each checked before it is read.

        Raises:
            Damaged: one is not there, or is not what was written.
        """
        return [self.load_one(known, position) for position in range(len(known.outputs))]

    def load_one(self, known: Known, position: int) -> object:
        """One output of a computation.

        Raises:
            Damaged: it is not there, or is not what was written.
        """
        one = known.outputs[position]
        if one.file is None or one.check is None:
            raise Damaged("it was not kept")
        path = self._within(one.file)
        try:
            if one.format == JOBLIB:
                return self._unpickled(path, known, position)
            if file_digest(path) == one.check:
                return FORMATS[one.format or ""].read(path)
        except FileNotFoundError as error:
            raise Damaged(f"{path} is gone") from error
        except Exception as error:
            raise Damaged(f"{path} cannot be read: {_line(error)}") from error
        raise Damaged(f"{path} is not what was written")

    def used(self, key: str) -> None:
        """Note that a computation was asked for."""
        with suppress(OSError), self._known_file(key).with_suffix(".uses").open("ab") as file:
            file.write(b".")

    def put(self, known: Known, values: Sequence[object]) -> Known:
        """Keep outputs, if they can be and there is room.

        Args:
            known: of the computation, whose outputs name no files yet.
            values: in the order of its outputs.

        Returns:
            It as kept, or as it was; of two that were computed at once, the first one's.
        """
        try:
            (self.folder / "known").mkdir(parents=True, exist_ok=True)
            with self._scratch() as scratch:
                written = self._write(known, values, scratch)
                with self._locked():
                    return self._settle(known, written, scratch)
        except OSError as error:
            self._warn(f"{known.type} is not kept: {_line(error)}")
            return known

    @property
    def size(self) -> int:
        """Bytes that all outputs take."""
        return sum(one.bytes for one in self._held().values())

    @property
    def uri(self) -> str:
        """The folder's address."""
        return self.folder.as_uri()

    @classmethod
    def at(cls, uri: str) -> tuple[Path, str] | None:
        """The folder of the store that an output's address lies in, and its computation's key."""
        parts = urlsplit(uri)
        path = Path(unquote(parts.path))
        if parts.scheme != "file" or len(path.parts) < 4:
            return None
        return path.parents[2], path.parent.name.partition("-")[0]

    def discard(self, known: Known) -> None:
        """Remove the outputs of a computation; that it was done stays known."""
        with suppress(OSError), self._locked():
            self._remove(known)

    def beside(self, folder: Path) -> OutputStore:
        """Another store that is read as this one is."""
        other = OutputStore(folder)
        other._pickles = self._pickles
        return other

    def _write(self, known: Known, values: Sequence[object], scratch: Path) -> Known | None:
        """Write all outputs to a scratch folder; None when one of them cannot be kept."""
        outputs, load_seconds = [], 0.0
        (scratch / "data").mkdir()
        for position, value in enumerate(values):
            made = self._write_one(known, position, value, scratch)
            if isinstance(made, str):
                self._warn(f"{known.type} is not kept: {made}")
                return None
            outputs.append(made[0])
            load_seconds += made[1]
        size = sum(one.size or 0 for one in outputs)
        return known.model_copy(
            update={"outputs": tuple(outputs), "bytes": size, "load_seconds": load_seconds}
        )

    def _write_one(
        self, known: Known, position: int, value: object, scratch: Path
    ) -> tuple[Output, float] | str:
        """The output as kept and the seconds to read it, or why it cannot be kept."""
        one, name = known.outputs[position], format_of(value)
        if name is None:
            return self._write_pickle(known, position, value, scratch)
        path = scratch / "data" / f"{position}{FORMATS[name].suffix}"
        try:
            FORMATS[name].write(value, path)
            check = file_digest(path)
            began = time.perf_counter()
            read = FORMATS[name].read(path)
            seconds = time.perf_counter() - began
            if name != "file" and not comes_back(value, read, one.digest):
                return f"its {one.type} does not come back from a file as it was"
        except OSError:
            raise
        except Exception as error:  # noqa: BLE001 (whatever Arrow and pandas raise)
            return f"its {one.type} cannot be written: {_line(error)}"
        return self._as_kept(one, f"data/{known.key}/{path.name}", path, name, check), seconds

    def _write_pickle(
        self, known: Known, position: int, value: object, scratch: Path
    ) -> tuple[Output, float] | str:
        one = known.outputs[position]
        if self._pickles is None:
            return f"a {one.type} needs joblib=True"
        folder = scratch / JOBLIB
        folder.mkdir(exist_ok=True)
        path = folder / f"{position}{self._pickles.suffix}"
        purpose = _purpose(known.key, position)
        try:
            check = self._pickles.write(value, path, purpose)
            began = time.perf_counter()
            self._pickles.read(path, purpose, check)
            seconds = time.perf_counter() - began
        except OSError:
            raise
        except Exception as error:  # noqa: BLE001 (whatever the object raises)
            return f"its {one.type} cannot be written: {_line(error)}"
        name = f"{JOBLIB}/{known.key}-{scratch.name}/{path.name}"
        return self._as_kept(one, name, path, JOBLIB, check), seconds

    def _as_kept(self, one: Output, file: str, path: Path, form: str, check: str) -> Output:
        size = path.stat().st_size
        said = {"file": file, "uri": (self.folder / file).as_uri(), "size": size}
        return one.model_copy(update={**said, "format": form, "check": check})

    def _settle(self, known: Known, written: Known | None, scratch: Path) -> Known:
        """Make what was written part of the store, under the lock."""
        there = self.known(known.key)
        if there is not None and self.holds(there):
            return there
        if there is not None and _contents(there) != _contents(known):
            self._warn(f"{known.type} gave another result than before from the same inputs")
        if written is not None and self.max_bytes is not None:
            held = {**self._held(), known.key: written}
            gone = victims(held, self.known, self._uses, self.max_bytes)
            if known.key in gone:
                written = None
            else:
                for key in gone:
                    self._remove(held[key])
        if written is not None:
            self._move(scratch, written)
        self._tell(written or known)
        return written or known

    def _move(self, scratch: Path, written: Known) -> None:
        target = self.folder / "data" / written.key
        shutil.rmtree(target, ignore_errors=True)  # left by one that was killed
        if (scratch / JOBLIB).exists():
            (self.folder / JOBLIB).mkdir(exist_ok=True)
            (scratch / JOBLIB).rename(self.folder / JOBLIB / f"{written.key}-{scratch.name}")
        target.parent.mkdir(exist_ok=True)
        (scratch / "data").rename(target)

    def _tell(self, known: Known) -> None:
        file = self._known_file(known.key)
        fresh = file.with_suffix(f".{os.getpid()}.new")
        fresh.write_text(known.model_dump_json(exclude_defaults=True), encoding="utf-8")
        fresh.replace(file)

    def _remove(self, known: Known) -> None:
        shutil.rmtree(self.folder / "data" / known.key, ignore_errors=True)
        for folder in (self.folder / JOBLIB).glob(f"{known.key}-*"):
            shutil.rmtree(folder, ignore_errors=True)

    def _held(self) -> dict[str, Known]:
        """What is kept, by key; what nothing is known of is removed."""
        held = {}
        for folder in sorted((self.folder / "data").glob("*")):
            known = self.known(folder.name)
            if known is None:
                shutil.rmtree(folder, ignore_errors=True)
            else:
                held[folder.name] = known
        return held

    def _uses(self, key: str) -> int:
        try:
            return self._known_file(key).with_suffix(".uses").stat().st_size
        except OSError:
            return 0

    def _unpickled(self, path: Path, known: Known, position: int) -> object:
        if self._pickles is None:
            raise RecordingError(f"{path} is read only with joblib=True")
        check = known.outputs[position].check or ""
        return self._pickles.read(path, _purpose(known.key, position), check)

    def _within(self, file: str) -> Path:
        path = (self.folder / file).resolve()
        if not path.is_relative_to(self.folder.resolve()):
            raise Damaged(f"{path} lies outside of the store")
        return path

    def _known_file(self, key: str) -> Path:
        return self.folder / "known" / f"{key}.json"

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with FileLock(self.folder / ".lock"):
            yield

    @contextmanager
    def _scratch(self) -> Iterator[Path]:
        """A folder on the same disk, removed in the end; those left by processes that died, too."""
        parent = self.folder / "scratch"
        parent.mkdir(exist_ok=True)
        for old in parent.iterdir():
            with suppress(OSError):
                if time.time() - old.stat().st_mtime > STALE_SECONDS:
                    shutil.rmtree(old, ignore_errors=True)
        scratch = Path(tempfile.mkdtemp(dir=parent, prefix=""))
        try:
            yield scratch
        finally:
            shutil.rmtree(scratch, ignore_errors=True)

    def _warn(self, text: str) -> None:
        """Say something, once."""
        if text not in self._said:
            self._said.add(text)
            warnings.warn(text, RecordingWarning, stacklevel=2)


def _contents(known: Known) -> list[str | None]:
    return [one.digest for one in known.outputs]


def _purpose(key: str, position: int) -> str:
    return f"{key}/{position}"


def _line(error: Exception) -> str:
    """What an error says, in one line."""
    return f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
