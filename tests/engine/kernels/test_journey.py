"""From a trained project on tables to a notebook that predicts a hidden test set, as on Kaggle."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from competitions.tables import competition
from samples import write

from compete.errors import Fault
from compete.files import file_digest, write_json
from compete.kernels.build import build
from compete.kernels.options import Options
from compete.kernels.percent import to_ipynb
from compete.kernels.rehearse import Rehearsal, run_rehearsal
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
        with pytest.raises(Fault, match="Nothing was predicted yet"):
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
    assert not [name for name in files if "test." in name]


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


def replaced_cell(built: Path, code: str) -> list[str]:
    """Rehearse the notebook with other code in place of the prediction; return the faults."""
    source = (NOTEBOOK / "notebook.py").read_text(encoding="utf-8")
    inputs = source.split("\n# %%\n")[1]  # finds its inputs
    write_json(NOTEBOOK / "notebook.ipynb", to_ipynb(f"# %%\n{inputs}\n# %%\n{code}\n"))
    return [fault["what"] for fault in run_rehearsal().faults]


@pytest.mark.usefixtures("rehearsed")
def test_a_submission_with_the_ids_of_the_visible_test_set_is_told(built: Path) -> None:
    text = Path("submissions/submission.csv").read_text(encoding="utf-8")
    (what,) = replaced_cell(built, f"(WORKING / 'submission.csv').write_text({text!r})")
    assert "has the ids of the visible test set" in what


@pytest.mark.usefixtures("rehearsed")
def test_no_submission_is_told(built: Path) -> None:
    assert replaced_cell(built, "print(1)") == ["The notebook wrote no submission.csv."]


@pytest.mark.usefixtures("rehearsed")
def test_wheels_that_would_not_install_are_told_before_anything_runs(built: Path) -> None:
    (wheel,) = (DATASET / "wheels").glob("scikit_learn-*.whl")
    wheel.rename(wheel.with_name(wheel.name.replace("cp312", "cp311")))
    foreign, missing = (fault["what"] for fault in run_rehearsal().faults)
    assert "is a wheel for another Python" in foreign
    assert "lacks scikit-learn" in missing
