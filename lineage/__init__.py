"""Lineage of production ML pipelines in Neo4j: model graphlets, reuse and waste.

`Lineage` is the service; everything that the command line does, it does. Names are imported when
they are first used, so that `import lineage` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from lineage._version import __version__

if TYPE_CHECKING:
    from lineage.api import Lineage
    from lineage.errors import LineageError
    from lineage.load import Ingested
    from lineage.recorder import File, OutputStore, Recorder, recorded, recording
    from lineage.segment import Segmented
    from lineage.settings import Settings

__all__ = [
    "File",
    "Ingested",
    "Lineage",
    "LineageError",
    "OutputStore",
    "Recorder",
    "Segmented",
    "Settings",
    "__version__",
    "recorded",
    "recording",
]

_HOMES = {
    "File": "lineage.recorder",
    "Ingested": "lineage.load",
    "Lineage": "lineage.api",
    "LineageError": "lineage.errors",
    "OutputStore": "lineage.recorder",
    "Recorder": "lineage.recorder",
    "Segmented": "lineage.segment",
    "Settings": "lineage.settings",
    "recorded": "lineage.recorder",
    "recording": "lineage.recorder",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'lineage' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
