"""Features of data sets from the statistics that TensorFlow Data Validation wrote.

TFX keeps them as `Split-train/FeatureStats.pb`, older versions as `train/stats_tfrecord`, below
the address of the statistics artifact. Decisions:

- The split `train` stands for the data set, because models are trained on it; without one, all
  splits together.
- Of several slices the one of all examples counts, else the largest.
- Of a number's histograms the one of quantiles is preferred: with a long tail, buckets of equal
  width have nearly all values in one.
- A feature is numeric or categorical by the statistics that it has. One of raw bytes has no
  distribution; a struct has no values of its own, only its fields do.
"""

from __future__ import annotations

import struct
from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

from lineage.distributions import categorical, numeric
from lineage.errors import MissingExtraError
from lineage.load.local_files import LocalFiles
from lineage.records import Feature, FeatureKind

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lineage.settings import Settings

_NAMES = ("FeatureStats.pb", "stats_tfrecord")
_SPLITS = ("Split-train/", "train/", "", "*/")  # the first that is there
_ALL = "All Examples"
_MEGABYTE = 1_000_000
_LENGTH = struct.Struct("<Q")
_CHECKSUM = 4


class Found(NamedTuple):
    """Features of one data set, None where nothing can be said, and what was wrong."""

    features: list[Feature] | None
    problems: list[str]


class Statistics:
    """Reads the statistics that lie in folders that the settings allow."""

    def __init__(self, files: LocalFiles) -> None:
        """Read from these.

        Raises:
            MissingExtraError: the library that knows their format is not installed.
        """
        self._files = files
        self._message = _message_class()

    @classmethod
    def of(cls, settings: Settings) -> Statistics | None:
        """As the settings say; None when they allow no folder.

        Raises:
            SettingsError: an allowed folder is none.
            MissingExtraError: the library that knows their format is not installed.
        """
        if not settings.statistics_roots:
            return None
        limit = int(settings.statistics_megabytes * _MEGABYTE)
        return cls(LocalFiles(settings.statistics_roots, limit))

    def features(self, address: str, *, expected: bool) -> Found:
        """The features of what lies at an address.

        Args:
            address: of a statistics artifact, or of anything else that may have statistics.
            expected: that there are none is worth a word.
        """
        for place in self._files.places(address):
            paths = self._splits(place)
            if paths:
                return self._read(paths)
            if expected:
                return Found(None, [f"no {' or '.join(_NAMES)} below it"])
        return Found(None, [])

    def _splits(self, place: Path) -> list[Path]:
        """The files of the train split, else of all."""
        if place.is_file():
            return [place] if place.name in _NAMES else []
        for name in _NAMES:
            found = [list(self._files.below(place, f"{split}{name}")) for split in _SPLITS]
            if any(found):
                return next(paths for paths in found if paths)
        return []

    def _read(self, paths: list[Path]) -> Found:
        merged = _Merged()
        for path in paths:
            where = f"{path.parent.name}/{path.name}"
            try:
                content = self._files.read(path)
                if path.name == _NAMES[1]:
                    content = next(_tfrecords(content))
                merged.add(_all_examples(self._message, content))
            except (OSError, ValueError) as error:
                reason = error.strerror if isinstance(error, OSError) else str(error)
                return Found(None, [f"{where}: {reason}"])
        return merged.found()


class _Merged:
    """Histograms of features, added up over splits."""

    def __init__(self) -> None:
        self._numbers: dict[str, list[Any]] = defaultdict(list)
        self._words: dict[str, list[tuple[str, float]]] = defaultdict(list)
        self._rest: dict[str, float] = defaultdict(float)
        self._kinds: dict[str, FeatureKind] = {}
        self._problems: list[str] = []

    def add(self, statistics: Any) -> None:
        """Take in the features of one split.

        Raises:
            ValueError: two features of it have one name.
        """
        seen = set()
        for feature in statistics.features:
            name = _name(feature)
            held = feature.WhichOneof("stats")
            if held == "struct_stats":
                continue
            if name in seen:
                raise ValueError(f"two features are called {name!r}")
            seen.add(name)
            kind = FeatureKind.NUMERIC if held == "num_stats" else FeatureKind.CATEGORICAL
            if self._kinds.setdefault(name, kind) is not kind:
                self._problems.append(f"feature {name!r} has another kind in another split")
            elif held == "num_stats":
                self._numbers[name] += _histogram(feature.num_stats)
            elif held == "string_stats":
                self._count(name, feature.string_stats)

    def _count(self, name: str, stats: Any) -> None:
        ranked = stats.rank_histogram.buckets
        pairs = [(bucket.label, bucket.sample_count) for bucket in ranked] or [
            (value.value, value.frequency) for value in stats.top_values
        ]
        self._words[name] += pairs
        listed = sum(count for _, count in pairs)
        self._rest[name] += max(float(stats.common_stats.tot_num_values) - listed, 0.0)

    def found(self) -> Found:
        """All features with their weights, by name."""
        features = []
        for name, kind in sorted(self._kinds.items()):
            try:
                weights = self._weights(name, kind)
            except ValueError as error:
                self._problems.append(f"feature {name!r}: {error}")
                weights = []
            features.append(Feature(name=name, kind=kind, weights=weights))
        return Found(features, self._problems)

    def _weights(self, name: str, kind: FeatureKind) -> list[int]:
        if kind is FeatureKind.CATEGORICAL:
            words = self._words[name]
            return categorical(words, self._rest[name]) if words else []
        buckets = self._numbers[name]
        return numeric(
            [bucket.low_value for bucket in buckets],
            [bucket.high_value for bucket in buckets],
            [bucket.sample_count for bucket in buckets],
        )


def _message_class() -> Any:
    try:
        from tensorflow_metadata.proto.v0 import statistics_pb2
    except ImportError:
        raise MissingExtraError(
            "statistics_roots needs tensorflow-metadata, which is not installed; "
            "pip install 'lineage-graphlets[tfdv]'"
        ) from None
    return statistics_pb2.DatasetFeatureStatisticsList


def _all_examples(message: Any, content: bytes) -> Any:
    """The statistics of all examples.

    Raises:
        ValueError: there are none, or it is another format.
    """
    from google.protobuf.message import DecodeError

    try:
        datasets = message.FromString(content).datasets
    except DecodeError:
        raise ValueError("no DatasetFeatureStatisticsList, or damaged") from None
    if not datasets:
        raise ValueError("no statistics in it")
    named = [dataset for dataset in datasets if dataset.name == _ALL]
    return (named or sorted(datasets, key=lambda one: -one.num_examples))[0]


def _name(feature: Any) -> str:
    """The name of a feature, or its path with points between; steps that have one in brackets."""
    if feature.WhichOneof("field_id") == "path":
        return ".".join(f"({step})" if "." in step else step for step in feature.path.step)
    return str(feature.name)


def _histogram(stats: Any) -> list[Any]:
    """The buckets of the best histogram that has any values."""
    filled = [
        histogram
        for histogram in stats.histograms
        if any(bucket.sample_count for bucket in histogram.buckets)
    ]
    filled.sort(key=lambda histogram: -histogram.type)  # QUANTILES is 1, STANDARD 0
    return list(filled[0].buckets) if filled else []


def _tfrecords(content: bytes) -> Iterator[bytes]:
    """The records of a TFRecord file: length, checksum of the length, data, checksum of the data.

    Checksums are not looked at: damaged data is no message, in all likelihood.

    Raises:
        ValueError: the file ends within a record, or has none.
    """
    at = 0
    while at == 0 or at < len(content):
        head = at + _LENGTH.size
        if head + _CHECKSUM > len(content):
            raise ValueError("it ends within a record")
        begin = head + _CHECKSUM
        end = begin + _LENGTH.unpack_from(content, at)[0]
        if end + _CHECKSUM > len(content):
            raise ValueError("it ends within a record")
        yield content[begin:end]
        at = end + _CHECKSUM
