"""Where documents are: a file, or a CWLProv research object as a folder or a ZIP archive."""

from __future__ import annotations

import hashlib
import json
import zipfile
import zlib
from contextlib import closing
from typing import IO, TYPE_CHECKING, Protocol

import zstandard

from lineage.errors import ReadError
from lineage_ingest.compressed import open_bytes, open_path
from lineage_ingest.prov.look import HEAD, form_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FORMS = ("json", "xml", "provn")
PROVENANCE = "metadata/provenance/"
_PRIMARY = f"{PROVENANCE}primary.cwlprov."
_PACKED = "workflow/packed.cwl"
LARGEST = 1024 * 1024 * 1024
"""Bytes of one document, uncompressed: what is longer would not fit in memory once read."""


class Place(Protocol):
    """Where documents are."""

    @property
    def name(self) -> str:
        """What to call it: the name of the file or folder without its ending."""

    @property
    def form(self) -> str:
        """`json`, `xml` or `provn`; of several documents, the first one's."""

    @property
    def workflow(self) -> str | None:
        """What the workflow calls itself; None where it does not, or there is none."""

    @property
    def code(self) -> str | None:
        """The digest of the workflow with all its steps; None where it is not there."""

    def documents(self) -> Iterator[tuple[str, str, bytes]]:
        """Each document: form, name and content."""

    def file(self, digest: str) -> tuple[str, int] | None:
        """Path and size of the file with the content of a digest."""

    def close(self) -> None:
        """Let go of files."""


def place_of(path: Path) -> Place:
    """What is at a path.

    Raises:
        ReadError: neither a document nor a research object.
    """
    if path.is_dir():
        return ResearchObject(_Folder(path), _stem(path))
    if path.is_file() and zipfile.is_zipfile(path):
        return ResearchObject(_Archive(path), _stem(path))
    return Document(path)


def is_research_object(path: Path) -> bool:
    """Whether a folder or a ZIP archive holds the provenance of a CWL workflow's run."""
    try:
        if path.is_dir():
            names = set(_Folder(path).names(PROVENANCE))
        elif path.is_file() and zipfile.is_zipfile(path):
            with closing(_Archive(path)) as archive:
                names = set(archive.names(PROVENANCE))
        else:
            return False
    except (OSError, ReadError):
        return False
    return any(f"{_PRIMARY}{form}" in names for form in FORMS)


class Document:
    """One file."""

    def __init__(self, path: Path) -> None:
        """See whether there is a document.

        Raises:
            ReadError: it cannot be opened, or is no document in a form that is read.
        """
        self._path = path
        self.name = _stem(path)
        self.workflow: str | None = None
        self.code: str | None = None
        found = form_of(head_of(path), meant=True)
        if found is None:
            raise ReadError(
                f"{path} is no PROV-JSON, PROV-XML or PROV-N; convert other forms of PROV to one "
                "of these"
            )
        self.form = found

    def documents(self) -> Iterator[tuple[str, str, bytes]]:
        """The one document."""
        with open_path(self._path) as stream:
            yield self.form, self._path.name, _whole(stream, str(self._path))

    def file(self, digest: str) -> tuple[str, int] | None:  # noqa: ARG002
        """Nothing: a document comes without files."""
        return None

    def close(self) -> None:
        """Nothing is open."""


class ResearchObject:
    """A CWLProv research object: provenance of a workflow's run, with its files."""

    def __init__(self, files: _Folder | _Archive, name: str) -> None:
        """See what is there.

        Raises:
            ReadError: no provenance of a workflow's run.
        """
        self._files = files
        self.name = name
        names = sorted(files.names(PROVENANCE))
        if not any(f"{_PRIMARY}{form}" in names for form in FORMS):
            raise ReadError(f"{files.path} is no research object: it has no {_PRIMARY}json")
        # The same in several forms; the nested workflows' come after the outermost one's.
        stems = {each.rpartition(".")[0] for each in names if ".cwlprov." in each}
        ordered = sorted(stems, key=lambda stem: (f"{stem}." != _PRIMARY, stem))
        self._documents = [
            (form, f"{stem}.{form}")
            for stem in ordered
            for form in FORMS
            if f"{stem}.{form}" in names
        ]
        self._documents = _first_of_each(self._documents)
        self.form = self._documents[0][0]
        packed = self._packed()
        self.code = f"sha256:{hashlib.sha256(packed).hexdigest()}" if packed else None
        self.workflow = _label(packed) if packed else None

    def documents(self) -> Iterator[tuple[str, str, bytes]]:
        """The provenance of the workflow's run, then of those nested in it."""
        for form, name in self._documents:
            with self._files.open(name) as stream:
                yield form, name, _whole(stream, name)

    def file(self, digest: str) -> tuple[str, int] | None:
        """Path within the research object and size of the file with the content of a digest."""
        algorithm, _, digits = digest.partition(":")
        if algorithm != "sha1":
            return None
        path = f"data/{digits[:2]}/{digits}"
        size = self._files.size(path)
        return None if size is None else (path, size)

    def close(self) -> None:
        """Close the archive."""
        self._files.close()

    def _packed(self) -> bytes | None:
        """The workflow, packed into one file with all its steps."""
        if self._files.size(_PACKED) is None:
            return None
        with self._files.open(_PACKED) as stream:
            return _whole(stream, _PACKED) or None


class _Folder:
    """The files of a folder."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def names(self, within: str) -> Iterator[str]:
        folder = self.path / within
        if folder.is_dir():
            yield from (f"{within}{each.name}" for each in folder.iterdir() if each.is_file())

    def size(self, name: str) -> int | None:
        path = self.path / name
        return path.stat().st_size if path.is_file() else None

    def open(self, name: str) -> IO[bytes]:
        return open_path(self.path / name)

    def close(self) -> None:
        pass


class _Archive:
    """The files of a ZIP archive, whether at its top or in the one folder there."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._zip = zipfile.ZipFile(path)
        except (OSError, zipfile.BadZipFile) as error:
            raise ReadError(f"{path} is no ZIP archive: {error}") from None
        primary = [name for name in self._zip.namelist() if f"/{_PRIMARY}" in f"/{name}"]
        self._top = min(primary, key=len, default="").partition(PROVENANCE)[0]

    def names(self, within: str) -> Iterator[str]:
        top = f"{self._top}{within}"
        for each in self._zip.namelist():
            if each.startswith(top) and "/" not in each[len(top) :] and not each.endswith("/"):
                yield each[len(self._top) :]

    def size(self, name: str) -> int | None:
        try:
            return self._zip.getinfo(f"{self._top}{name}").file_size
        except KeyError:
            return None

    def open(self, name: str) -> IO[bytes]:
        try:
            return self._zip.open(f"{self._top}{name}")
        except (zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:
            raise ReadError(f"{name} in {self.path} cannot be read: {error}") from None

    def close(self) -> None:
        self._zip.close()


def _first_of_each(documents: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """One document of each stem: the first form counts."""
    found: dict[str, tuple[str, str]] = {}
    for form, name in documents:
        found.setdefault(name.rpartition(".")[0], (form, name))
    return list(found.values())


def _label(packed: bytes) -> str | None:
    """The label that a workflow gives itself."""
    try:
        top = json.loads(packed)
    except (ValueError, RecursionError):
        return None
    graph = top.get("$graph", [top]) if isinstance(top, dict) else []
    for each in graph if isinstance(graph, list) else []:
        if isinstance(each, dict) and each.get("id", "#main") in {"#main", "main"}:
            label = each.get("label")
            return label if isinstance(label, str) and label else None
    return None


def head_of(path: Path) -> bytes:
    """The first bytes of a file, decompressed.

    Raises:
        ReadError: they cannot be read.
    """
    try:
        with open_path(path) as stream:
            return open_bytes(stream).read(HEAD)
    except (OSError, EOFError, zlib.error, zstandard.ZstdError) as error:
        raise ReadError(f"{path} cannot be read: {error or 'it is cut short'}") from None


def _whole(stream: IO[bytes], name: str) -> bytes:
    """All of a document, decompressed; a hostile one does not fill the memory."""
    try:
        content = (open_bytes(stream) if stream.seekable() else stream).read(LARGEST + 1)
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile, zstandard.ZstdError) as error:
        raise ReadError(f"{name} cannot be read: {error or 'it is cut short'}") from None
    if len(content) > LARGEST:
        raise ReadError(f"{name} is larger than {LARGEST // 1024**2} MiB; split the document")
    return content


def _stem(path: Path) -> str:
    """The name of a file or folder without the endings of its form and its compression."""
    name = path.resolve().name
    for ending in (".gz", ".zst", ".zip", ".json", ".xml", ".provx", ".provn", ".cwlprov"):
        name = name.removesuffix(ending)
    return name or "document"
