"""From a trained project on tables to a notebook that predicts a hidden test set, as on Kaggle."""

import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import polars as pl
import pytest
import torch
from competitions.tables import competition
from safetensors.torch import load_file
from samples import write

from compete.contract import Contract
from compete.errors import Fault
from compete.files import SUBMISSION, file_digest
from compete.kernels import runtime
from compete.kernels.build import build, halve
from compete.kernels.hidden_data import make_hidden
from compete.kernels.options import Options
from compete.kernels.rehearsal import Rehearsal
from compete.kernels.rehearse import run_rehearsal
from compete.kernels.serving import Predictor
from compete.kernels.submission_check import check_submission
from compete.supervised.hidden import predict_hidden
from compete.supervised.predict import predict
from compete.supervised.prepare import prepare
from compete.supervised.train import train

TASK = "tabular"
DATASET, NOTEBOOK = Path("kernel/dataset"), Path("kernel/notebook")


@pytest.fixture(scope="module")
def built(author: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A project with a notebook, in which the module works."""
    root = competition(tmp_path_factory.mktemp("project"), data={"folds": 2})
    write(root / "members/boosting.yaml", "model: {backbone: catboost}\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        prepare()
        with pytest.raises(Fault, match="Nothing has been predicted yet"):
            build(Options())
        train(None, None, [])
        predict()
        with pytest.raises(Fault, match="no notebook yet"):
            run_rehearsal()
        build(Options(hours=2.0))
        yield root


@pytest.fixture(scope="module")
def rehearsed(built: Path) -> Rehearsal:
    """A rehearsal of it."""
    return run_rehearsal()


@pytest.mark.usefixtures("built")
def test_the_data_set_holds_all_that_prediction_reads_and_no_test_rows() -> None:
    manifest = json.loads((DATASET / "MANIFEST.json").read_text(encoding="utf-8"))
    files = {path.relative_to(DATASET).as_posix(): path for path in DATASET.rglob("*")}
    for name, facts in manifest["files"].items():
        assert facts == {"sha256": file_digest(files[name]), "size": files[name].stat().st_size}
    assert "project/data/processed/train.parquet" in manifest["files"]
    assert "project/src/author_tabular/features.py" in manifest["files"]
    assert "dataset-metadata.json" not in manifest["files"]  # `push` writes the user's name there
    assert not [name for name in files if "test." in name]
    build(Options(hours=2.0))
    assert json.loads((DATASET / "MANIFEST.json").read_text(encoding="utf-8")) == manifest


@pytest.mark.usefixtures("built")
def test_the_notebook_has_no_internet_and_names_its_inputs() -> None:
    about = json.loads((NOTEBOOK / "kernel-metadata.json").read_text(encoding="utf-8"))
    dataset = json.loads((DATASET / "dataset-metadata.json").read_text(encoding="utf-8"))
    assert about["enable_internet"] is False
    assert about["dataset_sources"] == [dataset["id"]]
    assert about["competition_sources"] == ["some-competition"]
    assert len(dataset["licenses"]) == 1


def test_the_notebook_predicts_a_hidden_test_set_as_at_home(rehearsed: Rehearsal) -> None:
    assert not rehearsed.faults
    assert rehearsed.hidden == [
        "14 rows instead of 9, with other ids",
        "an unseen category in town",
    ]
    assert rehearsed.same_as_predict == 0  # labels
    assert "polars" not in rehearsed.stood_in  # it came as a wheel


def test_competition_data_that_kaggle_keeps_packed_is_unpacked(
    built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path in (built / "data/raw").iterdir():
        with ZipFile(tmp_path / f"{path.name}.zip", "w") as archive:
            archive.write(path, path.name)
    monkeypatch.setattr(sys, "path", sys.path)
    monkeypatch.chdir(built)
    runtime.enter(built / DATASET / "project", tmp_path)
    assert {path.name for path in Path("data/raw").iterdir()} == {
        path.name for path in (built / "data/raw").iterdir()
    }
    assert len([*tmp_path.glob("*.zip")]) == 3


def test_batches_are_predicted_as_the_whole_is(
    built: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = pl.read_csv("submissions/submission.csv")
    monkeypatch.setattr(sys, "path", sys.path)
    monkeypatch.chdir(built)
    predictor = Predictor(built / DATASET / "project", built / "data/raw")
    table, sample = (pl.read_csv(f"data/raw/{name}.csv") for name in ("test", "sample_submission"))
    parts = [
        predictor.predict(table.head(4)),
        predictor.predict(table[4:7], sample[4:7]),
        predictor.predict(sample[7:], table[7:]),
    ]
    assert pl.concat(parts).equals(whole)
    assert Path.cwd() == built  # where a gateway in this process writes the submission


@pytest.mark.usefixtures("built")
def test_where_time_is_short_folds_are_left_out(tmp_path: Path) -> None:
    done = predict_hidden(tmp_path / "submission.csv", seconds=0)
    assert (len(done.seconds), done.rows) == (1, 9)
    assert done.left_out > 0


@pytest.mark.usefixtures("built")
def test_half_precision_keeps_matrices_in_16_bits(tmp_path: Path) -> None:
    file = tmp_path / "model.safetensors"
    shutil.copyfile("runs/base/fold0/model.safetensors", file)
    whole, before = load_file(file), file.stat().st_size
    halve("base", 0, file)
    short = load_file(file)
    assert file.stat().st_size < 0.8 * before
    assert all(
        torch.allclose(value, short[key].to(value.dtype), rtol=1e-3, atol=1e-6)
        for key, value in whole.items()
    )
    assert {value.dtype for key, value in short.items() if "edges" in key} == {torch.float32}


@pytest.mark.usefixtures("built")
def test_a_submission_for_the_visible_test_set_is_told(tmp_path: Path) -> None:
    contract = Contract.load()
    hidden = make_hidden(contract, tmp_path / "data")
    (what,) = (one.what for one in check_submission(contract, hidden, SUBMISSION))
    assert "has the ids of the visible test set" in what
    (what,) = (one.what for one in check_submission(contract, hidden, tmp_path / "none.csv"))
    assert what == "The notebook wrote no submission.csv."
    short = write(tmp_path / "short.csv", f"id,y\n{next(iter(hidden.twins))},1\n")
    assert "expected" in check_submission(contract, hidden, short)[-1].what


@pytest.mark.usefixtures("rehearsed")
def test_wheels_that_would_not_install_are_told_before_anything_runs() -> None:
    (wheel,) = (DATASET / "wheels").glob("scikit_learn-*.whl")
    wheel.rename(wheel.with_name(wheel.name.replace("cp312", "cp311")))
    foreign, missing = (fault["what"] for fault in run_rehearsal().faults)
    assert "is a wheel for another Python" in foreign
    assert "lacks scikit-learn" in missing
