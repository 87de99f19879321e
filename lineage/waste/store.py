"""Saved predictors: one zip file, with the schema as JSON and each stage's model as skops.

No pickle is ever loaded. A skops file says what types it is made of; those that are not expected
are refused. As with any model, one should still know where a file is from.
"""

from __future__ import annotations

import hashlib
import lzma
import os
import struct
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, ValidationError

from lineage.errors import MissingExtraError, ModelFileError
from lineage.waste.encode import Column, Encoder
from lineage.waste.models import MODELS, Family, Fitted, versions
from lineage.waste.stages import STAGES, Feature, Kind, Stage

if TYPE_CHECKING:
    from collections.abc import Iterable

FORMAT = 1
LARGEST = 2 * 1024**3
"""Bytes that a file may unpack to."""
TRUSTED = (
    "numpy.dtype",
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    "sklearn.tree._tree.Tree",
)
"""Types that models are made of, beyond those that skops trusts by itself."""
_CLASSES = {
    Family.FOREST: "RandomForestClassifier",
    Family.BOOSTING: "HistGradientBoostingClassifier",
    Family.LINEAR: "Pipeline",
}
_DAMAGED = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, OSError, EOFError, ValueError,
    NotImplementedError, RuntimeError, OverflowError,
)  # fmt: skip
_UNREADABLE = (TypeError, ValueError, KeyError, AttributeError, ImportError, IndexError)
_HEADER = "model.json"
_DATE = (1980, 1, 1, 0, 0, 0)  # the same model gives the same bytes


@dataclass(frozen=True, eq=False)
class StageModel:
    """What answers at one stage.

    Attributes:
        fitted: the model.
        threshold: probability under which to stop; None never to.
    """

    fitted: Fitted
    threshold: float | None


@dataclass(frozen=True, eq=False)
class WasteModel:
    """A predictor for every stage, and what one must know to use it.

    Attributes:
        encoder: how features become numbers.
        stages: what answers at each.
        fingerprint: of the graphlets and labels that it was trained and tested on.
        horizon: ms after which a model without a push counted as unpushed.
        versions: of the libraries that made it.
        summary: what its evaluation found, as JSON.
    """

    encoder: Encoder
    stages: dict[Stage, StageModel]
    fingerprint: str
    horizon: float
    versions: dict[str, str]
    summary: dict[str, Any]

    @property
    def features(self) -> tuple[Feature, ...]:
        """What it looks at, those of early stages first."""
        return tuple(column.feature for column in self.encoder.columns)

    def check(self, features: Iterable[Feature]) -> None:
        """Whether it can be used with these features.

        Raises:
            ModelFileError: one is missing, or of another stage or kind.
        """
        given = {feature.name: feature for feature in features}
        for wanted in self.features:
            found = given.get(wanted.name)
            if found is None or (found.stage, found.kind) != (wanted.stage, wanted.kind):
                what = "is not there" if found is None else f"is {found.kind} at {found.stage}"
                raise ModelFileError(
                    f"the model needs feature {wanted.name} ({wanted.kind} at {wanted.stage}), "
                    f"which {what}; train again"
                )


class _Column(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str
    stage: Stage
    kind: Kind
    says: str
    words: tuple[str, ...]
    usual: float | str | None


class _Stage(BaseModel):
    model_config = ConfigDict(extra="forbid")

    family: Family
    rate: float
    threshold: float | None
    sha256: str | None


class _Header(BaseModel):
    model_config = ConfigDict(extra="forbid")

    format: int
    columns: list[_Column]
    stages: dict[Stage, _Stage]
    fingerprint: str
    horizon: float
    versions: dict[str, str]
    summary: dict[str, Any]


def save(model: WasteModel, path: str | os.PathLike[str]) -> None:
    """Write a predictor to one file; an earlier one is replaced only when all is written.

    Raises:
        MissingExtraError: skops is not installed.
        ModelFileError: the file cannot be written.
    """
    dumped = {
        stage: _skops().dumps(one.fitted.estimator)
        for stage, one in model.stages.items()
        if one.fitted.estimator is not None
    }
    target = Path(path)
    beside = target.with_name(f"{target.name}.{os.getpid()}.part")
    try:
        with zipfile.ZipFile(beside, "w", zipfile.ZIP_DEFLATED) as file:
            file.writestr(zipfile.ZipInfo(_HEADER, _DATE), _header(model, dumped))
            for stage, content in dumped.items():
                entry = zipfile.ZipInfo(f"{stage}.skops", _DATE)
                file.writestr(entry, content, zipfile.ZIP_DEFLATED)
        beside.replace(target)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise ModelFileError(
            f"cannot write {path}: {error.strerror}; choose another place"
        ) from error


def _header(model: WasteModel, dumped: dict[Stage, bytes]) -> str:
    columns = [
        _Column(
            name=one.feature.name, stage=one.feature.stage, kind=one.feature.kind,
            says=one.feature.says, words=one.words, usual=one.usual,
        )
        for one in model.encoder.columns
    ]  # fmt: skip
    stages = {
        stage: _Stage(
            family=one.fitted.family, rate=one.fitted.rate, threshold=one.threshold,
            sha256=hashlib.sha256(dumped[stage]).hexdigest() if stage in dumped else None,
        )
        for stage, one in model.stages.items()
    }  # fmt: skip
    header = _Header(
        format=FORMAT, columns=columns, stages=stages, fingerprint=model.fingerprint,
        horizon=model.horizon, versions=model.versions, summary=model.summary,
    )  # fmt: skip
    return header.model_dump_json(indent=1)


def load(path: str | os.PathLike[str], features: Iterable[Feature] | None = None) -> WasteModel:
    """Read a predictor.

    Args:
        path: of the file.
        features: that it is to be used with; None not to check.

    Raises:
        MissingExtraError: scikit-learn or skops is not installed.
        ModelFileError: it is damaged, of another format or version, holds types that a model has
            no need of, or does not fit the features.
    """
    try:
        with zipfile.ZipFile(path) as file:
            header = _read_header(file, path)
            stages = {
                stage: StageModel(
                    Fitted(one.family, one.rate, _estimator(file, stage, one, path)), one.threshold
                )
                for stage, one in header.stages.items()
            }
    except FileNotFoundError as error:
        raise ModelFileError(f"there is no file {path}; train a model first") from error
    except _DAMAGED as error:
        raise ModelFileError(f"{path} is damaged or no saved model; train again") from error
    columns = tuple(
        Column(Feature(one.name, one.stage, one.kind, one.says), one.words, one.usual)
        for one in header.columns
    )
    model = WasteModel(
        Encoder(columns), stages, header.fingerprint, header.horizon, header.versions,
        header.summary,
    )  # fmt: skip
    _check_widths(model, path)
    if features is not None:
        model.check(features)
    return model


def _read_header(file: zipfile.ZipFile, path: object) -> _Header:
    """The schema, and whether the rest of the file is what it says."""
    if sum(entry.file_size for entry in file.infolist()) > LARGEST:
        raise ModelFileError(f"{path} unpacks to more than {LARGEST} bytes; it is no saved model")
    if _HEADER not in file.namelist():
        raise ModelFileError(f"{path} has no {_HEADER}; it is no saved model")
    try:
        header = _Header.model_validate_json(file.read(_HEADER))
    except ValidationError as error:
        raise ModelFileError(
            f"{path} has a {_HEADER} of another version, or a damaged one; train again"
        ) from error
    if header.format != FORMAT:
        raise ModelFileError(
            f"{path} has format {header.format}; this version reads {FORMAT}: train again"
        )
    wanted = {_HEADER} | {f"{stage}.skops" for stage, one in header.stages.items() if one.sha256}
    if set(file.namelist()) != wanted or set(header.stages) != set(STAGES):
        raise ModelFileError(f"{path} holds other files than a saved model does; it is refused")
    ours = versions()["scikit-learn"]
    theirs = header.versions.get("scikit-learn", "unknown")
    if theirs.split(".")[:2] != ours.split(".")[:2]:
        raise ModelFileError(
            f"{path} was made with scikit-learn {theirs}, and {ours} may read it wrongly; "
            "train again"
        )
    return header


def _estimator(file: zipfile.ZipFile, stage: Stage, one: _Stage, path: object) -> Any:
    if one.sha256 is None:
        return None
    content = file.read(f"{stage}.skops")
    if hashlib.sha256(content).hexdigest() != one.sha256:
        raise ModelFileError(f"{path} is damaged in {stage}.skops; train again")
    skops = _skops()
    try:
        unknown = set(skops.get_untrusted_types(data=content)) - set(TRUSTED)
        if unknown:
            raise ModelFileError(
                f"{path} holds {min(unknown)}, which a saved model has no need of; it is refused"
            )
        found = skops.loads(content, trusted=list(TRUSTED))
    except (zipfile.BadZipFile, *_UNREADABLE) as error:
        raise ModelFileError(
            f"{path} has a {stage}.skops that cannot be read; train again"
        ) from error
    if one.family not in MODELS or type(found).__name__ != _CLASSES[one.family]:
        raise ModelFileError(f"{path} holds another model than it says for {stage}; it is refused")
    return found


def _check_widths(model: WasteModel, path: object) -> None:
    for stage, one in model.stages.items():
        width = getattr(one.fitted.estimator, "n_features_in_", None)
        if one.fitted.estimator is not None and width != model.encoder.width(stage):
            raise ModelFileError(
                f"{path} has a model for {width} features at {stage}, and says that there are "
                f"{model.encoder.width(stage)}; train again"
            )


def _skops() -> Any:
    try:
        import skops.io
    except ImportError:
        raise MissingExtraError(
            "saved models need skops, which is not installed; "
            "pip install 'lineage-graphlets[waste]'"
        ) from None
    return skops.io
