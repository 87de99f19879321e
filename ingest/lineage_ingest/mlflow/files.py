"""The files of which a folder `mlruns` is made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lineage.errors import ReadError
from lineage_ingest.mlflow.model import later, metric

if TYPE_CHECKING:
    from pathlib import Path

META = "meta.yaml"
OUTSIDE = "leads out of the store and is not followed"

Meta = dict[str, Any]


class BadFileError(Exception):
    """A file cannot be used; its text says why."""


def inside(name: object) -> str:
    """A name that stays within its folder.

    Raises:
        BadFileError: it does not.
    """
    found = str(name)
    if not found or "/" in found or "\\" in found or found in {".", ".."}:
        raise BadFileError(f"{found[:80]!r} is no name of a folder")
    return found


class Tree:
    """The files of a store; links that lead out of it are not followed.

    Args:
        root: the store's folder, resolved.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._refused: set[Path] = set()

    @property
    def links(self) -> list[Path]:
        """Links to files and folders that were met and not followed."""
        return sorted(self._refused)

    def meta_of(self, place: Path, *needed: str) -> Meta:
        """The mapping in a folder's `meta.yaml`.

        Raises:
            BadFileError: it cannot be read, or lacks a key that is needed.
        """
        import yaml

        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        try:
            found = yaml.load(self.content(place / META), Loader=loader)  # noqa: S506 (it is safe)
        except (yaml.YAMLError, ValueError, RecursionError) as error:
            where = getattr(error, "problem_mark", None)
            line = f", line {where.line + 1}" if where is not None else ""
            raise BadFileError(f"{META} is no YAML{line}") from None
        if not isinstance(found, dict):
            raise BadFileError(f"{META} holds no keys; it may be empty or cut short")
        missing = [name for name in needed if found.get(name) is None]
        if missing:
            raise BadFileError(f"{META} has no {missing[0]}")
        return found

    def content(self, file: Path) -> str:
        """A file's text, with bytes that are no UTF-8 as escapes.

        Raises:
            BadFileError: it cannot be read, or lies elsewhere.
        """
        if any(map(self._is_outside, (file, file.parent))):
            raise BadFileError(f"{file.name} {OUTSIDE}")
        try:
            return file.read_bytes().decode("utf-8", "backslashreplace")
        except FileNotFoundError:
            raise BadFileError(f"there is no {file.name}") from None
        except OSError as error:
            raise BadFileError(f"{file.name} cannot be read: {error.strerror}") from None

    def contents(self, folder: Path) -> dict[str, str]:
        """The contents of the files in a folder; a name may have slashes, and is a path then."""
        return {key: self.content(file) for key, file in self.files(folder)}

    def files(self, folder: Path) -> list[tuple[str, Path]]:
        """The files in a folder and below, by their path in it."""
        if not folder.is_dir() or self._leads_out(folder):
            return []
        found = (file for file in folder.rglob("*") if file.is_file())
        within = (file for file in found if not self._leads_out(file))
        return sorted((file.relative_to(folder).as_posix(), file) for file in within)

    def folders(self, parent: Path) -> list[Path]:
        """The folders in a folder, by name; none where it is none."""
        if self._leads_out(parent):
            return []
        try:
            found = sorted(place for place in parent.iterdir() if place.is_dir())
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as error:
            raise ReadError(f"{parent} cannot be read: {error.strerror}") from None
        return [place for place in found if not self._leads_out(place)]

    def last_metric(self, file: Path) -> tuple[int, int, float]:
        """Step, time and value of a metric's last entry: the greatest, as MLflow has it.

        Raises:
            BadFileError: a line is no entry, or there is none.
        """
        best: tuple[int, int, float] | None = None
        for number, line in enumerate(self.content(file).splitlines(), start=1):
            parts = line.split(" ")
            try:
                step = int(parts[2]) if len(parts) > 2 else 0
                entry = step, int(parts[0]), metric(float(parts[1]))
            except (ValueError, IndexError):
                raise BadFileError(f"line {number} is no metric: {line[:40]!r}") from None
            if best is None or later(entry) > later(best):
                best = entry
        if best is None:
            raise BadFileError("it is empty")
        return best

    def _leads_out(self, place: Path) -> bool:
        """Whether it is left out; then that is remembered."""
        if not self._is_outside(place):
            return False
        self._refused.add(place)
        return True

    def _is_outside(self, place: Path) -> bool:
        if not place.is_symlink():
            return False
        try:
            return not place.resolve().is_relative_to(self._root)
        except (OSError, RuntimeError):  # a link to itself
            return True
