"""Every error this package raises on purpose.

```
LineageError
├── SettingsError            a setting cannot be understood
├── GraphError               Neo4j
│   ├── GraphUnavailableError    down, or gone in the middle
│   ├── GraphAuthError           wrong user or password
│   ├── GraphReadOnlyError       writes refused by the database
│   ├── GraphTimeoutError        an answer took longer than its caller waits
│   ├── SchemaVersionError       the graph was written by a newer version
│   └── QueryError               a statement failed, or its parameters are wrong
├── ServerError              the local server or the container engine
│   ├── DownloadError            a file could not be had, or is not the one that was locked
│   ├── BulkError                a bulk load needs an empty local server, and this is none
│   └── JournalError             the receiver's journal cannot be had, written or read
├── ReadError                a source cannot be read at all
│   ├── UnknownSourceError       no reader takes it
│   ├── UnsupportedVersionError  a format version that is not read
│   └── MissingExtraError        a driver or library is not installed
├── RecordError              one record cannot be used (raised by `--strict`)
├── RecordingError           a call cannot be recorded: its arguments or its code are not known
├── ReuseError               a workload cannot be planned, or nothing selected from it
├── WasteError               what will not be pushed cannot be predicted from what is given
│   └── ModelFileError           a saved predictor cannot be used, or is not one
├── PictureError             something cannot be drawn
├── SourceConflictError      the source is not the one that was loaded under this name
└── NotFoundError            no node, graphlet or query of that name
```

A message says what failed, where, and what to do; the command line prints it in one line.
"""

from __future__ import annotations

__all__ = [
    "BulkError",
    "DownloadError",
    "GraphAuthError",
    "GraphError",
    "GraphReadOnlyError",
    "GraphTimeoutError",
    "GraphUnavailableError",
    "JournalError",
    "LineageError",
    "MissingExtraError",
    "ModelFileError",
    "NotFoundError",
    "PictureError",
    "QueryError",
    "ReadError",
    "RecordError",
    "RecordingError",
    "RecordingWarning",
    "ReuseError",
    "SchemaVersionError",
    "ServerError",
    "SettingsError",
    "SourceConflictError",
    "UnknownSourceError",
    "UnsupportedVersionError",
    "WasteError",
]


class LineageError(Exception):
    """Base of every error of this package."""


class SettingsError(LineageError):
    """A setting cannot be understood."""


class GraphError(LineageError):
    """Something went wrong between us and Neo4j."""


class GraphUnavailableError(GraphError):
    """Neo4j does not answer, or stopped answering."""


class GraphAuthError(GraphError):
    """Neo4j refused the user or the password."""


class GraphReadOnlyError(GraphError):
    """The database takes no writes."""


class GraphTimeoutError(GraphError):
    """An answer took longer than its caller waits for it."""


class SchemaVersionError(GraphError):
    """The graph was written by a newer version of this package."""


class QueryError(GraphError):
    """A statement failed, or was given the wrong parameters."""


class TransactionMemoryError(QueryError):
    """A transaction needs more memory than the server grants one."""


class ServerError(LineageError):
    """The local server, or the container engine, could not do what was asked."""


class DownloadError(ServerError):
    """A file could not be downloaded, or its checksum is not the locked one."""


class BulkError(ServerError):
    """A bulk load needs a local server that is empty, and this one is not."""


class JournalError(ServerError):
    """The receiver's journal is another process's, or cannot be written or read."""


class ReadError(LineageError):
    """A source cannot be read at all."""


class UnknownSourceError(ReadError):
    """No reader takes this path or address."""


class UnsupportedVersionError(ReadError):
    """The source has a format version that is not read."""


class MissingExtraError(ReadError):
    """A library that this source needs is not installed."""


class RecordError(LineageError):
    """One record cannot be used; raised only when the load is strict."""


class RecordingError(LineageError):
    """A call cannot be recorded, because what it is or what it read cannot be identified."""


class RecordingWarning(UserWarning):
    """Something was computed, or not kept or told, where recording would have done otherwise."""


class ReuseError(LineageError):
    """A workload is wrong, or what is asked of it cannot be had."""


class WasteError(LineageError):
    """A table, a row or a request to predict pushes is wrong."""


class ModelFileError(WasteError):
    """A saved predictor is damaged, of another format, or holds what it must not."""


class PictureError(LineageError):
    """There is no picture of this kind of node in this form, or it would be too large."""


class SourceConflictError(LineageError):
    """The source is not the one that was loaded under this name before."""


class NotFoundError(LineageError):
    """There is nothing of that name."""
