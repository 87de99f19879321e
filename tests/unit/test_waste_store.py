"""Saved predictors: what comes back, what is refused, and what a live answer says."""

import json
import pickle
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import skops.io
from support.waste import FEATURES, corpus, own_work

from lineage.errors import MissingExtraError, ModelFileError, WasteError
from lineage.waste import models, store
from lineage.waste.encode import learn
from lineage.waste.factors import factors
from lineage.waste.models import MODELS, Family, fit
from lineage.waste.predict import predict
from lineage.waste.stages import STAGES, Feature, Kind, Stage
from lineage.waste.store import StageModel, WasteModel, load, save
from lineage.waste.train import train

TABLE = corpus(400).table
FAMILIES = dict(zip(STAGES, [*MODELS, Family.FOREST, Family.BOOSTING], strict=True))


@pytest.fixture(scope="module")
def model() -> WasteModel:
    encoder = learn(TABLE, np.ones(400, bool), TABLE.pushed)
    matrix = encoder.matrix(TABLE)
    found = {}
    for stage, family in FAMILIES.items():
        part = matrix[:, : encoder.width(stage)]
        fitted = fit(family, encoder.until(stage), part, TABLE.pushed)
        found[stage] = StageModel(fitted, 0.2 if stage is not Stage.BEFORE else None)
    return WasteModel(encoder, found, "f" * 64, 3.6e6, models.versions(), {"counts": {"a": 1}})


@pytest.fixture(scope="module")
def saved(model: WasteModel, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("models") / "m.zip"
    save(model, path)
    return path


def changed(saved: Path, target: Path, change: Callable[[dict[str, bytes]], object]) -> Path:
    """A copy whose entries were changed."""
    with zipfile.ZipFile(saved) as file:
        entries = {name: file.read(name) for name in file.namelist()}
    change(entries)
    with zipfile.ZipFile(target, "w") as file:
        for name, content in entries.items():
            file.writestr(name, content)
    return target


def with_header(
    change: Callable[[dict[str, object]], object],
) -> Callable[[dict[str, bytes]], None]:
    def whole(entries: dict[str, bytes]) -> None:
        header = json.loads(entries["model.json"])
        change(header)
        entries["model.json"] = json.dumps(header).encode()

    return whole


def with_model(content: bytes) -> Callable[[dict[str, bytes]], None]:
    """Another model at stage DATA, whose checksum is right."""
    import hashlib

    def whole(entries: dict[str, bytes]) -> None:
        entries["data.skops"] = content
        header = json.loads(entries["model.json"])
        header["stages"]["data"]["sha256"] = hashlib.sha256(content).hexdigest()
        entries["model.json"] = json.dumps(header).encode()

    return whole


class Stranger:
    """A type that no model is made of."""


class TestFile:
    def test_it_comes_back_the_same(self, model: WasteModel, saved: Path) -> None:
        found = load(saved, FEATURES)
        assert found.encoder == model.encoder
        assert (found.fingerprint, found.horizon) == (model.fingerprint, model.horizon)
        assert (found.versions, found.summary) == (model.versions, model.summary)
        matrix = model.encoder.matrix(TABLE)
        for stage in STAGES:
            part = matrix[:, : model.encoder.width(stage)]
            one, other = found.stages[stage], model.stages[stage]
            assert one.threshold == other.threshold
            np.testing.assert_array_equal(
                one.fitted.probabilities(part), other.fitted.probabilities(part)
            )

    def test_the_same_model_gives_the_same_header(self, model: WasteModel, tmp_path: Path) -> None:
        for name in ("a", "b"):
            save(model, tmp_path / name)
        headers = []
        for name in ("a", "b"):
            with zipfile.ZipFile(tmp_path / name) as file:
                headers.append(json.loads(file.read("model.json"))["columns"])
        assert headers[0] == headers[1]
        assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b"]

    def test_a_model_without_estimators(self, model: WasteModel, tmp_path: Path) -> None:
        rate = models.Fitted(Family.LINEAR, 0.4, None)
        stages = {stage: StageModel(rate, None) for stage in STAGES}
        plain = WasteModel(model.encoder, stages, "", 1.0, models.versions(), {})
        save(plain, tmp_path / "m.zip")
        assert predict(load(tmp_path / "m.zip"), Stage.DATA, {}).probability == 0.4

    def test_where_nothing_can_be_written(self, model: WasteModel, tmp_path: Path) -> None:
        with pytest.raises(ModelFileError, match="cannot write"):
            save(model, tmp_path / "none" / "m.zip")

    def test_there_is_none(self, tmp_path: Path) -> None:
        with pytest.raises(ModelFileError, match="no file"):
            load(tmp_path / "m.zip")

    @pytest.mark.parametrize("content", [b"", b"no", pickle.dumps({"a": Stranger}), b"PK" * 99])
    def test_it_is_no_zip_file(self, tmp_path: Path, content: bytes) -> None:
        (tmp_path / "m.zip").write_bytes(content)
        with pytest.raises(ModelFileError, match="damaged or no saved model"):
            load(tmp_path / "m.zip")

    @pytest.mark.parametrize("keep", [0.3, 0.9, 0.999])
    def test_it_was_cut_off(self, saved: Path, tmp_path: Path, keep: float) -> None:
        content = saved.read_bytes()
        (tmp_path / "m.zip").write_bytes(content[: int(len(content) * keep)])
        with pytest.raises(ModelFileError):
            load(tmp_path / "m.zip")

    def test_a_byte_was_changed(self, model: WasteModel, saved: Path, tmp_path: Path) -> None:
        content = saved.read_bytes()
        refused = 0
        for place in range(100, len(content), len(content) // 25):
            other = bytearray(content)
            other[place] ^= 0xFF
            (tmp_path / "m.zip").write_bytes(other)
            try:
                # A byte of the archive's own, such as a date, changes nothing that is read.
                assert load(tmp_path / "m.zip").encoder == model.encoder
            except ModelFileError:
                refused += 1
        assert refused >= 20

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            (with_header(lambda one: one.update(format=99)), "format 99"),
            (with_header(lambda one: one.pop("columns")), "damaged"),
            (with_header(lambda one: one.update(more=1)), "another version"),
            (with_header(lambda one: one.update(versions={"scikit-learn": "0.1"})), "0.1"),
            (with_header(lambda one: one.update(columns=[])), "features"),
            (with_header(lambda one: one["stages"].pop("data")), "other files"),  # type: ignore[attr-defined]
            (lambda one: one.pop("model.json"), "no model.json"),
            (lambda one: one.pop("data.skops"), "other files"),
            (lambda one: one.update({"model.pkl": b""}), "other files"),
            (lambda one: one.update({"model.json": b"{"}), "damaged"),
            (lambda one: one.update({"data.skops": b"x"}), "damaged in data.skops"),
            (with_model(pickle.dumps(Stranger())), "cannot be read"),
            (with_model(skops.io.dumps(Stranger())), "Stranger"),
            (with_model(skops.io.dumps(np.ones(3))), "another model"),
            (with_model(skops.io.dumps(print)), "print"),
        ],
    )
    def test_what_does_not_fit_is_refused(
        self,
        saved: Path,
        tmp_path: Path,
        change: Callable[[dict[str, bytes]], object],
        message: str,
    ) -> None:
        with pytest.raises(ModelFileError, match=message):
            load(changed(saved, tmp_path / "m.zip", change))

    def test_too_large(self, saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(store, "LARGEST", 1000)
        with pytest.raises(ModelFileError, match="1000 bytes"):
            load(saved)

    def test_features_must_fit(self, saved: Path) -> None:
        load(saved, [*FEATURES, Feature("more", Stage.DATA, Kind.FLAG, "")])
        with pytest.raises(ModelFileError, match=r"blessed.*not there"):
            load(saved, FEATURES[:-1])
        other = Feature("blessed", Stage.DATA, Kind.FLAG, "")
        with pytest.raises(ModelFileError, match=r"blessed.*is flag at data"):
            load(saved, [*FEATURES[:-1], other])


class TestPredict:
    def row(self, number: int) -> dict[str, float | str | None]:
        return {name: column[number] for name, column in TABLE.columns.items()}

    @pytest.mark.parametrize("stage", STAGES)
    def test_it_says_what_training_did(self, model: WasteModel, stage: Stage) -> None:
        matrix = model.encoder.matrix(TABLE)[:, : model.encoder.width(stage)]
        scores = model.stages[stage].fitted.probabilities(matrix)
        for number in range(0, 400, 40):
            found = predict(model, stage, self.row(number))
            assert found.probability == pytest.approx(scores[number], abs=1e-12)
            assert found.stop == (stage is not Stage.BEFORE and scores[number] < 0.2)
            assert len(found.reasons) <= 5

    def test_the_reasons_are_those_that_matter(self, model: WasteModel) -> None:
        usual: dict[str, float | str | None] = {
            column.feature.name: column.usual for column in model.encoder.columns
        }
        assert predict(model, Stage.SHAPE, usual).reasons == ()
        found = predict(model, Stage.SHAPE, {**usual, "drift": 2.5})
        assert [one.feature for one in found.reasons] == ["drift"]
        assert found.reasons[0].value == 2.5
        assert found.reasons[0].effect < -1

    def test_nothing_known_and_new_words(self, model: WasteModel) -> None:
        for row in ({}, {"family": "brand new", "drift": None}, {"drift": float("nan")}):
            for stage in STAGES:
                assert 0 <= predict(model, stage, row).probability <= 1

    def test_later_features_are_not_looked_at(self, model: WasteModel) -> None:
        row = self.row(3)
        first = predict(model, Stage.DATA, row)
        assert predict(model, Stage.DATA, {**row, "blessed": 0.0, "new_code": 1.0}) == first

    def test_wrong_values(self, model: WasteModel) -> None:
        with pytest.raises(WasteError, match="drift"):
            predict(model, Stage.DATA, {"drift": "much"})


class TestWithoutTheExtra:
    @pytest.mark.parametrize("library", ["skops", "skops.io"])
    def test_skops(
        self, saved: Path, model: WasteModel, library: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(sys.modules, library, None)
        with pytest.raises(MissingExtraError, match=r"skops.*lineage-graphlets\[waste\]"):
            load(saved)
        with pytest.raises(MissingExtraError, match="skops"):
            save(model, saved.with_name("other.zip"))

    def test_scikit_learn(self, saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "sklearn", None)
        for call in (lambda: load(saved), lambda: train(TABLE, own_work(400))):
            with pytest.raises(MissingExtraError, match="scikit-learn"):
                call()

    def test_statsmodels(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "statsmodels.regression", None)
        with pytest.raises(MissingExtraError, match="statsmodels"):
            factors([], {}, TABLE.pushed, TABLE.pipelines)
